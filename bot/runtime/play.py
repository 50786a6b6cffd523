"""What becomes of a table's orders: clicked, put on paper, or nothing at all.

The session's loop knows its mode only through this door. The three plays share the desk (accounts, open bets,
settlements); they differ in who places a bet and in what they hold while they run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.control.controller import Controller
from bot.control.lock import HandsLock
from bot.control.placement import PlacementSettings
from bot.control.queue import BetQueue
from bot.domain.bets import Bet
from bot.domain.clock import Clock
from bot.domain.pictures import KeepShot, keep_nothing
from bot.domain.words import Mode
from bot.limits import Gate, LimitStore, StopSwitch
from bot.runtime.desk import Book, Desk, DeskTools, Gatekeeper
from bot.runtime.floor import Floor, FloorTable
from bot.runtime.messages import ToTable
from bot.runtime.plan import SessionPlan


@dataclass(frozen=True, slots=True)
class PlayTools:
    """What a play works with; made when the tables are known. ``note`` takes a line for view and report.

    ``keep`` takes the looks around a click for the journal.
    """

    plan: SessionPlan
    session_id: str
    clock: Clock
    make_id: Callable[[], str]
    book: Book
    tell: Callable[[str, ToTable], None]
    note: Callable[[str], None]
    switch: StopSwitch
    floor: Floor
    tables: tuple[FloorTable, ...]
    keep: KeepShot = keep_nothing

    def for_desk(self, gate: Gatekeeper, queue_bet: Callable[[Bet], bool]) -> DeskTools:
        """What a desk is made of."""
        return DeskTools(
            self.session_id,
            gate,
            self.book,
            self.clock,
            self.make_id,
            self.tell,
            queue_bet,
            self.rtp_of,
        )

    def rtp_of(self, table: str) -> float:
        """Return to player of a table."""
        return float(next(t.rtp for t in self.tables if t.name == table))


class Play(Protocol):
    """Opened once, closed once; everything between is called in the main thread."""

    def locks(self) -> list[HandsLock]:
        """What no other session of this user may hold meanwhile."""
        ...

    def stops(self) -> StopSwitch:
        """The stop that ends this session."""
        ...

    def open(self, tools: PlayTools) -> Desk:
        """The desk, which knows the tables and nothing of earlier bets yet."""
        ...

    def gate(self) -> Gate | None:
        """The gate that bets pass; ``None`` where there are none."""
        ...

    def start(self) -> None:
        """Take the hands, if any: bets may come from now on."""
        ...

    def stop(self, reason: str) -> None:
        """No bet from now on."""
        ...

    def stopped(self) -> str:
        """Why this play stopped by itself; empty while it did not."""
        ...

    def orderly(self) -> bool:
        """Whether what ``stopped`` says is an end as agreed, not a fault."""
        ...

    def beat(self) -> None:
        """The session lives: said now and then."""
        ...

    def queued(self) -> int:
        """Bets that wait for the hands."""
        ...

    def allowed(self) -> list[str]:
        """What may still be done, in words, for the live view."""
        ...

    def news(self) -> list[str]:
        """Lines that the person must see, each once."""
        ...

    def let_go(self) -> None:
        """Finish the bet in hand, miss the waiting ones, free the mouse."""
        ...

    def close(self) -> None:
        """Let go of files. Twice changes nothing."""
        ...


class Clicked:
    """Bets are clicked by the controller's thread, under the gate and with the user's one pair of hands."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._queue = BetQueue()
        self._controller: Controller | None = None
        self._store: LimitStore | None = None
        self._gate: Gate | None = None

    def locks(self) -> list[HandsLock]:
        """See ``Play``."""
        return [HandsLock(self._plan.state_folder)]

    def stops(self) -> StopSwitch:
        """See ``Play``. A person starts this session now: an old stop has done its work."""
        switch = StopSwitch(self._plan.state_folder)
        switch.clear()
        return switch

    def open(self, tools: PlayTools) -> Desk:
        """See ``Play``."""
        self._tools = tools
        gate = self._gate = self._make_gate(tools)
        self._desk = self._make_desk(tools.for_desk(gate, self._queue.put))
        return self._desk

    def _make_desk(self, tools: DeskTools) -> Desk:
        return Desk(*tools)

    def _make_gate(self, tools: PlayTools) -> Gate:
        plan = self._plan
        self._store = LimitStore(plan.data_folder / "limits.db")
        return Gate(self._store, plan.limits, tools.clock, tools.session_id, plan.mode, tools.switch)

    def gate(self) -> Gate | None:
        """See ``Play``."""
        return self._gate

    def start(self) -> None:
        """See ``Play``."""
        assert self._gate is not None
        floor = self._tools.floor
        self._controller = Controller(
            make_hand=floor.hand,
            sight_for=floor.sights(),
            confirm=self._desk.confirm,
            record=self._desk.step,
            clock=self._tools.clock,
            settings=PlacementSettings(person_pause_s=self._plan.person_pause_s),
            on_stop=self._gate.stop,
            queue=self._queue,
            keep=self._tools.keep,
        )
        self._controller.start()

    def stop(self, reason: str) -> None:
        """See ``Play``. The gate acts first."""
        if self._gate is not None:
            self._gate.stop(reason)
        if self._controller is not None:
            self._controller.stop_now(reason)

    def stopped(self) -> str:
        """See ``Play``."""
        return self._controller.stop_reason if self._controller is not None else ""

    def orderly(self) -> bool:
        """See ``Play``. Hands that stop by themselves met a fault, or a person who wanted them to."""
        return False

    def beat(self) -> None:
        """See ``Play``."""
        if self._gate is not None:
            self._gate.heartbeat()

    def queued(self) -> int:
        """See ``Play``."""
        return len(self._queue)

    def allowed(self) -> list[str]:
        """See ``Play``. Practice costs nothing: its limits are in the settings."""
        return []

    def news(self) -> list[str]:
        """See ``Play``."""
        return []

    def let_go(self) -> None:
        """See ``Play``."""
        if self._controller is None:
            return
        for bet in self._queue.drain():
            self._desk.missed(bet, "the bot is stopping")
        self._controller.shutdown()

    def close(self) -> None:
        """See ``Play``."""
        store, self._store = self._store, None
        if store is not None:
            store.close()


def mode_words(mode: Mode) -> str:
    """What the bot does in this mode, for the head of the live view."""
    return {
        Mode.WATCH: "watches: nothing is staked",
        Mode.PAPER: "plays on paper: nothing is staked",
        Mode.PRACTICE: "practice: play money",
        Mode.LIVE: "LIVE: real money",
    }[mode]
