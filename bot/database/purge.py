"""Purging by age: whole days (UTC) of rounds with all that belongs to them; the totals follow.

It works in transactions of at most ``CHUNK`` rounds, oldest day first, so that a running bot waits a moment
at most and a purge that is interrupted has purged the oldest part. A round with an open bet stays, with all
that is its own; so do rounds of unknown time, sessions with their results, limits and reconciliations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from bot.database.connection import get_database
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.triggers import SOURCES, batch_count, count_out, read_columns
from bot.database.values import FIRST_DAY
from bot.database.wide import US_PER_DAY
from bot.domain.bets import OPEN_STATES
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput

#: Rounds (and rows of any one table) a transaction.
CHUNK = 10_000
#: Days that are never purged: the limits of an account look back as far.
KEPT_DAYS = 2
#: Called with the rounds purged so far and those to purge.
Progress = Callable[[int, int], None]

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))
_ROUND_HAS_OPEN_BET = f"SELECT round_id FROM bets WHERE state IN ({_OPEN})"
#: Tables whose rows belong to a round by its identifier, and their key.
_BY_ROUND = {
    "crash_game_rounds": "round_id",
    "analytics_round_multipliers": "id",
    "analytics_round_signals": "id",
    "analytics_round_outcomes": "id",
    "ocr_validation_logs": "id",
    "rounds": "round_id",
    "round_snapshots": "id",
    "bets": "bet_id",
    "round_pictures": "id",
}
_NO_WIDE = "NOT EXISTS (SELECT 1 FROM crash_game_rounds AS w WHERE w.round_id = {t}.round_id)"
_NO_ROUND = f"{_NO_WIDE} AND NOT EXISTS (SELECT 1 FROM rounds AS o WHERE o.round_id = {{t}}.round_id)"
_BY_BUCKET = f"date_bucket >= 0 AND date_bucket < :day AND {_NO_ROUND}"
#: What is left of older days with no round to belong to, or of its own: in this order.
_BY_AGE = {
    "rounds": "COALESCE(betting_utc_us, flying_utc_us, crashed_utc_us, recorded_utc_us) < :us "
    f"AND {_NO_WIDE} AND round_id NOT IN ({_ROUND_HAS_OPEN_BET})",
    "bets": f"ordered_utc_us < :us AND state NOT IN ({_OPEN}) AND {_NO_ROUND} "
    f"AND round_id NOT IN ({_ROUND_HAS_OPEN_BET})",
    "round_snapshots": f"at_utc_us < :us AND {_NO_ROUND} AND round_id NOT IN ({_ROUND_HAS_OPEN_BET})",
    "round_pictures": f"at_utc_us < :us AND {_NO_ROUND} AND round_id NOT IN ({_ROUND_HAS_OPEN_BET})",
    "analytics_round_multipliers": _BY_BUCKET,
    "analytics_round_signals": _BY_BUCKET,
    "analytics_round_outcomes": _BY_BUCKET,
    "ocr_validation_logs": f"timestamp < :us AND {_NO_ROUND}",
    "denials": "at_utc_us < :us",
    "error_logs": "at_utc_us < :us",
    "alerts": "at_utc_us < :us",
    "round_gaps": "at_utc_us < :us",
    "watched_intervals": "to_utc_us <= :us",
}
_KEYS = {name: _BY_ROUND.get(name, "id") for name in _BY_AGE}


@dataclass(frozen=True, slots=True)
class Purged:
    """What was purged, or with ``dry_run`` would be: rows by table. ``before``: the first day that stays."""

    before: date
    dry_run: bool
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def purge_older_than(
    before: date | datetime | timedelta,
    *,
    database: Database | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Purged:
    """Delete what is older than a day (UTC), the day of an aware time, or an age.

    Money and counts of purged rounds leave the statistics, too. Raises ``BadInput`` for a naive time, a
    negative age and for days that must be kept (``KEPT_DAYS``); ``StorageError``.
    """
    chosen = database or get_database()
    day = _first_kept_day(before, clock or SystemClock())
    with storage_errors(chosen.name):
        if dry_run:
            with chosen.engine.connect() as connection, connection.begin():
                rows = _count_all(connection, day)
        else:
            rows = _Purge(chosen, day, progress).run()
    return Purged(FIRST_DAY + timedelta(days=day), dry_run, {name: n for name, n in rows.items() if n})


def _first_kept_day(before: date | datetime | timedelta, clock: Clock) -> int:
    """Days since 1970. A time is rounded down to its day, so that nothing younger goes."""
    today = clock.now().utc_ns // 1000 // US_PER_DAY
    if isinstance(before, timedelta):
        if before < timedelta(0):
            raise BadInput(f"an age cannot be negative: {before}")
        day = (clock.now().utc_ns // 1000 - before // timedelta(microseconds=1)) // US_PER_DAY
    elif isinstance(before, datetime):
        if before.tzinfo is None:
            raise BadInput(f"{before} has no timezone: give an aware time, or a date (UTC)")
        day = (before.astimezone(UTC).date() - FIRST_DAY).days
    else:
        day = (before - FIRST_DAY).days
    if day > today - KEPT_DAYS + 1:
        latest = FIRST_DAY + timedelta(days=today - KEPT_DAYS + 1)
        raise BadInput(f"today and the day before are kept (limits look back on them): purge before {latest}")
    return max(0, day)


def _bounds(day: int) -> dict[str, int]:
    return {"day": day, "us": day * US_PER_DAY}


def _doomed(day: str) -> str:
    return (
        f"SELECT round_id FROM crash_game_rounds WHERE date_bucket {day} "
        f"AND round_id NOT IN ({_ROUND_HAS_OPEN_BET})"
    )


def _count_all(connection: Connection, day: int) -> dict[str, int]:
    """The rows that a purge would delete, by the same conditions."""
    counted: dict[str, int] = {}
    doomed = _doomed("BETWEEN 0 AND :day - 1")
    for table in {**_BY_ROUND, **_BY_AGE}:
        conditions = []
        if table == "crash_game_rounds":
            conditions.append(doomed.partition(" WHERE ")[2])
        elif table in _BY_ROUND:
            conditions.append(f"round_id IN ({doomed})")
        if table in _BY_AGE:
            conditions.append(f"({_BY_AGE[table].format(t=table)})")
        counted[table] = _count(connection, table, " OR ".join(conditions), day)
    bets = f"SELECT bet_id FROM bets WHERE round_id IN ({doomed}) OR ({_BY_AGE['bets'].format(t='bets')})"
    counted["bet_events"] = _count(connection, "bet_events", f"bet_id IN ({bets})", day)
    return counted


def _count(connection: Connection, table: str, where: str, day: int) -> int:
    used = {name: value for name, value in _bounds(day).items() if f":{name}" in where}
    return int(connection.scalar(text(f"SELECT COUNT(*) FROM {table} WHERE {where}"), used) or 0)


class _Purge:
    """One purge: its counts, and what it tells about its progress."""

    def __init__(self, database: Database, day: int, progress: Progress | None) -> None:
        self._database = database
        self._day = day
        self._progress = progress or (lambda done, total: None)
        self._rows: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        with self._database.engine.connect() as connection, connection.begin():
            days = self._days(connection)
        total, done = sum(rounds for _, rounds in days), 0
        self._progress(0, total)
        for day, _ in days:
            while went := self._chunk(day):
                done += went
                self._progress(done, max(total, done))
        for table, where in _BY_AGE.items():
            while self._leftovers(table, where.format(t=table)) == CHUNK:
                pass
        with self._database.writing() as connection:
            cut = "UPDATE watched_intervals SET from_utc_us = :us WHERE from_utc_us < :us"
            connection.execute(text(cut), {"us": self._day * US_PER_DAY})
        return self._rows

    def _days(self, connection: Connection) -> list[tuple[int, int]]:
        """Days with rounds, oldest first, and how many."""
        found = connection.execute(
            text(
                "SELECT day, SUM(total_rounds) FROM round_totals_daily WHERE day >= 0 AND day < :day "
                "GROUP BY day ORDER BY day"
            ),
            {"day": self._day},
        )
        return [(int(day), int(rounds)) for day, rounds in found]

    def _chunk(self, day: int) -> int:
        """Some rounds of a day with all that is theirs, in one transaction; how many rounds."""
        with self._database.writing() as connection:
            rounds = _remember(
                connection, "purged_rounds", f"{_doomed('= :day')} LIMIT {CHUNK}", {"day": day}
            )
            if rounds:
                bets = "SELECT bet_id FROM bets WHERE round_id IN (SELECT key FROM purged_rounds)"
                _remember(connection, "purged_rows", bets, {})
                self._delete(connection, "bet_events", "bet_id IN (SELECT key FROM purged_rows)")
                for table in _BY_ROUND:
                    self._delete(connection, table, "round_id IN (SELECT key FROM purged_rounds)")
                _forget(connection, "purged_rows")
            _forget(connection, "purged_rounds")
        return rounds

    def _leftovers(self, table: str, where: str) -> int:
        key = _KEYS[table]
        used = {name: value for name, value in _bounds(self._day).items() if f":{name}" in where}
        with self._database.writing() as connection:
            question = f"SELECT {key} FROM {table} WHERE {where} LIMIT {CHUNK}"
            found = _remember(connection, "purged_rows", question, used)
            if found:
                if table == "bets":
                    self._delete(connection, "bet_events", "bet_id IN (SELECT key FROM purged_rows)")
                self._delete(connection, table, f"{key} IN (SELECT key FROM purged_rows)")
            _forget(connection, "purged_rows")
        return found

    def _delete(self, connection: Connection, table: str, where: str) -> None:
        if connection.dialect.name == "sqlite" and table in SOURCES:
            went = _delete_by_group(connection, table, where)
        else:
            went = connection.execute(text(f"DELETE FROM {table} WHERE {where}")).rowcount
        self._rows[table] = self._rows.get(table, 0) + went


def _remember(connection: Connection, name: str, question: str, values: Mapping[str, int]) -> int:
    """Keep the keys that a question finds in a table of this connection alone; how many."""
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} (key TEXT PRIMARY KEY)"))
    found = connection.execute(text(f"INSERT INTO {name} {question}"), values).rowcount
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {name}"))  # nobody else does it for a temporary table
    return found


def _forget(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP TABLE {name}"))


def _delete_by_group(connection: Connection, table: str, where: str) -> int:
    """SQLite: row by row its triggers would take longer than the deletion; count out by group instead."""
    counting = batch_count(table)
    assert counting is not None
    columns = ", ".join(read_columns(table))
    gone = "purged_counted"
    connection.execute(text(f"CREATE TEMPORARY TABLE {gone} AS SELECT {columns} FROM {table} WHERE {where}"))
    connection.exec_driver_sql(counting.pause)
    went = connection.execute(text(f"DELETE FROM {table} WHERE {where}")).rowcount
    for statement in count_out(table, gone):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(counting.resume)
    _forget(connection, gone)
    return went
