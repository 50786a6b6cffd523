"""One copy of the guarded book: a SQLite file with a state and the reservations of live play."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.domain.errors import StorageError
from bot.limits.guard_state import GuardState, LedgerSums, digest_of, state_of
from bot.limits.store import LimitStore

FILE_NAME = "live-limits.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS guard (
    one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
"""
#: The tables of the ledger, with the columns that hold a time in microseconds of observed time.
_TIMES = {
    "reservations": ("reserved_utc_us", "closed_utc_us"),
    "results": (),
    "runs": ("started_utc_us", "seen_utc_us"),
}
_NS_PER_US = 1_000


class DamagedCopy(StorageError):
    """The file is there, but it is not what was written: it is put aside and counts as doubt."""


class GuardCopy(LimitStore):
    """The file. Raises ``DamagedCopy`` when its content cannot be true, ``StorageError`` for all else."""

    journal_mode = "DELETE"  # one file and no companions, so that a copy is whole or not there

    def __init__(self, path: Path, busy_timeout_s: float = 2.0) -> None:
        try:
            super().__init__(path, busy_timeout_s)
            with self._faults():
                self._connection.executescript(_SCHEMA)
                found = path.stat()
        except StorageError:
            if hasattr(self, "_connection"):
                self.close()
            raise
        with contextlib.suppress(OSError):
            path.chmod(0o600)
        self._file = (found.st_dev, found.st_ino)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or str(error).startswith("no such "):
                raise DamagedCopy(f"{self.path} is damaged") from error
            raise StorageError(f"the limits of live play cannot be kept in {self.path}: {error}") from error
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise StorageError(f"the limits of live play cannot be kept in {self.path}: {error}") from error

    def in_place(self) -> bool:
        """Whether the open file is still the one at its path: it may have been removed or replaced."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._file

    # -- state ------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """Of the state that was written last; ``""``: nothing was."""
        with self._lock, self._faults():
            row = self._connection.execute("SELECT digest FROM guard").fetchone()
        return "" if row is None else str(row[0])

    def load(self) -> GuardState | None:
        """The state, or ``None`` in a new copy."""
        with self._lock, self._faults():
            row = self._connection.execute("SELECT state, digest FROM guard").fetchone()
        if row is None:
            if self.sums() != LedgerSums():
                raise DamagedCopy(f"{self.path} is damaged: its state is missing")
            return None
        text, digest = row
        try:
            if digest_of(text) != digest:
                raise ValueError("changed by another hand")
            return state_of(text)
        except ValueError as error:
            raise DamagedCopy(f"{self.path} is damaged: {error}") from error

    def save(self, text: str, digest: str) -> None:
        """Write the state. Call it inside a transaction."""
        self._connection.execute(
            "INSERT INTO guard VALUES (1, ?1, ?2) ON CONFLICT (one) DO UPDATE SET state = ?1, digest = ?2",
            (text, digest),
        )

    def sums(self) -> LedgerSums:
        """What the reservations add up to."""
        question = (
            "SELECT count(*), coalesce(sum(stake_minor), 0), count(closed_utc_us),"
            " coalesce(sum(payout_minor), 0) FROM reservations"
        )
        return LedgerSums(*self._one(question, ()))

    def check(self) -> GuardState | None:
        """The state, after a look at the whole file: all of it at one moment, whoever else may be writing."""
        with self._lock, self._faults():
            self._connection.execute("BEGIN")
            try:
                (said,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
                if said != "ok":
                    raise DamagedCopy(f"{self.path} is damaged: {said}")
                state = self.load()
                if state is not None and state.sums != self.sums():
                    raise DamagedCopy(f"{self.path} is damaged: its reservations do not add up")
                return state
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    # -- reservations between copies ----------------------------------------------------------------------

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table of the ledger."""
        with self._lock, self._faults():
            cursor = self._connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def take_from(self, other: GuardCopy, shift_ns: int = 0) -> None:
        """Take what another copy holds and this one does not; ``shift_ns`` is added to its times."""
        for table, times in _TIMES.items():
            rows = other.rows(table)
            for row in rows if shift_ns else ():
                row |= {name: row[name] + shift_ns // _NS_PER_US for name in times if row[name] is not None}
            self._insert(table, rows)

    def become(self, other: GuardCopy) -> None:
        """Hold exactly the reservations of another copy."""
        for table in _TIMES:
            self._connection.execute(f"DELETE FROM {table}")
        self.take_from(other)

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            names = ", ".join(rows[0])
            marks = ", ".join(f":{name}" for name in rows[0])
            self._connection.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", rows)
