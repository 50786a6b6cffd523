"""The doctor on this machine, and on machines that lack something."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.runtime import doctor_display
from bot.runtime.doctor import Report, examine, run_doctor
from bot.runtime.doctor_words import Finding, Machine, State, run_briefly, this_machine


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def without(*names: str) -> Machine:
    """This machine, as if these commands were not installed."""
    real = this_machine()
    return replace(real, which=lambda name: None if name in names else real.which(name))


def finding(report: Report, name: str) -> Finding:
    return next(found for found in report.findings if found.name == name)


@pytest.mark.screen
def test_this_machine_is_well_and_its_private_display_takes_clicks_and_keys() -> None:
    out = StringIO()
    assert run_doctor(json=True, console=Console(file=out)) == 0
    told = json.loads(out.getvalue())
    assert told["well"] is True
    states = {found["name"]: found["state"] for found in told["findings"]}
    assert states["mouse and keyboard on the private display"] == "ok"
    assert states["text recognition"] == "ok"


@pytest.mark.parametrize(
    ("commands", "name", "package"),
    [
        (("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), "browser", "chromium"),
        (("Xvfb",), "private display", "xvfb"),
        (("openbox",), "private display", "openbox"),
    ],
)
def test_something_necessary_missing_is_told_with_the_package_to_install(
    commands: tuple[str, ...], name: str, package: str
) -> None:
    report = examine(without(*commands))
    assert not report.well
    assert finding(report, name).state is State.MISSING
    assert f"apt-get install {package}" in finding(report, name).advice


def test_what_only_helps_does_not_make_a_machine_unwell() -> None:
    def no_fonts(command: Sequence[str]) -> tuple[int, str]:
        return (0, "") if command[0] == "fc-list" else run_briefly(command)

    report = examine(replace(without("tesseract"), run=no_fonts))
    assert report.well
    assert finding(report, "Tesseract").state is State.REDUCED
    assert "fonts-inter fonts-roboto fonts-open-sans" in finding(report, "fonts").advice


def test_wayland_is_named_and_practice_goes_on() -> None:
    environment = {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    (own,) = doctor_display.own_display(replace(this_machine(), environment=environment))
    assert own.state is State.REDUCED
    assert "Wayland" in own.found
    assert "X11" in own.advice


def test_a_display_that_is_not_there_is_reported_not_raised() -> None:
    findings = list(doctor_display.own_display(replace(this_machine(), environment={"DISPLAY": ":9871"})))
    assert findings[-1].name == "capture on your display"
    assert findings[-1].state is State.REDUCED


def test_a_full_disk_is_unwell() -> None:
    report = examine(replace(this_machine(), free_bytes=lambda folder: 10_000_000))
    assert not report.well
    assert finding(report, "data folder").state is State.MISSING


def test_a_folder_that_cannot_be_written_is_unwell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path / "file"))
    report = examine(this_machine())
    assert not report.well
    assert "CRASHBOT_HOME" in finding(report, "data folder").advice


def test_bad_settings_are_found() -> None:
    own = Path(os.environ["CRASHBOT_HOME"]) / "config" / "bot.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[strategy]\nnme = 1\n")
    report = examine(this_machine())
    assert not report.well
    assert "strategy.nme" in finding(report, "settings").found


def test_missing_parts_give_the_exit_code_of_a_missing_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    out = StringIO()
    assert run_doctor(console=Console(file=out, width=200)) == 3
    assert "Something necessary is missing." in out.getvalue()
    assert "apt-get install chromium" in out.getvalue()


def test_the_private_display_is_gone_afterwards() -> None:
    with doctor_display.private_xvfb() as display:
        socket = Path("/tmp/.X11-unix") / f"X{display.removeprefix(':')}"
        assert socket.exists()
    assert not socket.exists()
