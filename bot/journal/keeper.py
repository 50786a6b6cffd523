"""Takes moments from whoever looks and keeps them: a row at once, its picture a little later.

Handing over costs a few microseconds: pixels go by reference into a bounded queue, and a thread of its own
cuts, encodes and writes. When the queue is full the picture is left out, never the row, which then says so.
A disk that takes nothing costs pictures, and nothing else.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.clock import NS_PER_S, Clock, SystemClock
from bot.domain.errors import CrashbotError
from bot.domain.pictures import Moment, Shot
from bot.domain.ports import Record
from bot.journal.files import boxes_as_json, cut_to_fields, encoded, path_of, write_picture
from bot.journal.rules import Pictures

TABLE = "round_pictures"
#: At most so many pictures, and so many bytes of them, wait to be written.
QUEUE_PICTURES, QUEUE_BYTES = 16, 64_000_000
#: Seconds between two chores.
CHORE_EVERY_S = 3_600.0
THINNED = "left out: the disk or the processor was slower than the pictures came"
OUT_OF_SIGHT = "the table was out of sight"
CLOSED = "left out: the bot was ending"


@dataclass(frozen=True, slots=True)
class Happened:
    """A moment to be kept. ``said``: what was decided; ``seen``: what was read (``bot/domain/seen.py``)."""

    session_id: str
    table: str
    round_id: str
    bet_id: str | None
    moment: Moment
    at_utc_us: int
    said: str
    seen: Mapping[str, object]
    shot: Shot | None


@dataclass(slots=True)
class KeeperStats:
    """``thinned``: pictures left out for want of time; ``failed``: that the disk did not take."""

    rows: int = 0
    pictures: int = 0
    written_bytes: int = 0
    thinned: int = 0
    failed: int = 0
    rows_refused: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    row_id: str
    happened: Happened
    lost: str


class Keeper:
    """Keeps what happens. ``emit`` takes the rows, from the keeper's thread.

    ``keep`` never raises and never waits for the disk. Close it before whatever takes the rows.
    """

    def __init__(
        self,
        folder: Path,
        pictures: Pictures,
        make_id: Callable[[], str],
        emit: Callable[[Record], None],
        chore: Callable[[], object] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``chore`` (the retention) is done in the keeper's thread, first and every ``CHORE_EVERY_S``."""
        self._folder, self._pictures, self._make_id, self._emit = folder, pictures, make_id, emit
        self._chore, self._clock = chore, clock or SystemClock()
        self._chore_ns: int | None = None
        self.stats = KeeperStats()
        self.trouble = ""
        self._waiting: deque[_Waiting] = deque()
        self._pixels = 0
        self._shots = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def keep(self, happened: Happened) -> None:
        """Take a moment. Returns at once."""
        wanted = self._wants(happened)
        with self._changed:
            lost = ""
            if wanted and happened.shot is None:
                lost = OUT_OF_SIGHT
            elif wanted and self._full(happened.shot):
                lost = THINNED
                self.stats.thinned += 1
            if lost or not wanted:
                happened = replace(happened, shot=None)
            self._count(happened.shot, 1)
            self._waiting.append(_Waiting(self._make_id(), happened, lost))
            self._changed.notify_all()

    def waiting(self) -> int:
        """Moments that are not kept yet."""
        with self._changed:
            return len(self._waiting)

    def close(self, timeout_s: float = 5.0) -> None:
        """Keep what waits and end. After ``timeout_s`` seconds rows go without their pictures."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            with self._changed:
                for place, each in enumerate(self._waiting):
                    bare = replace(each.happened, shot=None)
                    self._waiting[place] = replace(each, happened=bare, lost=each.lost or CLOSED)
            self._thread.join(timeout_s)

    # -- inside -----------------------------------------------------------------------------------------

    def _wants(self, happened: Happened) -> bool:
        if self._pictures is Pictures.BETS:
            return happened.bet_id is not None
        return self._pictures is Pictures.ALL

    def _full(self, shot: Shot | None) -> bool:
        more = 0 if shot is None else shot.pixels.nbytes
        return self._shots >= QUEUE_PICTURES or (self._shots > 0 and self._pixels + more > QUEUE_BYTES)

    def _count(self, shot: Shot | None, sign: int) -> None:
        if shot is not None:
            self._shots += sign
            self._pixels += sign * shot.pixels.nbytes

    def _run(self) -> None:
        while True:
            self._do_chore()
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, CHORE_EVERY_S)
                if not self._waiting:
                    if self._closing:
                        return
                    continue
                next_one = self._waiting[0]
            self._keep_one(next_one)
            with self._changed:
                self._count(self._waiting.popleft().happened.shot, -1)

    def _do_chore(self) -> None:
        """When it is time to."""
        now = self._clock.now().mono_ns
        if self._chore is None or (
            self._chore_ns is not None and now - self._chore_ns < CHORE_EVERY_S * NS_PER_S
        ):
            return
        self._chore_ns = now
        try:
            self._chore()
        except (CrashbotError, OSError) as error:
            self.trouble = str(error)

    def _keep_one(self, waiting: _Waiting) -> None:
        happened, shot = waiting.happened, waiting.happened.shot
        if shot is None:
            self._put(self._row(waiting, {}))
            return
        frame, pixels, boxes = cut_to_fields(shot)
        path = path_of(
            happened.session_id, happened.round_id, happened.at_utc_us, happened.moment, waiting.row_id
        )
        self._put(self._row(waiting, boxes_as_json(frame, boxes)))
        written: dict[str, object] = {"id": waiting.row_id}
        try:
            data = encoded(pixels)
            write_picture(self._folder, path, data)
        except (OSError, ValueError) as error:
            said = f"the disk did not take it: {error.strerror}" if isinstance(error, OSError) else str(error)
            written["lost"] = self.trouble = said
            self.stats.failed += 1
        else:
            self.stats.pictures += 1
            self.stats.written_bytes += len(data)
            written |= {
                "path": path,
                "sha256": hashlib.sha256(data).hexdigest(),
                "size_bytes": len(data),
            }
        self._put(Record(TABLE, written, update=True))

    def _row(self, waiting: _Waiting, boxes: dict[str, object]) -> Record:
        happened = waiting.happened
        values: dict[str, object] = {
            "id": waiting.row_id,
            "session_id": happened.session_id,
            "table_name": happened.table,
            "round_id": happened.round_id,
            "bet_id": happened.bet_id,
            "moment": happened.moment.value,
            "at_utc_us": happened.at_utc_us,
            "said": happened.said,
            "seen": dict(happened.seen),
            "boxes": boxes or None,
            "lost": waiting.lost or None,
        }
        return Record(TABLE, values)

    def _put(self, record: Record) -> None:
        try:
            self._emit(record)
        except CrashbotError as error:  # the storage stands still: whoever bets hears of it elsewhere
            self.stats.rows_refused += 1
            self.trouble = str(error)
        else:
            self.stats.rows += 0 if record.update else 1
