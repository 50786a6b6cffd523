"""Rows a second into both engines, beside the raw driver doing the same work in the same run.

``python -m benchmarks.storing --json FILE``. Full rows of ``crash_game_rounds``. SQLite's raw driver runs the
same prepared statement with the same indexes, checks, settings and totals counted by group; PostgreSQL's
copies binary rows straight into the table (same indexes and triggers; a row that is there would be an error).
The sides take turns batch by batch; the ratio is the median of those of the repetitions.
"""

from __future__ import annotations

import argparse
import gc
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.common import machine, option_parser, positive, write_json
from bot.database import Database, Writer, open_database, store_rows
from bot.database.base import Base
from bot.database.batches import BatchWriter
from bot.database.checking import encode_json
from bot.database.copying import insertion
from bot.database.copying_postgresql import PostgresqlInsertion
from bot.database.copying_sqlite import SqliteInsertion
from bot.database.deriving import derive
from bot.domain.clock import SystemClock
from bot.domain.ports import Record
from tests.servers import PostgresServer

ROUNDS = "crash_game_rounds"
TABLE = Base.metadata.tables[ROUNDS]
#: All columns that somebody has to give: the database computes the buckets and fills the two times itself.
FILLED = ("created_at", "updated_at", "date_bucket", "hour_bucket")
COLUMNS = tuple(column.name for column in TABLE.columns if column.name not in FILLED)
EXTRAS = COLUMNS.index("metadata")
START_US, ROUND_US = 1_767_225_600_000_000, 20_000_000
BOTS = 3
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One comparison: rows a second of both sides (medians) and the median ratio of the repetitions."""

    what: str
    batch: int
    rows_per_s: float
    raw_rows_per_s: float
    ratio: float
    lowest: float
    highest: float
    target: float | None


class Maker:
    """Draws rounds: no column is empty, identifiers grow with time as the bot's own do."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._made = 0

    def rows(self, count: int) -> Rows:
        """So many new rounds, values in the order of ``COLUMNS``."""
        return [self._row() for _ in range(count)]

    def _row(self) -> tuple[Any, ...]:
        rng, number = self._rng, self._made
        self._made += 1
        start = START_US + number * ROUND_US
        crash = max(100, int(97 / (1 - rng.random())))
        chosen: dict[str, object] = {
            "round_id": f"{start // 1000:012x}7{rng.getrandbits(76):019x}",
            "bot_id": f"bot-{number % BOTS}",
            "vm_provider": "local",
            "mode": "practice",
            "game_name": "aviator",
            "strategy_name": "fixed_stake",
            "session_id": f"session-{number // 1000}",
            "round_number": number,
            "round_start_timestamp": start,
            "round_end_timestamp": start + 9_000_000,
            "duration_seconds": 9_000_000,
            "multiplier_source": "ocr",
            "crash_multiplier_detected": crash,
            "profit_loss_amount": 100 if crash >= 200 else -100,
            "round_outcome": "WIN" if crash >= 200 else "LOSS",
            "error_type": "unknown",
            "retry_count": 0,
            "metadata": {"players": number % 500, "panel": 0, "text": f"{crash / 100:.2f}x"},
        }
        return tuple(chosen[name] if name in chosen else self._any(name) for name in COLUMNS)

    def _any(self, name: str) -> object:
        kind = TABLE.columns[name].type.python_type
        if kind is int:
            return self._rng.randrange(101, 50_000)
        if kind is float:
            return self._rng.random()
        return False if kind is bool else f"{name:.14}"


# -- the sides of a comparison --------------------------------------------------------------------------

Side = Callable[[Rows], None]


def ours(database: Database) -> Side:
    """Rows as loggers and imports hand them in."""
    return lambda rows: all_stored(store_rows(database, ROUNDS, COLUMNS, rows), len(rows))


def all_stored(stored: int, wanted: int) -> None:
    """A benchmark that does not store what it says is worth nothing."""
    if stored != wanted:
        raise RuntimeError(f"{stored} of {wanted} rows were stored")


def records(database: Database) -> Side:
    """Records as the bot's writer commits them."""
    writer = BatchWriter(database.engine.dialect)

    def store(rows: Rows) -> None:
        batch = [Record(ROUNDS, dict(zip(COLUMNS, row, strict=True)), key="round_id") for row in rows]
        started = time.perf_counter()
        with database.writing() as connection:
            writer.write(connection, batch)
        store.seconds = time.perf_counter() - started  # type: ignore[attr-defined]

    return store


