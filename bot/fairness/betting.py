"""Tests that may be watched all the time: the edge test and the confidence sequence of the house edge.

Both are wealth of a bettor against a claim, who can't win in expectation while the claim is true: a test
martingale E with P(sup E >= 1/alpha) <= alpha (Ville), however long one watches and whenever one stops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

Floats = NDArray[np.float64]
#: Shares of the wealth that the eight bettors of the edge test stake on each round: each twice the one
#: before.
BET_SIZES: tuple[float, ...] = tuple(0.005 * 2.0**place for place in range(8))
#: The mixture of the confidence sequence: Beta(1, 24) for P(M = 1.00), with the mean 4 %.
_PRIOR = (1.0, 24.0)
_STEPS = 60


def log_growth(hits: ArrayLike, chance: float, forecast: ArrayLike) -> Floats:
    """ln of each round's factor (q/p0)^y ((1 - q)/(1 - p0))^(1 - y); its sum is the gain in log loss, in
    nats.

    ``hits``: y, 0 or 1; ``chance``: p0; ``forecast``: q in (0, 1), fixed before betting closes.
    """
    y, q = np.asarray(hits, dtype=bool), np.asarray(forecast, dtype=np.float64)
    if not 0.0 < chance < 1.0 or np.any(~((q > 0.0) & (q < 1.0))):
        raise ValueError("chances lie strictly between 0 and 1")
    return np.where(y, np.log(q / chance), np.log((1.0 - q) / (1.0 - chance)))


def edge_test(hits: ArrayLike, chance: float, sizes: Sequence[float] = BET_SIZES) -> Floats:
    """ln E after each round of the test that ``hits`` come more often than ``chance``, mixed over bet sizes.

    A bettor of size f forecasts q = p0 + f (1 - p0). ``hits`` may have leading axes (one row a series); time
    is the last one. E >= 1/alpha at any time rejects "no edge" with an error of at most alpha.
    """
    y = np.asarray(hits, dtype=bool)
    mixed = np.full(y.shape, -np.inf)
    for size in sizes:
        wealth = np.cumsum(log_growth(y, chance, chance + size * (1.0 - chance)), axis=-1)
        np.logaddexp(mixed, wealth, out=mixed)
    return mixed - math.log(len(sizes))


def first_crossing(log_wealth: Floats, threshold: float) -> NDArray[np.int64]:
    """After how many rounds E reached ``threshold``; 0 where it never did. Time is the last axis."""
    reached = log_wealth >= math.log(threshold)
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1) + 1, 0).astype(np.int64)


@dataclass(frozen=True, slots=True)
class HouseEdge:
    """R after ``rounds`` rounds: estimate and bounds of a confidence sequence; arrays of the same length."""

    rounds: NDArray[np.int64]
    estimate: Floats
    low: Floats
    high: Floats


def house_edge_sequence(
    crashes: ArrayLike, alpha: float = 0.05, at: Sequence[int] | None = None
) -> HouseEdge:
    """R-hat = 1.01 (1 - n_1.00/n) with bounds that hold for all n at once, with probability 1 - ``alpha``.

    ``crashes``: crash points in hundredths, in their order. ``at``: after which numbers of rounds (200 of
    them, evenly on a log scale, and the last, by default). The edge is 1 - R. It leans on the law's shape:
    look at the audit's verdict first.
    """
    ones = np.cumsum(np.asarray(crashes) <= 100, dtype=np.int64)
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha lies between 0 and 1, not {alpha!r}")
    if not len(ones):
        raise ValueError("no rounds")
    if at is None:
        at = np.unique(np.rint(np.geomspace(1, len(ones), 200)).astype(np.int64)).tolist()
    n = np.asarray(at, dtype=np.int64)
    k = ones[n - 1].astype(np.float64)
    low, high = _bounds(k, n.astype(np.float64), math.log(1.0 / alpha))
    return HouseEdge(n, 1.01 * (1.0 - k / n), 1.01 * (1.0 - high), 1.01 * (1.0 - low))


def _bounds(k: Floats, n: Floats, limit: float) -> tuple[Floats, Floats]:
    """Chances p at which the mixture's wealth against p equals the limit, below and above k/n."""
    mixed = betaln(k + _PRIOR[0], n - k + _PRIOR[1]) - betaln(*_PRIOR)
    middle = k / n

    def accepted(p: Floats) -> NDArray[np.bool_]:
        with np.errstate(divide="ignore", invalid="ignore"):
            ones = np.where(k > 0, k * np.log(p), 0.0)
            rest = np.where(n - k > 0, (n - k) * np.log1p(-p), 0.0)
        return np.asarray(mixed - ones - rest < limit)

    found = []
    for edge in (0.0, 1.0):
        inside, outside = middle.copy(), np.full_like(middle, edge)
        for _ in range(_STEPS):
            half = (inside + outside) / 2.0
            good = accepted(half)
            inside, outside = np.where(good, half, inside), np.where(good, outside, half)
        found.append(np.where(accepted(np.full_like(middle, edge)), edge, outside))
    return found[0], found[1]
