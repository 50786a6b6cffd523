"""A database elsewhere: everything is on this disk first, and there once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.database import Database, Writer, open_database
from bot.database.deriving import derive
from bot.database.spool import SpooledDatabase, deliver_left_over, is_elsewhere, left_over
from bot.domain.clock import SystemClock
from bot.domain.errors import BadInput, StorageError
from bot.domain.ports import Record
from tests.database.conftest import round_record, session_record
from tests.database.test_writer import disk_of
from tests.servers import CuttableProxy, PostgresServer, wait_until

CLOCK = SystemClock()
BOUND_S = 60.0


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttableProxy]:
    with CuttableProxy(postgres.port) as proxy:
        yield proxy


@pytest.fixture
def name(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture
def url(postgres: PostgresServer, proxy: CuttableProxy, name: str) -> str:
    """The way through the proxy."""
    return postgres.url(name, port=proxy.port)


@pytest.fixture
def central(postgres: PostgresServer, name: str) -> Iterator[Database]:
    """The database elsewhere, by a way that is never cut."""
    database = open_database(postgres.url(name))
    yield database
    database.close()


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def spooled(url: str, tmp_path: Path, warnings: list[str]) -> Iterator[SpooledDatabase]:
    with SpooledDatabase.open(url, tmp_path, CLOCK, after=derive, warn=warnings.append) as opened:
        yield opened


def names(database: Database, table: str = "rounds") -> list[str]:
    with database.engine.connect() as connection:
        return sorted(connection.scalars(text(f"SELECT round_id FROM {table}")))


def write(spooled: SpooledDatabase, *records: Record) -> Writer:
    writer = spooled.writer(tables=10, warn=lambda _: None)
    for record in records:
        writer.put(record)
    writer.close()
    return writer


def rounds(count: int, first: int = 0) -> list[Record]:
    return [round_record(number) for number in range(first, first + count)]


def bot_record() -> Record:
    return Record("bot_vm_registration", {"bot_id": "bot-1", "bot_name": "one"}, key="bot_id")


def change(number: int, players: int) -> Record:
    values: dict[str, object] = {"round_id": f"aviator-{number}", "players": players}
    return Record("rounds", values, key="round_id", update=True)


def test_what_is_stored_here_arrives_there_in_order_with_all_its_values(
    spooled: SpooledDatabase, central: Database
) -> None:
    write(spooled, bot_record(), session_record(), *rounds(250), *(change(7, n) for n in range(5)))
    assert spooled.flush(BOUND_S)
    assert names(central) == names(spooled.local)
    question = text("SELECT * FROM rounds ORDER BY round_id")
    with central.engine.connect() as there, spooled.local.engine.connect() as here:
        assert [tuple(row) for row in there.execute(question)] == [
            tuple(row) for row in here.execute(question)
        ]
        assert there.scalar(text("SELECT players FROM rounds WHERE round_id = 'aviator-7'")) == 4
        parameters = there.scalar(text("SELECT parameters FROM session_logs"))
    assert parameters == {"target": "2.00"}
    figures = spooled.stats()
    assert (figures.waiting, figures.delivered, figures.oldest_age_s, figures.last_error) == (
        0,
        257,
        None,
        "",
    )


def test_wide_rows_and_totals_are_derived_here_and_there(spooled: SpooledDatabase, central: Database) -> None:
    write(spooled, bot_record(), session_record(), *rounds(30))
    assert spooled.flush(BOUND_S)
    for database in (spooled.local, central):
        assert len(names(database, "crash_game_rounds")) == 30
        with database.engine.connect() as connection:
            assert connection.scalar(text("SELECT SUM(total_rounds) FROM round_totals_session")) == 30


def test_the_bot_writes_on_while_the_way_is_cut_and_everything_arrives_once(
    spooled: SpooledDatabase, central: Database, proxy: CuttableProxy, warnings: list[str]
) -> None:
    write(spooled, bot_record(), session_record(), *rounds(50))
    assert spooled.flush(BOUND_S)
    proxy.cut()
    writer = spooled.writer()
    for record in rounds(100, first=50):
        writer.put_and_wait(record)  # not delayed, not refused: it is on this disk
    writer.close()
    assert not spooled.flush(0.3)
    assert wait_until(lambda: bool(spooled.stats().last_error), BOUND_S)
    figures = spooled.stats()
    assert figures.waiting == 100
    assert figures.oldest_age_s is not None
    assert "cannot be reached" in figures.last_error
    assert "\n" not in figures.last_error
    assert len(warnings) == 1  # once, not at each attempt
    proxy.restore()
    assert spooled.flush(BOUND_S)
    assert spooled.stats().last_error == ""
    assert names(central) == names(spooled.local) == sorted(f"aviator-{n}" for n in range(150))


def test_a_stalled_way_does_not_stop_the_bot(
    spooled: SpooledDatabase, central: Database, proxy: CuttableProxy
) -> None:
    write(spooled, bot_record(), session_record())
    assert spooled.flush(BOUND_S)
    proxy.stall()
    write(spooled, *rounds(20))
    assert not spooled.flush(0.3)
    assert len(names(spooled.local)) == 20
    proxy.restore()
    assert spooled.flush(BOUND_S)
    assert len(names(central)) == 20


def test_the_database_elsewhere_may_be_away_at_the_start_and_the_next_session_delivers(
    url: str, tmp_path: Path, proxy: CuttableProxy, postgres: PostgresServer, name: str
) -> None:
    proxy.cut()
    spooled = SpooledDatabase.open(url, tmp_path, CLOCK, after=derive, warn=lambda _: None)
    write(spooled, bot_record(), session_record(), *rounds(30))
    spooled.close(timeout_s=0.2)
    (left,) = left_over(tmp_path, CLOCK)
    assert (left.waiting, left.rejected) == (32, 0)
    assert "***" not in left.url.partition("@")[2]
    password = postgres.url(name).split(":")[2].partition("@")[0]
    assert password not in left.url
    assert not any(password.encode() in path.read_bytes() for path in tmp_path.glob("spool-*"))
    proxy.restore()
    assert deliver_left_over(url, tmp_path, CLOCK, after=derive, timeout_s=BOUND_S)
    assert left_over(tmp_path, CLOCK) == []
    central = open_database(postgres.url(name))
    assert len(names(central)) == len(names(central, "crash_game_rounds")) == 30
    central.close()


def test_records_delivered_twice_are_there_once_and_updates_end_as_they_did(
    spooled: SpooledDatabase, central: Database
) -> None:
    """As after a crash between the commit there and the removal here."""
    records = [bot_record(), session_record(), *rounds(40), *(change(3, n) for n in range(9))]
    write(spooled, *records)
    assert spooled.flush(BOUND_S)
    write(spooled, *records)
    assert spooled.flush(BOUND_S)
    assert len(names(central)) == 40
    with central.engine.connect() as connection:
        assert connection.scalar(text("SELECT players FROM rounds WHERE round_id = 'aviator-3'")) == 8
        assert connection.scalar(text("SELECT SUM(total_rounds) FROM round_totals_session")) == 40


def test_what_is_refused_there_is_kept_aside_with_the_reason_and_stops_nothing(
    spooled: SpooledDatabase, central: Database, warnings: list[str]
) -> None:
    write(spooled, bot_record(), session_record())
    assert spooled.flush(BOUND_S)
    with central.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rounds ADD CHECK (round_number NOT IN (5, 17))"))
    write(spooled, *rounds(30), change(5, 1))
    assert spooled.flush(BOUND_S)
    assert len(names(central)) == 28
    rejected = spooled.rejected()
    assert [one.values["round_id"] for one in rejected] == ["aviator-5", "aviator-17", "aviator-5"]
    assert "check constraint" in rejected[0].reason
    assert "found no row" in rejected[2].reason
    assert (spooled.stats().waiting, spooled.stats().rejected, len(warnings)) == (0, 3, 3)
    assert len(names(spooled.local)) == 30


def test_a_long_outage_drains_in_large_transactions(
    spooled: SpooledDatabase, central: Database, proxy: CuttableProxy
) -> None:
    write(spooled, bot_record(), session_record())
    assert spooled.flush(BOUND_S)
    with central.engine.connect() as connection:
        before = transactions(connection)
    proxy.cut()
    write(spooled, *rounds(4_500))
    proxy.restore()
    assert spooled.flush(BOUND_S)
    assert len(names(central)) == 4_500
    with central.engine.connect() as connection:
        assert transactions(connection) - before < 10


def transactions(connection: Any) -> int:
    """How many transactions have written rounds since the table was made."""
    found = connection.scalar(text("SELECT COUNT(DISTINCT xmin::text) FROM rounds"))
    return int(found)


def test_two_programs_of_one_machine_share_a_spool(
    spooled: SpooledDatabase, central: Database, url: str, tmp_path: Path
) -> None:
    with SpooledDatabase.open(url, tmp_path, CLOCK, after=derive) as other:
        write(spooled, bot_record(), session_record(), *rounds(50))
        write(other, *rounds(50, first=50))
        assert other.flush(BOUND_S)
        assert spooled.flush(BOUND_S)
    assert len(names(central)) == 100


def test_old_rounds_are_trimmed_here_only_once_they_are_there(
    spooled: SpooledDatabase, central: Database, proxy: CuttableProxy
) -> None:
    write(spooled, bot_record(), session_record())
    assert spooled.flush(BOUND_S)
    proxy.cut()
    old = round_record(1)
    values = {**old.values, "recorded_utc_us": 1_000_000, "betting_utc_us": 1_000_000}
    write(spooled, Record("rounds", values, key="round_id"))
    assert spooled.trim(30) == 0
    proxy.restore()
    assert spooled.flush(BOUND_S)
    assert spooled.trim(30) > 0
    assert names(spooled.local) == []
    assert names(central) == ["aviator-1"]


def test_an_address_that_cannot_be_used_is_refused_at_once(tmp_path: Path) -> None:
    for url in ("sqlite:///x.db", "mysql://u@h/x", "nonsense://"):
        with pytest.raises(BadInput):
            SpooledDatabase.open(url, tmp_path, CLOCK)
    assert list(tmp_path.iterdir()) == []
    assert is_elsewhere("postgresql://somebody@somewhere/rounds")
    assert not is_elsewhere(tmp_path / "rounds.db")


def test_a_full_disk_stops_the_writer_of_the_spool_with_a_clear_message(
    spooled: SpooledDatabase, central: Database
) -> None:
    write(spooled, bot_record(), session_record())
    with disk_of(spooled.local) as room:
        writer = spooled.writer()
        room["pages"] = 1
        told = []
        with pytest.raises(StorageError, match="full"):
            for record in rounds(5_000):
                writer.put_and_wait(record)
                told.append(record.values["round_id"])
        room["pages"] = 0
        assert writer.flush()
        writer.close()
    assert spooled.flush(BOUND_S)
    assert set(told) <= set(names(central))
    assert len(names(central)) == len(told) + 1
    with spooled.local.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_bots_that_deliver_at_the_same_time_do_not_stop_each_other(
    postgres: PostgresServer, name: str, tmp_path: Path, central: Database
) -> None:
    """They change the same rows of totals, each in the order of its own rounds."""
    bots = []
    for number in range(3):
        opened = SpooledDatabase.open(postgres.url(name), tmp_path / str(number), CLOCK, after=derive)
        session = {**session_record(f"session-{number}").values}
        writer = opened.writer(warn=lambda _: None)
        writer.put(bot_record())
        writer.put(Record("session_logs", session, key="session_id"))
        for one in rounds(600):
            changed = {
                "session_id": f"session-{number}",
                "round_id": f"{number}-{one.values['round_number']}",
            }
            crash = 100 + (int(str(one.values["round_number"])) * (7, 11, 13)[number]) % 60
            values = {**one.values, **changed, "crash_multiplier": crash}
            writer.put(Record("rounds", values, key="round_id"))
        writer.close()
        bots.append(opened)
    for opened in bots:
        assert opened.flush(BOUND_S)
        assert opened.rejected() == []
        opened.close()
    assert len(names(central)) == len(names(central, "crash_game_rounds")) == 1_800
    with central.engine.connect() as connection:
        assert connection.scalar(text("SELECT SUM(rounds) FROM multiplier_histogram")) == 1_800


def test_a_database_elsewhere_that_was_made_anew_is_filled_from_then_on(
    spooled: SpooledDatabase, postgres: PostgresServer, name: str
) -> None:
    write(spooled, bot_record(), session_record(), *rounds(10))
    assert spooled.flush(BOUND_S)
    postgres.drop_database(name)
    postgres.create_database(name)
    write(spooled, Record("alerts", alert()))
    assert spooled.flush(BOUND_S)
    anew = open_database(postgres.url(name))
    with anew.engine.connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM alerts")) == 1
    anew.close()


def alert() -> dict[str, object]:
    return {
        "id": "a",
        "bot_id": "bot-1",
        "kind": "silence",
        "severity": "warning",
        "message": "nothing was seen",
        "at_utc_us": 1,
    }
