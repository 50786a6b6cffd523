"""Between screen and eye: a capture that notes what it gives, one that gives what was noted, a clock."""

from __future__ import annotations

import numpy as np

from bot.domain.clock import Instant
from bot.domain.ports import Capture, Image
from bot.domain.words import Box
from bot.recording.tape import RecordedGrab
from bot.screen.capture import clip


class RecordingCapture:
    """Gives the pixels of another capture and keeps those of the look in hand. Implements ``Capture``."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._taken: list[RecordedGrab] | None = None

    def size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels."""
        return self._capture.size()

    def grab(self, box: Box) -> Image:
        """The pixels of ``box``; while a look is taken, they go on tape."""
        image = self._capture.grab(box)
        if self._taken is not None:
            self._taken.append(RecordedGrab(box, image))
        return image

    def begin(self) -> None:
        """A look begins: what is grabbed from now on belongs to it."""
        self._taken = []

    def end(self) -> list[RecordedGrab]:
        """The look is over: what was grabbed for it."""
        taken, self._taken = self._taken or [], None
        return taken


class ReplayCapture:
    """Gives the pixels of a recorded look. Implements ``Capture``.

    A grab that was made then is given again as it was. Any other is cut from all that has been seen of the
    screen so far: reading may have changed since, and wish for other parts. What was never seen is black.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._screen: Image = np.zeros((size[1], size[0], 3), np.uint8)
        self._next: list[RecordedGrab] = []

    def show(self, grabs: tuple[RecordedGrab, ...]) -> None:
        """The pixels of the next look."""
        for grab in grabs:
            box = clip(grab.box, *self.size())
            if grab.image.shape[:2] == (box.height, box.width):
                self._screen[box.y : box.bottom, box.x : box.right] = grab.image
        self._next = list(grabs)

    def size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels."""
        return int(self._screen.shape[1]), int(self._screen.shape[0])

    def grab(self, box: Box) -> Image:
        """The pixels of ``box``, as they were then."""
        for number, grab in enumerate(self._next):
            if grab.box == box:
                del self._next[: number + 1]
                return grab.image.copy()
        inside = clip(box, *self.size())
        return np.ascontiguousarray(self._screen[inside.y : inside.bottom, inside.x : inside.right])


class ReplayClock:
    """Shows the moment of the look in hand. Implements ``Clock``; nobody waits."""

    def __init__(self, at: Instant) -> None:
        self._at = at

    def set(self, at: Instant) -> None:
        """Go to the moment of a look."""
        self._at = at

    def now(self) -> Instant:
        """The moment of the look in hand."""
        return self._at

    def sleep(self, seconds: float) -> None:
        """Time passes on tape alone."""
