"""One line of a number in a mask of its ink: which pieces belong to it, and whether it is whole.

Everything on the line must be a piece that a number can have, apart from its neighbours and not cut:
otherwise there is no line, and a reason.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from bot.domain.words import Box
from bot.screen.masks import Mask


class Piece(NamedTuple):
    """A connected piece of ink. ``kind``: ``d`` as tall as a digit, ``x`` low letter, ``.`` or ``,``."""

    x: int
    y: int
    width: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """The pieces of one line, left to right, with the digits' top and bottom (pixels of the picture)."""

    pieces: tuple[Piece, ...]
    top: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def box(self) -> Box:
        left = self.pieces[0].x
        right = self.pieces[-1].x + self.pieces[-1].width
        top = min(piece.y for piece in self.pieces)
        bottom = max(piece.y + piece.height for piece in self.pieces)
        return Box(left, top, right - left, bottom - top)

    @property
    def kinds(self) -> str:
        return "".join(piece.kind for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class NoLine:
    """Why there is no line to read, and how many digit-like pieces stand on one baseline all the same."""

    reason: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class LineRules:
    """What a line of a field may look like. Heights in pixels; ``None``: any."""

    suffix: bool = True
    min_digits: int = 3
    min_height: float = 6.0
    max_height: float = math.inf
    caret: bool = False


class Part(NamedTuple):
    """A connected part of a mask: its box and its number of pixels."""

    x: int
    y: int
    width: int
    height: int
    area: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


def parts_of(mask: Mask) -> list[Part]:
    """All connected parts of a mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    return [Part(*row) for row in stats[1:].tolist()]


def _digit_group(parts: Sequence[Part], rules: LineRules) -> list[Part]:
    """The largest set of parts of one height on one baseline: the digits."""
    tall = [
        part
        for part in parts
        if rules.min_height <= part.height <= rules.max_height
        and 0.08 * part.height <= part.width <= 1.1 * part.height
    ]
    best: list[Part] = []
    for reference in sorted(tall, key=lambda part: -part.height)[:24]:
        slack = max(1.0, 0.07 * reference.height)
        group = [
            part
            for part in tall
            if abs(part.height - reference.height) <= slack and abs(part.bottom - reference.bottom) <= slack
        ]
        if len(group) > len(best):
            best = group
    return best


def _kind(part: Part, top: float, bottom: float) -> str | None:
    """What a part on the line can be, from its place and height alone; ``None``: nothing known."""
    height = bottom - top
    slack = max(1.0, 0.07 * height)
    if abs(part.y - top) <= slack and abs(part.bottom - bottom) <= slack:
        return "d"
    if abs(part.bottom - bottom) <= slack and 0.5 * height <= part.height <= 0.9 * height:
        return "x"
    if part.height <= 0.5 * height and part.width <= 0.42 * height and part.y >= top + 0.6 * height:
        below = part.bottom - bottom
        if below > 0.32 * height or below < -slack:
            return None
        long = part.height > 1.35 * part.width and part.height >= 3
        return "," if long or (below > max(1.0, 0.09 * height)) else "."
    return None


def find_line(mask: Mask, rules: LineRules) -> TextLine | NoLine:
    """The line of a number in a wide mask, or why there is none.

    Anything on the line or beside it (nearer than 0.8 of its height) that cannot be part of a number refuses
    the whole line, except specks of less than 0.4 % of the square of its height.
    """
    parts = parts_of(mask)
    digits = _digit_group(parts, rules)
    if len(digits) < rules.min_digits:
        return NoLine("no line of digits", len(digits))
    digits.sort()
    top = float(np.median([part.y for part in digits]))
    bottom = float(np.median([part.bottom for part in digits]))
    height = bottom - top
    reach = 0.8 * height
    left = _left_end(parts, digits[0].x, top, bottom) - reach
    right = digits[-1].right + reach
    speck = 0.004 * height * height
    pieces: list[Piece] = []
    for part in sorted(parts):
        if rules.suffix and _ends_number(pieces, part, height):
            break
        if part.right <= left or part.x >= right or part.bottom <= top - 1 or part.y >= bottom + 0.3 * height:
            continue
        if part.area <= speck:
            continue
        if rules.caret and part.width <= max(2, 0.14 * height) and part.height >= 1.15 * height:
            continue
        kind = _kind(part, top, bottom)
        if kind is None:
            if part.y >= bottom - 0.05 * height or _inside_a_digit(part, digits):
                continue  # wholly under the line, or the dot in a zero
            return NoLine("foreign ink on the line", len(digits))
        pieces.append(Piece(part.x, part.y, part.width, part.height, kind))
        right = max(right, part.right + reach)
    problem = _line_problem(pieces, height, mask.shape[1], mask.shape[0], rules)
    if problem:
        return NoLine(problem, len(digits))
    return TextLine(tuple(pieces), round(top), round(bottom))


def _inside_a_digit(part: Part, digits: Sequence[Part]) -> bool:
    """Whether a part lies wholly within the box of a digit, off its rim: it is matched as part of it."""
    return any(
        digit.x < part.x and part.right < digit.right and digit.y < part.y and part.bottom < digit.bottom
        for digit in digits
    )


def _left_end(parts: Sequence[Part], start: int, top: float, bottom: float) -> int:
    """Where the line begins: every digit-like part a short way left of it belongs to it and moves it on.

    The digits that lie on the very same rows may be only the last ones: rims make others a pixel lower.
    """
    reach = 0.8 * (bottom - top)
    for part in sorted(parts, key=lambda each: -each.right):
        if part.x < start and part.right > start - reach and _kind(part, top, bottom) == "d":
            start = part.x
    return start


def _ends_number(pieces: Sequence[Piece], following: Part, height: float) -> bool:
    """Whether the pieces end with the x of a number and ``following`` stands apart from it.

    What comes after the x (a plane beside the number) is no part of it; before it everything counts.
    """
    if not pieces or pieces[-1].kind != "x" or sum(piece.kind == "d" for piece in pieces) < 3:
        return False
    return following.x - pieces[-1].x - pieces[-1].width >= max(1.0, 0.05 * height)


def _line_problem(pieces: Sequence[Piece], height: float, width: int, rows: int, rules: LineRules) -> str:
    if pieces[0].x <= 0 or pieces[-1].x + pieces[-1].width >= width:
        return "text cut at the side"
    if min(p.y for p in pieces) <= 0 or max(p.y + p.height for p in pieces) >= rows:
        return "text cut at the top or bottom"
    for before, after in itertools.pairwise(pieces):
        gap = after.x - before.x - before.width
        if gap < -0.12 * height:
            return "pieces over one another"
        if gap > 0.75 * height:
            return "a gap in the line"
    if any(p.kind == "d" and p.width > 0.98 * height for p in pieces):
        return "touching glyphs"
    kinds = "".join(p.kind for p in pieces)
    body = kinds[:-1] if rules.suffix else kinds
    if rules.suffix and not kinds.endswith("x"):
        return "no x at the end"
    if "x" in body or not body.startswith("d") or not body.endswith("d"):
        return "not the form of a number"
    return ""
