"""Recordings of real windows: a practice session's, and one of a page that nobody wrote this for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drive import Home, Running, until
from bot.domain.amounts import format_hundredths
from tests.own_pages.stage import Stage, stage

pytestmark = pytest.mark.e2e


def replayed(home: Home, recording: Path, *options: str) -> dict[str, Any]:
    done = home.run("replay", str(recording), "--strict", "--json", *options, within_s=300)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_practice_session_is_recorded_and_replayed_as_it_was(home: Home) -> None:
    tapes = home.folder / "tapes"
    options = ("--tables", "aviator", "--rounds", "4", "--speed", "2", "--seed", "5", "--record", str(tapes))
    running = Running(home, *options)
    try:
        assert running.wait(300) == 0, running.said()
    finally:
        running.close()
    (tape,) = tapes.iterdir()
    told = replayed(home, tape)
    rows = home.query("SELECT crash_multiplier FROM rounds WHERE crash_multiplier > 0 ORDER BY round_number")
    assert [each["crash"] for each in told["rounds"]] == [format_hundredths(row[0]) for row in rows]
    assert told["reads_as_then"] is True
    assert not told["cut_off"]
    orders = home.query("SELECT stake_minor, target FROM bets WHERE state IN ('won', 'lost')")
    on_paper = [(each["bet"]["stake"], each["bet"]["target"]) for each in told["rounds"] if each["bet"]]
    assert len(on_paper) >= len(orders) > 0
    assert {(format_hundredths(stake), format_hundredths(target)) for stake, target in orders} == {*on_paper}


@contextmanager
def recording(at: Stage, home: Home, tape: Path) -> Iterator[subprocess.Popen[str]]:
    """``crashbot record`` on a page, two rounds on."""
    said = tape.with_suffix(".said")
    with said.open("w") as out:
        process = subprocess.Popen(
            home.command("record", at.table, "--output", str(tape)),
            env=home.environment() | {"DISPLAY": at.display},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert until(lambda: said.read_text().count("round ") >= 2, 150), said.read_text()
            yield process
        finally:
            process.kill()
            process.wait(10)


def brought(at: Stage, home: Home) -> None:
    """The page as a table of the user's: its boxes, and nothing learned yet."""
    layout = at.layout(home.folder / "layout.toml")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "calibrate", at.table, "--layout", str(layout), "--rounds", "0"],
        env=home.environment() | {"DISPLAY": at.display},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_table_of_ones_own_is_recorded_until_ctrl_c_or_a_kill(home: Home) -> None:
    ended, killed = home.folder / "ended.crashrec", home.folder / "killed.crashrec"
    with stage("nordlicht", home.folder) as at:
        brought(at, home)
        with recording(at, home, ended) as process:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert "MB a minute" in ended.with_suffix(".said").read_text()
        with recording(at, home, killed) as process:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
        truth = [format_hundredths(each.crash) for each in at.house.rounds]
    for tape, least in ((ended, 2), (killed, 1)):  # a kill costs the last second, with the second end in it
        told = replayed(home, tape)
        crashes = [each["crash"] for each in told["rounds"] if each["crash"] is not None]
        assert len(crashes) >= least
        assert any(truth[start : start + len(crashes)] == crashes for start in range(len(truth))), crashes
