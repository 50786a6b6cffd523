"""Makes a large database quickly: 50 bots, 400 days, three games, by default ten million rounds.

``python -m benchmarks.many_rounds URL [--rounds N]`` fills an empty database at an SQLAlchemy URL.
``python -m benchmarks.many_rounds --folder DIR`` makes ``DIR/rounds.sqlite3`` and a PostgreSQL server in
``DIR/postgresql``. The same seed gives the same rounds. Indexes and totals are made when the rows are
there, which is what makes it quick; the result is the same as if each round had been logged.
"""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Index

from benchmarks.common import positive
from bot.database import Base, CrashGameRound, Database, open_database
from bot.database.totals import DEFINITIONS
from bot.database.triggers import SOURCES, rebuild_sql
from tests.servers import PostgresServer

DAY_US = 86_400_000_000
FIRST_DAY = 20_200
GAMES = ("aviator", "aviatrix", "jetx")
PLATFORMS = ("dafabet", "fun88")
STRATEGIES = ("fixed_stake", "martingale", "compound_1.33x", "kelly_criterion", "custom")
TARGETS = np.array([150, 200, 133, 300, 500])
SESSIONS_A_DAY = 2
ROUND_US = 18_000_000

#: The database on the kept PostgreSQL server, and the server's settings.
DATABASE = "rounds"
FOR_MUCH = {"shared_buffers": "512MB", "maintenance_work_mem": "512MB", "max_wal_size": "8GB"}

