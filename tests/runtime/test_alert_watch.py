"""Alerts while a session runs: found in the record, written through the session's own writer."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.analytics.alert_rules import AlertRules
from bot.database import Alert, Database, Writer, log_batch_rounds, open_database, register_bot
from bot.domain.clock import SystemClock
from bot.runtime.alert_watch import AlertWatch

LOST = 6


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "bot.sqlite3")
    register_bot("b1", database=opened)
    lost = {"bot_id": "b1", "game_name": "aviator", "stake_value": "1.00", "target_multiplier": "2.00"}
    lost |= {"crash_multiplier": "1.50", "profit_loss": "-1.00", "round_outcome": "LOSS"}
    times = [f"2026-11-21T10:00:{10 + number}+00:00" for number in range(LOST)]
    log_batch_rounds([lost | {"round_start_timestamp": time} for time in times], database=opened)
    yield opened
    opened.close()


def watch(database: Database, command: str | None) -> tuple[list[str], list[str]]:
    """Words of a watch over the record from its start to its end, and its troubles."""
    clock, troubles = SystemClock(), list[str]()
    writer = Writer(database, clock)
    try:
        watching = AlertWatch(
            database, writer, clock, AlertRules(losing_streak=LOST), command, troubles.append
        )
        watching.close()
    finally:
        writer.close()
    return watching.words, troubles


def test_a_losing_streak_is_told_and_written_down_once(database: Database) -> None:
    words, troubles = watch(database, None)
    assert troubles == []
    assert len(words) == 1
    assert "lost" in words[0]
    assert watch(database, None) == ([], [])
    with database.session() as session:
        assert [alert.bot_id for alert in session.scalars(select(Alert))] == ["b1"]


def test_the_users_command_gets_it_as_json(database: Database, tmp_path: Path) -> None:
    heard = tmp_path / "heard.json"
    program = tmp_path / "hear.py"
    program.write_text(f"import sys\nopen({str(heard)!r}, 'w').write(sys.stdin.read())\n")
    words, troubles = watch(database, f"{sys.executable} {program}")
    assert len(words) == 1
    assert troubles == []
    assert json.loads(heard.read_text())["bot_id"] == "b1"


def test_a_command_that_fails_is_an_alert_of_its_own(database: Database) -> None:
    words, _ = watch(database, "/nowhere/program")
    assert len(words) == 2
    assert "/nowhere/program" in words[1]
