"""The stage itself: starts display, casino and browser, keeps them up, performs window faults, ends all.

It ends on ``{"cmd":"quit"}``, on the end of its standard input (its parent has died), on SIGTERM and SIGINT.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
from Xlib import error as xerror

from bot.practice.casino import say, say_error
from bot.practice.clock import HouseClock, SystemHouseClock
from bot.practice.ledger import LedgerError
from bot.practice.stage import processes
from bot.practice.stage.browser import find_browser
from bot.practice.stage.casino_child import CasinoChild
from bot.practice.stage.click_log import ClickLog
from bot.practice.stage.display import PrivateDisplay, connect, is_gone
from bot.practice.stage.options import StageError, StageOptions
from bot.practice.stage.tables import TableWindows
from bot.practice.stage.window_faults import WindowFaults
from bot.practice.stage.windows import Windows, screen_for

Event = dict[str, object]
READY_S = 60.0
TICK_S = 0.1
_FOLDER_PREFIX = "crashbot-stage-"


class Stage:
    """Everything that runs on the stage. One thread: the main one."""

    def __init__(self, options: StageOptions, clock: HouseClock, events: queue.SimpleQueue[Event]) -> None:
        self._options, self._clock, self._events = options, clock, events
        self._closers = contextlib.ExitStack()
        self._click_log: ClickLog | None = None
        self._private: PrivateDisplay | None = None
        self._tables: TableWindows | None = None
        self._ready = False

    def open(self) -> None:
        """Start everything. Raises ``StageError`` with what a person can do about it."""
        program = find_browser(self._options.browser)
        self._folder = _own_folder()
        self._closers.callback(shutil.rmtree, self._folder, ignore_errors=True)
        display_name = self._open_display()
        # Its own configuration folder: nothing of this browser may land in the user's.
        environment = {**os.environ, "DISPLAY": display_name, "XDG_CONFIG_HOME": str(self._folder)}
        environment.pop("WAYLAND_DISPLAY", None)
        self._windows = Windows(connect(display_name))
        self._casino = CasinoChild(self._options.casino, self._clock, self._events)
        self._closers.callback(self._casino.close)
        self._casino.start()
        self._wait_for(lambda: self._casino.port is not None, 20.0, "casino", "the casino did not start")
        if self._options.clicks:
            self._click_log = ClickLog(display_name, self._options.casino.ledger, self._clock)
            self._closers.callback(self._click_log.close)
            self._wait_for(self._click_log.listening.is_set, 5.0, "no_display", "the click log did not start")
        self._faults = WindowFaults(self._windows, self._options, self._clock)
        self._closers.callback(self._faults.close)
        tables = TableWindows(
            self._options, self._windows, program, environment, self._folder, self._clock, self._casino
        )
        self._closers.callback(tables.close)
        tables.open()
        self._tables = tables
        self._display_name = display_name
        self._wait_for(tables.ready, READY_S, "no_browser", "the browser did not show all tables")
        self._ready = True

    def _open_display(self) -> str:
        options = self._options
        if options.display is not None:
            return options.display
        if options.show:
            name = os.environ.get("DISPLAY")
            if not name:
                raise StageError(
                    "no_display", "--show needs an X display: DISPLAY is not set (leave --show out)"
                )
            return name
        width, height = screen_for(len(options.casino.tables), options.width, options.height)
        self._private = PrivateDisplay(width, height, self._folder)
        self._closers.callback(self._private.close)
        return self._private.name

    def describe(self) -> Event:
        """The line that tells the parent where everything is."""
        rects = {} if self._tables is None else self._tables.rects()
        tables = [
            {
                "name": table.name,
                "index": table.index,
                "game": table.game.name,
                "lang": table.lang,
                "currency": table.currency,
                "account": table.account,
                "window": rects.get(table.name),
            }
            for table in self._options.casino.tables
        ]
        return {
            "event": "ready",
            "display": self._display_name,
            "nonce": self._options.casino.nonce,
            "ledger": str(self._options.casino.ledger),
            "lobby": self._casino.url("/"),
            "tables": tables,
        }

    def run(self) -> None:
        """Keep it all up until told to quit."""
        while self._step():
            pass

    def _wait_for(self, condition: Callable[[], bool], bound_s: float, kind: str, message: str) -> None:
        ends_s = self._clock.mono_s() + bound_s
        while not condition():
            if self._clock.mono_s() > ends_s:
                raise StageError(kind, message)
            if not self._step():
                raise _Quit

    def _step(self) -> bool:
        """Handle one event or a tick. ``False``: quit."""
        try:
            event = self._events.get(timeout=TICK_S)
        except queue.Empty:
            event = {"event": "tick"}
        kind = event.get("event")
        if kind == "quit":
            return False
        if kind == "casino":
            self._casino.hear(event)
        self._watch()
        return True

    def _watch(self) -> None:
        if self._private is not None and self._private.server.poll() is not None:
            raise StageError("no_display", "the private display died")
        self._casino.watch()
        if self._click_log is not None:
            self._click_log.check()
        if self._tables is None:
            return
        self._tables.watch(self._ready)
        if self._ready:
            while (order := self._casino.next_order()) is not None:
                self._faults.perform(order, self._tables.window_of(str(order["table"])))
        self._faults.tick()
        own = [] if self._private is None else [self._private.server.pid, self._private.manager.pid]
        processes.reap_orphans([*self._tables.pids(), *self._casino.pids(), *own])

    def close(self) -> None:
        """End everything, last started first; a part that cannot end does not keep the others."""
        try:
            self._closers.close()
        finally:
            processes.end_descendants()


class _Quit(Exception):
    """Told to end before everything was up."""


def _own_folder() -> Path:
    """A folder for profiles and logs; those of stages that were killed are cleared away."""
    root = Path(tempfile.gettempdir())
    for old in root.glob(f"{_FOLDER_PREFIX}*"):
        pid = old.name.removeprefix(_FOLDER_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_FOLDER_PREFIX}{os.getpid()}-"))


def _listen_to_parent(events: queue.SimpleQueue[Event]) -> None:
    for line in sys.stdin:
        try:
            command = json.loads(line)
        except ValueError:
            continue
        if isinstance(command, dict) and command.get("cmd") == "quit":
            break
    events.put({"event": "quit"})


def run_stage(options: StageOptions) -> int:
    """Run a stage until told to end. Returns the exit code."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put({"event": "quit"}))
    processes.adopt_orphans()
    threading.Thread(target=_listen_to_parent, args=(events,), name="parent", daemon=True).start()
    stage = Stage(options, SystemHouseClock(), events)
    try:
        stage.open()
        say(**stage.describe())
        stage.run()
    except _Quit:
        pass
    except StageError as error:
        return _give_up(error.kind, str(error))
    except (LedgerError, sqlite3.Error) as error:
        return _give_up("ledger", f"{error} (ledger {options.casino.ledger})")
    except (xerror.ConnectionClosedError, TypeError) as error:
        if not is_gone(error):
            raise
        return _give_up("no_display", "the display went away")
    except BrokenPipeError:
        return 1  # nobody listens any more
    finally:
        stage.close()
    return 0


def _give_up(kind: str, message: str) -> int:
    try:
        return say_error(kind, message)
    except BrokenPipeError:
        return 1
