"""The fast reader: pieces of ink on one line, each matched against the table's own font.

Sound because it refuses: everything on the line must be a piece it knows, at full ink, whole and apart
from its neighbours, clearly nearer to one glyph than to any other; and the text must be of the form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.screen.masks import TextColour
from bot.screen.sound import (
    CELL_HEIGHT,
    CELL_WIDTH,
    SMALL_PX,
    Features,
    SoundLine,
    sound_line,
    sound_lines,
)
from bot.screen.textline import LineRules, NoLine, Piece, TextLine, find_line

__all__ = [
    "ALPHABET",
    "CELL_HEIGHT",
    "CELL_WIDTH",
    "DIGITS",
    "SMALL_PX",
    "Features",
    "GlyphFont",
    "GlyphReader",
    "GlyphResult",
    "LineRules",
    "Match",
    "NoLine",
    "Piece",
    "SoundLine",
    "TextLine",
    "find_line",
    "plain_separators",
    "sound_line",
    "sound_lines",
    "spell",
]

MIN_CONFIDENCE = 0.80
MIN_MARGIN = 0.04
DIGITS = "0123456789"
ALPHABET = DIGITS + "x"


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
        widths = np.array([piece.width for piece in pieces], np.float32)[:, None]
        heights = np.array([piece.height for piece in pieces], np.float32)[:, None]
        excess = np.maximum(np.abs(widths - self.aspects[None, :] * heights) - 1.0, 0.0) / heights
        scores = features @ self.templates.T - np.maximum(excess - 0.04, 0.0)
        found = []
        for row, piece in zip(scores.tolist(), pieces, strict=True):
            ranked = sorted(zip(row, self.characters, strict=True), reverse=True)
            (score, character), (second_score, second) = (*ranked, (-1.0, ""))[:2]
            found.append(
                Match(character, score, second, second_score, (character == "x") != (piece.kind == "x"))
            )
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
        refusals: list[NoLine] = []
        doubts: list[GlyphResult] = []
        for colour in colours:
            for found in sound_lines(image, colour, self.rules):
                if isinstance(found, NoLine):
                    refusals.append(found)
                    continue
                result = self.read_found(found)
                if result.value is not None:
                    return result
                doubts.append(result)
        if doubts:
            return doubts[0]
        worst = max(refusals, key=lambda refusal: refusal.digits, default=NoLine("no colours"))
        return GlyphResult(None, 0.0, "", worst.reason)

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
