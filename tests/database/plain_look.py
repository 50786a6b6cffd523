"""What must be kept of rounds and signals, by a plain look at all of them.

The rules are written down a second time here, over rows in Python: nothing is shared with the definitions
that the triggers are made from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, select

from bot.database import (
    CrashGameRound,
    DailyTotals,
    GameTotals,
    MultiplierHistogram,
    RoundSignal,
    SessionTotals,
    SignalTotals,
)

Row = dict[str, Any]


def rows(connection: Connection, model: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(select(model.__table__)).mappings()]


def sums_of(rounds: Iterable[Row]) -> Row:
    """What is kept of some rounds, from the rounds."""
    many = list(rounds)

    def count(word: str) -> int:
        return sum(row["round_outcome"] == word for row in many)

    def total(column: str, *words: str) -> int:
        return sum(row[column] or 0 for row in many if not words or row["round_outcome"] in words)

    profits = [row["profit_loss_amount"] for row in many if row["profit_loss_amount"]]
    multipliers = [row["crash_multiplier_detected"] for row in many if row["crash_multiplier_detected"]]
    return {
        "total_rounds": len(many),
        "wins": count("WIN"),
        "losses": count("LOSS"),
        "skips": count("SKIP"),
        "errors": count("ERROR"),
        "unknowns": count("UNKNOWN"),
        "stake_total": total("stake_value", "WIN", "LOSS"),
        "stake_unknown": total("stake_value", "UNKNOWN"),
        "cashout_total": total("cashout_amount"),
        "profit_total": total("profit_loss_amount"),
        "win_total": total("profit_loss_amount", "WIN"),
        "loss_total": total("profit_loss_amount", "LOSS"),
        "expected_total": total("expected_profit"),
        "multiplier_count": len(multipliers),
        "multiplier_total": sum(multipliers),
        "largest_win": max((p for p in profits if p > 0), default=None),
        "largest_loss": min((p for p in profits if p < 0), default=None),
        "highest_multiplier": max(multipliers, default=None),
    }


def signal_sums(signals: Iterable[Row]) -> Row:
    many = list(signals)
    confidences = [s["confidence_score"] for s in many if s["confidence_score"] is not None]
    errors = [s["prediction_error"] for s in many if s["prediction_error"] is not None]
    return {
        "signals": len(many),
        "evaluated": sum(s["signal_correctness"] is not None for s in many),
        "correct": sum(bool(s["signal_correctness"]) for s in many),
        "confidence_count": len(confidences),
        "confidence_total": sum(round(c * 1_000_000) for c in confidences),
        "error_count": len(errors),
        "error_total": sum(abs(e) for e in errors),
    }


def bucket_of(multiplier: int) -> int:
    """Three significant digits, rounded down; the last bucket holds all above a hundred million times."""
    digits = str(multiplier)
    return min(10**10, int(digits[:3].ljust(len(digits), "0")))


def grouped(
    found: Iterable[Row], columns: tuple[str, ...], sums: Callable[[Iterable[Row]], Row]
) -> dict[tuple[Any, ...], Row]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in found:
        groups[tuple("" if row[name] is None else row[name] for name in columns)].append(row)
    return {key: sums(many) for key, many in groups.items()}


_KEPT = ("game_name", "platform_code", "strategy_name", "currency", "mode")


def assert_totals_equal_the_rounds(connection: Connection) -> None:
    """Every table of totals holds what a look at all rows gives: no more groups and no fewer."""
    rounds, signals = rows(connection, CrashGameRound), rows(connection, RoundSignal)
    in_sessions = [row for row in rounds if row["session_id"] is not None]
    for model, chosen, columns in (
        (DailyTotals, rounds, ("bot_id", *_KEPT, "date_bucket")),
        (GameTotals, rounds, (*_KEPT, "date_bucket")),
        (SessionTotals, in_sessions, ("session_id", "currency")),
    ):
        kept = {
            tuple(row[name.replace("date_bucket", "day")] for name in columns): {
                name: row[name] for name in sums_of([])
            }
            for row in rows(connection, model)
        }
        assert kept == grouped(chosen, columns, sums_of), model.__tablename__
    seen = [
        row | {"bucket": bucket_of(row["crash_multiplier_detected"])}
        for row in rounds
        if row["crash_multiplier_detected"] is not None
    ]
    buckets = ("game_name", "platform_code", "bucket")
    histogram = {
        tuple(row[name] for name in buckets): row["rounds"] for row in rows(connection, MultiplierHistogram)
    }
    counted = {key: sums["total_rounds"] for key, sums in grouped(seen, buckets, sums_of).items()}
    assert histogram == counted, "multiplier_histogram"
    kept_signals = {
        (row["bot_id"], row["signal_type"], row["day"]): {name: row[name] for name in signal_sums([])}
        for row in rows(connection, SignalTotals)
    }
    assert kept_signals == grouped(signals, ("bot_id", "signal_type", "date_bucket"), signal_sums)
