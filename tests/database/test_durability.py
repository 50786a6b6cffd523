"""What a caller was told is stored is there, once, whatever is killed. ``benchmarks/durability.py`` does the
same with 100,000 records and 20 kills; here with fewer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.durability import (
    Child,
    Found,
    cuts,
    found_in,
    local_kills,
    server_kills,
    spool_file,
    spooler_kills,
)
from bot.database import deliver_left_over, left_over
from bot.database.deriving import derive
from bot.domain.clock import SystemClock
from tests.servers import CuttableProxy, PostgresServer

CLOCK = SystemClock()
RECORDS, KILLS = 2_000, 3
BOUND_S = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that may be killed, and that keeps what it has said it keeps."""
    with PostgresServer(durable=True) as server:
        yield server


@pytest.mark.parametrize("way", ["writer", "rows"])
def test_kill_9_of_a_process_that_writes_loses_nothing_told(way: str, tmp_path: Path) -> None:
    report = local_kills(way, tmp_path, RECORDS, KILLS, seed=11)
    assert report.agrees, report


def test_kill_9_of_a_process_that_spools_loses_nothing_told(tmp_path: Path, server: PostgresServer) -> None:
    report = spooler_kills(tmp_path, server, RECORDS, KILLS, seed=12)
    assert report.agrees, report


def test_kill_9_of_the_server_loses_nothing_told(tmp_path: Path, server: PostgresServer) -> None:
    report = server_kills(tmp_path, server, RECORDS, KILLS, seed=13)
    assert report.agrees, report


def test_a_cut_connection_loses_nothing_told(tmp_path: Path, server: PostgresServer) -> None:
    report = cuts(tmp_path, server, RECORDS, KILLS, seed=14)
    assert report.agrees, report


def test_what_was_stored_here_and_not_yet_there_survives_kill_9_and_arrives_once(
    tmp_path: Path, server: PostgresServer
) -> None:
    name = server.create_database()
    with CuttableProxy(server.port) as proxy:
        url = server.url(name, port=proxy.port)
        process = Child("spool", tmp_path, 0, 1_000_000, url)
        process.read_until(300)
        proxy.cut()
        process.read_until(process.told + 300)
        process.kill()
        told = process.told
        assert found_in(spool_file(tmp_path), told, "spool").different == told
        (left,) = left_over(tmp_path, CLOCK)
        assert left.waiting > 0
        proxy.restore()
        assert deliver_left_over(url, tmp_path, CLOCK, derive, BOUND_S)
    there, here = (found_in(place, 1_000_000, "spool") for place in (server.url(name), spool_file(tmp_path)))
    assert there == here
    assert there == Found(there.rows, there.rows, there.rows, there.changes)
    assert there.rows >= told
