"""The wide row of a round, from what the bot wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.database import (
    BetRow,
    BotRegistration,
    CrashGameRound,
    Database,
    Denial,
    Round,
    SessionLog,
    SessionTable,
    SessionTotals,
    open_database,
)
from bot.database.deriving import derive, derive_all

START = 1_767_225_600_000_000
SECOND = 1_000_000


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    with opened.writing() as connection:
        connection.execute(insert(BotRegistration).values(bot_id="b1", bot_name="Bot", vm_name="desk"))
        session = {"session_id": "s1", "bot_id": "b1", "mode": "practice", "strategy_name": "fixed_stake"}
        session |= {"started_utc_us": START, "parameters": {"rtp": "0.97"}, "status": "running"}
        connection.execute(insert(SessionLog).values(**session))
        table = {"id": "s1/aviator", "session_id": "s1", "table_name": "aviator", "game_name": "aviator"}
        table |= {"account": "a1", "currency": "EUR", "platform_code": "practice"}
        connection.execute(insert(SessionTable).values(**table))
    yield opened
    opened.close()


def add_round(connection: Connection, round_id: str, crash: int | None = 245, **changes: Any) -> None:
    values: dict[str, Any] = {
        "round_id": round_id,
        "session_id": "s1",
        "table_name": "aviator",
        "game_name": "aviator",
        "round_number": int(round_id[1:]),
        "seen_from": "betting",
        "betting_utc_us": START,
        "flying_utc_us": START + 5 * SECOND,
        "crashed_utc_us": START + 15 * SECOND if crash else None,
        "recorded_utc_us": START + 15 * SECOND,
        "crash_multiplier": crash,
        "multiplier_source": "ocr" if crash else None,
        "raw_text": "2.45x",
        "confidence": 0.98,
        "complete": crash is not None,
    }
    connection.execute(insert(Round).values(**(values | changes)))


def add_bet(connection: Connection, bet_id: str, round_id: str, state: str, **changes: Any) -> None:
    payout = 200 if state == "won" else 0 if state == "lost" else None
    values: dict[str, Any] = {
        "bet_id": bet_id,
        "session_id": "s1",
        "account": "a1",
        "table_name": "aviator",
        "round_id": round_id,
        "panel": 0,
        "stake_minor": 100,
        "target": 200,
        "currency": "EUR",
        "state": state,
        "ordered_utc_us": START + SECOND,
        "balance_before_minor": 5000,
        "balance_after_minor": 5000 + (payout or 0) - 100,
        "payout_minor": payout,
        "profit_minor": None if payout is None else payout - 100,
    }
    connection.execute(insert(BetRow).values(**(values | changes)))


def wide(connection: Connection, round_id: str) -> dict[str, Any]:
    table = CrashGameRound.__table__
    row = connection.execute(select(table).where(table.c.round_id == round_id)).mappings().one()
    return dict(row)


def test_a_won_round_carries_flight_money_and_identity(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1")
        add_bet(connection, "x1", "r1", "won")
        assert derive(connection, {"r1"}) == 1
        row = wide(connection, "r1")
    assert row["round_outcome"] == "WIN"
    assert (row["stake_value"], row["cashout_amount"], row["profit_loss_amount"]) == (100, 200, 100)
    assert (row["roi_percent"], row["expected_profit"], row["variance_from_strategy"]) == (
        1_000_000,
        -300,
        10_300,
    )
    assert (row["running_balance_before"], row["running_balance_after"]) == (5000, 5100)
    assert (row["crash_multiplier_detected"], row["cashout_multiplier"]) == (245, 200)
    assert row["duration_seconds"] == 10 * SECOND
    assert (row["bot_name"], row["vm_name"], row["mode"], row["platform_code"]) == (
        "Bot",
        "desk",
        "practice",
        "practice",
    )
    assert row["date_bucket"] == START // 86_400_000_000
    assert row["metadata"]["bet_id"] == "x1"


def test_the_expected_profit_is_that_of_the_tables_own_return_to_player(database: Database) -> None:
    with database.writing() as connection:
        parameters = {"rtp": "0.90", "rtp_of": {"aviator": "0.95", "another": "0.90"}}
        connection.execute(update(SessionLog).values(parameters=parameters))
        add_round(connection, "r1")
        add_bet(connection, "x1", "r1", "won")
        derive(connection, {"r1"})
        assert wide(connection, "r1")["expected_profit"] == -500


@pytest.mark.parametrize(
    ("state", "outcome", "error"),
    [
        ("lost", "LOSS", None),
        ("unknown", "UNKNOWN", None),
        ("placed", "UNKNOWN", None),
        ("refused", "ERROR", "bet_failed"),
        ("missed", "ERROR", "bet_failed"),
    ],
)
def test_what_became_of_the_bet_says_what_became_of_the_round(
    database: Database, state: str, outcome: str, error: str | None
) -> None:
    with database.writing() as connection:
        add_round(connection, "r1")
        add_bet(connection, "x1", "r1", state, reason="because")
        derive(connection, {"r1"})
        row = wide(connection, "r1")
    assert (row["round_outcome"], row["error_type"]) == (outcome, error)
    assert row["profit_loss_amount"] == (-100 if outcome == "LOSS" else None)


def test_a_round_without_a_bet_is_skipped_and_has_no_stake(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1")
        denial = {"id": "d1", "session_id": "s1", "account": "a1", "table_name": "aviator", "round_id": "r1"}
        denial |= {"limit_name": "stake", "reason": "too much", "at_utc_us": START}
        connection.execute(insert(Denial).values(**denial))
        derive(connection, {"r1"})
        row = wide(connection, "r1")
    assert row["round_outcome"] == "SKIP"
    assert row["stake_value"] is None
    assert row["stake_placement_result"] == "denied: too much"


def test_an_open_round_has_no_wide_row_yet(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1", crash=None)
        add_bet(connection, "x1", "r1", "placed", placed_utc_us=START)
        assert derive(connection, {"r1", "not there"}) == 0


def test_a_missed_round_is_an_error_without_a_multiplier(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1", crash=None, missed_reason="the window was covered")
        derive(connection, {"r1"})
        row = wide(connection, "r1")
    assert (row["round_outcome"], row["error_type"]) == ("ERROR", "no_multiplier")
    assert row["error_description"] == "the window was covered"


def test_a_settlement_changes_the_row_and_the_totals_once(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1")
        add_bet(connection, "x1", "r1", "unknown")
        derive(connection, {"r1"})
        connection.execute(
            update(BetRow)
            .where(BetRow.bet_id == "x1")
            .values(state="won", payout_minor=200, profit_minor=100)
        )
        derive(connection, {"r1"})
        derive(connection, {"r1"})
        totals = connection.execute(select(SessionTotals.__table__)).mappings().one()
    assert (totals["total_rounds"], totals["wins"], totals["unknowns"]) == (1, 1, 0)
    assert (totals["profit_total"], totals["stake_total"], totals["stake_unknown"]) == (100, 100, 0)


def test_a_bet_whose_round_was_never_recorded_counts_all_the_same(database: Database) -> None:
    with database.writing() as connection:
        add_bet(connection, "x1", "gone", "lost")
        assert derive_all(connection) == 1
        row = wide(connection, "gone")
    assert (row["round_outcome"], row["profit_loss_amount"], row["game_name"]) == ("LOSS", -100, "aviator")
    assert row["crash_multiplier_detected"] is None


def test_two_panels_add_up(database: Database) -> None:
    with database.writing() as connection:
        add_round(connection, "r1")
        add_bet(connection, "x1", "r1", "won")
        add_bet(connection, "x2", "r1", "lost", panel=1, target=300, stake_minor=50, profit_minor=-50)
        derive(connection, {"r1"})
        row = wide(connection, "r1")
    assert (row["stake_value"], row["profit_loss_amount"], row["round_outcome"]) == (150, 50, "WIN")
    assert [bet["bet_id"] for bet in row["metadata"]["bets"]] == ["x1", "x2"]


def test_deriving_everything_again_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        for number in range(1, 30):
            add_round(connection, f"r{number}")
            add_bet(connection, f"x{number}", f"r{number}", "won" if number % 3 else "lost")
        assert derive_all(connection) == 29
        table = CrashGameRound.__table__
        columns = [c for c in table.columns if c.name != "updated_at"]
        before = connection.execute(select(*columns).order_by(table.c.round_id)).all()
        assert derive_all(connection) == 29
        assert connection.execute(select(*columns).order_by(table.c.round_id)).all() == before
