"""Equal neighbours: how often a round repeats the one before to the cent, against what the law gives.

A reader that takes a new number for the only sign of a new round has none; one that reads twice has too many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Which share of equal neighbours is missing, in the alternatives; and which share of rows is read again.
MISSING = (0.5, 0.9, 0.999)
REPEATED = (0.001, 0.003, 0.01, 0.05)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs looked at, equal ones seen and expected, and the largest ln wealth of either alternative."""

    pairs: int
    seen: int
    expected: float
    log_missing: float
    log_repeated: float


def chance_equal(before: NDArray[np.int64], rtp: float | None) -> Floats:
    """P(the next round is the same to the cent), for each crash point in hundredths.

    Without a known return: given that both are 1.01x or more, which does not depend on it.
    """
    v = before.astype(np.float64)
    scale = 101.0 if rtp is None else 100.0 * rtp
    same = scale * (1.0 / v - 1.0 / (v + 1.0))
    return same if rtp is None else np.where(before <= 100, 1.0 - rtp / 1.01, same)


def equal_neighbours(
    crashes: NDArray[np.int64], rtp: float | None, follows: NDArray[np.bool_] | None = None
) -> Neighbours:
    """Both tests. ``follows[i]``: row i + 1 is known to come directly after row i."""
    before, after = crashes[:-1], crashes[1:]
    kept = np.ones(len(before), dtype=bool) if follows is None else follows
    if rtp is None:
        kept = kept & (before > 100) & (after > 100)
    p = chance_equal(before[kept], rtp)
    same = before[kept] == after[kept]
    missing = [_wealth(same, p, (1.0 - d) * p / (1.0 - d * p)) for d in MISSING]
    repeated = [_wealth(same, p, p + r * (1.0 - p)) for r in REPEATED]
    return Neighbours(len(p), int(same.sum()), float(p.sum()), _most(missing), _most(repeated))


def _wealth(same: NDArray[np.bool_], p: Floats, claimed: Floats) -> Floats:
    return np.cumsum(np.where(same, np.log(claimed / p), np.log((1.0 - claimed) / (1.0 - p))))


def _most(paths: list[Floats]) -> float:
    """The largest value of the mixture of the paths along the way."""
    mixed = np.logaddexp.reduce(np.asarray(paths), axis=0) - np.log(len(paths))
    return float(max(mixed.max(initial=0.0), 0.0))
