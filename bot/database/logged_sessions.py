"""Loggers of sessions: their start, and what they came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select, update

from bot.database.engine import Database, storage_errors
from bot.database.logged_derived import percent_of
from bot.database.logged_faults import RefusedValue, shown_value
from bot.database.logged_lookups import check_bots
from bot.database.logged_storing import again, chosen, log_record
from bot.database.logged_values import taker_of
from bot.database.models import SessionStatus
from bot.database.rows import Batch, stored_values
from bot.database.totals import SessionTotals
from bot.database.values import table_named
from bot.domain.clock import Clock
from bot.domain.errors import BadInput
from bot.domain.words import Mode

TABLE = "session_logs"


def log_session_start(
    *, database: Database | None = None, clock: Clock | None = None, **columns: object
) -> str:
    """Store that a session has begun; its identifier (``session_id``, made here unless it is given).

    Needed: ``bot_id`` (registered). ``mode`` is practice, ``strategy_name`` the bot's or else custom, the
    start now, unless they are given. Raises ``BadInput`` that names field and value, ``StorageError``.
    """
    return log_record(TABLE, columns, database, clock, _derive_start)


create_session_log = log_session_start


def _derive_start(batch: Batch, database: Database, _clock: Clock | None) -> None:
    bots = check_bots(batch, database)
    bot = bots.get(batch.column("bot_id")[0])
    ended = batch.column("ended_utc_us")[0] is not None
    wanted = {
        "strategy_name": (bot.strategy_name if bot else None) or "custom",
        "currency": bot.currency if bot else None,
        "mode": Mode.PRACTICE.value,
        "status": (SessionStatus.ENDED if ended else SessionStatus.RUNNING).value,
    }
    for name, value in wanted.items():
        if batch.column(name)[0] is None:
            batch.column(name)[0] = value
    _check_times(batch)


def update_session_log(session_id: str, *, database: Database | None = None, **columns: object) -> None:
    """Change what a session says, and bring its result up to date. ``None`` empties a column.

    Rounds, wins, losses, stakes, profit, rates, largest and average win and loss are computed from the
    session's rounds where they are not given (and left alone when it has none). With an end the session has
    ended, unless ``status`` says otherwise. Raises ``BadInput`` for an unknown session or a wrong value.
    """
    values = stored_values(TABLE, columns)
    if "session_id" in values:  # under its short name
        raise BadInput(f"{TABLE}.session_id of a stored session cannot be changed")
    name = str(taker_of(TABLE, "session_id").one(session_id))
    again(lambda: _change(chosen(database), name, values))


def _change(database: Database, session_id: str, values: Mapping[str, Any]) -> None:
    table = table_named(TABLE)
    with storage_errors(database.name), database.writing() as connection:
        stored = _stored_session(connection, table, session_id)
        new = dict(values)
        if new.get("ended_utc_us") is not None and "status" not in new:
            new["status"] = SessionStatus.ENDED.value
        currency = new.get("currency", stored["currency"])
        new = {**_computed(connection, session_id, currency), **new}
        batch = Batch.of_stored(TABLE, {**stored, **new})
        _check_times(batch)
        check_bots(batch, database)
        batch.complete()
        if batch.faults:
            raise batch.faults[0]
        if new:
            connection.execute(update(table).where(table.c.session_id == session_id).values(new))


def _check_times(batch: Batch) -> None:
    start, end = batch.column("started_utc_us")[0], batch.column("ended_utc_us")[0]
    if start is not None and end is not None and end < start:
        batch.refuse_where("ended_utc_us", [0], "must not be less than started_utc_us")


def _stored_session(connection: Connection, table: Table, session_id: str) -> dict[str, Any]:
    question = select(table).where(table.c.session_id == session_id).with_for_update()
    row = connection.execute(question).first()
    if row is None:
        shown = shown_value(session_id)
        raise RefusedValue(TABLE, "session_id", "must be of a stored session", shown)
    return dict(row._mapping)


def _computed(connection: Connection, session_id: str, currency: str | None) -> dict[str, Any]:
    """The result of a session from its totals; money only of its own currency, or the only one."""
    totals = table_named(SessionTotals.__tablename__)
    rows = connection.execute(select(totals).where(totals.c.session_id == session_id)).mappings().all()
    if not rows:
        return {}
    wins, losses = (sum(row[name] for row in rows) for name in ("wins", "losses"))
    result: dict[str, Any] = {
        "total_rounds": sum(row["total_rounds"] for row in rows),
        "rounds_won": wins,
        "rounds_lost": losses,
        "win_rate_percent": percent_of(wins, wins + losses) if wins + losses else None,
    }
    own = [row for row in rows if len(rows) == 1 or row["currency"] == (currency or "")]
    return {**result, **_money(own)} if own else result


def _money(rows: Sequence[RowMapping]) -> dict[str, Any]:
    row = rows[0]
    stake, profit = row["stake_total"], row["profit_total"]
    return {
        "total_staked": stake,
        "total_profit": profit,
        "roi_percent": percent_of(profit, stake) if stake else None,
        "largest_win": row["largest_win"],
        "largest_loss": row["largest_loss"],
        "average_win": _average(row["win_total"], row["wins"]),
        "average_loss": _average(row["loss_total"], row["losses"]),
    }


def _average(total: int, count: int) -> int | None:
    """A mean of hundredths in ten-thousandths, halves away from zero."""
    if not count:
        return None
    size = (200 * abs(total) + count) // (2 * count)
    return size if total >= 0 else -size
