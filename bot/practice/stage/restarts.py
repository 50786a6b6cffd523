"""How often a part may die before the stage gives up."""

from __future__ import annotations

import collections

from bot.practice.clock import HouseClock
from bot.practice.stage.options import StageError

MOST_RESTARTS = 12
WITHIN_S = 60.0


class RestartBudget:
    """At most ``MOST_RESTARTS`` within ``WITHIN_S`` seconds."""

    def __init__(self, clock: HouseClock, what: str) -> None:
        self._clock, self._what = clock, what
        self._times_s: collections.deque[float] = collections.deque()

    def spend(self) -> None:
        """Count one restart. Raises ``StageError`` when there were too many."""
        now_s = self._clock.mono_s()
        self._times_s.append(now_s)
        while now_s - self._times_s[0] > WITHIN_S:
            self._times_s.popleft()
        if len(self._times_s) > MOST_RESTARTS:
            raise StageError(self._what, f"the {self._what} died {len(self._times_s)} times within a minute")
