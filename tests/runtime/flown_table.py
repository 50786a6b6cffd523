"""One table's loop and the desk it speaks to, on readings computed from rounds: no screen, no process."""

from __future__ import annotations

import itertools
import math
import multiprocessing
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.clock import ManualClock
from bot.domain.ports import Image, Record
from bot.domain.words import Box, Mode, Placement, Reading
from bot.limits import Denied, Gate, Limits, LimitStore
from bot.runtime.desk import Desk, DeskTools
from bot.runtime.desk_paper import ClosedGate, PaperDesk, WatchDesk
from bot.runtime.messages import BetSkipped, BetWanted, FromTable, RecordNews, RoundNews, TableSpec, ToTable
from bot.runtime.table_loop import TableLoop
from bot.screen.eye import EyeStats
from bot.screen.fields import ReadCounts
from bot.staking import StakingOptions, build
from bot.table.events import RoundEnded, RoundsMissed
from tests.table.flown import Flown, at

STEP_S = 0.05
#: Answers a moment of the rounds with what is read then.
Seen = Callable[[float, int], Reading]


class Readers:
    """Nobody reads here."""

    def __init__(self) -> None:
        self.counts = ReadCounts()


class FlownEye:
    """Looks at rounds that were flown on paper."""

    def __init__(self, clock: ManualClock, seen: Seen) -> None:
        self._clock, self._seen, self._number = clock, seen, 0
        self.stats, self.readers = EyeStats(), Readers()
        self.last: Reading | None = None

    @property
    def placement(self) -> Placement | None:
        return None if self.last is None else self.last.placement

    def look(self) -> Reading:
        self._number += 1
        self.last = self._seen((self._clock.now().mono_ns - at(0).mono_ns) / 1e9, self._number)
        return self.last

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        self._clock.advance(every_s)
        return True

    def picture(self) -> tuple[Box, Image] | None:
        return None

    def boxes(self) -> Mapping[str, Box]:
        return {}


class Book:
    """A record that is a list."""

    def __init__(self) -> None:
        self.rows: list[Record] = []

    def put(self, record: Record) -> None:
        self.rows.append(record)

    def put_and_wait(self, record: Record, timeout_s: float = 5.0) -> None:
        self.rows.append(record)

    def of(self, table: str) -> list[Mapping[str, object]]:
        return [row.values for row in self.rows if row.table == table]

    def bets(self) -> dict[str, list[Mapping[str, object]]]:
        """The states that each bet went through, oldest first."""
        found: dict[str, list[Mapping[str, object]]] = {}
        for row in self.of("bets"):
            found.setdefault(str(row["bet_id"]), []).append(row)
        return found


class QuietTable:
    """A table that is watched or played on paper."""

    def __init__(
        self,
        folder: Path,
        seen: Seen,
        mode: Mode,
        bankroll_minor: int | None = 100_000,
        rounds: int | None = None,
        limits: Limits | None = None,
        strategy: str = "fixed_stake",
        options: StakingOptions | None = None,
    ) -> None:
        start = at(0)
        self.clock = ManualClock(start.utc_ns, start.mono_ns)
        numbers = itertools.count(1)
        self.make_id = lambda: f"id{next(numbers):06d}"
        self.book, self.wanted = Book(), list[BetWanted]()
        self.skipped: list[BetSkipped] = []
        self.ended: list[RoundEnded] = []
        self._up, up = multiprocessing.Pipe(duplex=False)
        down, self._down = multiprocessing.Pipe(duplex=False)
        self.store = LimitStore(folder / "limits.db")
        self.desk = self._desk(mode, limits or Limits(balance_floor_minor=0), bankroll_minor)
        self.desk.add_table("mine", "mine", "EUR")
        options = options or StakingOptions()
        spec = TableSpec(
            *("mine", "other", "mine", "EUR", "s1", 0, 0, None, "", 1.0, strategy, options, rounds),
            mode=mode,
            own_folder=str(folder),
            history_shown=False,
        )
        self.loop = TableLoop(
            spec, FlownEye(self.clock, seen), build(strategy, options), up, down, self.clock, self.make_id
        )
        self._ends = (up, down)

    def _desk(self, mode: Mode, limits: Limits, bankroll_minor: int | None) -> Desk:
        gate = Gate(self.store, limits, self.clock, "s1", mode) if mode is Mode.PAPER else ClosedGate()
        tools = DeskTools(
            "s1",
            gate,
            self.book,
            self.clock,
            self.make_id,
            lambda _table, message: self.tell(message),
            lambda _bet: False,
            lambda _table: 0.97,
        )
        return PaperDesk(tools, bankroll_minor) if mode is Mode.PAPER else WatchDesk(*tools)

    def tell(self, message: ToTable) -> None:
        self._down.send(message)

    def run(self, until_s: float) -> bool:
        """Look until this second of the rounds; whether the table is still at it."""
        while self.clock.now().mono_ns < at(until_s).mono_ns:
            going = self.loop.step()
            while self._up.poll():
                self._hear(self._up.recv())
            self.desk.tick()
            self.clock.advance(STEP_S)
            if not going:
                return False
        return True

    def _hear(self, message: FromTable) -> None:
        if isinstance(message, RecordNews):
            self.book.put(message.record)
        elif isinstance(message, BetWanted):
            self.wanted.append(message)
            self.desk.wanted(message)
        elif isinstance(message, BetSkipped):
            self.skipped.append(message)
            self.desk.deny("mine", message.round_id, Denied(message.limit_name, message.reason))
        elif isinstance(message, RoundNews):
            if isinstance(message.event, RoundEnded):
                self.ended.append(message.event)
                self.desk.round_over(message.event.round_id, message.event.crash)
            elif isinstance(message.event, RoundsMissed) and message.event.round_id is not None:
                self.desk.round_over(message.event.round_id, None, message.event.reason)

    @property
    def bankroll(self) -> int | None:
        return self.desk.account_of("mine").expected_minor

    def close(self) -> None:
        self.store.close()
        for end in (self._up, self._down, *self._ends):
            end.close()


def settles(flown: list[Flown], stake: int, target: int) -> int:
    """What a bet of this stake at this target in each of the rounds comes to."""
    return sum(math.floor(stake * target / 100) * (r.crash >= target) - stake for r in flown)
