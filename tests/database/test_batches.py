"""Records to rows: exact, once, and refused where they were made when they cannot be stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import exc, func, select

from bot.database import BetRow, BotRegistration, Database, GamePlatform, Round, SessionLog, open_database
from bot.database.batches import BatchWriter, RowMissing, check
from bot.database.models import Base
from bot.domain.errors import BadInput
from bot.domain.ports import Record
from tests.database.conftest import SESSION, round_record, session_record

#: A statement's fault is the driver's own, a commit's comes through SQLAlchemy.
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError, exc.IntegrityError)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def store(database: Database, *records: Record) -> None:
    for record in records:
        check(record)
    with database.writing() as connection:
        BatchWriter(database.engine.dialect).write(connection, records)


def stored(database: Database, round_id: str) -> Round:
    with database.session() as session:
        found = session.get(Round, round_id)
    assert found is not None
    return found


def test_the_same_record_twice_is_stored_once_and_unchanged(database: Database) -> None:
    store(database, session_record(), round_record(1, crash=245))
    store(database, session_record(), round_record(1, crash=999), round_record(1, crash=999))
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Round)) == 1
    assert stored(database, "aviator-1").crash_multiplier == 245


def test_an_update_changes_the_columns_given_and_no_others(database: Database) -> None:
    store(database, session_record(), round_record(1, crash=None))
    change = {"round_id": "aviator-1", "crash_multiplier": 101, "players": 5}
    store(database, Record("rounds", change, key="round_id", update=True))
    row = stored(database, "aviator-1")
    assert (row.crash_multiplier, row.players, row.complete, row.table_name) == (101, 5, False, "aviator")


def test_updates_of_one_batch_follow_its_inserts_in_their_order(database: Database) -> None:
    def change(crash: int) -> Record:
        values = {"round_id": "aviator-1", "crash_multiplier": crash}
        return Record("rounds", values, key="round_id", update=True)

    other = {"round_id": "aviator-1", "crash_multiplier": 300, "players": 1}
    store(
        database,
        change(200),
        round_record(1, crash=None),
        Record("rounds", other, key="round_id", update=True),
        change(400),
        session_record(),
    )
    assert stored(database, "aviator-1").crash_multiplier == 400


def test_an_update_with_all_columns_makes_the_row_when_it_is_missing(database: Database) -> None:
    whole = session_record()
    store(database, Record(whole.table, whole.values, key="session_id", update=True))
    later = {**whole.values, "notes": "again"}
    store(database, Record(whole.table, later, key="session_id", update=True))
    with database.session() as session:
        row = session.get(SessionLog, SESSION)
    assert row is not None
    assert (row.notes, row.status, row.parameters) == ("again", "running", {"target": "2.00"})


def test_an_update_of_a_row_that_is_not_there_is_an_error(database: Database) -> None:
    missing = Record("rounds", {"round_id": "none", "players": 1}, key="round_id", update=True)
    with pytest.raises(RowMissing):
        store(database, missing)


def test_a_reference_to_nothing_is_refused_at_the_commit(database: Database) -> None:
    with pytest.raises(REFUSED):
        store(database, round_record(1))


def test_another_round_with_the_same_number_is_refused_not_swallowed(database: Database) -> None:
    store(database, session_record(), round_record(1))
    with pytest.raises(REFUSED):
        store(database, round_record(1, name="another"))


@pytest.mark.parametrize(
    ("table", "values", "word"),
    [
        ("no_such_table", {"id": "1"}, "no_such_table"),
        ("rounds", {"round_id": "1", "no_such_column": 1}, "no_such_column"),
        ("rounds", {"players": 1}, "round_id"),
        ("rounds", {"round_id": "1", "crash_multiplier": 2.45}, "crash_multiplier"),
        ("rounds", {"round_id": "1", "crash_multiplier": True}, "crash_multiplier"),
        ("rounds", {"round_id": "1", "crash_multiplier": 1 << 63}, "crash_multiplier"),
        ("rounds", {"round_id": "1", "confidence": float("nan")}, "confidence"),
        ("rounds", {"round_id": "1", "confidence": float("inf")}, "confidence"),
        ("rounds", {"round_id": "1", "complete": 1}, "complete"),
        ("rounds", {"round_id": "1", "raw_text": "1.2\x004"}, "raw_text"),
        ("rounds", {"round_id": "1", "raw_text": "x" * 2_000_000}, "raw_text"),
        ("rounds", {"round_id": 7}, "round_id"),
        ("bet_events", {"id": "1", "detail": {"x": float("nan")}}, "detail"),
        ("bet_events", {"id": "1", "detail": {"x": "\x00"}}, "detail"),
        ("bet_events", {"id": "1", "detail": {"x": "y" * 5_000_000}}, "detail"),
        ("bet_events", {"id": "1", "detail": {"x": object()}}, "detail"),
    ],
)
def test_what_no_database_would_take_is_refused_by_name(
    table: str, values: dict[str, Any], word: str
) -> None:
    key = "round_id" if table == "rounds" else "id"
    with pytest.raises(BadInput, match=word) as caught:
        check(Record(table, values, key=key))
    assert len(str(caught.value)) < 300


@given(
    text=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    number=st.integers(0, 99),
)
def test_any_text_is_data(database_once: Database, text: str, number: int) -> None:
    name = f"{number}'); DROP TABLE rounds; --{text}"
    values = {**round_record(number, table=name, name=name).values, "raw_text": text}
    store(database_once, session_record(), Record("rounds", values, key="round_id"))
    row = stored(database_once, name)
    assert (row.raw_text, row.table_name) == (text, name)


@pytest.fixture(scope="module")
def database_once(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = open_database(tmp_path_factory.mktemp("texts") / "bot.db")
    yield opened
    opened.close()


@given(money=st.integers(-(1 << 63), (1 << 63) - 1))
def test_money_comes_back_exact(database_once: Database, money: int) -> None:
    values = {
        "id": f"money-{money}",
        "session_id": SESSION,
        "account": "a",
        "at_utc_us": 0,
        "verdict": "agrees",
        "expected_minor": money,
    }
    store(database_once, session_record(), Record("reconciliations", values))
    table = Base.metadata.tables["reconciliations"]
    question = select(table.c.expected_minor).where(table.c.id == f"money-{money}")
    with database_once.engine.connect() as connection:
        assert connection.scalar(question) == money


def test_nonsense_that_only_a_constraint_sees_is_refused(database: Database) -> None:
    store(database, session_record())
    for crash in (99, 0, -5):
        with pytest.raises(REFUSED):
            store(database, round_record(1, crash=crash))
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_a_skipped_round_and_an_empty_purse_are_possible(database: Database) -> None:
    values = {
        "id": "t",
        "session_id": SESSION,
        "table_name": "aviator",
        "game_name": "aviator",
        "account": "a",
        "currency": "USD",
        "last_balance_minor": 0,
    }
    store(database, session_record(), round_record(1, crash=None), Record("session_tables", values))
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(BetRow)) == 0


def test_a_key_of_two_columns_is_known_by_both(database: Database) -> None:
    def platform(code: str, currency: str, update: bool = False) -> Record:
        values = {"game_name": "aviator", "platform_code": code, "currency": currency}
        return Record("game_platform_config", values, key="game_name", update=update)

    store(database, platform("a", "USD"), platform("b", "EUR"), platform("a", "GBP"))
    store(database, platform("b", "SEK", update=True), platform("c", "NOK", update=True))
    with database.session() as session:
        rows = {
            row.platform_code: (row.currency, row.is_active) for row in session.scalars(select(GamePlatform))
        }
    assert rows == {"a": ("USD", True), "b": ("SEK", True), "c": ("NOK", True)}
    with pytest.raises(BadInput, match="platform_code"):
        check(Record("game_platform_config", {"game_name": "aviator"}, key="game_name"))


def test_an_update_that_makes_its_row_when_it_is_missing_needs_no_column_that_the_database_fills(
    database: Database,
) -> None:
    for name in ("one", "two"):
        values = {"bot_id": "bot-1", "bot_name": name}
        store(database, Record("bot_vm_registration", values, key="bot_id", update=True))
    with database.session() as session:
        row = session.get(BotRegistration, "bot-1")
    assert row is not None
    assert (row.bot_name, row.is_active) == ("two", True)


def test_rounds_touched_by_rounds_and_bets_are_given_to_what_follows(database: Database) -> None:
    seen: list[set[str]] = []
    writer = BatchWriter(database.engine.dialect, after=lambda _connection, rounds: seen.append(rounds))

    def write(*records: Record) -> None:
        with database.writing() as connection:
            writer.write(connection, records)

    bet = {
        "bet_id": "b",
        "session_id": SESSION,
        "account": "a",
        "table_name": "aviator",
        "round_id": "of-the-bet",
        "panel": 0,
        "stake_minor": 100,
        "target": 200,
        "currency": "USD",
        "state": "ordered",
        "ordered_utc_us": 1,
    }
    write(session_record())
    write(round_record(1), Record("bets", bet, key="bet_id"))
    write(Record("bets", {"bet_id": "b", "state": "placed"}, key="bet_id", update=True))
    assert seen == [{"aviator-1", "of-the-bet"}, {"of-the-bet"}]


def test_a_computed_column_cannot_be_given() -> None:
    with pytest.raises(BadInput, match="date_bucket"):
        check(Record("crash_game_rounds", {"round_id": "r", "date_bucket": 3}, key="round_id"))
