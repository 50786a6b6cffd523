"""The session's mark: exact colours in the corners of a page that say which table of which session it is.

The mark is 24 x 4 cells of 5 x 5 layout units at (8, 8): two columns of guard A, twenty columns of bits
in two double rows (40 bits, most significant first), two columns of guard B. The end mark is a 2 x 2
checker of 4 x 4 units in the bottom right corner. Anything that covers or dims the page changes these
colours, and then there is no mark: tolerance is a hair's breadth on purpose.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box, Placement

GUARD_A = (0x95, 0x2D, 0xFF)  # blue, green, red
GUARD_B = (0xB3, 0xFF, 0x2D)
ONE = (255, 255, 255)
ZERO = (0x14, 0x12, 0x10)
TOLERANCE = 3
COLUMNS, ROWS, CELL = 24, 4, 5
LEFT, TOP = 8, 8
END_CELL = 4
#: Usual zoom steps of browsers: a measured scale this near to one of them is that one.
USUAL_SCALES = (0.5, 0.67, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.5, 1.75, 2.0)


@dataclass(frozen=True, slots=True)
class MarkCode:
    """What a mark says: 24-bit nonce of the session, 4-bit index of the table."""

    nonce: int
    index: int


class FoundPage(NamedTuple):
    """A page found on the screen by its mark and end mark."""

    code: MarkCode
    page: Box
    scale: float


def mark_bits(nonce: int, index: int) -> int:
    """The 40 bits of a mark: nonce, index, 12 bits of a checksum."""
    head = (nonce & 0xFFFFFF) << 4 | (index & 0xF)
    return head << 12 | (zlib.crc32(head.to_bytes(4, "big")) & 0xFFF)


def _near(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    distance = np.abs(pixels.astype(np.int16) - np.array(colour, np.int16)).max(axis=-1)
    return np.asarray(distance <= TOLERANCE, np.bool_)


def _sample(image: Image, left: float, top: float, scale: float) -> NDArray[np.uint8] | None:
    """The centre pixel of every cell: ROWS x COLUMNS x 3, or ``None`` when the mark is cut."""
    size = CELL * scale
    rows = np.floor(top + (np.arange(ROWS) + 0.5) * size).astype(int)
    columns = np.floor(left + (np.arange(COLUMNS) + 0.5) * size).astype(int)
    if rows[0] < 0 or columns[0] < 0 or rows[-1] >= image.shape[0] or columns[-1] >= image.shape[1]:
        return None
    return np.asarray(image[np.ix_(rows, columns)], np.uint8)


def decode_mark(image: Image, box: Box) -> MarkCode | None:
    """The mark that fills ``box`` of ``image``; ``None`` unless every cell and the checksum are right."""
    cells = _sample(image, box.x, box.y, box.width / (COLUMNS * CELL))
    if cells is None:
        return None
    if not _near(cells[:, :2], GUARD_A).all() or not _near(cells[:, -2:], GUARD_B).all():
        return None
    inner = cells[:, 2:-2]
    ones, zeros = _near(inner, ONE), _near(inner, ZERO)
    if not (ones | zeros).all() or (ones[0::2] != ones[1::2]).any():
        return None
    bits = 0
    for bit in ones[0::2].ravel():
        bits = bits << 1 | int(bit)
    head = bits >> 12
    code = MarkCode(nonce=head >> 4, index=head & 0xF)
    return code if mark_bits(code.nonce, code.index) == bits else None


def _blobs(image: Image, colour: tuple[int, int, int]) -> NDArray[np.int32]:
    low = tuple(max(0, c - TOLERANCE) for c in colour)
    high = tuple(min(255, c + TOLERANCE) for c in colour)
    mask = cv2.inRange(image, low, high)
    found = [np.zeros((0, 5), np.int32)]
    for top, bottom in _bands(mask):  # labelling a whole screen takes ten times as long
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask[top:bottom], connectivity=4)
        blobs = stats[1:].astype(np.int32)
        blobs[:, 1] += top
        found.append(blobs)
    all_blobs = np.concatenate(found)
    return all_blobs[all_blobs[:, 4] >= 0.85 * all_blobs[:, 2] * all_blobs[:, 3]]


def _bands(mask: NDArray[Any]) -> list[tuple[int, int]]:
    """Runs of rows (from, to) that hold anything."""
    filled = cv2.reduce(mask, 1, cv2.REDUCE_MAX).ravel() > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def snap_scale(scale: float) -> float:
    """``scale`` as the usual zoom step it is within measuring error of, else itself."""
    best = min(USUAL_SCALES, key=lambda usual: abs(usual - scale))
    return best if abs(best - scale) <= 0.006 * best else scale


def _marks(guards_a: NDArray[np.int32], guards_b: NDArray[np.int32]) -> list[tuple[int, int, float]]:
    """Page corner and scale of every pair of guard bars: 10 x 20 units each, 120 units from end to end."""
    found = []
    for ax, ay, aw, ah, _ in guards_a:
        for bx, by, bw, bh, _ in guards_b:
            span = int(bx + bw - ax)
            scale = span / (COLUMNS * CELL)
            if not 0.4 <= scale <= 2.5 or abs(by - ay) > 1 or abs(bh - ah) > 1:
                continue
            if max(abs(ah - 20 * scale), abs(aw - 10 * scale), abs(bw - 10 * scale)) > 1.5:
                continue
            found.append((round(ax - LEFT * scale), round(ay - TOP * scale), snap_scale(scale)))
    return found


def _ends(pinks: NDArray[np.int32], greens: NDArray[np.int32]) -> list[tuple[int, int, float]]:
    """Right and bottom edge (exclusive) and cell size in pixels of every end mark."""
    found = []
    corners = {(int(x), int(y)): (int(w), int(h)) for x, y, w, h, _ in pinks}
    right_of = {(int(x), int(y)) for x, y, _, _, _ in greens}
    for (x, y), (width, height) in corners.items():
        if not 1 <= width <= 12 or abs(width - height) > 1:
            continue
        if (x + width, y) not in right_of or (x, y + height) not in right_of:
            continue
        if (x + width, y + height) not in corners:
            continue
        last = corners[(x + width, y + height)]
        found.append((x + width + last[0], y + height + last[1], (width + last[0]) / 2))
    return found


def find_marks(image: Image) -> list[FoundPage]:
    """Every page on a full-screen picture whose mark and end mark are wholly visible.

    An end mark belongs to the mark that reaches it without another mark in between; a page with a
    foreign mark inside its box is not returned: something lies over it.
    """
    pinks, greens = _blobs(image, GUARD_A), _blobs(image, GUARD_B)
    ends = _ends(pinks, greens)
    corners = _marks(pinks, greens)
    pages = []
    for x, y, scale in corners:
        mark = mark_box(Placement(Box(x, y, 1, 1), scale))
        code = decode_mark(image, mark)
        if code is None:
            continue
        candidates = [
            (right, bottom)
            for right, bottom, cell in ends
            if abs(cell - END_CELL * scale) <= 1 and right - x >= 300 * scale and bottom - y >= 200 * scale
        ]
        if not candidates:
            continue
        right, bottom = min(candidates, key=lambda end: end[0] + end[1])
        page = Box(x, y, right - x, bottom - y)
        if any((ox, oy) != (x, y) and page.contains(ox + 1, oy + 1) for ox, oy, _ in corners):
            continue
        pages.append(FoundPage(code, page, scale))
    return pages


def mark_box(placement: Placement) -> Box:
    """Where the mark is on the screen. Its edges are rounded as a browser rounds them."""
    scale, page = placement.scale, placement.page
    left, top = round(LEFT * scale), round(TOP * scale)
    right, bottom = round((LEFT + COLUMNS * CELL) * scale), round((TOP + ROWS * CELL) * scale)
    return Box(page.x + left, page.y + top, right - left, bottom - top)


def end_present(image: Image, right: int, bottom: int, scale: float) -> bool:
    """Whether the end mark ends at (``right``, ``bottom``) of ``image``."""
    cell = END_CELL * scale
    near, far = round(cell / 2) + 0, round(cell * 1.5)
    if right > image.shape[1] or bottom > image.shape[0] or right - far < 0 or bottom - far < 0:
        return False
    pixels = np.stack(
        [image[bottom - dy, right - dx] for dy, dx in ((far, far), (near, near), (far, near), (near, far))]
    )
    return bool(_near(pixels[:2], GUARD_A).all() and _near(pixels[2:], GUARD_B).all())


def mark_present(image_of_page: Image, placement: Placement, nonce: int, index: int) -> bool:
    """Whether this session's mark and the end mark stand at their known places.

    ``image_of_page`` is a picture of exactly ``placement.page`` (cheap: some hundred pixels are looked at).
    """
    page = placement.page
    if image_of_page.shape[:2] != (page.height, page.width):
        return False
    at_origin = Placement(Box(0, 0, page.width, page.height), placement.scale)
    if decode_mark(image_of_page, mark_box(at_origin)) != MarkCode(nonce, index):
        return False
    return end_present(image_of_page, page.width, page.height, placement.scale)
