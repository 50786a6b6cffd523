"""Arming live play: what it needs, what it allows, and that nothing but a person at a terminal does it."""

from __future__ import annotations

import copy
import io
import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.bets import Bet, BetState
from bot.domain.errors import NotArmed, ProgrammerError
from bot.domain.words import Mode
from bot.limits import (
    Armed,
    ExclusionKind,
    Gate,
    GuardBook,
    GuardLedger,
    Limits,
    LimitStore,
    LiveGate,
    PeriodLimits,
    StopSwitch,
    TtyTerminal,
    arm,
)
from bot.limits.guard_state import DAY_NS, HOUR_NS
from tests.limits.conftest import FACTS, a_bet, ended
from tests.limits.guarded import ACCOUNT, DAY_S, ODDS, Home, a_check, arms, person, with_limits


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


@pytest.fixture
def book(home: Home) -> GuardBook:
    return with_limits(home)


def live_bet(name: str, stake_minor: int, session_id: str = "live-1", account: str = ACCOUNT) -> Bet:
    return replace(a_bet(name, stake_minor, session_id, account), currency="EUR")


# -- what it needs ------------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_armed(home: Home, book: GuardBook) -> None:
    for source, target in ((io.StringIO("20.00\n"), io.StringIO()), (sys.__stdin__, io.StringIO())):
        with pytest.raises(NotArmed, match="at a terminal"):
            arm(book, "s", [a_check(book)], {"mine": ODDS}, TtyTerminal(source, target), home.machine)


def test_a_pipe_on_either_side_is_no_terminal(home: Home, book: GuardBook) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"20.00\n")
    with os.fdopen(reading) as pipe, os.fdopen(writing, "w") as out, person(["20.00"]) as terminal:
        assert terminal.is_a_terminal()
        assert not TtyTerminal(pipe, terminal._target).is_a_terminal()
        assert not TtyTerminal(terminal._source, out).is_a_terminal()


def test_two_terminals_are_not_one(home: Home) -> None:
    with person([]) as one, person([]) as two:
        assert not TtyTerminal(one._source, two._target).is_a_terminal()


def test_an_object_that_says_it_is_a_terminal_is_none(home: Home, book: GuardBook) -> None:
    class Obliging(TtyTerminal):
        def is_a_terminal(self) -> bool:
            return True

        def ask(self, question: str) -> str:
            return "20.00"

    with pytest.raises(NotArmed, match="at a terminal"):
        arm(book, "s", [a_check(book)], {"mine": ODDS}, Obliging(), home.machine)


def refused(home: Home, book: GuardBook, **changes: object) -> str:
    """Why arming is refused, before any question."""
    given: dict[str, object] = {"checks": [a_check(book)], "odds": {"mine": ODDS}} | changes
    with person([]) as terminal, pytest.raises(NotArmed) as caught:
        arm(book, "s", given["checks"], given["odds"], terminal, home.machine)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_table_must_have_been_checked_in_this_session(home: Home, book: GuardBook) -> None:
    check = a_check(book)
    assert "name one" in refused(home, book, checks=[])
    assert "did not pass" in refused(home, book, checks=[replace(check, passed=False)])
    home.machine.pass_(601)
    assert "not checked in the last 10 minutes" in refused(home, book, checks=[check])
    later = replace(check, at_ns=book.now_ns() + 1)
    assert "not checked in the last 10 minutes" in refused(home, book, checks=[later])


def test_the_odds_must_be_known(home: Home, book: GuardBook) -> None:
    assert "the odds of mine are not known" in refused(home, book, odds={"mine": "  "})


def test_limits_must_be_set_and_confirmed(home: Home) -> None:
    book = home.book()
    assert "unset or zero (stake, session_loss, session_turnover and 14 more)" in refused(home, book)
    book.ask(ACCOUNT, {"stake": 100})
    home.machine.pass_(2 * DAY_S)
    assert "`crashbot limits confirm 'ana at the house'`" in refused(home, book)


def test_one_limit_at_zero_is_enough_to_refuse(home: Home, book: GuardBook) -> None:
    book.ask(ACCOUNT, {"month_turnover": 0})
    assert "unset or zero (month_turnover)" in refused(home, book)


def test_an_exclusion_refuses(home: Home, book: GuardBook) -> None:
    book.exclude(ExclusionKind.SELF_EXCLUSION, 30 * DAY_NS)
    assert "self-exclusion for 30 days more" in refused(home, book)


def test_everything_that_is_missing_is_said_at_once(home: Home) -> None:
    book = home.book()
    book.exclude(ExclusionKind.COOL_OFF, HOUR_NS)
    said = refused(home, book, odds={}, checks=[replace(a_check(book), passed=False)])
    assert said.count(";") == 3


