"""A database on another machine, with everything written to this disk first (decision 0009).

The bot writes to, and reads from, a local SQLite database of the same form. In the same transaction each
record is put on a list, from which a thread delivers it to the database elsewhere, whenever that is there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import URL

from bot.database.batches import After
from bot.database.delivery import Delivery, DeliveryStats
from bot.database.engine import Database, connect, open_database
from bot.database.faults import shown
from bot.database.outbox import Outbox, Rejected
from bot.database.purge import purge_older_than
from bot.database.writer import QUEUE_BOUND, Writer
from bot.domain.clock import Clock
from bot.domain.errors import BadInput

FLUSH_S, CLOSE_S = 30.0, 5.0
_PREFIX = "spool-"


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Records of an earlier session that still wait: for which database (without a password), how many."""

    url: str
    waiting: int
    rejected: int


class SpooledDatabase:
    """``local`` is what the bot reads and, through ``writer``, writes. A context manager; or call ``close``.

    Only records that go through ``writer`` are delivered.
    """

    def __init__(
        self, local: Database, outbox: Outbox, delivery: Delivery, clock: Clock, after: After | None
    ):
        self.local = local
        self._outbox = outbox
        self._delivery = delivery
        self._clock = clock
        self._after = after

    @classmethod
    def open(
        cls,
        url: str,
        folder: Path,
        clock: Clock,
        after: After | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> Self:
        """Open the local database for ``url`` in ``folder`` and begin to deliver what waits in it.

        The database elsewhere may be away. ``after`` (``deriving.derive``) is called in each transaction,
        here and there. Raises ``BadInput`` for a URL that cannot be used or is of SQLite, ``MissingPart``
        when its driver is missing, ``StorageError`` when the local database cannot be used.
        """
        remote = connect(url)
        try:
            if remote.engine.dialect.name == "sqlite":
                raise BadInput("an SQLite database is on this disk already: open it itself")
            path = spool_path(remote.engine.url, folder)
            local = open_database(path, clock)
        except BaseException:
            remote.close()
            raise
        try:
            outbox = Outbox(local, clock)
            outbox.prepare(remote.name)
            delivery = Delivery(outbox, remote, path.with_suffix(".delivering"), clock, after, warn)
        except BaseException:
            local.close()
            remote.close()
            raise
        return cls(local, outbox, delivery, clock, after)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def writer(
        self, tables: int = 1, bound: int = QUEUE_BOUND, warn: Callable[[str], None] | None = None
    ) -> Writer:
        """A writer whose records are stored here and delivered there. Close it before this."""
        return Writer(self.local, self._clock, tables, bound, warn, self._after, self._outbox)

    def flush(self, timeout_s: float = FLUSH_S) -> bool:
        """Whether all that is stored here now was delivered within ``timeout_s`` seconds.

        What the writer still holds does not count: flush it first. Raises ``StorageError`` when the local
        database cannot be read.
        """
        return self._delivery.flush(timeout_s)

    def stats(self) -> DeliveryStats:
        """The figures so far. Raises ``StorageError`` as ``flush``."""
        return self._delivery.stats()

    def rejected(self) -> list[Rejected]:
        """What the database elsewhere refused for good, of all sessions. Raises ``StorageError``."""
        return self._outbox.rejected()

    def trim(self, days: int) -> int:
        """Remove rounds older than ``days`` here, and here only, unless something waits to be delivered.

        The number of rows removed. Raises ``StorageError``.
        """
        if self._outbox.waiting():
            return 0
        return purge_older_than(timedelta(days=days), database=self.local, clock=self._clock).total

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Deliver what can be delivered within ``timeout_s`` seconds and let go; the rest stays here."""
        self._delivery.close(timeout_s)
        self.local.close()


def spool_path(url: URL, folder: Path) -> Path:
    """The local database for a database elsewhere: one for each address, user and name."""
    name = shown(url.set(password=None))
    where = re.sub(r"[^A-Za-z0-9.]+", "-", f"{url.host or 'local'}-{url.database or ''}").strip("-.")
    return folder / f"{_PREFIX}{where[:60]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.sqlite3"


def is_elsewhere(url: str | Path) -> bool:
    """Whether this database is not a file on this disk. Raises ``BadInput`` and ``MissingPart``."""
    database = connect(url)
    database.close()
    return database.engine.dialect.name != "sqlite"


def left_over(folder: Path, clock: Clock) -> list[LeftOver]:
    """What earlier sessions could not deliver, by database. Raises ``StorageError``."""
    found = []
    for path in sorted(folder.glob(f"{_PREFIX}*.sqlite3")):
        database = open_database(path, clock)
        try:
            outbox = Outbox(database, clock)
            url, waiting, rejected = outbox.address(), outbox.waiting(), len(outbox.rejected())
        finally:
            database.close()
        if waiting or rejected:
            found.append(LeftOver(url, waiting, rejected))
    return found


def deliver_left_over(
    url: str, folder: Path, clock: Clock, after: After | None = None, timeout_s: float = FLUSH_S
) -> bool:
    """Deliver what earlier sessions left for ``url``; whether nothing waits any more.

    A session that opens the same database does so by itself. Raises as ``SpooledDatabase.open``.
    """
    database = connect(url)
    database.close()
    if not spool_path(database.engine.url, folder).exists():
        return True
    with SpooledDatabase.open(url, folder, clock, after) as spooled:
        return spooled.flush(timeout_s)
