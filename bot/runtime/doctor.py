"""What is installed, what works, and what to do about what does not: ``crashbot doctor``.

Every check answers with a finding. A finding that is *necessary* and not well makes the exit code non-zero;
the others only take something away, and say what.
"""

from __future__ import annotations

import json as json_module
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module, metadata
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.domain.errors import CrashbotError, MissingPart
from bot.runtime import doctor_display
from bot.runtime.doctor_words import Finding, Machine, State, this_machine
from bot.settings import load_settings, user_config_dir, user_data_dir, user_settings_file, user_state_dir

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = {"Inter": "fonts-inter", "Roboto": "fonts-roboto", "Open Sans": "fonts-open-sans"}
#: STRICT tables are used.
SQLITE_AT_LEAST = (3, 37, 0)
NEEDED_MB, WISHED_MB = 200, 1000
PACKAGES = (
    "numpy", "opencv-python-headless", "mss", "pyautogui", "onnxruntime", "rapidocr", "pytesseract",
    "sqlalchemy", "rich", "typer", "platformdirs", "pydantic", "psutil", "aiohttp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order in which a person would mend them."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether nothing that is necessary is missing."""
        return not any(f.necessary and f.state is State.MISSING for f in self.findings)


def run_doctor(json: bool = False, console: Console | None = None) -> int:
    """Examine this machine and print what was found. Returns 0, or 3 when something necessary is missing."""
    report = examine(this_machine())
    console = console or Console()
    if json:
        document = {"well": report.well, "findings": [asdict(finding) for finding in report.findings]}
        print(json_module.dumps(document, indent=2, ensure_ascii=False), file=console.file)
    else:
        _show(report, console)
    return 0 if report.well else MissingPart.exit_code


def examine(machine: Machine) -> Report:
    """Run every check. A check that fails in a way nobody thought of is a finding, too."""
    findings: list[Finding] = []
    checks: tuple[Callable[[Machine], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _browser,
        doctor_display.private_display,
        doctor_display.own_display,
        _recognition,
        _tesseract,
        _fonts,
        _storage,
        _settings,
    )
    for check in checks:
        name = check.__name__.strip("_").replace("_", " ")
        try:
            findings += check(machine)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            findings.append(Finding(name, State.MISSING, said, "the check itself failed: report it", True))
    return Report(tuple(findings))


def _show(report: Report, console: Console) -> None:
    table = Table("", "what", "found", title="crashbot doctor", title_justify="left", show_lines=False)
    marks = {State.OK: "[green]✓[/]", State.REDUCED: "[yellow]![/]", State.MISSING: "[red]✗[/]"}
    for finding in report.findings:
        table.add_row(marks[finding.state], finding.name, finding.found)
    console.print(table)
    for finding in report.findings:
        if finding.state is not State.OK:
            console.print(f"{marks[finding.state]} {finding.name}: {finding.advice}", soft_wrap=True)
    console.print("All that is necessary is there." if report.well else "Something necessary is missing.")


# -- the checks -----------------------------------------------------------------------------------------


def _python(machine: Machine) -> Iterator[Finding]:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    advice = "" if ok else "install Python 3.11 or newer, then run `make clean setup`"
    yield Finding("Python", State.OK if ok else State.MISSING, f"{version} at {sys.executable}", advice, True)
    if machine.system != "Linux":
        return
    try:  # really imported: its library may be missing where its module is there
        import_module("tkinter")
        there = True
    except ImportError:
        there = False
    yield Finding(
        "tkinter",
        State.OK if there else State.MISSING,
        "there" if there else "missing: the library that moves the mouse does not start without it",
        ""
        if there
        else "`sudo apt-get install python3-tk`, then `make clean setup`: a .venv keeps its Python",
        True,
    )


def _packages(machine: Machine) -> Iterator[Finding]:
    missing, versions = [], []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    found = f"missing: {', '.join(missing)}" if missing else ", ".join(versions)
    advice = "run `make setup` again" if missing else ""
    yield Finding("Python packages", State.MISSING if missing else State.OK, found, advice, True)


def _browser(machine: Machine) -> Iterator[Finding]:
    for name in BROWSERS:
        path = machine.which(name)
        if path is not None:
            status, said = machine.run([path, "--version"])
            if status == 0:
                yield Finding("browser", State.OK, f"{said.splitlines()[0].strip()} at {path}", "", True)
                return
    where = "none of " + ", ".join(BROWSERS)
    yield Finding("browser", State.MISSING, where, doctor_display.install("chromium"), True)


def _recognition(machine: Machine) -> Iterator[Finding]:
    try:
        milliseconds, text = doctor_display.recognition_speed()
    except CrashbotError as error:
        yield Finding("text recognition", State.MISSING, str(error), "run `make setup` again", True)
        return
    ok = text == doctor_display.SAMPLE
    found = f"reads {text!r} in {milliseconds:.1f} ms" + ("" if ok else f", not {doctor_display.SAMPLE!r}")
    advice = "" if ok else "the model's file is damaged: run `make clean setup`"
    yield Finding("text recognition", State.OK if ok else State.MISSING, found, advice, True)


def _tesseract(machine: Machine) -> Iterator[Finding]:
    path = machine.which("tesseract")
    status, said = machine.run([path, "--version"]) if path else (1, "")
    if path and status == 0:
        yield Finding("Tesseract", State.OK, f"{said.splitlines()[0].strip()} at {path}", "")
        return
    advice = "only needed to compare readers: " + doctor_display.install("tesseract-ocr")
    yield Finding("Tesseract", State.REDUCED, "not installed", advice)


def _fonts(machine: Machine) -> Iterator[Finding]:
    if machine.which("fc-list") is None:
        return
    _, said = machine.run(["fc-list", ":", "family"])
    families = {name.strip() for line in said.splitlines() for name in line.split(",")}
    missing = {name: package for name, package in FONTS.items() if name not in families}
    found = f"missing: {', '.join(missing)}" if missing else ", ".join(FONTS)
    advice = "the practice tables look different without: " + doctor_display.install(*missing.values())
    yield Finding("fonts", State.REDUCED if missing else State.OK, found, advice if missing else "")


def _storage(machine: Machine) -> Iterator[Finding]:
    ok = sqlite3.sqlite_version_info >= SQLITE_AT_LEAST
    least = ".".join(map(str, SQLITE_AT_LEAST))
    advice = "" if ok else f"a Python with SQLite {least} or newer is needed: `make PYTHON=... clean setup`"
    yield Finding("SQLite", State.OK if ok else State.MISSING, sqlite3.sqlite_version, advice, True)
    for name, folder in (
        ("data", user_data_dir()),
        ("state", user_state_dir()),
        ("config", user_config_dir()),
    ):
        yield _folder(f"{name} folder", folder, machine, must_write=name != "config")


def _folder(name: str, folder: Path, machine: Machine, must_write: bool) -> Finding:
    """Whether a folder of the user's can be written, or made, and has room. Only looks, writes nothing."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if must_write and not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        advice = "make it writable, or set CRASHBOT_HOME to a folder that is"
        return Finding(name, State.MISSING, f"{folder} cannot be written", advice, True)
    free_mb = machine.free_bytes(there) // 1_000_000
    found = f"{folder}, {free_mb:,} MB free"
    if must_write and free_mb < WISHED_MB:
        state = State.MISSING if free_mb < NEEDED_MB else State.REDUCED
        return Finding(name, state, found, f"free some space: {WISHED_MB} MB are comfortable", True)
    return Finding(name, State.OK, found, "", must_write)


def _settings(machine: Machine) -> Iterator[Finding]:
    own = user_settings_file()
    try:
        load_settings()
    except CrashbotError as error:
        yield Finding("settings", State.MISSING, str(error), "correct the value, or remove the file", True)
        return
    found = f"shipped, changed by {own}" if own.is_file() else "as shipped"
    yield Finding("settings", State.OK, found, "", True)