def test_limits_that_are_used_up_refuse(home: Home) -> None:
    book = with_limits(home, day_loss=300, stake=300)
    armed = arms(home, book, "3.00")
    assert armed.gate().reserve(live_bet("b1", 300), FACTS) is None
    home.machine.pass_(2 * 3_600)
    assert "in 24 hours are used up" in refused(home, book)


def test_accounts_of_two_currencies_do_not_go_together(home: Home, book: GuardBook) -> None:
    checks = [a_check(book), a_check(book, "other", currency="USD")]
    assert "one currency" in refused(home, book, checks=checks, odds={"mine": ODDS, "other": ODDS})


def test_an_exclusion_made_while_the_question_stands_still_counts(home: Home, book: GuardBook) -> None:
    """Somebody closes live play from another window before the amount is typed."""

    def close_first() -> str:
        home.book().exclude(ExclusionKind.COOL_OFF, HOUR_NS)
        return "5.00"

    with person([close_first]) as terminal, pytest.raises(NotArmed, match="cool-off"):
        arm(book, "s", [a_check(book)], {"mine": ODDS}, terminal, home.machine)


# -- the question -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [[""], ["all"], ["0"], ["-5"], ["50.01", "60", "70"], ["1e3"]])
def test_without_an_amount_within_the_limits_nothing_is_armed(
    home: Home, book: GuardBook, answers: list[str]
) -> None:
    with person(answers) as terminal, pytest.raises(NotArmed, match="no amount"):
        arm(book, "s", [a_check(book)], {"mine": ODDS}, terminal, home.machine)
    assert book.state().live is None


def test_a_slip_may_be_typed_again(home: Home, book: GuardBook) -> None:
    with person(["20,00", "20.00"]) as terminal:
        armed = arm(book, "s", [a_check(book)], {"mine": ODDS}, terminal, home.machine)
    assert armed.accepted_minor == 2_000


def test_odds_and_warning_are_shown_before_the_question(home: Home, book: GuardBook) -> None:
    seen = bytearray()
    with person([""], seen) as terminal, pytest.raises(NotArmed):
        arm(book, "s", [a_check(book)], {"mine": ODDS}, terminal, home.machine)
    before, _, question = seen.decode().partition("The amount in EUR")
    assert ODDS in before and "forbid" in before and "expected result is a loss" in before
    assert "at most 50.00" in question


# -- what it allows -----------------------------------------------------------------------------------------


def test_the_accepted_amount_is_a_loss_limit_below_all_others(home: Home, book: GuardBook) -> None:
    armed = arms(home, book, "5.00")
    gate = armed.gate()
    assert armed.limits(ACCOUNT).session.loss_minor == 500
    assert gate.reserve(live_bet("b1", 300), FACTS) is None
    gate.update(ended(live_bet("b1", 300), BetState.LOST))
    denied = gate.reserve(live_bet("b2", 201), FACTS)
    assert denied is not None and (denied.limit_name, denied.figure, denied.bound) == (
        "accepted_loss",
        501,
        500,
    )
    assert gate.reserve(live_bet("b3", 200), FACTS) is None


def test_the_accepted_amount_is_shared_by_all_accounts_of_the_session(home: Home, book: GuardBook) -> None:
    book = with_limits(home, account="second")
    checks = [a_check(book), a_check(book, "other", account="second")]
    with person(["5.00"]) as terminal:
        armed = arm(book, "live-1", checks, {"mine": ODDS, "other": ODDS}, terminal, home.machine)
    gate = armed.gate()
    assert gate.reserve(live_bet("b1", 300), FACTS) is None
    assert gate.reserve(live_bet("b2", 201, account="second"), FACTS) is not None
    assert gate.reserve(live_bet("b3", 200, account="second"), FACTS) is None
    assert armed.words() == (
        "armed for 60 more minutes; may still lose 0.00 of 5.00 EUR; the result so far is -5.00"
    )


def test_limits_of_the_settings_hold_where_they_are_lower(home: Home, book: GuardBook) -> None:
    below = Limits(stake_minor=50, give_back_minor=60, day=PeriodLimits(loss_minor=9_999_999))
    armed = arms(home, book, "5.00", below=below)
    limits = armed.limits(ACCOUNT)
    assert (limits.stake_minor, limits.give_back_minor, limits.day.loss_minor) == (50, 60, 5_000)


def test_an_account_that_was_not_armed_is_denied(home: Home, book: GuardBook) -> None:
    gate = arms(home, book).gate()
    denied = gate.reserve(live_bet("b1", 100, account="another"), FACTS)
    assert denied is not None and denied.limit_name == "armed"
    denied = gate.reserve(a_bet("b2", 100, "live-1", ACCOUNT), FACTS)
    assert denied is not None and "USD" in denied.reason


