"""The totals follow every change of their rows, whoever makes it, on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database import BotRegistration, CrashGameRound, Database, RoundSignal, open_database
from bot.database.base import Base
from bot.database.totals import DEFINITIONS
from bot.database.triggers import counted_columns, rebuild_sql

DAY = 86_400_000_000
START = 20_000 * DAY
ROUNDS, SIGNALS = Base.metadata.tables["crash_game_rounds"], Base.metadata.tables["analytics_round_signals"]


@pytest.fixture
def opened(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    with database.writing() as connection:
        connection.execute(insert(BotRegistration), [{"bot_id": "a"}, {"bot_id": "b"}])
    yield database
    database.close()


def row(name: str, **values: object) -> dict[str, object]:
    plain = {
        "round_id": name,
        "bot_id": "a",
        "game_name": "aviator",
        "platform_code": "p",
        "strategy_name": "martingale",
        "currency": "EUR",
        "mode": "paper",
        "session_id": "s1",
        "round_start_timestamp": START,
        "round_end_timestamp": None,
        "round_outcome": "WIN",
        "stake_value": 100,
        "cashout_amount": 200,
        "profit_loss_amount": 100,
        "expected_profit": -300,
        "crash_multiplier_detected": 245,
    }
    return plain | values


def totals(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    for definition in DEFINITIONS:
        table = Base.metadata.tables[definition.name]
        rows = connection.execute(select(table).order_by(*table.primary_key.columns))
        found[definition.name] = [tuple(each) for each in rows]
    return found


def check(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """The totals, which are those that a rebuild finds."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        kept = totals(connection)
        for definition in DEFINITIONS:
            for statement in rebuild_sql(definition):
                connection.exec_driver_sql(statement)
        rebuilt = totals(connection)
        transaction.rollback()
    assert kept == rebuilt
    return kept


def day_of(database: Database, bot: str = "a") -> dict[str, object]:
    with database.engine.connect() as connection:
        found = connection.execute(
            text("SELECT * FROM round_totals_daily WHERE bot_id = :bot ORDER BY day"), {"bot": bot}
        )
        return dict(found.mappings().first() or {})


def run(database: Database, *statements: object, rows: list[dict[str, object]] | None = None) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(statement, rows)  # type: ignore[call-overload]


def upsert(database: Database, values: list[dict[str, object]], *changed: str) -> None:
    make = postgresql.insert if database.engine.dialect.name == "postgresql" else sqlite.insert
    statement = make(ROUNDS).values(values)
    if changed:
        new = {name: statement.excluded[name] for name in changed}
        statement = statement.on_conflict_do_update(index_elements=["round_id"], set_=new)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=["round_id"])
    run(database, statement)


def test_inserted_rows_are_counted_by_every_key(opened: Database) -> None:
    run(
        opened,
        insert(ROUNDS),
        rows=[
            row("1"),
            row("2", round_outcome="LOSS", stake_value=250, cashout_amount=0, profit_loss_amount=-250),
            row("3", round_outcome="SKIP", stake_value=None, cashout_amount=None, profit_loss_amount=None),
            row("4", round_outcome="UNKNOWN", stake_value=70, cashout_amount=None, profit_loss_amount=None),
            row("5", bot_id="b", currency=None, mode=None, strategy_name=None, platform_code=None),
            row("6", session_id=None, crash_multiplier_detected=None),
            row("7", round_start_timestamp=None, round_end_timestamp=START + DAY),
            row("8", round_start_timestamp=None, crash_multiplier_detected=1_234_567),
        ],
    )
    check(opened)
    day = day_of(opened, "b")
    assert (day["day"], day["currency"], day["total_rounds"], day["wins"]) == (20_000, "", 1, 1)
    with opened.engine.connect() as connection:
        days = connection.scalars(text("SELECT DISTINCT day FROM round_totals_daily ORDER BY day"))
        assert list(days) == [-1, 20_000, 20_001]
        top = connection.scalar(text("SELECT MAX(bucket) FROM multiplier_histogram"))
        assert top == 1_230_000


def test_a_round_that_is_there_is_not_counted_again(opened: Database) -> None:
    upsert(opened, [row("1"), row("2")])
    before = check(opened)
    upsert(opened, [row("1", profit_loss_amount=999), row("2")])
    assert check(opened) == before
    upsert(opened, [row("2"), row("3")])
    check(opened)
    assert day_of(opened)["total_rounds"] == 3


