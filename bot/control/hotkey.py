"""A key that stops the bot from anywhere on the desktop.

Available on X11 only, where a program may grab a key of the root window (``XGrabKey``, through the Xlib that
comes with pyautogui). **Not available**: under Wayland (no program may see another's keys; under
XWayland the grab works only while an X window has the focus, so we say no), on Windows and macOS (Xlib is not
there), without a display, and when another program has grabbed the same key. ``available`` and ``reason``
say so; ``crashbot stop``, the stop file, Ctrl+C in the terminal and the fail-safe corner work everywhere.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

from bot.control.x11 import connect, hang_up
from bot.domain.errors import BadInput

DEFAULT_KEYS = "ctrl+alt+s"
_MODIFIERS = {"shift": 1 << 0, "ctrl": 1 << 2, "alt": 1 << 3, "win": 1 << 6}
#: Caps lock, num lock and both: a grab is exact, so the key is grabbed with each of them.
_LOCKS = (0, 1 << 1, 1 << 4, 1 << 1 | 1 << 4)


def parse_keys(text: str) -> tuple[int, str]:
    """``"ctrl+alt+s"`` → modifier mask and name of the key. Raises ``BadInput`` that says the form."""
    *modifiers, key = (part.strip().lower() for part in text.split("+"))
    if not key or not modifiers or any(name not in _MODIFIERS for name in modifiers):
        raise BadInput(f"not a hotkey: {text!r}: write it like 'ctrl+alt+s' (ctrl, alt, shift, win + key)")
    mask = 0
    for name in modifiers:
        mask |= _MODIFIERS[name]
    return mask, key


def why_not(display: str | None) -> str:
    """Why there can be no global hotkey on this desktop; empty when it may be tried."""
    if not sys.platform.startswith("linux"):
        return "a global stop key is available on X11 only: use 'crashbot stop'"
    if display is None and os.environ.get("XDG_SESSION_TYPE") == "wayland":
        return "Wayland lets no program watch for a global key: use 'crashbot stop'"
    if not (display or os.environ.get("DISPLAY")):
        return "there is no X display to listen on: use 'crashbot stop'"
    return ""


class StopHotkey:
    """Calls ``on_press`` from a thread of its own whenever the key is pressed anywhere on ``display``.

    ``display`` is the one a person types on (``None``: the environment's), not the private one. Never
    raises for a missing display: ``start`` returns whether it listens, and ``reason`` says why not.
    """

    def __init__(
        self, on_press: Callable[[], None], keys: str = DEFAULT_KEYS, display: str | None = None
    ) -> None:
        self._mask, self._key = parse_keys(keys)
        self.keys = keys
        self._on_press, self._display = on_press, display
        self.reason = "not started"
        self._connection: Any = None
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None

    @property
    def available(self) -> bool:
        """Whether the key is being listened for."""
        return self._thread is not None and not self.reason

    def start(self) -> bool:
        """Grab the key and listen. Returns whether it works; else see ``reason``."""
        self.reason = why_not(self._display)
        if self.reason:
            return False
        try:
            self._connection = connect(self._display)
            self.reason = self._grab()
        except Exception as error:  # Xlib has a class of its own for everything
            self.reason = str(error)
        if self.reason:
            self._close()
            return False
        self._wake = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="hotkey", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Let go of the key. Safe to call at any time."""
        thread, self._thread = self._thread, None
        if thread is not None and self._wake is not None:
            os.write(self._wake[1], b".")
            thread.join(5)
            for end in self._wake:
                os.close(end)
            self._wake = None
        self._close()
        self.reason = self.reason or "stopped"

    def _grab(self) -> str:
        """Grab the key with every state of the locks; why it failed, or nothing."""
        from Xlib import XK, X
        from Xlib.error import BadAccess, CatchError

        code = self._connection.keysym_to_keycode(XK.string_to_keysym(self._key))
        if not code:
            return f"this keyboard has no key {self._key!r}: choose another hotkey"
        root, taken = self._connection.screen().root, CatchError(BadAccess)
        for locks in _LOCKS:
            root.grab_key(code, self._mask | locks, True, X.GrabModeAsync, X.GrabModeAsync, onerror=taken)
        self._connection.sync()
        return f"another program has taken {self.keys}: choose another hotkey" if taken.get_error() else ""

    def _listen(self) -> None:
        from Xlib import X

        assert self._wake is not None
        try:
            while True:
                while self._connection.pending_events():
                    if self._connection.next_event().type == X.KeyPress:
                        self._on_press()
                ready, _, _ = select.select([self._connection.fileno(), self._wake[0]], [], [])
                if self._wake[0] in ready:
                    return
        except Exception as error:  # the display went away: say so, the other ways to stop remain
            self.reason = f"the display went away: {error}"

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            hang_up(connection)
