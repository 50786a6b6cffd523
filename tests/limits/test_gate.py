"""The gate: each limit, unknown figures, worst cases, restarts, and the stop."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.domain.bets import BetState
from bot.domain.errors import BadInput, IllegalTransition, StorageError
from bot.domain.words import Mode
from bot.limits import Denied, Gate, GateFacts, Limits, LimitStore, PeriodLimits
from tests.limits.conftest import FACTS, PLACED, Desk, a_bet, ended, moved

ROOT = Path(__file__).parents[2]


def name_of(denied: Denied | None) -> str | None:
    return None if denied is None else denied.limit_name


def pass_(gate: Gate, name: str, **more: Any) -> str | None:
    return name_of(gate.reserve(a_bet(name, **more), FACTS))


# -- unknown figures deny -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        (GateFacts(None, True, 20), "balance"),
        (GateFacts(100_000, False, 20), "balance"),
        (GateFacts(100_000, True, None), "reading_age"),
        (GateFacts(100_000, True, 1_001), "reading_age"),
        (GateFacts(100_000, True, -1), "reading_age"),
        (GateFacts(100_000, True, math.nan), "reading_age"),
        (GateFacts(100_000, True, math.inf), "reading_age"),
        (GateFacts(99, True, 20), "balance_floor"),
    ],
)
def test_what_is_unknown_or_stale_denies_at_both_questions(desk: Desk, facts: GateFacts, limit: str) -> None:
    gate = desk.gate(Limits())
    denied = gate.reserve(a_bet("a"), facts)
    assert name_of(denied) == limit
    assert denied is not None and "\n" not in denied.reason
    assert gate.reservations() == []
    assert pass_(gate, "b") is None
    assert name_of(gate.confirm(moved(a_bet("b"), *PLACED[:2]), facts)) == limit
    assert [kept.bet_id for kept in gate.reservations()] == ["b"]


def test_a_bet_that_never_asked_is_not_confirmed(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == "bet"


def test_a_bet_other_than_the_reserved_one_is_not_confirmed(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a", stake_minor=100) is None
    denied = gate.confirm(a_bet("a", stake_minor=101), FACTS)
    assert denied == Denied("bet", "the bet is not the one that was reserved", 101, 100)
    assert name_of(gate.confirm(a_bet("a", round_id="another"), FACTS)) == "bet"
    assert gate.confirm(a_bet("a"), FACTS) is None


def test_a_bet_asks_once(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    assert pass_(gate, "a") == "bet"
    gate.update(ended(a_bet("a"), BetState.LOST))
    assert pass_(gate, "a") == "bet"
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == "bet"


@pytest.mark.parametrize("stake", [0, -100, 1 << 70])
def test_a_stake_that_cannot_be_is_denied(desk: Desk, stake: int) -> None:
    gate = desk.gate(Limits(balance_floor_minor=None))
    facts = GateFacts(1 << 80, True, 1)
    assert gate.reserve(a_bet("a", stake_minor=stake), facts) is not None
    assert gate.reservations() == []


def test_a_bet_of_another_session_is_denied(desk: Desk) -> None:
    assert pass_(desk.gate(Limits()), "a", session_id="s2") == "bet"


# -- each limit: what reaches it passes, what exceeds it does not ------------------------------------------


@pytest.mark.parametrize("period", ["session", "day"])
def test_loss_counts_open_bets_as_lost(desk: Desk, period: str) -> None:
    gate = desk.gate(Limits(**{period: PeriodLimits(loss_minor=300)}))
    assert pass_(gate, "a") is None
    assert pass_(gate, "b", stake_minor=200) is None
    assert pass_(gate, "c", stake_minor=1) == f"{period}_loss"
    gate.update(ended(a_bet("a"), BetState.WON, 250))
    assert pass_(gate, "d", stake_minor=250) is None
    assert pass_(gate, "e", stake_minor=1) == f"{period}_loss"


@pytest.mark.parametrize("period", ["session", "day"])
def test_turnover_counts_every_stake_that_may_have_been_placed(desk: Desk, period: str) -> None:
    gate = desk.gate(Limits(**{period: PeriodLimits(turnover_minor=300)}))
    for number, state in enumerate((BetState.WON, BetState.LOST)):
        assert pass_(gate, f"{number}") is None
        gate.update(ended(a_bet(f"{number}"), state, 1_000))
    assert pass_(gate, "missed") is None
    gate.update(a_bet("missed").to(BetState.MISSED))
    assert pass_(gate, "a") is None
    assert pass_(gate, "b", stake_minor=1) == f"{period}_turnover"


@pytest.mark.parametrize("period", ["session", "day"])
def test_rounds_count_once_for_two_panels(desk: Desk, period: str) -> None:
    gate = desk.gate(Limits(**{period: PeriodLimits(rounds=2)}))
    assert pass_(gate, "a", round_id="r1") is None
    assert pass_(gate, "b", round_id="r1") is None
    assert pass_(gate, "c", round_id="r2") is None
    assert pass_(gate, "d", round_id="r3") == f"{period}_rounds"
    assert pass_(gate, "e", round_id="r2") is None


@pytest.mark.parametrize("period", ["session", "day"])
def test_time_runs_without_bets_too(desk: Desk, period: str) -> None:
    gate = desk.gate(Limits(**{period: PeriodLimits(minutes=2)}))
    desk.clock.advance(119.0)
    assert pass_(gate, "a") is None
    desk.clock.advance(1.0)
    gate.heartbeat()
    assert pass_(gate, "b") == f"{period}_time"
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == f"{period}_time"


def test_the_stake_itself_is_limited(desk: Desk) -> None:
    gate = desk.gate(Limits(stake_minor=100))
    assert pass_(gate, "a", stake_minor=100) is None
    assert pass_(gate, "b", stake_minor=101) == "stake"


def test_the_floor_remains_with_all_open_bets_lost(desk: Desk) -> None:
    gate = desk.gate(Limits(balance_floor_minor=500))
    facts = GateFacts(700, True, 1)
    assert gate.reserve(a_bet("a"), facts) is None
    assert gate.reserve(a_bet("b"), facts) is None
    assert gate.reserve(a_bet("c", stake_minor=1), facts) == Denied(
        "balance_floor", "the balance would fall to 4.99, below 5.00", 499, 500
    )
    assert gate.confirm(a_bet("a"), facts) is None  # its stake is not taken off twice
    assert name_of(gate.confirm(a_bet("a"), GateFacts(699, True, 1))) == "balance_floor"


def test_what_was_won_may_be_given_back_only_so_far(desk: Desk) -> None:
    gate = desk.gate(Limits(give_back_minor=150))
    assert pass_(gate, "a") is None
    gate.update(ended(a_bet("a"), BetState.WON, 600))
    assert pass_(gate, "a2") is None
    gate.update(ended(a_bet("a2"), BetState.WON, 600))  # 10.00 ahead
    assert pass_(gate, "b") is None
    gate.update(ended(a_bet("b"), BetState.LOST))
    assert pass_(gate, "c", stake_minor=51) == "give_back"
    assert pass_(gate, "d", stake_minor=50) is None
    assert pass_(gate, "e", stake_minor=1) == "give_back"  # the open bet counts as given back


def test_limits_of_an_account_are_its_own(desk: Desk) -> None:
    store = LimitStore(desk.folder / "limits.db")
    strict = Limits(stake_minor=10)
    gate = Gate(store, Limits(), desk.clock, "s1", Mode.PRACTICE, by_account={"dinars": strict})
    assert pass_(gate, "a", account="dinars", stake_minor=11) == "stake"
    assert pass_(gate, "b", account="dollars", stake_minor=11) is None
    store.close()


def test_accounts_and_modes_do_not_share_their_figures(desk: Desk) -> None:
    limits = Limits(day=PeriodLimits(loss_minor=100))
    gate = desk.gate(limits)
    assert pass_(gate, "a") is None
    assert pass_(gate, "b", account="another") is None
    assert pass_(gate, "c") == "day_loss"
    live = desk.gate(limits, session_id="s2", mode=Mode.PAPER)
    assert pass_(live, "d", session_id="s2") is None


# -- the rolling day -------------------------------------------------------------------------------------


def test_the_day_rolls_and_a_new_session_does_not_reset_it(desk: Desk) -> None:
    limits = Limits(day=PeriodLimits(loss_minor=100))
    gate = desk.gate(limits)
    assert pass_(gate, "a") is None
    gate.update(ended(a_bet("a"), BetState.LOST))
    again = desk.gate(limits, session_id="s2")
    desk.clock.advance(24 * 3600 - 1)
    assert pass_(again, "b", session_id="s2") == "day_loss"
    desk.clock.advance(2)
    assert pass_(again, "c", session_id="s2") is None


def test_an_unknown_bet_stays_lost_however_old(desk: Desk) -> None:
    gate = desk.gate(Limits(day=PeriodLimits(loss_minor=100)))
    assert pass_(gate, "a") is None
    gate.update(moved(a_bet("a"), *PLACED, BetState.UNKNOWN))
    desk.clock.advance(10 * 24 * 3600)
    assert pass_(gate, "b") == "day_loss"
    gate.update(moved(a_bet("a"), *PLACED, BetState.UNKNOWN, BetState.WON, payout_minor=200))
    assert pass_(gate, "c") is None


def test_time_of_several_sessions_adds_up_without_counting_twice(desk: Desk) -> None:
    limits = Limits(day=PeriodLimits(minutes=10))
    first = desk.gate(limits)
    desk.clock.advance(4 * 60)
    second = desk.gate(limits, session_id="s2")
    desk.clock.advance(2 * 60)
    first.heartbeat()
    second.heartbeat()
    assert first.figures("acc")[1].seconds == 6 * 60
    assert second.figures("acc")[0].seconds == 2 * 60
    desk.clock.advance(25 * 3600)
    third = desk.gate(limits, session_id="s3")
    assert third.figures("acc")[1].seconds == 0


def test_a_clock_that_goes_back_frees_nothing(desk: Desk) -> None:
    limits = Limits(session=PeriodLimits(minutes=10), day=PeriodLimits(loss_minor=100))
    gate = desk.gate(limits)
    assert pass_(gate, "a") is None
    gate.update(ended(a_bet("a"), BetState.LOST))
    desk.clock.advance(11 * 60)
    gate.heartbeat()
    desk.clock.advance(-3 * 24 * 3600)
    assert pass_(gate, "b") == "session_time"
    other = desk.gate(limits, session_id="s2")
    assert pass_(other, "c", session_id="s2") == "day_loss"


# -- settlement ------------------------------------------------------------------------------------------


def test_updates_may_come_twice(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    for _ in range(3):
        gate.update(ended(a_bet("a"), BetState.WON, 180))
    assert gate.figures("acc")[0].loss_minor == -80


def test_a_second_different_end_is_an_error(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    gate.update(ended(a_bet("a"), BetState.LOST))
    with pytest.raises(IllegalTransition):
        gate.update(ended(a_bet("a"), BetState.WON, 180))
    assert gate.figures("acc")[0].loss_minor == 100


@pytest.mark.parametrize("state", [BetState.REFUSED, BetState.MISSED])
def test_what_was_not_placed_costs_nothing(desk: Desk, state: BetState) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    gate.update(ended(a_bet("a"), state))
    gate.update(ended(a_bet("never asked"), state))
    figures = gate.figures("acc")[0]
    assert (figures.loss_minor, figures.turnover_minor, figures.rounds) == (0, 0, 0)


def test_a_bet_without_a_reservation_is_counted_when_it_turns_up(desk: Desk) -> None:
    gate = desk.gate(Limits())
    gate.update(moved(a_bet("a"), *PLACED))
    assert gate.figures("acc")[0].loss_minor == 100
    gate.update(ended(a_bet("a"), BetState.LOST))
    assert gate.figures("acc")[0].loss_minor == 100


# -- recovery --------------------------------------------------------------------------------------------


def test_recovery_follows_the_database(desk: Desk) -> None:
    limits = Limits(day=PeriodLimits(loss_minor=400))
    gate = desk.gate(limits)
    for name in ("open", "settled", "never written"):
        assert pass_(gate, name) is None
    other = desk.gate(limits, session_id="s of another database")
    assert pass_(other, "foreign", session_id="s of another database") is None

    again = desk.gate(limits, session_id="s2")
    assert pass_(again, "x", session_id="s2", stake_minor=1) == "day_loss"
    recovery = again.recover(
        [moved(a_bet("open"), *PLACED), moved(a_bet("found"), *PLACED)],
        settled=[ended(a_bet("settled"), BetState.WON, 150)],
        sessions={"s1", "s2"},
    )
    assert recovery.added == ("found",)
    assert recovery.closed == ("settled",)
    assert recovery.released == ("never written",)
    assert set(recovery.kept) == {"open", "found", "foreign"}
    assert again.figures("acc")[1].loss_minor == 300 - 50


def test_recovery_without_knowledge_releases_nothing(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    assert desk.gate(Limits(), session_id="s2").recover([]).kept == ("a",)


RESERVING_CHILD = """
import sys
from pathlib import Path
from bot.domain.clock import SystemClock
from bot.domain.words import Mode
from bot.limits import Gate, Limits, LimitStore
from tests.limits.conftest import FACTS, a_bet

