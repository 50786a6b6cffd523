"""What stands in the database beside the models: ``schema.sql``, views, the stored procedure."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import Connection, insert, text

from bot.database import CrashGameRound, Database, open_database
from bot.database.base import Base
from bot.database.engine import connect
from bot.database.maintenance import check_database
from bot.database.readable import READABLE, view_name
from bot.database.schema import schema_sql, schema_statements, shipped_sql
from bot.database.upgrading import migrate
from tests.database.catalogue import catalogue
from tests.servers import PostgresServer

T = Base.metadata.tables
START = 1_767_225_600_123_456


@pytest.fixture
def opened(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def central(postgres_url: str) -> Iterator[Database]:
    database = open_database(postgres_url)
    with database.writing() as connection:
        connection.execute(insert(T["bot_vm_registration"]).values(bot_id="a"))
    yield database
    database.close()


# -- schema.sql -----------------------------------------------------------------------------------------


def test_the_shipped_schema_is_what_the_models_say() -> None:
    assert shipped_sql() == schema_sql(), "make it again: python -m bot.database.migrations.freeze"


def test_statements_come_in_the_same_order_every_time() -> None:
    for dialect in ("sqlite", "postgresql"):
        assert schema_statements(dialect) == schema_statements(dialect)


def test_psql_makes_from_it_what_the_migrations_make(
    postgres: PostgresServer, postgres_url: str, tmp_path: os.PathLike[str]
) -> None:
    fed = postgres.create_database()
    plain = connect(postgres.url(fed)).engine.url
    done = subprocess.run(
        [str(postgres.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(plain.host),
         "-p", str(plain.port), "-U", str(plain.username), "-d", fed],
        input=shipped_sql(), env={**os.environ, "PGPASSWORD": str(plain.password)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    migrated = connect(postgres_url)
    with migrated.writing() as connection:
        migrate(connection, now_utc_us=5)
    opened = open_database(postgres.url(fed))
    assert catalogue(opened.engine) == catalogue(migrated.engine)
    assert all(finding.ok for finding in check_database(database=opened))
    for database in (opened, migrated):
        database.close()
    postgres.drop_database(fed)


def test_the_schema_has_what_users_of_such_databases_look_for() -> None:
    text_ = schema_sql()
    for wanted in (
        "GENERATED ALWAYS AS", "JSONB", "USING gin", "CREATE MATERIALIZED VIEW mv_daily_bot_stats",
        "CREATE PROCEDURE log_crash_game_round", "BEFORE UPDATE ON crash_game_rounds",
        "CHECK (round_outcome IN",
    ):  # fmt: skip
        assert wanted in text_
    assert len(re.findall(r"^CREATE (?:UNIQUE )?INDEX", text_, re.MULTILINE)) >= 20


# -- views ----------------------------------------------------------------------------------------------


def add_round(connection: Connection, **values: object) -> None:
    plain = {"round_id": "r", "bot_id": "a", "game_name": "aviator", "round_outcome": "LOSS"}
    connection.execute(insert(CrashGameRound).values({**plain, **values}))


def test_people_read_decimals_and_times(opened: Database) -> None:
    with opened.writing() as connection:
        connection.execute(insert(T["bot_vm_registration"]).values(bot_id="a", base_stake=5))
        add_round(
            connection, stake_value=123_456, profit_loss_amount=-7, crash_multiplier_detected=245,
            expected_profit=-370_001, duration_seconds=1_000_001, round_start_timestamp=START,
            extra={"a": 1},
        )  # fmt: skip
        add_round(connection, round_id="unknown")
        found = connection.execute(
            text("SELECT * FROM crash_game_rounds_readable ORDER BY round_id")
        ).mappings()
        row, unknown = (dict(each) for each in found)
    values = [
        row[name] for name in ("stake_value", "profit_loss_amount", "expected_profit", "duration_seconds")
    ]
    assert [str(value) for value in values] == ["1234.56", "-0.07", "-37.0001", "1.000001"]
    assert str(row["date_bucket"]) == "2026-01-01"
    when = row["round_start_timestamp"]
    if isinstance(when, str):
        assert when == "2026-01-01T00:00:00.123456Z"
        when = datetime.fromisoformat(when)
    assert when == datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert (unknown["stake_value"], unknown["round_start_timestamp"], unknown["date_bucket"]) == (None,) * 3


@pytest.mark.parametrize("table", READABLE)
def test_every_readable_twin_can_be_read_and_has_all_columns(opened: Database, table: str) -> None:
    with opened.engine.connect() as connection:
        names = connection.execute(text(f"SELECT * FROM {view_name(table)}")).keys()
    assert len(names) == len(T[table].columns)


# -- the procedure --------------------------------------------------------------------------------------


def call(database: Database, **values: object) -> str:
    """What a client of any language does: named parameters, values as it has them."""
    driver_url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    named = ", ".join(f"p_{name} => %({name})s" for name in values)
    with closing(psycopg.connect(driver_url)) as connection, connection:
        row = connection.execute(f"CALL log_crash_game_round({named})", values).fetchone()
    assert row is not None
    return str(row[0])


def test_a_round_is_logged_from_sql(central: Database) -> None:
    start = datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    made = call(
        central, bot_id="a", game_name="aviator", round_outcome="WIN", stake_value=Decimal("1.50"),
        profit_loss_amount=Decimal("0.75"), crash_multiplier_detected=Decimal("2.4500"),
        expected_profit=Decimal("-0.0375"), round_start_timestamp=start, metadata='{"k": 1}',
        duration_seconds=Decimal("2.5"), multiplier_detection_confidence=0.5, manual_override_flag=True,
    )  # fmt: skip
    with central.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM crash_game_rounds")).mappings().one()
        assert connection.scalar(text("SELECT profit_total FROM round_totals_daily")) == 75
    assert row["round_id"] == made
    assert row["round_start_timestamp"] == START
    assert (row["stake_value"], row["profit_loss_amount"], row["crash_multiplier_detected"]) == (150, 75, 245)
    assert (row["expected_profit"], row["duration_seconds"], row["metadata"]) == (-375, 2_500_000, {"k": 1})


def test_the_same_round_is_stored_once(central: Database) -> None:
    for _ in range(2):
        assert call(central, round_id="mine", bot_id="a", game_name="jetx") == "mine"
    with central.engine.connect() as connection:
        found = connection.execute(
            text("SELECT round_outcome, COUNT(*) FROM crash_game_rounds GROUP BY 1")
        ).all()
    assert [tuple(row) for row in found] == [("UNKNOWN", 1)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stake_value": Decimal("1.505")}, "p_stake_value takes at most 2 decimals"),
        ({"stake_value": Decimal("NaN")}, "p_stake_value must be a finite number"),
        ({"stake_value": Decimal("-1")}, "ck_wide_stake"),
        ({"profit_loss_amount": Decimal("1e18")}, "p_profit_loss_amount is too large"),
        ({"crash_multiplier_detected": Decimal("0.99")}, "ck_wide_crash"),
        ({"round_outcome": "MAYBE"}, "ck_wide_round_outcome_known"),
        ({"bot_id": "nobody"}, "p_bot_id = nobody is not registered"),
        ({"bot_id": None}, "is not registered"),
        ({"game_name": None}, "game_name"),
        ({"round_start_timestamp": "infinity"}, "p_round_start_timestamp must be a time"),
        ({"session_id": "'; DROP TABLE bets; --", "stake_value": Decimal("0.001")}, "p_stake_value"),
    ],
)
def test_what_is_not_exact_or_not_allowed_is_refused_by_name(
    central: Database, values: dict[str, object], words: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        call(central, **{"bot_id": "a", "game_name": "aviator", **values})
    assert words in str(caught.value)
    with central.engine.connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM crash_game_rounds")) == 0


def test_integers_of_the_procedure_are_those_of_the_loggers(central: Database) -> None:
    """The largest amounts that fit go through exactly."""
    call(
        central,
        round_id="x",
        bot_id="a",
        game_name="a",
        running_balance_after=Decimal("92233720368547758.07"),
    )
    with central.engine.connect() as connection:
        assert connection.scalar(text("SELECT running_balance_after FROM crash_game_rounds")) == 2**63 - 1
