"""One table's running figures in a session: counts, turnover, result, and how far luck may carry it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.bets import Bet, BetState


@dataclass(slots=True)
class TableMoney:
    """Money in minor units. ``variance_minor2`` is the variance of the result, in minor units squared.

    The variance of a bet is R (x - R) times its stake squared, for a cash-out at x (facts: maths.md).
    """

    placed: int = 0
    won: int = 0
    lost: int = 0
    missed: int = 0
    refused: int = 0
    denied: int = 0
    turnover_minor: int = 0
    result_minor: int = 0
    variance_minor2: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)

    def placed_one(self, bet: Bet, rtp: float) -> None:
        """A bet's stake has left the balance."""
        target = bet.target / 100
        self.placed += 1
        self.turnover_minor += bet.stake_minor
        self.variance_minor2 += bet.stake_minor**2 * rtp * (target - rtp)

    def voided_one(self, bet: Bet, rtp: float) -> None:
        """A bet that was placed on paper did not count: its stake is back."""
        target = bet.target / 100
        self.placed -= 1
        self.turnover_minor -= bet.stake_minor
        self.variance_minor2 -= bet.stake_minor**2 * rtp * (target - rtp)

    def closed_one(self, bet: Bet) -> None:
        """A bet has come to its end."""
        self.result_minor += bet.profit_minor or 0
        if bet.state is BetState.WON:
            self.won += 1
        elif bet.state is BetState.LOST:
            self.lost += 1
        elif bet.state is BetState.REFUSED:
            self.refused += 1
        else:
            self.missed += 1
        if bet.state in (BetState.REFUSED, BetState.MISSED):
            self._because(bet.reason)

    def denied_one(self, limit_name: str) -> None:
        """No bet was made in a round."""
        self.denied += 1
        self._because(limit_name)

    def _because(self, reason: str) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
