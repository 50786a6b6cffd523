"""What is still to be delivered to a database elsewhere: a list inside the local SQLite database.

Records are added in the transaction that stores them here, and removed once the other database has committed
them. The two tables are not part of the schema: only a spool's file has them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.database.checking import encode_json
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.domain.clock import Clock
from bot.domain.ports import Record

_TABLES = (
    "CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL, "
    "key TEXT NOT NULL, is_update INTEGER NOT NULL, payload TEXT NOT NULL, added_utc_us INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS outbox_rejected (seq INTEGER PRIMARY KEY, table_name TEXT NOT NULL, "
    "key TEXT NOT NULL, is_update INTEGER NOT NULL, payload TEXT NOT NULL, added_utc_us INTEGER NOT NULL, "
    "reason TEXT NOT NULL, rejected_utc_us INTEGER NOT NULL)",
    # Whose records these are; without a password.
    "CREATE TABLE IF NOT EXISTS outbox_address (id INTEGER PRIMARY KEY CHECK (id = 1), url TEXT NOT NULL)",
)
_ADD = "INSERT INTO outbox (table_name, key, is_update, payload, added_utc_us) VALUES (?, ?, ?, ?, ?)"
_FIRST = "SELECT seq, table_name, key, is_update, payload FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"
_REJECT = (
    "INSERT OR REPLACE INTO outbox_rejected "
    "SELECT seq, table_name, key, is_update, payload, added_utc_us, ?, ? FROM outbox WHERE seq = ?"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that is to be delivered, and its place in the order."""

    seq: int
    record: Record


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that the other database refused for good, and what it said."""

    table: str
    values: dict[str, object]
    reason: str


class Outbox:
    """The list in one local database. Its methods may be called from any thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self._clock = clock
        self._changed = threading.Condition()
        self._version = 0

    def prepare(self, url: str) -> None:
        """Make the tables and note whose records they hold. Raises ``StorageError``."""
        with storage_errors(self.database.name), self.database.writing() as connection:
            for statement in _TABLES:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO outbox_address (id, url) VALUES (1, ?)", (url,)
            )

    def address(self) -> str:
        """Whose records these are. Raises ``StorageError``."""
        with storage_errors(self.database.name), self.database.engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT url FROM outbox_address").scalar())

    # -- the writer's side ------------------------------------------------------------------------------

    def add(self, connection: Connection, records: Sequence[Record]) -> None:
        """Add records in the transaction that stores them."""
        now = self._clock.now().utc_ns // 1000
        rows = [(r.table, r.key, r.update, encode_json(dict(r.values)), now) for r in records]
        connection.exec_driver_sql(_ADD, rows)

    def announce(self) -> None:
        """Say that there may be something new (or that somebody cannot wait)."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    # -- the delivery's side ----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows with each announcement."""
        return self._version

    def wait(self, version: int, seconds: float) -> None:
        """Wait for an announcement after ``version``, for so long at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, seconds)

    def wait_for(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Wait until it has happened, looking again at each announcement; whether it has."""
        with self._changed:
            return self._changed.wait_for(happened, seconds)

    def first(self, most: int, most_characters: int, after: int = 0) -> list[Waiting]:
        """The oldest records behind ``after``, at least one if there is any. Raises the driver's faults."""
        found: list[Waiting] = []
        characters = 0
        with self.database.engine.connect() as connection:
            for seq, table, key, is_update, payload in connection.exec_driver_sql(_FIRST, (after, most)):
                characters += len(payload)
                if found and characters > most_characters:
                    break
                found.append(Waiting(seq, Record(table, json.loads(payload), key, bool(is_update))))
        return found

    def remove(self, first: int, last: int) -> None:
        """These have been delivered. Raises the driver's faults."""
        with self.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM outbox WHERE seq BETWEEN ? AND ?", (first, last))

    def reject(self, seq: int, reason: str) -> None:
        """This one never can be delivered: keep it aside. Raises the driver's faults."""
        now = self._clock.now().utc_ns // 1000
        with self.database.writing() as connection:
            connection.exec_driver_sql(_REJECT, (reason, now, seq))
            connection.exec_driver_sql("DELETE FROM outbox WHERE seq = ?", (seq,))

    # -- figures ----------------------------------------------------------------------------------------

    def waiting(self) -> int:
        """How many are to be delivered. Raises ``StorageError``."""
        return self._figure("SELECT COUNT(*) FROM outbox") or 0

    def last(self) -> int:
        """The place of the newest record ever added, 0 before the first. Raises ``StorageError``."""
        return self._figure("SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'outbox'") or 0

    def delivered_until(self, seq: int) -> bool:
        """Whether nothing up to this place waits any more. Raises ``StorageError``."""
        oldest = self._figure("SELECT MIN(seq) FROM outbox")
        return oldest is None or oldest > seq

    def oldest_age_s(self) -> float | None:
        """For how long the oldest record has been waiting. Raises ``StorageError``."""
        added = self._figure("SELECT added_utc_us FROM outbox ORDER BY seq LIMIT 1")
        if added is None:
            return None
        return max(0.0, (self._clock.now().utc_ns // 1000 - added) / 1_000_000)

    def rejected(self) -> list[Rejected]:
        """What was set aside, oldest first. Raises ``StorageError``."""
        question = "SELECT table_name, payload, reason FROM outbox_rejected ORDER BY seq"
        with storage_errors(self.database.name), self.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(question).all()
        return [Rejected(table, json.loads(payload), reason) for table, payload, reason in rows]

    def _figure(self, question: str) -> int | None:
        with storage_errors(self.database.name), self.database.engine.connect() as connection:
            found = connection.exec_driver_sql(question).scalar()
        return None if found is None else int(found)
