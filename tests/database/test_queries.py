"""The questions of the running bot, and a bet's way into and out of the database."""

from __future__ import annotations

from dataclasses import replace

from bot.database import (
    Database,
    SessionStatus,
    Writer,
    bet_events,
    find_bets,
    last_rounds,
    next_round_number,
    open_bets,
    reconciliations,
    session_bets,
    session_ids,
    session_tables,
    sessions,
)
from bot.domain.bets import Bet, BetState
from bot.domain.clock import SystemClock
from bot.domain.ports import Record
from bot.runtime.bet_records import bet_records
from tests.database.conftest import SESSION, round_record, session_record


def a_bet(name: str = "bet-1", account: str = "acc", session_id: str = SESSION) -> Bet:
    return Bet(
        bet_id=name,
        session_id=session_id,
        account=account,
        table="aviator",
        round_id="aviator-7",
        panel=1,
        stake_minor=150,
        target=200,
        currency="USD",
        balance_before_minor=10_000,
        deadline_mono_ns=0,
        ordered_utc_ns=1_767_225_600_123_456_000,
    )


class Diary:
    """Writes bets down as the runtime does, one event a transition."""

    def __init__(self, database: Database) -> None:
        self.writer = Writer(database, SystemClock())
        self.events = 0
        self.writer.put_and_wait(session_record())

    def name(self) -> str:
        self.events += 1
        return f"event-{self.events:04d}"

    def write(self, bet: Bet, before: BetState | None) -> Bet:
        event = self.name()
        now_utc_us = bet.ordered_utc_ns // 1000 + self.events
        for record in bet_records(bet, before, {}, event, now_utc_us, balance_after_minor=9_850):
            self.writer.put(record)
        return bet

    def order(self, bet: Bet) -> Bet:
        return self.write(bet, None)

    def move(self, bet: Bet, state: BetState, reason: str = "", payout_minor: int | None = None) -> Bet:
        return self.write(bet.to(state, reason, payout_minor), bet.state)

    def close(self) -> None:
        assert self.writer.flush()
        self.writer.close()
        assert self.writer.rejected == []


PLACED = (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED, BetState.PLACED)


def test_a_bet_comes_back_as_it_was_written(database: Database) -> None:
    diary = Diary(database)
    bet = diary.order(a_bet())
    for state in PLACED:
        bet = diary.move(bet, state)
    diary.close()
    assert open_bets(database) == [bet]
    assert open_bets(database, account="acc", session_id=SESSION) == [bet]
    assert open_bets(database, account="other") == []
    events = bet_events(database, bet.bet_id)
    assert [event.to_state for event in events] == ["ordered", *(state.value for state in PLACED)]
    assert [event.from_state for event in events] == [None, "ordered", "typed", "verified", "clicked"]


def test_settled_bets_carry_their_money_and_are_not_open(database: Database) -> None:
    diary = Diary(database)
    won, lost, missed, unknown = (diary.order(a_bet(f"bet-{n}")) for n in range(4))
    for state in PLACED:
        won, lost, unknown = (diary.move(bet, state) for bet in (won, lost, unknown))
    diary.move(won, BetState.WON, payout_minor=300)
    diary.move(lost, BetState.LOST)
    diary.move(missed, BetState.MISSED, "the window had closed")
    diary.move(unknown, BetState.UNKNOWN, "the page reloaded")
    diary.close()
    assert [bet.bet_id for bet in open_bets(database)] == ["bet-3"]
    rows = {row.bet_id: row for row in session_bets(database, SESSION)}
    assert [(rows[f"bet-{n}"].payout_minor, rows[f"bet-{n}"].profit_minor) for n in range(4)] == [
        (300, 150),
        (None, -150),
        (None, 0),
        (None, None),
    ]
    assert rows["bet-2"].reason == "the window had closed"
    assert rows["bet-0"].placed_utc_us is not None
    assert rows["bet-3"].settled_utc_us is None
    assert session_bets(database, SESSION, table="jetx") == []


def test_bets_are_found_by_identifier_however_many(database: Database) -> None:
    diary = Diary(database)
    names = [f"bet-{n:04d}" for n in range(1_200)]
    for name in names:
        diary.order(a_bet(name))
    diary.close()
    found = find_bets(database, [*names, "unknown"])
    assert set(found) == set(names)
    assert found["bet-0007"] == replace(a_bet("bet-0007"))


def test_rounds_are_numbered_on_per_session_and_table(database: Database) -> None:
    with database.session():
        pass
    assert next_round_number(database, SESSION, "aviator") == 1
    writer = Writer(database, SystemClock())
    writer.put(session_record())
    for number in (1, 2, 3, 7):
        writer.put(round_record(number))
    writer.put(round_record(40, table="jetx"))
    assert writer.flush()
    writer.close()
    assert next_round_number(database, SESSION, "aviator") == 8
    assert next_round_number(database, "another", "aviator") == 1
    assert [row.round_number for row in last_rounds(database, "aviator", 2)] == [7, 3]
    assert [row.round_number for row in last_rounds(database, "aviator", session_id=SESSION)] == [7, 3, 2, 1]


def test_sessions_tables_and_reconciliations_are_listed(database: Database) -> None:
    writer = Writer(database, SystemClock())
    for name in ("s1", "s2"):
        writer.put(session_record(name))
    ended = {"session_id": "s1", "status": "ended", "ended_utc_us": 5}
    writer.put(Record("session_logs", ended, key="session_id", update=True))
    table = {
        "id": "x",
        "session_id": "s2",
        "table_name": "jetx",
        "game_name": "jetx",
        "account": "a",
        "currency": "USD",
    }
    writer.put(Record("session_tables", table))
    seen = {"id": "y", "session_id": "s2", "account": "a", "at_utc_us": 1, "verdict": "agrees"}
    writer.put(Record("reconciliations", seen))
    assert writer.flush()
    writer.close()
    assert writer.rejected == []
    assert [row.session_id for row in sessions(database, status=SessionStatus.RUNNING)] == ["s2"]
    assert len(sessions(database, bot_id="bot-1")) == 2
    assert session_ids(database) == {"s1", "s2"}
    assert [row.table_name for row in session_tables(database, "s2")] == ["jetx"]
    assert [row.verdict for row in reconciliations(database, "s2")] == ["agrees"]