def test_an_upsert_counts_the_new_and_recounts_the_changed(opened: Database) -> None:
    upsert(opened, [row("1"), row("2")], "profit_loss_amount")
    upsert(
        opened,
        [row("2", profit_loss_amount=700), row("3", profit_loss_amount=-50, round_outcome="LOSS")],
        "profit_loss_amount", "round_outcome",
    )  # fmt: skip
    check(opened)
    day = day_of(opened)
    assert (day["total_rounds"], day["profit_total"], day["largest_win"], day["largest_loss"]) == (
        3, 750, 700, -50,
    )  # fmt: skip


def test_a_late_settlement_moves_a_round_to_its_outcome(opened: Database) -> None:
    late = row("1", round_outcome="UNKNOWN", profit_loss_amount=None, cashout_amount=None)
    run(opened, insert(ROUNDS), rows=[late, row("2")])
    assert day_of(opened)["stake_unknown"] == 100
    run(opened, update(ROUNDS).where(ROUNDS.c.round_id == "1").values(round_outcome="LOSS"))
    run(opened, update(ROUNDS).where(ROUNDS.c.round_id == "1").values(profit_loss_amount=-100))
    check(opened)
    day = day_of(opened)
    assert (day["stake_unknown"], day["stake_total"], day["losses"], day["unknowns"]) == (0, 200, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "b"},
        {"game_name": "jetx"},
        {"platform_code": None},
        {"strategy_name": None},
        {"currency": "USD"},
        {"mode": None},
        {"session_id": "s2"},
        {"session_id": None},
        {"round_start_timestamp": START + DAY},
        {"round_start_timestamp": None},
        {"crash_multiplier_detected": None},
        {"crash_multiplier_detected": 100},
        {"round_outcome": "ERROR", "stake_value": None, "profit_loss_amount": None},
        {"stake_value": 5, "cashout_amount": None, "expected_profit": None},
    ],
)
def test_a_changed_key_or_figure_moves_the_round(opened: Database, change: dict[str, object]) -> None:
    run(opened, insert(ROUNDS), rows=[row("1"), row("2", profit_loss_amount=50), row("3", bot_id="b")])
    for where in (ROUNDS.c.round_id == "1", ROUNDS.c.bot_id == "b", ROUNDS.c.round_id != ""):
        run(opened, update(ROUNDS).where(where).values(**change))
        check(opened)


def test_a_change_of_what_is_not_counted_changes_no_total_but_the_time_of_change(opened: Database) -> None:
    run(opened, insert(ROUNDS), rows=[row("1"), row("2")])
    before = check(opened)
    run(opened, update(ROUNDS).where(ROUNDS.c.round_id == "1").values(ocr_raw_text="2.45x"))
    assert check(opened) == before
    with opened.session() as session:
        assert session.get_one(CrashGameRound, "1").updated_at is not None
        assert session.get_one(CrashGameRound, "2").updated_at is None


def test_a_counted_change_sets_the_time_of_change_and_is_counted_once(opened: Database) -> None:
    run(opened, insert(ROUNDS), rows=[row("1")])
    for profit in (300, 20, 300):
        run(opened, update(ROUNDS).values(profit_loss_amount=profit))
        check(opened)
    with opened.session() as session:
        changed = session.get_one(CrashGameRound, "1")
        assert changed.updated_at is not None
        assert changed.updated_at >= changed.created_at


def test_a_time_of_change_that_is_given_is_kept(opened: Database) -> None:
    run(opened, insert(ROUNDS), rows=[row("1")])
    run(opened, update(ROUNDS).values(updated_at=5, stake_value=1))
    with opened.session() as session:
        assert session.get_one(CrashGameRound, "1").updated_at == 5
    check(opened)


@pytest.mark.parametrize("gone", [["1"], ["2"], ["1", "2"], ["3"], ["1", "2", "3", "4"]])
def test_deleted_rows_are_counted_out_and_lost_extremes_are_found_again(
    opened: Database, gone: list[str]
) -> None:
    loss = {"round_outcome": "LOSS", "cashout_amount": 0}
    run(
        opened,
        insert(ROUNDS),
        rows=[
            row("1", profit_loss_amount=900, crash_multiplier_detected=9_900),
            row("2", profit_loss_amount=-800, crash_multiplier_detected=100, **loss),
            row("3", profit_loss_amount=900, crash_multiplier_detected=9_900, currency="USD"),
            row("4", profit_loss_amount=-10, crash_multiplier_detected=101, bot_id="b", **loss),
        ],
    )
    run(opened, delete(ROUNDS).where(ROUNDS.c.round_id.in_(gone)))
    kept = check(opened)
    assert (not kept["round_totals_daily"]) is (len(gone) == 4)


