"""Reads one chip whose digits are too small to be looked at one by one: a few pixels high, dithered, faded.

At that size neighbouring digits touch and a stroke has no inside, so ``ink`` can say nothing. Instead the
chip is read four times (as it is and with its contrast stretched, each in a narrow and a wide crop). All must
see the same digits; the engine's doubt may only lie in what changes no value: whether an ``x`` is small or
capital, whether a mark is a point or a comma.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np

from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.engines import MULTIPLIER_CHARSET, Char, OnnxEngine
from bot.screen.lines import cut, mask_bounds
from bot.screen.numbers import parse_multiplier

#: Lines higher than this many pixels have digits that can be looked at: they are not read here.
SMALL_BELOW = 24
#: Times by which it is enlarged, and the margins of the two crops as shares of the line's height.
ENLARGED, MARGINS = 3, (0.0, 0.25)
#: A digit's confidence: at least this in its worst reading, and at least that in the middle one.
WORST_DIGIT, MIDDLE_DIGIT = 0.45, 0.90
#: Of the four readings so many must be whole multipliers.
WHOLE = 3
#: Free ground demanded beside the number, in digit heights, and how far both sides may differ in colour.
FREE_BESIDE, SAME_GROUND = 0.5, 30.0
#: Pixels count as coloured from this difference between their strongest and weakest channel.
COLOURED = 30


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """A small multiplier in hundredths, how sure, where its ink is, and the colour of it or of its ground."""

    value: int
    confidence: float
    box: Box
    bgr: tuple[int, int, int]
    text: str


def read_small(engine: OnnxEngine, image: Image, box: Box) -> SmallPrint | None:
    """The multiplier in the line at ``box``; ``None`` when there is the least doubt about a digit."""
    if box.height > SMALL_BELOW:
        return None
    readings = [
        engine.read_chars(view, MULTIPLIER_CHARSET, alike=True)
        for margin in MARGINS
        for view in _views(_crop(image, box, margin))
    ]
    digits = [[char for char in chars if char.text.isdigit()] for chars in readings]
    if len({"".join(char.text for char in found) for found in digits}) != 1 or not digits[0]:
        return None
    texts = ["".join(char.text for char in chars if char.text != " ") for chars in readings]
    values = Counter(parse_multiplier(text) for text in texts)
    value, times = values.most_common(1)[0]
    if value is None or times < WHOLE or not set(values) <= {value, None}:
        return None
    confidence = _confidence(digits)
    place = _ink_box(image, box)
    if confidence is None or place is None or not _ground_goes_on(image, place):
        return None
    text = next(text for text in texts if parse_multiplier(text) == value)
    return SmallPrint(value, confidence, place, _colour(cut(image, box)), re.sub(r"[,]", ".", text))


def _crop(image: Image, box: Box, margin: float) -> Image:
    across, down = round(margin * box.height), round(margin * box.height / 2)
    return cut(image, Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down))


def _views(crop: Image) -> tuple[Image, Image]:
    """The crop enlarged, as it is and as stretched grey."""
    grey = _stretched(crop)
    size = (crop.shape[1] * ENLARGED, crop.shape[0] * ENLARGED)
    plain = cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC)
    stretched = cv2.cvtColor(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_GRAY2BGR)
    return np.asarray(plain, dtype=np.uint8), np.asarray(stretched, dtype=np.uint8)


def _stretched(crop: Image) -> Image:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    low, high = np.percentile(grey, (5, 99)).tolist()
    return np.asarray(np.clip((grey - low) * 255 / max(1.0, high - low), 0, 255), dtype=np.uint8)


def _confidence(digits: list[list[Char]]) -> float | None:
    """The least of the digits' middle confidences; ``None`` when one of them is in doubt."""
    least = 1.0
    for same in zip(*digits, strict=True):
        found = sorted(char.confidence for char in same)
        middle = float(np.median(found))
        if found[0] < WORST_DIGIT or middle < MIDDLE_DIGIT:
            return None
        least = min(least, middle)
    return least


def _ink_box(image: Image, box: Box) -> Box | None:
    """The box around what stands out of the line's ground."""
    mask = _ink_mask(cut(image, box))
    bounds = mask_bounds(mask)
    return None if bounds is None else bounds.shifted(box.x, box.y)


def _ink_mask(area: Image) -> Image:
    grey = _stretched(area)
    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(mask, dtype=np.uint8)


def _ground_goes_on(image: Image, ink: Box) -> bool:
    """Whether the ground left of the number is that on its right, and not an edge that may hide a digit."""
    reach = max(2, round(FREE_BESIDE * ink.height))
    height, width = image.shape[:2]
    if ink.x - reach < 0 or ink.right + reach > width or ink.y < 1 or ink.bottom >= height:
        return False
    left = cut(image, Box(ink.x - reach, ink.y, reach - 1, ink.height))
    right = cut(image, Box(ink.right + 1, ink.y, reach - 1, ink.height))
    columns = np.median(left.astype(np.float64), axis=0)
    ground = np.median(right.reshape(-1, 3).astype(np.float64), axis=0)
    return bool(np.abs(columns - ground).max() <= SAME_GROUND)


def _colour(area: Image) -> tuple[int, int, int]:
    """The colour of the coloured pixels: of the text, or of the pill that white text stands on."""
    pixels = area.reshape(-1, 3).astype(np.int16)
    chroma = pixels.max(axis=1) - pixels.min(axis=1)
    strong = pixels[chroma >= max(COLOURED, float(np.percentile(chroma, 60)))]
    blue, green, red = np.median(strong if strong.size else pixels, axis=0).astype(int).tolist()
    return int(blue), int(green), int(red)
