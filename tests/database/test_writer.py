"""The writer: everything once, in batches, urgent at once, nothing lost when the storage refuses."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from bot.database import BetEvent, Database, Round, Writer, open_database
from bot.database.writer import batch_size, batch_timeout_s
from bot.domain.clock import ManualClock, SystemClock
from bot.domain.errors import BadInput, StorageError
from bot.domain.ports import Record
from tests.database.conftest import SESSION, round_record, session_record

ROOT = Path(__file__).parents[2]
BOUND_S = 30.0


def rounds_stored(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(Round.round_id)))


def wait_until(condition: Callable[[], bool], bound_s: float = BOUND_S) -> None:
    """Look again and again, with a bound."""
    end = time.monotonic() + bound_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.005)


@contextmanager
def running(database: Database, tables: int = 3, bound: int = 10_000) -> Iterator[Writer]:
    writer = Writer(database, SystemClock(), tables, bound, warn=lambda _: None)
    try:
        yield writer
    finally:
        writer.close()


def test_batch_size_and_timeout_follow_the_number_of_tables() -> None:
    assert [batch_size(n) for n in (0, 1, 3, 10, 50)] == [10, 10, 30, 100, 100]
    assert [round(batch_timeout_s(n), 1) for n in (0, 1, 3, 9, 50)] == [3.0, 2.7, 2.1, 0.5, 0.5]


def test_nothing_is_lost_on_a_burst_from_several_threads(database: Database) -> None:
    threads, each = 8, 2_500
    warnings: list[str] = []
    writer = Writer(database, SystemClock(), tables=3, warn=warnings.append)
    writer.put(session_record())

    def burst(number: int) -> None:
        for n in range(each):
            writer.put(round_record(n, table=f"table-{number}"))

    running_threads = [threading.Thread(target=burst, args=(number,)) for number in range(threads)]
    for thread in running_threads:
        thread.start()
    for thread in running_threads:
        thread.join()
    writer.close()
    names = rounds_stored(database)
    assert len(names) == len(set(names)) == threads * each
    stats = writer.stats()
    assert (stats.processed, stats.queue, stats.errors, stats.rejected) == (threads * each + 1, 0, 0, 0)
    assert 0 < stats.queue_max <= 10_000
    assert stats.mean_batch <= batch_size(3)
    assert stats.warnings == len(warnings)


def test_the_queue_blocks_at_its_bound_and_goes_on(database: Database) -> None:
    with running(database, bound=20) as writer:
        writer.put(session_record())
        for n in range(500):
            writer.put(round_record(n))
        assert writer.stats().queue_max <= 20
    assert len(rounds_stored(database)) == 500


def test_marks_warn_once_each_while_the_storage_stands_still(database: Database, path: Path) -> None:
    warnings: list[str] = []
    writer = Writer(database, SystemClock(), tables=3, warn=warnings.append)
    with locked(path):
        for n in range(9_000):
            writer.put(round_record(n))
        assert writer.stats().warnings == len(warnings) == 2
    writer.put(session_record())
    writer.close()


def test_the_same_record_twice_is_stored_once(database: Database) -> None:
    with running(database) as writer:
        writer.put(session_record())
        for _ in range(3):
            writer.put(round_record(1))
            writer.put_and_wait(round_record(1))
    assert rounds_stored(database) == ["aviator-1"]


def test_a_record_waits_for_its_batch_and_time_sends_it(database: Database) -> None:
    clock = ManualClock()
    writer = Writer(database, clock, tables=3)
    writer.put(session_record())
    writer.put(round_record(1))
    assert writer.stats().batches == 0
    clock.advance(batch_timeout_s(3))
    writer.put(round_record(2))  # wakes the writer: the clock is not the machine's
    wait_until(lambda: writer.stats().processed >= 2)
    writer.close()
    assert len(rounds_stored(database)) == 2


def test_a_full_batch_goes_out_without_waiting(database: Database) -> None:
    writer = Writer(database, ManualClock(), tables=1)
    writer.put(session_record())
    for n in range(batch_size(1) - 1):
        writer.put(round_record(n))
    wait_until(lambda: writer.stats().processed == batch_size(1))
    assert writer.stats().mean_batch == batch_size(1)
    writer.close()


def test_an_urgent_record_goes_out_at_once_with_its_batch(database: Database) -> None:
    writer = Writer(database, ManualClock(), tables=3)
    writer.put(session_record())
    writer.put(round_record(1))
    urgent = round_record(2)
    writer.put(Record(urgent.table, urgent.values, key="round_id", urgent=True))
    wait_until(lambda: writer.stats().processed == 3)
    assert writer.stats().batches == 1
    writer.close()


def test_put_and_wait_returns_when_another_connection_sees_it(database: Database, path: Path) -> None:
    with running(database) as writer:
        writer.put(session_record())
        other = sqlite3.connect(path)
        for n in range(20):
            writer.put_and_wait(round_record(n))
            assert other.execute("SELECT count(*) FROM rounds").fetchone() == (n + 1,)
        other.close()


def test_flush_stores_what_is_queued(database: Database) -> None:
    writer = Writer(database, ManualClock(), tables=3)
    writer.put(session_record())
    writer.put(round_record(1))
    assert writer.flush()
    assert rounds_stored(database) == ["aviator-1"]
    writer.close()


def test_a_wrong_record_is_set_aside_and_the_rest_of_its_batch_is_stored(database: Database) -> None:
    writer = Writer(database, ManualClock(), tables=3)
    writer.put(session_record())
    writer.put(round_record(1))
    writer.put(round_record(2, crash=3))
    lost_event = {"id": "e", "bet_id": "no such bet", "to_state": "won", "at_utc_us": 0}
    writer.put(Record("bet_events", lost_event))
    writer.put(round_record(3))
    assert writer.flush()
    assert rounds_stored(database) == ["aviator-1", "aviator-3"]
    assert [record.table for record, _ in writer.rejected] == ["rounds", "bet_events"]
    assert writer.stats().rejected == 2
    with pytest.raises(BadInput, match="ck_rounds_crash"):
        writer.put_and_wait(round_record(4, crash=3))
    assert writer.failed is None
    writer.close()


def test_an_update_of_a_missing_row_is_told_to_who_waits(database: Database) -> None:
    with running(database) as writer:
        change = Record("rounds", {"round_id": "none", "players": 1}, key="round_id", update=True)
        with pytest.raises(BadInput, match="found no row"):
            writer.put_and_wait(change)


def test_a_closed_writer_takes_nothing(database: Database) -> None:
    writer = Writer(database, SystemClock())
    writer.put(session_record())
    writer.close()
    writer.close()
    with pytest.raises(StorageError, match="closed"):
        writer.put(round_record(1))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the database."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def test_a_locked_database_is_told_in_one_line_and_loses_nothing(path: Path) -> None:
    database = open_database(path, busy_timeout_s=0.02)
    with running(database) as writer:
        writer.put_and_wait(session_record())
        with locked(path):
            with pytest.raises(StorageError, match="locked") as caught:
                writer.put_and_wait(round_record(1))
            assert "\n" not in str(caught.value)
            assert writer.failed is not None
            writer.put(round_record(2))
            assert len(writer.unsaved()) == 2
        assert writer.flush()
        assert writer.failed is None
        assert writer.unsaved() == []
    assert rounds_stored(database) == ["aviator-1", "aviator-2"]
    database.close()


def test_closing_against_a_lock_says_how_many_are_left(path: Path) -> None:
    database = open_database(path, busy_timeout_s=0.02)
    writer = Writer(database, SystemClock())
    writer.put_and_wait(session_record())
    with locked(path):
        for n in range(3):
            writer.put(round_record(n))
        with pytest.raises(StorageError, match="3 records could not be stored"):
            writer.close()
    assert len(writer.unsaved()) == 3
    database.close()


def test_a_full_queue_before_a_refusing_storage_refuses_the_caller(path: Path) -> None:
    database = open_database(path, busy_timeout_s=0.02)
    with running(database, bound=5) as writer:
        writer.put_and_wait(session_record())
        with locked(path):
            for n in range(5):
                writer.put(round_record(n))
            with pytest.raises(StorageError, match="locked"):
                writer.put(round_record(5))
        assert writer.flush()
        writer.put(round_record(5))
    assert len(rounds_stored(database)) == 6
    database.close()


@contextmanager
def disk_of(database: Database) -> Iterator[dict[str, int]]:
    """A disk that is full as soon as ``pages`` is set to 1: no page more than there are; 0 is enough room."""
    room = {"pages": 0}

    @event.listens_for(database.engine, "checkout")
    def limit(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {room['pages'] or 1 << 30}").fetchall()

    yield room
    event.remove(database.engine, "checkout", limit)


def test_a_full_disk_is_told_and_what_waits_is_stored_when_there_is_room(database: Database) -> None:
    with disk_of(database) as room, running(database) as writer:
        writer.put_and_wait(session_record())
        room["pages"] = 1
        written = fill_until_refused(writer)
        assert "full" in str(writer.failed)
        assert "\n" not in str(writer.failed)
        room["pages"] = 0
        assert writer.flush()
        assert writer.failed is None
    assert rounds_stored_sorted(database) == sorted(written)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def fill_until_refused(writer: Writer) -> list[str]:
    written = []
    for n in range(5_000):
        written.append(f"aviator-{n}")
        try:
            writer.put_and_wait(round_record(n))
        except StorageError:
            return written
    raise AssertionError("the disk never was full")


def rounds_stored_sorted(database: Database) -> list[str]:
    return sorted(rounds_stored(database))


FILE_SIZE_CHILD = """
import resource, sys
from bot.database import Writer, open_database
from bot.domain.clock import SystemClock
from bot.domain.errors import StorageError
from tests.database.conftest import round_record, session_record

