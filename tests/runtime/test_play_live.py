"""Live play holds only while it is armed: an hour, an exclusion, a stop; and it says what is allowed."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from bot.control.lock import HandsLock
from bot.domain.bets import Bet, BetState
from bot.domain.errors import ProgrammerError
from bot.domain.words import Mode
from bot.limits import Armed, Gate, GuardBook, Limits, LimitStore, RealityCheck, StopSwitch
from bot.limits.guard_state import ExclusionKind
from bot.runtime.asking import Questions, TypedLines
from bot.runtime.desk import Desk
from bot.runtime.floor import FloorTable
from bot.runtime.messages import BetDenied, BetWanted, ToTable
from bot.runtime.plan import SessionPlan
from bot.runtime.play import PlayTools
from bot.runtime.play_live import Live
from bot.staking import StakingOptions
from tests.limits.guarded import ACCOUNT, Home, arms, person, with_limits
from tests.runtime.flown_table import Book

MINUTE_S = 60
SESSION = "live-1"


@dataclass
class Playing:
    """A live play without hands: its desk, gate and clocks are real."""

    home: Home
    book: GuardBook
    armed: Armed
    live: Live
    desk: Desk
    rows: Book
    told: list[ToTable]
    queued: list[Bet]
    switch: StopSwitch
    folder: Path
    number: int = 0

    def show(self, balance_minor: int) -> None:
        self.desk.balance_seen("mine", balance_minor, self.home.machine.now())

    def order(self, stake_minor: int = 100, within_s: int = 5) -> Bet:
        self.number += 1
        now = self.home.machine.now()
        bet = Bet(
            *(f"b{self.number}", SESSION, ACCOUNT, "mine", f"r{self.number}", 0, stake_minor, 200, "EUR"),
            *(100_000, now.mono_ns + within_s * 10**9, now.utc_ns),
        )
        self.desk.reading("mine", now.mono_ns)
        self.desk.wanted(BetWanted(bet, now.mono_ns, ""))
        return bet

    def denials(self) -> list[str]:
        return [str(row["limit_name"]) for row in self.rows.of("denials")]


def playing(folder: Path, questions: Questions | None = None, reality_minutes: int = 15) -> Playing:
    home = Home(folder)
    book = with_limits(home)
    if questions is None:
        armed = arms(home, book, session_id=SESSION)
    else:
        from bot.limits import arm
        from tests.limits.guarded import ODDS, a_check

        with person(["20.00"]) as terminal:
            armed = arm(
                *(book, SESSION, [a_check(book)], {"mine": ODDS}, terminal, home.machine),
                confirm_round=lambda bet: questions.agreed(bet.bet_id),
            )
    plan = SessionPlan(
        *(("mine",), "fixed_stake", StakingOptions(), Limits(), "", None, folder, folder, 0), mode=Mode.LIVE
    )
    switch, rows, told, queued = StopSwitch(folder), Book(), list[ToTable](), list[Bet]()
    reality = RealityCheck(home.machine, "EUR", reality_minutes)
    live = Live(plan, armed, HandsLock(folder), switch, reality, questions)
    numbers = iter(range(10**6))
    tools = PlayTools(
        plan=plan,
        session_id=SESSION,
        clock=home.machine,
        make_id=lambda: f"id{next(numbers)}",
        book=rows,
        tell=lambda _table, message: told.append(message),
        note=lambda _words: None,
        switch=switch,
        floor=cast(Any, None),
        tables=(FloorTable("mine", "aviator", ACCOUNT, "EUR", Decimal("0.97"), "somebody"),),
    )
    desk = live.open(tools)
    desk.add_table("mine", ACCOUNT, "EUR")
    made = Playing(home, book, armed, live, desk, rows, told, queued, switch, folder)
    made.show(100_000)
    return made


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Playing]:
    made = playing(tmp_path)
    yield made
    made.home.close()


def test_an_armed_session_passes_a_bet_and_says_what_is_left(live: Playing) -> None:
    bet = live.order()
    assert live.desk.open_bets() == [bet]
    assert live.live.stopped() == ""
    assert live.live.queued() == 1
    assert "may still lose 19.00 of 20.00 EUR" in live.live.allowed()[0]


def test_it_ends_after_sixty_minutes_as_agreed(live: Playing) -> None:
    live.home.machine.pass_(59 * MINUTE_S)
    assert live.live.stopped() == ""
    live.home.machine.pass_(1 * MINUTE_S)
    assert live.live.stopped() == "the 60 minutes of live play are over"
    assert live.live.orderly()
    live.order()
    assert live.denials() == ["armed"]
    assert live.desk.open_bets() == []


def test_setting_the_wall_clock_back_makes_it_no_longer(live: Playing) -> None:
    live.home.machine.pass_(40 * MINUTE_S)
    live.home.machine.wall_offset_s -= 3_600
    live.home.machine.pass_(20 * MINUTE_S)
    assert "60 minutes" in live.live.stopped()


def test_an_exclusion_stops_it_at_once(live: Playing) -> None:
    live.book.exclude(ExclusionKind.COOL_OFF, 3_600 * 10**9)
    assert live.live.stopped() != ""
    assert live.live.orderly()
    live.order()
    assert live.denials() == ["exclusion"]


def test_the_accepted_amount_is_below_all_other_limits(live: Playing) -> None:
    live.order(stake_minor=1_500)
    live.order(stake_minor=600)
    assert len(live.desk.open_bets()) == 1
    assert live.denials() == ["accepted_loss"]


def test_a_stop_holds_and_letting_go_disarms(live: Playing) -> None:
    live.switch.touch("a person")
    live.order()
    assert live.denials() == ["stop"]
    live.switch.clear()
    live.armed.end("it was ended")
    live.order()
    assert live.denials() == ["stop", "armed"]


def test_what_was_open_at_the_end_is_still_settled(live: Playing) -> None:
    bet = live.order()
    for state in (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED, BetState.PLACED):
        bet, before = bet.to(state), bet.state
        live.desk.step(bet, before, {})
    live.home.machine.pass_(61 * MINUTE_S)
    live.armed.end("over")
    live.show(99_900)
    live.desk.round_over(bet.round_id, 150)
    assert live.desk.open_bets() == []
    assert live.desk.money["mine"].lost == 1


def test_another_process_or_no_person_has_no_gate(tmp_path: Path) -> None:
    store = LimitStore(tmp_path / "limits.db")
    try:
        with pytest.raises(ProgrammerError):
            Gate(store, Limits(), Home(tmp_path).machine, SESSION, Mode.LIVE)
    finally:
        store.close()


def test_the_facts_are_told_at_their_interval(tmp_path: Path) -> None:
    made = playing(tmp_path, reality_minutes=10)
    try:
        assert [line for line in made.live.news() if "Reality" in line] == []
        made.home.machine.pass_(10 * MINUTE_S)
        told = [line for line in made.live.news() if "Reality" in line]
        assert len(told) == 1
        assert "10 minutes" in told[0]
        assert told[0] in made.live.allowed()
        assert [line for line in made.live.news() if "Reality" in line] == []
    finally:
        made.home.close()


def test_with_each_round_confirmed_no_answer_is_no_bet(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    said: list[str] = []
    home_clock = Home(tmp_path / "clock").machine
    with os.fdopen(slave) as source:
        questions = Questions(TypedLines(source), home_clock, said.append)
        made = playing(tmp_path, questions)
        home_clock.real_s = made.home.machine.real_s
        try:
            first = made.order(within_s=10)
            made.desk.tick()
            assert made.desk.open_bets() == [] and len(said) == 1
            os.write(master, b"y\n")
            made.desk.tick()
            assert made.desk.open_bets() == [first]
            second = made.order(within_s=10)
            made.desk.tick()
            home_clock.pass_(20)
            made.desk.tick()
            assert made.desk.open_bets() == [first]
            assert [m.bet_id for m in made.told if isinstance(m, BetDenied)] == [second.bet_id]
            assert made.denials() == ["confirm"]
        finally:
            made.home.close()
    os.close(master)
