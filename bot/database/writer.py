"""The one thread that writes: batches by size or time, urgent records at once, nothing lost."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from bot.database.batches import After, BatchWriter, check
from bot.database.copying import refusal
from bot.database.engine import Database, is_passing, storage_error
from bot.database.outbox import Outbox
from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock
from bot.domain.errors import StorageError
from bot.domain.ports import Record

_log = logging.getLogger(__name__)

QUEUE_BOUND = 10_000
WARNING_MARKS = (5_000, 8_000)
#: Pause between two attempts while the storage refuses; grows to the second figure.
RETRY_S = (0.05, 1.0)
#: Attempts that a closing writer makes against a storage that refuses, before it gives up.
CLOSING_ATTEMPTS = 5


def batch_size(tables: int) -> int:
    """Records a transaction at most, for ``tables`` tables (requirements row D3)."""
    return min(100, max(10, 10 * tables))


def batch_timeout_s(tables: int) -> float:
    """Seconds that a record waits at most for its batch to fill (requirements row D3)."""
    return max(0.5, 3.0 - 0.3 * tables)


@dataclass(frozen=True, slots=True)
class WriterStats:
    """Figures of row D6. ``queue`` counts what is not committed yet; ``batch_ms`` is the mean."""

    processed: int
    rate_per_s: float
    batches: int
    mean_batch: float
    batch_ms: float
    queue: int
    queue_max: int
    errors: int
    rejected: int
    warnings: int


@dataclass(slots=True)
class _Item:
    record: Record
    queued_ns: int
    done: bool = False
    fault: Exception | None = None


@dataclass(slots=True)
class _Count:
    processed: int = 0
    batches: int = 0
    busy_ns: int = 0
    queue_max: int = 0
    errors: int = 0
    rejected: int = 0
    warnings: int = 0
    warned: set[int] = field(default_factory=set)


class Writer:
    """Takes records from any thread and commits them in batches.

    ``put`` blocks while the queue is full, and never drops. A record the database refuses for good (a broken
    constraint) is set aside in ``rejected`` and the rest of its batch is stored. When the storage itself
    refuses, the records stay queued, ``failed`` holds the ``StorageError`` until it works again, and the
    writer keeps trying. ``after`` is called in the transaction of each batch with the rounds it touched
    (``deriving.derive``); when it fails the records are stored without it. With an ``outbox`` (``spool.py``)
    the records are put on its list in the same transaction.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tables: int = 1,
        bound: int = QUEUE_BOUND,
        warn: Callable[[str], None] | None = None,
        after: After | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._size = min(batch_size(tables), bound)
        self._timeout_ns = round(batch_timeout_s(tables) * NS_PER_S)
        self._bound = bound
        self._warn = warn or _log.warning
        self._batches = BatchWriter(database.engine.dialect, after)
        self._outbox = outbox
        self._queue: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._taken = 0  # records that left the queue since the start
        self._urgent_until = 0  # the count of records that must have left it before the writer may wait again
        self._closing = False
        self._attempts_left = CLOSING_ATTEMPTS
        self._count = _Count()
        self._started_ns = clock.now().mono_ns
        self.failed: StorageError | None = None
        self.rejected: list[tuple[Record, Exception]] = []
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    # -- for the callers --------------------------------------------------------------------------------

    def put(self, record: Record) -> None:
        """Queue a record; blocks while the queue is full.

        Raises ``BadInput`` for a record that no database would take, ``StorageError`` when the queue is
        full and the storage refuses, or the writer is closed: then the record was not taken.
        """
        self._enqueue(record, record.urgent)

    def put_and_wait(self, record: Record, timeout_s: float = 10.0) -> None:
        """Queue a record as urgent and return once it is committed.

        Raises ``StorageError`` when that has not happened within ``timeout_s`` seconds or as soon as the
        storage refuses (the record stays queued and may still be stored), and ``BadInput`` when the database
        refused the record for good.
        """
        item = self._enqueue(record, urgent=True)
        with self._changed:
            self._changed.wait_for(lambda: item.done or self.failed is not None, timeout_s)
            if not item.done:
                late = f"the database did not take a record within {timeout_s:g} s"
                raise self.failed or StorageError(late)
        if item.fault is not None:
            raise item.fault

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Commit what is queued by now; ``True`` when it is stored within ``timeout_s`` seconds."""
        with self._changed:
            wanted = self._urgent_until = self._taken + len(self._queue)
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._taken >= wanted, timeout_s)

    def stats(self) -> WriterStats:
        """The figures so far."""
        with self._changed:
            count = self._count
            seconds = max(1, self._clock.now().mono_ns - self._started_ns) / NS_PER_S
            batches = max(1, count.batches)
            return WriterStats(
                processed=count.processed,
                rate_per_s=count.processed / seconds,
                batches=count.batches,
                mean_batch=count.processed / batches,
                batch_ms=count.busy_ns / batches / NS_PER_MS,
                queue=len(self._queue),
                queue_max=count.queue_max,
                errors=count.errors,
                rejected=count.rejected,
                warnings=count.warnings,
            )

    def unsaved(self) -> list[Record]:
        """What is queued and not stored, oldest first."""
        with self._changed:
            return [item.record for item in self._queue]

    def close(self, timeout_s: float = 30.0) -> None:
        """Store what is queued and end. Raises ``StorageError`` when some could not be (``unsaved``)."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        with self._changed:
            left = len(self._queue)
        if left:
            why = self.failed or "it took too long"
            raise StorageError(f"{left} records could not be stored: {why}")

    # -- inside -----------------------------------------------------------------------------------------

    def _enqueue(self, record: Record, urgent: bool) -> _Item:
        check(record)
        with self._changed:
            while len(self._queue) >= self._bound and not self._closing:
                if self.failed is not None:
                    raise self.failed
                self._changed.wait(0.2)
            if self._closing:
                raise StorageError("the database writer is closed: the record was not taken")
            item = _Item(record, self._clock.now().mono_ns)
            self._queue.append(item)
            if urgent:
                self._urgent_until = self._taken + len(self._queue)
            warning = self._note_length()
            if urgent or len(self._queue) in (1, self._size):
                self._changed.notify_all()
        if warning:
            self._warn(warning)
        return item

    def _note_length(self) -> str:
        """Keep the longest queue; a warning when a mark is reached (again, once it had half emptied)."""
        length = len(self._queue)
        self._count.queue_max = max(self._count.queue_max, length)
        warning = ""
        for mark in WARNING_MARKS:
            if length >= mark and mark not in self._count.warned:
                self._count.warned.add(mark)
                self._count.warnings += 1
                warning = f"the database is slower than the tables: {length} records wait to be written"
            elif length < mark // 2:
                self._count.warned.discard(mark)
        return warning

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while (batch := self._next_batch()) is not None:
            try:
                self._store(batch)
            except Exception as error:  # the storage refuses: keep the records, tell, try again
                self._note_fault(error)
                if not self._pause(pause_s):
                    return
                pause_s = min(RETRY_S[1], pause_s * 2)
                continue
            pause_s = RETRY_S[0]
            self._finish(batch)

    def _next_batch(self) -> list[_Item] | None:
        """The oldest records once due; ``None`` when closed and empty. They stay queued until stored."""
        with self._changed:
            while (wait_s := self._due_in_s()) > 0:
                if self._closing and not self._queue:
                    return None
                self._changed.wait(wait_s)
            return list(islice(self._queue, self._size))

    def _due_in_s(self) -> float:
        if not self._queue:
            return 1.0
        if self._closing or len(self._queue) >= self._size or self._taken < self._urgent_until:
            return 0.0
        age_ns = self._clock.now().mono_ns - self._queue[0].queued_ns
        return max(0.0, (self._timeout_ns - age_ns) / NS_PER_S)

    def _store(self, batch: list[_Item]) -> None:
        start_ns = self._clock.now().mono_ns
        try:
            self._transaction(batch)
        except Exception as error:
            if is_passing(error):
                raise
            self._store_singly(batch)
        with self._changed:
            self._count.busy_ns += self._clock.now().mono_ns - start_ns

    def _transaction(self, batch: list[_Item], derive: bool = True) -> None:
        records = [item.record for item in batch]
        with self._database.writing() as connection:
            self._batches.write(connection, records, derive)
            if self._outbox is not None:
                self._outbox.add(connection, records)
        if self._outbox is not None:
            self._outbox.announce()

    def _store_singly(self, batch: list[_Item]) -> None:
        """One record of the batch is wrong: store the others, in their order, and set it aside.

        Those refused are tried once more at the end: what one refers to may stand behind it in the batch.
        """
        for item in batch:
            self._store_alone(item)
        for item in batch:
            if item.fault is not None:
                self._store_alone(item)

    def _store_alone(self, item: _Item) -> None:
        item.fault = None  # of an attempt before, perhaps
        try:
            self._transaction([item])
        except Exception as error:
            if is_passing(error):
                raise
            self._store_underived(item, error)

    def _store_underived(self, item: _Item, first: Exception) -> None:
        """A fault in what is derived from a record must not lose the record."""
        try:
            self._transaction([item], derive=False)
        except Exception as error:
            if is_passing(error):
                raise
            item.fault = refusal(item.record.table, error, dict(item.record.values))
        else:
            self._warn(f"nothing could be derived from a record of {item.record.table}: {first}")

    def _note_fault(self, error: Exception) -> None:
        with self._changed:
            self._count.errors += 1
            self.failed = storage_error(error, self._database.name)
            self._changed.notify_all()

    def _pause(self, seconds: float) -> bool:
        """Wait before the next attempt; ``False`` when closing: then one more attempt would not help."""
        with self._changed:
            if self._closing:
                self._attempts_left -= 1
                if self._attempts_left <= 0:
                    return False
            self._changed.wait_for(lambda: False, seconds)
            return True

    def _finish(self, batch: list[_Item]) -> None:
        with self._changed:
            self.failed = None
            for item in batch:
                self._queue.popleft()
                if item.fault is not None:
                    self.rejected.append((item.record, item.fault))
                item.done = True
            rejected = sum(item.fault is not None for item in batch)
            self._taken += len(batch)
            self._count.processed += len(batch) - rejected
            self._count.rejected += rejected
            self._count.batches += 1
            self._note_length()
            self._changed.notify_all()
