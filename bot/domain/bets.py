"""A bet and its life: the transition table of architecture rule 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.errors import IllegalTransition


class BetState(StrEnum):
    """Where a bet stands. ``ORDERED`` is written down before anything is touched."""

    ORDERED = "ordered"
    TYPED = "typed"
    VERIFIED = "verified"
    CLICKED = "clicked"
    PLACED = "placed"
    WON = "won"
    LOST = "lost"
    REFUSED = "refused"
    MISSED = "missed"
    UNKNOWN = "unknown"


_S = BetState
#: What may follow what. ``UNKNOWN`` is left only when balance, history or a person settles it. Only a bet on
#: paper is placed as soon as it is ordered: there is nothing to type, to verify or to click.
TRANSITIONS: dict[BetState, frozenset[BetState]] = {
    _S.ORDERED: frozenset({_S.TYPED, _S.PLACED, _S.MISSED, _S.UNKNOWN}),
    _S.TYPED: frozenset({_S.VERIFIED, _S.MISSED, _S.UNKNOWN}),
    _S.VERIFIED: frozenset({_S.CLICKED, _S.MISSED, _S.UNKNOWN}),
    _S.CLICKED: frozenset({_S.PLACED, _S.REFUSED, _S.UNKNOWN}),
    _S.PLACED: frozenset({_S.WON, _S.LOST, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.PLACED, _S.WON, _S.LOST, _S.REFUSED, _S.MISSED}),
    _S.WON: frozenset(),
    _S.LOST: frozenset(),
    _S.REFUSED: frozenset(),
    _S.MISSED: frozenset(),
}
FINAL_STATES = frozenset(state for state, following in TRANSITIONS.items() if not following)
#: States in which money may be on the table: counted as lost for the limits until they are left.
OPEN_STATES = frozenset(_S) - FINAL_STATES
#: States before the click: after a crash of the bot such a bet cannot have reached the house,
#: except ``VERIFIED``, whose click may have left before it was written down.
BEFORE_CLICK = frozenset({_S.ORDERED, _S.TYPED})


@dataclass(frozen=True, slots=True)
class Bet:
    """Stake and target on one panel for one round. Money in minor units, target in hundredths."""

    bet_id: str
    session_id: str
    account: str
    table: str
    round_id: str
    panel: int
    stake_minor: int
    target: int
    currency: str
    balance_before_minor: int
    deadline_mono_ns: int
    ordered_utc_ns: int
    state: BetState = BetState.ORDERED
    payout_minor: int | None = None
    reason: str = ""

    def to(self, state: BetState, reason: str = "", payout_minor: int | None = None) -> Bet:
        """This bet after a transition. Raises ``IllegalTransition`` when the table does not allow it."""
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(f"bet {self.bet_id}: {self.state.value} cannot become {state.value}")
        paid = self.payout_minor if payout_minor is None else payout_minor
        return replace(self, state=state, reason=reason or self.reason, payout_minor=paid)

    @property
    def profit_minor(self) -> int | None:
        """Result in minor units once it is known, else ``None``. Refused and missed bets cost nothing."""
        if self.state is BetState.WON:
            return (self.payout_minor or 0) - self.stake_minor
        if self.state is BetState.LOST:
            return -self.stake_minor
        return 0 if self.state in FINAL_STATES else None
