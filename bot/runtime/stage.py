"""The practice stage from outside: a process that the bot starts, reads lines from, and ends.

The stage brings the private display, the browser and the casino. The bot knows nothing of them but what
comes over the stage's standard output: where the display is and which mark each window carries.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import MissingPart

READY_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True)
class StageTable:
    """A practice table as the stage announces it."""

    name: str
    game: str
    index: int
    account: str
    currency: str


@dataclass(frozen=True, slots=True)
class StageReady:
    """The stage stands: the display to look at, the session's mark, the ledger to compare with afterwards."""

    display: str | None
    nonce: int
    ledger: str
    tables: tuple[StageTable, ...]


@dataclass(frozen=True, slots=True)
class StageOptions:
    """What the practice casino is asked for. ``faults`` is ``none``, ``all`` or a comma-separated list."""

    tables: tuple[str, ...]
    ledger: str
    seed: int
    speed: float = 1.0
    faults: str = "none"
    show: bool = False
    one_account: bool = False
    rtp: str = "0.97"

    def arguments(self) -> list[str]:
        """The stage's command line."""
        words = ["--tables", ",".join(self.tables), "--ledger", self.ledger, "--seed", str(self.seed)]
        words += ["--speed", f"{self.speed:g}", "--faults", self.faults, "--rtp", self.rtp]
        words.append("--clicks")
        if self.show:
            words.append("--show")
        if self.one_account:
            words.append("--one-account")
        return words


class Stage:
    """The running stage. Its end of the pipe is its life line: when we die, it ends by itself."""

    def __init__(self, options: StageOptions) -> None:
        command: Sequence[str] = [sys.executable, "-m", "bot.practice", "stage", *options.arguments()]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl+C in the terminal is for the bot, which then ends the stage
        )
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="stage-reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The stage's process."""
        return self._process.pid

    def wait_ready(self, timeout_s: float = READY_WITHIN_S) -> StageReady:
        """Block until the windows stand. Raises ``MissingPart`` with what to do when they cannot."""
        while True:
            try:
                line = self._lines.get(timeout=timeout_s)
            except queue.Empty:
                self.close()
                raise MissingPart(
                    f"the practice casino did not start within {timeout_s:.0f} s; run `crashbot doctor`"
                ) from None
            if line is None:
                raise MissingPart("the practice casino ended before it was ready; run `crashbot doctor`")
            if line.get("event") == "error":
                self.close()
                raise MissingPart(str(line.get("message", "the practice casino could not start")))
            if line.get("event") == "ready":
                return _ready(line)

    def news(self) -> list[dict[str, Any]]:
        """What the stage said since the last call: faults, restarts, errors."""
        said: list[dict[str, Any]] = []
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return said
            if line is None:
                said.append({"event": "gone"})
                return said
            said.append(line)

    def alive(self) -> bool:
        """Whether the stage's process runs."""
        return self._process.poll() is None

    def close(self, timeout_s: float = 15.0) -> None:
        """End the casino, the browser and the display."""
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(2)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in self._process.stdout:
                with contextlib.suppress(json.JSONDecodeError):
                    parsed = json.loads(line)
                    if isinstance(parsed, dict):
                        self._lines.put(parsed)
        self._lines.put(None)


def _ready(line: dict[str, Any]) -> StageReady:
    tables = tuple(
        StageTable(
            name=str(table["name"]),
            game=str(table["game"]),
            index=int(table["index"]),
            account=str(table["account"]),
            currency=str(table["currency"]),
        )
        for table in line["tables"]
    )
    return StageReady(line.get("display"), int(line["nonce"]), str(line["ledger"]), tables)
