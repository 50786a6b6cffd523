"""Bets and gates for the tests of the limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.bets import Bet, BetState
from bot.domain.clock import ManualClock
from bot.domain.words import Mode
from bot.limits import Gate, GateFacts, Limits, LimitStore, StopSwitch

FACTS = GateFacts(balance_minor=1_000_000, balance_reconciled=True, reading_age_ms=20.0)
PLACED = (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED, BetState.PLACED)


def a_bet(
    name: str, stake_minor: int = 100, session_id: str = "s1", account: str = "acc", round_id: str = ""
) -> Bet:
    return Bet(
        bet_id=name,
        session_id=session_id,
        account=account,
        table="aviator",
        round_id=round_id or f"round-of-{name}",
        panel=0,
        stake_minor=stake_minor,
        target=200,
        currency="USD",
        balance_before_minor=1_000_000,
        deadline_mono_ns=0,
        ordered_utc_ns=0,
    )


def moved(bet: Bet, *states: BetState, payout_minor: int | None = None) -> Bet:
    for state in states:
        bet = bet.to(state, payout_minor=payout_minor)
    return bet


def ended(bet: Bet, state: BetState, payout_minor: int = 0) -> Bet:
    """The bet in a final state, on a way that the transition table allows."""
    if state is BetState.MISSED:
        return bet.to(state)
    on_the_way = PLACED[:3] if state is BetState.REFUSED else PLACED
    last = moved(bet, *on_the_way) if bet.state is BetState.ORDERED else bet
    return last.to(state, payout_minor=payout_minor if state is BetState.WON else None)


class Desk:
    """A store, a clock and the gates made on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.switch = StopSwitch(folder)
        self.stores: list[LimitStore] = []

    def gate(self, limits: Limits, session_id: str = "s1", mode: Mode = Mode.PRACTICE) -> Gate:
        """A gate as after a start: the store is opened anew."""
        self.stores.append(LimitStore(self.folder / "limits.db", busy_timeout_s=0.05))
        return Gate(self.stores[-1], limits, self.clock, session_id, mode, self.switch)

    def close(self) -> None:
        for store in self.stores:
            store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()