def taken_apart(raw: Side) -> Side:
    """The raw driver with mappings instead of ready rows: the same work as for records."""

    def store(rows: Rows) -> None:
        named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        started = time.perf_counter()
        raw([tuple(one.values()) for one in named])
        store.seconds = time.perf_counter() - started  # type: ignore[attr-defined]

    return store


def raw_sqlite(path: Path) -> tuple[Side, Callable[[], None]]:
    """The driver itself: ready tuples, the same statement, settings and counting."""
    how = insertion("sqlite", ROUNDS, COLUMNS)
    assert isinstance(how, SqliteInsertion)
    count = how.count
    assert count is not None
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA synchronous = FULL")

    def store(rows: Rows) -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(count.pause)
        mark = raw.execute(count.mark).fetchone()
        raw.executemany(how.sql, rows)
        for statement in count.count:
            raw.execute(statement, mark)
        raw.execute(count.resume)
        raw.execute("COMMIT")

    return store, raw.close


def raw_postgresql(address: str) -> tuple[Side, Callable[[], None]]:
    """Binary COPY straight into the table."""
    how = insertion("postgresql", ROUNDS, COLUMNS)
    assert isinstance(how, PostgresqlInsertion)
    raw = psycopg.connect(address)
    names = ", ".join(f'"{name}"' for name in COLUMNS)

    def store(rows: Rows) -> None:
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY {ROUNDS} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(how.types)
            for row in rows:
                copy.write_row(row)
        raw.commit()

    return store, raw.close


def texts(rows: Rows) -> Rows:
    """For SQLite's driver: JSON as the text that it takes."""
    return [(*row[:EXTRAS], encode_json(row[EXTRAS]), *row[EXTRAS + 1 :]) for row in rows]


# -- comparing ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, each with a database of its own, and how the raw one likes its rows."""

    what: str
    side: Side
    raw: Side
    prepare_raw: Callable[[Rows], Rows]


def timed(side: Side, batch: Rows) -> float:
    """Seconds for a batch, one transaction; only the writing when the side says so itself."""
    started = time.perf_counter()
    side(batch)
    return getattr(side, "seconds", None) or time.perf_counter() - started


