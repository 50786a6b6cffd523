"""The record as a running bot holds it: a file on this disk, or local first with a server behind it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bot.database import Database, Writer, open_database
from bot.database.deriving import derive
from bot.database.engine import connect
from bot.database.spool import SpooledDatabase, is_elsewhere
from bot.domain.clock import Clock
from bot.domain.errors import StorageError

DELIVER_WITHIN_S = 30.0
_STEP_S = 2.0


class OpenRecord:
    """``database`` is what the bot reads, always on this disk; ``writer`` makes what writes to it.

    ``folder`` keeps the local database when the record is on a server (decision 0009).
    """

    def __init__(
        self, url: str, folder: Path, clock: Clock, warn: Callable[[str], None] | None = None
    ) -> None:
        self._url, self._clock = url, clock
        self._spooled: SpooledDatabase | None = None
        if is_elsewhere(url):
            self._spooled = SpooledDatabase.open(url, folder, clock, derive, warn)
            self.database: Database = self._spooled.local
        else:
            self.database = open_database(url, clock)

    def writer(self, tables: int = 1) -> Writer:
        """A writer; wide rows follow what it writes. Close it before this."""
        if self._spooled is not None:
            return self._spooled.writer(tables)
        return Writer(self.database, self._clock, tables, after=derive)

    def waiting(self) -> int:
        """Records that were not delivered to the server yet."""
        return 0 if self._spooled is None else self._spooled.stats().waiting

    def truth(self, timeout_s: float = DELIVER_WITHIN_S) -> tuple[Database, str]:
        """The database to compare with the ledger, and its name in words: the server's, once all is there.

        The caller closes it when it is not ``database``. A server that cannot be reached in time leaves the
        local one.
        """
        if self._spooled is None:
            return self.database, "the database"
        with suppress(StorageError):
            if self._delivered(self._spooled, timeout_s):
                return connect(self._url), "the central database"
        return self.database, f"the local database: {self.waiting()} records wait for the central one"

    @staticmethod
    def _delivered(spooled: SpooledDatabase, timeout_s: float) -> bool:
        """Whether everything arrived in time; not waited for while the server cannot be reached."""
        steps = max(1, round(timeout_s / _STEP_S))
        for _ in range(steps):
            if spooled.flush(_STEP_S):
                return True
            if spooled.stats().last_error:
                return False
        return False

    def refused(self) -> list[str]:
        """What the server refused for good, in words."""
        if self._spooled is None:
            return []
        found = self._spooled.rejected()[:5]
        return [f"the central database refused a {each.table} record: {each.reason}" for each in found]

    def close(self) -> None:
        """Let go; what was not delivered stays on this disk."""
        if self._spooled is not None:
            self._spooled.close()
        else:
            self.database.close()
