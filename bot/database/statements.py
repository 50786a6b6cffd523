"""The text of inserts, as both engines take it, and running one for many rows by the driver itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import JSON, Connection, Table

T = TypeVar("T")
Row = tuple[Any, ...]
#: Attempts at a transaction that others stood in the way of.
ATTEMPTS = 5

# psycopg tells every statement that fails among many; whoever ran them gets the error itself.
logging.getLogger("psycopg").setLevel(logging.ERROR)


def quoted(names: Sequence[str]) -> str:
    """Names of columns for a statement."""
    return ", ".join(f'"{name}"' for name in names)


def json_places(table: Table, columns: Sequence[str]) -> tuple[int, ...]:
    """Where among the columns those are that hold JSON."""
    return tuple(i for i, name in enumerate(columns) if isinstance(table.columns[name].type, JSON))


def insert_into(table: Table, columns: Sequence[str]) -> tuple[str, str]:
    """The beginning of an insert, and what stands behind the values of each row: plain defaults of the
    model for columns that are not given."""
    defaults = {
        column.name: _literal(column.default.arg)  # type: ignore[attr-defined]  # narrowed below
        for column in table.columns
        if column.name not in columns and column.default is not None and column.default.is_scalar
    }
    rest = "".join(f", {value}" for value in defaults.values())
    return f'INSERT INTO "{table.name}" ({quoted([*columns, *defaults])})', rest


def insert_values(table: Table, columns: Sequence[str], mark: str, rows: int = 1) -> str:
    """An insert of so many rows, whose parameters are written ``mark``; without its end."""
    beginning, rest = insert_into(table, columns)
    one = f"({', '.join([mark] * len(columns))}{rest})"
    return f"{beginning} VALUES {', '.join([one] * rows)}"


def on_conflict(table: Table) -> str:
    """The end of an insert, before what is to be done when the key is there."""
    return f"ON CONFLICT ({quoted([column.name for column in table.primary_key.columns])}) DO"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def execute_many(connection: Connection, sql: str, rows: Sequence[Row]) -> int:
    """Run a statement of the driver's own form once a row; the number of rows changed."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return int(raw.executemany(sql, rows).rowcount)
    with raw.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def again_if_in_the_way(transaction: Callable[[], T]) -> T:
    """Run a whole transaction, again when PostgreSQL ended it for the sake of others (a deadlock).

    Bots that write at the same time change the same totals, each in the order of its own rounds.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return transaction()
        except Exception as error:
            state = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
            if not str(state).startswith("40"):
                raise
    return transaction()
