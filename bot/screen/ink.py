"""The ink of one number: its colour, its glyphs as connected pieces, and whether they are whole.

An engine reads a number with half a digit missing, or two digits faded into one another, as gladly as any.
What it can't see is seen here: a piece for every character, digits of one height on one line, a point and an
``x`` of the right proportions, an even level of ink within every piece, nothing cut by an edge.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.lines import Mask, cut

Level = NDArray[np.uint8]


class InkColour(StrEnum):
    """What the colour of a number says. ``TINTED`` is a tier's colour: it says nothing by itself."""

    WHITE = "white"
    RED = "red"
    TINTED = "tinted"


#: Ink is white from this level of its darkest channel on; a dimmed page (a dialog lies over it) stays below.
WHITE_LEVEL, WHITE_CHROMA = 165, 80
#: And its brightest channel reaches this, unless faded ink is allowed (``white_level`` below the usual one).
WHITE_BRIGHTEST = 225
#: Red: strongest channel at least this, hue in degrees up to this far from pure red on either side.
RED_LEVEL, RED_HUE_ABOVE, RED_HUE_BELOW, RED_SATURATION = 165, 12.0, 24.0, 0.6
#: Least difference of level between ink and ground.
CONTRAST = 60
#: Least evenness of a piece, and as a share of the typical piece's: below, two pictures are mixed.
WEAK, WEAK_AMONG, WEAKEST, WEAKEST_AMONG = 0.70, 0.85, 0.60, 0.70
#: Level that makes a ghost, as a share of the ink's; most of a piece's box that may be ghost.
GHOST_LEVEL, MOST_GHOST = 0.2, 0.06
#: Free ground demanded left of a number at the picture's edge, in digit heights: a digit may be missing.
FREE_MARGIN = 0.22
#: Difference of level between neighbouring pixels that makes an edge, upright and level.
UPRIGHT_STEP, LEVEL_STEP = 8, 20


class Evenness(NamedTuple):
    """Ink inside a piece as a share 0..1 of the line's ink above its ground, and what is outside.

    ``weak`` and ``weakest`` are the 20th and 6th percentile; ``ghost`` is the share of the piece's box that
    is neither ink nor ground: a second digit shining through.
    """

    weak: float
    weakest: float
    ghost: float


@dataclass(frozen=True, slots=True)
class Ink:
    """A number's ink. ``pieces`` are its glyphs from left to right, ``line`` the box around them."""

    colour: InkColour
    bgr: tuple[int, int, int]
    line: Box
    pieces: tuple[Box, ...]
    evenness: tuple[Evenness, ...]
    mask: Mask

    @property
    def height(self) -> int:
        """Height of a digit in pixels."""
        return max(piece.height for piece in self.pieces)


def levels(image: Image) -> dict[InkColour, Level]:
    """One map per kind of ink in which that ink is bright and everything else dark."""
    blue, green, red = cv2.split(image)
    darkest = cv2.min(cv2.min(blue, green), red)
    brightest = cv2.max(cv2.max(blue, green), red)
    return {
        InkColour.WHITE: np.asarray(darkest, dtype=np.uint8),
        InkColour.RED: np.asarray(cv2.subtract(red, cv2.max(blue, green)), dtype=np.uint8),
        InkColour.TINTED: np.asarray(cv2.subtract(brightest, darkest), dtype=np.uint8),
    }


