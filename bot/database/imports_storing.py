"""Rounds of files into the database: what is new, what was there, what contradicts what was there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.database.copying import store_rows, store_rows_in
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.imports_gaps import Findings
from bot.database.imports_rows import COLUMNS, IMPORT_BOT, Rejection, Round, Series, shown
from bot.database.logged_ids import identifier_of
from bot.database.models import SessionLog, SessionStatus
from bot.database.watching import ImportRow, RoundGap, WatchedInterval
from bot.domain.amounts import format_hundredths
from bot.domain.words import Mode

ROUNDS = "crash_game_rounds"
#: SQLite's page cache while rounds go in.
CACHE_KB = 131_072
#: From so many rows on it is worth it to prepare SQLite for them.
MANY = 2_000


def register(database: Database, series: Series, parameters: dict[str, object], now_us: int) -> None:
    """The bot ``import`` and the file's session, where they are not there yet."""
    bot = ("bot_id", "bot_name", "vm_provider", "is_active")
    store_rows(database, "bot_vm_registration", bot, [(IMPORT_BOT, "Imported rounds", "local", False)])
    values = {
        "session_id": series.session_id,
        "bot_id": IMPORT_BOT,
        "mode": Mode.WATCH.value,
        "strategy_name": "none",
        "parameters": parameters,
        "started_utc_us": now_us,
        "status": SessionStatus.RUNNING.value,
        "game_name": series.game_name,
        "platform_code": series.platform_code,
    }
    store_rows(database, "session_logs", list(values), [tuple(values.values())])


def imported_before(database: Database, game_name: str, platform_code: str | None) -> list[dict[str, Any]]:
    """What is known of the files of this game that were imported: their sessions' parameters."""
    wanted = (
        SessionLog.bot_id == IMPORT_BOT,
        SessionLog.game_name == game_name,
        SessionLog.platform_code.is_(None)
        if platform_code is None
        else SessionLog.platform_code == platform_code,
    )
    with storage_errors(database.name), database.sessions() as session:
        rows = session.execute(select(SessionLog.session_id, SessionLog.parameters).where(*wanted)).all()
    return [{**(row[1] or {}), "session_id": row[0]} for row in rows]


def store_rounds(database: Database, rounds: Sequence[Round]) -> tuple[int, int, list[Rejection]]:
    """Store those that are new: their number, that of the duplicates, and those with another value than the
    one that is stored under their identifier. Raises ``StorageError``."""
    first: dict[str, Round] = {}
    again = [each for each in rounds if first.setdefault(each.round_id, each) is not each]
    stored = _stored(database, [each.values for each in first.values()])
    if stored == len(first) and not again:
        return stored, 0, []
    there = _stored_values(database, [*first] if stored < len(first) else [each.round_id for each in again])
    rejected = [
        Rejection(each.line, _contradiction(each, there[each.round_id]), shown(each.text))
        for each in rounds
        if there.get(each.round_id, each.crash) != each.crash
    ]
    return stored, len(rounds) - stored - len(rejected), rejected


def _stored(database: Database, rows: list[tuple[Any, ...]]) -> int:
    """The number of rows that were not there; all in one transaction."""
    with storage_errors(database.name), database.writing() as connection:
        if database.engine.dialect.name == "postgresql" or len(rows) < MANY:
            return store_rows_in(connection, ROUNDS, COLUMNS, rows)
        with _large_cache(connection), _no_trigger_for_each(connection):
            return store_rows_in(connection, ROUNDS, COLUMNS, rows)


@contextmanager
def _large_cache(connection: Connection) -> Iterator[None]:
    """These identifiers have no order: every batch touches the whole of their index."""
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


@contextmanager
def _no_trigger_for_each(connection: Connection) -> Iterator[None]:
    """Take the trigger that keeps the totals away for the length of the transaction.

    ``store_rows_in`` counts by group and lets it rest; to call a trigger that rests is still almost half of
    an insertion. Whatever happens, nobody sees the table without it: its definition changes with the commit.
    """
    sql = (
        f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{ROUNDS}' "
        "AND sql LIKE '%AFTER INSERT ON%' AND sql LIKE '%totals_pause%'"
    )
    found = connection.exec_driver_sql(sql).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield  # a fault takes the whole transaction back
    for _, definition in found:
        connection.exec_driver_sql(definition)


def _contradiction(each: Round, there: int | None) -> str:
    value = "nothing" if there is None else format_hundredths(there)
    if each.external_id is None:
        return f"{value} is stored for this line of this file: was the file changed?"
    return (
        f"{value} is stored under the identifier {shown(each.external_id)}: "
        "if it is another house's, name it with --platform"
    )


def _stored_values(database: Database, round_ids: Sequence[str]) -> dict[str, int | None]:
    """The crash points stored under these identifiers."""
    given: Any = list(round_ids)
    where = "= ANY(%s)"
    if database.engine.dialect.name == "sqlite":
        where, given = "IN (SELECT value FROM json_each(?))", json.dumps(given)
    sql = f"SELECT round_id, crash_multiplier_detected FROM {ROUNDS} WHERE round_id {where}"
    with storage_errors(database.name), database.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(sql, (given,))}


def finish(
    database: Database,
    series: Series,
    findings: Findings,
    times: Sequence[int | None],
    row: dict[str, Any],
    parameters: dict[str, object],
) -> None:
    """Write down, in one transaction, what was watched and missed, the session's end, and the import."""
    with storage_errors(database.name), database.writing() as connection:
        for model in (RoundGap, WatchedInterval):  # of an import of the same file before
            connection.execute(delete(model).where(model.session_id == series.session_id))
        _insert(connection, RoundGap, _gap_rows(series, findings, times))
        _insert(connection, WatchedInterval, _watched_rows(series, findings))
        ended = {
            "parameters": parameters,
            "ended_utc_us": row["created_at"],
            "status": SessionStatus.ENDED.value,
            "total_rounds": len(times),
        }
        connection.execute(update(SessionLog).where(SessionLog.session_id == series.session_id).values(ended))
        _insert(connection, ImportRow, [row])


def _insert(connection: Connection, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    values = list(rows)
    if values:
        connection.execute(insert(model), values)


def _belongs(series: Series) -> dict[str, Any]:
    return {
        "session_id": series.session_id,
        "bot_id": IMPORT_BOT,
        "game_name": series.game_name,
        "platform_code": series.platform_code,
    }


def _gap_rows(series: Series, findings: Findings, times: Sequence[int | None]) -> list[dict[str, Any]]:
    return [
        {
            "id": identifier_of(["round_gaps", series.session_id, number]),
            **_belongs(series),
            "at_utc_us": times[hole.place],
            "rounds": hole.rounds,
            "reason": hole.reason,
        }
        for number, hole in enumerate(findings.holes)
    ]


def _watched_rows(series: Series, findings: Findings) -> list[dict[str, Any]]:
    return [
        {
            "id": identifier_of(["watched_intervals", series.session_id, number]),
            **_belongs(series),
            "from_utc_us": begin,
            "to_utc_us": end,
        }
        for number, (begin, end) in enumerate(findings.watched)
    ]
