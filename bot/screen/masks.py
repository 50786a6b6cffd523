"""Which pixels are text: distance from a text colour, a wide and a narrow mask of it.

The *wide* mask takes every pixel nearer to the text colour than about half ink, the *narrow* one only
full ink. Sound text differs between the two by a rim one pixel wide; text that is being faded, dimmed or
mixed with another does not, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image

Mask = NDArray[np.uint8]
Colour = tuple[int, int, int]

_KERNEL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class TextColour:
    """A colour of text (blue, green, red) with the tolerances of its two masks (0..255, per channel).

    ``changing``: numbers of this colour change while shown, so that two may shine through one another.
    """

    name: str
    colour: Colour
    wide: int = 120
    narrow: int = 60
    changing: bool = True

    @classmethod
    def on_dark(cls, name: str, colour: Colour) -> TextColour:
        """Tolerances from the contrast with black: half ink for the wide mask, more for the narrow.

        White numbers change while they fly, coloured ones (crash point, chips) stand still.
        """
        reach = max(colour)
        narrow = max(24, round(reach * 0.235))
        return cls(name, colour, round(reach * 0.47), narrow, changing=min(colour) > 200)

    @classmethod
    def between(cls, name: str, colour: Colour, ground: Colour) -> TextColour:
        """Tolerances from the contrast with a flat ground: half ink, and a quarter short of full ink."""
        reach = max(abs(a - b) for a, b in zip(colour, ground, strict=True))
        return cls(name, colour, wide=round(reach * 0.5), narrow=max(16, round(reach * 0.25)))


def near(image: Image, colour: Colour, tolerance: int) -> Mask:
    """255 where every channel is within ``tolerance`` of ``colour``."""
    low = tuple(max(0, channel - tolerance) for channel in colour)
    high = tuple(min(255, channel + tolerance) for channel in colour)
    return np.asarray(cv2.inRange(image, low, high), np.uint8)


def ink(image: Image, colour: Colour, reach: int) -> Mask:
    """How much ink a pixel holds: 255 at the text colour, 0 where a channel differs by ``reach`` or more."""
    blue, green, red = cv2.split(cv2.absdiff(image, np.array([*colour, 0], np.float64)))
    distances = np.minimum(cv2.max(cv2.max(blue, green), red), reach)
    return np.asarray(cv2.convertScaleAbs(distances, alpha=-255.0 / reach, beta=255.0), np.uint8)


def faded_inside(wide: Mask, narrow: Mask) -> tuple[Mask, Mask]:
    """The inner pixels of ``wide`` (one pixel off every rim), and those of them that lack full ink."""
    inner = np.asarray(cv2.erode(wide, _KERNEL, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)), np.uint8)
    return inner, np.asarray(cv2.subtract(inner, narrow), np.uint8)
