"""``crashbot why`` and ``crashbot journal`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import add_parts, app, guarded
from bot.database import Database
from bot.journal.files import stored_pictures
from tests.journal.recorded import WON


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(*words: str) -> int:
    add_parts_once()
    return guarded(lambda: app(list(words)))


def add_parts_once() -> None:
    if not any(group.name == "journal" for group in app.registered_groups):
        add_parts()


@pytest.fixture
def url(recorded: Database, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'rounds.db'}"


def test_why_answers_in_the_terminal(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("why", WON, "--db", url) == 0
    assert "Bet 1.00 EUR at 2.00x: won" in capsys.readouterr().out


def test_why_without_a_round_is_the_newest(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("why", "--db", url) == 0
    assert "aviator round 6" in capsys.readouterr().out


def test_why_writes_a_sheet_and_a_page(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet, page = tmp_path / "sheet.png", tmp_path / "page.html"
    assert run("why", "aviator:1", "--db", url, "--picture", str(sheet), "--html", str(page), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["round"] == WON
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("why", "zzzz"), 2, "no round and no bet"),
        (("why", "aviator:99"), 2, "no round 99"),
        (("why", "--picture", "sheet.jpg"), 2, "ends in .png"),
        (("why", "--html", "nowhere/page.html"), 2, "in a folder that exists"),
        (("journal", "purge", "--keep-days", "-3"), 2, "journal.keep_days"),
        (("journal", "purge", "--keep-mb", "much"), 2, "journal.keep_mb"),
    ],
)
def test_bad_input_is_one_line(
    url: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, says: str
) -> None:
    given = (*words, "--db", url) if words[0] == "why" else words
    assert run(*given) == code
    error = capsys.readouterr().err.strip()
    assert says in error and "\n" not in error


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("why", "--db", f"sqlite:///{tmp_path / 'none.db'}") == 5
    assert not (tmp_path / "none.db").exists()
    assert "there is no database" in capsys.readouterr().err


def test_the_journal_is_counted_and_purged(
    url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("journal", "stats", "--json") == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["files"], before["pictures"], before["keep_days"]) == (5, "all", 30)
    assert before["oldest"] == "2026-01-01T00:00:20.000000Z"
    assert run("journal", "purge", "--keep-mb", "0", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["deleted"] == 5
    assert len(list(stored_pictures(folder))) == 5
    assert run("journal", "purge", "--keep-mb", "0", "--keep-days", "none") == 0
    assert capsys.readouterr().out.startswith("5 pictures")
    assert list(stored_pictures(folder)) == []
    assert run("why", WON, "--db", url) == 0
    assert "not on this disk" in capsys.readouterr().out


def test_an_empty_journal_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("journal", "stats") == 0
    assert run("journal", "purge") == 0
    assert "0 pictures" in capsys.readouterr().out