def compare(one: Comparison, batch: int, rows: int, repetitions: int, target: float | None) -> Figure:
    """Interleaved batch by batch; the first repetition only warms up. Both get rows alike."""
    makers = (Maker(1), Maker(1))
    pairs: list[tuple[float, float]] = []
    for _ in range(repetitions + 1):
        batches = [[maker.rows(batch) for _ in range(max(1, rows // batch))] for maker in makers]
        batches[1] = [one.prepare_raw(rows) for rows in batches[1]]
        gc.collect()
        seconds = [0.0, 0.0]
        for number, both in enumerate(zip(*batches, strict=True)):
            for place in (0, 1) if number % 2 else (1, 0):
                seconds[place] += timed((one.side, one.raw)[place], both[place])
        pairs.append((seconds[0], seconds[1]))
    count = batch * max(1, rows // batch)
    ratios = [raw / side for side, raw in pairs[1:]]
    return Figure(
        one.what,
        batch,
        round(count / statistics.median(side for side, _ in pairs[1:])),
        round(count / statistics.median(raw for _, raw in pairs[1:])),
        round(statistics.median(ratios), 3),
        round(min(ratios), 3),
        round(max(ratios), 3),
        target,
    )


def like(raw: Side, what: str) -> Side:
    """The raw side for rows or records."""
    return raw if what == "rows" else taken_apart(raw)


def with_bots(database: Database) -> Database:
    """The bots that the rows name."""
    store_rows(database, "bot_vm_registration", ["bot_id"], [(f"bot-{n}",) for n in range(BOTS)])
    return database


def sqlite_figures(folder: Path, repetitions: int) -> Iterator[Figure]:
    """Batches of 50 and 5,000, as rows and as records."""
    for batch, rows in ((50, 4_000), (5_000, 20_000)):
        for what, make in (("rows", ours), ("records", records)):
            paths = [folder / f"{what}-{batch}-{side}.db" for side in ("ours", "raw")]
            database, other = (with_bots(open_database(path)) for path in paths)
            other.close()
            raw, close = raw_sqlite(paths[1])
            one = Comparison(f"sqlite {what}", make(database), like(raw, what), texts)
            yield compare(one, batch, rows, repetitions, 0.85)
            close()
            database.close()


def postgresql_figures(server: PostgresServer, repetitions: int) -> Iterator[Figure]:
    """Batches of 50 and 5,000, as rows and as records."""
    for batch, rows, target in ((50, 3_000, 0.6), (5_000, 20_000, 0.85)):
        for what, make in (("rows", ours), ("records", records)):
            names = [server.create_database() for _ in range(2)]
            database, other = (with_bots(open_database(server.url(name))) for name in names)
            other.close()
            raw, close = raw_postgresql(server.plain_url(names[1]))
            one = Comparison(f"postgresql {what}", make(database), like(raw, what), list)
            yield compare(one, batch, rows, repetitions, target)
            close()
            database.close()
            for name in names:
                server.drop_database(name)


# -- the bot's own way ----------------------------------------------------------------------------------


def through_writer(database: Database, count: int, single: bool) -> float:
    """Records a second through ``Writer.put`` (or each committed before the next), rounds derived."""
    writer = Writer(database, SystemClock(), tables=3, after=derive, warn=lambda _: None)
    session = {
        "session_id": "benchmark",
        "bot_id": "bot-0",
        "mode": "practice",
        "strategy_name": "fixed_stake",
        "parameters": {"target": "2.00"},
        "started_utc_us": START_US,
    }
    writer.put_and_wait(Record("session_logs", session, key="session_id"))
    store = writer.put_and_wait if single else writer.put
    name = "single" if single else "batched"
    started = time.perf_counter()
    for number in range(count):
        values = {
            "round_id": f"{name}-{number:08d}",
            "session_id": "benchmark",
            "table_name": name,
            "game_name": "aviator",
            "round_number": number,
            "seen_from": "betting",
            "recorded_utc_us": START_US + number * ROUND_US,
            "crash_multiplier": 245,
            "multiplier_source": "ocr",
            "confidence": 0.97,
            "complete": True,
        }
        store(Record("rounds", values, key="round_id"))
    writer.close()
    return count / (time.perf_counter() - started)


def writer_figures(databases: dict[str, Database], count: int) -> Iterator[dict[str, object]]:
    """For each engine: records a second in batches, and one a commit."""
    for name, database in databases.items():
        with_bots(database)
        yield {
            "database": name,
            "put": round(through_writer(database, count, single=False)),
            "one a commit": round(through_writer(database, max(1, count // 20), single=True)),
        }
        database.close()


# -- the report -----------------------------------------------------------------------------------------


def table(figures: Sequence[Figure]) -> Table:
    """The comparisons for people."""
    shown = Table("what", "batch", "rows/s", "raw", "ratio", "from-to", "target", box=None)
    for one in figures:
        met = (
            "" if one.target is None else f"{one.target:.2f} {'met' if one.ratio >= one.target else 'MISSED'}"
        )
        spread = f"{one.lowest:.2f}-{one.highest:.2f}"
        counts = (f"{one.batch:,}", f"{one.rows_per_s:,.0f}", f"{one.raw_rows_per_s:,.0f}")
        shown.add_row(one.what, *counts, f"{one.ratio:.3f}", spread, met)
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all comparisons; 1 when a target was missed."""
    parser = option_parser("storing", __doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=positive, default=9, help="measured pairs a comparison")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument("--records", type=positive, default=20_000, help="through the bot's writer")
    options: argparse.Namespace = parser.parse_args(arguments)
    figures: list[Figure] = []
    writers: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="crashbot-storing-") as folder:
        if options.engine != "postgresql":
            figures += sqlite_figures(Path(folder), options.repetitions)
            database = open_database(Path(folder) / "writer.db")
            writers += writer_figures({"sqlite": database}, options.records)
        if options.engine != "sqlite":
            with PostgresServer(durable=True) as server:
                figures += postgresql_figures(server, options.repetitions)
                database = open_database(server.url(server.create_database()))
                writers += writer_figures({"postgresql": database}, options.records)
    console = Console()
    console.print(table(figures))
    for one in writers:
        console.print(
            f"writer on {one['database']}: {one['put']:,} records/s, {one['one a commit']:,} one a commit"
        )
    report = {"machine": machine(), "figures": [asdict(one) for one in figures], "writer": writers}
    write_json(options.json, report)
    return 1 if any(one.target is not None and one.ratio < one.target for one in figures) else 0


if __name__ == "__main__":
    raise SystemExit(main())
