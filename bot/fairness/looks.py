"""Counting while the data grow: fixed looks, and the error each may spend, computed exactly.

A count of n independent rounds with a known chance p is looked at after n_1 < n_2 < … rounds, n_j =
3,000 · 2^(j/4). How much of the error rate ``alpha`` may be gone by each look is fixed beforehand (Lan and
DeMets, 1983); the critical counts follow from the exact distribution of the binomial walk that has crossed
none of the earlier ones. So the chance that a lawful source is ever called out, however often somebody
looks, is at most ``alpha``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.special import gammaln

#: The look in the middle of the schedule; most of the error is spent around it.
CENTRE = 3_000
PER_DOUBLING = 4
_FIRST, _LAST = -5 * PER_DOUBLING, 20 * PER_DOUBLING
#: Probability below which the tails of a distribution are cut.
_TINY = 1e-18

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@lru_cache(maxsize=1)
def all_looks() -> Counts:
    """Every look of the schedule, from 94 rounds on."""
    steps = np.arange(_FIRST, _LAST + 1)
    return np.asarray(np.rint(CENTRE * 2.0 ** (steps / PER_DOUBLING)), dtype=np.int64)


def looks_up_to(n: int) -> Counts:
    """The looks that ``n`` rounds have reached."""
    return all_looks()[: int(np.searchsorted(all_looks(), n, side="right"))]


@lru_cache(maxsize=1)
def shares() -> Floats:
    """Which share of the error each look may spend; they sum to 1. Widest at 3,000 rounds, Cauchy-like."""
    steps = np.arange(_FIRST, _LAST + 1) / PER_DOUBLING
    weights = 1.0 / (1.0 + (2.0 * steps) ** 2)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Boundary:
    """At look i (``looks[i]`` rounds) a count ≤ ``critical[i]`` calls out; -1: no count does."""

    looks: Counts
    critical: Counts


@lru_cache(maxsize=512)
def boundary(chance: float, alpha: float, looks: int) -> Boundary:
    """Critical counts for "too few" of an event of this chance, at the first ``looks`` looks.

    "Too many" is too few of the complement. Raises ``ValueError`` for chances outside (0, 1).
    """
    if not 0.0 < chance < 1.0 or not 0.0 < alpha < 1.0:
        raise ValueError(f"chance and alpha lie in (0, 1), not {chance!r}, {alpha!r}")
    allowed = alpha * np.cumsum(shares())[:looks]
    critical = np.full(looks, -1, dtype=np.int64)
    walk, spent = _Walk(chance), 0.0
    for place, n in enumerate(all_looks()[:looks]):
        walk.go_to(int(n))
        mass = np.cumsum(walk.mass)
        below = int(np.searchsorted(mass, allowed[place] - spent, side="right"))
        if below > 0:
            critical[place] = walk.low + below - 1
            spent += float(mass[below - 1])
            walk.cut(below)
    return Boundary(all_looks()[:looks], critical)


def chance_of_a_call(edge: Boundary, chance: float) -> Floats:
    """The chance to have been called out by each look when the event's chance is really this one."""
    walk, called, by_then = _Walk(chance), 0.0, []
    for n, critical in zip(edge.looks.tolist(), edge.critical.tolist(), strict=True):
        walk.go_to(n)
        below = min(max(critical - walk.low + 1, 0), len(walk.mass))
        called += float(walk.mass[:below].sum())
        walk.cut(below)
        by_then.append(called)
    return np.asarray(by_then)


class _Walk:
    """The distribution of a count that has crossed no boundary yet: ``mass[i]`` for ``low + i``."""

    def __init__(self, chance: float) -> None:
        self.chance, self.n, self.low = chance, 0, 0
        self.mass: Floats = np.ones(1)

    def go_to(self, n: int) -> None:
        step = n - self.n
        mean, spread = step * self.chance, math.sqrt(step * self.chance * (1.0 - self.chance))
        first = max(math.floor(mean - 10.0 * spread - 20.0), 0)
        count = np.arange(first, min(math.ceil(mean + 10.0 * spread + 20.0), step) + 1)
        ways = gammaln(step + 1.0) - gammaln(count + 1.0) - gammaln(step - count + 1.0)
        added = np.exp(ways + count * math.log(self.chance) + (step - count) * math.log1p(-self.chance))
        self.mass = np.maximum(fftconvolve(self.mass, added), 0.0)
        self.low += first
        self.n = n
        self._trim()

    def cut(self, count: int) -> None:
        self.mass, self.low = self.mass[count:], self.low + count

    def _trim(self) -> None:
        kept = np.flatnonzero(self.mass > _TINY)
        if len(kept):
            self.mass = self.mass[kept[0] : kept[-1] + 1]
            self.low += int(kept[0])


@dataclass(frozen=True, slots=True)
class Call:
    """A count that was called out: at which look, how many there were, how many the law gives."""

    rounds: int
    count: int
    expected: float

    @property
    def deviations(self) -> float:
        """The distance in standard deviations of a binomial."""
        chance = self.expected / self.rounds
        return (self.count - self.expected) / math.sqrt(self.expected * (1.0 - chance))


def too_few(hits: NDArray[np.bool_], chance: float, alpha: float) -> Call | None:
    """The worst look at which the event was called too rare, or ``None``."""
    looks = looks_up_to(len(hits))
    if not len(looks):
        return None
    edge = boundary(chance, alpha, len(looks))
    counts = np.cumsum(hits, dtype=np.int64)[looks - 1]
    crossed = np.flatnonzero(counts <= edge.critical)
    if not len(crossed):
        return None
    calls = [Call(int(looks[i]), int(counts[i]), float(looks[i]) * chance) for i in crossed]
    return min(calls, key=lambda call: call.deviations)


def too_many(hits: NDArray[np.bool_], chance: float, alpha: float) -> Call | None:
    """The worst look at which the event was called too frequent, or ``None``."""
    call = too_few(~hits, 1.0 - chance, alpha)
    if call is None:
        return None
    return Call(call.rounds, call.rounds - call.count, call.rounds * chance)
