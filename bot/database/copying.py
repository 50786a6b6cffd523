"""Many rows of one table at once, at nearly the speed of the driver; a key that is there changes nothing.

SQLite: one prepared statement run for all rows, and, for tables with totals, the new rows counted by group
instead of one by one (``triggers.py``). Columns that the database fills itself (computed ones, those with
a server default) need not be given; plain defaults of the models are added.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Table

from bot.database.checking import encode_json, table_of
from bot.database.engine import Database
from bot.database.faults import is_passing, storage_errors
from bot.database.triggers import BatchCount, batch_count
from bot.domain.errors import BadInput

Row = tuple[Any, ...]

#: From so many rows on, counting by group costs less than the triggers of each row.
COUNT_BY_GROUP = 12


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the database refused for good: its place among the rows given, and why."""

    index: int
    error: BadInput


def store_rows(database: Database, table_name: str, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Insert rows in one transaction; the number really stored (those whose key was not there yet).

    ``rows`` hold the values of ``columns``, in that order, as the tables keep them (integers, texts, floats,
    booleans, ``None``; JSON columns take objects). All or nothing: raises ``BadInput`` when the database
    refuses one of them (see ``store_what_can``) or a name is unknown, ``StorageError`` when it can't write.
    """
    try:
        with storage_errors(database.name), database.writing() as connection:
            return store_rows_in(connection, table_name, columns, rows)
    except Exception as error:
        cause = error.__cause__ or error
        if is_passing(cause) or isinstance(error, BadInput):
            raise
        raise refusal(table_name, cause) from cause


def store_rows_in(
    connection: Connection, table_name: str, columns: Sequence[str], rows: Sequence[Row]
) -> int:
    """``store_rows`` inside the transaction of an open connection. Raises the drivers' own faults."""
    if not rows:
        return 0
    return insertion(connection.dialect.name, table_name, tuple(columns)).run(connection, rows)


def store_what_can(
    database: Database, table_name: str, columns: Sequence[str], rows: Sequence[Row]
) -> tuple[int, list[Refused]]:
    """Insert rows; those that the database refuses are given back and the others stored.

    One transaction when nothing is wrong; else halves of it, and so on. Raises ``StorageError``.
    """
    refused: list[Refused] = []

    def store(first: int, part: Sequence[Row]) -> int:
        try:
            return store_rows(database, table_name, columns, part)
        except BadInput as error:
            if len(part) == 1:
                refused.append(Refused(first, error))
                return 0
            half = len(part) // 2
            return store(first, part[:half]) + store(first + half, part[half:])

    if rows:
        insertion(
            database.engine.dialect.name, table_name, tuple(columns)
        )  # unknown names are no row's fault
    return store(0, rows), refused


def refusal(table_name: str, error: BaseException, values: object = None) -> BadInput:
    """What the database said against a row, in one line."""
    original = getattr(error, "orig", None) or error
    said = (str(original).strip().splitlines() or [type(original).__name__])[0]
    shown = "" if values is None else f" ({values!r:.300})"
    return BadInput(f"the database refused a record of {table_name}: {said}{shown}")


# -- how the rows of one shape go in --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Insertion:
    """Inserts rows of one table and one choice of columns."""

    sql: str
    json_places: tuple[int, ...]
    count: BatchCount | None
    run_many: Callable[[Insertion, Connection, Sequence[Row]], int]

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """The number of rows that were not there yet."""
        if self.json_places:
            rows = [_with_json(row, self.json_places) for row in rows]
        return self.run_many(self, connection, rows)


@lru_cache(maxsize=1_000)
def insertion(dialect: str, table_name: str, columns: tuple[str, ...]) -> Insertion:
    """How rows of a table with these columns go in. Raises ``BadInput`` for names that are not there."""
    table = table_of(table_name)
    for name in columns:
        if name not in table.columns:
            raise BadInput(f"{table_name} has no column {name!r}")
    mark = "%s" if dialect == "postgresql" else "?"
    json_places = tuple(i for i, name in enumerate(columns) if isinstance(table.columns[name].type, JSON))
    sql = insert_sql(table, columns, [mark] * len(columns))
    if dialect == "postgresql":
        return Insertion(sql, json_places, None, _run_postgresql)
    return Insertion(sql, json_places, batch_count(table_name), _run_sqlite)


def insert_sql(table: Table, columns: Sequence[str], values: Sequence[str]) -> str:
    """An insert that leaves keys alone that are there; the models' plain defaults are added."""
    defaults = {
        column.name: literal(column.default.arg)  # type: ignore[attr-defined]  # narrowed below
        for column in table.columns
        if column.name not in columns and column.default is not None and column.default.is_scalar
    }
    names = ", ".join(f'"{name}"' for name in [*columns, *defaults])
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    filled = ", ".join([*values, *defaults.values()])
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({filled}) ON CONFLICT ({keys}) DO NOTHING'


def literal(value: object) -> str:
    """A plain default as SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _with_json(row: Row, places: tuple[int, ...]) -> Row:
    for place in places:
        if row[place] is not None:
            row = (*row[:place], encode_json(row[place]), *row[place + 1 :])
    return row


def execute_many(connection: Connection, sql: str, rows: Sequence[Row]) -> int:
    """Run a statement of the driver's own form once a row; the number of rows changed."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return int(raw.executemany(sql, rows).rowcount)
    with raw.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


# -- SQLite ---------------------------------------------------------------------------------------------


def _run_sqlite(how: Insertion, connection: Connection, rows: Sequence[Row]) -> int:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    if how.count is None or len(rows) < COUNT_BY_GROUP:
        return raw.executemany(how.sql, rows).rowcount
    return _counted_by_group(raw, how, how.count, rows)


def _counted_by_group(raw: sqlite3.Connection, how: Insertion, count: BatchCount, rows: Sequence[Row]) -> int:
    """Insert while the triggers rest, then count. If it fails, none of it was, pause included: whoever
    holds the transaction may go on with it."""
    raw.execute("SAVEPOINT counted")
    try:
        raw.execute(count.pause)
        mark = raw.execute(count.mark).fetchone()
        stored = raw.executemany(how.sql, rows).rowcount
        if stored:
            for statement in count.count:
                raw.execute(statement, mark)
        raw.execute(count.resume)
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has already taken the whole transaction back
            raw.execute("ROLLBACK TO counted")
            raw.execute("RELEASE counted")
        raise
    raw.execute("RELEASE counted")
    return stored


# -- PostgreSQL -----------------------------------------------------------------------------------------


def _run_postgresql(how: Insertion, connection: Connection, rows: Sequence[Row]) -> int:
    return execute_many(connection, how.sql, rows)
