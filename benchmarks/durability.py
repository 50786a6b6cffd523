"""Kills the writer, the database server and the connection with records under way; then counts what is there.

``python -m benchmarks.durability --json FILE``. A child process streams records and says over a pipe which of
them it was told are stored. It (or the server, or the connection) is killed at random moments and started
again, going on behind the last record told, so that some are written twice. After every kill all records told
must be there; in the end every record once, the totals equal to the rows, and the database sound.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.common import machine, option_parser, positive, write_json
from bot.database import SpooledDatabase, Writer, left_over, open_database, store_rows
from bot.database.deriving import derive
from bot.domain.clock import SystemClock
from bot.domain.ports import Record
from tests.servers import CuttableProxy, PostgresServer

ADDRESS = "CRASHBOT_DURABILITY_URL"
CLOCK = SystemClock()
START_US = 1_767_225_600_000_000
SESSION, BOT, SOURCE = "durability", "bot-1", "aviator"
#: One record in so many is a change of the round before it.
CHANGE_EVERY = 10
FLUSH_S, END_S = 300.0, 600.0
LATEST_S = 0.03
COLUMNS = ("round_id", "bot_id", "game_name", "round_outcome", "round_number", "crash_multiplier_detected")


# -- the child: streams records and says what it was told ------------------------------------------------


def bot_record() -> Record:
    """The bot that the rounds are of."""
    return Record("bot_vm_registration", {"bot_id": BOT}, key="bot_id")


def session_record() -> Record:
    """The session that the rounds are of."""
    values = {
        "session_id": SESSION,
        "bot_id": BOT,
        "mode": "practice",
        "strategy_name": "fixed_stake",
        "parameters": {},
        "started_utc_us": START_US,
    }
    return Record("session_logs", values, key="session_id")


def round_records(number: int) -> Iterator[Record]:
    """A round, and now and then a change of it."""
    values = {
        "round_id": f"round-{number:07d}",
        "session_id": SESSION,
        "table_name": SOURCE,
        "game_name": SOURCE,
        "round_number": number,
        "seen_from": "betting",
        "recorded_utc_us": START_US + number * 1_000_000,
        "crash_multiplier": 100 + number % 900,
        "complete": True,
    }
    yield Record("rounds", values, key="round_id")
    if number % CHANGE_EVERY == 0:
        change = {"round_id": values["round_id"], "players": number}
        yield Record("rounds", change, key="round_id", update=True)


def stream(writer: Writer, first: int, count: int, tell: Callable[[int], None]) -> None:
    """Records through the bot's writer: many queued, then one waited for. Told: all before it."""
    dice = random.Random(first)
    writer.put(bot_record())
    writer.put_and_wait(session_record())
    number = first
    while number < count:
        end = min(count, number + dice.randrange(1, 200))
        for one in range(number, end):
            for record in round_records(one):
                writer.put(record)
        if dice.random() < 0.5:
            writer.put_and_wait(next(round_records(end - 1)))
        elif not writer.flush(FLUSH_S):
            raise RuntimeError("the writer did not store what was queued")
        tell(end)
        number = end


def stream_rows(path: Path, first: int, count: int, tell: Callable[[int], None]) -> None:
    """Wide rows, as loggers and imports store them. Told: when ``store_rows`` is back."""
    dice = random.Random(first)
    with closing(open_database(path)) as database:
        store_rows(database, "bot_vm_registration", ["bot_id"], [(BOT,)])
        number = first
        while number < count:
            end = min(count, number + dice.choice((1, 5, 50, 500)))
            rows = [(f"round-{n:07d}", BOT, SOURCE, "SKIP", n, 100 + n % 900) for n in range(number, end)]
            store_rows(database, "crash_game_rounds", COLUMNS, rows)
            tell(end)
            number = end


def child(way: str, folder: Path, first: int, count: int) -> None:
    """What the child process does."""

    def tell(number: int) -> None:
        print(number, flush=True)

    if way == "rows":
        stream_rows(folder / "record.db", first, count, tell)
    elif way == "writer":
        with closing(open_database(folder / "record.db")) as database:
            writer = Writer(database, CLOCK, tables=3, after=derive, warn=lambda _: None)
            stream(writer, first, count, tell)
            writer.close()
    else:
        url = os.environ[ADDRESS]
        with SpooledDatabase.open(url, folder, CLOCK, after=derive, warn=lambda _: None) as spooled:
            writer = spooled.writer(tables=3, warn=lambda _: None)
            stream(writer, first, count, tell)
            writer.close()
            if not spooled.flush(FLUSH_S):
                raise RuntimeError(f"not delivered: {spooled.stats()}")
    print("done", flush=True)


