"""From a region to one tight line of text: masks by colour distance, crops with the margin engines like."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box

#: Blue, green, red, each 0..255.
Colour = tuple[int, int, int]
Mask = NDArray[np.uint8]

#: Margins around a line, as a share of its height, and the least in pixels.
MARGIN_X, MARGIN_Y, MIN_MARGIN = 0.30, 0.18, 2


def colour_from_hex(text: str) -> Colour:
    """``"#34b4ff"`` → blue, green, red."""
    value = int(text.removeprefix("#"), 16)
    return value & 255, value >> 8 & 255, value >> 16 & 255


def text_mask(image: Image, colours: Sequence[Colour], tolerance: int = 90) -> Mask:
    """255 where a pixel lies within ``tolerance`` of one of the colours in every channel."""
    total: Mask = np.zeros(image.shape[:2], dtype=np.uint8)
    for colour in colours:
        low = tuple(max(0, channel - tolerance) for channel in colour)
        high = tuple(min(255, channel + tolerance) for channel in colour)
        total |= cv2.inRange(image, low, high).astype(np.uint8)
    return total


def mask_bounds(mask: Mask, min_pixels: int = 1) -> Box | None:
    """The smallest box around the rows and columns that hold at least ``min_pixels`` set pixels."""
    columns = np.flatnonzero(np.count_nonzero(mask, axis=0) >= min_pixels)
    rows = np.flatnonzero(np.count_nonzero(mask, axis=1) >= min_pixels)
    if len(columns) == 0 or len(rows) == 0:
        return None
    x, y = int(columns[0]), int(rows[0])
    return Box(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)


def with_margin(box: Box, height: int, width: int) -> Box:
    """``box`` with the margin the engines like, clipped to a picture of ``height`` x ``width`` pixels."""
    margin_x = max(MIN_MARGIN, round(box.height * MARGIN_X))
    margin_y = max(MIN_MARGIN, round(box.height * MARGIN_Y))
    x, y = max(0, box.x - margin_x), max(0, box.y - margin_y)
    right, bottom = min(width, box.right + margin_x), min(height, box.bottom + margin_y)
    return Box(x, y, right - x, bottom - y)


def cut(image: Image, box: Box) -> Image:
    """The pixels of ``box``, clipped to the picture."""
    height, width = image.shape[:2]
    x, y = max(0, min(width, box.x)), max(0, min(height, box.y))
    return image[y : max(y, min(height, box.bottom)), x : max(x, min(width, box.right))]


def crop_line(image: Image, mask: Mask) -> Image | None:
    """The part of ``image`` around the set pixels of ``mask`` with a margin; ``None`` when nothing is set.

    A line that touches the picture's edge gets the margin only on its free sides: text cut off there must
    look cut off to the reader.
    """
    bounds = mask_bounds(mask)
    if bounds is None:
        return None
    return cut(image, with_margin(bounds, *image.shape[:2]))


def on_plain(mask: Mask) -> Image:
    """The masked text as white on black with three channels: a second preprocessing beside the raw pixels."""
    return cv2.cvtColor(cv2.GaussianBlur(mask, (3, 3), 0), cv2.COLOR_GRAY2BGR).astype(np.uint8)
