"""``crashbot export`` and ``crashbot import``: what they print, and how they fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import guarded
from bot.cli_data import add_to
from bot.folders import HOME_VARIABLE

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "rounds"


def run(*words: str | Path) -> int:
    app = typer.Typer()
    add_to(app)
    return guarded(lambda: app([str(word) for word in words], standalone_mode=False))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_import_reports_all_rows_as_json(database_url: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "jetx.csv"
    path.write_text("round_id,timestamp,multiplier\n1,,2.00\n1,,2.00\n2,,0.50\n")
    assert run("import", path, "--db", database_url, "--json") == 0
    report = answer(capsys)
    assert {name: report[name] for name in ("game", "rows", "stored", "duplicates", "gaps")} == {
        "game": "jetx", "rows": 3, "stored": 1, "duplicates": 1, "gaps": 0
    }  # fmt: skip
    assert report["rejected"] == [{"line": 4, "reason": "a multiplier is at least 1.00", "value": "0.50"}]


def test_what_was_imported_is_exported(database_url: str, tmp_path: Path, capsys: Any) -> None:
    assert run("import", RECORDED / "aviator_dmadushanka.csv", "--db", database_url) == 0
    assert "24 rows of aviator_dmadushanka.csv: 24 stored" in capsys.readouterr().out
    wanted = ("--columns", "round_start_timestamp, crash_multiplier_detected", "--limit", "1")
    assert run("export", "--to", "csv", *wanted, "--output", "out.csv", "--db", database_url, "--json") == 0
    report = answer(capsys)
    assert (report["rounds"], report["watched"]["rounds_seen"]) == (1, 1)
    assert Path("out.csv").read_text().splitlines()[1] == "2026-07-14T04:06:07.327000Z,5.65"
    assert Path(report["watched_file"]).is_file()


def test_an_export_has_a_file_name_of_its_own(database_url: str, capsys: Any) -> None:
    assert run("import", RECORDED / "aviator_dmadushanka.csv", "--db", database_url) == 0
    for to in ("csv", "parquet", "xlsx", "json"):
        assert (
            run("export", "--to", to, "--game", "aviator", "--from", "2026-07-14", "--db", database_url) == 0
        )
        assert Path(f"rounds.{to}").is_file()
    assert "24 rounds written to rounds.json" in capsys.readouterr().out


def test_the_settings_name_the_database(capsys: Any) -> None:
    assert run("export", "--json") == 2
    assert "make it with crashbot db init" in capsys.readouterr().err
    assert run("import", RECORDED / "aviator_dmadushanka.csv") == 0
    assert run("export", "--json") == 0


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--to", "docx"),
        ("export", "--columns", "nope"),
        ("export", "--columns", ","),
        ("export", "--from", "yesterday"),
        ("export", "--from", "2026-01-01T00:00:00"),
        ("export", "--from", "2026-02-01", "--to-date", "2026-01-01"),
        ("export", "--output", "no/folder.csv"),
        ("import", "nothing.csv"),
        ("import", "bot.db"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words: tuple[str, ...], capsys: Any) -> None:
    assert run("import", RECORDED / "aviator_dmadushanka.csv", "--db", "bot.db") == 0
    capsys.readouterr()
    assert run(*words, "--db", "bot.db") == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("crashbot: ") and told.err.count("\n") == 1
