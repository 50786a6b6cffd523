"""Opening X connections with the Xlib that comes with pyautogui."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from bot.domain.errors import MissingPart
from bot.domain.ports import Patch


@contextmanager
def without_authority_file() -> Iterator[None]:
    """Let Xlib connect where nobody ever wrote an ``~/.Xauthority`` (a fresh machine, a private display).

    This version of Xlib refuses to try without that file. An empty one says what is true: there is no
    cookie. The environment is as before when the block ends.
    """
    named = os.environ.get("XAUTHORITY")
    path = Path(named) if named else Path(os.environ.get("HOME", os.devnull)) / ".Xauthority"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file to the garbage collector
        if path.is_file():
            yield
            return
        os.environ["XAUTHORITY"] = os.devnull
        _hush()
        try:
            yield
        finally:
            if named is None:
                os.environ.pop("XAUTHORITY", None)
            else:
                os.environ["XAUTHORITY"] = named


def _hush() -> None:
    """Xlib prints a warning about the empty file, to where our JSON goes: only Xlib falls silent.

    Redirecting the standard output instead would swallow what other threads print meanwhile.
    """
    from Xlib import xauth

    vars(xauth)["print"] = lambda *words: None


def connect(display: str | None) -> Any:
    """An ``Xlib.display.Display``. Raises ``MissingPart`` when there is none of this name."""
    from Xlib.display import Display

    problem = ""
    with without_authority_file():
        try:
            return Display(display)
        except Exception as error:  # Xlib has a class of its own for everything
            problem = str(error)
    # Raised out here, so that the failed attempt and its socket are gone by now.
    raise MissingPart(f"cannot connect to X display {display or os.environ.get('DISPLAY')}: {problem}")


def hang_up(connection: Any) -> None:
    """End a connection without a word: Xlib's own good-bye never returns when the server has died."""
    with suppress(OSError, AttributeError):
        connection.display.socket.close()


class Burst:
    """Test events of the X server (XTEST) sent together: the server works them off in their order.

    ``codes`` maps pyautogui's names of keys to key codes. Each method returns when the server has taken all.
    """

    def __init__(self, connection: Any, codes: Mapping[str, int | None]) -> None:
        self._connection, self._codes = connection, codes

    def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
        """Left button down and up at a pixel of the screen, if the screen still shows ``still``.

        The server is held from the look to the click, for about a millisecond: no window can be moved,
        raised or closed in between. Whether it clicked.
        """
        if not still:
            self._press_at(x, y)
            return True
        self._connection.grab_server()
        try:
            unchanged = all(self._shows(patch) for patch in still)
            if unchanged:
                self._press_at(x, y)
        finally:
            self._connection.ungrab_server()
            self._connection.sync()
        return unchanged

    def _press_at(self, x: int, y: int) -> None:
        from Xlib import X

        self._event(X.MotionNotify, x=x, y=y)
        self._event(X.ButtonPress, 1)
        self._event(X.ButtonRelease, 1)
        self._connection.sync()

    def _shows(self, patch: Patch) -> bool:
        from Xlib import X

        box, root = patch.box, self._connection.screen().root
        picture = root.get_image(box.x, box.y, box.width, box.height, X.ZPixmap, 0xFFFFFFFF)
        # This Xlib turns bytes that happen to be UTF-8 into text.
        data = picture.data.encode() if isinstance(picture.data, str) else picture.data
        pixels = np.frombuffer(data, np.uint8)
        if pixels.size != box.width * box.height * 4:
            return False  # not 32 bits a pixel: we cannot compare, so we do not click
        return np.array_equal(pixels.reshape(box.height, box.width, 4)[:, :, :3], patch.pixels)

    def tap(self, *keys: str, holding: str = "") -> None:
        """Keys down and up, one after the other, while ``holding`` is down. Raises ``MissingPart`` when
        this keyboard has none of that name; then nothing was sent."""
        from Xlib import X

        codes, held = [self._codes_of(key) for key in keys], self._codes_of(holding) if holding else []
        for code in held:
            self._event(X.KeyPress, code)
        for *shift, code in codes:
            for modifier in shift:
                self._event(X.KeyPress, modifier)
            self._event(X.KeyPress, code)
            self._event(X.KeyRelease, code)
            for modifier in shift:
                self._event(X.KeyRelease, modifier)
        for code in held:
            self._event(X.KeyRelease, code)
        self._connection.sync()

    def _codes_of(self, key: str) -> list[int]:
        """The key's code, after that of shift where this keyboard wants it (digits on a French one)."""
        code, shift = self._codes.get(key), self._codes.get("shift")
        if not code:
            raise MissingPart(f"this keyboard has no key {key!r}: choose a layout with Latin digits")
        # The symbols of Latin characters are their character codes.
        if len(key) == 1 and self._connection.keycode_to_keysym(code, 0) != ord(key):
            if shift and self._connection.keycode_to_keysym(code, 1) == ord(key):
                return [shift, code]
            raise MissingPart(f"this keyboard types no {key!r}: choose a layout with Latin digits")
        return [code]

    def _event(self, kind: int, detail: int = 0, x: int = 0, y: int = 0) -> None:
        from Xlib.ext.xtest import fake_input

        fake_input(self._connection, kind, detail, x=x, y=y)
