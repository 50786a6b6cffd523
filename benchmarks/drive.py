"""Drives the real program as a user would: starts ``crashbot``, watches its record, kills, compares.

Shared by the end-to-end tests and the soak. Nothing here looks into the program's memory: it reads the
two databases and the process list.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from bot.database import open_database
from bot.runtime.reconcile import Reconciliation, reconcile

POLL_S = 0.002


def until(happened: Callable[[], bool], within_s: float, every_s: float = 0.05) -> bool:
    """Wait for a condition with a bound; whether it came true."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(every_s)
    return happened()


@dataclass
class Home:
    """A user's folders of their own, with the record and the ledger in them."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    #: The record on a server instead of a file beside the ledger.
    server: str | None = None

    @property
    def database(self) -> Path:
        return self.folder / "rounds.sqlite3"

    @property
    def ledger(self) -> Path:
        if self.server is not None:
            return self.folder / "home" / "data" / "casino.db"
        return self.folder / "rounds.sqlite3.casino"

    @property
    def url(self) -> str:
        return self.server or f"sqlite:///{self.database}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "DATABASE_URL")}
        return {**kept, "CRASHBOT_HOME": str(self.folder / "home"), "COLUMNS": "120", **self.extra}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bot.cli", *arguments]

    def run(self, *arguments: str, within_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(  # noqa: PLW1510 - the caller looks at the code
            self.command(*arguments),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=within_s,
            stdin=subprocess.DEVNULL,
        )

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the record; none while it does not exist yet."""
        if self.server is not None:
            return _query_server(self.server, sql, values)
        return query(self.database, sql, values)

    def house(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the casino's ledger."""
        return query(self.ledger, sql, values)

    def sessions(self) -> list[str]:
        return [row[0] for row in self.query("SELECT session_id FROM session_logs ORDER BY session_id")]

    def compare(self) -> Reconciliation:
        """The newest session's record against the ledger."""
        database = open_database(self.url)
        try:
            return reconcile(database.engine, self.ledger, self.sessions()[-1])
        finally:
            database.close()


def query(path: Path, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Rows of an SQLite file that somebody else writes; none while file or table are not there."""
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(sql, tuple(values)).fetchall()
    except sqlite3.OperationalError:
        return []


def _query_server(url: str, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql.replace("?", "%s"), tuple(values))]
    except DBAPIError:
        return []
    finally:
        engine.dispose()


class Running:
    """A ``crashbot practice`` that runs, with its whole family of processes."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.home = home
        self.report = home.folder / "report.json"
        self.report.unlink(missing_ok=True)
        self.output = home.folder / "output.txt"
        command = home.command("practice", "--db", home.url, "--json", str(self.report), *arguments)
        self._sink = self.output.open("w")
        self.process = subprocess.Popen(
            command,
            env=home.environment(),
            stdout=self._sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._family: dict[int, psutil.Process] = {}
        self.note_family()

    @property
    def pid(self) -> int:
        return self.process.pid

    def note_family(self) -> list[psutil.Process]:
        """All processes that descend from it now; kept, so that orphans are found later."""
        try:
            family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        self._family |= {process.pid: process for process in family}
        return family

    def left_over(self) -> list[str]:
        """Processes of the family that still live (zombies do not)."""
        return [_describe(p) for p in self._family.values() if _lives(p)]

    def member(self, role: str) -> psutil.Process | None:
        """The process that plays a role: ``main``, ``table``, ``browser``, ``casino`` or ``stage``."""
        for process in self.note_family():
            if _role(process, self.pid) == role:
                return process
        return None

    def tables(self) -> list[psutil.Process]:
        return [p for p in self.note_family() if _role(p, self.pid) == "table"]

    def interrupt(self) -> None:
        """Ctrl+C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, within_s: float) -> int:
        """Its exit code. Kills the whole family when it does not come in time, and raises."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise

    def kill_all(self) -> None:
        """End everything that is left, whatever it is."""
        self.note_family()
        for process in self._family.values():
            if _lives(process):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
        self.process.wait(10)
        self._sink.close()

    def result(self) -> dict[str, Any]:
        """The report that ``--json`` wrote."""
        parsed: dict[str, Any] = json.loads(self.report.read_text())
        return parsed

    def close(self) -> None:
        """For a ``finally``: nothing survives."""
        if self.process.poll() is None:
            self.interrupt()
            until(lambda: self.process.poll() is not None, 20)
        self.kill_all()

    def said(self) -> str:
        return self.output.read_text()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:120]}"
    except psutil.Error:
        return str(process.pid)


def _role(process: psutil.Process, main: int) -> str:
    try:
        words, parent = process.cmdline(), process.ppid()
    except psutil.Error:
        return ""
    line = " ".join(words)
    if process.pid == main:
        return "main"
    if "spawn_main" in line and parent == main:
        return "table"
    if "bot.practice casino" in line:
        return "casino"
    if "bot.practice stage" in line:
        return "stage"
    if "chrom" in line and "--user-data-dir" in line and "--type=" not in line:
        return "browser"
    return ""


def latest_event(home: Home) -> tuple[str, str, str]:
    """Identifier, state and bet of the newest bet event."""
    rows = home.query("SELECT id, to_state, bet_id FROM bet_events ORDER BY at_utc_us DESC, id DESC LIMIT 1")
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else ("", "", "")


def wait_for_state(home: Home, state: str, within_s: float) -> bool:
    """Return as soon as a new bet event has this state (polled every 2 ms)."""
    known = {row[0] for row in home.query("SELECT id FROM bet_events")}
    return until(lambda: _new_event(home, state, known), within_s, POLL_S)


def _new_event(home: Home, state: str, known: set[str]) -> bool:
    newest = latest_event(home)
    return newest[1] == state and newest[0] not in known


def kill(process: psutil.Process) -> None:
    """``kill -9``, and wait until the kernel has done it."""
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return
    until(lambda: not _lives(process), 5)
