"""The desk against a small house that lags, refuses and answers late: no bet is ever settled wrongly."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.amounts import payout
from bot.domain.bets import Bet, BetState
from bot.domain.clock import ManualClock
from bot.domain.ports import Record
from bot.domain.words import Mode
from bot.limits import Gate, Limits, LimitStore
from bot.runtime.accounts import LAG_BOUND_S
from bot.runtime.desk import Desk
from bot.runtime.messages import BetSeen, BetWanted, Sight, ToTable

START = 100_000


class Paper:
    """A book that keeps its rows in a list."""

    def __init__(self) -> None:
        self.rows: list[Record] = []

    def put(self, record: Record) -> None:
        self.rows.append(record)

    def put_and_wait(self, record: Record, timeout_s: float = 5.0) -> None:
        self.rows.append(record)


class Office:
    """A desk with everything around it but tables, screen and hands."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        counter = itertools.count(1)
        self.make_id = lambda: f"id{next(counter):06d}"
        self.paper = Paper()
        self.told: list[tuple[str, ToTable]] = []
        self.queued: list[Bet] = []
        self.store = LimitStore(folder / "limits.db")
        gate = Gate(self.store, Limits(), self.clock, "s1", Mode.PRACTICE)
        self.desk = Desk(
            "s1",
            gate,
            self.paper,
            self.clock,
            self.make_id,
            lambda table, message: self.told.append((table, message)),
            self._queue,
        )
        self.desk.add_table("aviator", "acc", "USD")

    def _queue(self, bet: Bet) -> bool:
        self.queued.append(bet)
        return True

    def show(self, balance_minor: int) -> None:
        self.desk.balance_seen("aviator", balance_minor, self.clock.now())

    def order(self, round_id: str, stake: int = 100, target: int = 200) -> Bet:
        now = self.clock.now()
        bet = Bet(
            self.make_id(),
            "s1",
            "acc",
            "aviator",
            round_id,
            0,
            stake,
            target,
            "USD",
            START,
            now.mono_ns + 10**9,
            now.utc_ns,
        )
        self.desk.wanted(BetWanted(bet, now.mono_ns, ""))
        return bet

    def click(self, bet: Bet) -> Bet:
        for state in (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED):
            bet, before = bet.to(state), bet.state
            self.desk.step(bet, before, {})
        return bet

    def state(self, bet: Bet) -> str:
        rows = [r for r in self.paper.rows if r.table == "bets" and r.values["bet_id"] == bet.bet_id]
        return str(rows[-1].values["state"])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.show(START)
    return made


def test_a_win_is_settled_when_the_balance_shows_it(office: Office) -> None:
    bet = office.click(office.order("r1"))
    office.desk.step(bet.to(BetState.PLACED), BetState.CLICKED, {})
    office.show(START - 100)
    office.desk.round_over("r1", 250)
    assert office.state(bet) == "placed"
    office.show(START + 100)
    assert office.state(bet) == "won"


def test_a_loss_waits_for_the_stake_to_leave_the_display(office: Office) -> None:
    bet = office.click(office.order("r1"))
    office.desk.step(bet.to(BetState.PLACED), BetState.CLICKED, {})
    office.desk.round_over("r1", 150)
    assert office.state(bet) == "placed"
    office.show(START - 100)
    assert office.state(bet) == "lost"


def test_an_unknown_bet_seen_in_flight_was_placed(office: Office) -> None:
    bet = office.click(office.order("r1"))
    office.desk.step(bet.to(BetState.UNKNOWN, "no answer"), BetState.CLICKED, {})
    office.desk.bet_seen(BetSeen(bet.bet_id, Sight.IN_FLIGHT, office.clock.now()))
    assert office.state(bet) == "placed"


def test_an_unchanged_balance_refutes_a_bet_only_after_the_display_may_have_lagged(office: Office) -> None:
    bet = office.click(office.order("r1"))
    office.desk.step(bet.to(BetState.UNKNOWN, "no answer"), BetState.CLICKED, {})
    office.desk.round_over("r1", 150)
    office.show(START)
    assert office.state(bet) == "unknown"
    office.clock.advance(LAG_BOUND_S + 1)
    office.show(START)
    assert office.state(bet) == "refused"


def test_a_lagging_display_does_not_turn_a_placed_bet_into_a_refused_one(office: Office) -> None:
    bet = office.click(office.order("r1"))
    office.desk.step(bet.to(BetState.UNKNOWN, "no answer"), BetState.CLICKED, {})
    office.desk.round_over("r1", 150)
    office.clock.advance(LAG_BOUND_S / 2)
    office.show(START - 100)
    assert office.state(bet) == "lost"


def test_bets_left_open_are_settled_by_chip_and_balance(tmp_path: Path) -> None:
    office = Office(tmp_path)
    now = office.clock.now()
    clicked = Bet(
        "old", "s0", "acc", "aviator", "r0", 0, 100, 200, "USD", START, 0, now.utc_ns, BetState.VERIFIED
    )
    office.desk.recover([clicked], lambda _round: None)
    office.show(START + 100)
    assert office.state(clicked) == "unknown"
    office.desk.round_over("r0", 900)
    assert office.state(clicked) == "won"


def test_a_bet_ordered_before_a_crash_and_never_typed_is_missed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    bet = Bet("old", "s0", "acc", "aviator", "r0", 0, 100, 200, "USD", START, 0, 1)
    office.desk.recover([bet], lambda _round: None)
    assert office.state(bet) == "missed"


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_bet_is_ever_settled_otherwise_than_in_the_house(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)
    office = Office(tmp_path_factory.mktemp("limits"))
    office.show(START)
    balance, truth = START, {}
    for number in range(12):
        round_id = f"r{number}"
        bet = office.order(round_id, stake=rng.choice([100, 200, 350]), target=rng.choice([110, 200, 300]))
        if not office.queued or office.queued[-1].bet_id != bet.bet_id:
            office.clock.advance(5)
            office.show(balance)
            continue
        taken, known, lag = rng.random() < 0.8, rng.random() < 0.6, rng.choice([0.0, 0.5, 4.0])
        clicked = office.click(bet)
        balance -= bet.stake_minor if taken else 0
        if known and taken:
            office.desk.step(clicked.to(BetState.PLACED), BetState.CLICKED, {})
        else:
            office.desk.step(clicked.to(BetState.UNKNOWN, "no answer"), BetState.CLICKED, {})
        office.clock.advance(1)
        if not lag:
            office.show(balance)
        crash = rng.choice([100, 150, 220, 900])
        won = taken and crash >= bet.target
        truth[bet.bet_id] = ("won" if won else "lost") if taken else "refused"
        balance += payout(bet.stake_minor, bet.target) if won else 0
        office.desk.round_over(round_id, crash if rng.random() < 0.8 else None)
        office.clock.advance(lag)
        office.show(balance)
        for _ in range(rng.choice([1, 14])):
            office.clock.advance(1)
            office.show(balance)
            office.desk.tick()
    for bet_id, outcome in truth.items():
        seen = [
            r.values["state"] for r in office.paper.rows if r.table == "bets" and r.values["bet_id"] == bet_id
        ]
        last = str([s for s in seen if s is not None][-1])
        assert last == outcome or last in ("unknown", "placed", "clicked"), (last, outcome)
    office.store.close()
