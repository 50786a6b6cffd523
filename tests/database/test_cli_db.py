"""``crashbot db``: what a person sees, what a program reads, and one line for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.database import open_database
from bot.database.engine import connect
from bot.database.schema import schema_sql
from tests.database.test_migrations import as_it_is, make_step_one


def run(*words: str, home: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command, without a terminal."""
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if home is not None:
        clean["CRASHBOT_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "db", *words],
        env={**clean, "COLUMNS": "80", **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def document(*words: str) -> dict[str, object]:
    done = run(*words, "--json")
    assert done.stderr == ""
    assert done.returncode == 0
    found: dict[str, object] = json.loads(done.stdout)
    return found


def add_rounds(url: str) -> None:
    """Two rounds of 2020, and one of now."""
    database = open_database(url)
    with database.writing() as connection:
        connection.execute(text("INSERT INTO bot_vm_registration (bot_id, is_active) VALUES ('a', true)"))
        for name, start in (("1", 1_600_000_000), ("2", 1_600_000_100), ("3", 4_000_000_000)):
            connection.execute(
                text(
                    "INSERT INTO crash_game_rounds (round_id, bot_id, game_name, round_outcome, "
                    "round_start_timestamp) VALUES (:name, 'a', 'jetx', 'SKIP', :start)"
                ),
                {"name": name, "start": start * 1_000_000},
            )
    database.close()


def test_a_database_is_made_checked_measured_purged_and_vacuumed(database_url: str) -> None:
    assert document("init", "--db", database_url)["revision"] == "0003"
    add_rounds(database_url)
    assert document("check", "--db", database_url)["ok"] is True
    stats = document("stats", "--db", database_url)
    assert (stats["rounds"], stats["first_round"]) == (3, "2020-09-13T12:26:40+00:00")
    looked = document("purge", "--older-than", "90d", "--dry-run", "--db", database_url)
    purged = document("purge", "--older-than", "90d", "--yes", "--db", database_url)
    assert looked["rows"] == purged["rows"] == {"crash_game_rounds": 2}
    assert document("stats", "--db", database_url)["rounds"] == 1
    assert document("refresh", "--db", database_url)["mended"] == {}
    assert set(document("vacuum", "--db", database_url)) == {"bytes_before", "bytes_after"}
    assert document("upgrade", "--db", database_url)["revision"] == "0003"


def test_people_read_tables_no_wider_than_their_terminal(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    for words in (
        ["init"],
        ["stats"],
        ["check"],
        ["purge", "--before", "2021-01-01", "--dry-run"],
        ["refresh"],
    ):
        done = run(*words, "--db", url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
        assert all(len(line) <= 80 for line in done.stdout.splitlines() if str(tmp_path) not in line)
        if words == ["init"]:
            add_rounds(url)


def test_nothing_is_deleted_without_a_yes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    add_rounds(url)
    done = run("purge", "--before", "2021-01-01", "--db", url)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert document("stats", "--db", url)["rounds"] == 3


def test_an_old_database_is_found_old_and_upgraded(database_url: str) -> None:
    with as_it_is(database_url) as connection:
        make_step_one(connection)
    done = run("check", "--db", database_url)
    assert done.returncode == 1
    assert "crashbot db upgrade" in done.stdout
    assert run("upgrade", "--db", database_url).returncode == 0
    assert run("check", "--db", database_url).returncode == 0


def test_what_is_wrong_makes_the_exit_code_one_and_is_mended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    add_rounds(url)
    database = connect(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE round_totals_daily SET skips = 0"))
    database.close()
    done = run("check", "--db", url)
    assert done.returncode == 1
    assert "round_totals_daily" in done.stdout
    assert document("refresh", "--db", url)["mended"] == {"round_totals_daily": 2}
    assert run("check", "--db", url).returncode == 0


def test_the_environment_and_the_settings_name_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'named.db'}"
    assert run("init", home=tmp_path, DATABASE_URL=url).returncode == 0
    assert (tmp_path / "named.db").is_file()
    assert run("init", home=tmp_path).returncode == 0
    assert (tmp_path / "data" / "crashbot.sqlite3").is_file()


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert run("schema").stdout == schema_sql()
    file = tmp_path / "schema.sql"
    assert run("schema", "--write", str(file)).returncode == 0
    assert file.read_text() == schema_sql()
    assert document("schema", "--db", "sqlite:///x.db")["engine"] == "sqlite"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["purge"], 2),
        (["purge", "--older-than", "90d", "--before", "2020-01-01"], 2),
        (["purge", "--older-than", "soon"], 2),
        (["purge", "--older-than", "-5d"], 2),
        (["purge", "--before", "yesterday"], 2),
        (["purge", "--older-than", "0d", "--yes"], 2),
        (["stats", "--db", "nonsense://u:secret@example"], 2),
        (["init", "--db", ""], 2),
        (["check", "--db", "no_such_file.db"], 2),
        (["upgrade", "--db", "no_such_file.db"], 2),
        (["init", "--db", "/proc/no/folder.db"], 5),
        (["stats", "--db", "postgresql://u:secret@127.0.0.1:1/x"], 5),
        (["schema", "--write", "/no/such/folder/x.sql"], 5),
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(words: list[str], code: int, tmp_path: Path) -> None:
    if "--db" not in words and words[0] == "purge":
        add_rounds(f"sqlite:///{tmp_path / 'bot.db'}")
        words = [*words, "--db", str(tmp_path / "bot.db")]
    done = run(*words, home=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    "word", ["init", "upgrade", "check", "stats", "purge", "refresh", "vacuum", "schema"]
)
def test_every_command_and_option_has_a_help_text(word: str) -> None:
    done = run(word, "--help", COLUMNS="200")
    assert done.returncode == 0
    for option in ("--db", "--json"):
        line = next(line for line in done.stdout.splitlines() if option in line)
        assert len(line.split(option)[1].strip(" │").split()) > 3