def test_each_state_says_what_is_still_allowed(home: Home, book: GuardBook) -> None:
    armed = arms(home, book, "20.00")
    gate = armed.gate()
    gate.reserve(live_bet("b1", 800), FACTS)
    home.machine.pass_(18 * 60)
    assert armed.words() == (
        "armed for 42 more minutes; may still lose 12.00 of 20.00 EUR; the result so far is -8.00"
    )
    gate.update(ended(live_bet("b1", 800), BetState.WON, payout_minor=2_000))
    assert armed.words().endswith("the result so far is 12.00")
    home.machine.pass_(42 * 60)
    assert armed.words() == "not armed: the 60 minutes of live play are over"


def test_after_an_hour_nothing_passes_but_open_bets_are_settled(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    gate = armed.gate()
    bet = live_bet("b1", 100)
    assert gate.reserve(bet, FACTS) is None
    home.machine.pass_(3_600)
    denied = gate.confirm(bet, FACTS)
    assert denied is not None and denied.limit_name == "armed"
    gate.update(ended(bet, BetState.MISSED))
    assert gate.reservations() == []


def test_the_wall_clock_can_only_shorten_the_hour(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    home.machine.wall_offset_s -= DAY_S
    home.machine.pass_(3_600)
    assert armed.denial() is not None
    later = with_limits(home, account="second")
    home.machine.pass_(3_600)
    with person(["1.00"]) as terminal:
        check = a_check(later, account="second")
        second = arm(later, "live-2", [check], {"mine": ODDS}, terminal, home.machine)
    home.machine.wall_offset_s += DAY_S
    assert second.denial() is not None


def test_an_exclusion_stops_a_running_session_at_once(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    gate = armed.gate()
    bet = live_bet("b1", 100)
    assert gate.reserve(bet, FACTS) is None
    home.book().exclude(ExclusionKind.COOL_OFF, HOUR_NS)  # crashbot cool-off, in another terminal
    for denied in (armed.denial(), gate.confirm(bet, FACTS), gate.reserve(live_bet("b2", 100), FACTS)):
        assert denied is not None and denied.limit_name == "exclusion"


def test_a_limit_lowered_while_a_session_runs_holds_at_once(home: Home, book: GuardBook) -> None:
    gate = arms(home, book).gate()
    home.book().ask(ACCOUNT, {"stake": 50})
    denied = gate.reserve(live_bet("b1", 51), FACTS)
    assert denied is not None and (denied.limit_name, denied.bound) == ("stake", 50)


def test_week_and_month_count_as_well(home: Home) -> None:
    book = with_limits(home, week_loss=500, month_rounds=2, stake=1_000)
    gate = arms(home, book, "4.00").gate()
    assert gate.reserve(live_bet("b1", 400), FACTS) is None
    gate.update(ended(live_bet("b1", 400), BetState.LOST))
    home.machine.pass_(3 * DAY_S)
    with pytest.raises(NotArmed, match="no amount"):
        arms(home, book, "1.01", "live-2")
    second = arms(home, book, "1.00", "live-2").gate()
    book.ask(ACCOUNT, {"week_loss": 499})
    denied = second.reserve(live_bet("b2", 100, "live-2"), FACTS)
    assert denied is not None and (denied.limit_name, denied.figure, denied.bound) == ("week_loss", 500, 499)
    assert second.reserve(live_bet("b3", 99, "live-2"), FACTS) is None
    second.update(ended(live_bet("b3", 99, "live-2"), BetState.WON, payout_minor=2_000))
    denied = second.reserve(live_bet("b4", 10, "live-2"), FACTS)
    assert denied is not None and denied.limit_name == "month_rounds"


def test_each_round_can_be_confirmed_by_the_person(home: Home, book: GuardBook) -> None:
    agreed: set[str] = set()
    with person(["5.00"]) as terminal:
        armed = arm(
            book, "live-1", [a_check(book)], {"mine": ODDS}, terminal, home.machine,
            confirm_round=lambda bet: bet.round_id in agreed,
        )  # fmt: skip
    gate = armed.gate()
    denied = gate.reserve(live_bet("b1", 100), FACTS)
    assert denied is not None and denied.limit_name == "confirm"
    agreed.add("round-of-b1")
    assert gate.reserve(live_bet("b1", 100), FACTS) is None


def test_the_stop_stops_live_play_too(home: Home, book: GuardBook, tmp_path: Path) -> None:
    switch = StopSwitch(tmp_path)
    gate = arms(home, book).gate(switch)
    switch.touch("enough")
    denied = gate.reserve(live_bet("b1", 100), FACTS)
    assert denied is not None and denied.limit_name == "stop"


# -- between sessions ---------------------------------------------------------------------------------------


def test_fifteen_minutes_lie_between_two_sessions(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    home.machine.pass_(600)
    armed.end()
    home.machine.pass_(15 * 60 - 1)
    assert "the last live session ended less than 15 minutes ago" in refused(home, book)
    home.machine.pass_(1)
    assert arms(home, book, session_id="live-2").denial() is None


def test_after_a_kill_the_pause_counts_from_the_last_heartbeat(home: Home, book: GuardBook) -> None:
    gate = arms(home, book).gate()
    for _ in range(20):
        home.machine.pass_(60)
        gate.heartbeat()
    book.close()
    again = home.book()
    home.machine.wall_offset_s += DAY_S
    home.machine.pass_(14 * 60)
    assert "a live session was seen alive" in refused(home, again)
    home.machine.pass_(60)
    assert arms(home, again, session_id="live-2").denial() is None


def test_there_is_one_live_session_at_a_time(home: Home, book: GuardBook) -> None:
    """One that slept through its heartbeats is shut out by the next."""
    first = arms(home, book)
    home.machine.pass_(16 * 60)
    second = arms(home, home.book(), session_id="live-2")
    denied = first.denial()
    assert denied is not None and "another live session" in denied.reason
    first.heartbeat()
    assert second.denial() is None


def test_what_has_ended_stays_ended(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    armed.end("all rounds played")
    denied = armed.denial()
    assert denied is not None and "all rounds played" in denied.reason
    assert home.book().state().live is not None


# -- nothing else arms --------------------------------------------------------------------------------------


def test_what_is_armed_cannot_be_made_copied_or_stored(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    with pytest.raises(ProgrammerError):
        Armed(object(), book, "s", (ACCOUNT,), "EUR", 100, home.machine, None, None)
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(ProgrammerError):
            copying(armed)


def test_a_live_gate_needs_what_is_armed(home: Home, tmp_path: Path) -> None:
    store = LimitStore(tmp_path / "limits.db")
    with pytest.raises(ProgrammerError, match=r"Armed\.gate"):
        Gate(store, Limits(), home.machine, "s", Mode.LIVE)
    with pytest.raises((ProgrammerError, AttributeError)):
        LiveGate(object())  # type: ignore[arg-type]
    store.close()


def test_a_restart_disarms(home: Home, book: GuardBook) -> None:
    """Everything on the disk is as it was in the middle of a session, and nothing is armed."""
    arms(home, book).gate().heartbeat()
    book.close()
    assert "a live session was seen alive" in refused(home, home.book())


def test_a_child_process_is_not_armed(home: Home, book: GuardBook) -> None:
    armed = arms(home, book)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"denied" if armed.denial() is not None else b"armed")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"denied"
    os.close(reading)
    os.close(writing)


def test_a_bet_is_settled_without_a_session(home: Home, book: GuardBook) -> None:
    bet = live_bet("b1", 100)
    assert arms(home, book).gate().reserve(bet, FACTS) is None
    book.close()
    again = home.book()
    GuardLedger(again).settle(ended(bet, BetState.LOST))
    GuardLedger(again).settle(ended(live_bet("of practice", 100), BetState.LOST))
    assert GuardLedger(again).open("live") == []
    assert GuardLedger(again).get("of practice") is None


def test_a_persons_word_that_a_bet_was_won_lifts_no_limit(home: Home, book: GuardBook) -> None:
    bet = live_bet("b1", 100)
    assert arms(home, book).gate().reserve(bet, FACTS) is None
    GuardLedger(book).settle(ended(bet, BetState.WON, payout_minor=10_000))
    kept = GuardLedger(book).get("b1")
    assert kept is not None and kept.outcome == "lost"
    assert GuardLedger(book).day_figures("live", ACCOUNT, book.now_ns() // 1_000).loss_minor == 100


def test_no_databases_word_lifts_a_limit(home: Home, book: GuardBook) -> None:
    """After a kill the database says: won a fortune, never written, still open."""
    gate = arms(home, book, "50.00").gate()
    bets = [live_bet(name, 100) for name in ("won", "never written", "open")]
    assert [gate.reserve(bet, FACTS) for bet in bets] == [None, None, None]
    home.machine.pass_(16 * 60)
    again = home.book()
    second = arms(home, again, "10.00", "live-2").gate()
    rich = ended(bets[0], BetState.WON, payout_minor=10**9)
    recovery = second.recover([bets[2]], [rich], {"live-1"})
    assert (set(recovery.closed), recovery.released, recovery.kept) == (
        {"won", "never written"},
        (),
        ("open",),
    )
    second.update(rich)
    assert GuardLedger(again).day_figures("live", ACCOUNT, again.now_ns() // 1_000).loss_minor == 300
    second.update(ended(bets[2], BetState.WON, payout_minor=250))
    assert GuardLedger(again).day_figures("live", ACCOUNT, again.now_ns() // 1_000).loss_minor == 50
