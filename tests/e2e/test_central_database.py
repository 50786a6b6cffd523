"""A bot whose record lies on a PostgreSQL server: there from the start, away for a while, killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drive import Home, Running, query, until
from tests.servers import PostgresServer

pytestmark = pytest.mark.e2e

PLAY = ("--rounds", "3", "--speed", "4", "--tables", "aviator,jetx", "--seed", "5")


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own: it is killed."""
    with PostgresServer() as running:
        yield running


def spooled(home: Home, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the database that the bot keeps on its own disk; none while it is not there yet."""
    for path in (home.folder / "home" / "data").glob("spool-*.sqlite3"):
        return query(path, sql, ())
    return []


def assert_the_wide_rows_agree_with_the_ledger(home: Home) -> None:
    """Rounds, bets and money of the wide rows and of the totals are those of the casino."""
    wide = home.query(
        "SELECT table_name, COUNT(*), COALESCE(SUM(profit_loss_amount), 0) FROM crash_game_rounds"
        " GROUP BY table_name ORDER BY table_name"
    )
    assert [name for name, _count, _profit in wide] == ["aviator", "jetx"]
    for name, count, profit in wide:
        assert count >= 3
        (paid,) = home.house(
            "SELECT COALESCE(SUM(COALESCE(payout_minor, 0) - stake_minor), 0) FROM bets"
            " WHERE table_name = ? AND state IN ('won', 'lost')",
            name,
        )[0]
        assert profit == paid
    ((rounds, profit),) = home.query("SELECT SUM(total_rounds), SUM(profit_total) FROM round_totals_daily")
    assert rounds == sum(count for _name, count, _profit in wide)
    assert profit == sum(profit for _name, _count, profit in wide)


def test_a_session_on_postgresql_agrees_with_the_ledger(tmp_path: Path, postgres_url: str) -> None:
    home = Home(tmp_path, server=postgres_url)
    running = Running(home, *PLAY)
    try:
        assert running.wait(240) == 0, running.said()
        assert running.result()["agrees"] is True
        assert running.result()["compared"] == "the central database"
        assert_the_wide_rows_agree_with_the_ledger(home)
    finally:
        running.close()


def test_a_server_that_is_away_for_a_while_gets_everything_once(
    tmp_path: Path, server: PostgresServer
) -> None:
    home = Home(tmp_path, server=server.url(server.create_database()))
    server.kill_9()
    running = Running(home, *PLAY)
    try:
        assert until(lambda: bool(spooled(home, "SELECT 1 FROM bets")), 90), running.said()
        server.start()
        assert running.wait(240) == 0, running.said()
        assert running.result()["agrees"] is True
        assert running.result()["compared"] == "the central database"
        assert_the_wide_rows_agree_with_the_ledger(home)
    finally:
        running.close()


def test_what_an_ended_session_could_not_deliver_comes_with_the_next(
    tmp_path: Path, server: PostgresServer
) -> None:
    home = Home(tmp_path, server=server.url(server.create_database()))
    server.kill_9()
    first = Running(home, *PLAY)
    try:
        assert first.wait(240) == 0, first.said()
        assert first.result()["agrees"] is True
        assert "local" in first.result()["compared"]
        server.start()
        done = home.run("db", "deliver", "--db", home.url)
        assert done.returncode == 0, done.stderr
        assert_the_wide_rows_agree_with_the_ledger(home)
    finally:
        first.close()
