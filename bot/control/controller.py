"""The controller's thread: the only one that may touch mouse and keyboard. One bet at a time."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.control.hand import FailSafe
from bot.control.placement import (
    BetPlacement,
    PlacementSettings,
    RecordStep,
    Refusal,
    Tools,
)
from bot.control.queue import BetQueue
from bot.control.sight import TableSight
from bot.control.watch import WatchedHand
from bot.domain.bets import Bet, BetState
from bot.domain.clock import Clock
from bot.domain.errors import ProgrammerError
from bot.domain.pictures import KeepShot, keep_nothing
from bot.domain.ports import Hand
from bot.domain.words import Placement

#: How long the idle thread waits for a bet before it looks at the mouse and the stop again, seconds.
IDLE_S = 0.05


class ControllerState(StrEnum):
    """What the controller is doing. ``STOPPED`` and ``ENDED`` touch nothing more."""

    NEW = "new"
    READY = "ready"
    PLACING = "placing"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(slots=True)
class ControllerStats:
    """Running figures for the live view and the session report."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    pauses: int = 0
    #: Start of the placement to accepted bet, the latest of them, milliseconds.
    placed_ms: deque[float] = field(default_factory=lambda: deque(maxlen=1_000))


class Controller:
    """Serves the queue of bets with one pair of hands.

    ``make_hand`` and ``sight_for`` are called in the controller's own thread (X connections belong to
    it); the sight of a table is kept. ``record`` must have written VERIFIED and CLICKED to the disk when it
    returns. ``on_stop`` hears why the hands stopped by themselves (fail-safe, an error); an error is
    also kept in ``failed``. ``keep`` takes pictures of the looks around the click and returns at once.
    """

    def __init__(
        self,
        make_hand: Callable[[], Hand],
        sight_for: Callable[[str], TableSight],
        confirm: Callable[[Bet], Refusal | None],
        record: RecordStep,
        clock: Clock,
        settings: PlacementSettings | None = None,
        on_stop: Callable[[str], None] | None = None,
        queue: BetQueue | None = None,
        keep: KeepShot = keep_nothing,
    ) -> None:
        self._make_hand, self._sight_for = make_hand, sight_for
        self._confirm, self._record, self._clock = confirm, record, clock
        self._settings = settings or PlacementSettings()
        self._on_stop, self._keep = on_stop, keep
        self.queue = BetQueue() if queue is None else queue
        self.stats = ControllerStats()
        self.failed: Exception | None = None
        self._sights: dict[str, TableSight] = {}
        self._places: dict[str, Placement | None] = {}
        self._hand: WatchedHand | None = None
        self._stop_reason = ""
        self._ending = threading.Event()
        self._resume = threading.Event()
        self._state = ControllerState.NEW
        self._thread: threading.Thread | None = None
        self._served: set[str] = set()

    # -- from any thread ------------------------------------------------------------------------------

    def submit(self, bet: Bet) -> bool:
        """Queue a bet; ``False`` when the queue is full or the thread has ended: nothing is touched then."""
        return self._state is not ControllerState.ENDED and self.queue.put(bet)

    @property
    def state(self) -> ControllerState:
        """What the controller is doing now."""
        return self._state

    @property
    def stop_reason(self) -> str:
        """Why the hands were stopped; empty while they were not."""
        return self._stop_reason

    def stop_now(self, reason: str = "stopped") -> None:
        """Touch nothing more: acts between any two steps of the bet in hand. Waiting bets are missed."""
        self._stop_reason = self._stop_reason or reason
        self.queue.wake()

    def resume(self) -> None:
        """The person who moved the mouse has finished. Does not undo a stop."""
        self._resume.set()
        self.queue.wake()

    def start(self) -> None:
        """Start the thread. Errors of the hands' display come out of ``wait_ready``."""
        if self._thread is not None:
            raise ProgrammerError("a controller is started once")
        self._thread = threading.Thread(target=self.run, name="controller", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Begin the shutdown and do not wait for it."""
        self._ending.set()
        self.queue.wake()

    def shutdown(self, timeout_s: float = 10.0) -> bool:
        """Finish the bet in hand, miss the waiting ones, release keys and buttons, end the thread.

        Returns whether it ended in time.
        """
        self.end()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- the thread -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Until ``shutdown``: take the bet whose window closes first and place it."""
        try:
            self.begin()
            while not self._ending.is_set():
                self.turn(IDLE_S)
        except Exception as error:
            self._fail(error)
        finally:
            self._end()

    def begin(self) -> None:
        """Take the hands: keys and buttons that a killed process left down are released first."""
        hand = self._make_hand()
        hand.release_all()
        self._hand = WatchedHand(hand, self._clock)
        self._state = ControllerState.READY

    def turn(self, wait_s: float = 0.0) -> Bet | None:
        """One turn of the loop; returns the bet that was served, if any. For ``run`` and for tests."""
        if self._stop_reason:
            self._state = ControllerState.STOPPED
            self._miss(self.queue.drain(), self._stop_reason)
            self._ending.wait(wait_s)
            return None
        if self._person_at_work():
            self._drop_late()
            self._ending.wait(wait_s)
            return None
        self._drop_late()
        bet = self.queue.take(wait_s)
        if bet is None:
            return None
        return self.place(bet)

    def place(self, bet: Bet) -> Bet:
        """Place one bet, in the calling thread. A bet is served once, whatever became of it."""
        if self._hand is None:
            raise ProgrammerError("the hands were not taken: call begin() first")
        if bet.bet_id in self._served:
            raise ProgrammerError(f"bet {bet.bet_id} was served before")
        self._served.add(bet.bet_id)
        self._state = ControllerState.PLACING
        tools = Tools(
            hand=self._hand,
            clock=self._clock,
            confirm=self._confirm,
            record=self._record,
            hindrance=lambda: self._stop_reason,
            others_wait=lambda: len(self.queue) > 0,
            settings=self._settings,
            keep=self._keep,
        )
        placement: BetPlacement | None = None
        try:
            placement = BetPlacement(bet, self._sight(bet.table), tools, self._places.get(bet.table))
            self._count(placement.run(), placement)
        except FailSafe as error:
            self._stop_by_itself(str(error))
        except Exception as error:
            if placement is None:
                self._miss([bet], f"{type(error).__name__}: {error}")
            self._fail(error)
        finally:
            if placement is not None:
                bet = placement.bet
                self._places[bet.table] = placement.placement
            if self._state is ControllerState.PLACING:
                self._state = ControllerState.READY
        return bet

    def _sight(self, table: str) -> TableSight:
        sight = self._sights.get(table)
        if sight is None:
            sight = self._sights[table] = self._sight_for(table)
        return sight

    def _person_at_work(self) -> bool:
        """Whether a person has the mouse: from their first move until they resume or have been still."""
        assert self._hand is not None
        try:
            self._hand.moved_by_person()
        except FailSafe as error:
            self._stop_by_itself(str(error))
            return True
        if self._resume.is_set():
            self._resume.clear()
            self._hand.forget()
        paused = self._hand.still_for_s() < self._settings.person_pause_s
        if paused and self._state is not ControllerState.PAUSED:
            self.stats.pauses += 1
        if not paused:
            self._hand.forget()
        self._state = ControllerState.PAUSED if paused else ControllerState.READY
        return paused

    def _drop_late(self) -> None:
        margin = self._settings.start_margin_ms
        late = self.queue.drop_late(self._clock.now().mono_ns, margin)
        paused = " (a person had the mouse)" if self._state is ControllerState.PAUSED else ""
        self._miss(late, f"too late: its window closes within {margin:.0f} ms{paused}")

    def _miss(self, bets: list[Bet], reason: str) -> None:
        for bet in bets:
            self._served.add(bet.bet_id)
            missed = bet.to(BetState.MISSED, reason)
            self.stats.outcomes[missed.state.value] += 1
            self.stats.reasons[reason] += 1
            self._record(missed, bet.state, {"step_ms": {}})

    def _count(self, bet: Bet, placement: BetPlacement) -> None:
        self.stats.outcomes[bet.state.value] += 1
        if bet.state is BetState.PLACED:
            self.stats.placed_ms.append(placement.total_ms())
        else:
            self.stats.reasons[bet.reason] += 1

    def _stop_by_itself(self, reason: str) -> None:
        self.stop_now(reason)
        self._state = ControllerState.STOPPED
        if self._on_stop is not None:
            self._on_stop(reason)

    def _fail(self, error: Exception) -> None:
        """An error that no bet can mend: the hands stop, the runtime hears of it, nothing is clicked."""
        self.failed = self.failed or error
        self._stop_by_itself(f"{type(error).__name__}: {error}")

    def _end(self) -> None:
        self._state = ControllerState.ENDED
        try:
            self._miss(self.queue.drain(), self._stop_reason or "the bot is shutting down")
            if self._hand is not None:
                self._hand.release_all()
        except Exception as error:
            self.failed = self.failed or error
