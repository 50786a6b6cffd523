"""Every k-th short round is missing: a bettor's wealth against "every round was drawn freely".

A reader whose polls fall out of step with the rounds loses short ones at regular places, and the distances
between those that it kept tell, whatever the return is. The alternative is a hidden chain: of the rounds
below a threshold every k-th is not there, and nobody knows with which one that began. The wealth is the
likelihood of the alternatives, mixed, over the largest that any lawful return gives (universal inference:
Wasserman, Ramdas and Balakrishnan, 2020), so that P(sup E >= 1/alpha) <= alpha for every return.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
#: Thresholds in hundredths with their weights: 1.05x lasts half a second, 1.20x two.
THRESHOLDS = ((105, 0.75), (120, 0.25))
PERIODS = (2, 3, 4, 5)
#: Returns over which the alternatives are mixed when R is not known, and those that a lawful game may have.
RETURNS = tuple(0.95 + 0.005 * step for step in range(9))
LAWFUL = (0.90, 0.999)
#: Later rounds are not looked at: a loss that matters shows long before.
MOST_ROUNDS = 200_000


@dataclass(frozen=True, slots=True)
class RegularLoss:
    """The largest wealth, after how many rounds, and what it says is lost."""

    log_wealth: float
    rounds: int
    threshold: int
    period: int


def regular_loss(crashes: NDArray[np.int64], rtp: float | None) -> RegularLoss | None:
    """The largest wealth along the way; ``None`` where there are no short rounds to measure between.

    ``crashes``: hundredths; ``rtp``: R if it is known.
    """
    crashes = crashes[:MOST_ROUNDS]
    ways = [(t, *way) for t, _ in THRESHOLDS if (way := _one_threshold(crashes, t, rtp)) is not None]
    if not ways:
        return None
    # Wealth is known only where a short round ends a distance: between two of them it is carried on.
    places = np.unique(np.concatenate([at for _, at, _ in ways]))
    weights = dict(THRESHOLDS)
    total = np.full(len(places), -np.inf)
    for threshold, at, wealth in ways:
        last = np.searchsorted(at, places, side="right") - 1
        mixed = logsumexp(wealth, axis=1) - np.log(len(PERIODS))
        carried = np.where(last >= 0, mixed[np.maximum(last, 0)], 0.0)
        total = np.logaddexp(total, np.log(weights[threshold]) + carried)
    best = int(total.argmax())
    reached = [(wealth[at <= places[best]][-1:], threshold) for threshold, at, wealth in ways]
    period, threshold = max(
        ((row.max(), PERIODS[int(row.argmax())], threshold) for rows, threshold in reached for row in rows),
    )[1:]
    return RegularLoss(float(total[best]), int(places[best]), threshold, period)


def _one_threshold(
    crashes: NDArray[np.int64], threshold: int, rtp: float | None
) -> tuple[NDArray[np.int64], Floats] | None:
    """Numbers of rounds, and ln of the wealth there, one column a period."""
    short = np.flatnonzero(crashes < threshold)
    if not len(short):
        return None
    returns = np.asarray(RETURNS if rtp is None else (rtp,))
    ones = np.cumsum(crashes[short] <= 100).astype(np.float64)
    rounds = (short + 1).astype(np.float64)
    low = np.arange(1, len(short) + 1, dtype=np.float64)
    # Of the short ones: how many are exactly 1.00x, which follows from R too.
    chance = 1.0 - 100.0 * returns / threshold
    of_one = (1.0 - returns / 1.01) / chance
    split = np.outer(ones, np.log(of_one)) + np.outer(low - ones, np.log1p(-of_one))
    likelihood = _likelihood(np.diff(short, prepend=-1) - 1, chance) + split[:, :, None]
    mixed = logsumexp(likelihood, axis=1) - np.log(len(returns))
    return short + 1, mixed - _lawful(ones, low, rounds, threshold, rtp)[:, None]


def _lawful(ones: Floats, low: Floats, rounds: Floats, threshold: int, rtp: float | None) -> Floats:
    """ln of the largest likelihood of 1.00x, other short and long rounds under the law."""
    free = np.clip(1.01 * (1.0 - ones / rounds), *LAWFUL)
    returns = free if rtp is None else np.full_like(rounds, rtp)
    parts = (1.0 - returns / 1.01, returns / 1.01 - 100.0 * returns / threshold, 100.0 * returns / threshold)
    counts = (ones, low - ones, rounds - low)
    return np.asarray(sum(count * np.log(part) for count, part in zip(counts, parts, strict=True)))


def _likelihood(distances: NDArray[np.int64], chance: Floats) -> Floats:
    """ln of the chain's likelihood after each short round: (short rounds, returns, periods).

    State s: so many short ones were kept since the last loss; in state k - 1 the next one is lost. Over h
    long rounds the state stays, or the loss falls between two of them (h ways) and leads to state 0.
    """
    periods, most = np.asarray(PERIODS), max(PERIODS)
    every = np.arange(len(PERIODS))
    state = np.where(np.arange(most) < periods[:, None], 1.0 / periods[:, None], 0.0)
    state = np.repeat(state[None], len(chance), axis=0)
    p = chance[:, None]
    found = np.empty((len(distances), len(chance), len(PERIODS)))
    total = np.zeros((len(chance), len(PERIODS)))
    for place, long in enumerate(distances.tolist()):
        due = state[:, every, periods - 1]
        state[:, :, 0] += due * (long * p)
        state[:, every, periods - 1] = 0.0
        after = np.zeros_like(state)
        after[:, :, 1:] = state[:, :, :-1] * p[:, :, None]
        after[:, :, 1] += due * p * p
        size = after.sum(axis=2)
        total = total + long * np.log1p(-p) + np.log(size)
        state = after / size[:, :, None]
        found[place] = total
    return found
