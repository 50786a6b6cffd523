"""How often signals were right, beside what saying always the same would have been."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from bot.database.statistics_figures import percent, ratio
from bot.database.statistics_sums import Group, added
from bot.database.totals import SignalTotals
from bot.database.values import decimal_of
from bot.database.wide import SignalType
from bot.domain.errors import BadInput

#: Two-sided 95 %.
Z_95 = 1.959964
BASIS = "always saying the more common outcome of this bot's settled bets"
NO_BASIS = "this bot has no settled bets to compare with"

_SUMS = (
    "signals", "evaluated", "correct", "confidence_count", "confidence_total", "error_count", "error_total",
)  # fmt: skip


def signal_type_of(value: object) -> str | None:
    """A kind of signal that may be asked for, or ``None``. Raises ``BadInput`` for another."""
    if value is None:
        return None
    try:
        return SignalType(str(value)).value
    except ValueError:
        known = ", ".join(kind.value for kind in SignalType)
        raise BadInput(f"signal_type must be one of {known}, not {value!r:.80}") from None


def signal_figures(
    connection: Connection, bot_id: str, signal_type: str | None, bets: Sequence[Group]
) -> dict[str, Any]:
    """All signals of a bot (of one kind) together, and under ``types`` each kind.

    The baseline is the share of the more common outcome of the bot's settled ``bets``: no skill is needed to
    be right that often.
    """
    sums = added(bets)
    common = max(sums.wins, sums.losses)
    by_type = _read(connection, bot_id, signal_type)
    total = {name: sum(row[name] for row in by_type.values()) for name in _SUMS}
    return _figures(total, common, sums.settled) | {
        "no_skill_basis": BASIS if sums.settled else NO_BASIS,
        "types": {kind: _figures(row, common, sums.settled) for kind, row in by_type.items()},
    }


def _read(connection: Connection, bot_id: str, signal_type: str | None) -> dict[str, dict[str, int]]:
    question = select(
        SignalTotals.signal_type, *(func.sum(getattr(SignalTotals, name)) for name in _SUMS)
    ).where(SignalTotals.bot_id == bot_id)
    if signal_type is not None:
        question = question.where(SignalTotals.signal_type == signal_type)
    rows = connection.execute(question.group_by(SignalTotals.signal_type).order_by(SignalTotals.signal_type))
    return {row[0]: {name: int(value) for name, value in zip(_SUMS, row[1:], strict=True)} for row in rows}


def _figures(row: dict[str, int], common: int, settled: int) -> dict[str, Any]:
    evaluated, correct = row["evaluated"], row["correct"]
    low, high = wilson(correct, evaluated)
    return {
        "total_signals": row["signals"],
        "evaluated": evaluated,
        "correct": correct,
        "accuracy_percent": percent(correct, evaluated),
        "accuracy_low_percent": low,
        "accuracy_high_percent": high,
        "no_skill_percent": percent(common, settled),
        "z_score": _z(correct, evaluated, common, settled),
        "average_confidence": decimal_of(row["confidence_total"] // row["confidence_count"], 6)
        if row["confidence_count"]
        else None,
        "mean_absolute_error": ratio(row["error_total"], 100 * row["error_count"]),
    }


def _z(correct: int, evaluated: int, common: int, settled: int) -> float | None:
    """Standard deviations above the baseline, which is itself an estimate (two proportions, pooled)."""
    if not evaluated or not settled:
        return None
    pooled = (correct + common) / (evaluated + settled)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / evaluated + 1 / settled))
    return round((correct / evaluated - common / settled) / spread, 3) if spread > 0 else None


def wilson(hits: int, total: int) -> tuple[Decimal | None, Decimal | None]:
    """95 % interval of a share in percent (Wilson 1927): honest also for few and for extreme counts."""
    if not total:
        return None, None
    share, z2 = hits / total, Z_95**2
    middle = share + z2 / (2 * total)
    half = Z_95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    scale = 100 / (1 + z2 / total)
    bounds = (max(0.0, scale * (middle - half)), min(100.0, scale * (middle + half)))
    return round(Decimal(bounds[0]), 4), round(Decimal(bounds[1]), 4)
