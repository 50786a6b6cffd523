"""Loggers of what surrounds a round: multipliers, signals, outcomes, readings, errors, what was watched.

A record with a time, logged again with the same values, is stored once; its ``id`` may also be given. A
record without a time happened now. Names and values as in ``logged_rounds.py``.
"""

from __future__ import annotations

from sqlalchemy import update

from bot.database.engine import Database, storage_errors
from bot.database.logged_derived import category_of, outcome_of, percent_of
from bot.database.logged_faults import RefusedValue, shown_value
from bot.database.logged_lookups import registered_bots
from bot.database.logged_storing import again, chosen, log_record
from bot.database.logged_values import taker_of
from bot.database.rows import Batch, stored_values
from bot.database.values import table_named
from bot.domain.clock import Clock
from bot.domain.errors import BadInput

_SIGNALS = "analytics_round_signals"


def log_round_multiplier_analytics(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store a multiplier at a moment of a round; the record's identifier.

    Needed: ``round_id``, ``bot_id`` (registered), ``game_name``, ``multiplier``. Raises ``BadInput`` that
    names field and value, ``StorageError``.
    """
    return log_record("analytics_round_multipliers", columns, database, clock)


def log_round_signal(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store what a predictor said about a round; the record's identifier.

    Needed: ``round_id``, ``bot_id`` (registered), ``signal_type``. No signal changes the odds: the games have
    a negative expectation. Raises ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record(_SIGNALS, columns, database, clock)


def update_round_signal(signal_id: str, *, database: Database | None = None, **columns: object) -> None:
    """Say later whether a signal was right (``signal_correctness``, ``actual_multiplier``, …).

    ``None`` empties a column. Raises ``BadInput`` for an unknown signal or a wrong value, ``StorageError``.
    """
    table, place = table_named(_SIGNALS), chosen(database)
    key = taker_of(_SIGNALS, "id").one(signal_id)
    values = stored_values(_SIGNALS, columns)
    if values.keys() & {"id", "bot_id", "round_id"}:
        raise BadInput(f"{_SIGNALS}: of which round and bot a signal is cannot be changed")
    if not values:
        raise BadInput(f"update_round_signal({shown_value(signal_id)}): no column was given")
    if values.get("signal_type", "") is None:
        raise RefusedValue(_SIGNALS, "signal_type", "must be given")

    def change() -> int:
        with storage_errors(place.name), place.writing() as connection:
            return connection.execute(update(table).where(table.c.id == key).values(values)).rowcount

    if again(change) == 0:
        raise RefusedValue(_SIGNALS, "id", "must be of a stored signal", shown_value(signal_id))


def log_round_outcome(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store what a round's bet came to; the record's identifier.

    Needed: ``round_id``, ``bot_id`` (registered). Outcome, rate, won and lost money, category, the error of
    the target and whether it was hit follow from the rest where they are not given. Raises ``BadInput`` that
    names field and value, ``StorageError``.
    """
    return log_record("analytics_round_outcomes", columns, database, clock, _derive_outcome)


def log_ocr_validation(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store a reading and whether it held; the record's identifier.

    Needed: ``bot_id`` (registered). Raises ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record("ocr_validation_logs", columns, database, clock)


def log_error(*, database: Database | None = None, clock: Clock | None = None, **columns: object) -> str:
    """Store what went wrong and what was done about it; the record's identifier.

    Needed: ``error_type``, ``message``. The bot need not be registered: an error may come before that. Raises
    ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record("error_logs", columns, database, clock, known_bot=False)


def log_watched_interval(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store a time in which a table was in sight without a break; the record's identifier.

    Needed: ``session_id``, ``bot_id`` (registered), ``game_name``, ``from_utc_us`` and ``to_utc_us`` (short:
    ``start``, ``end``). Raises ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record("watched_intervals", columns, database, clock)


def log_round_gap(*, database: Database | None = None, clock: Clock | None = None, **columns: object) -> str:
    """Store that rounds were flown and not recorded; the record's identifier.

    Needed: ``session_id``, ``bot_id`` (registered), ``game_name``, ``reason``; ``rounds`` (how many) stays
    empty when it is not known. Raises ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record("round_gaps", columns, database, clock)


def _derive_outcome(batch: Batch, database: Database, _clock: Clock | None) -> None:
    """Fill in what follows from the rest of one outcome, where it was not given."""
    row = {name: values[0] for name, values in batch.columns.items()}
    bet, profit, target, actual = (
        row.get(name) for name in ("bet_amount", "profit_loss", "target_multiplier", "actual_multiplier")
    )
    derived: dict[str, object] = {"outcome": outcome_of(bet, profit)}
    if profit is not None:
        if bet:
            derived |= {"roi_percent": percent_of(profit, bet)}
        if bet is not None and profit + bet >= 0:
            derived |= {"winnings": profit + bet}
        derived |= {"loss_amount": max(0, -profit), "outcome_category": _category(row, database)}
    if target is not None and actual is not None:
        derived |= {"multiplier_error": actual - target, "hit_target": actual >= target}
    for name, value in derived.items():
        if batch.column(name)[0] is None:
            batch.column(name)[0] = value


def _category(row: dict[str, object], database: Database) -> str | None:
    bot_id, profit, bet = str(row.get("bot_id")), row["profit_loss"], row.get("bet_amount")
    bot = registered_bots(chosen(database), [bot_id]).get(bot_id)
    return category_of(profit, bet, bot.base_stake if bot else None)  # type: ignore[arg-type]
