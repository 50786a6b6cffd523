"""Looking after a database: rebuilding the totals, checking everything, vacuuming, and how large it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from bot.database.base import Base
from bot.database.connection import get_database
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.objects import DAILY_VIEW
from bot.database.schema import REVISION, schema_statements
from bot.database.totals import DEFINITIONS, Definition
from bot.database.triggers import grouped_sql, names_of, rebuild_sql
from bot.database.upgrading import revision_of
from bot.database.values import datetime_of

#: Called with the steps done, those to do, and what is done next.
Steps = Callable[[int, int, str], None]
#: SQLite looks at every page to say how large each table is: not for files larger than this.
LARGEST_LOOKED_AT = 1 << 30
_MADE = re.compile(
    r"CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW|MATERIALIZED VIEW|FUNCTION|PROCEDURE) (\w+)"
)
_ENDED = "COALESCE(round_start_timestamp, round_end_timestamp)"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found: groups of each table of totals that were not as the rows make them."""

    differences: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Groups that were wrong: none, unless somebody went past the triggers."""
        return sum(self.differences.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``detail`` says what is wrong, or what was looked at."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class TableSize:
    """``size_bytes`` with indexes; ``None`` where the engine cannot say it without reading everything."""

    name: str
    rows: int
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class DatabaseStats:
    """How large a database is. ``first`` and ``last``: times of the rounds that have one."""

    name: str
    engine: str
    version: str
    revision: str
    size_bytes: int
    rounds: int
    bots: int
    first: datetime | None
    last: datetime | None
    tables: tuple[TableSize, ...]


# -- totals ---------------------------------------------------------------------------------------------


def refresh_aggregates(*, database: Database | None = None, progress: Steps | None = None) -> Refreshed:
    """Compare the totals with all rows, mend what differs, and refresh ``mv_daily_bot_stats``.

    Nobody who writes has to wait while it compares. Raises ``StorageError``.
    """
    chosen = database or get_database()
    tell = progress or (lambda done, of, what: None)
    found: dict[str, int] = {}
    steps = len(DEFINITIONS) + 1
    with storage_errors(chosen.name):
        for number, totals in enumerate(DEFINITIONS):
            tell(number, steps, totals.name)
            found[totals.name] = _differences(chosen, totals)
            if found[totals.name]:
                _rebuild(chosen, totals)
        tell(steps - 1, steps, DAILY_VIEW)
        if chosen.engine.dialect.name == "postgresql":
            with chosen.writing() as connection:
                connection.execute(text(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {DAILY_VIEW}"))
        tell(steps, steps, "")
    return Refreshed({name: groups for name, groups in found.items() if groups})


def _differences(database: Database, totals: Definition) -> int:
    """Groups that are not as the rows make them, in one state of the database."""
    names, keys = ", ".join(names_of(totals)), ", ".join(totals.keys)
    question = (
        f"WITH made AS MATERIALIZED ({grouped_sql(totals)}), "
        f"wrong AS (SELECT * FROM (SELECT {names} FROM made EXCEPT SELECT {names} FROM {totals.name}) AS a "
        f"UNION ALL SELECT * FROM (SELECT {names} FROM {totals.name} EXCEPT SELECT {names} FROM made) AS b) "
        f"SELECT COUNT(*) FROM (SELECT DISTINCT {keys} FROM wrong) AS c"
    )
    with database.engine.connect() as connection, connection.begin():
        return int(_scalar(connection, question))


def _rebuild(database: Database, totals: Definition) -> None:
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":  # readers go on, writers wait
            connection.execute(text(f"LOCK TABLE {totals.source} IN SHARE ROW EXCLUSIVE MODE"))
        for statement in rebuild_sql(totals):
            _plain(connection).exec_driver_sql(statement)


def _plain(connection: Connection) -> Connection:
    return connection.execution_options(no_parameters=True)


def _scalar(connection: Connection, question: str) -> Any:
    return _plain(connection).exec_driver_sql(question).scalar()


# -- checking -------------------------------------------------------------------------------------------


def check_database(*, database: Database | None = None, progress: Steps | None = None) -> list[Finding]:
    """Look at everything that should hold. Changes nothing. Raises ``StorageError`` when it cannot look."""
    chosen = database or get_database()
    tell = progress or (lambda done, of, what: None)
    looks: list[tuple[str, Callable[[Database], Finding]]] = [
        ("integrity", _check_integrity),
        ("objects", _check_objects),
        ("foreign keys", _check_keys),
        *((totals.name, _check_totals(totals)) for totals in DEFINITIONS),
    ]
    with storage_errors(chosen.name):
        findings = [_check_version(chosen)]
        if not findings[0].ok:
            return findings  # what follows asks for tables that are not there
        for number, (name, look) in enumerate(looks):
            tell(number, len(looks), name)
            findings.append(look(chosen))
        tell(len(looks), len(looks), "")
    return findings


def _check_version(database: Database) -> Finding:
    with database.engine.connect() as connection:
        found = revision_of(connection)
    if found == REVISION:
        return Finding("version", True, f"tables {found}")
    if found is None:
        return Finding("version", False, "it holds no tables of this software: crashbot db init")
    return Finding("version", False, f"tables {found}, known {REVISION}: crashbot db upgrade")


def _check_objects(database: Database) -> Finding:
    dialect = database.engine.dialect.name
    wanted = {
        (match[1], match[2]) for text_ in schema_statements(dialect) if (match := _MADE.match(text_.strip()))
    }
    with database.engine.connect() as connection:
        missing = sorted(name for kind, name in wanted - set(_there(connection, dialect)))
    said = f"missing: {', '.join(missing[:5])}" if missing else f"all {len(wanted)} are there"
    return Finding("objects", not missing, said)


def _there(connection: Connection, dialect: str) -> Iterator[tuple[str, str]]:
    """What the database holds: kind and name. A broken index or a trigger switched off does not count."""
    if dialect == "sqlite":
        for kind, name in _plain(connection).exec_driver_sql("SELECT type, name FROM sqlite_master"):
            yield str(kind).upper(), name
        return
    kinds = {
        "r": "TABLE",
        "i": "INDEX",
        "v": "VIEW",
        "m": "MATERIALIZED VIEW",
        "f": "FUNCTION",
        "p": "PROCEDURE",
    }
    question = """
        SELECT c.relkind::text, c.relname FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.relkind IN ('r', 'i', 'v', 'm') AND pg_table_is_visible(c.oid)
        AND COALESCE(i.indisvalid, true)
        UNION ALL SELECT prokind::text, proname FROM pg_proc WHERE pg_function_is_visible(oid)
        UNION ALL SELECT 't', tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal"""
    for kind, name in _plain(connection).exec_driver_sql(question):
        yield kinds.get(kind, "TRIGGER"), name


def _check_integrity(database: Database) -> Finding:
    if database.engine.dialect.name != "sqlite":
        return Finding("integrity", True, "PostgreSQL keeps it; pg_amcheck looks deeper")
    with database.engine.connect() as connection:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
        paused = _scalar(connection, "SELECT COUNT(*) FROM totals_pause")
    if paused:
        return Finding(
            "integrity",
            False,
            "the totals are paused: delete the rows of totals_pause, then crashbot db refresh",
        )
    return Finding("integrity", found == ["ok"], "; ".join(found))


def _check_keys(database: Database) -> Finding:
    if database.engine.dialect.name == "sqlite":
        question = "SELECT DISTINCT \"table\" || ' names a missing ' || parent FROM pragma_foreign_key_check"
    else:
        question = "SELECT conname || ' is not validated' FROM pg_constraint WHERE NOT convalidated"
    with database.engine.connect() as connection:
        broken = [str(row[0]) for row in _plain(connection).exec_driver_sql(question)]
    return Finding("foreign keys", not broken, "; ".join(broken) or "every row that is named is there")


def _check_totals(totals: Definition) -> Callable[[Database], Finding]:
    def look(database: Database) -> Finding:
        wrong = _differences(database, totals)
        said = f"{wrong} groups are not as the rows make them: crashbot db refresh"
        return Finding(totals.name, not wrong, said if wrong else f"as {totals.source} makes them")

    return look


# -- vacuum and sizes -----------------------------------------------------------------------------------


def vacuum(*, database: Database | None = None) -> tuple[int, int]:
    """Give freed space back and renew what the planner knows; the size in bytes before and after.

    SQLite writes the whole file anew: it needs as much free disk, and nobody else may write meanwhile.
    Raises ``StorageError``.
    """
    chosen = database or get_database()
    with storage_errors(chosen.name):
        before = _size(chosen)
        with chosen.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.dialect.name == "sqlite":
                for statement in ("VACUUM", "PRAGMA analysis_limit = 1000", "ANALYZE"):
                    _outside(connection, statement)
                _outside(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                names = ", ".join(sorted(Base.metadata.tables))
                connection.execute(text(f"VACUUM (ANALYZE) {names}, {DAILY_VIEW}"))
        return before, _size(chosen)


def _outside(connection: Connection, statement: str) -> None:
    """Run a statement of SQLite's outside any transaction."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute(statement).fetchall()


