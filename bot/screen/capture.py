"""Pixels of the screen: one lasting ``mss`` object per capture, boxes clipped to the screen."""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np

from bot.domain.errors import MissingPart
from bot.domain.ports import Image
from bot.domain.words import Box

cv2.setNumThreads(1)  # two cores are shared by all tables and the browser: no pool per process


def clip(box: Box, width: int, height: int) -> Box:
    """``box`` cut to a screen of ``width`` x ``height`` pixels; may be empty (0 wide or high)."""
    left, top = max(0, box.x), max(0, box.y)
    right, bottom = min(width, box.right), min(height, box.bottom)
    return Box(left, top, max(0, right - left), max(0, bottom - top))


class ScreenCapture:
    """Takes pixels from an X display (``None``: the one of the environment).

    The connection is opened at the first grab and belongs to the thread that made it; another
    thread needs its own object. Implements ``bot.domain.ports.Capture``.
    """

    def __init__(self, display: str | None = None) -> None:
        self._display = display
        self._source: Any = None
        self._owner = 0
        self._size = (0, 0)

    def _open(self) -> Any:
        if self._source is None:
            import mss

            try:
                self._source = mss.MSS(display=self._display) if self._display else mss.MSS()
                screen = self._source.monitors[0]
            except Exception as error:
                self._source = None
                raise MissingPart(
                    f"cannot capture display {self._display or '(default)'}: {error}; "
                    "start an X server or use the private display"
                ) from error
            self._owner = threading.get_ident()
            self._size = (int(screen["width"]), int(screen["height"]))
        elif self._owner != threading.get_ident():
            raise MissingPart("a ScreenCapture belongs to the thread that first used it: make one per thread")
        return self._source

    def size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels."""
        self._open()
        return self._size

    def grab(self, box: Box) -> Image:
        """The pixels of ``box`` (blue, green, red), clipped to the screen; may be empty."""
        source = self._open()
        inside = clip(box, *self._size)
        if not inside.width or not inside.height:
            return np.zeros((inside.height, inside.width, 3), np.uint8)
        region = {"left": inside.x, "top": inside.y, "width": inside.width, "height": inside.height}
        try:
            shot = source.grab(region)
        except Exception as error:  # mss asserts where the server does not answer any more
            raise MissingPart(f"display {self._display or '(default)'} gives no pixels any more") from error
        raw = np.frombuffer(shot.bgra, np.uint8).reshape(inside.height, inside.width, 4)
        return np.asarray(cv2.cvtColor(raw, cv2.COLOR_BGRA2BGR), np.uint8)

    def close(self) -> None:
        """Close the connection; the next grab opens a new one."""
        source, self._source = self._source, None
        if source is not None:
            source.close()


class ImageCapture:
    """A still picture that stands for the screen: for tests, stills and replays."""

    def __init__(self, image: Image) -> None:
        self.image = image

    def size(self) -> tuple[int, int]:
        return int(self.image.shape[1]), int(self.image.shape[0])

    def grab(self, box: Box) -> Image:
        inside = clip(box, *self.size())
        return np.ascontiguousarray(self.image[inside.y : inside.bottom, inside.x : inside.right])
