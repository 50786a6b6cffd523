"""Exact distributions of a session: the absorbing Markov chain of (strategy's state, balance), step by step.

A strategy that stakes by its state alone (all that ship but compound and Kelly) is walked once as a graph
of states; the chain then holds, after each round, the probability of every state and balance as sorted
arrays. For compound the step function is asked for each balance. Without a horizon the expected visits of
all states solve one sparse linear system. What grows too large raises :class:`TooLarge`: simulate it.

Probabilities below ``NEGLIGIBLE`` are dropped; what they add up to is in ``Outcome.dropped``.
"""

from __future__ import annotations

from typing import Any

from bot.simulation.chain import BY_BALANCE, BY_STATE, Chain
from bot.simulation.outcome import Case, Outcome, TooLarge


def solve(case: Case) -> Outcome:
    """How sessions end. Raises ``TooLarge``, and ``BadInput`` for an impossible start."""
    if not solvable(case.strategy):
        raise TooLarge
    chain = Chain(case)
    return chain.absorbed() if case.horizon is None else chain.evolved(case.horizon)


def solvable(strategy: Any) -> bool:
    """Whether this is a strategy whose chain is known to be one of state and balance."""
    return strategy.name in BY_STATE | BY_BALANCE and hasattr(strategy, "functions")


# -- runs of losses -------------------------------------------------------------------------------------


def run_chance(losing: float, length: int, rounds: int) -> float:
    """Chance that ``rounds`` hold a run of ``length`` losses somewhere; ``losing`` is that of one.

    P(n) = P(n - 1) + (1 - P(n - length - 1)) (1 - q) q^length: the run first ends at round n.
    """
    if length <= 0:
        return 1.0
    if rounds < length:
        return 0.0
    whole = losing**length
    chances = [0.0] * length + [whole]
    for n in range(length + 1, rounds + 1):
        chances.append(chances[-1] + (1.0 - chances[n - length - 1]) * (1.0 - losing) * whole)
    return min(1.0, chances[rounds])


def mean_rounds_to_run(losing: float, length: int) -> float:
    """Expected rounds until ``length`` losses in a row: (q^-k - 1) / p."""
    return float((losing**-length - 1.0) / (1.0 - losing))


def ceiling(bankroll_minor: int, goal_minor: int, rtp: float, floor_minor: int = 0) -> float:
    """Chance of the goal that no strategy exceeds: V(z) = 1 - (1 - z)^R at z = what may be lost / goal."""
    z = (bankroll_minor - floor_minor) / (goal_minor - floor_minor)
    return float(1.0 - (1.0 - z) ** rtp)


__all__ = [
    "Case",
    "Outcome",
    "TooLarge",
    "ceiling",
    "mean_rounds_to_run",
    "run_chance",
    "solvable",
    "solve",
]
