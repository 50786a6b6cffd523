"""What a test page will show and when: rounds drawn from a seed by the law of the game, with some forced."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

US_PER_S = 1_000_000


class Growth(StrEnum):
    """How the number climbs: smoothly by e^(kt), or by steps of whole hundredths."""

    SMOOTH = "smooth"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a page plays. ``per_s`` is k of e^(kt); ``step_ms`` is how often the stepped number climbs."""

    growth: Growth = Growth.SMOOTH
    betting_s: float = 2.6
    crashed_s: float = 1.6
    per_s: float = 0.33
    step_ms: int = 40
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """One round: when each phase begins, in microseconds after the first round began, and its crash point."""

    number: int
    betting_us: int
    flying_us: int
    crashed_us: int
    over_us: int
    crash: int


def flight_us(crash: int, pace: Pace) -> int:
    """How long a flight to ``crash`` (hundredths) lasts. None at all at 1.00."""
    if crash <= 100:
        return 0
    if pace.growth is Growth.SMOOTH:
        return round(math.log(crash / 100) / pace.per_s * US_PER_S / pace.speed)
    value, steps = 100, 0
    while value < crash:
        value += -(-value // 100)
        steps += 1
    return round(steps * pace.step_ms * 1000 / pace.speed)


def draw_crash(numbers: random.Random) -> int:
    """P(crash >= m) = 0.97 / m, with more instant ends and high ones than the law has; at most 12x."""
    kind = numbers.random()
    if kind < 0.08:
        return 100
    if kind < 0.16:
        return numbers.randint(500, 1199)
    return min(1200, max(100, int(97 / (1 - numbers.random()))))


def plan_rounds(seed: int, count: int, pace: Pace) -> list[PlannedRound]:
    """``count`` rounds, one after the other without a pause between them."""
    numbers = random.Random(seed)
    rounds, at_us = [], 0
    for number in range(1, count + 1):
        crash = draw_crash(numbers)
        flying = at_us + round(pace.betting_s * US_PER_S / pace.speed)
        crashed = flying + flight_us(crash, pace)
        over = crashed + round(pace.crashed_s * US_PER_S / pace.speed)
        rounds.append(PlannedRound(number, at_us, flying, crashed, over, crash))
        at_us = over
    return rounds


def past_crashes(seed: int, count: int) -> list[int]:
    """The crash points on the strip before the first round, newest first."""
    numbers = random.Random(f"past {seed}")
    return [draw_crash(numbers) for _ in range(count)]


def as_json(rounds: list[PlannedRound], past: list[int], pace: Pace, begins_utc_us: int) -> dict[str, Any]:
    """The plan as the page gets it, with times in microseconds UTC."""
    return {
        "growth": pace.growth.value,
        "per_s": pace.per_s * pace.speed,
        "step_ms": pace.step_ms / pace.speed,
        "past": past,
        "rounds": [
            {
                "number": r.number,
                "betting": begins_utc_us + r.betting_us,
                "flying": begins_utc_us + r.flying_us,
                "crashed": begins_utc_us + r.crashed_us,
                "over": begins_utc_us + r.over_us,
                "crash": r.crash,
            }
            for r in rounds
        ],
    }
