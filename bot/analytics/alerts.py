"""Alerts: raised once when a condition begins to hold, recorded, and given to a command of the user's."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bot.analytics.alert_rules import AlertRules, Condition, conditions
from bot.database import Alert, BotRegistration, CrashGameRound, Database, SessionLog, SessionStatus
from bot.database.connection import get_database
from bot.database.copying import store_rows
from bot.database.models import SessionTable
from bot.database.statistics_figures import Returns
from bot.database.statistics_sums import reading
from bot.database.values import datetime_of
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput
from bot.domain.ids import IdMaker

CLEARED, FAILED = "cleared", "alert_command_failed"
COMMAND_TIMEOUT_S = 20.0
_US = 1_000_000
#: So many of a bot's newest alerts say which conditions held when it was last looked.
_REMEMBERED = 1_000
_READ = (
    "round_id", "session_id", "game_name", "platform_code", "table_name", "currency", "round_number",
    "round_start_timestamp", "round_end_timestamp", "round_outcome", "stake_value", "profit_loss_amount",
    "target_multiplier", "cashout_multiplier", "crash_multiplier_detected", "running_balance_before",
    "running_balance_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as it was recorded. ``severity``: warning, critical, or cleared when a condition has gone."""

    id: str
    bot_id: str
    session_id: str | None
    kind: str
    severity: str
    message: str
    detail: dict[str, Any]
    at_utc_us: int

    def to_json(self) -> dict[str, Any]:
        """As the user's command and ``--json`` get it."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "at_utc_us"}
        at = datetime_of(self.at_utc_us)
        return values | {"at": None if at is None else at.isoformat()}


def check_alerts(
    rules: AlertRules | None = None,
    *,
    command: str | Sequence[str] | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
    keep: Callable[[Sequence[Raised]], None] | None = None,
) -> list[Raised]:
    """Look at the newest rounds of all bots; the alerts that this look raised or cleared, now recorded.

    A condition that held at the last look raises nothing again. ``command`` (a list of words, or one text
    that is split as a shell would, without a shell) is run for each, with the alert as JSON on its standard
    input; when it fails or takes longer than ``COMMAND_TIMEOUT_S`` that is recorded as an alert of its own
    and given back with them. ``keep`` writes them down in place of ``record`` (a running bot's own writer).
    Raises ``BadInput`` for a command without words, ``StorageError``.
    """
    chosen, clock = database or get_database(), clock or SystemClock()
    words = command_words(command)
    now_us = clock.now().utc_ns // 1_000
    make_id = IdMaker(clock)
    held, holding = find_conditions(rules or AlertRules(), chosen, now_us)
    raised = [_raised(make_id(), condition, now_us) for key, condition in holding.items() if key not in held]
    raised += [_cleared(make_id(), key, row, now_us) for key, row in held.items() if key not in holding]
    write = keep or (lambda alerts: record(chosen, alerts))
    write(raised)
    if words:
        failures = [failure for alert in raised if (failure := _run(words, alert, make_id(), now_us))]
        write(failures)
        raised += failures
    return raised


def find_conditions(
    rules: AlertRules, database: Database, now_us: int
) -> tuple[dict[str, Any], dict[str, Condition]]:
    """The conditions that held at the last look (their newest alerts), and those that hold now."""
    held: dict[str, Any] = {}
    holding: dict[str, Condition] = {}
    with reading(database) as connection:
        returns = Returns.read(connection)
        for bot_id in connection.scalars(select(BotRegistration.bot_id)).all():
            held |= _held(connection, bot_id)
            newest = _newest(connection, bot_id, rules.newest_rounds)
            for condition in conditions(bot_id, newest, rules, returns):
                holding[condition.key] = condition
        for condition in _silent(connection, rules, now_us):
            holding[condition.key] = condition
    return held, holding


def record(database: Database, alerts: Sequence[Raised]) -> None:
    """Write alerts down. Raises ``StorageError``."""
    columns = ("id", "bot_id", "session_id", "kind", "severity", "message", "detail", "at_utc_us")
    rows = [tuple(getattr(alert, name) for name in columns) for alert in alerts]
    store_rows(database, Alert.__tablename__, columns, rows)


def command_words(command: str | Sequence[str] | None) -> list[str]:
    """The program and its arguments; nothing when there is no command. Raises ``BadInput``."""
    if command is None:
        return []
    try:
        words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    except ValueError as error:
        raise BadInput(f"the alert command {command!r} cannot be read: {error}") from error
    if not words or not words[0]:
        raise BadInput("the alert command has no words: name a program")
    return words


# -- what is read ---------------------------------------------------------------------------------------


def _newest(connection: Connection, bot_id: str, count: int) -> list[dict[str, Any]]:
    """The newest rounds of a bot, newest first: an index gives them, however many there are."""
    table = CrashGameRound.__table__
    rows = connection.execute(
        select(*(table.c[name] for name in _READ))
        .where(table.c.bot_id == bot_id)
        .order_by(table.c.date_bucket.desc(), table.c.round_start_timestamp.desc())
        .limit(count)
    ).mappings()
    found = [dict(row) for row in rows]
    found.sort(key=_when, reverse=True)
    shared = _sharing(connection, {row["session_id"] for row in found if row["session_id"]})
    for row in found:
        row["shared_account"] = (row["session_id"], row["table_name"]) in shared
    return found


def _when(row: dict[str, Any]) -> tuple[int, int]:
    return row["round_start_timestamp"] or row["round_end_timestamp"] or 0, row["round_number"] or 0


def _sharing(connection: Connection, sessions: set[str]) -> set[tuple[str, str]]:
    """Tables of sessions whose account another table of the same session draws on too."""
    accounts: dict[tuple[str, str], list[str]] = {}
    rows = connection.execute(
        select(SessionTable.session_id, SessionTable.account, SessionTable.table_name).where(
            SessionTable.session_id.in_(sessions)
        )
    )
    for session_id, account, table in rows:
        accounts.setdefault((session_id, account), []).append(table)
    return {(key[0], table) for key, tables in accounts.items() if len(tables) > 1 for table in tables}


def _silent(connection: Connection, rules: AlertRules, now_us: int) -> list[Condition]:
    """Bots with an open session that nobody has seen for long."""
    rows = connection.execute(
        select(
            SessionLog.bot_id, SessionLog.session_id, SessionLog.last_seen_utc_us, SessionLog.started_utc_us
        )
        .where(SessionLog.status == SessionStatus.RUNNING.value)
        .order_by(SessionLog.started_utc_us)
    )
    found = []
    for bot_id, session_id, seen, started in rows:
        seconds = (now_us - (seen or started)) // _US
        if seconds > rules.silence_s:
            message = f"{bot_id} has an open session and was not seen for {seconds} s"
            found.append(
                Condition(
                    "silence", bot_id, session_id, "critical", message, session_id, {"seconds": seconds}
                )
            )
    return found


def _held(connection: Connection, bot_id: str) -> dict[str, Any]:
    """By key: the newest alert of each condition of a bot that is not cleared."""
    newest = (
        select(Alert.__table__)
        .where(Alert.bot_id == bot_id)
        .order_by(Alert.at_utc_us.desc(), Alert.id.desc())
        .limit(_REMEMBERED)
    )
    latest: dict[str, Any] = {}
    for row in connection.execute(newest).mappings():
        key = (row["detail"] or {}).get("key")
        if key is not None:
            latest.setdefault(key, row)
    return {key: row for key, row in latest.items() if row["severity"] != CLEARED}


# -- what is made of it ---------------------------------------------------------------------------------


def _raised(identifier: str, condition: Condition, now_us: int) -> Raised:
    return Raised(
        identifier,
        condition.bot_id,
        condition.session_id,
        condition.kind,
        condition.severity,
        condition.message,
        condition.detail | {"key": condition.key},
        now_us,
    )


def _cleared(identifier: str, key: str, row: Any, now_us: int) -> Raised:
    message = f"no longer: {row['message']}"
    return Raised(
        identifier, row["bot_id"], row["session_id"], row["kind"], CLEARED, message, {"key": key}, now_us
    )


def _run(words: Sequence[str], alert: Raised, identifier: str, now_us: int) -> Raised | None:
    """Give an alert to the user's command; what went wrong, if anything did."""
    try:
        done = subprocess.run(
            list(words),
            input=json.dumps(alert.to_json()).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        why = f"took longer than {COMMAND_TIMEOUT_S:.0f} s"
    except OSError as error:
        why = error.strerror or str(error)
    else:
        if done.returncode == 0:
            return None
        lines = done.stderr.decode(errors="replace").replace("\0", "").strip().splitlines()
        why = f"ended with {done.returncode}" + (f": {lines[-1][:200]}" if lines else "")
    message = f"the alert command {words[0]!r} did not take alert {alert.id}: {why}"
    detail = {"alert": alert.id, "why": why}
    return Raised(identifier, alert.bot_id, alert.session_id, FAILED, "warning", message, detail, now_us)
