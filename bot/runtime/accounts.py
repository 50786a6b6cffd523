"""One account's money as the screen shows it, against what the record expects.

An account is reconciled when the balance seen equals the balance that follows from the record, give or
take movements so fresh that the page may not have shown them yet. A bet whose placement is unknown is
settled here: by the balance, beside what the table saw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from bot.domain.amounts import payout
from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S

#: A page may show a movement this much later than it was noticed (or earlier: both are explained).
TRANSIT_S = 2.5
#: A balance display that lags is given this long before "the stake was not taken" is believed.
LAG_BOUND_S = 10.0
#: With more movements in doubt than this nothing is concluded: a person settles it.
MAX_DOUBTS = 6


@dataclass(slots=True)
class _Transit:
    """A movement that the display may or may not show yet."""

    amount_minor: int
    until_mono_ns: int


@dataclass(slots=True)
class Account:
    """The wallet at one bookmaker. Amounts in minor units of ``currency``; ``None`` while unknown."""

    name: str
    currency: str
    expected_minor: int | None = None
    seen_minor: int | None = None
    seen_since_mono_ns: int = 0
    seen_at_mono_ns: int = 0
    moved_mono_ns: int = 0
    _transits: list[_Transit] = field(default_factory=list)

    def see(self, amount_minor: int, mono_ns: int) -> None:
        """The screen shows this balance now."""
        if amount_minor != self.seen_minor:
            self.seen_since_mono_ns = mono_ns
        self.seen_minor = amount_minor
        self.seen_at_mono_ns = mono_ns

    def move(self, amount_minor: int, mono_ns: int) -> None:
        """A stake left (negative) or a payout came (positive): the display follows within moments."""
        if self.expected_minor is None or amount_minor == 0:
            return
        self.expected_minor += amount_minor
        self.moved_mono_ns = mono_ns
        self._transits.append(_Transit(amount_minor, mono_ns + round(TRANSIT_S * NS_PER_S)))

    def accept(self, amount_minor: int) -> None:
        """Take a balance as the truth: at the start of a session, or because a person said so."""
        self.expected_minor = amount_minor
        self._transits.clear()

    def settled_exactly(self) -> bool:
        """The display shows all that the record knows."""
        return self.expected_minor is not None and self.seen_minor == self.expected_minor

    def moving(self, mono_ns: int) -> bool:
        """Whether a movement is so fresh that the display may not show it yet."""
        return any(transit.until_mono_ns > mono_ns for transit in self._transits)

    def reconciled(self, mono_ns: int) -> bool:
        """The balance seen follows from the record, if need be without its freshest movements."""
        if self.expected_minor is None or self.seen_minor is None:
            return False
        if self.settled_exactly():
            return True
        fresh = [t.amount_minor for t in self._transits if t.until_mono_ns > mono_ns][-MAX_DOUBTS:]
        self._transits = [t for t in self._transits if t.until_mono_ns > mono_ns]
        sums = {0}
        for amount in fresh:
            sums |= {total + amount for total in sums}
        return any(self.expected_minor - total == self.seen_minor for total in sums)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A bet whose placement or end is unknown. ``over``: its round has ended. ``booked``: stake counted."""

    bet: Bet
    crash: int | None
    over: bool = False
    booked: bool = False

    def movements(self) -> dict[str, int]:
        """What the account would show for each possible truth, relative to what is booked."""
        stake = self.bet.stake_minor
        paid = payout(stake, self.bet.target)
        if self.crash is not None:
            outcomes = {"won": paid - stake} if self.crash >= self.bet.target else {"lost": -stake}
        elif self.over:
            outcomes = {"won": paid - stake, "lost": -stake}
        else:
            outcomes = {"placed": -stake}
        if self.booked:
            return {outcome: amount + stake for outcome, amount in outcomes.items()}
        return {"refused": 0} | outcomes


def explain(expected_minor: int, seen_minor: int, doubts: list[Doubt]) -> dict[str, str] | None:
    """The one truth about every doubted bet that makes the balance come out, as ``{bet_id: outcome}``.

    ``expected_minor`` counts none of the doubted bets. ``None`` when no assignment or more than one fits.
    """
    if not doubts or len(doubts) > MAX_DOUBTS:
        return None
    options = [list(doubt.movements().items()) for doubt in doubts]
    fitting = [
        chosen
        for chosen in product(*options)
        if expected_minor + sum(amount for _, amount in chosen) == seen_minor
    ]
    if len(fitting) != 1:
        return None
    return {doubt.bet.bet_id: outcome for doubt, (outcome, _) in zip(doubts, fitting[0], strict=True)}


def ready_to_conclude(account: Account, doubts: list[Doubt], mono_ns: int, since_mono_ns: int) -> bool:
    """Whether a balance that shows no stake taken may be believed: it stood still for the lag bound."""
    if account.seen_minor is None or not doubts:
        return False
    quiet = mono_ns - max(account.seen_since_mono_ns, account.moved_mono_ns, since_mono_ns)
    return quiet >= LAG_BOUND_S * NS_PER_S


def is_doubted(bet: Bet) -> bool:
    """Whether the placement of this bet is not known."""
    return bet.state in (BetState.UNKNOWN, BetState.CLICKED, BetState.VERIFIED)