def test_statements_that_touch_nothing_change_nothing(opened: Database) -> None:
    run(opened, insert(ROUNDS), rows=[row("1")])
    before = check(opened)
    run(opened, delete(ROUNDS).where(ROUNDS.c.round_id == "no"))
    run(opened, update(ROUNDS).where(ROUNDS.c.round_id == "no").values(bot_id="b"))
    run(opened, update(ROUNDS).values(bot_id=ROUNDS.c.bot_id))
    assert check(opened) == before


def test_many_rows_in_one_statement_over_many_groups(opened: Database) -> None:
    rows = [
        row(
            str(n),
            bot_id="ab"[n % 2],
            session_id=f"s{n % 5}",
            round_start_timestamp=START + n % 3 * DAY,
            profit_loss_amount=(n * 37 % 200) - 100,
            crash_multiplier_detected=100 + n * 61 % 2_000,
        )
        for n in range(300)
    ]
    run(opened, insert(ROUNDS).values(rows))
    check(opened)
    run(opened, update(ROUNDS).where(ROUNDS.c.session_id == "s1").values(round_start_timestamp=START))
    check(opened)
    run(opened, delete(ROUNDS).where(ROUNDS.c.session_id.in_(["s0", "s2"])))
    check(opened)
    run(opened, delete(ROUNDS))
    assert all(not kept for kept in check(opened).values())


def test_a_transaction_that_is_rolled_back_counts_nothing(opened: Database) -> None:
    run(opened, insert(ROUNDS), rows=[row("1")])
    before = check(opened)
    with pytest.raises(LookupError), opened.writing() as connection:
        connection.execute(insert(ROUNDS), [row("2")])
        connection.execute(delete(ROUNDS))
        raise LookupError
    assert check(opened) == before


def test_signals_are_counted_and_recounted(opened: Database) -> None:
    def signal(name: str, **values: object) -> dict[str, object]:
        plain = {"id": name, "round_id": "r", "bot_id": "a", "signal_type": "pre_flight", "timestamp": START}
        return plain | {"confidence_score": 0.123456, "signal_correctness": None, **values}

    run(
        opened,
        insert(SIGNALS),
        rows=[
            signal("1", signal_correctness=True, prediction_error=-30),
            signal("2", signal_correctness=False, prediction_error=20),
            signal("3", confidence_score=None, timestamp=None, prediction_error=None),
            signal("4", signal_type="crash_imminent", confidence_score=1.0, prediction_error=None),
        ],
    )
    first = check(opened)["signal_totals"]
    assert ("a", "pre_flight", 20_000, 2, 2, 1, 2, 246_912, 2, 50) in first
    run(opened, update(SIGNALS).values(signal_correctness=True, prediction_error=1))
    run(opened, update(SIGNALS).where(SIGNALS.c.id == "4").values(bot_id="b", confidence_score=None))
    run(opened, delete(SIGNALS).where(SIGNALS.c.id.in_(["1", "3"])))
    check(opened)


def test_counted_columns_are_those_that_the_totals_are_made_of() -> None:
    counted = counted_columns("crash_game_rounds")
    assert {"bot_id", "round_start_timestamp", "round_end_timestamp", "profit_loss_amount"} <= set(counted)
    assert not {"updated_at", "created_at", "ocr_raw_text", "metadata", "date_bucket"} & set(counted)
    assert counted_columns("analytics_round_signals") == [
        "bot_id", "timestamp", "signal_type", "confidence_score", "signal_correctness", "prediction_error",
    ]  # fmt: skip


def test_models_of_rows_and_totals_stay_in_step() -> None:
    assert RoundSignal.__tablename__ == SIGNALS.name
    for definition in DEFINITIONS:
        named = [*definition.keys, *definition.sums, *definition.extremes]
        assert sorted(named) == sorted(Base.metadata.tables[definition.name].columns.keys())
