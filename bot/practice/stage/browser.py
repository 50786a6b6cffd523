"""The browser: one Chromium with a throw-away profile and an app window for each table."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.practice.stage import processes
from bot.practice.stage.options import StageError

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--hide-crash-restore-bubble",
    "--mute-audio",
    "--password-store=basic",
    "--force-device-scale-factor=1",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--ozone-platform=x11",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication",
)


def find_browser(given: str | None) -> str:
    """The program to start. Raises ``StageError`` (no_browser)."""
    for name in (given,) if given else _NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    missing = given or "Chromium"
    raise StageError(
        "no_browser", f"{missing} was not found: apt install chromium, or name one with --browser"
    )


class Browser:
    """A running browser. The first window is its process; further ones are handed to it."""

    def __init__(self, program: str, environment: Mapping[str, str], profile: Path) -> None:
        self._program, self._environment, self._profile = program, environment, profile
        self.process: subprocess.Popen[str] | None = None
        self._messengers: list[subprocess.Popen[str]] = []

    def open(self, url: str, x: int, y: int, width: int, height: int) -> None:
        """Open one app window; the first call starts the browser."""
        messenger = processes.start(
            [
                self._program,
                *self._flags(),
                f"--app={url}",
                f"--window-position={x},{y}",
                f"--window-size={width},{height}",
            ],
            environment=self._environment,
            log=self._profile.parent / "browser.log",
        )
        if self.process is None:
            self.process = messenger
        else:
            self._messengers.append(messenger)

    def _flags(self) -> Sequence[str]:
        flags = [*_FLAGS, f"--user-data-dir={self._profile}"]
        if os.geteuid() == 0:
            # Chromium's sandbox refuses root; --test-type keeps the bar away that would warn of it and
            # move the page.
            flags += ["--no-sandbox", "--test-type"]
        if _shared_memory_bytes() < 512 * 1024 * 1024:
            flags.append("--disable-dev-shm-usage")
        return flags

    def pids(self) -> list[int]:
        own = [] if self.process is None else [self.process]
        self._messengers = [messenger for messenger in self._messengers if messenger.poll() is None]
        return [process.pid for process in (*own, *self._messengers)]

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ending(self) -> str:
        """How the browser ended, in words."""
        code = None if self.process is None else self.process.poll()
        return "never started" if code is None else f"exit code {code}"

    def close(self) -> None:
        for process in (*self._messengers, *((self.process,) if self.process else ())):
            processes.end(process)
        shutil.rmtree(self._profile, ignore_errors=True)


def _shared_memory_bytes() -> int:
    try:
        status = os.statvfs("/dev/shm")
    except OSError:
        return 0
    return status.f_bavail * status.f_frsize
