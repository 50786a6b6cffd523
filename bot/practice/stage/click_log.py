"""Every button press on the display, whoever made it, written to the ledger (X RECORD)."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from Xlib import X
from Xlib.ext import record
from Xlib.protocol import rq

from bot.practice.clock import HouseClock
from bot.practice.ledger import connect as connect_ledger
from bot.practice.stage.display import connect, is_gone
from bot.practice.stage.options import StageError


class ClickLog:
    """A thread with two connections of its own: one that records, one that can stop it."""

    def __init__(self, display_name: str, ledger: Path, clock: HouseClock) -> None:
        self._clock = clock
        self._ledger_path = ledger
        self._control = connect(display_name)
        self._data = connect(display_name)
        if not self._control.has_extension("RECORD"):
            raise StageError(
                "no_display", f"display {display_name} lacks the RECORD extension, clicks cannot be logged"
            )
        self._context = self._control.record_create_context(0, [record.AllClients], [_BUTTON_PRESSES])
        self._control.sync()
        self.listening = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="click-log", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        ledger = connect_ledger(self._ledger_path)
        try:
            self._data.record_enable_context(self._context, lambda reply: self._hear(reply, ledger))
        except sqlite3.Error as error:
            self._trouble = (
                f"cannot write clicks to the ledger {self._ledger_path}: {error}; is the disk full?"
            )
        except Exception as error:
            if not is_gone(error):
                raise
            self._trouble = "the display went away"
        finally:
            ledger.close()

    def _hear(self, reply: rq.Struct, ledger: sqlite3.Connection) -> None:
        if reply.category == record.StartOfData:
            self.listening.set()
        if reply.category != record.FromServer or reply.client_swapped:
            return
        data = reply.data
        while len(data):
            event, data = rq.EventField(None).parse_binary_value(data, self._data.display, None, None)
            if event.type == X.ButtonPress:
                ledger.execute(
                    "INSERT INTO display_clicks(at_ms,root_x,root_y,button) VALUES(?,?,?,?)",
                    (self._clock.utc_ms(), int(event.root_x), int(event.root_y), int(event.detail)),
                )

    def check(self) -> None:
        """Raise ``StageError`` when clicks are no longer logged: a hole in this log must not go unnoticed."""
        if not self._thread.is_alive():
            raise StageError("click_log", self._trouble or "the click log ended")

    def close(self) -> None:
        """Stop recording; what was pressed before is in the ledger."""
        try:
            self._control.record_disable_context(self._context)
            self._control.flush()
            self._thread.join(2.0)
            self._control.record_free_context(self._context)
            self._control.close()
        except Exception as error:
            if not is_gone(error):
                raise


_BUTTON_PRESSES = {
    "core_requests": (0, 0),
    "core_replies": (0, 0),
    "ext_requests": (0, 0, 0, 0),
    "ext_replies": (0, 0, 0, 0),
    "delivered_events": (0, 0),
    "device_events": (X.ButtonPress, X.ButtonPress),
    "errors": (0, 0),
    "client_started": False,
    "client_died": False,
}
