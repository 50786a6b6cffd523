"""No sequence of bets, restarts and settlements exceeds a limit, nor is a bet denied without cause.

The gate is driven beside a plain list of bets; every answer is compared with sums over that list.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from bot.domain.bets import FINAL_STATES, Bet, BetState
from bot.limits import GateFacts, Limits, PeriodLimits
from tests.limits.conftest import PLACED, Desk, a_bet, ended, moved

DAY_S = 24 * 3600
ACCOUNTS = ("acc", "other")
#: One limit at a time for the most part: several tight ones at once would deny nearly everything.
MONEY = st.integers(150, 1_500)
ROUNDS = st.integers(1, 8)
FLOORS = st.sampled_from([None, 0, 500])


LIMITS = st.one_of(
    st.builds(lambda x, f: Limits(session=PeriodLimits(loss_minor=x), balance_floor_minor=f), MONEY, FLOORS),
    st.builds(lambda x, f: Limits(day=PeriodLimits(loss_minor=x), balance_floor_minor=f), MONEY, FLOORS),
    st.builds(lambda x: Limits(session=PeriodLimits(turnover_minor=x)), MONEY),
    st.builds(lambda x: Limits(day=PeriodLimits(turnover_minor=x)), MONEY),
    st.builds(lambda x: Limits(session=PeriodLimits(rounds=x)), ROUNDS),
    st.builds(lambda x: Limits(day=PeriodLimits(rounds=x)), ROUNDS),
    st.builds(lambda x: Limits(give_back_minor=x), st.integers(150, 600)),
    st.builds(lambda x: Limits(stake_minor=x), st.integers(50, 400)),
    st.builds(lambda x: Limits(balance_floor_minor=x), st.none() | MONEY),
    st.builds(
        lambda a, b, c, d: Limits(
            session=PeriodLimits(loss_minor=a),
            day=PeriodLimits(turnover_minor=b, rounds=c),
            give_back_minor=d,
        ),
        MONEY,
        st.integers(1_000, 5_000),
        st.integers(4, 20),
        MONEY,
    ),
)
BALANCES = st.sampled_from([1_200, 2_500, 1_000_000])


@dataclass
class Entry:
    """What a plain list knows of a reserved bet. ``closed_s`` is when it ended, in seconds."""

    bet: Bet
    closed_s: float | None = None

    @property
    def open(self) -> bool:
        return self.bet.state not in FINAL_STATES

    @property
    def counts(self) -> bool:
        return self.open or self.bet.state in (BetState.WON, BetState.LOST)

    @property
    def lost_minor(self) -> int:
        if not self.counts:
            return 0
        return self.bet.stake_minor if self.open else -(self.bet.profit_minor or 0)


@dataclass
class Best:
    """Result and best result of a session on an account, settled bets only."""

    result: int = 0
    best: int = 0
    seen: set[str] = field(default_factory=set)


class GateMachine(RuleBasedStateMachine):
    waiting = Bundle("waiting")

    @initialize(limits=LIMITS, balance=BALANCES)
    def start(self, limits: Limits, balance: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name))
        self.limits, self.balance = limits, balance
        self.session, self.number, self.now_s = "s0", 0, 0.0
        self.entries: dict[str, Entry] = {}
        self.bests: dict[tuple[str, str], Best] = {}
        self.gate = self.desk.gate(limits, self.session)

    def facts(self) -> GateFacts:
        return GateFacts(self.balance, True, 5)

    @rule(
        target=waiting,
        stake=st.integers(1, 450),
        account=st.sampled_from(ACCOUNTS),
        round_number=st.integers(0, 15),
    )
    def ask(self, stake: int, account: str, round_number: int) -> str:
        return self.reserve(stake, account, round_number)

    def reserve(self, stake: int, account: str, round_number: int) -> str:
        self.number += 1
        name = f"bet-{self.number}"
        bet = a_bet(name, stake, self.session, account, f"{account}-round-{round_number}")
        denied = self.gate.reserve(bet, self.facts())
        allowed = self.within(bet, include=True)
        assert (denied is None) == allowed, denied
        if denied is None:
            self.entries[name] = Entry(bet)
        return name

    @rule(
        stake=st.integers(1, 450),
        account=st.sampled_from(ACCOUNTS),
        state=st.sampled_from([BetState.WON, BetState.LOST, BetState.MISSED, BetState.REFUSED]),
        factor=st.integers(1, 5),
    )
    def play(self, stake: int, account: str, state: BetState, factor: int) -> None:
        """A bet from asking to its end, so that results build up."""
        name = self.reserve(stake, account, self.number + 100)
        self.settle(name, state, factor, twice=False)

    @rule(name=waiting)
    def confirm(self, name: str) -> None:
        entry = self.entries.get(name)
        if entry is None:
            assert self.gate.confirm(a_bet(name), self.facts()) is not None
            return
        passes = entry.open and entry.bet.session_id == self.session and self.within(entry.bet, include=False)
        assert (self.gate.confirm(entry.bet, self.facts()) is None) == passes

    @rule(name=waiting, steps=st.integers(1, 4))
    def advance_bet(self, name: str, steps: int) -> None:
        entry = self.entries.get(name)
        if entry is not None and entry.bet.state is BetState.ORDERED:
            entry.bet = moved(entry.bet, *PLACED[:steps])
            self.gate.update(entry.bet)

    @rule(name=waiting)
    def lose_sight(self, name: str) -> None:
        entry = self.entries.get(name)
        if entry is not None and entry.bet.state is BetState.PLACED:
            entry.bet = entry.bet.to(BetState.UNKNOWN)
            self.gate.update(entry.bet)

    @rule(
        name=consumes(waiting),
        state=st.sampled_from(sorted(FINAL_STATES)),
        factor=st.integers(1, 5),
        twice=st.booleans(),
    )
    def end(self, name: str, state: BetState, factor: int, twice: bool) -> None:
        self.settle(name, state, factor, twice)

    def settle(self, name: str, state: BetState, factor: int, twice: bool) -> None:
        entry = self.entries.get(name)
        if entry is None or not entry.open:
            return
        bet = entry.bet
        if bet.state not in (BetState.ORDERED, BetState.UNKNOWN):
            bet = bet.to(BetState.UNKNOWN)
        entry.bet = ended(bet, state, bet.stake_minor * factor)
        entry.closed_s = self.now_s
        for _ in range(2 if twice else 1):
            self.gate.update(entry.bet)
        best = self.bests.setdefault((bet.session_id, bet.account), Best())
        best.result -= entry.lost_minor
        best.best = max(best.best, best.result)

    @rule(seconds=st.sampled_from([1, 600, DAY_S // 2, DAY_S - 1, DAY_S + 1]))
    def wait(self, seconds: int) -> None:
        self.now_s += seconds
        self.desk.clock.advance(seconds)

    @rule(balance=BALANCES)
    def balance_changes(self, balance: int) -> None:
        self.balance = balance

    @rule(new_session=st.booleans())
    def restart(self, new_session: bool) -> None:
        """As after kill -9: nothing is closed, everything is opened anew and recovered."""
        if new_session:
            self.number += 1
            self.session = f"s{self.number}"
        self.gate = self.desk.gate(self.limits, self.session)
        still_open = [entry.bet for entry in self.entries.values() if entry.open]
        known = {entry.bet.session_id for entry in self.entries.values()}
        recovery = self.gate.recover(still_open, sessions=known)
        assert not (recovery.added or recovery.closed or recovery.released)

    @invariant()
    def everything_open_is_kept(self) -> None:
        if not hasattr(self, "gate"):
            return
        kept = {reservation.bet_id for reservation in self.gate.reservations()}
        assert kept == {name for name, entry in self.entries.items() if entry.open}

    def within(self, bet: Bet, include: bool) -> bool:
        """Whether the limits hold, by plain sums, with the bet added or already in the list."""
        more = bet.stake_minor if include else 0
        mine = [e for e in self.entries.values() if e.bet.account == bet.account and e.counts]
        opened = sum(e.bet.stake_minor for e in mine if e.open)
        limits = self.limits
        if limits.stake_minor is not None and bet.stake_minor > limits.stake_minor:
            return False
        if self.balance - opened - more < (limits.balance_floor_minor or 0):
            return False
        in_session = [e for e in mine if e.bet.session_id == self.session]
        recent = [e for e in mine if e.closed_s is None or e.closed_s > self.now_s - DAY_S]
        known_round = any(e.bet.round_id == bet.round_id for e in mine)
        new_round = include and not known_round
        for part, entries in ((limits.session, in_session), (limits.day, recent)):
            if part.loss_minor is not None and sum(e.lost_minor for e in entries) + more > part.loss_minor:
                return False
            turnover = sum(e.bet.stake_minor for e in entries) + more
            if part.turnover_minor is not None and turnover > part.turnover_minor:
                return False
            rounds = len({e.bet.round_id for e in entries}) + new_round
            if part.rounds is not None and rounds > part.rounds:
                return False
        best = self.bests.get((self.session, bet.account), Best())
        open_here = sum(e.bet.stake_minor for e in in_session if e.open)
        fall = best.best - best.result + open_here + more
        return limits.give_back_minor is None or fall <= limits.give_back_minor

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
            self.folder.cleanup()


GateMachine.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_sequence_exceeds_a_limit = GateMachine.TestCase
