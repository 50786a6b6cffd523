"""How long a table takes bets, learned by watching, because bookmakers set it themselves."""

from __future__ import annotations

from collections import deque
from statistics import median

from bot.domain.clock import NS_PER_MS, Instant

#: How many windows are remembered; their median counts, so that one that was seen late does no harm.
REMEMBERED = 7


class BettingWindow:
    """Learns the length of the betting phase from rounds that were seen whole.

    Until one was seen :meth:`deadline` is ``None`` and nothing may be bet: a bet whose window closes at
    an unknown time cannot be placed safely.
    """

    def __init__(self, safety: float = 0.06) -> None:
        self._lengths: deque[int] = deque(maxlen=REMEMBERED)
        self._safety = safety

    def learn(self, betting_at: Instant, flying_at: Instant) -> None:
        """Take note of one betting phase, from its first to its last sight."""
        length = flying_at.mono_ns - betting_at.mono_ns
        if length > 0:
            self._lengths.append(length)

    @property
    def known_ms(self) -> float | None:
        """The usual window of late in milliseconds, or ``None`` before the first."""
        return median(self._lengths) / NS_PER_MS if self._lengths else None

    def deadline(self, betting_at: Instant) -> int | None:
        """Monotonic nanoseconds by which a bet must have been accepted; ``None`` when not known yet."""
        if not self._lengths:
            return None
        return betting_at.mono_ns + round(median(self._lengths) * (1.0 - self._safety))