database = open_database(sys.argv[1])
writer = Writer(database, SystemClock(), tables=3, warn=lambda _: None)
writer.put_and_wait(session_record())
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
told = 0
try:
    for n in range(20_000):
        writer.put_and_wait(round_record(n))
        told = n + 1
except StorageError as error:
    message = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert writer.flush()
writer.close()
print(told)
print(message)
"""


def test_a_file_that_may_not_grow_is_told_and_loses_nothing(path: Path) -> None:
    done = child(FILE_SIZE_CHILD, str(path))
    output, errors = done.communicate(timeout=120)
    assert done.returncode == 0, errors
    told, message = output.strip().splitlines()
    assert "disk" in message or "full" in message
    database = open_database(path)
    assert set(rounds_stored(database)) == {f"aviator-{n}" for n in range(int(told) + 1)}
    database.close()


STREAM_CHILD = """
import sys, threading
from bot.database import Writer, open_database
from bot.domain.clock import SystemClock
from tests.database.conftest import round_record, session_record

writer = Writer(open_database(sys.argv[1]), SystemClock(), tables=3, warn=lambda _: None)
writer.put_and_wait(session_record())
lock = threading.Lock()

def stream(table):
    for n in range(1_000_000):
        writer.put(round_record(n, table=table + "-untold"))
        writer.put_and_wait(round_record(n, table=table))
        with lock:
            print(f"{table}-{n}", flush=True)

