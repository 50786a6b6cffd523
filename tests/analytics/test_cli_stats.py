"""``crashbot stats``, ``summary``, ``compare``, ``status`` and ``alerts`` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot.cli_stats import add_to
from bot.database import Database, open_database
from bot.domain.errors import BadInput, PersonError, StorageError
from tests.database import played
from tests.database.played import a_round, at

app = typer.Typer()
add_to(app)
runner = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"})
EVERY = [
    ["stats", "bot", "bot-1"],
    ["stats", "session", "session-1"],
    ["stats", "strategy", "fixed_stake"],
    ["stats", "game", "aviator"],
    ["stats", "multipliers", "aviator"],
    ["stats", "signals", "bot-1"],
    ["summary", "--every", "week"],
    ["compare"],
    ["status"],
]


@pytest.fixture
def filled(database: Database, database_url: str) -> str:
    played.session(database, last_seen_utc_us=at(0))
    played.rounds(
        database, *(a_round(n, "WIN" if n % 3 else "LOSS", 250 if n % 3 else 120) for n in range(30))
    )
    signal = {"id": "s", "round_id": "r", "bot_id": "bot-1", "signal_type": "pre_flight"}
    played.store(database, "analytics_round_signals", signal)
    return database_url


def call(*words: str) -> str:
    result = runner.invoke(app, list(words), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_each_command_answers_in_80_columns_and_says_the_expectation(filled: str, words: list[str]) -> None:
    said = call(*words, "--db", filled)
    assert max(len(line) for line in said.splitlines()) <= 80
    assert "negative expectation" in " ".join(said.split())


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_each_command_answers_in_one_json_document(filled: str, words: list[str]) -> None:
    answer = json.loads(call(*words, "--db", filled, "--json"))
    assert "negative expectation" in answer["notice"]


def test_money_is_text_and_rates_are_numbers_in_json(filled: str) -> None:
    answer = json.loads(call("stats", "bot", "bot-1", "--db", filled, "--json", "--from", "2026-01-05"))
    assert (answer["total_profit"], answer["total_rounds"]) == ("10.00", 30)
    assert answer["roi_percent"] == pytest.approx(33.3333)
    assert answer["watched"]["rounds_seen"] == 30


def test_alerts_are_printed_once(filled: str) -> None:
    first = json.loads(call("alerts", "--db", filled, "--json"))["alerts"]
    assert [alert["kind"] for alert in first] == ["silence"]
    assert "Nothing new" in call("alerts", "--db", filled)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stats", "bot", "nobody"], "no such bot: 'nobody'"),
        (["stats", "bot", "bot-1", "--from", "yesterday"], "--from takes a day"),
        (["stats", "bot", "bot-1", "--to", "2026-01-01T10:00"], "needs its timezone"),
        (["stats", "bot", "bot-1", "--plot", "picture.jpg"], "ends in .png"),
        (["stats", "bot", "bot-1", "--plot", "terminal", "--json"], "do not go together"),
        (["summary", "--every", "hour"], "every must be one of"),
        (["summary", "--from", "2026-01-01T10:00Z"], "--from takes a day here"),
        (["compare", "--by", "colour"], "by must be one of"),
        (["alerts", "--command", "'"], "cannot be read"),
        (["alerts", "--losing-streak", "0"], "losing_streak must be a number above 0"),
    ],
)
def test_bad_input_is_refused_in_one_line(filled: str, words: list[str], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        call(*words, "--db", filled)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_database_that_is_not_there_is_an_error_and_stays_so(tmp_path: Path) -> None:
    missing = tmp_path / "typo.db"
    with pytest.raises(StorageError, match="there is no database"):
        call("status", "--db", f"sqlite:///{missing}")
    assert not missing.exists()


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"")
    with pytest.raises(PersonError):
        call("status", "--db", str(other))
    assert other.read_bytes() == b""


def test_an_empty_database_answers(tmp_path: Path) -> None:
    open_database(tmp_path / "new.db").close()
    assert "No bot is registered" in call("status", "--db", str(tmp_path / "new.db"))
    answer: Any = json.loads(call("summary", "--db", str(tmp_path / "new.db"), "--json"))
    assert answer["summaries"] == []


@pytest.mark.parametrize("words", [EVERY[0], EVERY[2], EVERY[4]], ids=" ".join)
def test_plots_are_drawn_into_a_file_and_into_the_terminal(
    filled: str, words: list[str], tmp_path: Path
) -> None:
    picture = tmp_path / "plot.png"
    call(*words, "--db", filled, "--plot", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    drawn = call(*words, "--db", filled, "--plot", "terminal")
    assert "┌" in drawn and "law" in drawn
