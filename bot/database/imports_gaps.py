"""Holes in a recorded series: between which rounds at least one whole round must have been missed.

Where the house's numbers count every round, they tell. Otherwise the times do: the time from one round to
the next, less the flight, is the cycle at 1.00x; when it lasts twice as long, a whole round fits in. The
growth of the flight, whether the times are starts or ends of rounds, and the cycle are found for each file by
itself: those that make the cycles most alike. A pause of over five minutes ends the watching.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Longer pauses are not watched time.
PAUSE_US = 300_000_000
#: No number and no time, in the arrays.
NOTHING = -1
#: From this share of steps by one on, the house's numbers count every round.
COUNTING = 0.9
#: With fewer pairs of rounds nothing is estimated.
FEWEST = 20
#: Times are those of the ends only when that makes the cycles so much more alike.
CLEARLY = 0.8
#: Pairs that the estimate looks at.
_SAMPLE = 20_000
#: Seconds in which the multiplier grows e-fold, tried one after the other: growth of 0.04 to 1 a second.
_E_FOLDS = np.arange(1.0, 25.25, 0.25)
_US = 1e6


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a file says about its table: seconds from round to round at 1.00x, seconds of growth e-fold,
    whether its times are those of the starts, and how much the cycles differ (quartile distance)."""

    base_s: float
    e_fold_s: float
    starts: bool
    spread_s: float

    def rest_s(self, times_us: Integers, hundredths: Integers) -> Floats:
        """From each round to the next, less the flight in between."""
        logs = np.log(hundredths / 100.0)
        return np.diff(times_us) / _US - self.e_fold_s * (logs[:-1] if self.starts else logs[1:])


@dataclass(frozen=True, slots=True)
class Hole:
    """Rounds missed before the round at ``place``; ``rounds`` is empty when their number is not known."""

    place: int
    rounds: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Holes in the order of the rounds, and the intervals watched (microseconds since 1970)."""

    holes: list[Hole]
    watched: list[tuple[int, int]]
    cycle: Cycle | None


def find_holes(times_us: Integers, hundredths: Integers, numbers: Integers) -> Findings:
    """Look at all rounds of a file in their order. ``NOTHING`` stands for an unknown time or number."""
    known = times_us != NOTHING
    cycle = estimate(times_us[known], hundredths[known])
    by_number = _by_number(numbers)
    holes = {hole.place: hole for hole in by_number or []}
    if by_number is None:
        holes = {hole.place: hole for hole in _by_time(times_us, hundredths, cycle)}
    pauses = _pauses(times_us)
    for place in pauses:
        counted = holes.get(place)
        if counted is not None and by_number is not None:
            continue
        rounds = None if by_number is None else 0
        holes[place] = Hole(place, rounds, "a pause of more than five minutes")
    return Findings([holes[place] for place in sorted(holes)], _watched(times_us, pauses), cycle)


def estimate(times_us: Integers, hundredths: Integers) -> Cycle | None:
    """The cycle of a table; ``None`` with fewer than twenty usable pairs of rounds."""
    steps = np.diff(times_us)
    usable = np.flatnonzero((steps > 0) & (steps < PAUSE_US))
    if len(usable) < FEWEST:
        return None
    usable = usable[:: max(1, len(usable) // _SAMPLE)]
    seconds, logs = steps[usable] / _US, np.log(hundredths / 100.0)
    of_starts, of_ends = (
        _most_alike(seconds, logs[usable] if starts else logs[usable + 1], starts) for starts in (True, False)
    )
    # The usual reading, unless the other one is clearly better.
    best = of_ends if of_ends.spread_s < CLEARLY * of_starts.spread_s else of_starts
    return best if best.base_s > 0 else None


def _most_alike(seconds: Floats, flown: Floats, starts: bool) -> Cycle:
    """The growth that makes the rests of the seconds most alike."""
    found = []
    for e_fold in _E_FOLDS:
        low, base, high = np.percentile(seconds - e_fold * flown, (25, 50, 75))
        found.append(Cycle(float(base), float(e_fold), starts, float(high - low)))
    return min(found, key=lambda each: each.spread_s)


def _by_number(numbers: Integers) -> list[Hole] | None:
    """Holes in the house's numbers; ``None`` when they do not count every round."""
    if len(numbers) < 2 or (numbers == NOTHING).any():
        return None
    steps = np.diff(numbers)
    if np.mean(steps == 1) < COUNTING:
        return None
    places = np.flatnonzero(steps != 1)
    return [
        Hole(
            int(place) + 1,
            int(steps[place]) - 1 if steps[place] > 1 else None,
            "missing numbers of the house",
        )
        for place in places
    ]


def _by_time(times_us: Integers, hundredths: Integers, cycle: Cycle | None) -> list[Hole]:
    if cycle is None:
        return []
    both = (times_us[:-1] != NOTHING) & (times_us[1:] != NOTHING)
    rest = cycle.rest_s(times_us, hundredths)
    whole_s = cycle.base_s + cycle.e_fold_s * float(np.mean(np.log(hundredths / 100.0)))
    places = np.flatnonzero(both & (rest >= 2 * cycle.base_s))
    return [
        Hole(
            int(place) + 1,
            max(1, round(float(rest[place] - cycle.base_s) / whole_s)),
            "time for a whole round in between",
        )
        for place in places
    ]


def _pauses(times_us: Integers) -> list[int]:
    """Rounds that come more than five minutes after the one before them."""
    both = (times_us[:-1] != NOTHING) & (times_us[1:] != NOTHING)
    return [int(place) + 1 for place in np.flatnonzero(both & (np.abs(np.diff(times_us)) > PAUSE_US))]


def _watched(times_us: Integers, pauses: list[int]) -> list[tuple[int, int]]:
    """From the first to the last time of each stretch without a pause; without those of one moment."""
    intervals = []
    for stretch in np.split(times_us, pauses):
        known = stretch[stretch != NOTHING]
        if len(known) and known.min() < known.max():
            intervals.append((int(known.min()), int(known.max())))
    return intervals


def as_array(values: list[Any]) -> Integers:
    """Integers of which some are unknown."""
    return np.array([NOTHING if value is None else value for value in values], dtype=np.int64)