for name in ("one", "two", "three"):
    threading.Thread(target=stream, args=(name,)).start()
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("lines", [1, 40, 300, 1_000])
def test_what_was_acknowledged_survives_kill_9_once(path: Path, lines: int) -> None:
    process = child(STREAM_CHILD, str(path))
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    # The last line may have been cut by the kill: it was not told whole.
    told += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    database = open_database(path)
    names = rounds_stored(database)
    assert len(names) == len(set(names))
    assert {line.strip() for line in told} <= set(names)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    with running(database) as writer:  # delivered again after the restart: once
        for line in told:
            table, number = line.strip().rsplit("-", 1)
            writer.put(round_record(int(number), table=table))
    assert len(rounds_stored(database)) == len(names)
    database.close()


def test_events_keep_their_json(database: Database) -> None:
    bet = {
        "bet_id": "b",
        "session_id": SESSION,
        "account": "a",
        "table_name": "aviator",
        "round_id": "r",
        "panel": 0,
        "stake_minor": 100,
        "target": 200,
        "currency": "USD",
        "state": "ordered",
        "ordered_utc_us": 1,
    }
    detail = {"step_ms": {"focus": 12.5}, "text": "1,00"}
    event_row = {"id": "e", "bet_id": "b", "to_state": "ordered", "at_utc_us": 1, "detail": detail}
    with running(database) as writer:
        writer.put(session_record())
        writer.put(Record("bets", bet, key="bet_id", urgent=True))
        writer.put_and_wait(Record("bet_events", event_row))
    with database.session() as session:
        stored = session.scalars(select(BetEvent)).one()
        assert stored.detail == detail
        assert session.scalar(select(func.count()).select_from(BetEvent)) == 1


def test_a_record_that_needs_one_behind_it_in_a_broken_batch_is_stored(database: Database) -> None:
    writer = Writer(database, ManualClock(), tables=3)
    writer.put(round_record(1))
    writer.put(session_record())
    writer.put(round_record(2, crash=3))
    assert writer.flush()
    writer.close()
    assert rounds_stored(database) == ["aviator-1"]
    assert writer.stats().rejected == 1


def test_what_follows_from_rounds_is_in_their_transaction(database: Database) -> None:
    seen: list[set[str]] = []
    writer = Writer(database, ManualClock(), tables=3, after=lambda _connection, rounds: seen.append(rounds))
    writer.put(session_record())
    writer.put(round_record(1))
    writer.put(round_record(2))
    assert writer.flush()
    writer.close()
    assert seen == [{"aviator-1", "aviator-2"}]


def test_a_fault_in_what_follows_from_a_round_does_not_lose_the_round(database: Database) -> None:
    warnings: list[str] = []

    def broken(_connection: object, rounds: set[str]) -> None:
        if "aviator-2" in rounds:
            raise KeyError("a mistake in the derivation")

    writer = Writer(database, ManualClock(), tables=3, warn=warnings.append, after=broken)
    writer.put(session_record())
    for number in (1, 2, 3):
        writer.put(round_record(number))
    assert writer.flush()
    writer.close()
    assert rounds_stored(database) == ["aviator-1", "aviator-2", "aviator-3"]
    assert (writer.stats().rejected, writer.failed, len(warnings)) == (0, None, 1)
