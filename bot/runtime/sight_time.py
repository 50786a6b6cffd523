"""How long a table was out of sight, and why its looks said nothing."""

from __future__ import annotations

import re

from bot.domain.clock import NS_PER_S, Instant
from bot.domain.words import Phase, Reading

#: Reasons are told apart by their words; more kinds than this are counted together.
MOST_REASONS = 30
OTHERS = "others"


class SightTime:
    """Follows the readings of one table. ``refused`` counts looks by reason, numbers in it left out."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        self.away_s = 0.0
        #: How long it was out of sight until this very look, which sees it again; else 0.
        self.just_away_s = 0.0
        self._seen: Instant | None = None
        self._last: Instant | None = None

    def see(self, reading: Reading) -> None:
        """Take in one look."""
        last, self._last = self._last, reading.at
        if reading.placement is None:
            if last is not None:
                self.away_s += (reading.at.mono_ns - last.mono_ns) / NS_PER_S
            self._count(reading.reason or "out of sight")
            self.just_away_s = 0.0
            return
        seen, self._seen = self._seen, reading.at
        self.just_away_s = 0.0 if seen is None else (reading.at.mono_ns - seen.mono_ns) / NS_PER_S
        if reading.phase is Phase.UNKNOWN:
            self._count(f"phase: {reading.reason or 'unknown'}")
        elif reading.phase in (Phase.FLYING, Phase.CRASHED) and reading.multiplier.value is None:
            self._count(f"multiplier: {reading.multiplier.reason or 'not read'}")

    def _count(self, reason: str) -> None:
        kind = re.sub(r"\d[\d.,]*", "N", reason)[:100]
        if kind not in self.refused and len(self.refused) >= MOST_REASONS:
            kind = OTHERS
        self.refused[kind] = self.refused.get(kind, 0) + 1
