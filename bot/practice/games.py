"""What is particular to each game as the practice casino plays it. Times in seconds at speed 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

CRASH_SHOWN_S = 2.6
PAUSE_S = 0.4
MIN_STAKE_MINOR = 10
MAX_STAKE_MINOR = 50_000
MIN_TARGET = 101


@dataclass(frozen=True, slots=True)
class Game:
    """One game. ``growth`` is g of m(t) = exp(g t), per second; targets in hundredths."""

    name: str
    growth: float
    betting_s: float
    max_target: int
    lang: str
    currency: str

    def flight_s(self, multiplier: int, speed: float) -> float:
        """Seconds from take-off until ``multiplier`` (hundredths) is reached at ``speed``."""
        return math.log(multiplier / 100) / (self.growth * speed)

    def multiplier_at(self, seconds: float, speed: float) -> int:
        """The multiplier shown ``seconds`` after take-off, floored to hundredths."""
        return math.floor(100 * math.exp(self.growth * speed * max(0.0, seconds)) + 1e-9)


GAMES: dict[str, Game] = {
    "aviator": Game("aviator", 0.0858, 5.0, 10_000, "en", "USD"),
    "aviatrix": Game("aviatrix", 0.0835, 4.5, 10_000, "sr", "RSD"),
    "jetx": Game("jetx", 0.08, 5.6, 100_000, "en", "USD"),
}
