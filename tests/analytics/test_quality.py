"""Profit figures carry the audit's flag when the rounds behind them cannot be believed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.analytics.quality import quality_notes
from bot.cli import add_parts, app
from bot.database import Database, log_batch_rounds, open_database, register_bot
from bot.domain.amounts import format_hundredths
from bot.games.law import crash_point

ROUNDS = 2_500


def fill(database: Database, bot_id: str, crashes: list[int]) -> None:
    register_bot(bot_id, database=database)
    log_batch_rounds(
        [
            {
                "bot_id": bot_id,
                "game_name": "aviator",
                "round_number": number,
                "session_id": bot_id,
                "crash_multiplier": format_hundredths(crash),
                "round_outcome": "SKIP",
                "multiplier_source": "ocr",
            }
            for number, crash in enumerate(crashes)
        ],
        database=database,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    rng = random.Random(5)
    crashes = [crash_point(1 - rng.random(), 0.97) for _ in range(2 * ROUNDS)]
    opened = open_database(tmp_path / "bot.sqlite3")
    fill(opened, "sound", crashes[:ROUNDS])
    fill(opened, "blind", [crash for crash in crashes if crash >= 115][:ROUNDS])
    yield opened
    opened.close()


def test_a_recording_without_its_short_rounds_is_called_so(database: Database) -> None:
    (note,) = quality_notes(database, ["aviator"], "blind")
    assert "aviator" in note
    assert "short rounds are missing" in note


def test_a_sound_recording_and_one_that_is_not_there_carry_nothing(database: Database) -> None:
    assert quality_notes(database, ["aviator"], "sound") == []
    assert quality_notes(database, ["jetx"]) == []


def test_the_statistics_of_a_bot_show_the_flag(database: Database, tmp_path: Path) -> None:
    if not app.registered_groups:
        add_parts()
    words = ["stats", "bot", "blind", "--db", f"sqlite:///{tmp_path / 'bot.sqlite3'}", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "short rounds are missing" in done.stdout
