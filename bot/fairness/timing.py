"""Do the times of recorded rounds fit the flights? Fit, gaps that hide rounds, rows that come too soon.

From one stamp to the next pass a pause and a flight: c + ln(m)/g, where m is the round that ends (stamps at
the crash) or the one before (stamps at the start).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from bot.fairness.recordings import NO_TIME

Floats = NDArray[np.float64]
#: A gap longer than this is a pause of the recorder that everybody sees; nothing is concluded from it.
PAUSE_S = 300.0
#: The shortest cycle of any known game is 8 s (Aviatrix); two thirds of it leave room for coarse stamps.
SHORTEST_CYCLE_S = 5.0
#: Seconds that a row may come early: stamps in whole seconds, and a reader's delay.
LEEWAY_S = 2.0
#: No known game grows faster than 0.134 a second (7.5 s an e-fold); three times that is no flight at all.
LEAST_SECONDS_AN_EFOLD = 2.5
_PAIRS = 100_000
_LEAST = 60


@dataclass(frozen=True, slots=True)
class Timing:
    """Counts over ``gaps`` pairs of neighbouring rows with times. Shares are of them.

    ``efold_s``: seconds a flight takes for a factor e (1/g), fitted; ``cycle_s``: pause and a 1.00x flight;
    ``starts``: stamps are starts rather than crashes; ``correlation``: Spearman's, of gap and flight.
    """

    gaps: int
    correlation: float
    efold_s: float
    cycle_s: float
    starts: bool
    backwards: int
    same: int
    soon: int
    early: int
    hiding: int
    hidden: int
    pauses: int

    def share(self, count: int) -> float:
        return count / self.gaps if self.gaps else 0.0


def timing_of(
    crashes: NDArray[np.int64], times_us: NDArray[np.int64], follows: NDArray[np.bool_] | None
) -> Timing | None:
    """The fit and the counts; ``None`` with fewer than 60 gaps."""
    known = (times_us[1:] != NO_TIME) & (times_us[:-1] != NO_TIME)
    if follows is not None:
        known &= follows
    if int(known.sum()) < _LEAST:
        return None
    gap = np.diff(times_us)[known] / 1e6
    flights = np.log(crashes / 100.0)
    ends, starts = flights[1:][known], flights[:-1][known]
    usual = (gap > 0) & (gap < PAUSE_S)
    if int(usual.sum()) < _LEAST:
        return None
    by_start = _correlation(gap[usual], starts[usual]) > _correlation(gap[usual], ends[usual])
    flight = starts if by_start else ends
    efold = _slope(gap[usual], flight[usual])
    cycle = float(np.median(gap[usual] - efold * flight[usual]))
    beside = gap - efold * flight
    hiding = (
        (beside >= 2.0 * cycle - LEEWAY_S) & (gap < PAUSE_S)
        if cycle > LEEWAY_S
        else np.zeros(len(gap), dtype=bool)
    )
    # What a hidden round takes on average: the cycle, and a flight with E[ln M] close to 1.
    hidden = np.floor((beside[hiding] - cycle + LEEWAY_S) / (cycle + efold)).clip(min=1)
    return Timing(
        gaps=len(gap),
        correlation=_correlation(gap[usual], flight[usual]),
        efold_s=efold,
        cycle_s=cycle,
        starts=bool(by_start),
        backwards=int((gap < 0).sum()),
        same=int((gap == 0).sum()),
        soon=int((gap < SHORTEST_CYCLE_S).sum()),
        early=int((gap < cycle + efold * flight - LEEWAY_S - 0.15 * cycle).sum()),
        hiding=int(hiding.sum()),
        hidden=int(hidden.sum()),
        pauses=int((gap >= PAUSE_S).sum()),
    )


def too_fast(
    crashes: NDArray[np.int64],
    times_us: NDArray[np.int64],
    growth_per_s: float,
    follows: NDArray[np.bool_] | None = None,
) -> int:
    """Rows whose flight alone, at this growth, takes longer than the gap, whichever way stamps are meant."""
    known = (times_us[1:] != NO_TIME) & (times_us[:-1] != NO_TIME)
    if follows is not None:
        known &= follows
    gap = np.diff(times_us)[known] / 1e6
    flight = np.log(crashes / 100.0) / growth_per_s
    return int(min((gap + LEEWAY_S < way[known]).sum() for way in (flight[1:], flight[:-1])))


def _correlation(gap: Floats, flight: Floats) -> float:
    if len(np.unique(gap)) < 2 or len(np.unique(flight)) < 2:
        return 0.0
    return float(spearmanr(gap, flight).statistic)


def _slope(gap: Floats, flight: Floats) -> float:
    """Theil and Sen's slope over pairs of rows, drawn with a fixed seed."""
    draw = np.random.default_rng(0)
    one, two = draw.integers(0, len(gap), (2, _PAIRS))
    apart = np.abs(flight[one] - flight[two]) > 0.5
    if not apart.any():
        return 0.0
    return float(np.median((gap[one] - gap[two])[apart] / (flight[one] - flight[two])[apart]))
