"""Many rows into PostgreSQL by binary ``COPY``, idempotent.

Into the table itself under a savepoint: mostly every key is new. When one is not, and for a while after, into
a temporary table and from there by ``INSERT … ON CONFLICT DO NOTHING``, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import chain
from typing import Any, Self

from sqlalchemy import JSON, BigInteger, Boolean, Connection, Float, Table

from bot.database.checking import encode_json
from bot.database.statements import Row, insert_into, insert_values, json_places, on_conflict, quoted

#: From so many rows on, copying is quicker than one statement with all values.
COPIED_FROM = 6
#: So many groups of rows are staged after one that held a key which was there.
NOT_STRAIGHT_FOR = 20
#: What the bits of a binary row mean, by type of the model's column.
_TYPES: tuple[tuple[type, str], ...] = (
    (Boolean, "bool"),
    (BigInteger, "int8"),
    (Float, "float8"),
    (JSON, "jsonb"),
)
#: Kept with a connection: the transaction that used a staging table last; those tables that will stay.
_USED_IN, _LASTING = "staging tables used in", "lasting staging tables"
_WAITS = "groups to stage"
_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class PostgresqlInsertion:
    """Inserts rows of one table and one choice of columns."""

    table: Table
    columns: tuple[str, ...]
    types: tuple[str, ...]
    json_places: tuple[int, ...]
    staging: str
    create: str
    copy: str
    straight: str
    insert: str

    @classmethod
    def of(cls, table: Table, columns: Sequence[str]) -> Self:
        """For these columns of the table."""
        names = quoted(columns)
        # One for each form, made once a connection. Its name must be short and its own.
        form = md5(names.encode(), usedforsecurity=False).hexdigest()[:12]
        staging = f"staging_{table.name}_{form}"
        beginning, rest = insert_into(table, columns)
        return cls(
            table,
            tuple(columns),
            tuple(_type(table.columns[name].type) for name in columns),
            json_places(table, columns),
            staging,
            create=(
                f"CREATE TEMPORARY TABLE {staging} ON COMMIT DELETE ROWS AS "
                f'SELECT {names} FROM "{table.name}" WITH NO DATA'
            ),
            copy=f"COPY pg_temp.{staging} ({names}) FROM STDIN (FORMAT BINARY)",
            straight="" if rest else f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)',
            insert=f"{beginning} SELECT {names}{rest} FROM pg_temp.{staging} {on_conflict(table)} NOTHING",
        )

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """The number of rows that were not there yet."""
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor:
            if len(rows) < COPIED_FROM:
                return self._at_once(cursor, rows)
            stored = self._straight(connection, cursor, rows)
            return self._staged(connection, cursor, rows) if stored is None else stored

    def _straight(self, connection: Connection, cursor: Any, rows: Sequence[Row]) -> int | None:
        """Copy into the table itself, at four fifths of the cost of staging. ``None``: some key was there.

        Then nothing has happened, and this is not tried for a while: such rows come in numbers.
        """
        waits: dict[str, int] = connection.info.setdefault(_WAITS, {})
        wait = waits.get(self.table.name, 0)
        if not self.straight or wait:
            waits[self.table.name] = max(0, wait - 1)
            return None
        cursor.execute("SAVEPOINT straight")
        try:
            stored = self._copy(cursor, self.straight, rows)
        except Exception as error:
            if getattr(error, "sqlstate", None) != _UNIQUE_VIOLATION:
                raise
            cursor.execute("ROLLBACK TO straight; RELEASE straight")
            waits[self.table.name] = NOT_STRAIGHT_FOR
            return None
        cursor.execute("RELEASE straight")
        return stored

    def _staged(self, connection: Connection, cursor: Any, rows: Sequence[Row]) -> int:
        """Copy into the temporary table, and insert from there what is new."""
        self._make_room(connection, cursor)
        self._copy(cursor, self.copy, rows)
        cursor.execute(self.insert)
        return int(cursor.rowcount)

    def _copy(self, cursor: Any, statement: str, rows: Sequence[Row]) -> int:
        with cursor.copy(statement) as copy:
            copy.set_types(self.types)
            for row in rows:
                copy.write_row(row)
        return int(cursor.rowcount)

    def _at_once(self, cursor: Any, rows: Sequence[Row]) -> int:
        # All as texts, whose types the server knows best: one plan for all values, whatever is empty.
        sql = insert_values(self.table, self.columns, "%t", len(rows))
        cursor.execute(
            f"{sql} {on_conflict(self.table)} NOTHING", [*chain.from_iterable(map(self._texts, rows))]
        )
        return int(cursor.rowcount)

    def _texts(self, row: Row) -> list[str | None]:
        texts = [None if value is None else str(value) for value in row]
        for place in self.json_places:
            texts[place] = None if row[place] is None else encode_json(row[place])
        return texts

    def _make_room(self, connection: Connection, cursor: Any) -> None:
        """The temporary table is there and empty.

        It has to be looked for until it was met in another transaction than the one that made it: only then
        no rollback can take it away any more.
        """
        transaction = connection.get_transaction()
        used: dict[str, object] = connection.info.setdefault(_USED_IN, {})
        lasting: set[str] = connection.info.setdefault(_LASTING, set())
        if self.staging not in lasting:
            cursor.execute("SELECT to_regclass(%t)", [f"pg_temp.{self.staging}"])
            if cursor.fetchone()[0] is None:
                cursor.execute(self.create)
                used.pop(self.staging, None)
            elif used.get(self.staging) is not transaction:
                lasting.add(self.staging)
        if used.get(self.staging) is transaction:
            cursor.execute(f"TRUNCATE pg_temp.{self.staging}")
        used[self.staging] = transaction


def _type(kind: object) -> str:
    for known, name in _TYPES:
        if isinstance(kind, known):
            return name
    return "text"
