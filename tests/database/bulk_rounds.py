"""Rounds for the tests of bulk reads, exports and imports: every kind of value, empty ones first."""

from __future__ import annotations

from typing import Any

from bot.database import Database
from bot.database.copying import store_rows

DAY_US = 86_400_000_000
START_US = 1_767_225_600_000_000  # 2026-01-01
ROUNDS = "crash_game_rounds"


def a_round(number: int, **values: Any) -> dict[str, Any]:
    """A round every minute, as stored."""
    return {
        "round_id": f"round-{number:05d}",
        "bot_id": "bot-1",
        "session_id": "session-1",
        "game_name": "aviator",
        "platform_code": "spribe",
        "table_name": "left",
        "round_number": number,
        "round_start_timestamp": START_US + number * 60_000_000,
        "crash_multiplier_detected": 100 + number,
        "multiplier_source": "ocr",
        "multiplier_detection_confidence": 0.97,
        "round_outcome": "SKIP",
        **values,
    }


def store(database: Database, rounds: list[dict[str, Any]]) -> None:
    """Store rounds and the bots they name."""
    for bot in {each["bot_id"] for each in rounds}:
        store_rows(database, "bot_vm_registration", ("bot_id", "is_active"), [(bot, True)])
    for each in rounds:
        store_rows(database, ROUNDS, tuple(each), [tuple(each.values())])
