"""Exports of a million rounds and an import of a million, beside the plain way in the same run.

``python -m benchmarks.bulk [--url URL] [--rounds N]``. ``--url`` is a database with rounds in it (see
``benchmarks.many_rounds``); without one only the import into a new SQLite file is measured. Each figure is
taken in a process of its own, so that the peak of memory (children included) is that of the one thing.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.common import machine, option_parser, positive, write_json
from bot.database.engine import connect, open_database

TEN_COLUMNS = (
    "round_id", "bot_id", "game_name", "platform_code", "session_id", "round_start_timestamp",
    "crash_multiplier_detected", "stake_value", "profit_loss_amount", "round_outcome",
)  # fmt: skip
FORMATS = ("csv", "parquet", "xlsx", "json")


def peak_mb() -> dict[str, int]:
    """The largest resident size of this process, and of the largest of its children."""
    own, children = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"peak_mb": own // 1024, "child_peak_mb": children // 1024}


def timed(work: Callable[[], int]) -> dict[str, float | int]:
    """Rows, seconds (also of the processors: others may be at work) and memory of one piece of work."""
    before, cpu = time.perf_counter(), cpu_s()
    rows = work()
    seconds = {"seconds": time.perf_counter() - before, "cpu_seconds": cpu_s() - cpu}
    return {"rows": rows, **{name: round(value, 2) for name, value in seconds.items()}, **peak_mb()}


def cpu_s() -> float:
    """Time of the processors that this process and its children took."""
    who = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in who)


def export(url: str, rounds: int, to: str, folder: Path) -> dict[str, float | int]:
    """One export by our own means."""
    from bot.database.exports import export_rounds

    with closing(connect(url)) as database:
        path = folder / f"out.{to}"
        return timed(lambda: export_rounds(path, to, TEN_COLUMNS, limit=rounds, database=database).rounds)


def plain_csv(url: str, rounds: int, folder: Path) -> dict[str, float | int]:
    """The same CSV with the driver's rows and the csv module, in no order."""

    def written(rows: object) -> int:
        count = 0
        with (folder / "plain.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(TEN_COLUMNS)
            for row in rows:  # type: ignore[attr-defined]
                values = list(row)
                values[5] = datetime.fromtimestamp(values[5] / 1e6, UTC).isoformat()
                values[6:9] = [None if value is None else f"{value / 100:.2f}" for value in values[6:9]]
                writer.writerow(values)
                count += 1
        return count

    sql = f"SELECT {', '.join(TEN_COLUMNS)} FROM crash_game_rounds LIMIT {rounds}"
    with closing(connect(url)) as database, database.engine.connect() as connection:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=10_000)
        return timed(lambda: written(streaming.exec_driver_sql(sql)))


def recorded(path: Path, rounds: int) -> None:
    """A file with the columns of a complete list of the house."""
    draw, now = random.Random(1), 1_735_689_600.0
    with path.open("w") as file:
        file.write("round_id,timestamp,multiplier\n")
        for number in range(rounds):
            crash = max(1.0, 0.97 / (1 - draw.random()))
            now += 14 + math.log(crash) / 0.0858
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
            file.write(f"{number},{stamp}.{int(now % 1 * 1000):03d},{crash:.2f}\n")


def importing(url: str, path: Path) -> dict[str, float | int]:
    """An import into an empty database, and the same file once more."""
    from bot.database.imports import import_rounds

    with closing(open_database(url)) as database:
        return timed(lambda: import_rounds(path, game="aviator", database=database).stored)


def in_a_process(*words: str) -> dict[str, float | int]:
    """One figure, taken in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bulk", "--one", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float | int] = json.loads(done.stdout.splitlines()[-1])
    print(f"{' '.join(words[:1] + words[3:]):24} {found}", flush=True)
    return found


def one(words: list[str]) -> None:
    """The other side of ``in_a_process``."""
    kind, url, rounds, *rest = words
    folder = Path(rest[-1])
    if kind == "export":
        found = export(url, int(rounds), rest[0], folder)
    elif kind == "plain":
        found = plain_csv(url, int(rounds), folder)
    else:
        found = importing(url, folder / "recorded.csv")
    print(json.dumps(found))


def main() -> None:
    """Print the figures, and write them with ``--json``."""
    parser = option_parser("bulk", "Exports and imports of a million rounds.")
    parser.add_argument("--url", action="append", default=[], help="a database with rounds; may be repeated")
    parser.add_argument("--rounds", type=positive, default=1_000_000, help="rounds of each figure")
    parser.add_argument("--no-import", action="store_true", help="measure the exports alone")
    parser.add_argument("--one", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    figures: dict[str, object] = {"machine": machine(), "rounds": options.rounds}
    with tempfile.TemporaryDirectory() as made:
        folder, rounds = Path(made), str(options.rounds)
        for url in options.url:
            name = connect(url).engine.dialect.name
            figures[f"{name} plain csv"] = in_a_process("plain", url, rounds, made)
            for to in FORMATS:
                figures[f"{name} {to}"] = in_a_process("export", url, rounds, to, made)
        if not options.no_import:
            recorded(folder / "recorded.csv", options.rounds)
            url = f"sqlite:///{folder / 'new.db'}"
            for name in ("import", "import again"):
                figures[name] = in_a_process(name, url, rounds, made)
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