gate = Gate(LimitStore(Path(sys.argv[1])), Limits(), SystemClock(), "s1", Mode.PRACTICE)
for n in range(1_000_000):
    assert gate.reserve(a_bet(str(n)), FACTS) is None
    print(n, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 25, 200])
def test_a_reservation_survives_kill_9(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "limits.db"
    command = [sys.executable, "-c", RESERVING_CHILD, str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    told += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    store = LimitStore(path)
    kept = {reservation.bet_id for reservation in store.open("practice", "acc")}
    assert {line.strip() for line in told} <= kept
    assert store.open_stakes("practice", "acc") == 100 * len(kept)
    store.close()


# -- the store fails: deny -------------------------------------------------------------------------------


def test_a_store_held_by_another_program_denies(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    holder = sqlite3.connect(desk.folder / "limits.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert pass_(gate, "b") == "store"
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == "store"
    with pytest.raises(StorageError):
        gate.update(ended(a_bet("a"), BetState.WON, 500))
    holder.close()
    assert gate.figures("acc")[0].loss_minor == 100  # the win could not be kept: still counted as lost
    assert pass_(gate, "b") is None


def test_a_store_that_is_gone_denies(desk: Desk) -> None:
    gate = desk.gate(Limits())
    desk.stores[-1].close()
    assert pass_(gate, "a") == "store"


def test_a_store_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        LimitStore(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / "rubbish").write_text("rubbish" * 1_000)
    with pytest.raises(StorageError):
        LimitStore(tmp_path / "rubbish")


# -- the stop --------------------------------------------------------------------------------------------


def test_the_stop_denies_at_once_at_both_questions(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    gate.stop("the hotkey")
    gate.stop("a later reason")
    assert gate.stopped == "the hotkey"
    assert pass_(gate, "b") == "stop"
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == "stop"
    gate.resume()
    assert gate.confirm(a_bet("a"), FACTS) is None


def test_the_stop_file_denies_until_it_is_removed(desk: Desk) -> None:
    gate = desk.gate(Limits())
    assert pass_(gate, "a") is None
    desk.switch.touch("from another terminal")
    assert gate.stopped == "from another terminal"
    gate.resume()
    assert name_of(gate.confirm(a_bet("a"), FACTS)) == "stop"
    desk.switch.clear()
    desk.switch.clear()
    assert gate.stopped is None
    assert gate.confirm(a_bet("a"), FACTS) is None


def test_a_stop_file_made_by_hand_stops(desk: Desk) -> None:
    desk.switch.path.touch()
    assert desk.switch.check()
    desk.switch.path.unlink()
    desk.switch.path.mkdir()
    assert desk.switch.check()


def test_a_stop_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    from bot.limits import StopSwitch

    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        StopSwitch(tmp_path / "file").touch()
    assert StopSwitch(tmp_path / "file").check() is None


# -- many at once ----------------------------------------------------------------------------------------


def test_threads_that_ask_at_once_get_no_more_than_the_limit(desk: Desk) -> None:
    gate = desk.gate(Limits(session=PeriodLimits(loss_minor=1_000)))
    passed: list[str] = []

    def ask(thread: int) -> None:
        for n in range(10):
            if pass_(gate, f"{thread}-{n}") is None:
                passed.append(f"{thread}-{n}")

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 10
    assert gate.figures("acc")[0].loss_minor == 1_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: Limits(stake_minor=-1),
        lambda: Limits(reading_age_ms=True),
        lambda: Limits(give_back_minor=1.5),  # type: ignore[arg-type]
        lambda: Limits(day=PeriodLimits(loss_minor=-1)),
        lambda: Limits(session=PeriodLimits(minutes="5")),  # type: ignore[arg-type]
    ],
)
def test_limits_that_cannot_be_are_refused(make: Any) -> None:
    with pytest.raises(BadInput, match="limit"):
        make()
