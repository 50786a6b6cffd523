"""The commands, as processes of their own: through pipes and at a real terminal.

The folders of the guarded book cannot be moved by an option or a variable; for these tests the program that
starts the command says where the account's home is.
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.folders import guard_folders
from bot.limits import GuardBook

BOUND_S = 60
START = (
    "import sys, pathlib, bot.folders\n"
    "home = pathlib.Path(sys.argv.pop(1))\n"
    "bot.folders.account_home = lambda: home\n"
    "from bot.cli import main\n"
    "main()\n"
)


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CRASHBOT"))}
    return {**kept, "HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1"}


def run(home: Path, *words: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, str(home), *words],
        env=environment(home) | (more or {}),
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        input="",
        check=False,
    )


def at_a_terminal(home: Path, question: str, answer: str, *words: str) -> tuple[int, str]:
    """Run a command as somebody who sits at a terminal does; its exit code and all that was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", START, str(home), *words], environment(home))
    shown, answered, until = b"", False, time.monotonic() + BOUND_S
    try:
        while True:
            if not select.select([terminal], [], [], max(0, until - time.monotonic()))[0]:
                os.kill(child, signal.SIGKILL)
                raise AssertionError(f"nothing more came after: {shown.decode()}")
            try:
                part = os.read(terminal, 4_096)
            except OSError:  # what Linux says when the other side has ended
                break
            if not part:
                break
            shown += part
            if not answered and question.encode() in shown:
                os.write(terminal, answer.encode() + b"\n")
                answered = True
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()
    finally:
        os.close(terminal)


def shown(home: Path, **more: str) -> dict[str, object]:
    done = run(home, "limits", "--json", more=more)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_limits_are_set_shown_and_wait(tmp_path: Path) -> None:
    done = run(tmp_path, "limits", "set", "ana", "--stake", "1.00", "--loss", "20.00", "--day-loss", "10.00")
    assert done.returncode == 0, done.stderr
    assert "day loss" in done.stdout and "10.00 waits 1 day" in done.stdout
    account = shown(tmp_path)["accounts"]["ana"]  # type: ignore[index]
    assert account["limits"]["day_loss"] == "0.00"
    assert account["waiting"]["week_loss"]["value"] == "20.00"
    assert "session_turnover" in account["unset"]
    assert "Nothing has waited long enough" in run(tmp_path, "limits", "confirm", "ana").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["limits", "set", "ana"], "at least one limit"),
        (["limits", "set", "ana", "--day-loss", "1.234"], "--day-loss"),
        (["limits", "set", " ", "--stake", "1"], "name the account"),
        (["limits", "time-server", "a b"], "no time server"),
        (["cool-off", "soon"], "no length of time"),
        (["self-exclude", "soon"], "no length of time"),
        (["self-exclude", "12h"], "crashbot cool-off 12h"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_a_cool_off_holds_at_once_and_neither_folder_nor_variable_lifts_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = run(home, "cool-off", "24h")
    assert done.returncode == 0 and "Live play is closed: cool-off for 1 day" in done.stdout
    elsewhere = {
        "HOME": str(tmp_path / "h"),
        "CRASHBOT_HOME": str(tmp_path / "c"),
        "DATABASE_URL": "sqlite://",
    }
    elsewhere |= {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
    assert shown(home, **elsewhere)["live_play"] == "closed"
    refused = run(home, "limits", "set", "ana", "--stake", "1.00")
    assert refused.returncode == 2 and "only be lowered" in refused.stderr


def test_deleting_the_database_and_two_of_three_copies_lifts_nothing(tmp_path: Path) -> None:
    run(tmp_path, "cool-off", "24h")
    run(tmp_path, "show-config")
    copies = sorted(tmp_path.rglob("live-limits.sqlite3"))
    assert len(copies) == 3
    for path in [*copies[:2], *tmp_path.rglob("crashbot.sqlite3"), *tmp_path.rglob("limits.db")]:
        path.unlink()
    assert shown(tmp_path)["live_play"] == "closed"
    assert sorted(tmp_path.rglob("live-limits.sqlite3")) == copies


def test_self_exclusion_is_typed_by_a_person(tmp_path: Path) -> None:
    assert run(tmp_path, "self-exclude", "30d").returncode == 6
    assert shown(tmp_path)["live_play"] == "open under the limits"
    code, said = at_a_terminal(tmp_path, "\n> ", "yes", "self-exclude", "30d")
    assert code == 2 and "nothing was changed" in said
    assert shown(tmp_path)["live_play"] == "open under the limits"
    code, said = at_a_terminal(tmp_path, "\n> ", "I close live play for 30 days.", "self-exclude", "30d")
    assert code == 0 and "Live play is closed: self-exclusion for 30 days" in said
    assert "Gamblers Anonymous" in said


def test_self_exclusion_can_be_for_good(tmp_path: Path) -> None:
    code, said = at_a_terminal(tmp_path, "\n> ", "i close live play for good", "self-exclude", "forever")
    assert code == 0 and "self-exclusion for good" in said
    exclusion = shown(tmp_path)["exclusion"]
    assert exclusion == {"kind": "self-exclusion", "reason": "", "left_s": None}


def test_no_variable_moves_all_copies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual = set(guard_folders())
    for name in ("HOME", "CRASHBOT_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    moved = set(guard_folders())
    assert len(usual & moved) >= 2
    assert tmp_path / "CRASHBOT_HOME" / "data" in moved


def test_a_book_named_by_its_folders_is_one_and_the_same(tmp_path: Path) -> None:
    run(tmp_path, "cool-off", "2d")
    book = GuardBook.open([path.parent for path in tmp_path.rglob("live-limits.sqlite3")])
    assert book.exclusion() is not None
    book.close()


def test_neither_pipes_nor_variables_arm(tmp_path: Path) -> None:
    """The amount comes through a pipe, and every variable that one might think of is set."""
    variables = {f"CRASHBOT_{name}": "1" for name in ("LIVE", "ARMED", "MODE", "ACCEPT", "YES")}
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), "live", "desk"],
        env=environment(tmp_path) | variables | {"CRASHBOT_ACCEPTED_LOSS": "20.00"},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        input="20.00\n20.00\n",
        check=False,
    )
    assert done.returncode == 6
    assert "armed by a person at a terminal" in done.stderr


@pytest.mark.parametrize(
    "text", ['[session]\nmode = "live"\n', "[live]\narmed = true\n", '[limits]\naccepted_loss = "20.00"\n']
)
def test_no_settings_file_arms(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True)
    (folder / "bot.toml").write_text(text, encoding="utf-8")
    done = run(tmp_path, "show-config", more={"CRASHBOT_HOME": str(tmp_path / "home")})
    assert done.returncode == 2
    assert str(folder / "bot.toml") in done.stderr


def test_at_a_terminal_nothing_is_asked_before_limits_table_and_odds_are_there(tmp_path: Path) -> None:
    code, said = at_a_terminal(tmp_path, "accept to lose", "20.00", "live", "desk")
    assert code != 0
    assert "accept to lose" not in said