Columns = dict[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made. Rounds are spread evenly over bots, days and sessions."""

    rounds: int = 10_000_000
    bots: int = 50
    days: int = 400
    seed: int = 1

    @property
    def of_a_session(self) -> int:
        """Rounds of one session."""
        return max(1, self.rounds // (self.bots * self.days * SESSIONS_A_DAY))


@dataclass(frozen=True, slots=True)
class _Session:
    """One bot at one table for a while."""

    bot: int
    name: str
    game: str
    platform: str
    strategy: int
    start_us: int
    number: int

    def keys(self) -> dict[str, Any]:
        return {
            "session_id": self.name,
            "bot_id": _bot(self.bot),
            "game_name": self.game,
            "platform_code": self.platform,
            "strategy_name": STRATEGIES[self.strategy],
        }


def _bot(number: int) -> str:
    return f"bot-{number:02d}"


def _uuid(kind: int, number: int, at_us: int) -> str:
    milliseconds = at_us // 1_000
    value = (milliseconds << 80) | (7 << 76) | (kind << 64) | (2 << 62) | number
    return str(uuid.UUID(int=value))


def _sessions(plan: Plan, day: int) -> list[_Session]:
    found = []
    for part in range(SESSIONS_A_DAY):
        for bot in range(plan.bots):
            number = (day * SESSIONS_A_DAY + part) * plan.bots + bot
            start = (FIRST_DAY + day) * DAY_US + part * DAY_US // 2 + bot * 300_000_000
            found.append(
                _Session(
                    bot,
                    _uuid(1, number, start),
                    GAMES[(bot + part) % 3],
                    PLATFORMS[bot % 2],
                    (bot + day // 20 + part) % len(STRATEGIES),
                    start,
                    number,
                )
            )
    return found


def _rounds(plan: Plan, session: _Session, random: np.random.Generator) -> Columns:
    count = plan.of_a_session
    crash = np.maximum(100, np.floor(97.0 / random.random(count)).astype(np.int64).clip(0, 10**9))
    kind = random.random(count)
    outcome = np.select([kind < 0.10, kind < 0.12, kind < 0.121], ["SKIP", "ERROR", "UNKNOWN"], "BET")
    target = int(TARGETS[session.strategy])
    won = crash >= target
    bet = outcome == "BET"
    outcome = np.where(bet, np.where(won, "WIN", "LOSS"), outcome)
    stake = np.where(kind < 0.12, 0, 100 * 2 ** random.integers(0, 4, count))
    profit = np.where(bet, np.where(won, stake * target // 100 - stake, -stake), 0)
    balance = 100_000 + np.cumsum(profit)
    start = session.start_us + ROUND_US * np.arange(count) + random.integers(0, 3_000_000, count)
    length = random.integers(1_000_000, 14_000_000, count)
    first = session.number * count
    settled = bet.tolist()

    def where_bet(values: np.ndarray[Any, Any]) -> list[Any]:
        return [value if is_bet else None for value, is_bet in zip(values.tolist(), settled, strict=True)]

    crashes = crash.tolist()
    same = session.keys() | {
        "bot_name": f"Bot {session.bot}",
        "vm_name": f"vm-{session.bot % 10}",
        "vm_provider": "local",
        "region": "eu-west-1",
        "mode": "practice",
        "table_name": session.game,
        "currency": "USD",
        "multiplier_source": "ocr",
        "target_multiplier": target,
    }
    return {name: [value] * count for name, value in same.items()} | {
        "round_id": [_uuid(0, first + n, at) for n, at in enumerate(start.tolist())],
        "round_external_id": [f"{first + n:012d}" for n in range(count)],
        "round_number": list(range(1, count + 1)),
        "round_start_timestamp": start.tolist(),
        "round_end_timestamp": (start + length).tolist(),
        "duration_seconds": length.tolist(),
        "processing_time_ms": (length / 1e6).tolist(),
        "stake_value": stake.tolist(),
        "crash_multiplier_detected": crashes,
        "final_multiplier": crashes,
        "cashout_amount": where_bet(stake + profit),
        "profit_loss_amount": where_bet(profit),
        "running_balance_before": (balance - profit).tolist(),
        "running_balance_after": balance.tolist(),
        "expected_profit": where_bet(-3 * stake),
        "variance_from_strategy": where_bet(100 * profit + 3 * stake),
        "roi_percent": where_bet(1_000_000 * profit // np.maximum(stake, 1)),
        "ocr_raw_text": [f"{c // 100}.{c % 100:02d}x" for c in crashes],
        "ocr_cleaned_value": [f"{c // 100}.{c % 100:02d}" for c in crashes],
        "multiplier_detection_confidence": random.uniform(0.9, 1.0, count).round(3).tolist(),
        "round_outcome": outcome.tolist(),
        "created_at": start.tolist(),
    }


def _around(plan: Plan, session: _Session, random: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    """What surrounds a session's rounds: its log, what was watched, what was missed, signals."""
    keys = session.keys()
    place = keys | {"table_name": session.game}
    begin, end = session.start_us, session.start_us + ROUND_US * plan.of_a_session
    broken = begin + (end - begin) // 3 if random.random() < 0.1 else end
    parts = [(begin, broken)] if broken == end else [(begin, broken), (broken + 60_000_000, end)]
    gaps = int(random.integers(0, 3))
    log = keys | {"mode": "practice", "started_utc_us": begin, "ended_utc_us": end, "last_seen_utc_us": end}
    signals = [
        {
            "id": _uuid(4, session.number * 100 + n, begin + n),
            "round_id": _uuid(0, session.number * plan.of_a_session, begin),
            **{name: keys[name] for name in ("bot_id", "session_id", "game_name")},
            "timestamp": begin + n * 1_000_000,
            "signal_type": ("pre_flight", "crash_imminent")[n % 2],
            "confidence_score": float(random.random()),
            "signal_correctness": bool(random.random() < 0.5),
            "created_at": begin,
        }
        for n in range(max(1, plan.of_a_session // 20))
    ]
    return {
        "session_logs": [log | {"currency": "USD", "status": "ended"}],
        "watched_intervals": [
            {"id": _uuid(2, 2 * session.number + n, low), **place, "from_utc_us": low, "to_utc_us": high}
            for n, (low, high) in enumerate(parts)
        ],
        "round_gaps": [
            {
                "id": _uuid(3, 3 * session.number + n, begin),
                **place,
                "at_utc_us": begin + n * 1_000_000,
                "rounds": int(random.integers(1, 5)) if random.random() < 0.9 else None,
                "reason": "covered",
            }
            for n in range(gaps)
        ],
        "analytics_round_signals": signals,
    }


def day_of(plan: Plan, day: int) -> dict[str, Columns]:
    """All rows of one day, as columns by table. The same plan and day give the same rows."""
    random = np.random.default_rng((plan.seed, day))
    rounds: dict[str, Any] = {}
    others: dict[str, list[dict[str, Any]]] = {}
    for session in _sessions(plan, day):
        for name, values in _rounds(plan, session, random).items():
            rounds.setdefault(name, []).extend(values)
        for table, rows in _around(plan, session, random).items():
            others.setdefault(table, []).extend(rows)
    found: dict[str, Columns] = {"crash_game_rounds": rounds}
    for table, rows in others.items():
        if rows:
            found[table] = {name: [row[name] for row in rows] for name in rows[0]}
    return found


# -- into a database ------------------------------------------------------------------------------------


def fill(database: Database, plan: Plan) -> None:
    """Fill an empty database: rows without triggers and indexes, then the indexes, then the totals."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        if is_sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("PRAGMA cache_size = -200000")
            connection.exec_driver_sql("BEGIN")
        _register_bots(connection, plan)
        indexes = _drop_indexes(connection)
        _rest(connection, resting=True)
        connection.commit()
        for day in range(plan.days):
            with connection.begin():
                for table, columns in day_of(plan, day).items():
                    (_insert_sqlite if is_sqlite else _copy_postgresql)(connection, table, columns)
            if day % 50 == 49:
                print(f"{day + 1} of {plan.days} days", flush=True)
        for index in indexes:
            index.create(connection)
            connection.commit()
        for totals in DEFINITIONS:
            for statement in rebuild_sql(totals):
                connection.exec_driver_sql(statement)
        _rest(connection, resting=False)
        connection.commit()
    _analyse(database)


def _register_bots(connection: Connection, plan: Plan) -> None:
    for number in range(plan.bots):
        connection.exec_driver_sql(
            "INSERT INTO bot_vm_registration (bot_id, bot_name, is_active) "
            f"VALUES ('{_bot(number)}', 'Bot {number}', true)"
        )


def _drop_indexes(connection: Connection) -> list[Index]:
    """The indexes of the rounds that this engine has, which are gone afterwards."""
    dialect = connection.dialect.name
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'index'"
        if dialect == "sqlite"
        else "SELECT indexname FROM pg_indexes"
    )
    there = {row[0] for row in rows}
    table = CrashGameRound.__table__
    found = sorted((i for i in table.indexes if i.name in there), key=lambda i: str(i.name))  # type: ignore[attr-defined]
    for index in found:
        index.drop(connection)
    return found


def _rest(connection: Connection, resting: bool) -> None:
    """Let the triggers rest, or wake them."""
    if connection.dialect.name == "sqlite":
        change = "INSERT INTO totals_pause (id) VALUES (1)" if resting else "DELETE FROM totals_pause"
        connection.exec_driver_sql(change)
        return
    for source in SOURCES:
        word = "DISABLE" if resting else "ENABLE"
        connection.exec_driver_sql(f"ALTER TABLE {source} {word} TRIGGER USER")


def _insert_sqlite(connection: Connection, table: str, columns: Columns) -> None:
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    raw: Any = connection.connection.driver_connection
    raw.executemany(sql, zip(*columns.values(), strict=True))


def _copy_postgresql(connection: Connection, table: str, columns: Columns) -> None:
    raw: Any = connection.connection.driver_connection
    lines = zip(*(_texts(values) for values in columns.values()), strict=True)
    text = "\n".join(map("\t".join, lines)) + "\n"
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write(text)


def _texts(values: Sequence[Any]) -> list[str]:
    return ["\\N" if value is None else str(value) for value in values]


def _analyse(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
        else:
            connection.exec_driver_sql("VACUUM ANALYZE")


def counts(database: Database) -> Mapping[str, int]:
    """Rows of each table that has any."""
    with database.engine.connect() as connection:
        found = {
            name: int(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar() or 0)
            for name in Base.metadata.tables
            if name != CrashGameRound.__tablename__
        }
        found["crash_game_rounds"] = int(
            connection.exec_driver_sql("SELECT SUM(total_rounds) FROM round_totals_session").scalar() or 0
        )
    return {name: count for name, count in found.items() if count}


def made(url: str, plan: Plan) -> Iterator[str]:
    """Fill the database at the URL; lines about it."""
    database = open_database(url)
    try:
        began = time.monotonic()
        fill(database, plan)
        yield f"{database.name}: {time.monotonic() - began:.0f} s"
        yield from (f"  {name}: {count:,}" for name, count in counts(database).items())
    finally:
        database.close()


def kept_server(folder: Path) -> PostgresServer:
    """A server whose data stay in the folder; started again later it knows its password still."""
    server = PostgresServer(folder, durable=False, settings=FOR_MUCH)
    secret = folder / "password"
    if secret.exists():
        server._password = secret.read_text(encoding="utf-8")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        server.start()
        secret.touch(mode=0o600)
        secret.write_text(server._password, encoding="utf-8")
    return server


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_rounds", description=__doc__)
    parser.add_argument("url", nargs="?", help="fill this empty database")
    parser.add_argument("--folder", type=Path, help="make one on each engine here")
    parser.add_argument("--rounds", type=positive, default=Plan().rounds)
    parser.add_argument("--engine", choices=("both", "sqlite", "postgresql"), default="both")
    options = parser.parse_args()
    plan = Plan(rounds=options.rounds)
    if options.url:
        print(*made(options.url, plan), sep="\n")
        return
    if options.folder is None:
        parser.error("give a URL or --folder")
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.engine != "postgresql":
        print(*made(f"sqlite:///{options.folder / 'rounds.sqlite3'}", plan), sep="\n")
    if options.engine != "sqlite":
        with kept_server(options.folder / "postgresql") as server:
            server.create_database(DATABASE)
            print(*made(server.url(DATABASE), plan), sep="\n")


if __name__ == "__main__":
    main()
