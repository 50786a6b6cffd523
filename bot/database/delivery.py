"""The thread that delivers records from a local outbox to a database elsewhere: in order, once each.

One transaction there for many records, then they are removed here. When something breaks between the two,
they are delivered again, which changes nothing: inserts of what is there do nothing, updates are applied
again in their order. As long as the other database is away they stay here.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.database.batches import After, BatchWriter
from bot.database.copying import refusal
from bot.database.engine import Database, bring_up_to_date
from bot.database.faults import is_passing, storage_error
from bot.database.outbox import Outbox, Waiting
from bot.database.statements import again_if_in_the_way
from bot.domain.clock import Clock
from bot.domain.errors import StorageError

_log = logging.getLogger(__name__)

#: Records and characters of a transaction at most.
BATCH, BATCH_CHARACTERS = 2_000, 8_000_000
#: Pause between attempts while the other database is away; grows to the second figure.
RETRY_S = (0.2, 30.0)
#: Records wait this long at most for others to go with them.
GATHER_S = 0.25
_IDLE_S = 5.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class DeliveryStats:
    """``waiting`` and ``oldest_age_s`` are as the disk says, the others since this program's start.

    ``last_error`` is empty while the deliveries work.
    """

    waiting: int
    delivered: int
    rejected: int
    oldest_age_s: float | None
    last_error: str


class Delivery:
    """Delivers what is in the outbox, until it is closed. ``remote`` need not be there."""

    def __init__(
        self,
        outbox: Outbox,
        remote: Database,
        lock: Path,
        clock: Clock,
        after: After | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._outbox = outbox
        self._remote = remote
        self._clock = clock
        self._warn = warn or _log.warning
        self._batches = BatchWriter(remote.engine.dialect, after)
        self._lock = _OneAtATime(lock)
        self._up_to_date = False
        self._committed: tuple[int, int] | None = None  # there, but not yet removed here
        self._closing = False
        self._hurry = threading.Event()
        self._delivered = 0
        self._rejected = 0
        self._last_error = ""
        self._thread = threading.Thread(target=self._run, name="database-delivery", daemon=True)
        self._thread.start()

    # -- for the callers --------------------------------------------------------------------------------

    @property
    def last_error(self) -> str:
        """Why nothing is delivered now; empty while it works."""
        return self._last_error

    def stats(self) -> DeliveryStats:
        """The figures so far. Raises ``StorageError`` when the local database cannot be read."""
        return DeliveryStats(
            self._outbox.waiting(),
            self._delivered,
            self._rejected,
            self._outbox.oldest_age_s(),
            self._last_error,
        )

    def flush(self, timeout_s: float) -> bool:
        """Try at once; whether all that waits now was delivered (or set aside) within ``timeout_s``.

        Raises ``StorageError`` when the local database cannot be read.
        """
        wanted = self._outbox.last()
        self._hurry.set()
        self._outbox.announce()
        for _ in range(max(1, round(timeout_s / _LOOK_S))):
            if self._outbox.wait_for(lambda: self._outbox.delivered_until(wanted), _LOOK_S):
                return True
        return False

    def close(self, timeout_s: float) -> None:
        """End, after a last attempt to deliver. What is left stays in the outbox."""
        try:
            self.flush(timeout_s)
        except StorageError as error:
            self._warn(f"what waits for delivery cannot be read: {error}")
        self._closing = True
        self._hurry.set()
        self._outbox.announce()
        self._thread.join(timeout_s)
        self._remote.close()

    # -- inside -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._closing:
            version = self._outbox.version
            try:
                more = self._deliver_some()
            except Exception as error:  # it stays here; tell, and try again
                self._note(error)
                self._rest(pause_s)
                pause_s = min(RETRY_S[1], pause_s * 2)
                continue
            self._last_error, pause_s = "", RETRY_S[0]
            if not more:
                self._hurry.clear()
                self._outbox.wait(version, _IDLE_S)
                self._hurry.wait(GATHER_S)
        self._lock.release()

    def _rest(self, pause_s: float) -> None:
        """Wait before the next attempt: shorter for somebody who cannot wait."""
        if self._hurry.is_set():
            self._hurry.clear()
            pause_s = RETRY_S[0]
        self._hurry.wait(pause_s)

    def _deliver_some(self) -> bool:
        """Deliver the oldest records; whether there were any."""
        if not self._lock.acquire():
            return False  # another program on this machine delivers from the same outbox
        self._remove_committed()
        batch = self._outbox.first(BATCH, BATCH_CHARACTERS)
        if not batch:
            return False
        if not self._up_to_date:
            bring_up_to_date(self._remote, self._clock)
            self._up_to_date = True
        self._settle(self._send(batch))
        self._outbox.announce()
        return True

    def _send(self, part: Sequence[Waiting]) -> list[tuple[Waiting, Exception]]:
        """Deliver these, or, when one is refused, each half of them; those refused are given back."""
        try:
            self._transaction(part)
        except Exception as error:
            if is_passing(error):
                raise
            if len(part) == 1:
                return [(part[0], error)]
            half = len(part) // 2
            return self._send(part[:half]) + self._send(part[half:])
        self._done(part)
        return []

    def _settle(self, refused: Sequence[tuple[Waiting, Exception]]) -> None:
        """Once more for those refused: what one refers to may have come after it. Then set it aside."""
        for waiting, first in refused:
            try:
                self._alone(waiting, first)
            except Exception as error:
                if is_passing(error):
                    raise
                said = str(refusal(waiting.record.table, error))
                self._outbox.reject(waiting.seq, said)
                self._rejected += 1
                self._warn(f"not delivered, and kept aside: {said}")
            else:
                self._done([waiting])

    def _alone(self, waiting: Waiting, first: Exception) -> None:
        """A fault in what is derived from a record must not stop the record."""
        try:
            self._transaction([waiting])
        except Exception as error:
            if is_passing(error):
                raise
            self._transaction([waiting], derive=False)
            self._warn(f"nothing could be derived there from a record of {waiting.record.table}: {first}")

    def _transaction(self, part: Sequence[Waiting], derive: bool = True) -> None:
        records = [waiting.record for waiting in part]

        def transaction() -> None:
            with self._remote.writing() as connection:
                self._batches.write(connection, records, derive)

        again_if_in_the_way(transaction)

    def _done(self, part: Sequence[Waiting]) -> None:
        self._committed = (part[0].seq, part[-1].seq)
        self._delivered += len(part)
        self._remove_committed()

    def _remove_committed(self) -> None:
        if self._committed is not None:
            self._outbox.remove(*self._committed)
            self._committed = None

    def _note(self, error: Exception) -> None:
        self._up_to_date = False  # it may be another one when it comes back
        told = error if isinstance(error, StorageError) else storage_error(error, self._remote.name)
        if not self._last_error:
            self._warn(f"records wait on this disk for delivery: {told}")
        self._last_error = str(told)


class _OneAtATime:
    """Only one program delivers from an outbox: two could bring updates out of their order.

    An SQLite file that is locked as long as the program lives, however it ends. For one thread.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None

    def acquire(self) -> bool:
        """Whether we have it now. Raises the driver's faults other than its being held."""
        if self._held is not None:
            return True
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" in str(error):
                return False
            raise
        self._held = connection
        return True

    def release(self) -> None:
        """Let another have it."""
        if self._held is not None:
            self._held.close()
            self._held = None
