"""A process at a real terminal, with somebody who reads and types."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.drive import until


class Terminal:
    """The person's side. ``said`` is all that was shown so far."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self._master = process, master
        self._shown = b""
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def said(self) -> str:
        return self._shown.decode("utf-8", "replace")

    def _read(self) -> None:
        while not self._left.is_set():
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            try:
                part = os.read(self._master, 4_096)
            except OSError:  # the other side has closed it
                return
            if not part:
                return
            self._shown += part

    def sees(self, words: str, within_s: float) -> bool:
        """Wait until these words were shown, or the process has ended."""
        until(lambda: words in self.said or self.process.poll() is not None, within_s)
        return words in self.said

    def types(self, text: str) -> None:
        os.write(self._master, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Ctrl+C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, within_s: float) -> int:
        return self.process.wait(within_s)

    def leave(self) -> None:
        self._left.set()
        self._thread.join(2)


@contextmanager
def at_a_terminal(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a command at a terminal of its own; it is ended with the block."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command, env=dict(environment), stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        terminal.leave()
        os.close(master)