def database_stats(*, database: Database | None = None) -> DatabaseStats:
    """How large the database is, and over which time its rounds reach. Raises ``StorageError``."""
    chosen = database or get_database()
    dialect = chosen.engine.dialect.name
    with storage_errors(chosen.name):
        size = _size(chosen)
        with chosen.engine.connect() as connection:
            sizes = _table_sizes(connection, size)
            tables = []
            for name in sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables)):
                tables.append(TableSize(name, _rows(connection, name), sizes.get(name)))
            bots = _scalar(connection, "SELECT COUNT(DISTINCT bot_id) FROM bot_vm_registration")
            first, last = _span(connection)
            rounds = next((table.rows for table in tables if table.name == "crash_game_rounds"), 0)
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
            revision = str(_scalar(connection, "SELECT MAX(version_num) FROM alembic_version"))
    return DatabaseStats(
        chosen.name, dialect, version, revision, size, rounds, int(bots or 0), first, last, tuple(tables)
    )


def _rows(connection: Connection, table: str) -> int:
    """Rows of a table; of the largest one from the totals."""
    if table == "crash_game_rounds":
        return int(_scalar(connection, "SELECT SUM(total_rounds) FROM round_totals_daily") or 0)
    return int(_scalar(connection, f"SELECT COUNT(*) FROM {table}"))


