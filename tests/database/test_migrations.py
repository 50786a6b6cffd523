"""Migrations: the same tables by every way, nothing lost, nobody in the other's way."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from bot.database import Database, SessionLog, open_database
from bot.database.engine import connect
from bot.database.migrations.freeze import statements
from bot.database.migrations.step import frozen
from bot.database.models import SchemaVersion
from bot.database.schema import REVISION, SCHEMA_VERSION, run_statements
from bot.database.upgrading import alembic_config, migrate
from bot.domain.errors import StorageError
from tests.database.catalogue import catalogue


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@contextmanager
def as_it_is(url: str) -> Iterator[Connection]:
    database = connect(url)
    with database.writing() as connection:
        yield connection
    database.close()


def make_step_one(connection: Connection) -> None:
    """A database as the first version of this software made it, with a session in it."""
    run_statements(connection, frozen("0001", connection.dialect.name))
    connection.execute(text("INSERT INTO schema_version (version, applied_utc_us) VALUES (1, 5)"))
    connection.execute(
        text(
            "INSERT INTO session_logs (session_id, bot_id, mode, strategy_name, parameters, started_utc_us, "
            "status) VALUES ('s1', 'bot-1', 'practice', 'martingale', '{\"target\": \"2.00\"}', 7, 'ended')"
        )
    )
    connection.execute(
        text(
            "INSERT INTO bets (bet_id, session_id, account, table_name, round_id, panel, stake_minor, "
            "currency, state, ordered_utc_us) VALUES ('b', 's1', 'a', 't', 'r', 0, 100, 'EUR', 'won', 9)"
        )
    )


def test_the_newest_step_is_the_one_that_the_software_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    assert scripts.get_current_head() == REVISION
    assert [script.revision for script in scripts.walk_revisions()] == ["0003", "0002", "0001"]


def test_steps_from_nothing_give_the_schema_of_a_fresh_database(database_url: str, other_url: str) -> None:
    with opened(database_url) as database:
        fresh = catalogue(database.engine)
    with as_it_is(other_url) as connection:
        migrate(connection, now_utc_us=5)
    migrated = connect(other_url)
    assert catalogue(migrated.engine) == fresh
    migrated.close()


def test_the_models_and_the_database_do_not_differ(database_url: str) -> None:
    with opened(database_url) as database, database.engine.begin() as connection:
        command.check(alembic_config(connection))


def test_a_database_of_step_one_is_upgraded_and_nothing_is_lost(database_url: str, other_url: str) -> None:
    with as_it_is(database_url) as connection:
        make_step_one(connection)
    with opened(database_url) as database, database.session() as session:
        log = session.get_one(SessionLog, "s1")
        assert (log.bot_id, log.parameters, log.total_profit) == ("bot-1", {"target": "2.00"}, None)
        assert session.scalar(text("SELECT stake_minor FROM bets")) == 100
        versions = list(session.scalars(select(SchemaVersion.version).order_by("version")))
        assert versions == list(range(1, SCHEMA_VERSION + 1))
        upgraded = catalogue(database.engine)
    with opened(other_url) as database:
        assert catalogue(database.engine) == upgraded


def test_a_database_of_step_two_is_upgraded_and_nothing_is_lost(database_url: str, other_url: str) -> None:
    with as_it_is(database_url) as connection:
        make_step_one(connection)
        migrate(connection, now_utc_us=5, to="0002")
        assert "round_pictures" not in inspect(connection).get_table_names()
        connection.execute(
            text(
                "INSERT INTO denials (id, session_id, account, table_name, round_id, limit_name, reason, "
                "at_utc_us) VALUES ('d', 's1', 'a', 't', 'r', 'button', 'disabled', 9)"
            )
        )
    with opened(database_url) as database, database.session() as session:
        assert session.scalar(text("SELECT reason FROM denials")) == "disabled"
        assert session.scalar(text("SELECT stake_minor FROM bets")) == 100
        assert session.scalar(text("SELECT COUNT(*) FROM round_pictures")) == 0
        assert list(session.scalars(select(SchemaVersion.version).order_by("version"))) == [1, 2, 3]
        upgraded = catalogue(database.engine)
    with opened(other_url) as database:
        assert catalogue(database.engine) == upgraded


def test_an_upgrade_that_fails_changes_nothing(database_url: str) -> None:
    with as_it_is(database_url) as connection:
        make_step_one(connection)
        connection.execute(text("CREATE TABLE crash_game_rounds (mine INTEGER)"))
        before = set(inspect(connection).get_table_names())
    with pytest.raises(StorageError):
        open_database(database_url)
    with as_it_is(database_url) as connection:
        assert set(inspect(connection).get_table_names()) == before
        assert connection.scalar(text("SELECT COUNT(*) FROM session_logs")) == 1


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    with opened(database_url) as database, database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    with pytest.raises(StorageError, match="newer version") as caught:
        open_database(database_url)
    assert "\n" not in str(caught.value)


def test_the_first_version_would_refuse_this_database(database: Database) -> None:
    with database.session() as session:  # it looks at this figure alone, and knows 1
        assert max(session.scalars(select(SchemaVersion.version))) > 1


def test_a_database_of_another_program_is_left_alone(database_url: str) -> None:
    with as_it_is(database_url) as connection:
        connection.execute(text("CREATE TABLE rounds (of_golf INTEGER)"))
    with pytest.raises(StorageError, match="another program"):
        open_database(database_url)
    with as_it_is(database_url) as connection:
        assert inspect(connection).get_table_names() == ["rounds"]


@pytest.mark.parametrize("old", [False, True], ids=["fresh", "of step one"])
def test_programs_that_open_it_at_once_do_not_fail(database_url: str, old: bool) -> None:
    if old:
        with as_it_is(database_url) as connection:
            make_step_one(connection)
    code = (
        "import sys; from bot.database import open_database\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "open_database(sys.argv[1], busy_timeout_s=30).close()\n"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        program.communicate("go\n", timeout=60)
    assert [program.returncode for program in programs] == [0, 0, 0]
    with opened(database_url) as database, database.session() as session:
        versions = list(session.scalars(select(SchemaVersion.version).order_by("version")))
        assert versions == (list(range(1, SCHEMA_VERSION + 1)) if old else [SCHEMA_VERSION])


def test_threads_that_open_it_at_once_do_not_fail(database_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for database in threads.map(lambda _: open_database(database_url, busy_timeout_s=30), range(4)):
            database.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_newest_step_is_frozen_as_the_models_are(engine: str) -> None:
    """Once a version is out its steps never change again: then this test goes, and the next step has one."""
    assert frozen(REVISION, engine) == [part.strip() for part in statements(REVISION, engine)]


def test_steps_ship_with_their_statements() -> None:
    folder = Path(__file__).parents[2] / "bot" / "database" / "migrations" / "versions"
    revisions = {match[1] for path in folder.glob("*.py") if (match := re.match(r"(\d{4})_", path.name))}
    assert revisions == {f"{number:04d}" for number in range(1, SCHEMA_VERSION + 1)}
    for revision in revisions:
        for engine in ("sqlite", "postgresql"):
            assert frozen(revision, engine)
