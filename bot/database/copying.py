"""Many rows of one table at once, at nearly the speed of the driver; a key that is there changes nothing.

SQLite: one prepared statement run for all rows, and, for tables with totals, the new rows counted by group
instead of one by one (``triggers.py``). PostgreSQL: binary ``COPY``, for keys that may be there through a
temporary table (``copying_postgresql.py``); a handful of rows goes in one statement instead. Columns that
the database fills itself (computed ones, those with a server default) need not be given; plain defaults of
the models are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sqlalchemy import Connection

from bot.database.checking import table_of
from bot.database.copying_postgresql import PostgresqlInsertion
from bot.database.copying_sqlite import SqliteInsertion
from bot.database.engine import Database
from bot.database.faults import is_passing, storage_errors
from bot.database.statements import Row, again_if_in_the_way
from bot.domain.errors import BadInput


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
    if not rows:
        return 0
    how = insertion(database.engine.dialect.name, table_name, tuple(columns))

    def transaction() -> int:
        if isinstance(how, SqliteInsertion):
            return how.run_alone(database.engine, rows)
        with database.writing() as connection:
            return how.run(connection, rows)

    try:
        with storage_errors(database.name):
            return again_if_in_the_way(transaction)
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


class Insertion(Protocol):
    """Inserts rows of one table and one choice of columns."""

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """The number of rows that were not there yet."""
        ...


@lru_cache(maxsize=1_000)
def insertion(dialect: str, table_name: str, columns: tuple[str, ...]) -> Insertion:
    """How rows of a table with these columns go in. Raises ``BadInput`` for names that are not there."""
    table = table_of(table_name)
    for name in columns:
        if name not in table.columns:
            raise BadInput(f"{table_name} has no column {name!r}")
    kind = PostgresqlInsertion if dialect == "postgresql" else SqliteInsertion
    return kind.of(table, columns)
