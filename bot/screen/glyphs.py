"""The fast reader: pieces of ink on one line, each matched against the table's own font.

Sound because it refuses: everything on the line must be a piece it knows, at full ink, whole and apart
from its neighbours, clearly nearer to one glyph than to any other; and the text must be of the form.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.masks import Mask, TextColour, faded_inside, ink, near

CELL_WIDTH, CELL_HEIGHT = 16, 24
MIN_CONFIDENCE = 0.80
MIN_MARGIN = 0.04
#: Below this height of a digit (pixels) the amount of ink is matched, above it the mask.
SMALL_PX = 24
#: Strokes of smaller text have no inside that could be judged.
MAX_FADED_SHARE = 0.02
RIMS_MAY_MEET = ("no line of digits", "touching glyphs", "foreign ink on the line")
DIGITS = "0123456789"
ALPHABET = DIGITS + "x"

Features = NDArray[np.float32]


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


class _Stats(NamedTuple):
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


def _components(mask: Mask) -> list[_Stats]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    return [_Stats(*row) for row in stats[1:].tolist()]


def _digit_group(parts: Sequence[_Stats], rules: LineRules) -> list[_Stats]:
    """The largest set of parts of one height on one baseline: the digits."""
    tall = [
        part
        for part in parts
        if rules.min_height <= part.height <= rules.max_height
        and 0.08 * part.height <= part.width <= 1.1 * part.height
    ]
    best: list[_Stats] = []
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


def _kind(part: _Stats, top: float, bottom: float) -> str | None:
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
    parts = _components(mask)
    digits = _digit_group(parts, rules)
    if len(digits) < rules.min_digits:
        return NoLine("no line of digits", len(digits))
    digits.sort()
    top = float(np.median([part.y for part in digits]))
    bottom = float(np.median([part.bottom for part in digits]))
    height = bottom - top
    reach = 0.8 * height
    left, right = digits[0].x - reach, digits[-1].right + reach
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
            if part.y >= bottom - 0.05 * height:
                continue  # wholly under the line
            return NoLine("foreign ink on the line", len(digits))
        pieces.append(Piece(part.x, part.y, part.width, part.height, kind))
        right = max(right, part.right + reach)
    problem = _line_problem(pieces, height, mask.shape[1], mask.shape[0], rules)
    if problem:
        return NoLine(problem, len(digits))
    return TextLine(tuple(pieces), round(top), round(bottom))


def _ends_number(pieces: Sequence[Piece], following: _Stats, height: float) -> bool:
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


@dataclass(slots=True)
class GlyphFont:
    """Glyphs of one font: a row of features, a character and a shape (width over height) each."""

    templates: Features = field(default_factory=lambda: np.zeros((0, CELL_HEIGHT * CELL_WIDTH), np.float32))
    characters: str = ""
    aspects: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    trusted: bool = False

    def knows_all_digits(self) -> bool:
        return set(DIGITS) <= set(self.characters)

    def match(self, line: TextLine, features: Features) -> list[Match]:
        """Best and second-best character of every digit-like and x-like piece of the line."""
        pieces = [piece for piece in line.pieces if piece.kind in "dx"]
        scores = features @ self.templates.T
        widths = np.array([piece.width for piece in pieces], np.float32)[:, None]
        heights = np.array([piece.height for piece in pieces], np.float32)[:, None]
        excess = np.maximum(np.abs(widths - self.aspects[None, :] * heights) - 1.0, 0.0) / heights
        scores = scores - np.maximum(excess - 0.04, 0.0)
        found = []
        for row, piece in zip(scores, pieces, strict=True):
            by_character: dict[str, float] = {}
            for character, score in zip(self.characters, row.tolist(), strict=True):
                by_character[character] = max(score, by_character.get(character, -1.0))
            ranked = sorted(by_character.items(), key=lambda item: -item[1])
            second = ranked[1] if len(ranked) > 1 else ("", -1.0)
            wrong_kind = (ranked[0][0] == "x") != (piece.kind == "x")
            found.append(Match(*ranked[0], *second, wrong_kind))
        return found


class Match(NamedTuple):
    """What a piece looks like most and second most, with scores (-1..1)."""

    character: str
    score: float
    second: str
    second_score: float
    wrong_kind: bool


@dataclass(frozen=True, slots=True)
class GlyphResult:
    """A read of one picture: ``value`` or ``None`` with a ``reason``.

    ``doubt``: the line was sound and only the glyphs were not clear, so that another reader may decide.
    """

    value: int | None
    confidence: float
    text: str
    reason: str
    colour: str = ""
    line: TextLine | None = None
    doubt: bool = False
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundLine:
    """A line that may be read: sound ink of one colour, with the ink its features come from."""

    line: TextLine
    colour: TextColour
    source: Mask

    def features(self) -> Features:
        return features_of(self.source, [piece for piece in self.line.pieces if piece.kind in "dx"])


def sound_line(
    image: Image, colour: TextColour, rules: LineRules, wide: Mask | None = None
) -> SoundLine | NoLine:
    """The line in ``image`` in one colour, or why it may not be read. ``wide``: its wide mask, if known.

    Where glyphs touch at half ink the line is sought once more with a tighter mask: small text is set so
    close that only the rims meet.
    """
    mask = near(image, colour.colour, colour.wide) if wide is None else wide
    line = find_line(mask, rules)
    for tolerance in ((colour.wide + colour.narrow) // 2, colour.narrow):
        if isinstance(line, NoLine) and line.reason in RIMS_MAY_MEET and line.digits:
            mask = near(image, colour.colour, tolerance)
            line = find_line(mask, rules)
    if isinstance(line, NoLine):
        return line
    box = line.box
    part = image[box.y : box.bottom, box.x : box.right]
    narrow = near(part, colour.colour, colour.narrow)
    problem = _ink_problem(mask[box.y : box.bottom, box.x : box.right], narrow, line)
    if problem:
        return NoLine(problem, line.kinds.count("d"))
    if line.height < SMALL_PX:
        mask = ink(image, colour.colour, min(255, 2 * colour.wide))
    return SoundLine(line, colour, mask)


def _ink_problem(wide: Mask, narrow: Mask, line: TextLine) -> str:
    """Why the ink of a line is not sound, or nothing. The masks are those of the line's box."""
    large = line.height >= SMALL_PX
    inner, faded = faded_inside(wide, narrow) if large else (wide, wide)
    for piece in line.pieces:
        rows = slice(piece.y - line.box.y, piece.y - line.box.y + piece.height)
        columns = slice(piece.x - line.box.x, piece.x - line.box.x + piece.width)
        if 4 * cv2.countNonZero(narrow[rows, columns]) < cv2.countNonZero(wide[rows, columns]):
            return "ink is faint"
        if large:
            allowed = 1 + MAX_FADED_SHARE * cv2.countNonZero(inner[rows, columns])
            if cv2.countNonZero(faded[rows, columns]) > allowed:
                return "ink is fading or mixed"
    return ""


