"""How all bots and machines stand that write to a database: alive, result, errors, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from bot.database import Database
from bot.database.models import Denial, ErrorLog, LimitRow, SessionLog, SessionStatus, SessionTable
from bot.database.statistics_figures import NOTICE, Returns, part_figures
from bot.database.statistics_periods import ALL_TIME, Period
from bot.database.statistics_sums import KEYS, Group, added, days_within, grouped, read_groups, reading
from bot.database.totals import DailyTotals
from bot.database.values import datetime_of
from bot.database.watched import Scope, watched_in
from bot.database.wide import US_PER_DAY, US_PER_HOUR, BotRegistration
from bot.domain.clock import Clock, SystemClock

#: A bot that was seen this long ago is alive.
ALIVE_S = 120.0
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one look at the database found, by bot."""

    sessions: dict[str, Any]
    today: dict[str, list[Group]]
    total: dict[str, list[Group]]
    errors: dict[str, int]
    limits: dict[str, list[dict[str, Any]]]
    watched: dict[str, dict[str, Any]]


def status(
    *, alive_s: float = ALIVE_S, database: Database | None = None, clock: Clock | None = None
) -> dict[str, Any]:
    """Every registered bot: the machine, ``alive``, its newest session, today's (UTC) and all results,
    ``errors_last_hour``, its ``limits`` (those recorded, and the newest denials) and the software's
    ``version`` when its session says it; ``watched`` today. Raises ``StorageError``.
    """
    now_us = (clock or SystemClock()).now().utc_ns // 1_000
    with reading(database) as connection:
        returns = Returns.read(connection)
        question = select(BotRegistration.__table__).order_by(BotRegistration.bot_id)
        bots = connection.execute(question).mappings().all()
        facts = _facts(connection, [row["bot_id"] for row in bots], now_us)
        rows = [_bot(row, facts, returns, now_us, alive_s) for row in bots]
    return {"at": datetime_of(now_us), "bots": rows, "notice": NOTICE}


def _facts(connection: Connection, bot_ids: Sequence[str], now_us: int) -> _Facts:
    midnight = now_us - now_us % US_PER_DAY
    day = Period(midnight, midnight + US_PER_DAY)
    today = _by_bot(connection, day)
    sessions = {bot_id: found for bot_id in bot_ids if (found := _newest_session(connection, bot_id))}
    recent = (
        select(ErrorLog.bot_id, func.count())
        .where(ErrorLog.bot_id.in_(bot_ids), ErrorLog.at_utc_us >= now_us - US_PER_HOUR)
        .group_by(ErrorLog.bot_id)
    )
    return _Facts(
        sessions,
        today,
        _by_bot(connection, ALL_TIME),
        {row[0] or "": int(row[1]) for row in connection.execute(recent)},
        {bot_id: _limits(connection, found["session_id"]) for bot_id, found in sessions.items()},
        {
            bot_id: watched_in(connection, Scope(bot_id=bot_id), day, added(today.get(bot_id, [])))
            for bot_id in bot_ids
        },
    )


def _newest_session(connection: Connection, bot_id: str) -> Any:
    question = select(SessionLog.__table__).where(SessionLog.bot_id == bot_id)
    return connection.execute(question.order_by(SessionLog.started_utc_us.desc()).limit(1)).mappings().first()


def _by_bot(connection: Connection, when: Period) -> dict[str, list[Group]]:
    groups = read_groups(connection, DailyTotals, days_within(DailyTotals.day, when), (*KEYS, "bot_id"))
    return grouped(groups, "bot_id")


def _limits(connection: Connection, session_id: str) -> list[dict[str, Any]]:
    """The limits set for the session's accounts, newest of each name, with what the newest denial said."""
    accounts = list(
        connection.scalars(select(SessionTable.account).where(SessionTable.session_id == session_id))
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    rows = connection.execute(
        select(LimitRow.account, LimitRow.name, LimitRow.value)
        .where(LimitRow.account.in_(accounts))
        .order_by(LimitRow.set_utc_us)
    )
    for account, name, value in rows:
        found[account, name] = {"account": account, "limit": name, "value": value}
    denials = connection.execute(
        select(Denial.account, Denial.limit_name, Denial.figure, Denial.bound, Denial.reason)
        .where(Denial.session_id == session_id)
        .order_by(Denial.at_utc_us.desc())
        .limit(20)
    ).all()
    for account, name, figure, bound, reason in reversed(denials):
        entry = found.setdefault((account, name), {"account": account, "limit": name, "value": bound})
        left = None if figure is None or bound is None else max(0, bound - figure)
        entry |= {"figure": figure, "bound": bound, "left": left, "denied": reason}
    return list(found.values())


def _bot(row: Any, facts: _Facts, returns: Returns, now_us: int, alive_s: float) -> dict[str, Any]:
    bot_id = row["bot_id"]
    session = facts.sessions.get(bot_id)
    own = () if session is None else (session["last_seen_utc_us"], session["started_utc_us"])
    seen = max((time for time in (row["last_seen_at"], *own) if time is not None), default=None)
    running = session is not None and session["status"] == SessionStatus.RUNNING.value
    recent = seen is not None and now_us - seen <= alive_s * _US
    return {
        "bot_id": bot_id,
        "bot_name": row["bot_name"],
        "vm_name": row["vm_name"],
        "vm_provider": row["vm_provider"],
        "region": row["region"],
        "is_active": bool(row["is_active"]),
        "state": ("alive" if recent else "silent") if running else ("idle" if recent else "ended"),
        "alive": recent,
        "last_seen": datetime_of(seen),
        "seconds_since_seen": None if seen is None else max(0, (now_us - seen) // _US),
        "session_id": session and session["session_id"],
        "session_open": running,
        "mode": session and session["mode"],
        "strategy_name": (session and session["strategy_name"]) or row["strategy_name"],
        "version": ((session and session["parameters"]) or {}).get("version"),
        "today": part_figures(facts.today.get(bot_id, []), returns),
        "total": part_figures(facts.total.get(bot_id, []), returns),
        "errors_last_hour": facts.errors.get(bot_id, 0),
        "limits": facts.limits.get(bot_id, []),
        "watched": facts.watched[bot_id],
    }
