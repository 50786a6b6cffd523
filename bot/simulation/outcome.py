"""What is solved exactly, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.limits import Limits

Numbers = NDArray[np.int64]
Chances = NDArray[np.float64]


class TooLarge(Exception):
    """The chain is too large for an exact answer in good time."""


@dataclass(frozen=True, slots=True)
class Case:
    """A session to be solved. ``horizon``: rounds, or ``None`` for until it ends by itself.

    ``strategy`` is freshly built; ``law`` is that of ``bot.simulation.draws.law_number``.
    """

    strategy: Any
    bankroll_minor: int
    limits: Limits
    horizon: int | None
    law: int
    goal_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sessions end: balances in minor units, ascending, with their probabilities.

    ``stops``: probability of each reason of ``bounds.STOPS`` ("" is all rounds played). ``turnover_minor``
    and ``rounds`` are expected values: what is staked, and rounds with a stake. ``dropped``: probability that
    was too small to follow.
    """

    balances: Numbers
    chances: Chances
    stops: dict[str, float]
    turnover_minor: float
    rounds: float
    dropped: float = 0.0

    @property
    def mean_minor(self) -> float:
        """Expected final balance."""
        return float(self.balances @ self.chances / self.chances.sum())

    def quantile(self, level: float) -> int:
        """The least balance that at least ``level`` of the sessions do not exceed."""
        reached = np.cumsum(self.chances) / self.chances.sum()
        place = int(np.searchsorted(reached, level - 1e-12))
        return int(self.balances[min(place, len(reached) - 1)])

    def chance_above(self, balance_minor: int) -> float:
        """Probability that a session ends with more than this."""
        return float(self.chances[self.balances > balance_minor].sum())
