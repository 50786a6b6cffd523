"""How quickly statistics answer, beside the plain query over all rounds, on both engines in one run.

``python -m benchmarks.statistics --folder DIR`` uses the databases that ``benchmarks.many_rounds`` made
there, or makes them first (``--rounds N``: of another size). ``--plans`` prints the plans of every query. The
plain query is the same question put to ``crash_game_rounds`` itself.
"""

from __future__ import annotations

import argparse
import resource
import statistics as numbers
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import event, text

from benchmarks.common import machine, option_parser, positive, write_json
from benchmarks.many_rounds import DATABASE, Plan, kept_server, made
from bot.analytics.alert_rules import AlertRules
from bot.analytics.alerts import find_conditions
from bot.analytics.comparison import compare
from bot.analytics.status import status
from bot.analytics.summaries import summarise
from bot.database import (
    Database,
    get_bot_statistics,
    get_game_statistics,
    get_multiplier_distribution,
    get_session_summary,
    get_signal_effectiveness,
    get_strategy_performance,
    open_database,
)

REPEATS = 21
_SUMS = (
    "SELECT COUNT(*), SUM(CASE WHEN round_outcome = 'WIN' THEN 1 ELSE 0 END), SUM(profit_loss_amount), "
    "SUM(CASE WHEN round_outcome IN ('WIN', 'LOSS') THEN stake_value ELSE 0 END) FROM crash_game_rounds"
)
_MEGABYTE = 1 << 20

Question = Callable[[], Any]


def questions(database: Database) -> dict[str, tuple[Question, str]]:
    """Each question, and the plain query that answers its main figures from all rounds."""
    with database.engine.connect() as connection:
        session = connection.scalar(
            text("SELECT session_id FROM session_logs ORDER BY started_utc_us LIMIT 1 OFFSET 999")
        )
    days = date(2025, 6, 1), date(2025, 8, 31)
    times = datetime(2025, 6, 1, 7, tzinfo=UTC), datetime(2025, 8, 31, 5, tzinfo=UTC)
    bot, game = "bot-07", "aviator"
    one_bot = f"{_SUMS} WHERE bot_id = '{bot}'"
    histogram = (
        "SELECT crash_multiplier_detected, COUNT(*) FROM crash_game_rounds "
        f"WHERE game_name = '{game}' GROUP BY crash_multiplier_detected"
    )
    signals = (
        "SELECT signal_type, COUNT(*), SUM(CASE WHEN signal_correctness THEN 1 ELSE 0 END) "
        f"FROM analytics_round_signals WHERE bot_id = '{bot}' GROUP BY signal_type"
    )
    by_day = f"{_SUMS} GROUP BY date_bucket"
    return {
        "bot": (lambda: get_bot_statistics(bot, database=database), one_bot),
        "bot, dates": (
            lambda: get_bot_statistics(bot, *days, database=database),
            f"{one_bot} AND date_bucket BETWEEN 20240 AND 20331",
        ),
        "bot, times": (
            lambda: get_bot_statistics(bot, *times, database=database),
            f"{one_bot} AND round_start_timestamp BETWEEN 1748761200000000 AND 1756616400000000",
        ),
        "session": (
            lambda: get_session_summary(str(session), database=database),
            f"{_SUMS} WHERE session_id = '{session}'",
        ),
        "strategy": (
            lambda: get_strategy_performance("martingale", database=database),
            f"{_SUMS} WHERE strategy_name = 'martingale'",
        ),
        "game": (
            lambda: get_game_statistics(game, database=database),
            f"{_SUMS} WHERE game_name = '{game}'",
        ),
        "game, platform": (
            lambda: get_game_statistics(game, "fun88", database=database),
            f"{_SUMS} WHERE game_name = '{game}' AND platform_code = 'fun88'",
        ),
        "multipliers": (lambda: get_multiplier_distribution(game, database=database), histogram),
        "signals": (lambda: get_signal_effectiveness(bot, database=database), signals),
        "summary, day": (lambda: summarise("day", database=database), by_day),
        "summary, week": (lambda: summarise("week", database=database), by_day),
        "summary, month": (lambda: summarise("month", database=database), by_day),
        "compare": (lambda: compare(database=database), f"{_SUMS} GROUP BY bot_id"),
        "status": (lambda: status(database=database), ""),
        "alerts": (lambda: find_conditions(AlertRules(), database, 1_800_000_000_000_000), ""),
    }


