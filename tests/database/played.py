"""Rounds as a bot leaves them, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from bot.database import Database
from bot.database.copying import store_rows

DAY_US = 86_400_000_000
#: 2026-01-05, a Monday and the first day of ISO week 2.
MONDAY = 20_458


def at(day: int = 0, hour: float = 0.0) -> int:
    """Microseconds of an hour, so many days after the Monday."""
    return (MONDAY + day) * DAY_US + round(hour * 3_600_000_000)


def store(database: Database, table: str, *rows: dict[str, Any]) -> None:
    """Insert rows that may differ in their columns."""
    for row in rows:
        store_rows(database, table, list(row), [tuple(row.values())])


def bot(database: Database, name: str = "bot-1", **more: Any) -> None:
    store(database, "bot_vm_registration", {"bot_id": name, **more})


def a_round(number: int, outcome: str = "LOSS", crash: int | None = 150, **more: Any) -> dict[str, Any]:
    """A bet of 1.00 on 2.00x, won or lost, or none; ``more`` overrides."""
    settled = outcome in ("WIN", "LOSS")
    profit = {"WIN": 100, "LOSS": -100}.get(outcome)
    start = at(0, 0) + number * 20_000_000
    return {
        "round_id": f"{more.get('bot_id', 'bot-1')}-round-{number}",
        "bot_id": "bot-1",
        "game_name": "aviator",
        "table_name": "aviator",
        "strategy_name": "fixed_stake",
        "currency": "EUR",
        "mode": "practice",
        "round_number": number,
        "round_start_timestamp": start,
        "round_outcome": outcome,
        "stake_value": 100 if settled else None,
        "target_multiplier": 200 if settled else None,
        "cashout_amount": {"WIN": 200, "LOSS": 0}.get(outcome),
        "profit_loss_amount": profit,
        "crash_multiplier_detected": crash,
    } | more


def rounds(database: Database, *rows: dict[str, Any]) -> None:
    store(database, "crash_game_rounds", *rows)


def watched(database: Database, low: int, high: int, name: str = "", **more: Any) -> None:
    values = {"id": name or f"w-{low}-{high}-{more}", "session_id": "session-1", "bot_id": "bot-1"}
    values |= {"game_name": "aviator", "strategy_name": "fixed_stake"}
    store(database, "watched_intervals", values | {"from_utc_us": low, "to_utc_us": high} | more)


def gap(database: Database, number: int | None, when: int, **more: Any) -> None:
    values = {"id": f"g-{when}-{more}", "session_id": "session-1", "bot_id": "bot-1", "game_name": "aviator"}
    values |= {"strategy_name": "fixed_stake", "at_utc_us": when, "rounds": number, "reason": "covered"}
    store(database, "round_gaps", values | more)


def session(database: Database, name: str = "session-1", **more: Any) -> None:
    values = {"session_id": name, "bot_id": "bot-1", "mode": "practice", "strategy_name": "fixed_stake"}
    values |= {"game_name": "aviator", "started_utc_us": at(0, 0), "status": "running"}
    store(database, "session_logs", values | more)