class GlyphReader:
    """Reads one number in one of several colours with a learned font."""

    def __init__(
        self,
        font: GlyphFont,
        parse: Callable[[str], int | None],
        rules: LineRules | None = None,
        min_confidence: float = MIN_CONFIDENCE,
        min_margin: float = MIN_MARGIN,
    ) -> None:
        self.font = font
        self.parse = parse
        self.rules = rules or LineRules()
        self.min_confidence = min_confidence
        self.min_margin = min_margin

    def find(self, image: Image, colours: Sequence[TextColour]) -> SoundLine | NoLine:
        """The first sound line in one of ``colours``, or the reason of the one with most digits."""
        refusals: list[NoLine] = []
        for colour in colours:
            found = sound_line(image, colour, self.rules)
            if isinstance(found, SoundLine):
                return found
            refusals.append(found)
        return max(refusals, key=lambda refusal: refusal.digits, default=NoLine("no colours"))

    def read(self, image: Image, colours: Sequence[TextColour]) -> GlyphResult:
        """The number in ``image`` (blue, green, red), or a refusal that says why."""
        found = self.find(image, colours)
        if isinstance(found, NoLine):
            return GlyphResult(None, 0.0, "", found.reason)
        return self.read_found(found)

    def read_found(self, found: SoundLine) -> GlyphResult:
        """As ``read``, for a line that was found already."""
        line, colour = found.line, found.colour.name
        if not self.font.characters:
            return GlyphResult(None, 0.0, "", "no font learned", colour, line, doubt=True)
        matches = tuple(self.font.match(line, found.features()))
        text = spell(line, [match.character for match in matches])
        confidence = max(0.0, min(1.0, *(match.score for match in matches)))
        margin = min(match.score - match.second_score for match in matches)
        reason = ""
        if any(match.wrong_kind for match in matches):
            reason = "a glyph at the wrong height"
        elif confidence < self.min_confidence:
            reason = "a glyph is not known"
        elif margin < self.min_margin:
            reason = "a glyph could be another"
        if reason:
            return GlyphResult(None, confidence, text, reason, colour, line, doubt=True, matches=matches)
        value = self.parse(plain_separators(text))
        if value is None:
            return GlyphResult(None, confidence, text, "not the form of the field", colour, line)
        return GlyphResult(value, confidence, text, "", colour, line, matches=matches)


def spell(line: TextLine, characters: Sequence[str]) -> str:
    """The text of a line: ``characters`` for its digits and x, points and commas by their shape."""
    letters = iter(characters)
    return "".join(next(letters) if piece.kind in "dx" else piece.kind for piece in line.pieces)


def plain_separators(text: str) -> str:
    """``1.234,56x`` → ``1,234.56x``: separators by their place, as small points and commas look alike.

    The last one is a decimal point when two digits follow it, all others separate thousands; whether
    the groups are right is for the parser to say.
    """
    tail = text.rstrip("x")
    places = [place for place, character in enumerate(tail) if character in ".,"]
    plain = list(text)
    for place in places:
        plain[place] = ","
    if places and len(tail) - places[-1] == 3:
        plain[places[-1]] = "."
    return "".join(plain)