def timed(ask: Question) -> float:
    """Milliseconds of one answer."""
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1_000


def plain(database: Database, sql: str) -> float | None:
    """Milliseconds of the plain query, asked once."""
    if not sql:
        return None

    def ask() -> None:
        with database.engine.connect() as connection:
            connection.exec_driver_sql(sql).fetchall()

    return timed(ask)


def plans(database: Database, ask: Question) -> list[str]:
    """The plans of all statements of a question, as the engine explains them."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    is_sqlite = database.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, BUFFERS)"
    lines = []
    with database.engine.connect() as connection:
        for statement, values in asked:
            rows = connection.exec_driver_sql(f"{explain} {statement}", values)
            lines += ["-- " + " ".join(statement.split())[:200]]
            lines += [f"   {row[3] if is_sqlite else row[0]}" for row in rows]
    return lines


def measure(database: Database, with_plans: bool) -> dict[str, Any]:
    """Medians of all questions of a database, and the plain query once."""
    found: dict[str, Any] = {}
    print(
        f"\n{database.name}\n{'question':16} {'median ms':>10} {'worst ms':>10} {'plain ms':>12} {'ratio':>9}"
    )
    for name, (ask, sql) in questions(database).items():
        ask()
        before = time.process_time()
        samples = [timed(ask) for _ in range(REPEATS)]
        used = 1_000 * (time.process_time() - before) / REPEATS
        median, slow = numbers.median(samples), plain(database, sql)
        found[name] = {"median_ms": round(median, 2), "worst_ms": round(max(samples), 2)}
        found[name]["cpu_of_this_process_ms"] = round(used, 2)
        found[name]["plain_ms"] = None if slow is None else round(slow, 1)
        ratio = "" if slow is None else f"{slow / median:,.0f}"
        shown = "" if slow is None else f"{slow:,.0f}"
        line = f"{name:16} {median:10.2f} {max(samples):10.2f} {used:8.2f} {shown:>10} {ratio:>8}"
        print(line, flush=True)
        if with_plans:
            print(*plans(database, ask), sep="\n")
    return found


def memory_mb() -> dict[str, float]:
    """The most that this process ever held, and what its children (a server) hold now without sharing."""
    children = [
        child.memory_full_info().uss
        for child in psutil.Process().children(recursive=True)
        if child.is_running()
    ]
    return {
        "this_process_at_most": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "its_children_now": round(sum(children) / _MEGABYTE, 1),
    }


@contextmanager
def databases(folder: Path, plan: Plan, engine: str) -> Iterator[list[Database]]:
    """The databases in the folder, made when they are not there."""
    opened: list[Database] = []
    server = kept_server(folder / "postgresql") if engine != "sqlite" else None
    try:
        if engine != "postgresql":
            opened.append(_ready(f"sqlite:///{folder / 'rounds.sqlite3'}", plan))
        if server is not None:
            fresh = not (folder / "postgresql" / "made").exists()
            server.start()
            if fresh:
                server.drop_database(DATABASE)
                server.create_database(DATABASE)
            opened.append(_ready(server.url(DATABASE), plan))
            (folder / "postgresql" / "made").touch()
        yield opened
    finally:
        for database in opened:
            database.close()
        if server is not None:
            server.close()


def _ready(url: str, plan: Plan) -> Database:
    database = open_database(url)
    with database.engine.connect() as connection:
        if connection.exec_driver_sql("SELECT 1 FROM crash_game_rounds LIMIT 1").first() is not None:
            return database
    database.close()
    print(*made(url, plan), sep="\n")
    return open_database(url)


def main() -> None:
    """Entry point."""
    parser = option_parser("statistics", __doc__ or "")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--folder", type=Path, required=True, help="where the databases are, or are made")
    parser.add_argument("--rounds", type=positive, default=Plan().rounds)
    parser.add_argument("--engine", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--plans", action="store_true", help="print the plans of every query")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {"machine": machine(), "rounds": options.rounds}
    with databases(options.folder, Plan(rounds=options.rounds), options.engine) as found:
        for database in found:
            figures[database.engine.dialect.name] = measure(database, options.plans)
        figures["memory_mb"] = memory_mb()
    print(figures["machine"], figures["memory_mb"])
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
