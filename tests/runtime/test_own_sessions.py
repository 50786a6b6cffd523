"""What a session at a user's own tables is made of: its stop, its odds, its locks, its report."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from bot.control.lock import HandsLock
from bot.database import Writer, open_database
from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S, ManualClock, SystemClock
from bot.domain.errors import AlreadyRunning, BadInput
from bot.domain.ports import Record
from bot.domain.words import Box, FieldValue, Mode, Phase
from bot.limits import Gate, Limits, LimitStore
from bot.runtime.bet_records import bet_records
from bot.runtime.desk import Desk, DeskTools
from bot.runtime.desk_paper import PaperDesk
from bot.runtime.floor import FloorTable
from bot.runtime.floor_own import OwnFloor
from bot.runtime.live_view import honest_line
from bot.runtime.next_round import AheadIds
from bot.runtime.odds_before import OddsBefore
from bot.runtime.own_report import print_recorded, recorded_tables
from bot.runtime.own_run import OwnAsk, own_plan
from bot.runtime.plan import SessionPlan
from bot.runtime.play_quiet import NewStops, OnPaper
from bot.runtime.recovery import Recovery
from bot.runtime.sight_time import OTHERS, SightTime
from bot.screen.own.definition import OwnTable, OwnTables
from bot.staking import StakingOptions
from tests.runtime.flown_table import Book
from tests.table.flown import fly, reading_at

ROUNDS = fly([200, 300])


def a_table(name: str, rtp: str = "0.97", balance: bool = False) -> OwnTable:
    fields = {"multiplier": Box(10, 10, 200, 60)}
    if balance:
        fields["balance"] = Box(300, 10, 100, 30)
    return OwnTable(name, fields, (800, 600), rtp=Decimal(rtp), account="purse", bookmaker="somebody")


def a_plan(folder: Path, mode: Mode, bankroll_minor: int | None = 100_000) -> SessionPlan:
    plan = SessionPlan(
        *(("mine",), "martingale", StakingOptions(), Limits(), "", None, folder, folder, 0), mode=mode
    )
    return replace(plan, bankroll_minor=bankroll_minor, rounds=20)


def stop_at(stops: NewStops, second: int) -> None:
    """A stop as it is made at this second."""
    import os

    stops.touch("a person")
    os.utime(stops.path, ns=(second * NS_PER_S, second * NS_PER_S))


def test_an_old_stop_ends_no_watcher_and_a_new_one_does(tmp_path: Path) -> None:
    stop_at(NewStops(tmp_path), 1_000)
    watcher = NewStops(tmp_path)
    assert watcher.check() is None
    stop_at(watcher, 2_000)
    assert watcher.check() == "a person"


def test_a_stop_that_a_player_takes_back_is_gone_for_the_watcher_too(tmp_path: Path) -> None:
    watcher = NewStops(tmp_path)
    stop_at(watcher, 1_000)
    assert watcher.check() is not None
    watcher.clear()
    assert watcher.check() is None


def test_a_table_is_played_on_paper_once_at_a_time(tmp_path: Path) -> None:
    first, second = (OnPaper(a_plan(tmp_path, Mode.PAPER)).locks() for _ in range(2))
    with first[0], pytest.raises(AlreadyRunning, match="plays mine on paper"):
        second[0].acquire()


def test_the_hands_do_not_hinder_paper(tmp_path: Path) -> None:
    with HandsLock(tmp_path), OnPaper(a_plan(tmp_path, Mode.PAPER)).locks()[0]:
        pass


def test_on_paper_each_table_has_a_wallet_of_its_own_in_earnest_the_accounts(tmp_path: Path) -> None:
    tables, kept = [a_table("one"), a_table("two")], OwnTables(tmp_path)
    paper, live = (OwnFloor(mode, tables, kept).open() for mode in (Mode.PAPER, Mode.LIVE))
    assert [table.account for table in paper] == ["one", "two"]
    assert {table.account for table in live} == {"purse"}
    assert {table.platform for table in paper} == {"somebody"}
    assert [table.place.own_folder for table in paper] == [str(tmp_path)] * 2


def odds_of(plan: SessionPlan, table: FloorTable, *balances: int, ended: bool = False) -> list[Record]:
    class Kept(list[Record]):
        def put(self, record: Record) -> None:
            self.append(record)

    numbers, kept = count(), Kept()
    odds = OddsBefore(plan, [table], kept, lambda: f"id{next(numbers)}", SystemClock(), "s1")
    for balance in balances:
        odds.balance_seen(table.name, balance)
    if ended:
        odds.no_balance(table.name)
    odds.close()
    return kept


def on_floor(table: OwnTable, folder: Path, mode: Mode) -> FloorTable:
    return OwnFloor(mode, [table], OwnTables(folder)).open()[0]


def test_a_watcher_without_a_balance_takes_the_stated_bankroll_at_once(tmp_path: Path) -> None:
    (told,) = odds_of(a_plan(tmp_path, Mode.WATCH), on_floor(a_table("mine"), tmp_path, Mode.WATCH))
    parameters = dict(told.values["parameters"])  # type: ignore[call-overload]
    assert (parameters["bankroll_minor"], parameters["bankroll_from"]) == (100_000, "stated")


def test_a_watcher_with_a_balance_takes_that_and_after_a_round_without_one_the_stated(tmp_path: Path) -> None:
    table = on_floor(a_table("mine", balance=True), tmp_path, Mode.WATCH)
    plan = a_plan(tmp_path, Mode.WATCH)
    for records, wanted in (
        (odds_of(plan, table, 50_000), (50_000, "the balance seen")),
        (odds_of(plan, table, ended=True), (100_000, "stated")),
    ):
        (told,) = records
        parameters = dict(told.values["parameters"])  # type: ignore[call-overload]
        assert (parameters["bankroll_minor"], parameters["bankroll_from"]) == wanted


def test_odds_are_those_of_the_tables_own_return_to_player(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, Mode.WATCH)
    losses = []
    for rtp in ("0.97", "0.90"):
        (told,) = odds_of(plan, on_floor(a_table("mine", rtp), tmp_path, Mode.WATCH))
        losses.append(Decimal(dict(told.values["result"])["expected_result"]))  # type: ignore[call-overload]
    assert losses[1] < losses[0] < 0


def test_the_last_line_of_the_view_says_what_these_tables_cost() -> None:
    assert "loses 3.00 of each 100.00" in honest_line([Decimal("0.97"), Decimal("0.970")])
    assert "loses 1.00 to 5.00 of each 100.00" in honest_line([Decimal("0.95"), Decimal("0.99")])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rounds": 0}, "--rounds"),
        ({"minutes": 0.0}, "--minutes"),
        ({"minutes": 1e9}, "--minutes"),
        ({"bankroll_minor": 0}, "--bankroll"),
    ],
)
def test_a_plan_that_cannot_be_played_says_why(tmp_path: Path, change: dict[str, float], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        replace(a_plan(tmp_path, Mode.PAPER), **change).check()  # type: ignore[arg-type]


def test_the_practice_casinos_settings_say_nothing_of_own_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path))
    ask = OwnAsk(["mine"], {"practice.speed": 4, "practice.faults": "all", "practice.rtp": "0.5"}, rounds=3)
    plan = own_plan(ask, [a_table("mine", "0.95")], Mode.WATCH)
    plan.check()
    assert (plan.speed, plan.faults, plan.rtp, plan.ledger, plan.rounds) == (
        *(1.0, "none", Decimal("0.95"), None, 3),
    )


def test_identifiers_told_ahead_are_the_ones_that_come() -> None:
    numbers = count()
    ids = AheadIds(lambda: f"id{next(numbers)}")
    assert ids.peek() == ids.peek() == ids() == "id0"
    ids.peek()
    ids.drop()
    assert ids() == "id2"


def test_time_out_of_sight_is_added_up_and_reasons_are_counted_by_kind() -> None:
    sight = SightTime()
    for number in range(60):
        seconds = number / 10
        sight.see(reading_at(ROUNDS, seconds, number, blind=2.0 <= seconds < 4.0))
    assert 1.9 < sight.away_s < 2.2
    for number in range(100):
        refused = replace(
            reading_at(ROUNDS, 6.0, number),
            phase=Phase.FLYING,
            multiplier=FieldValue.refused(f"{number} of 7 engines, kind {'x' * (number % 40)}"),
        )
        sight.see(refused)
    assert len(sight.refused) <= 31
    assert sight.refused[OTHERS] > 0


def test_what_was_recorded_is_read_from_the_database_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'rounds.db'}")
    writer = Writer(database, ManualClock())
    rows: list[dict[str, object]] = [
        {"crash_multiplier": 312, "multiplier_source": "ocr", "complete": True},
        {"crash_multiplier": 101, "multiplier_source": "backfill"},
        {"missed_reason": "hidden"},
        {},
    ]
    session = {"session_id": "s1", "bot_id": "b", "mode": "watch", "strategy_name": "x", "started_utc_us": 1}
    writer.put(Record("session_logs", session, key="session_id"))
    for number, more in enumerate(rows, 1):
        base: dict[str, object] = {"round_id": f"r{number}", "session_id": "s1", "table_name": "mine"}
        base |= {"game_name": "other", "round_number": number, "seen_from": "betting", "recorded_utc_us": 1}
        writer.put(Record("rounds", base | {"complete": False} | more, key="round_id"))
    gap: dict[str, object] = {"session_id": "s1", "bot_id": "b", "table_name": "mine", "game_name": "other"}
    gap |= {"platform_code": "own", "at_utc_us": 1, "reason": "hidden"}
    writer.put(Record("round_gaps", gap | {"id": "g1", "rounds": 2}))
    writer.put(Record("round_gaps", gap | {"id": "g2", "rounds": None}))
    writer.close()
    (found,) = recorded_tables(database, "s1", ["mine"])
    database.close()
    told = found.to_json()
    assert told["crashes"] == ["3.12", "1.01"]
    counts = ("rounds_recorded", "rounds_missed", "rounds_backfilled", "gaps_of_unknown_length")
    assert [told[name] for name in counts] == [2, 3, 1, 1]
    assert [row["crash"] for row in told["rounds"]] == ["3.12", "1.01", None, None]
    shown = StringIO()
    print_recorded(
        Console(file=shown, width=120), [found], {}, {}, {"mine": {"phase: hidden": 4}}, staked=False
    )
    assert "3.12 1.01" in shown.getvalue()
    assert "phase: hidden (4 looks)" in shown.getvalue()


def test_bets_left_open_in_another_mode_are_left_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'rounds.db'}")
    writer, clock = Writer(database, ManualClock()), ManualClock()
    base = Bet("", "", "mine", "mine", "r1", 0, 500, 200, "EUR", 100_000, 0, 0, BetState.PLACED)
    for mode in (Mode.PRACTICE, Mode.PAPER, Mode.LIVE):
        session = {"session_id": mode.value, "bot_id": "b", "mode": mode.value, "strategy_name": "x"}
        writer.put(Record("session_logs", session | {"started_utc_us": 1}, key="session_id"))
        bet = replace(base, bet_id=f"bet of {mode.value}", session_id=mode.value)
        for record in bet_records(bet, None, {}, f"event of {mode.value}", 1, None):
            writer.put(record)
    writer.close()
    store = LimitStore(tmp_path / "limits.db")
    try:
        for mode in (Mode.PRACTICE, Mode.PAPER):
            recovery = Recovery(database, mode, ["mine"])
            assert [bet.bet_id for bet in recovery.left] == [f"bet of {mode.value}"]
            gate = Gate(store, Limits(), clock, "new", mode)
            book = Book()
            tools = DeskTools(
                *("new", gate, book, clock, lambda: "id", lambda _table, _message: None),
                *(lambda _bet: False, lambda _table: 0.97),
            )
            desk = PaperDesk(tools, 100_000) if mode is Mode.PAPER else Desk(*tools)
            desk.add_table("mine", "mine", "EUR")
            recovery.hand_over(gate, desk)
            assert [r.bet_id for r in gate.reservations()] == (
                [] if mode is Mode.PAPER else ["bet of practice"]
            )
    finally:
        store.close()
        database.close()
