"""What inner rooms need from outer ones, as small protocols. ``bot/runtime`` hands in the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.words import Box

#: A picture: height x width x 3 bytes, blue, green, red (the order of OpenCV).
Image = NDArray[np.uint8]


class Line(NamedTuple):
    """One line of text as an engine read it; ``confidence`` in 0..1."""

    text: str
    confidence: float


class OcrEngine(Protocol):
    """Reads one line of text from a picture that holds just that line."""

    name: str

    def read_line(self, image: Image, charset: str | None = None) -> Line:
        """``charset`` restricts the answer to these characters; ``None`` leaves it open."""
        ...


class Capture(Protocol):
    """Takes pixels from the screen."""

    def size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels."""
        ...

    def grab(self, box: Box) -> Image:
        """The pixels of ``box``, clipped to the screen: beyond its edge the connection would die."""
        ...


class Patch(NamedTuple):
    """Pixels that were seen at a place of the screen."""

    box: Box
    pixels: Image


class Hand(Protocol):
    """Mouse and keyboard. Only the controller's thread may call it."""

    def position(self) -> tuple[int, int]: ...

    def move(self, x: int, y: int) -> None: ...

    def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
        """Click a pixel, provided that ``still`` is what the screen shows at that moment.

        False: something came in between and nothing was clicked. Where the system allows it (X11), looking
        and clicking are one act that no window can interrupt; elsewhere ``still`` is not looked at.
        """
        ...

    def select_all(self) -> None: ...

    def type_text(self, text: str) -> None: ...

    def press(self, key: str) -> None: ...

    def release_all(self) -> None:
        """Let go of every button and modifier key."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One row on its way to the database.

    ``table`` names a database table, ``values`` its columns, ``key`` the column that identifies the row:
    writing the same key again changes nothing, unless ``update`` is set: then the columns given change.
    ``urgent`` rows (bets) are committed at once.
    """

    table: str
    values: Mapping[str, object] = field(default_factory=dict)
    key: str = "id"
    update: bool = False
    urgent: bool = False


class RecordSink(Protocol):
    """Takes records; returns when they are queued, never drops one silently."""

    def put(self, record: Record) -> None: ...
