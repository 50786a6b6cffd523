"""The casino as a child of the stage: started again on the same port and ledger when it dies."""

from __future__ import annotations

import collections
import json
import queue
import subprocess
import sys
import threading

from bot.practice.casino import say
from bot.practice.clock import HouseClock
from bot.practice.options import CasinoOptions
from bot.practice.stage import processes
from bot.practice.stage.options import StageError
from bot.practice.stage.restarts import RestartBudget

Event = dict[str, object]
FIRST_WORDS_S = 3.0


def command_of(options: CasinoOptions, port: int) -> list[str]:
    """The command line that starts this casino again exactly."""
    tables = ",".join(f"{table.game.name}@{table.lang}" for table in options.tables)
    one_account = (
        len({table.account for table in options.tables}) == 1 and options.tables[0].account == "practice"
    )
    return [
        sys.executable,
        "-m",
        "bot.practice",
        "casino",
        "--port",
        str(port),
        "--ledger",
        str(options.ledger),
        "--seed",
        options.seed,
        "--speed",
        str(options.speed),
        "--tables",
        tables,
        "--faults",
        ",".join(options.faults) or "none",
        "--nonce",
        str(options.nonce),
        "--rtp",
        str(options.rtp_basis_points / 10_000),
        *(["--one-account"] if one_account else []),
    ]


class CasinoChild:
    """Runs and supervises the casino process; knows which tables have a ready page."""

    def __init__(self, options: CasinoOptions, clock: HouseClock, events: queue.SimpleQueue[Event]) -> None:
        self._options, self._clock, self._events = options, clock, events
        self.port: int | None = None
        self.pages: dict[str, int] = {}
        self.up_since_s = 0.0
        self._orders: collections.deque[Event] = collections.deque()
        self._budget = RestartBudget(clock, "casino")
        self._process: subprocess.Popen[str] | None = None
        self._generation = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        self._generation += 1
        self._process = processes.start(
            command_of(self._options, self.port or self._options.port), output=True
        )
        self.pages.clear()
        self.up_since_s = self._clock.mono_s()
        threading.Thread(
            target=self._relay, args=(self._process, self._generation), name="casino-lines", daemon=True
        ).start()

    def _relay(self, process: subprocess.Popen[str], generation: int) -> None:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                self._events.put({"event": "casino", "generation": generation, "line": line})
        except ValueError:
            pass  # closed while reading: the child has been ended

    def hear(self, event: Event) -> None:
        """One line of the casino. Raises ``StageError`` when it says that it cannot run."""
        if event["generation"] != self._generation:
            return
        try:
            said = json.loads(str(event["line"]))
        except ValueError:
            return
        match said.get("event"):
            case "listening":
                self.port = int(said["port"])
            case "page":
                self.pages[str(said["table"])] = int(said["pages"])
            case "order":
                self._orders.append(said)
            case "error":
                raise StageError(str(said["kind"]), str(said["message"]))

    def next_order(self) -> Event | None:
        """A window fault to perform, if one is waiting."""
        return self._orders.popleft() if self._orders else None

    def watch(self) -> None:
        """Start the casino again if it has died. Raises ``StageError`` when that has no end."""
        if self._process is None or self._process.poll() is None:
            return
        code = self._process.returncode
        if self.port is None:
            # Its own line about why may still be on the way.
            if self._clock.mono_s() - self.up_since_s > FIRST_WORDS_S:
                raise StageError("casino", f"the casino ended with code {code} before it could open")
            return
        self._budget.spend()
        processes.end(self._process)
        self.start()
        say(event="restarted", what="casino", code=code)

    def pids(self) -> list[int]:
        return [] if self._process is None else [self._process.pid]

    def close(self) -> None:
        if self._process is not None:
            processes.end(self._process)
