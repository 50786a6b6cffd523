"""Bounds of how likely a session ever stakes or falls so much that a limit matters (Chernoff).

They tell an exact chain which limits it need not follow. For a tilt t, the matrix of the strategy's states
with entries P(s -> s') e^(t amount) to the power n holds E[e^(t amounts of n rounds)]; by Markov's
inequality P(amounts > a) is at most that times e^(-t a). Stops only make amounts smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: What may be left out of an exact answer.
LEFT_OUT = 1e-12
MOST_STATES = 130
_TILTS = 14


@dataclass(frozen=True, slots=True)
class Graph:
    """A strategy's states by number: stake, gain, next states; ``win``: chance to win a bet."""

    stake: NDArray[np.int64]
    gain: NDArray[np.int64]
    won: NDArray[np.int64]
    lost: NDArray[np.int64]
    win: float


def stakes_stay_within(graph: Graph, rounds: int, bound: int) -> bool:
    """Whether the stakes of so many rounds exceed ``bound`` with a chance of at most ``LEFT_OUT``."""
    largest = int(graph.stake.max())
    if largest * rounds <= bound:
        return True
    return _log_chance(graph, graph.stake, graph.stake, rounds, bound) < math.log(LEFT_OUT)


def falls_stay_within(graph: Graph, rounds: int, bound: int) -> bool:
    """Whether a balance falls (the next stake lost) by more than ``bound`` from a highest one, as rarely.

    The union over all stretches of the session: at most rounds² of them.
    """
    largest = int(graph.stake.max())
    if largest * (rounds + 1) <= bound:
        return True
    log_chance = _log_chance(graph, graph.stake, -graph.gain, rounds, bound - largest)
    return log_chance + 2 * math.log(rounds) < math.log(LEFT_OUT)


def _log_chance(
    graph: Graph, lost: NDArray[np.int64], won: NDArray[np.int64], rounds: int, bound: int
) -> float:
    """The least bound over some tilts of ln P(amounts of up to ``rounds`` rounds > ``bound``)."""
    if bound <= 0 or len(graph.stake) > MOST_STATES:
        return 0.0
    largest = float(np.abs(np.concatenate((lost, won))).max())
    best = 0.0
    for tilt in np.geomspace(1e-3, 4.0, _TILTS) / largest:
        best = min(best, _log_moment(graph, lost * tilt, won * tilt, rounds) - tilt * bound)
    return best


def _log_moment(graph: Graph, lost: NDArray[np.float64], won: NDArray[np.float64], rounds: int) -> float:
    """ln of the largest E[e^...] over starts and over numbers of rounds up to ``rounds``."""
    states = np.arange(len(graph.stake))
    tilted = np.zeros((len(states), len(states)))
    np.add.at(tilted, (states, graph.won), graph.win * np.exp(won))
    np.add.at(tilted, (states, graph.lost), (1.0 - graph.win) * np.exp(lost))
    # Never less than 1: fewer rounds are covered by staying where one is.
    tilted = np.maximum(tilted, np.eye(len(states)))
    log_scale, vector, power, log_power = 0.0, np.ones(len(states)), tilted, 0.0
    left = rounds
    while left:
        if left & 1:
            vector = power @ vector
            log_scale += log_power + np.log(vector.max())
            vector /= vector.max()
        power = power @ power
        top = power.max()
        power, log_power = power / top, 2 * log_power + np.log(top)
        left >>= 1
    return float(log_scale)
