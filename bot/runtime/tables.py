"""The table processes as the main process sees them: started, heard, told, restarted."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections import deque
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from bot.domain.bets import Bet
from bot.domain.clock import NS_PER_S, Clock
from bot.runtime.messages import FromTable, KnownHistory, TableSpec, TableStatus, ToTable
from bot.runtime.table_process import run_table
from bot.staking import Settlement
from bot.table.events import RoundEnded, RoundOpened, RoundsMissed, SeenFrom, TrackerEvent

#: Three strikes: a table that dies more often than this within the time is given up.
MAX_DEATHS = 5
DEATHS_WITHIN_S = 120.0
#: A strip shows a dozen or two chips; more history than this helps nobody.
REMEMBERED = 60


@dataclass(slots=True)
class TableMemory:
    """What survives a table's process: enough to go on as if it had only blinked."""

    crashes: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    open_round: tuple[str, int, SeenFrom] | None = None
    next_number: int = 1
    ended: int = 0
    settlements: list[Settlement] = field(default_factory=list)

    def note(self, event: TrackerEvent) -> None:
        """Follow the tracker's events."""
        if isinstance(event, RoundOpened):
            self.open_round = (event.round_id, event.number, event.seen_from)
            self.next_number = max(self.next_number, event.number + 1)
        elif isinstance(event, RoundEnded):
            self.crashes.appendleft(event.crash)
            self.ended += 1
            self.next_number = max(self.next_number, event.number + 1)
            if self.open_round is not None and self.open_round[0] == event.round_id:
                self.open_round = None
        elif isinstance(event, RoundsMissed):
            self.crashes.clear()
            self.open_round = None

    def known(self) -> KnownHistory:
        """What a new process is told."""
        return KnownHistory(tuple(self.crashes), self.open_round, self.next_number, tuple(self.settlements))


class TableHandle:
    """One table: its process, the two pipes, its memory and its last status."""

    def __init__(self, spec: TableSpec, clock: Clock) -> None:
        self.spec = spec
        self.memory = TableMemory()
        self.status: TableStatus | None = None
        self.done = False
        self.given_up = False
        self.restarts = 0
        self._clock = clock
        self._deaths: deque[int] = deque()
        self._process: BaseProcess | None = None
        self._up: Connection | None = None
        self._down: Connection | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.spec.table

    @property
    def pid(self) -> int | None:
        """The process that watches it."""
        return self._process.pid if self._process else None

    @property
    def up(self) -> Connection | None:
        """Where the table's messages arrive, while it lives."""
        return self._up

    def start(self, known: KnownHistory | None = None, open_bets: tuple[Bet, ...] = ()) -> None:
        """Start the process (spawn: it inherits nothing but its two pipe ends)."""
        context = multiprocessing.get_context("spawn")
        up_read, up_write = context.Pipe(duplex=False)
        down_read, down_write = context.Pipe(duplex=False)
        rounds = None if self.spec.rounds is None else max(1, self.spec.rounds - self.memory.ended)
        spec = replace(self.spec, rounds=rounds, known=known or self.memory.known(), open_bets=open_bets)
        self._process = context.Process(
            target=run_table, args=(spec, up_write, down_read), name=f"table-{self.name}", daemon=True
        )
        self._process.start()
        up_write.close()
        down_read.close()
        self._up, self._down = up_read, down_write

    def hear(self) -> FromTable | None:
        """The next message. ``None`` when the process has died."""
        assert self._up is not None
        try:
            message: FromTable = self._up.recv()
        except (EOFError, OSError):
            return None
        return message

    def tell(self, message: ToTable) -> None:
        """Send word; a table that has just died learns it at its restart."""
        if self._down is not None:
            with contextlib.suppress(OSError):
                self._down.send(message)

    def restart(self, open_bets: tuple[Bet, ...]) -> bool:
        """Start a table that died anew. False when it died too often: then it is given up."""
        self._drop_pipes()
        now = self._clock.now().mono_ns
        self._deaths.append(now)
        while self._deaths and now - self._deaths[0] > DEATHS_WITHIN_S * NS_PER_S:
            self._deaths.popleft()
        if len(self._deaths) > MAX_DEATHS:
            self.given_up = True
            return False
        self.restarts += 1
        self.start(open_bets=open_bets)
        return True

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the process; end it when it does not come."""
        if self._process is not None:
            self._process.join(timeout_s)
            if self._process.is_alive():
                self._process.terminate()
                self._process.join(2)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(2)
        self._drop_pipes()

    def _drop_pipes(self) -> None:
        for pipe in (self._up, self._down):
            if pipe is not None:
                pipe.close()
        self._up = self._down = None
