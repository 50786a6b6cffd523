"""Bets that wait for the hands: the one whose window closes first is served first."""

from __future__ import annotations

import heapq
import threading

from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_MS
from bot.domain.errors import ProgrammerError

#: Row D1: a table orders one bet a panel and round, so a hundred waiting bets are a sign of a fault.
BOUND = 100


class BetQueue:
    """Earliest deadline first; bets with the same deadline in the order of their arrival. Thread-safe.

    A full queue takes nothing more and says so: the caller calls the bet missed, nothing waits.
    """

    def __init__(self, bound: int = BOUND) -> None:
        if bound < 1:
            raise ProgrammerError(f"a queue of bets holds at least one, not {bound}")
        self._bound = bound
        self._heap: list[tuple[int, int, Bet]] = []
        self._arrivals = 0
        self._most = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._heap)

    @property
    def most(self) -> int:
        """The longest the queue has been."""
        return self._most

    def put(self, bet: Bet) -> bool:
        """Queue ``bet``; ``False`` when the queue is full. Only an ordered bet may wait."""
        if bet.state is not BetState.ORDERED:
            raise ProgrammerError(f"bet {bet.bet_id} is {bet.state.value}: only ordered bets are queued")
        with self._changed:
            if len(self._heap) >= self._bound:
                return False
            self._arrivals += 1
            heapq.heappush(self._heap, (bet.deadline_mono_ns, self._arrivals, bet))
            self._most = max(self._most, len(self._heap))
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float = 0.0) -> Bet | None:
        """The bet whose window closes first, or ``None`` when none came within ``timeout_s`` seconds."""
        with self._changed:
            if not self._heap and timeout_s > 0:
                self._changed.wait(timeout_s)
            return heapq.heappop(self._heap)[2] if self._heap else None

    def drop_late(self, now_mono_ns: int, margin_ms: float) -> list[Bet]:
        """Take out the bets whose window closes within ``margin_ms`` of ``now_mono_ns``."""
        bound = now_mono_ns + round(margin_ms * NS_PER_MS)
        late = []
        with self._changed:
            while self._heap and self._heap[0][0] < bound:
                late.append(heapq.heappop(self._heap)[2])
        return late

    def drain(self) -> list[Bet]:
        """Take out all bets, earliest deadline first."""
        with self._changed:
            bets = [bet for _, _, bet in sorted(self._heap, key=lambda entry: entry[:2])]
            self._heap.clear()
        return bets

    def wake(self) -> None:
        """Let a waiting ``take`` return at once."""
        with self._changed:
            self._changed.notify_all()
