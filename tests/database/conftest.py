"""A database in a folder of the test's own, and records for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database, open_database
from bot.domain.ports import Record

SESSION = "session-1"


def session_record(session_id: str = SESSION) -> Record:
    values = {
        "session_id": session_id,
        "bot_id": "bot-1",
        "mode": "practice",
        "strategy_name": "fixed_stake",
        "parameters": {"target": "2.00"},
        "started_utc_us": 1_767_225_600_000_000,
    }
    return Record("session_logs", values, key="session_id")


def round_record(number: int, table: str = "aviator", crash: int | None = 245, name: str = "") -> Record:
    values = {
        "round_id": name or f"{table}-{number}",
        "session_id": SESSION,
        "table_name": table,
        "game_name": "aviator",
        "round_number": number,
        "seen_from": "betting",
        "recorded_utc_us": 1_767_225_600_000_000 + number,
        "crash_multiplier": crash,
        "multiplier_source": "ocr",
        "confidence": 0.97,
        "complete": crash is not None,
    }
    return Record("rounds", values, key="round_id")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = open_database(path)
    yield opened
    opened.close()


@pytest.fixture
def either(database_url: str) -> Iterator[Database]:
    """An open database, once on each engine."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def other_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second empty database, of the same engine as ``database_url``."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)
