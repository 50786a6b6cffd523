"""The law of crash games, and what is particular to each: return to player, growth, pauses.

U is uniform on (0, 1], R the return to player. The crash point shown is M = max(1, floor(100 R / U) / 100),
so that P(M >= x) = R/x at every cent x > 1.00. In flight the multiplier is m(t) = exp(g t), floored to cents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.errors import BadInput

#: Crash points at or below this many hundredths are summed one by one, the rest by its integral.
_SUMMED = 200_000


@dataclass(frozen=True, slots=True)
class Game:
    """One game. ``growth_per_s`` is g; times in seconds, of the practice casino at speed 1."""

    name: str
    title: str
    return_to_player: float
    growth_per_s: float
    betting_s: float
    crash_shown_s: float = 2.6
    dark_pause_s: float = 0.4

    @property
    def pause_s(self) -> float:
        """From the crash to the next flight."""
        return self.betting_s + self.crash_shown_s + self.dark_pause_s


GAMES: dict[str, Game] = {
    "aviator": Game("aviator", "Aviator", 0.97, 0.0858, 5.0),
    "aviatrix": Game("aviatrix", "Aviatrix", 0.97, 0.0835, 4.5),
    "jetx": Game("jetx", "JetX", 0.97, 0.08, 5.6),
}


def game(name: str) -> Game:
    """The game of this name. Raises ``BadInput`` for an unknown one."""
    try:
        return GAMES[name.strip().lower()]
    except KeyError:
        raise BadInput(f"no such game: {name!r} (known: {', '.join(GAMES)})") from None


def chance_at_least(multiplier: int, return_to_player: float) -> float:
    """P(M >= x) for x in hundredths: R/x above 1.00x, certain at and below it."""
    if multiplier <= 100:
        return 1.0
    return min(1.0, 100.0 * return_to_player / multiplier)


def chance_of_one(return_to_player: float) -> float:
    """P(M = 1.00) = 1 - R/1.01."""
    return 1.0 - chance_at_least(101, return_to_player)


def crash_point(uniform: float, return_to_player: float) -> int:
    """M in hundredths for a draw of U in (0, 1]."""
    if not 0.0 < uniform <= 1.0:
        raise ValueError(f"U must lie in (0, 1], not {uniform!r}")
    return max(100, math.floor(100.0 * return_to_player / uniform))


def multiplier_after(seconds: float, growth_per_s: float) -> int:
    """What is shown ``seconds`` after the start of a flight, in hundredths."""
    return max(100, math.floor(100.0 * math.exp(growth_per_s * seconds)))


def seconds_until(multiplier: int, growth_per_s: float) -> float:
    """Seconds of flight until this multiplier (hundredths) is reached: ln(m) / g."""
    if multiplier < 100:
        raise ValueError(f"a multiplier is at least 1.00x, not {multiplier} hundredths")
    return math.log(multiplier / 100.0) / growth_per_s


@lru_cache(maxsize=32)
def mean_log(return_to_player: float) -> float:
    """E[ln M], close to R: the sum over cents k > 100 of P(M >= k/100) (ln k - ln(k - 1))."""
    parts = [100.0 / k * math.log(k / (k - 1)) for k in range(101, _SUMMED + 1)]
    # Beyond, the terms are 100/k^2 to first order; their sum from K + 1 is 100/(K + 1/2).
    return return_to_player * (math.fsum(parts) + 100.0 / (_SUMMED + 0.5))


def mean_flight_s(of: Game) -> float:
    """Expected length of a flight, E[ln M] / g."""
    return mean_log(of.return_to_player) / of.growth_per_s


def expected_cycle_s(of: Game, speed: float = 1.0) -> float:
    """Expected time from one start of betting to the next, at a speed of the practice casino."""
    if speed <= 0:
        raise ValueError(f"the speed must be above 0, not {speed!r}")
    return (of.pause_s + mean_flight_s(of)) / speed


def rounds_per_hour(of: Game, speed: float = 1.0) -> float:
    """Expected rounds an hour."""
    return 3600.0 / expected_cycle_s(of, speed)
