"""Aggregates that are kept with the rows, by triggers, on both engines.

A statistic over ten million rounds reads a few hundred rows of these tables. Triggers keep them, in the
transaction of the change itself, so that it does not matter who writes: the bot, an import, a correction,
a purge or somebody with a SQL prompt. SQLite has row triggers only; on PostgreSQL the triggers run once a
statement over all its rows. Both are generated from the definitions below (``triggers.py``).

Counts and sums are exact integers and can be taken back; the extremes are looked up again when the row
that held one goes. A rebuild (``maintenance.py``) computes all from scratch and must find nothing to change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.database.base import Base, scaled


class _RoundSums:
    """What is kept of a group of rounds. Stakes count where the bet was settled (WIN, LOSS)."""

    total_rounds: Mapped[int]
    wins: Mapped[int]
    losses: Mapped[int]
    skips: Mapped[int]
    errors: Mapped[int]
    unknowns: Mapped[int]
    stake_total: Mapped[int] = scaled(2, nullable=False)
    stake_unknown: Mapped[int] = scaled(2, nullable=False)
    cashout_total: Mapped[int] = scaled(2, nullable=False)
    profit_total: Mapped[int] = scaled(2, nullable=False)
    win_total: Mapped[int] = scaled(2, nullable=False)
    loss_total: Mapped[int] = scaled(2, nullable=False)
    expected_total: Mapped[int] = scaled(4, nullable=False)
    multiplier_count: Mapped[int]
    multiplier_total: Mapped[int] = scaled(2, nullable=False)
    largest_win: Mapped[int | None] = scaled(2)
    largest_loss: Mapped[int | None] = scaled(2)
    highest_multiplier: Mapped[int | None] = scaled(2)


class DailyTotals(_RoundSums, Base):
    """Rounds of one bot on one day (UTC; -1: time unknown), by game, strategy, currency and mode.

    What a round does not say is the empty text here.
    """

    __tablename__ = "round_totals_daily"
    __table_args__ = (
        Index("ix_daily_game", "game_name", "platform_code", "day"),
        Index("ix_daily_day", "day"),
        {"sqlite_with_rowid": False},
    )

    bot_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    game_name: Mapped[str] = mapped_column(primary_key=True)
    platform_code: Mapped[str] = mapped_column(primary_key=True)
    strategy_name: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(primary_key=True)


class GameTotals(_RoundSums, Base):
    """Rounds of all bots on one day (UTC; -1: time unknown), by game, strategy, currency and mode.

    What is asked about a game or a strategy does not have to visit every bot's days.
    """

    __tablename__ = "round_totals_game"
    __table_args__ = (
        Index("ix_game_totals_strategy", "strategy_name", "day"),
        Index("ix_game_totals_day", "day"),
        {"sqlite_with_rowid": False},
    )

    game_name: Mapped[str] = mapped_column(primary_key=True)
    platform_code: Mapped[str] = mapped_column(primary_key=True)
    strategy_name: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)


class SessionTotals(_RoundSums, Base):
    """Rounds of one session, by currency."""

    __tablename__ = "round_totals_session"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)


class MultiplierHistogram(Base):
    """How many rounds of a game ended at a crash point, to three significant digits (rounded down).

    Below 10.00x a bucket is one hundredth, below 100x a tenth, and so on: quantiles below 10x are exact.
    """

    __tablename__ = "multiplier_histogram"
    __table_args__ = ({"sqlite_with_rowid": False},)

    game_name: Mapped[str] = mapped_column(primary_key=True)
    platform_code: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, info={"scale": 2})
    rounds: Mapped[int]


class SignalTotals(Base):
    """Signals of one bot on one day, by kind."""

    __tablename__ = "signal_totals"
    __table_args__ = ({"sqlite_with_rowid": False},)

    bot_id: Mapped[str] = mapped_column(primary_key=True)
    signal_type: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    signals: Mapped[int]
    evaluated: Mapped[int]
    correct: Mapped[int]
    confidence_count: Mapped[int]
    confidence_total: Mapped[int] = scaled(6, nullable=False)
    error_count: Mapped[int]
    error_total: Mapped[int] = scaled(2, nullable=False)


class TotalsPause(Base):
    """SQLite only: while a row is here, inside a transaction, the triggers rest and the writer of a large
    batch counts its rows itself, by group (``triggers.py``). Nobody else ever sees the row."""

    __tablename__ = "totals_pause"

    id: Mapped[int] = mapped_column(primary_key=True)


@dataclass(frozen=True, slots=True)
class Extreme:
    """The largest (or smallest) ``column`` among the source rows of a group that fulfil ``where``."""

    column: str
    largest: bool = True
    where: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """How a table of totals follows its source. Expressions are SQL over one source row, ``{r}.column``.

    ``keys`` and ``sums`` map columns of the totals to expressions; the first sum counts the rows: a group
    whose count falls to 0 goes. ``only`` says which source rows count. ``finer`` names a table of totals that
    stands before this one in ``DEFINITIONS``, by these keys and more: there lost extremes are looked up,
    among far fewer rows than the source has.
    """

    name: str
    source: str
    keys: dict[str, str]
    sums: dict[str, str]
    extremes: dict[str, Extreme] = field(default_factory=dict)
    only: str = "true"
    finer: str = ""


def _when(condition: str, then: str = "1") -> str:
    return f"CASE WHEN {condition} THEN {then} ELSE 0 END"


def _outcome(word: str) -> str:
    return _when(f"{{r}}.round_outcome = '{word}'")


_SETTLED = "{r}.round_outcome IN ('WIN', 'LOSS')"
_ROUND_SUMS = {
    "total_rounds": "1",
    "wins": _outcome("WIN"),
    "losses": _outcome("LOSS"),
    "skips": _outcome("SKIP"),
    "errors": _outcome("ERROR"),
    "unknowns": _outcome("UNKNOWN"),
    "stake_total": _when(_SETTLED, "COALESCE({r}.stake_value, 0)"),
    "stake_unknown": _when("{r}.round_outcome = 'UNKNOWN'", "COALESCE({r}.stake_value, 0)"),
    "cashout_total": "COALESCE({r}.cashout_amount, 0)",
    "profit_total": "COALESCE({r}.profit_loss_amount, 0)",
    "win_total": _when("{r}.round_outcome = 'WIN'", "COALESCE({r}.profit_loss_amount, 0)"),
    "loss_total": _when("{r}.round_outcome = 'LOSS'", "COALESCE({r}.profit_loss_amount, 0)"),
    "expected_total": "COALESCE({r}.expected_profit, 0)",
    "multiplier_count": _when("{r}.crash_multiplier_detected IS NOT NULL"),
    "multiplier_total": "COALESCE({r}.crash_multiplier_detected, 0)",
}
_PROFIT = "profit_loss_amount"
_ROUND_EXTREMES = {
    "largest_win": Extreme(_PROFIT, largest=True, where="{r}.profit_loss_amount > 0"),
    "largest_loss": Extreme(_PROFIT, largest=False, where="{r}.profit_loss_amount < 0"),
    "highest_multiplier": Extreme("crash_multiplier_detected"),
}


def _or_empty(column: str) -> str:
    return f"COALESCE({{r}}.{column}, '')"


def _three_digits(value: str) -> str:
    """The integer rounded down to three significant digits (up to a hundred million times the stake)."""
    steps = " ".join(
        f"WHEN {value} < {10**n} THEN {value} / {10 ** (n - 3)} * {10 ** (n - 3)}" for n in range(4, 11)
    )
    return f"CASE WHEN {value} < 1000 THEN {value} {steps} ELSE {10**10} END"


_CRASH = "{r}.crash_multiplier_detected"
_GAME_KEYS = {
    "game_name": "{r}.game_name",
    "platform_code": _or_empty("platform_code"),
    "strategy_name": _or_empty("strategy_name"),
    "currency": _or_empty("currency"),
    "mode": _or_empty("mode"),
    "day": "{r}.date_bucket",
}
DEFINITIONS = (
    Definition(
        "round_totals_daily",
        "crash_game_rounds",
        keys={"bot_id": "{r}.bot_id", **_GAME_KEYS},
        sums=_ROUND_SUMS,
        extremes=_ROUND_EXTREMES,
    ),
    Definition(
        "round_totals_game",
        "crash_game_rounds",
        keys=_GAME_KEYS,
        sums=_ROUND_SUMS,
        extremes=_ROUND_EXTREMES,
        finer="round_totals_daily",
    ),
    Definition(
        "round_totals_session",
        "crash_game_rounds",
        keys={"session_id": "{r}.session_id", "currency": _or_empty("currency")},
        sums=_ROUND_SUMS,
        extremes=_ROUND_EXTREMES,
        only="{r}.session_id IS NOT NULL",
    ),
    Definition(
        "multiplier_histogram",
        "crash_game_rounds",
        keys={
            "game_name": "{r}.game_name",
            "platform_code": _or_empty("platform_code"),
            "bucket": _three_digits(_CRASH),
        },
        sums={"rounds": "1"},
        only=f"{_CRASH} IS NOT NULL",
    ),
    Definition(
        "signal_totals",
        "analytics_round_signals",
        keys={"bot_id": "{r}.bot_id", "signal_type": "{r}.signal_type", "day": "{r}.date_bucket"},
        sums={
            "signals": "1",
            "evaluated": _when("{r}.signal_correctness IS NOT NULL"),
            "correct": _when("{r}.signal_correctness"),
            "confidence_count": _when("{r}.confidence_score IS NOT NULL"),
            "confidence_total": "COALESCE(CAST(ROUND({r}.confidence_score * 1000000) AS BIGINT), 0)",
            "error_count": _when("{r}.prediction_error IS NOT NULL"),
            "error_total": "COALESCE(ABS({r}.prediction_error), 0)",
        },
    ),
)
