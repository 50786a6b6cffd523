"""Live play refuses without a person at a terminal, limits, a checked table; no file or variable arms it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.drive import Home
from bot.domain.words import Box
from bot.limits import GuardBook
from bot.limits.guard_state import ExclusionKind
from bot.screen.own.definition import OwnTable, OwnTables
from tests.control.desktop import display
from tests.e2e.at_a_terminal import at_a_terminal
from tests.e2e.live_process import mature

pytestmark = pytest.mark.e2e

NOT_ARMED = 6
BOXES = {
    "multiplier": Box(100, 100, 300, 80),
    "balance": Box(300, 10, 100, 24),
    "p0_stake": Box(50, 300, 90, 30),
    "p0_target": Box(50, 350, 90, 30),
    "p0_button": Box(200, 300, 150, 80),
}


def bring(home: Home, name: str = "mine", without: str = "", on: bool = True) -> None:
    """A table that was drawn and of which nothing was learned."""
    fields = {field: box for field, box in BOXES.items() if field != without}
    table = OwnTable(name, fields, (800, 600), currency="EUR", auto_cash_out_on=on)
    OwnTables(home.folder / "home" / "data" / "tables").save(table)


def test_without_a_terminal_nothing_is_armed_whatever_the_environment_says(home: Home) -> None:
    bring(home)
    home.extra |= {"CRASHBOT_MODE": "live", "CRASHBOT_ARMED": "1", "CRASHBOT_LIVE_ACCEPT": "20.00"}
    done = home.run("live", "mine", "--db", home.url)
    assert done.returncode == NOT_ARMED
    assert len(done.stderr.strip().splitlines()) == 1
    assert "at a terminal" in done.stderr
    assert home.query("SELECT 1 FROM session_logs") == []


@pytest.mark.parametrize(
    "lines", ['[session]\nmode = "live"\n', "[live]\narmed = true\n", "[session]\naccept_to_lose = 20.00\n"]
)
def test_a_settings_file_cannot_arm(home: Home, lines: str) -> None:
    bring(home)
    settings = home.folder / "home" / "config" / "bot.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(lines)
    for command in (["show-config"], ["practice", "--rounds", "1"], ["watch", "mine", "--rounds", "1"]):
        done = home.run(*command)
        assert done.returncode == 2, done.stdout
        assert len(done.stderr.strip().splitlines()) == 1
    assert home.run("live", "mine").returncode == NOT_ARMED


@pytest.mark.parametrize(
    ("without", "on", "words"),
    [
        ("p0_button", True, "no bet panel"),
        ("balance", True, "balance"),
        ("", False, "automatic cash-out"),
    ],
)
def test_a_table_that_cannot_be_staked_is_refused_at_once(
    home: Home, tmp_path: Path, without: str, on: bool, words: str
) -> None:
    bring(home, without=without, on=on)
    with at_a_terminal(command(home, tmp_path), home.environment()) as terminal:
        assert terminal.wait(60) == 2, terminal.said
        assert words in terminal.said


def test_unset_limits_and_an_exclusion_are_told_before_a_table_is_touched(home: Home, tmp_path: Path) -> None:
    bring(home)
    book = GuardBook.open(guard(tmp_path))
    book.exclude(ExclusionKind.COOL_OFF, 3_600 * 10**9)
    book.close()
    with at_a_terminal(command(home, tmp_path), home.environment()) as terminal:
        assert terminal.wait(60) == NOT_ARMED, terminal.said
        said = " ".join(terminal.said.split())
    assert "crashbot limits set mine" in said
    assert "cool-off" in said
    assert "checking" not in said


def test_with_limits_a_table_that_is_not_there_is_not_staked(home: Home, tmp_path: Path) -> None:
    bring(home)
    mature(guard(tmp_path), "mine")
    with display("800x600x24") as name:
        home.extra["DISPLAY"] = name
        with at_a_terminal(command(home, tmp_path), home.environment()) as terminal:
            assert terminal.wait(120) == NOT_ARMED, terminal.said
            said = " ".join(terminal.said.split())
    assert "did not pass its check" in said
    assert "accept to lose" not in said
    assert home.query("SELECT 1 FROM session_logs") == []


def guard(folder: Path) -> list[Path]:
    """Where the guarded limits of these tests lie."""
    return [folder / "guard" / "one", folder / "guard" / "two"]


def command(home: Home, folder: Path) -> list[str]:
    """Live play with guarded limits in a folder of the test's own."""
    report = folder / "report.json"
    return [
        *(sys.executable, "-m", "tests.e2e.live_process", str(folder / "guard"), home.url),
        *(str(report), "5", "mine"),
    ]
