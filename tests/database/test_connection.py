"""The process-wide database, sessions on it, and connections that fail in one clear line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from bot.database import (
    DatabaseConnection,
    close_db,
    get_database,
    init_db,
    open_database,
    session_scope,
)
from bot.database.connection import default_url
from bot.database.engine import connect
from bot.database.faults import hide_password, is_passing, storage_error
from bot.database.wide import BotRegistration
from bot.domain.errors import BadInput, CrashbotError, StorageError
from tests.servers import CuttableProxy, PostgresServer


@pytest.fixture(autouse=True)
def no_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test begins and ends without a process-wide database, in a home of its own."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path / "home"))
    close_db()
    yield
    close_db()


def bots() -> list[str]:
    with session_scope() as session:
        return sorted(bot.bot_id for bot in session.query(BotRegistration))


def test_without_a_name_it_is_the_file_in_the_users_data_folder(tmp_path: Path) -> None:
    assert get_database() is get_database()
    assert (tmp_path / "home" / "data" / "crashbot.sqlite3").is_file()


def test_the_environment_names_another(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert default_url() == database_url
    assert get_database().engine.url.database in database_url


def test_init_db_is_remembered_and_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    first = init_db(tmp_path / "a.db")
    assert get_database() is first
    second = init_db(f"sqlite:///{tmp_path / 'b.db'}")
    assert get_database() is second
    assert first.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


def test_a_failing_init_db_keeps_the_one_before(tmp_path: Path) -> None:
    first = init_db(tmp_path / "a.db")
    with pytest.raises(BadInput):
        init_db("nonsense://x")
    assert get_database() is first


def test_threads_that_ask_at_once_get_one_database() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: get_database(), range(8)))
    assert len({id(database) for database in found}) == 1


def test_a_scope_commits(database_url: str) -> None:
    init_db(database_url)
    with session_scope() as session:
        session.add(BotRegistration(bot_id="b1"))
    assert bots() == ["b1"]


def test_a_scope_that_fails_rolls_back_and_raises_that_very_error(database_url: str) -> None:
    init_db(database_url)
    fault = LookupError("mine")
    with pytest.raises(LookupError) as caught, session_scope() as session:
        session.add(BotRegistration(bot_id="b1"))
        session.flush()
        raise fault
    assert caught.value is fault
    with pytest.raises(IntegrityError), session_scope(writing=True) as session:
        session.add(BotRegistration(bot_id="b2", vm_provider="a garage"))
    assert bots() == []


def test_a_scope_takes_the_database_given(tmp_path: Path) -> None:
    other = open_database(tmp_path / "other.db")
    with session_scope(other) as session:
        session.add(BotRegistration(bot_id="b1"))
    assert bots() == []
    other.close()


def test_a_writing_scope_reads_and_writes_while_another_writes(tmp_path: Path) -> None:
    init_db(tmp_path / "a.db")
    with session_scope() as session:
        session.add(BotRegistration(bot_id="b", base_stake=0))

    def add(_: int) -> None:
        with session_scope(writing=True) as session:
            bot = session.get_one(BotRegistration, "b")
            bot.base_stake += 1  # type: ignore[operator]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(40)))
    with session_scope() as session:
        assert session.get_one(BotRegistration, "b").base_stake == 40


def test_a_connection_answers_and_makes_tables_only_when_used(database_url: str) -> None:
    with DatabaseConnection(database_url) as connection:
        assert connection.test_connection()
        assert connection.last_error == ""
        assert inspect(connection.engine).get_table_names() == []
        with connection.session_scope() as session:
            session.add(BotRegistration(bot_id="b1"))
        with connection.session_scope() as session:
            assert session.get(BotRegistration, "b1") is not None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:secret@127.0.0.1:1/none",
        "postgres://127.0.0.1:1/none?password=secret&user=someone",
        "nonsense://someone:secret@example/y",
        "postgresql://someone:secret@example:port/y",
        "postgresql://someone:secret@127.0.0.1:port/y",
        "mysql+psycopg://someone:secret@example/y",
        "",
    ],
)
def test_a_connection_that_fails_says_why_in_one_line_without_the_password(url: str) -> None:
    connection = DatabaseConnection(url)
    assert not connection.test_connection()
    assert connection.last_error
    assert "\n" not in connection.last_error
    assert "secret" not in connection.last_error
    connection.close()


def test_a_file_that_is_no_database_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database " * 100)
    connection = DatabaseConnection(tmp_path / "x.db")
    assert not connection.test_connection()
    assert "SQLite" in connection.last_error
    connection.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_means_psycopg_3_with_a_pool_of_thirty(scheme: str) -> None:
    database = connect(f"{scheme}://u:p@127.0.0.1:1/x")
    pool = database.engine.pool
    assert (pool.size(), pool._max_overflow, pool._recycle) == (10, 20, 3600)  # type: ignore[attr-defined]
    assert database.engine.dialect.driver == "psycopg"
    assert "p@" not in database.name
    database.close()


def test_the_url_decides_about_ssl_and_timeout(postgres: PostgresServer) -> None:
    url = postgres.url()
    wants_ssl = DatabaseConnection(f"{url}?sslmode=require")
    assert not wants_ssl.test_connection()
    assert "sslmode" in wants_ssl.last_error
    plain = DatabaseConnection(f"{url}?sslmode=disable&connect_timeout=3")
    assert plain.test_connection()
    with plain.engine.connect() as connection:
        given = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
    assert (given["sslmode"], given["connect_timeout"]) == ("disable", "3")
    for opened in (wants_ssl, plain):
        opened.close()


def test_a_wrong_password_is_said_and_not_shown(postgres: PostgresServer) -> None:
    url = connect(postgres.url()).engine.url.set(password="not-the-one")
    connection = DatabaseConnection(url.render_as_string(hide_password=False))
    assert not connection.test_connection()
    assert "password" in connection.last_error
    assert "not-the-one" not in connection.last_error
    connection.close()


def test_a_dropped_connection_is_made_again(postgres: PostgresServer, postgres_url: str) -> None:
    name = connect(postgres_url).engine.url.database
    with CuttableProxy(postgres.port) as proxy:
        database = open_database(postgres.url(name or "", port=proxy.port))
        proxy.cut()
        with pytest.raises(StorageError, match="cannot be reached"), database.session() as session:
            session.execute(text("SELECT 1"))
        proxy.restore()
        with database.session() as session:
            assert session.scalar(text("SELECT 1")) == 1
        database.close()


def test_connections_ended_by_the_administrator_pass(postgres: PostgresServer, postgres_url: str) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    with database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with other.engine.connect() as boss:
            boss.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        with pytest.raises(Exception) as caught:
            connection.execute(text("SELECT 1"))
    assert is_passing(caught.value)
    assert "\n" not in str(storage_error(caught.value, database.name))
    for opened in (database, other):
        opened.close()


def test_too_many_connections_are_said(postgres: PostgresServer, postgres_url: str) -> None:
    held = connect(postgres_url)
    with held.engine.connect() as connection:
        role = "narrow_role_of_the_test"
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'p' CONNECTION LIMIT 0"))
        connection.commit()
        narrow = held.engine.url.set(username=role, password="p").render_as_string(hide_password=False)
        refused = DatabaseConnection(narrow)
        assert not refused.test_connection()
        assert "no more connections" in refused.last_error
        connection.execute(text(f"DROP ROLE {role}"))
        connection.commit()
    refused.close()
    held.close()


@pytest.mark.parametrize(
    ("statement", "advice", "passing"),
    [
        ("SELECT * FROM no_such_table_here", "crashbot db upgrade", True),
        ("SELECT 1/0", "does not answer as it should", False),
        ("SET TRANSACTION READ ONLY; CREATE TABLE x (i int)", "takes no writes", True),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$", "full", True),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53200'; END $$", "out of memory", True),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$", "try again", True),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '58030'; END $$", "disk", True),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '42501'; END $$", "rights", True),
        ("DO $$ BEGIN RAISE EXCEPTION 'a record is wrong'; END $$", "does not answer", False),
    ],
)
def test_faults_of_the_server_carry_advice(
    postgres_url: str, statement: str, advice: str, passing: bool
) -> None:
    database = connect(postgres_url)
    with pytest.raises(Exception) as caught, database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    error = storage_error(caught.value, database.name)
    assert advice in str(error)
    assert "\n" not in str(error)
    assert is_passing(caught.value) is passing
    original = caught.value.orig  # type: ignore[attr-defined]
    assert is_passing(original) is passing  # the driver's own, as COPY raises it
    database.close()


def test_passwords_are_hidden_in_texts() -> None:
    assert "x y" not in hide_password("password=x sslpassword=y")
    assert hide_password("cannot: postgres://u:p@example@example/d") == "cannot: postgres://u:***@example/d"


def test_a_child_process_does_not_use_its_parents_connections(tmp_path: Path) -> None:
    code = (
        "import os, sys, warnings; from bot.database import init_db, get_database\n"
        "warnings.simplefilter('ignore')\n"
        "mine = init_db(sys.argv[1])\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(0 if get_database() is not mine else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert get_database() is mine\n"
    )
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'child.db'}"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path / "a.db")],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_errors_of_a_connection_are_for_the_person() -> None:
    with pytest.raises(CrashbotError):
        DatabaseConnection("").session_scope().__enter__()
