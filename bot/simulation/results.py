"""What simulated sessions came to, one entry a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.simulation.bounds import STOP_NUMBERS, STOPS

Amounts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """Sessions ``first_session`` … of one strategy. Money in minor units, one entry a session.

    ``final``, ``lowest``, ``highest``: balances. ``drawdown``: largest fall from a highest balance before it.
    ``bets``: rounds with a stake. ``rounds``: rounds until its last bet, or all when it would go on (for a
    strategy that bets each round, the round in which it stopped). ``longest_losing_run``: lost bets in a
    row. ``stop``: why it stakes no more, a number into ``STOPS`` (0: all rounds played).

    ``how``: ``lanes``; or ``plain loop: reason``; or ``python: reason`` when the steps can't be compiled.
    """

    strategy: str
    bankroll: int
    goal: int | None
    rounds_asked: int
    seed: int
    first_session: int
    rtp: str
    how: str
    final: Amounts
    lowest: Amounts
    highest: Amounts
    drawdown: Amounts
    turnover: Amounts
    bets: Amounts
    rounds: Amounts
    longest_losing_run: Amounts
    stop: NDArray[np.int8]

    @property
    def sessions(self) -> int:
        """How many."""
        return len(self.final)

    @property
    def profit(self) -> Amounts:
        """Final balance less bankroll."""
        return self.final - self.bankroll

    def stopped(self, *names: str) -> NDArray[np.bool_]:
        """Which sessions stopped for one of these reasons, as in ``STOPS``."""
        return np.isin(self.stop, [STOP_NUMBERS[name] for name in names])

    @property
    def ruined(self) -> NDArray[np.bool_]:
        """Which sessions could not pay the next stake from the balance."""
        return self.stopped("ruined")

    @property
    def reached_goal(self) -> NDArray[np.bool_]:
        """Which sessions reached the goal."""
        return self.stopped("goal")

    @property
    def limited(self) -> NDArray[np.bool_]:
        """Which sessions a limit stopped."""
        return self.stop >= STOP_NUMBERS["stake"]

    def ran_out(self, losses: int) -> NDArray[np.bool_]:
        """Which sessions had so many lost bets in a row: a lost cycle of martingale."""
        return self.longest_losing_run >= losses

    def stop_shares(self) -> dict[str, float]:
        """Share of the sessions by why they ended; only reasons that occurred."""
        counts = np.bincount(self.stop, minlength=len(STOPS))
        return {name: float(counts[n]) / self.sessions for n, name in enumerate(STOPS) if counts[n]}

    def quantiles(self, figure: str, levels: Sequence[float]) -> list[int]:
        """Sessions at or below these shares, by an exact order statistic (no interpolation)."""
        values: Amounts = getattr(self, figure)
        places = [min(len(values) - 1, max(0, int(np.ceil(level * len(values))) - 1)) for level in levels]
        ordered = np.partition(values, sorted(set(places)))
        return [int(ordered[place]) for place in places]