def find_inks(image: Image, region: Box, white_level: int = WHITE_LEVEL) -> list[Ink]:
    """What may be the ink of the line that a detector placed at ``region``, most telling kind of ink first.

    ``white_level`` is the least level of white ink: lower for chips, which fade out on purpose.
    """
    left = max(0, region.x - region.height)
    top = max(0, region.y - region.height // 6)
    right, bottom = region.right + region.height, region.bottom + region.height // 6
    area = cut(image, Box(left, top, right - left, bottom - top))
    inner = region.shifted(-left, -top)
    found = []
    for colour, level in levels(area).items():
        ink = _ink_of(area, level, inner, colour, white_level)
        if ink is not None:
            pieces = tuple(piece.shifted(left, top) for piece in ink.pieces)
            found.append(replace(ink, line=ink.line.shifted(left, top), pieces=pieces))
    return found


def first_pieces(ink: Ink, count: int) -> Ink:
    """The same ink without what stands behind its first ``count`` pieces."""
    pieces = ink.pieces[:count]
    line = _around(pieces)
    mask = cut(ink.mask[..., None], line.shifted(-ink.line.x, -ink.line.y))[..., 0]
    return replace(ink, line=line, pieces=pieces, evenness=ink.evenness[:count], mask=mask)


def _ink_of(area: Image, level: Level, inner: Box, colour: InkColour, white_level: int) -> Ink | None:
    core = cut(level[..., None], inner)[..., 0]
    if core.size == 0:
        return None
    threshold, _ = cv2.threshold(core, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright, dark = core[core > threshold], core[core <= threshold]
    if bright.size < 12 or float(np.median(bright)) - float(np.median(dark)) < CONTRAST:
        return None
    mask: Mask = np.where(level > threshold, 255, 0).astype(np.uint8)
    pieces, mask = _line_of_pieces(mask, inner)
    if len(pieces) < 4:
        return None
    bgr = tuple(int(v) for v in np.median(area[_core_of(mask) > 0], axis=0))
    kind = classify(bgr, white_level)
    if kind is None or (kind is not colour and colour is not InkColour.TINTED):
        return None
    line = _around(pieces)
    only_line = cut(mask[..., None], line)[..., 0]
    return Ink(kind, (bgr[0], bgr[1], bgr[2]), line, tuple(pieces), _evenness(level, mask, pieces), only_line)


def classify(bgr: tuple[int, ...], white_level: int = WHITE_LEVEL) -> InkColour | None:
    """Which ink a colour is; ``None`` for grey and dark ones."""
    red = bgr[2]
    darkest, brightest = min(bgr), max(bgr)
    chroma = brightest - darkest
    if darkest >= white_level and chroma <= WHITE_CHROMA:
        bright_enough = brightest >= WHITE_BRIGHTEST or white_level < WHITE_LEVEL
        return InkColour.WHITE if bright_enough else None
    if chroma < CONTRAST:
        return None
    hue = hue_of(bgr)
    if (
        red >= RED_LEVEL
        and chroma >= RED_SATURATION * brightest
        and (hue <= RED_HUE_ABOVE or hue >= 360 - RED_HUE_BELOW)
    ):
        return InkColour.RED
    return InkColour.TINTED


def hue_of(bgr: tuple[int, ...]) -> float:
    """Hue in degrees, 0..360."""
    pixel = np.array([[bgr]], dtype=np.float32) / 255
    return float(cv2.cvtColor(pixel, cv2.COLOR_BGR2HSV)[0, 0, 0])


def _line_of_pieces(mask: Mask, inner: Box) -> tuple[list[Box], Mask]:
    """The pieces that stand on the line through ``inner`` without a gap, and a mask of only them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = {i: Box(*(int(v) for v in stats[i, :4])) for i in range(1, count)}
    tall = [b for b in boxes.values() if b.height >= 0.35 * inner.height and _overlap(b, inner) > 0]
    if not tall:
        return [], mask
    height = int(np.median([b.height for b in tall]))
    bottom = int(np.median([b.bottom for b in tall]))
    keep = {}
    for i, b in boxes.items():
        if b.height > 1.3 * height or b.height < 0.08 * height or b.width < 0.05 * height:
            continue
        on_line = bottom - 1.15 * height <= b.y and b.bottom <= bottom + 0.3 * height
        small_high = b.height < 0.5 * height and b.bottom < bottom - 0.25 * height
        if on_line and not small_high and stats[i, 4] >= 0.003 * height * height:
            keep[i] = b
    order = sorted(keep, key=lambda i: keep[i].x)
    chain = _chain(order, keep, inner, 0.65 * height)
    chosen = np.isin(labels, chain)
    return [keep[i] for i in chain], np.where(chosen, 255, 0).astype(np.uint8)


def _chain(order: list[int], boxes: dict[int, Box], inner: Box, gap: float) -> list[int]:
    """Neighbours closer than ``gap`` to one another, around those inside the detected region."""
    groups: list[list[int]] = []
    for i in order:
        if groups and boxes[i].x - max(boxes[j].right for j in groups[-1]) <= gap:
            groups[-1].append(i)
        else:
            groups.append([i])
    return max(groups, key=lambda group: sum(_overlap(boxes[i], inner) for i in group), default=[])


def _overlap(a: Box, b: Box) -> int:
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(0, width) * max(0, height)


def _around(boxes: Sequence[Box]) -> Box:
    x, y = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(x, y, max(b.right for b in boxes) - x, max(b.bottom for b in boxes) - y)


def _core_of(mask: Mask) -> Mask:
    """The middle of the strokes, away from their blurred edges; the whole mask when strokes are thin."""
    core: Mask = cv2.erode(mask, np.ones((3, 3), dtype=np.uint8)).astype(np.uint8)
    return core if np.count_nonzero(core) >= 0.15 * np.count_nonzero(mask) else mask


def _evenness(level: Level, mask: Mask, pieces: Sequence[Box]) -> tuple[Evenness, ...]:
    """How even the ink of each piece is. Pieces too small to have an inside count as even."""
    core = _core_of(mask)
    ground = float(np.median(level[mask == 0])) if np.any(mask == 0) else 0.0
    span = max(1.0, float(np.percentile(level[core > 0], 60)) - ground)
    height = max(piece.height for piece in pieces)
    reach = 2 * max(1, round(0.07 * height)) + 1
    near = np.asarray(cv2.dilate(mask, np.ones((reach, reach), dtype=np.uint8)), dtype=np.uint8)
    smooth = np.asarray(cv2.blur(level, (3, 3)), dtype=np.uint8)
    evenness = []
    for piece in pieces:
        inside = cut(core[..., None], piece)[..., 0] > 0
        values = (cut(level[..., None], piece)[..., 0][inside] - ground) / span
        if piece.height < 0.4 * height or values.size < 8:
            evenness.append(Evenness(1.0, 1.0, 0.0))
            continue
        outside = cut(near[..., None], piece)[..., 0] == 0
        shadow = (cut(smooth[..., None], piece)[..., 0] - ground) / span > GHOST_LEVEL
        weak, weakest = np.percentile(values, (20, 6)).tolist()
        ghost = np.count_nonzero(shadow & outside) / (piece.height * piece.width)
        evenness.append(Evenness(weak, weakest, float(ghost)))
    return tuple(evenness)


def fault_of(ink: Ink, text: str, image: Image, solid: bool = True) -> str:
    """Why this ink is not a whole, single number that reads ``text``; an empty string when it is.

    ``text`` is a multiplier without blanks: a piece for each of its characters is demanded.
    ``solid`` is false for strokes so thin that they have no inside to judge.
    """
    if len(ink.pieces) != len(text):
        return f"{len(ink.pieces)} pieces of ink for the {len(text)} characters of {text!r}"
    digits = [piece for piece, char in zip(ink.pieces, text, strict=True) if char.isdigit()]
    points = [piece for piece, char in zip(ink.pieces, text, strict=True) if char in ".,"]
    height = float(np.median([piece.height for piece in digits]))
    bottom = float(np.median([piece.bottom for piece in digits]))
    slack = max(1.5, 0.09 * height)
    if any(abs(p.height - height) > slack or abs(p.bottom - bottom) > slack for p in digits):
        return "the digits are not of one height on one line"
    if any(p.width > 0.98 * height for p in digits):
        return "a digit is wider than high: part of it is hidden"
    if any(not 0.08 * height <= p.height <= 0.42 * height or p.y < bottom - 0.5 * height for p in points):
        return "the point has not the shape of a point"
    cross = ink.pieces[-1]
    if not 0.42 * height <= cross.height <= 0.88 * height or abs(cross.bottom - bottom) > slack:
        return "the x has not the size of an x: the number is cut off"
    for (a, b), (left, right) in zip(itertools.pairwise(ink.pieces), itertools.pairwise(text), strict=True):
        if b.x - a.right > (0.62 if "1" in (left, right) else 0.45) * height:
            return "a gap inside the number"
    return (_fault_of_levels(ink) if solid else "") or _fault_of_edges(ink, height, image)


def _fault_of_levels(ink: Ink) -> str:
    weak = [even.weak for even in ink.evenness]
    weakest = [even.weakest for even in ink.evenness]
    uneven = min(weak) < max(WEAK, WEAK_AMONG * float(np.median(weak)))
    patchy = min(weakest) < max(WEAKEST, WEAKEST_AMONG * float(np.median(weakest)))
    # Only white numbers change while they are shown; a red one may have a red light of its own behind it.
    ghost = ink.colour is InkColour.WHITE and max(even.ghost for even in ink.evenness) > MOST_GHOST
    if uneven or patchy or ghost:
        return "the ink of a digit is uneven: two pictures are mixed"
    return ""


def _fault_of_edges(ink: Ink, height: float, image: Image) -> str:
    picture_height, picture_width = image.shape[:2]
    margin = max(2.0, FREE_MARGIN * height)
    if ink.line.x < margin:
        return "cut off at the left edge"
    if ink.line.right > picture_width - 1 or ink.line.y < 1 or ink.line.bottom > picture_height - 1:
        return "cut off at an edge"
    first = ink.pieces[0]
    strip = ink.mask[first.y - ink.line.y : first.bottom - ink.line.y, : max(1, round(0.04 * height))]
    if strip.size and float(np.count_nonzero(strip, axis=0).min()) >= 0.8 * first.height:
        return "the first digit is cut off at its left"
    if _edge_along_left(ink.line, height, image) or _edge_along_top(ink.line, height, image):
        return "something lies over the number"
    return ""


def _edge_along_left(line: Box, height: float, image: Image) -> bool:
    """Whether an upright edge runs beside the number over its whole height, like that of a window over it."""
    reach = max(3, round(0.35 * height))
    band = cut(image, Box(line.x - reach, line.y - 2, reach - 1, line.height + 4)).astype(np.int16)
    if band.shape[1] < 2:
        return False
    steps = np.abs(np.diff(band, axis=1)).max(axis=2)
    least = max(UPRIGHT_STEP, 2.5 * float(np.median(steps)))  # in a noisy picture all neighbours differ
    return bool((np.count_nonzero(steps > least, axis=0) >= 0.95 * band.shape[0]).any())


def _edge_along_top(line: Box, height: float, image: Image) -> bool:
    reach = max(3, round(0.12 * height))
    side = round(0.3 * height)
    band = cut(image, Box(line.x - side, line.y - reach, line.width + 2 * side, reach)).astype(np.int16)
    if band.shape[0] < 2:
        return False
    steps = np.abs(np.diff(band, axis=0)).max(axis=2)
    return bool((np.count_nonzero(steps > LEVEL_STEP, axis=1) >= 0.95 * band.shape[1]).any())