class Child:
    """A running child. ``told`` is the number of records that it was told are stored, from the first on."""

    def __init__(self, way: str, folder: Path, first: int, count: int, url: str = "") -> None:
        command = [sys.executable, "-m", "benchmarks.durability", "--child", way, str(folder)]
        command += [str(first), str(count)]
        environment = {**os.environ, ADDRESS: url}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self.told = first
        self.done = False

    def read_until(self, told: int) -> bool:
        """Read until so many are told; ``False`` when it ended before. Raises when it failed."""
        assert self._process.stdout is not None
        while self.told < told:
            line = self._process.stdout.readline()
            if not line.endswith("\n"):  # cut by a kill: not told whole
                break
            self._take(line)
        return self.told >= told

    def _take(self, line: str) -> None:
        if line.strip() == "done":
            self.done = True
        else:
            self.told = int(line)

    def kill(self) -> None:
        """SIGKILL; then what it had still said (through the same buffer: nothing told is missed)."""
        os.kill(self._process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Read what it says to its end, and wait for that."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                self._take(line)
        self._process.stdout.close()
        self._process.wait(END_S)


# -- what is there afterwards -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """A series of kills. ``lost`` counts records told and not there (of all kills together) and, in the end,
    those missing; ``doubled`` rows or counts too many; ``agrees`` is the verdict."""

    what: str
    records: int
    kills: int
    lost: int
    doubled: int
    sound: bool
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        """Nothing lost, nothing twice, a sound database."""
        return self.lost == 0 and self.doubled == 0 and self.sound


@dataclass(frozen=True, slots=True)
class Found:
    """What a database holds: rounds, different ones among them, those counted in totals, right changes."""

    rows: int
    different: int
    counted: int
    changes: int


_COUNT = (
    "SELECT (SELECT COUNT(*) FROM {t} WHERE round_number < :n), "
    "(SELECT COUNT(DISTINCT round_number) FROM {t} WHERE round_number < :n), "
    "(SELECT COALESCE(SUM(total_rounds), 0) FROM round_totals_daily), "
    "{changes}"
)
_CHANGES = "(SELECT COUNT(*) FROM rounds WHERE players = round_number AND round_number < :n)"


def found_in(url: str | Path, below: int, way: str) -> Found:
    """Count the rounds with a number below ``below``."""
    own = way != "rows"
    question = _COUNT.format(t="rounds" if own else "crash_game_rounds", changes=_CHANGES if own else "0")
    with closing(open_database(url)) as database, database.engine.connect() as connection:
        rows, different, counted, changes = connection.execute(text(question), {"n": below}).one()
    return Found(int(rows), int(different), int(counted), int(changes))


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def verdict(what: str, url: str | Path, way: str, count: int, kills: int, lost: int, whole: bool) -> Report:
    """The report on what is there in the end: every record once, and counted once."""
    found = found_in(url, count, way)
    changes = 0 if way == "rows" else -(-count // CHANGE_EVERY)
    missing = count - found.different + changes - found.changes
    doubled = found.rows - found.different + abs(found.counted - found.rows)
    return Report(what, count, kills, lost + missing, doubled, whole)


# -- the series -------------------------------------------------------------------------------------------


def moments(dice: random.Random, count: int, kills: int) -> list[int]:
    """Numbers of records told after which to kill, in order."""
    return sorted(dice.randrange(1, count) for _ in range(kills))


def a_moment(dice: random.Random) -> None:
    """Let it go on for a random part of its next transaction."""
    threading.Event().wait(dice.random() * LATEST_S)


def local_kills(way: str, folder: Path, count: int, kills: int, seed: int) -> Report:
    """SIGKILL to a process that writes to SQLite, ``way`` ``writer`` or ``rows``."""
    dice, told, lost, done_kills = random.Random(seed), 0, 0, 0
    path = folder / "record.db"
    whole = True
    for moment in moments(dice, count, kills):
        process = Child(way, folder, told, count)
        process.read_until(moment)
        a_moment(dice)
        process.kill()
        done_kills += not process.done
        told = process.told
        lost += told - found_in(path, told, way).different
        whole = whole and sound(path)
    Child(way, folder, told, count).end()
    what = {"writer": "writer killed, SQLite", "rows": "store_rows killed, SQLite"}[way]
    return verdict(what, path, way, count, done_kills, lost, whole and sound(path))


def spooler_kills(folder: Path, server: PostgresServer, count: int, kills: int, seed: int) -> Report:
    """SIGKILL to the process that writes here and delivers there; also between its two commits."""
    dice, told, lost, done_kills = random.Random(seed), 0, 0, 0
    url = server.url(server.create_database())
    whole = True
    for moment in moments(dice, count, kills):
        process = Child("spool", folder, told, count, url)
        process.read_until(moment)
        a_moment(dice)
        process.kill()
        done_kills += not process.done
        told = process.told
        path = spool_file(folder)
        lost += told - found_in(path, told, "spool").different
        whole = whole and sound(path)
    Child("spool", folder, told, count, url).end()
    return spool_verdict("spooling writer killed", folder, url, count, done_kills, lost, whole)


def outages(
    what: str,
    folder: Path,
    url: str,
    through: str,
    count: int,
    seed: int,
    events: Sequence[Callable[[], None]],
) -> Report:
    """The other end goes away and comes back, while the child writes on. ``events``: away, back, away, …"""
    dice = random.Random(seed)
    process = Child("spool", folder, 0, count, through)
    for moment, event in zip(moments(dice, count, len(events)), events, strict=True):
        process.read_until(moment)
        a_moment(dice)
        event()
    process.end()
    if not process.done:
        raise RuntimeError(f"{what}: the child failed after {process.told} records")
    return spool_verdict(what, folder, url, count, len(events) // 2, count - process.told, True)


def server_kills(folder: Path, server: PostgresServer, count: int, kills: int, seed: int) -> Report:
    """SIGKILL to PostgreSQL's postmaster and all its children, and a restart."""
    url = server.url(server.create_database())
    what = "postmaster killed, spool"
    return outages(what, folder, url, url, count, seed, [server.kill_9, server.start] * kills)


def cuts(folder: Path, server: PostgresServer, count: int, kills: int, seed: int) -> Report:
    """The connection is reset and refused, and later restored."""
    name = server.create_database()
    with CuttableProxy(server.port) as proxy:
        through = server.url(name, port=proxy.port)
        events = [proxy.cut, proxy.restore] * kills
        return outages("connection cut, spool", folder, server.url(name), through, count, seed, events)


def spool_file(folder: Path) -> Path:
    """The one local database in the folder."""
    (path,) = folder.glob("spool-*.sqlite3")
    return path


def spool_verdict(
    what: str, folder: Path, url: str, count: int, kills: int, lost: int, whole: bool
) -> Report:
    """All is there, and nothing waits or was refused."""
    report = verdict(what, url, "spool", count, kills, lost, whole and sound(spool_file(folder)))
    left = sum(one.waiting + one.rejected for one in left_over(folder, CLOCK))
    return replace(report, lost=report.lost + left)


# -- the report -------------------------------------------------------------------------------------------


@contextmanager
def made(parent: Path, name: str) -> Iterator[Path]:
    """A folder of its own for a series."""
    folder = parent / name
    folder.mkdir()
    yield folder


def run(parent: Path, count: int, kills: int, seed: int) -> Iterator[Report]:
    """All series."""
    with PostgresServer(durable=True) as server:
        series: list[Callable[[Path], Report]] = [
            lambda folder: local_kills("writer", folder, count, kills, seed),
            lambda folder: local_kills("rows", folder, count, kills, seed + 1),
            lambda folder: spooler_kills(folder, server, count, kills, seed + 2),
            lambda folder: server_kills(folder, server, count, kills, seed + 3),
            lambda folder: cuts(folder, server, count, kills, seed + 4),
        ]
        for number, one in enumerate(series):
            with made(parent, f"series-{number}") as folder:
                started = time.perf_counter()
                report = one(folder)
                yield replace(report, seconds=round(time.perf_counter() - started, 1))


def shown(reports: Sequence[Report]) -> Table:
    """The reports for people."""
    table = Table("what", "records", "kills", "lost", "twice", "sound", "seconds", box=None)
    for one in reports:
        figures = (f"{one.records:,}", str(one.kills), str(one.lost), str(one.doubled))
        table.add_row(one.what, *figures, "yes" if one.sound else "NO", f"{one.seconds:.0f}")
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all series; 1 when anything was lost or there twice."""
    parser = option_parser("durability", __doc__.splitlines()[0])
    parser.add_argument("--records", type=positive, default=100_000, help="of each stream")
    parser.add_argument("--kills", type=positive, default=20, help="in each stream")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--child", nargs=4, metavar=("WAY", "FOLDER", "FIRST", "COUNT"), help=argparse.SUPPRESS
    )
    options: Any = parser.parse_args(arguments)
    if options.child:
        way, folder, first, count = options.child
        child(way, Path(folder), int(first), int(count))
        return 0
    reports: list[Report] = []
    with tempfile.TemporaryDirectory(prefix="crashbot-durability-") as parent:
        for report in run(Path(parent), options.records, options.kills, options.seed):
            reports.append(report)
            print(f"{report.what}: {'agrees' if report.agrees else 'DOES NOT AGREE'}", flush=True)
    Console().print(shown(reports))
    write_json(options.json, {"machine": machine(), "series": [asdict(one) for one in reports]})
    return 0 if all(one.agrees for one in reports) else 1


if __name__ == "__main__":
    raise SystemExit(main())
