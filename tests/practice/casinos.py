"""Real casino and stage processes for tests: started, read line by line, and never left behind."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

Event = dict[str, object]


def wait_until(condition: Callable[[], object], bound_s: float = 20.0, what: str = "") -> None:
    """Look again and again until ``condition`` holds; fails after ``bound_s`` seconds."""
    pause = threading.Event()
    ends_s = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < ends_s, f"did not come true within {bound_s} s: {what or condition}"
        pause.wait(0.02)


class Running:
    """A process of ``bot.practice`` and the JSON lines it prints."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.practice", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.seen: list[Event] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, event: str, bound_s: float = 60.0) -> Event:
        """The next line with this event. Fails when the process ends or stays silent before it."""
        ends_s = time.monotonic() + bound_s
        while True:
            line = self._lines.get(timeout=max(0.01, ends_s - time.monotonic()))
            assert line is not None, f"ended without {event!r}; said {self.seen}"
            said: Event = json.loads(line)
            self.seen.append(said)
            if said["event"] == event:
                return said

    def below(self) -> list[psutil.Process]:
        """Everything that runs below this process now."""
        return [p for p in psutil.Process(self.process.pid).children(recursive=True) if alive(p)]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
        self._reader.join(5)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()


def alive(process: psutil.Process) -> bool:
    """Running, and not merely waiting to be collected."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    started = Running(*arguments)
    try:
        yield started
    finally:
        started.close()
