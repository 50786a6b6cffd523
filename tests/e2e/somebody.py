"""Somebody's page on somebody's screen: the practice casino's windows, as a table that a user brought.

The bot is told nothing of the mark in them: the boxes are written down as a person would draw them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from Xlib import X
from Xlib.ext import xtest

from benchmarks.drive import Home, query, until
from bot.control.x11 import connect, hang_up
from bot.domain.words import Box
from bot.screen.capture import ScreenCapture
from bot.screen.eye import find_page
from bot.screen.layout import load_layout
from bot.screen.own.definition import FIELDS, OwnTable, OwnTables
from tests.control.desktop import display

WATCHED = ("multiplier", "history")
#: A table with one bet panel: what is needed to bet and to settle.
PLAYED = ("multiplier", "balance", "history", "p0_stake", "p0_target", "p0_switch", "p0_button")


@dataclass
class Somebody:
    """A display with the casino's windows on it, and a home of a user."""

    home: Home
    display: str
    ledger: Path
    ready: dict[str, Any]
    process: subprocess.Popen[str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def boxes(self, table: str) -> dict[str, Box]:
        """Where the fields of a table are on the screen now."""
        told = next(t for t in self.ready["tables"] if t["name"] == table)
        capture = ScreenCapture(self.display)
        width, height = capture.size()
        found: list[dict[str, Box]] = []

        def seen() -> bool:
            page = find_page(capture.grab(Box(0, 0, width, height)), self.ready["nonce"], told["index"])
            found[:] = [] if page is None else [dict(load_layout(told["game"]).boxes(page))]
            return bool(found)

        try:
            assert until(seen, 20), f"{table} is not on the screen"
        finally:
            capture.close()
        return {name: box for name, box in found[0].items() if name in FIELDS}

    def bring(self, table: str, fields: Iterable[str] = WATCHED, **more: Any) -> OwnTable:
        """Calibrate a table by its boxes; nothing of it is learned yet."""
        told = next(t for t in self.ready["tables"] if t["name"] == table)
        boxes = self.boxes(table)
        capture = ScreenCapture(self.display)
        size = capture.size()
        capture.close()
        own = OwnTable(
            table,
            {name: boxes[name] for name in fields},
            size,
            **({"game": told["game"], "currency": told["currency"], "bookmaker": "somebody"} | more),
        )
        OwnTables(self.home.folder / "home" / "data" / "tables").save(own)
        return own

    def person_clicks(self, point: tuple[int, int]) -> None:
        """The person at this screen clicks there with their own hand."""
        connection = connect(self.display)
        try:
            xtest.fake_input(connection, X.MotionNotify, x=point[0], y=point[1])
            xtest.fake_input(connection, X.ButtonPress, 1)
            xtest.fake_input(connection, X.ButtonRelease, 1)
            connection.sync()
        finally:
            hang_up(connection)

    def house(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the casino's ledger."""
        return query(self.ledger, sql, values)


@contextmanager
def somebody(
    folder: Path, tables: str = "aviator", speed: float = 2.0, seed: int = 559, size: str = "1400x900x24"
) -> Iterator[Somebody]:
    """The casino's windows on a display of their own, started and ended by this test."""
    with display(size) as name:
        ledger = folder / "house.db"
        command = [
            *(sys.executable, "-m", "bot.practice", "stage", "--tables", tables, "--ledger", str(ledger)),
            *("--seed", str(seed), "--speed", f"{speed:g}", "--clicks", "--display", name),
        ]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            ready = _ready(process)
            home = Home(folder, extra={"DISPLAY": name})
            yield Somebody(home, name, ledger, ready, process)
        finally:
            _end(process)


def _ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        assert said["event"] != "error", said
        if said["event"] == "ready":
            return said
    raise AssertionError("the stage ended before it was ready")


def _end(process: subprocess.Popen[str]) -> None:
    """Its standard input is its life line; what outlives it is killed by its group."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    if process.stdout is not None:
        process.stdout.close()