def _span(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """Of the first and the last day the earliest and the latest round: an index finds the day."""

    def end(which: str) -> datetime | None:
        day = f"(SELECT {which}(day) FROM round_totals_daily WHERE day >= 0)"
        found = _scalar(
            connection, f"SELECT {which}({_ENDED}) FROM crash_game_rounds WHERE date_bucket = {day}"
        )
        return None if found is None else datetime_of(int(found))

    return end("MIN"), end("MAX")


def _size(database: Database) -> int:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            return int(_scalar(connection, "SELECT pg_database_size(current_database())"))
        pages = _scalar(connection, "PRAGMA page_count") * _scalar(connection, "PRAGMA page_size")
    file = database.engine.url.database
    wal = Path(f"{file}-wal")
    return int(pages) + (wal.stat().st_size if file and wal.is_file() else 0)


def _table_sizes(connection: Connection, size: int) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        question = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'm')"
    else:
        known = _scalar(
            connection, "SELECT COUNT(*) FROM pragma_compile_options WHERE compile_options LIKE '%DBSTAT%'"
        )
        if size > LARGEST_LOOKED_AT or not known:
            return {}
        question = (
            "SELECT m.tbl_name, SUM(d.pgsize) FROM dbstat('main', 1) AS d "
            "JOIN sqlite_master AS m ON m.name = d.name GROUP BY 1"
        )
    return {str(name): int(size) for name, size in _plain(connection).exec_driver_sql(question)}
