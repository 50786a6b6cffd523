"""No sequence of bets, restarts, clock changes, limit changes and lost copies exceeds a limit of live play,
opens an exclusion early or raises a limit before its time.

The book is driven beside a plain model that knows the real time, which the book never sees: it sees a machine
that sleeps, restarts, forgets its boots and has its clock set. One copy at least is left alone each time.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S
from bot.domain.errors import BadInput, NotArmed
from bot.limits import Armed, ExclusionKind, GuardBook, GuardLedger, LiveGate
from bot.limits.arming import may_lose
from bot.limits.guard_state import BOUND_NAMES, is_money
from tests.limits.conftest import FACTS, a_bet, ended
from tests.limits.guarded import ACCOUNT, DAY_S, Home, Outside, arms

MINUTE_S, HOUR_S = 60, 3_600
WINDOWS_S = {"day": DAY_S, "week": 7 * DAY_S, "month": 30 * DAY_S}
SHORT = st.sampled_from([1, 5 * MINUTE_S, 14 * MINUTE_S, 16 * MINUTE_S, HOUR_S])
LONG = st.sampled_from([HOUR_S, 11 * HOUR_S, DAY_S - 1, DAY_S, 8 * DAY_S])
#: What becomes of each copy: kept, deleted, damaged, or replaced by one that was put by before.
FATES = st.lists(st.sampled_from(["keep", "delete", "damage", "restore"]), min_size=3, max_size=3)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # syncing is what takes the time on a disk


@dataclass
class Entry:
    """A stake that passed, in real time."""

    bet: Bet
    session: str
    closed_s: int | None = None

    @property
    def counts(self) -> bool:
        return self.bet.state not in (BetState.MISSED, BetState.REFUSED)

    @property
    def lost(self) -> int:
        profit = self.bet.profit_minor
        return self.bet.stake_minor if profit is None else -profit


class GuardMachine(RuleBasedStateMachine):
    @initialize(
        money=st.integers(300, 1_500),
        rounds=st.integers(2, 12),
        minutes=st.sampled_from([20, 45, 300]),
        eventful=st.booleans(),
    )
    def start(self, money: int, rounds: int, minutes: int, eventful: bool) -> None:
        self.eventful = eventful  # in half of the runs nothing is closed or lost, so that more is played
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.home = Home(Path(self.folder.name))
        self.machine = self.home.machine
        self.extra: Path | None = None
        self.book: GuardBook = self.home.book()
        self.may: dict[str, int] = dict.fromkeys(BOUND_NAMES, 0)
        self.asked: dict[str, tuple[int, int]] = {}
        self.closed_until: list[int | None] = []
        self.entries: list[Entry] = []
        self.number = 0
        self.armed: Armed | None = None
        self.gate: LiveGate | None = None
        self.last_alive_s: int | None = None
        self.backups: list[list[bytes]] = []
        self.ask({name: money if is_money(name) else rounds for name in BOUND_NAMES})
        self.ask({f"{period}_minutes": minutes for period in ("session", *WINDOWS_S)})
        self.book.name_time_server("time.example")
        self.machine.pass_(DAY_S)
        self.confirm()
        assert self.book.confirm_time_server()

    # -- time and machines ------------------------------------------------------------------------------

    @rule(seconds=SHORT | LONG)
    def wait(self, seconds: int) -> None:
        self.machine.pass_(seconds)

    @rule(days=st.sampled_from([-400, -1, 1, 40, 4_000]))
    def set_the_clock(self, days: int) -> None:
        self.machine.wall_offset_s += days * DAY_S

    @rule(takes_s=st.integers(0, 3))
    def ask_outside(self, takes_s: int) -> None:
        """The time server, which is honest and sometimes slow."""
        self.book.hear(Outside(self.machine, takes_s))

    @rule(what=st.sampled_from(["kill", "reboot", "off", "boots", "home", "put by"]))
    def restart(self, what: str) -> None:
        """As after kill -9: the session is gone, with nothing said."""
        if what in ("reboot", "off"):
            self.machine.reboot(DAY_S if what == "off" else 0)
        if what == "boots":  # from now on the boots of the machine cannot be told apart, or can again
            self.machine.boots_known = not self.machine.boots_known
        if what == "home":  # CRASHBOT_HOME is set, or not any more: one copy more or less
            self.extra = self.home.folders[0].parent / "elsewhere" if self.extra is None else None
        self.book.close()
        if what == "put by":
            self.backups.append([path.read_bytes() for path in self.home.files()])
        self.book = self.home.book(self.extra)
        self.armed = self.gate = None

    # -- decisions --------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(BOUND_NAMES), value=st.integers(0, 1_500))
    def ask_one(self, name: str, value: int) -> None:
        self.ask({name: value})

    def ask(self, wanted: dict[str, int]) -> None:
        try:
            self.book.ask(ACCOUNT, wanted)
        except BadInput:
            assert self.book.exclusion() is not None
            return
        for name, value in wanted.items():
            if value <= self.book.bounds(ACCOUNT).bounds.get(name, 0):
                self.may[name] = min(self.may[name], value)
                self.asked.pop(name, None)
            elif self.asked.get(name, (None,))[0] != value:
                self.asked[name] = (value, self.machine.real_s)

    @rule()
    def confirm(self) -> None:
        try:
            names = self.book.confirm(ACCOUNT)
        except BadInput:
            assert self.book.exclusion() is not None
            return
        for name in names:
            value, since_s = self.asked.pop(name)
            assert self.machine.real_s - since_s >= DAY_S
            self.may[name] = value

    @precondition(lambda self: self.eventful)
    @rule(kind=st.sampled_from(ExclusionKind), hours=st.sampled_from([1, 24, 24 * 30, None]))
    def close(self, kind: ExclusionKind, hours: int | None) -> None:
        lasts_ns = None if hours is None else hours * HOUR_S * NS_PER_S
        if hours is None and self.number % 4:
            return  # for good ends the game: seldom
        self.book.exclude(kind, lasts_ns)
        self.closed_until.append(None if hours is None else self.machine.real_s + hours * HOUR_S)

    # -- copies -----------------------------------------------------------------------------------------

    @precondition(lambda self: self.eventful)
    @rule(fates=FATES, which=st.integers(0, 50), in_place=st.booleans())
    def lose_copies(self, fates: list[str], which: int, in_place: bool) -> None:
        if "keep" not in fates:
            return
        for number, (fate, path) in enumerate(zip(fates, self.home.files(), strict=True)):
            if fate == "keep" or (fate == "restore" and not self.backups):
                continue
            if fate == "delete" or not in_place:
                path.unlink()
            if fate == "damage":
                path.write_bytes(b"not a database any more" * 300)
            if fate == "restore":
                path.write_bytes(self.backups[which % len(self.backups)][number])
        self.book.state()

    # -- play -------------------------------------------------------------------------------------------

    def arm(self, most: int) -> None:
        self.number += 1
        session, amount = f"live-{self.number}", min(most, may_lose(self.book, ACCOUNT))
        try:
            self.armed = arms(self.home, self.book, f"{amount // 100}.{amount % 100:02d}", session)
        except NotArmed:
            return
        assert not self.closed()
        now_s = self.machine.real_s
        assert self.last_alive_s is None or now_s - self.last_alive_s >= 15 * MINUTE_S
        assert all(self.may[name] > 0 for name in BOUND_NAMES)
        self.accepted, self.armed_s, self.last_alive_s = amount, now_s, now_s
        self.gate = self.armed.gate()

    @rule(
        most=st.integers(100, 2_000),
        stakes=st.lists(st.integers(1, 300), min_size=1, max_size=6),
        outcome=st.sampled_from([BetState.WON, BetState.LOST, BetState.LOST, BetState.MISSED, None]),
        same_round=st.booleans(),
        pause=st.booleans(),
    )
    def play(
        self, most: int, stakes: list[int], outcome: BetState | None, same_round: bool, pause: bool
    ) -> None:
        """Bets one after the other, in a session that is armed first where none is."""
        if self.armed is None or self.armed.denial() is not None:
            self.machine.pass_(15 * MINUTE_S if pause else 0)
            self.arm(most)
        for stake in stakes if self.gate is not None else ():
            self.stake(stake, outcome, same_round)

    def stake(self, stake: int, outcome: BetState | None, same_round: bool) -> None:
        self.number += 1
        round_id = "one and the same" if same_round else f"round-{self.number}"
        bet = a_bet(f"bet-{self.number}", stake, self.armed.session_id, ACCOUNT, round_id)
        bet = replace(bet, currency="EUR")
        if self.gate.reserve(bet, FACTS) is not None:
            return
        self.must_be_allowed(bet)
        self.last_alive_s = self.machine.real_s
        entry = Entry(bet, self.armed.session_id)
        self.entries.append(entry)
        if self.gate.confirm(bet, FACTS) is None and outcome is not None:
            entry.bet = ended(bet, outcome, stake * 2)
            entry.closed_s = self.machine.real_s
            self.gate.update(entry.bet)

    @precondition(lambda self: any(entry.closed_s is None for entry in self.entries))
    @rule(won=st.booleans())
    def settle_an_open_one(self, won: bool) -> None:
        entry = next(entry for entry in self.entries if entry.closed_s is None)
        state = BetState.WON if won else BetState.LOST
        entry.bet = ended(entry.bet, state, entry.bet.stake_minor * 2)
        entry.closed_s = self.machine.real_s
        GuardLedger(self.book).settle(entry.bet)

    @precondition(lambda self: self.gate is not None)
    @rule()
    def beat(self) -> None:
        self.gate.heartbeat()

    @precondition(lambda self: self.armed is not None)
    @rule()
    def end(self) -> None:
        self.armed.end()
        self.armed = self.gate = None
        self.last_alive_s = self.machine.real_s

    # -- what must hold ---------------------------------------------------------------------------------

    def closed(self) -> bool:
        return any(until is None or self.machine.real_s < until for until in self.closed_until)

    def must_be_allowed(self, bet: Bet) -> None:
        """The bet passed: by the real time, with it lost, every limit holds."""
        now_s, stake = self.machine.real_s, bet.stake_minor
        assert not self.closed()
        assert now_s - self.armed_s < 60 * MINUTE_S
        assert stake <= self.may["stake"]
        counting = [entry for entry in self.entries if entry.counts]
        mine = [entry for entry in counting if entry.session == self.armed.session_id]
        assert sum(entry.lost for entry in mine) + stake <= self.accepted
        windows = {"session": mine}
        for period, window_s in WINDOWS_S.items():
            windows[period] = [e for e in counting if e.closed_s is None or e.closed_s > now_s - window_s]
        for period, entries in windows.items():
            assert sum(entry.lost for entry in entries) + stake <= self.may[f"{period}_loss"]
            assert sum(entry.bet.stake_minor for entry in entries) + stake <= self.may[f"{period}_turnover"]
            rounds = {entry.bet.round_id for entry in entries} | {bet.round_id}
            assert len(rounds) <= self.may[f"{period}_rounds"]
        assert now_s - self.armed_s < self.may["session_minutes"] * MINUTE_S

    @invariant()
    def nothing_opens_early_and_nothing_rises_alone(self) -> None:
        if not hasattr(self, "book"):
            return
        assert self.book.now_ns() <= self.machine.real_s * NS_PER_S
        if self.closed():
            assert self.book.exclusion() is not None
            assert self.armed is None or self.armed.denial() is not None
        bounds = self.book.bounds(ACCOUNT).bounds
        assert {name: value for name, value in bounds.items() if value > self.may[name]} == {}
        if self.armed is not None and self.machine.real_s - self.armed_s >= 60 * MINUTE_S:
            assert self.armed.denial() is not None

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.home.close()
            self.folder.cleanup()


GuardMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_sequence_exceeds_a_limit_or_opens_early = GuardMachine.TestCase
