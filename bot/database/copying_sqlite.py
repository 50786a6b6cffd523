"""Many rows into SQLite: one prepared statement for all, totals counted by group."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, Table

from bot.database.checking import encode_json
from bot.database.statements import Row, insert_values, json_places, on_conflict
from bot.database.triggers import BatchCount, batch_count

#: From so many rows on, counting by group costs less than the triggers of each row.
COUNT_BY_GROUP = 12


@dataclass(frozen=True, slots=True)
class SqliteInsertion:
    """Inserts rows of one table and one choice of columns."""

    sql: str
    json_places: tuple[int, ...]
    count: BatchCount | None

    @classmethod
    def of(cls, table: Table, columns: Sequence[str]) -> Self:
        """For these columns of the table."""
        sql = f"{insert_values(table, columns, '?')} {on_conflict(table)} NOTHING"
        return cls(sql, json_places(table, columns), batch_count(table.name))

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """The number of rows that were not there yet."""
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        if self.json_places:
            rows = [_with_json(row, self.json_places) for row in rows]
        if self.count is None or len(rows) < COUNT_BY_GROUP:
            return raw.executemany(self.sql, rows).rowcount
        return self._counted_by_group(raw, self.count, rows)

    def _counted_by_group(self, raw: sqlite3.Connection, count: BatchCount, rows: Sequence[Row]) -> int:
        """Insert while the triggers rest, then count. When that fails all of it is taken back, the rest of
        the triggers too: whoever holds the transaction may go on with it."""
        raw.execute("SAVEPOINT counted")
        try:
            raw.execute(count.pause)
            mark = raw.execute(count.mark).fetchone()
            stored = raw.executemany(self.sql, rows).rowcount
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


def _with_json(row: Row, places: tuple[int, ...]) -> Row:
    for place in places:
        if row[place] is not None:
            row = (*row[:place], encode_json(row[place]), *row[place + 1 :])
    return row
