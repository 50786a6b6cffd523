"""Many rows into SQLite: one prepared statement for all, totals counted by group."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.pool import PoolProxiedConnection

from bot.database.checking import encode_json
from bot.database.statements import Row, insert_values, json_places, on_conflict
from bot.database.triggers import BatchCount, batch_count

#: From so many rows on, counting by group costs less than the triggers of each row (measured: 8 to 12).
COUNT_BY_GROUP = 10


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
        return self._run(_raw(connection.connection), rows)

    def run_alone(self, engine: Engine, rows: Sequence[Row]) -> int:
        """``run`` in a transaction of its own, by the driver: a tenth less for groups of 50."""
        with closing(engine.raw_connection()) as pooled:
            raw = _raw(pooled)
            raw.execute("BEGIN IMMEDIATE")
            try:
                stored = self._run(raw, rows)
                raw.execute("COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise
            return stored

    def _run(self, raw: sqlite3.Connection, rows: Sequence[Row]) -> int:
        values = _with_json(rows, self.json_places) if self.json_places else rows
        if self.count is None or len(rows) < COUNT_BY_GROUP:
            return raw.executemany(self.sql, values).rowcount
        return self._counted_by_group(raw, self.count, values)

    def _counted_by_group(
        self, raw: sqlite3.Connection, count: BatchCount, rows: Sequence[Sequence[Any]]
    ) -> int:
        """Insert while the triggers rest, then count what is new, also when a row in the middle is refused:
        the rows before it are there, as they would be without this (a savepoint would cost as much again).
        """
        raw.execute(count.pause)
        mark = raw.execute(count.mark).fetchone()
        try:
            return raw.executemany(self.sql, rows).rowcount
        finally:
            if raw.in_transaction:  # a full disk has taken all of it back already
                _count_in(raw, count, mark)


def _raw(pooled: PoolProxiedConnection) -> sqlite3.Connection:
    raw = pooled.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _count_in(raw: sqlite3.Connection, count: BatchCount, mark: tuple[int]) -> None:
    try:
        for statement in count.count:
            raw.execute(statement, mark)
        raw.execute(count.resume)
    except BaseException:
        # Nobody may commit what is not counted, or triggers that rest.
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def _with_json(rows: Sequence[Row], places: tuple[int, ...]) -> list[list[Any]]:
    changed = [list(row) for row in rows]
    for place in places:
        for row in changed:
            if row[place] is not None:
                row[place] = encode_json(row[place])
    return changed
