"""A second look at a number in flight that does not go on from the last one.

Multipliers only rise, on an exponential curve. A value that falls or leaps is not taken for wrong (after a
gap it is right): it is held back until the next changed frame goes on from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: A value may be this much later or earlier than its frame (seconds), and this many hundredths off.
SLACK_S, SLACK_HUNDREDTHS = 0.25, 3.0
#: The slope is measured over at least this long; before that only falls are held back.
MIN_SPAN_S = 0.5


@dataclass(slots=True)
class FlightGuard:
    """Follows one flight; ``passes`` says whether a value may be believed at once."""

    _first: tuple[float, int] | None = None
    _last: tuple[float, int] | None = None
    _held: tuple[float, int] | None = None

    def passes(self, value: int, at_s: float) -> bool:
        """Whether ``value`` (hundredths) at ``at_s`` goes on from the last one believed or the one held."""
        if self._last is None or self._goes_on(self._last, value, at_s):
            self._believe(value, at_s)
            return True
        if self._held is not None and self._goes_on(self._held, value, at_s):
            self._first = self._held  # a new flight, or a gap: what was known of the old one is void
            self._believe(value, at_s)
            return True
        self._held = (at_s, value)
        return False

    def land(self) -> None:
        """The flight is over: nothing is expected of the next value."""
        self._first = self._last = self._held = None

    def _believe(self, value: int, at_s: float) -> None:
        self._first = self._first or (at_s, value)
        self._last, self._held = (at_s, value), None

    def _goes_on(self, before: tuple[float, int], value: int, at_s: float) -> bool:
        then_s, then = before
        if value < then:
            return False
        slope = self._slope()
        if slope is None:
            return True
        highest = then * math.exp(slope * 1.3 * (at_s - then_s + SLACK_S)) + SLACK_HUNDREDTHS
        return value <= highest

    def _slope(self) -> float | None:
        """Growth per second of this flight so far, if it was seen long enough."""
        if self._first is None or self._last is None or self._last[0] - self._first[0] < MIN_SPAN_S:
            return None
        slope = math.log((self._last[1] + 1) / self._first[1]) / (self._last[0] - self._first[0])
        return slope if slope > 0 else None
