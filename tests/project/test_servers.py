"""The real server that the tests of the database use, and the proxy that cuts the way to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from adbc_driver_postgresql import dbapi
from sqlalchemy import create_engine, text

from tests import servers
from tests.servers import (
    CuttableProxy,
    PostgresServer,
    ServerError,
    find_programs,
    free_port,
    processes_of,
    wait_until,
)

ROOT = Path(__file__).resolve().parents[2]
BOUND_S = 30.0
#: A program that runs a server and tells where, then waits for its end.
RUNS_A_SERVER = """
import sys
from tests.servers import PostgresServer
with PostgresServer(durable=False) as server:
    print(server.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def durable() -> Iterator[PostgresServer]:
    """A server of the test's own, to be killed."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttableProxy]:
    with CuttableProxy(postgres.port) as made:
        yield made


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def one(connection: psycopg.Connection[tuple[Any, ...]], statement: str = "SELECT 1") -> int:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


# -- databases ------------------------------------------------------------------------------------------


def test_a_fresh_database_is_empty_utf8_and_open_to_psycopg_sqlalchemy_and_adbc(
    postgres: PostgresServer,
) -> None:
    name = postgres.create_database()
    with closing(connect(postgres.plain_url(name))) as connection:
        assert one(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        assert connection.info.encoding == "utf-8"
        connection.execute("CREATE TABLE t AS SELECT 'ünï' AS word")
    engine = create_engine(postgres.url(name))
    with engine.connect() as through_engine:
        assert through_engine.execute(text("SELECT word FROM t")).scalar_one() == "ünï"
    engine.dispose()
    with dbapi.connect(postgres.plain_url(name)) as adbc, adbc.cursor() as cursor:
        cursor.execute("SELECT word FROM t")
        assert cursor.fetch_arrow_table().column("word").to_pylist() == ["ünï"]
    postgres.drop_database(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgres.plain_url(name))


def test_a_database_is_dropped_under_a_client_and_dropping_it_again_does_nothing(
    postgres: PostgresServer,
) -> None:
    name = postgres.create_database("Named-by-the-test")
    with closing(connect(postgres.plain_url(name))) as connection:
        postgres.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            one(connection)
    postgres.drop_database(name)


def test_databases_are_made_side_by_side(postgres: PostgresServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: postgres.create_database(), range(16)))
        assert len(set(names)) == 16
        list(pool.map(postgres.drop_database, names))


def test_the_url_of_each_engine_opens_an_empty_database(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_once (a INTEGER)"))
    engine.dispose()


def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    wrong = postgres.plain_url().replace(f"{servers.USER}:", f"{servers.USER}:x", 1)
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(wrong)


def test_durable_is_what_is_not_said_otherwise(postgres: PostgresServer, durable: PostgresServer) -> None:
    for server, value in ((postgres, "off"), (durable, "on")):
        with closing(connect(server.plain_url())) as connection:
            for setting in servers.NOT_DURABLE:
                row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
                assert row == (value,), setting


# -- the server's life ----------------------------------------------------------------------------------


def test_committed_rows_outlive_a_kill_and_open_transactions_do_not(durable: PostgresServer) -> None:
    port, killed = durable.port, durable.pid
    with closing(connect(durable.plain_url())) as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
        connection.execute("INSERT INTO t SELECT generate_series(1, 1000)")
        with psycopg.connect(durable.plain_url()) as open_transaction:
            open_transaction.execute("INSERT INTO t VALUES (-1)")
            durable.kill_9()
            assert processes_of(durable.data) == []
            assert not durable.running
            with pytest.raises(psycopg.OperationalError):
                one(connection)
            open_transaction.close()
    durable.start()
    assert (durable.port, durable.running) == (port, True)
    assert durable.pid != killed
    assert "not properly shut down" in durable.log_tail(100)
    with closing(connect(durable.plain_url())) as connection:
        assert one(connection, "SELECT count(*) FROM t") == 1000


def test_a_client_in_the_middle_of_a_statement_hears_of_the_kill(durable: PostgresServer) -> None:
    with closing(connect(durable.plain_url())) as busy, closing(connect(durable.plain_url())) as looking:
        failed: list[Exception] = []
        thread = threading.Thread(
            target=keeps_error, args=(lambda: one(busy, "SELECT pg_sleep(600)"), failed)
        )
        thread.start()
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        assert wait_until(lambda: one(looking, asleep) == 1, BOUND_S)
        durable.kill_9()
        thread.join(BOUND_S)
        assert [type(error) for error in failed] == [psycopg.OperationalError]


def keeps_error(action: Callable[[], object], errors: list[Exception]) -> None:
    try:
        action()
    except Exception as error:
        errors.append(error)


def test_a_server_whose_main_process_was_killed_alone_starts_again(durable: PostgresServer) -> None:
    with closing(connect(durable.plain_url())):
        os.kill(durable.pid, signal.SIGKILL)
        assert wait_until(lambda: not durable.running, BOUND_S)
        durable.start()
        with closing(connect(durable.plain_url())) as connection:
            assert one(connection) == 1


def test_stop_keeps_the_data_and_close_leaves_nothing() -> None:
    server = PostgresServer(durable=False)
    try:
        server.start()
        name = server.create_database()
        for _ in range(2):
            server.stop()
        assert processes_of(server.data) == []
        with pytest.raises(ServerError, match="not running"):
            _ = server.pid
        server.start()
        connect(server.plain_url(name)).close()
    finally:
        for _ in range(2):
            server.close()
    assert processes_of(server.data) == []
    assert not server.folder.exists()


def test_close_after_a_kill_leaves_no_shared_memory() -> None:
    with PostgresServer(durable=False) as server:
        segment = (server.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        assert segment in shared_memory()
        server.kill_9()
    assert segment not in shared_memory()


def shared_memory() -> set[str]:
    """The ids of the shared memory segments on this machine."""
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_end_of_the_test_process_ends_its_server(end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNS_A_SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert processes_of(folder / "data")
        process.send_signal(end)
        process.wait(BOUND_S)
    assert wait_until(lambda: not folder.exists() and not processes_of(folder / "data"), BOUND_S)


def test_a_server_that_does_not_start_says_what_its_log_says() -> None:
    with (
        pytest.raises(ServerError, match="no_such_setting"),
        PostgresServer(settings={"no_such_setting": "1"}),
    ):
        pass


# -- the programs ---------------------------------------------------------------------------------------


def test_no_programs_is_one_message_that_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"version 15 or newer.*apt-get install postgresql"):
        find_programs([tmp_path / "nowhere"])


def test_programs_that_are_too_old_are_passed_over(tmp_path: Path) -> None:
    for major in (14, 16):
        for name in servers.PROGRAMS:
            program = tmp_path / str(major) / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {major}.2'\n")
            program.chmod(0o755)
    assert find_programs([tmp_path / "14", tmp_path / "16"]) == tmp_path / "16"
    with pytest.raises(ServerError, match="14 has version 14"):
        find_programs([tmp_path / "14"])


# -- the proxy ------------------------------------------------------------------------------------------


def test_a_cut_resets_connections_and_refuses_new_ones_until_restored(
    postgres: PostgresServer, proxy: CuttableProxy
) -> None:
    url = postgres.plain_url(port=proxy.port)
    with closing(connect(url)) as connection:
        assert one(connection, "SELECT length(repeat('x', 5000000))") == 5_000_000
        proxy.cut()
        assert proxy.connections == 0
        with pytest.raises(psycopg.OperationalError):
            one(connection)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        connect(url)
    proxy.cut()
    proxy.restore()
    with closing(connect(url)) as connection:
        assert one(connection) == 1


def test_a_cut_is_a_reset_and_not_an_orderly_end(postgres: PostgresServer, proxy: CuttableProxy) -> None:
    with socket.create_connection((proxy.host, proxy.port), timeout=BOUND_S) as plug:
        assert wait_until(lambda: proxy.connections == 1, BOUND_S)
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            plug.recv(1)


def test_much_goes_through_whole_and_the_server_sees_the_client_go(
    postgres: PostgresServer, proxy: CuttableProxy
) -> None:
    with closing(connect(postgres.plain_url(port=proxy.port))) as connection:
        row = connection.execute("SELECT repeat(%s, 3000000)", ["xy"]).fetchone()
        assert row == ("xy" * 3_000_000,)
    assert wait_until(lambda: proxy.connections == 0, BOUND_S)


def test_a_stalled_answer_comes_after_the_stall(postgres: PostgresServer, proxy: CuttableProxy) -> None:
    url = postgres.plain_url(port=proxy.port)
    with closing(connect(url)) as old, ThreadPoolExecutor(2) as pool:
        proxy.stall()
        answer = pool.submit(one, old)
        connected = pool.submit(lambda: connect(url).close())
        assert wait_until(lambda: proxy.connections == 2, BOUND_S)
        assert not answer.done()
        assert not connected.done()
        proxy.restore()
        assert answer.result(BOUND_S) == 1
        connected.result(BOUND_S)


def test_a_cut_ends_a_stall(postgres: PostgresServer, proxy: CuttableProxy) -> None:
    with closing(connect(postgres.plain_url(port=proxy.port))) as connection, ThreadPoolExecutor(1) as pool:
        proxy.stall()
        answer = pool.submit(one, connection)
        proxy.cut()
        with pytest.raises(psycopg.OperationalError):
            answer.result(BOUND_S)


def test_a_server_that_is_not_there_resets_the_client() -> None:
    with (
        CuttableProxy(free_port()) as proxy,
        pytest.raises(ConnectionResetError),  # around the connecting as well: the reset may come that early
        socket.create_connection((proxy.host, proxy.port), timeout=BOUND_S) as plug,
    ):
        plug.recv(1)


def test_close_ends_the_thread_and_frees_the_port(postgres: PostgresServer) -> None:
    proxy = CuttableProxy(postgres.port)
    proxy.start()
    with closing(connect(postgres.plain_url(port=proxy.port))):
        for _ in range(2):
            proxy.close()
    assert "proxy" not in {thread.name for thread in threading.enumerate()}
    with socket.socket() as probe:
        probe.bind((proxy.host, proxy.port))
