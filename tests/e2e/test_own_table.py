"""The practice casino as somebody's page: calibrated by a layout file, checked, moved, and found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drive import until
from bot.domain.words import Box, Placement
from bot.screen.capture import ScreenCapture
from bot.screen.eye import find_page
from bot.screen.layout import load_layout
from bot.screen.own.definition import FIELDS
from tests.control.desktop import Windows, display

pytestmark = pytest.mark.e2e
WINDOW = (760, 600)


@contextmanager
def stage(on: str, ledger: Path) -> Iterator[dict[str, Any]]:
    """One Aviator table in a real browser; what the stage said when it stood."""
    command = [
        sys.executable, "-m", "bot.practice", "stage", "--ledger", str(ledger), "--seed", "11",
        "--speed", "2", "--tables", "aviator", "--display", on,
        "--width", str(WINDOW[0]), "--height", str(WINDOW[1]),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def page_on(on: str, nonce: int) -> Placement:
    """Where the page really is, by the practice mark; this is the test's knowledge, not the table's."""
    capture = ScreenCapture(on)
    width, height = capture.size()
    found: list[Placement | None] = []

    def there() -> bool:
        found[:] = [find_page(capture.grab(Box(0, 0, width, height)), nonce, 0)]
        return found[0] is not None

    try:
        assert until(there, 60)
    finally:
        capture.close()
    assert found[0] is not None
    return found[0]


def layout_of(page: Placement) -> str:
    """A layout file with the first panel's and the plain fields, where they are on the screen."""
    boxes = load_layout("aviator").boxes(page)
    lines = []
    for name in FIELDS:
        if name in boxes and not name.startswith("p1_"):
            box = boxes[name]
            lines += [f"[fields.{name}]", f"box = [{box.x}, {box.y}, {box.width}, {box.height}]"]
    return "\n".join(lines) + "\n"


def crashbot(home: Path, on: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env=environment | {"CRASHBOT_HOME": str(home), "DISPLAY": on},
        capture_output=True, text=True, timeout=420, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_practice_page_is_calibrated_checked_moved_and_found(tmp_path: Path) -> None:
    home, layout = tmp_path / "home", tmp_path / "desk.toml"
    with display("1180x860x24") as on, stage(on, tmp_path / "ledger.db") as ready:
        before = page_on(on, ready["nonce"]).page
        layout.write_text(layout_of(Placement(before, 1.0)), encoding="utf-8")
        words = ("calibrate", "desk", "--layout", str(layout), "--game", "aviator", "--currency", "USD")
        done = crashbot(home, on, *words, "--minutes", "6")
        assert done.returncode == 0, done.stdout + done.stderr
        first = checked(home, on)
        with Windows(on) as windows:
            windows.move_browser(260, 130)
        after = page_on(on, ready["nonce"]).page
        assert after.x - before.x > 200 and after.y - before.y > 90
        moved = checked(home, on)
        dx, dy = (b - a for a, b in zip(first["place"][:2], moved["place"][:2], strict=True))
        assert (dx, dy) == (after.x - before.x, after.y - before.y)
        assert moved["pieces"]["matched"] >= 0.7 * moved["pieces"]["of"]


def checked(home: Path, on: str) -> dict[str, Any]:
    """A check that is ready, with what it said."""
    done = crashbot(home, on, "check", "desk", "--json", "--seconds", "90")
    said: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0 and said["ok"], said["lines"]
    assert said["scale"] == 1.0 and said["fields"]["p0_stake"]["value"] == "1.00 USD"
    return said
