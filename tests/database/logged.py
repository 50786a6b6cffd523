"""Rounds to log, and what is stored of them, as people read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from bot.database import Database, register_bot
from bot.database.values import readable, table_named

BOT = "bot-1"
START = datetime(2026, 1, 31, 23, 59, 50, 123456, tzinfo=UTC)


def register(database: Database, bot_id: str = BOT, **columns: Any) -> None:
    register_bot(bot_id, database=database, **columns)


def lost(number: int = 1, **other: Any) -> dict[str, Any]:
    """A round that lost its stake of 1.00."""
    return {
        "bot_id": BOT,
        "game_name": "aviator",
        "session_id": "session-1",
        "round_number": number,
        "round_start_timestamp": START + timedelta(seconds=20 * number),
        "stake_value": Decimal("1.00"),
        "target_multiplier": Decimal("2.00"),
        "crash_multiplier": Decimal("1.37"),
        "profit_loss": Decimal("-1.00"),
        **other,
    }


def stored(database: Database, table: str, **where: Any) -> list[dict[str, Any]]:
    """The stored rows, readable, in the order of their key."""
    found = table_named(table)
    question = select(found).filter_by(**where).order_by(*found.primary_key.columns)
    with database.session() as session:
        return [readable(table, row._mapping) for row in session.execute(question)]


def count(database: Database, table: str = "crash_game_rounds") -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table_named(table))) or 0
