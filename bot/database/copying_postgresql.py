"""Many rows into PostgreSQL: binary ``COPY`` into a temporary table, then one idempotent ``INSERT``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import chain
from typing import Any, Self

from sqlalchemy import JSON, BigInteger, Boolean, Connection, Float, Table

from bot.database.checking import encode_json
from bot.database.statements import Row, insert_into, insert_values, json_places, on_conflict, quoted

#: From so many rows on, the way through the temporary table is quicker than one statement with all values.
STAGED_FROM = 6
#: What the bits of a binary row mean, by type of the model's column.
_TYPES: tuple[tuple[type, str], ...] = (
    (Boolean, "bool"),
    (BigInteger, "int8"),
    (Float, "float8"),
    (JSON, "jsonb"),
)
_STAGED = "rows staged in this transaction"


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
            insert=f"{beginning} SELECT {names}{rest} FROM pg_temp.{staging} {on_conflict(table)} NOTHING",
        )

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """The number of rows that were not there yet."""
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor:
            if len(rows) < STAGED_FROM:
                self._at_once(cursor, rows)
            else:
                self._make_room(connection, cursor)
                self._staged(cursor, rows)
            return int(cursor.rowcount)

    def _at_once(self, cursor: Any, rows: Sequence[Row]) -> None:
        # All as texts, whose types the server knows best: one plan for all values, whatever is empty.
        sql = insert_values(self.table, self.columns, "%t", len(rows))
        cursor.execute(
            f"{sql} {on_conflict(self.table)} NOTHING", [*chain.from_iterable(map(self._texts, rows))]
        )

    def _texts(self, row: Row) -> list[str | None]:
        texts = [None if value is None else str(value) for value in row]
        for place in self.json_places:
            texts[place] = None if row[place] is None else encode_json(row[place])
        return texts

    def _make_room(self, connection: Connection, cursor: Any) -> None:
        """The temporary table is there and empty."""
        cursor.execute("SELECT to_regclass(%t)", [f"pg_temp.{self.staging}"])
        transaction = connection.get_transaction()
        staged = connection.info.setdefault(_STAGED, {})
        if cursor.fetchone()[0] is None:
            cursor.execute(self.create)
        elif staged.get(self.staging) is transaction:
            cursor.execute(f"TRUNCATE pg_temp.{self.staging}")
        staged[self.staging] = transaction

    def _staged(self, cursor: Any, rows: Sequence[Row]) -> None:
        with cursor.copy(self.copy) as copy:
            copy.set_types(self.types)
            for row in rows:
                copy.write_row(row)
        cursor.execute(self.insert)


def _type(kind: object) -> str:
    for known, name in _TYPES:
        if isinstance(kind, known):
            return name
    return "text"
