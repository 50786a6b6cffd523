"""Homes of their own for the end-to-end tests, and one played session that several tests look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.drive import Home, Running, until


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@dataclass
class Played:
    """A session that was played to its end, and what was seen of its processes on the way."""

    home: Home
    code: int
    report: dict[str, Any]
    output: str
    internet_sockets: list[str] = field(default_factory=list)
    local_sockets: dict[str, int] = field(default_factory=dict)
    processes_seen: int = 0
    left_over: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Six rounds at three tables without faults."""
    home = Home(tmp_path_factory.mktemp("played"))
    running = Running(home, "--rounds", "6", "--speed", "3", "--seed", "3")
    try:
        assert until(lambda: bool(home.query("SELECT 1 FROM bets")), 90), running.said()
        internet: list[str] = []
        local: dict[str, int] = {}
        own = [psutil.Process(running.pid), *running.tables()]
        for process in own:
            for connection in process.net_connections(kind="all"):
                if connection.family.name == "AF_UNIX":
                    local[str(process.pid)] = local.get(str(process.pid), 0) + 1
                else:
                    internet.append(f"{process.pid}: {connection}")
        code = running.wait(240)
        gone = until(lambda: not running.left_over(), 10)
        left = [] if gone else running.left_over()
        yield Played(home, code, running.result(), running.said(), internet, local, len(own), left)
    finally:
        running.close()
