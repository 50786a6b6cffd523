"""Loggers of rounds: one, many, and late corrections.

Values are given under the names of the columns of ``crash_game_rounds`` or the short ones of
``logged_names.py``; money and multipliers as ``Decimal``, whole number or text, times as aware ``datetime``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Connection, Table, select, update

from bot.database.engine import Database, storage_errors
from bot.database.logged_derived import derive_rounds, identify_rounds
from bot.database.logged_faults import BatchRefused, BatchResult, RefusedValue, shown_value
from bot.database.logged_lookups import check_bots, take_from_bots
from bot.database.logged_storing import again, chosen, id_maker, put, put_one
from bot.database.logged_values import taker_of
from bot.database.models import BetRow, Round
from bot.database.rows import Batch, stored_values
from bot.database.values import table_named
from bot.domain.clock import Clock
from bot.domain.errors import BadInput

TABLE = "crash_game_rounds"
#: Rounds of one transaction of ``log_batch_rounds``.
ROUNDS_AT_ONCE = 5_000
#: What is computed again when one of these changes, unless it is given itself.
_FOLLOWS: Mapping[str, frozenset[str]] = {
    "round_outcome": frozenset({"profit_loss_amount"}),
    "duration_seconds": frozenset({"round_start_timestamp", "round_end_timestamp"}),
    "roi_percent": frozenset({"stake_value", "profit_loss_amount", "round_outcome"}),
    "expected_profit": frozenset(
        {"stake_value", "profit_loss_amount", "round_outcome", "game_name", "platform_code"}
    ),
    "variance_from_strategy": frozenset(
        {
            "stake_value",
            "profit_loss_amount",
            "round_outcome",
            "game_name",
            "platform_code",
            "expected_profit",
        }
    ),
}


def log_crash_round(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store one round; its identifier. Logging the same round again changes nothing.

    Needed are ``bot_id`` (registered) and ``game_name``. What follows from the rest is filled in
    (``logged_derived.py``), as is what the bot's registration says of its name, machine, strategy and
    currency. Raises ``BadInput`` that names field and value, ``StorageError`` when it cannot be stored.
    """
    place = chosen(database)
    batch = _rounds([columns], place, clock)
    put_one(batch, place)
    return str(batch.columns["round_id"][0])


def log_batch_rounds(
    rounds: Iterable[Mapping[str, object]],
    *,
    on_refused: Literal["raise", "report"] = "raise",
    database: Database | None = None,
    clock: Clock | None = None,
) -> BatchResult:
    """Store many rounds, ``ROUNDS_AT_ONCE`` in a transaction; what became of them.

    The good ones are always stored. When some were refused, ``BatchRefused`` is raised after that and carries
    the result, unless ``on_refused`` is ``"report"``. Raises ``StorageError`` when the database does not take
    them: those of earlier transactions are stored, and giving all again stores the rest.
    """
    if on_refused not in ("raise", "report"):
        raise BadInput(f"on_refused must be 'raise' or 'report', not {shown_value(on_refused)}")
    if isinstance(rounds, Mapping | str | bytes) or not isinstance(rounds, Iterable):
        raise BadInput(f"log_batch_rounds takes a list of rounds, not {shown_value(rounds)}")
    place = chosen(database)
    result, first = BatchResult(0, 0), 0
    for part in _parts(rounds):
        done = put(_rounds(part, place, clock), place)
        placed = tuple((first + index, error) for index, error in done.rejected)
        result += BatchResult(done.stored, done.duplicates, placed)
        first += len(part)
    if result.rejected and on_refused == "raise":
        raise BatchRefused(result)
    return result


def _parts(rounds: Iterable[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    coming = iter(rounds)
    while part := list(islice(coming, ROUNDS_AT_ONCE)):
        yield part


def _rounds(rows: Sequence[Mapping[str, object]], database: Database, clock: Clock | None) -> Batch:
    """The rounds, checked and filled in, with those marked that are refused."""
    batch = Batch.taken(TABLE, rows)
    take_from_bots(batch, check_bots(batch, database))
    batch.check_orders()
    derive_rounds(batch, database)
    identify_rounds(batch, id_maker(clock))
    batch.complete()
    return batch


def update_round(round_id: str, *, database: Database | None = None, **columns: object) -> None:
    """Correct a round that is stored. ``None`` empties a column.

    What follows from a changed column is computed again unless it is given itself: the outcome from the
    profit, the rates from outcome, stake and profit. The totals follow. Raises ``BadInput`` for an unknown
    round, a wrong value, and a round that the bot wrote down itself: its row follows from ``rounds`` and
    ``bets``. Then nothing is changed.
    """
    values = stored_values(TABLE, columns)
    if not values:
        raise BadInput(f"update_round({shown_value(round_id)}): no column was given")
    name = str(taker_of(TABLE, "round_id").one(round_id))
    again(lambda: _correct(chosen(database), name, values))


def _correct(database: Database, round_id: str, values: Mapping[str, Any]) -> None:
    table = table_named(TABLE)
    with storage_errors(database.name), database.writing() as connection:
        stored = _stored_round(connection, table, round_id)
        _refuse_derived(connection, round_id)
        batch = Batch.of_stored(TABLE, {**stored, **values, **_emptied(values)})
        check_bots(batch, database)
        batch.check_orders()
        derive_rounds(batch, database)
        batch.complete()
        if batch.faults:
            raise batch.faults[0]
        changed = {name: v[0] for name, v in batch.columns.items() if v[0] != stored[name]}
        if changed:
            connection.execute(update(table).where(table.c.round_id == round_id).values(changed))


def _refuse_derived(connection: Connection, round_id: str) -> None:
    """A correction of such a row would be gone when it is derived the next time."""
    for own in (Round.round_id, BetRow.round_id):
        if connection.scalar(select(own).where(own == round_id).limit(1)) is not None:
            rule = "must not be of a round that the bot wrote down itself (settle its bets: crashbot settle)"
            raise RefusedValue(TABLE, "round_id", rule, shown_value(round_id))


def _emptied(values: Mapping[str, Any]) -> dict[str, None]:
    return {
        name: None
        for name, causes in _FOLLOWS.items()
        if name not in values and not causes.isdisjoint(values)
    }


def _stored_round(connection: Connection, table: Table, round_id: str) -> dict[str, Any]:
    settable = [c for c in table.columns if c.computed is None and c.name not in ("created_at", "updated_at")]
    question = select(*settable).where(table.c.round_id == round_id).with_for_update()
    row = connection.execute(question).first()
    if row is None:
        raise RefusedValue(TABLE, "round_id", "must be of a stored round", shown_value(round_id))
    return dict(row._mapping)
