"""The way of a checked batch, or of a single record, into the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.database.connection import get_database
from bot.database.copying import store_what_can
from bot.database.engine import Database
from bot.database.logged_faults import BatchResult
from bot.database.logged_ids import content_identifier
from bot.database.logged_lookups import check_bots
from bot.database.rows import Batch
from bot.database.values import is_time, table_named
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import StorageError
from bot.domain.ids import IdMaker

#: PostgreSQL's words for "two transactions stood in each other's way: do it again".
_AGAIN = frozenset({"40P01", "40001"})
_ATTEMPTS = 5
_SYSTEM_CLOCK = SystemClock()
T = TypeVar("T")


def chosen(database: Database | None) -> Database:
    """The database that is meant: the one given, else the one of this process."""
    return get_database() if database is None else database


def now_us(clock: Clock | None) -> int:
    """Microseconds since 1970, UTC, by the clock that was given or the machine's."""
    return (clock or _SYSTEM_CLOCK).now().utc_ns // 1000


def id_maker(clock: Clock | None) -> IdMaker:
    """What makes new identifiers, by the clock that was given or the machine's."""
    return IdMaker(clock or _SYSTEM_CLOCK)


def again(attempt: Callable[[], T]) -> T:
    """Do it again when PostgreSQL took it back because another transaction stood in the way."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except StorageError as error:
            original = getattr(error.__cause__, "orig", None) or error.__cause__
            if getattr(original, "sqlstate", None) not in _AGAIN:
                raise
    return attempt()


def put(batch: Batch, database: Database) -> BatchResult:
    """Store all rows that are not refused, in one transaction. Raises ``StorageError``."""
    names, rows = batch.good_rows()
    stored = 0
    if rows:
        good = [index for index in range(batch.size) if index not in batch.faults]
        if database.engine.dialect.name == "postgresql":
            good, rows = _in_order_of_keys(batch, good, names, rows)
        stored, refused = again(lambda: store_what_can(database, batch.table, names, rows))
        for row in refused:
            batch.refuse(good[row.index], row.error)
    rejected = tuple(sorted(batch.faults.items(), key=lambda item: item[0]))
    return BatchResult(stored, batch.size - stored - len(rejected), rejected)


def _in_order_of_keys(
    batch: Batch, good: list[int], names: list[str], rows: list[tuple[Any, ...]]
) -> tuple[list[int], list[tuple[Any, ...]]]:
    """Two writers of the same rows must not wait for each other: they take the keys in the same order."""
    key = names.index(next(iter(table_named(batch.table).primary_key.columns)).name)
    pairs = sorted(zip(good, rows, strict=True), key=lambda pair: str(pair[1][key]))
    return [index for index, _ in pairs], [row for _, row in pairs]


def put_one(batch: Batch, database: Database) -> None:
    """Store a batch of one row, or raise why not."""
    result = put(batch, database)
    if result.rejected:
        raise result.rejected[0][1]


def log_record(
    table: str,
    columns: Mapping[str, object],
    database: Database | None,
    clock: Clock | None,
    derive: Callable[[Batch, Database, Clock | None], None] | None = None,
    known_bot: bool = True,
) -> str:
    """Check and store one record of a table whose identifier may be made here; the identifier.

    ``derive`` fills in what follows from the rest. With ``known_bot`` its bot must be registered.
    """
    place = chosen(database)
    batch = Batch.taken(table, [columns])
    key = next(iter(table_named(table).primary_key.columns)).name
    if batch.faults:
        raise batch.faults[0]
    if batch.column(key)[0] is None:
        said = [(name, values[0]) for name, values in batch.columns.items() if values[0] is not None]
        batch.columns[key] = [content_identifier(table, said, id_maker(clock))]
    _stamp(batch, clock)
    if known_bot:
        check_bots(batch, place)
    if derive is not None:
        derive(batch, place, clock)
    batch.check_orders()
    batch.complete()
    put_one(batch, place)
    return str(batch.columns[key][0])


def _stamp(batch: Batch, clock: Clock | None) -> None:
    """A record that does not say when happened now."""
    columns = table_named(batch.table).columns
    for name in ("timestamp", "at_utc_us", "started_utc_us"):
        if name in columns and is_time(columns[name]):
            when: list[Any] = batch.column(name)
            when[:] = [now_us(clock) if value is None else value for value in when]
