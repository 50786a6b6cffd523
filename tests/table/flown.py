"""A table's readings as they would be seen, computed from rounds: the input of the tracker's tests."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.domain.clock import NS_PER_S, Instant
from bot.domain.words import Box, FieldValue, PanelReading, Phase, Placement, Reading

GROWTH = 0.0858
BETTING_S, SHOWN_S, PAUSE_S, CHIP_DELAY_S = 5.0, 2.6, 0.4, 0.3
STRIP = 12
EARLIER = (151, 233, 104, 1790, 100, 312, 120, 120, 640, 187, 203, 111, 999, 145)
PLACEMENT = Placement(Box(0, 0, 640, 520), 1.0)


@dataclass(frozen=True)
class Flown:
    """One round: when its betting opens (seconds), and its crash point (hundredths)."""

    opens: float
    crash: int

    @property
    def flies(self) -> float:
        return self.opens + BETTING_S

    @property
    def crashes(self) -> float:
        return self.flies + math.log(self.crash / 100) / GROWTH

    @property
    def ends(self) -> float:
        return self.crashes + SHOWN_S + PAUSE_S


def fly(crashes: list[int]) -> list[Flown]:
    """Rounds one after the other, from second 0."""
    rounds: list[Flown] = []
    opens = 0.0
    for crash in crashes:
        rounds.append(Flown(opens, crash))
        opens = rounds[-1].ends
    return rounds


def draw(rng: random.Random, count: int) -> list[int]:
    """Crash points by the law (R = 0.97), below 60x so that a test stays short."""
    drawn = (max(100, math.floor(97 / (1 - rng.random()))) for _ in itertools.count())
    return list(itertools.islice((value for value in drawn if value < 6000), count))


def at(seconds: float) -> Instant:
    moment = round((100 + seconds) * NS_PER_S)
    return Instant(utc_ns=moment, mono_ns=moment)


def strip_at(rounds: list[Flown], seconds: float) -> tuple[int, ...]:
    shown = [r.crash for r in rounds if r.crashes + CHIP_DELAY_S <= seconds]
    return tuple([*reversed(shown), *EARLIER][:STRIP])


def reading_at(rounds: list[Flown], seconds: float, number: int, blind: bool = False) -> Reading:
    """What is read at a moment; nothing at all when blind."""
    phase, value = Phase.UNKNOWN, None
    for round_ in rounds:
        if round_.opens <= seconds < round_.flies:
            phase = Phase.BETTING
        elif round_.flies <= seconds < round_.crashes:
            phase = Phase.FLYING
            value = math.floor(100 * math.exp(GROWTH * (seconds - round_.flies)))
        elif round_.crashes <= seconds < round_.crashes + SHOWN_S:
            phase, value = Phase.CRASHED, round_.crash
    multiplier: FieldValue[int] = FieldValue(value, 1.0 if value else 0.0, str(value))
    nothing: FieldValue[int] = FieldValue.refused("not shown")
    return Reading(
        table="aviator",
        number=number,
        at=at(seconds),
        placement=None if blind else PLACEMENT,
        phase=Phase.UNKNOWN if blind else phase,
        phase_confidence=1.0,
        multiplier=nothing if blind else multiplier,
        balance=nothing,
        players=nothing,
        players_total=nothing,
        history=FieldValue.refused("blind") if blind else FieldValue(strip_at(rounds, seconds), 1.0),
        panels=(PanelReading(), PanelReading()),
        changed=at(seconds),
    )


def readings(
    rounds: list[Flown],
    start: float = 0.0,
    step: float = 0.05,
    blind: Callable[[float], bool] = lambda _seconds: False,
) -> Iterator[Reading]:
    """A reading every ``step`` seconds until a second after the last round."""
    count = int((rounds[-1].ends + 1.0 - start) / step)
    for number in range(count):
        seconds = start + number * step
        yield reading_at(rounds, seconds, number, blind(seconds))
