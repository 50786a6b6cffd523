"""The portable hand: mouse and keyboard through pyautogui, without its pauses.

With ``PAUSE = 0`` pyautogui is as fast as the X server, and so faster than a browser takes a click as focus:
whoever types must have seen the focus first and must read back what came of it (``placement.py`` does).
It asks the server three to seven times for each key or click, which takes 25 ms for an amount while the
machine is busy; on X11 the same events are sent together and the server is asked once.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bot.control.x11 import Burst, connect, hang_up, without_authority_file
from bot.domain.errors import MissingPart, PersonError
from bot.domain.ports import Patch

#: All keys that this hand ever presses: what may be left down when its process is killed.
_MODIFIERS = ("ctrl", "shift", "alt", "win")
_KEYS = (*_MODIFIERS, *"0123456789", ".", ",", "a", "enter", "tab", "esc")
_BUTTONS = ("left", "middle", "right")


class FailSafe(PersonError):
    """The pointer stands in a corner of the screen: a person wants everything to stop."""

    reaction = "stop"

    def __init__(self) -> None:
        super().__init__("the mouse is in a corner of the screen (fail-safe): move it away and start again")


def _import(display: str | None) -> Any:
    """pyautogui, bound to ``display``. It opens its X connection when it is imported, hence the care."""
    if display is not None:
        os.environ["DISPLAY"] = display
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise MissingPart("no X display for mouse and keyboard: set DISPLAY or use the private display")
    fresh = "pyautogui" not in sys.modules
    if fresh and sys.platform.startswith("linux"):
        connect(display).close()  # a clear error first: a failed import leaves half of it behind
    try:
        with warnings.catch_warnings(), without_authority_file():
            # Its imports leave pipes of small helper programs to the garbage collector.
            warnings.simplefilter("ignore")
            import pyautogui
    except (Exception, SystemExit) as error:  # mouseinfo calls sys.exit() when tkinter is missing
        sys.modules.pop("pyautogui", None)
        raise MissingPart(
            f"mouse and keyboard do not work on display {os.environ.get('DISPLAY', '(default)')}: {error}"
        ) from error
    if not fresh:
        _rebind(pyautogui, display)
    return pyautogui


def _rebind(gui: Any, display: str | None) -> None:
    """Give an already imported pyautogui a new connection (X11 only: elsewhere there is none).

    Also to a display of the same name: the server behind it may be another one by now.
    """
    backend: Any = sys.modules.get("pyautogui._pyautogui_x11")
    if backend is None:
        return
    connection = connect(display)
    hang_up(backend._display)
    backend._display = connection
    # Its corners are those of the screen at the time of the import.
    width, height = gui.size()
    gui.FAILSAFE_POINTS[:] = [(0, 0), (0, height - 1), (width - 1, 0), (width - 1, height - 1)]


class PyAutoGuiHand:
    """Implements ``bot.domain.ports.Hand``. One at a time; made and used by the controller's thread.

    Every method raises ``FailSafe`` while the pointer stands in a corner of the screen, except
    ``release_all``, which must always work. Raises ``MissingPart`` where there is no display for it, also
    when it goes away later.
    """

    def __init__(self, display: str | None = None) -> None:
        self._gui = _import(display)
        self._gone = False
        self._gui.PAUSE = 0
        self._gui.FAILSAFE = True
        self._gui.DARWIN_CATCH_UP_TIME = getattr(self._gui, "DARWIN_CATCH_UP_TIME", 0.01)
        self._gui.MINIMUM_DURATION = 0
        self._gui.MINIMUM_SLEEP = 0

    def position(self) -> tuple[int, int]:
        """Where the pointer is, in screen pixels."""
        with self._display_there():
            point = self._gui.position()
        x, y = int(point[0]), int(point[1])
        if (x, y) in {(int(a), int(b)) for a, b in self._gui.FAILSAFE_POINTS}:
            raise FailSafe
        return x, y

    def move(self, x: int, y: int) -> None:
        """Put the pointer on a pixel."""
        with self._fail_safe():
            self._gui.moveTo(x, y, _pause=False)

    def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
        """Press and release the left button on a pixel; the pointer is put there in the same breath.

        On X11 only if the screen shows ``still`` at that very moment: see ``Burst.click``.
        """
        burst = self._burst()
        if burst is None:
            with self._fail_safe():
                self._gui.click(x, y, _pause=False)
            return True
        self.position()
        with self._display_there():
            return burst.click(x, y, still)

    def select_all(self) -> None:
        """Select the text of the field that has the focus."""
        modifier, burst = "command" if sys.platform == "darwin" else "ctrl", self._burst()
        if burst is not None:
            self.position()
            with self._display_there():
                burst.tap("a", holding=modifier)
            return
        with self._fail_safe():
            try:
                self._gui.keyDown(modifier, _pause=False)
                self._gui.press("a", _pause=False)
            finally:
                # Even when the fail-safe struck in between: a modifier left down would poison every key.
                self._without_fail_safe(lambda: self._gui.keyUp(modifier, _pause=False))

    def type_text(self, text: str) -> None:
        """Type digits and separators."""
        self._taps(*text)

    def press(self, key: str) -> None:
        """Press and release one key by its pyautogui name (``tab``, ``enter``, ``esc``)."""
        self._taps(key)

    def _taps(self, *keys: str) -> None:
        burst = self._burst()
        if burst is not None:
            self.position()
            with self._display_there():
                burst.tap(*keys)
            return
        with self._fail_safe():
            for key in keys:
                self._gui.press(key, _pause=False)

    def _burst(self) -> Burst | None:
        """On X11: pyautogui's own events over its own connection, sent together."""
        backend: Any = sys.modules.get("pyautogui._pyautogui_x11")
        return None if backend is None else Burst(backend._display, backend.keyboardMapping)

    def release_all(self) -> None:
        """Let go of every button and key that this hand can have pressed; safe to call at any time."""
        if self._gone:
            return  # and with the display all that was down on it

        def release() -> None:
            down = self._down_now()
            for key in down if down is not None else _MODIFIERS:
                self._gui.keyUp(key, _pause=False)
            for button in self._buttons_down():
                self._gui.mouseUp(button=button, _pause=False)

        with self._display_there():
            self._without_fail_safe(release)

    def keys_down(self) -> tuple[str, ...]:
        """Keys of this hand that are down now; empty where the system does not tell (only X11 does)."""
        return tuple(self._down_now() or ())

    def _down_now(self) -> list[str] | None:
        backend = sys.modules.get("pyautogui._pyautogui_x11")
        if backend is None:
            return None
        pressed = backend._display.query_keymap()
        mapping = backend.keyboardMapping
        codes = {key: mapping.get(key) for key in _KEYS}
        return [key for key, code in codes.items() if code and pressed[code // 8] & (1 << code % 8)]

    def _buttons_down(self) -> list[str]:
        backend = sys.modules.get("pyautogui._pyautogui_x11")
        if backend is None:
            return list(_BUTTONS)
        mask = backend._display.screen().root.query_pointer().mask
        return [button for number, button in enumerate(_BUTTONS) if mask & (1 << 8 + number)]

    def _without_fail_safe(self, action: Any) -> None:
        self._gui.FAILSAFE = False
        try:
            action()
        finally:
            self._gui.FAILSAFE = True

    @contextmanager
    def _display_there(self) -> Iterator[None]:
        """After the first error of the connection nothing more is asked of it: Xlib would wait for ever."""
        if self._gone:
            raise MissingPart("the display of mouse and keyboard has gone: start again")
        try:
            yield
        except (FailSafe, MissingPart, self._gui.FailSafeException):
            raise
        except Exception as error:
            self._gone = True
            raise MissingPart(f"the display of mouse and keyboard has gone: {error}") from error

    @contextmanager
    def _fail_safe(self) -> Iterator[None]:
        try:
            with self._display_there():
                yield
        except self._gui.FailSafeException:
            raise FailSafe from None
