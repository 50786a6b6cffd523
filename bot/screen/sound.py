"""Whether a line's ink is sound: full, of one colour, not two numbers shining through one another.

Several tolerances are tried, from half ink to nearly exact: a tighter one parts glyphs whose rims meet, and
text from things of almost its colour. A tighter one must not lose a glyph that a wider one saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.screen.masks import Mask, TextColour, faded_inside, ink, near
from bot.screen.textline import LineRules, NoLine, Part, Piece, TextLine, find_line, parts_of

CELL_WIDTH, CELL_HEIGHT = 16, 24
#: Below this height of a digit (pixels) the amount of ink is matched, above it the mask.
SMALL_PX = 24
#: From this height of a digit (pixels) its strokes have an inside to judge.
JUDGED_FROM_PX = 18
#: Share of a glyph's inside that may lack full ink.
MAX_FADED_SHARE = 0.02
#: The tightest tolerance: full ink is drawn exactly.
EXACT = 20
#: Fewest pixels of a number.
MIN_INK = 12

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundLine:
    """A line that may be read: sound ink of one colour, with the ink its features come from."""

    line: TextLine
    colour: TextColour
    source: Mask

    def features(self) -> Features:
        return features_of(self.source, [piece for piece in self.line.pieces if piece.kind in "dx"])


def features_of(image: Mask, pieces: Sequence[Piece]) -> Features:
    """One row a piece: its box stretched to a cell, mean taken off, length one."""
    cells = np.empty((len(pieces), CELL_HEIGHT * CELL_WIDTH), np.float32)
    for row, piece in enumerate(pieces):
        crop = image[piece.y : piece.y + piece.height, piece.x : piece.x + piece.width]
        method = cv2.INTER_AREA if crop.shape[0] >= CELL_HEIGHT else cv2.INTER_LINEAR
        cells[row] = cv2.resize(crop, (CELL_WIDTH, CELL_HEIGHT), interpolation=method).ravel()
    cells -= cells.mean(axis=1, keepdims=True)
    cells /= np.maximum(np.linalg.norm(cells, axis=1, keepdims=True), 1e-6)
    return cells


def sound_line(
    image: Image, colour: TextColour, rules: LineRules, wide: Mask | None = None
) -> SoundLine | NoLine:
    """The line in ``image`` in one colour, or why it may not be read. ``wide``: its wide mask, if known."""
    refusal: NoLine | None = None
    for found in sound_lines(image, colour, rules, wide):
        if isinstance(found, SoundLine):
            return found
        if refusal is None or found.digits > refusal.digits:
            refusal = found
    return refusal or NoLine("no line of digits")


def sound_lines(
    image: Image, colour: TextColour, rules: LineRules, wide: Mask | None = None
) -> Iterator[SoundLine | NoLine]:
    """The line as each tolerance shows it, widest first; ends early where nothing is written."""
    first = near(image, colour.colour, colour.wide) if wide is None else wide
    if cv2.countNonZero(first) < MIN_INK:
        yield NoLine("no line of digits")
        return
    for tolerance in _tolerances(colour):
        mask = first if tolerance == colour.wide else near(image, colour.colour, tolerance)
        line = find_line(mask, rules)
        if isinstance(line, NoLine):
            yield line
            if not line.digits and tolerance != colour.wide:
                return
            continue
        problem = _problem(image, colour, line, mask, first)
        if problem:
            yield NoLine(problem, line.kinds.count("d"))
            continue
        small = line.height < SMALL_PX
        source = ink(image, colour.colour, min(255, 2 * colour.wide)) if small else mask
        yield SoundLine(line, colour, source)


def _tolerances(colour: TextColour) -> tuple[int, ...]:
    between = (colour.wide + colour.narrow) // 2
    return tuple(dict.fromkeys((colour.wide, between, colour.narrow, min(EXACT, colour.narrow))))


def _problem(image: Image, colour: TextColour, line: TextLine, mask: Mask, wide: Mask) -> str:
    """Why the ink of a line is not sound, or nothing."""
    box = line.box
    area = np.s_[box.y : box.bottom, box.x : box.right]
    narrow = near(image[area], colour.colour, colour.narrow)
    for piece, (rows, columns) in zip(line.pieces, _places(line), strict=True):
        spot = np.s_[piece.y : piece.y + piece.height, piece.x : piece.x + piece.width]
        if 4 * cv2.countNonZero(narrow[rows, columns]) < cv2.countNonZero(mask[spot]):
            return "ink is faint"
    if mask is not wide and _lost_glyph(line, wide):
        return "a faint glyph beside the line"
    if not colour.changing or line.height < JUDGED_FROM_PX:
        return ""
    inner, faded = faded_inside(wide[area], narrow)
    for rows, columns in _places(line):
        allowed = 1 + MAX_FADED_SHARE * cv2.countNonZero(inner[rows, columns])
        if cv2.countNonZero(faded[rows, columns]) > allowed:
            return "ink is fading or mixed"
    return ""


def _places(line: TextLine) -> list[tuple[slice, slice]]:
    """Rows and columns of each piece inside the line's box."""
    box = line.box
    return [
        (
            slice(piece.y - box.y, piece.y - box.y + piece.height),
            slice(piece.x - box.x, piece.x - box.x + piece.width),
        )
        for piece in line.pieces
    ]


def _lost_glyph(line: TextLine, wide: Mask) -> bool:
    """Whether the wide mask shows something like a glyph on the line that no piece covers."""
    height = line.height
    left, right = line.box.x - 0.8 * height, line.box.right + 0.8 * height
    return any(
        left < part.right
        and part.x < right
        and 0.5 * height <= part.height <= 1.4 * height
        and 0.15 * height <= part.width <= 1.3 * height
        and part.y < line.bottom
        and part.bottom > line.top
        and not any(_overlaps(part, piece) for piece in line.pieces)
        for part in parts_of(wide)
    )


def _overlaps(part: Part, piece: Piece) -> bool:
    return (
        part.x < piece.x + piece.width
        and piece.x < part.right
        and part.y < piece.y + piece.height
        and piece.y < part.bottom
    )
