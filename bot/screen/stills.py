"""Reads a still picture as the bot would, with no layout and no learned font: phase, number, or a refusal.

The live path knows where a table's fields are and has learned their glyphs. A still may be anything: a whole
desktop, a tight crop, a phone filmed by a camera, another house's game, no game at all. So everything is
found first (``detect``), read in two preparations that must agree, and its ink is looked at (``ink``). Doubt
refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np

from bot.domain.errors import BadInput
from bot.domain.ports import Image, Line
from bot.domain.words import Box, FieldValue, Phase
from bot.screen.detect import TextDetector, TextRegion, default_detector
from bot.screen.engines import MULTIPLIER_CHARSET, Char, OnnxEngine, default_engine
from bot.screen.ink import Ink, InkColour, fault_of, find_inks, first_pieces
from bot.screen.lines import cut, with_margin
from bot.screen.numbers import parse_multiplier
from bot.screen.phrases import CANCEL_WORDS, CRASH, GAME_WORDS, SPLASH, TROUBLE, WAITING, holds, like

Field = Literal["multiplier", "history"]

#: Both preparations must reach this confidence, for the worst of their characters.
MIN_CONFIDENCE = 0.80
#: A number's digits are at least this share of the picture's width, in wide pictures and in upright ones.
WIDE_SHARE, UPRIGHT_SHARE = 0.022, 0.055
MIN_DIGIT_HEIGHT = 18
#: The number is at least so many times as high as any other multiplier in the picture.
DOMINANCE = 1.6
#: From this share of the picture's height it is a crop of the number and needs no other sign of a game.
CROP_SHARE = 0.18
#: Height of digits as a share of the detector's box, at most.
DIGITS_IN_BOX = 0.75
#: Tilted lines are not read, in degrees.
MAX_TILT = 8.0
#: The ground around a number is darker than this (mean of its brightest channel's median, 0..255).
MAX_GROUND = 175
#: Fills of history chips with white text (first generation), blue, green, red.
CHIP_FILLS = ((146, 91, 10), (183, 38, 101), (100, 30, 112))
#: Games whose crash is always red: a number in a tier's colour is none of theirs.
RED_CRASH_GAMES = frozenset({"aviator", "aviatrix", "jetx"})

_HEAD = re.compile(r"^[\d.,]*\d[xX]")
_LOOKS_LIKE_MULTIPLIER = re.compile(r"\d\s?[xX×]\W?$")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text found in a picture and read."""

    region: TextRegion
    text: str
    confidence: float

    @property
    def box(self) -> Box:
        return self.region.box


@dataclass(frozen=True, slots=True)
class StillReading:
    """What a still says. ``value`` (a multiplier or none) is refused with a reason whenever there is doubt.

    ``history`` is only filled when it was asked for. A phase may be known without a number (betting).
    """

    phase: Phase
    phase_confidence: float
    multiplier: FieldValue[int]
    history: FieldValue[tuple[int, ...]] = field(
        default_factory=lambda: FieldValue[tuple[int, ...]].refused("not asked for")
    )
    reason: str = ""


class StillReader:
    """Holds the two models. Not for the live path: a full-HD picture takes one to three seconds."""

    def __init__(self, engine: OnnxEngine | None = None, detector: TextDetector | None = None) -> None:
        self.engine = engine if engine is not None else default_engine()
        self._detector = detector if detector is not None else default_detector()

    def lines(self, image: Image) -> list[TextLine]:
        """Every line of text, read with no restriction."""
        found = []
        for region in self._detector.find(image):
            line = self.engine.read_line(cut(image, region.box))
            found.append(TextLine(region, line.text, line.confidence))
        return found

    def chars(self, image: Image) -> list[Char]:
        """The characters of one line and where they stand."""
        return self.engine.read_chars(image)

    def number(self, image: Image, region: Box) -> tuple[FieldValue[int], Ink | None]:
        """The multiplier whose line was found at ``region``: two preparations agree and its ink is whole."""
        reason = "no ink in a known colour stands out"
        for ink in find_inks(image, region):
            value = self._read_ink(image, ink)
            if value.value is not None:
                return value, ink
            reason = value.reason
        return FieldValue.refused(reason), None

    def _read_ink(self, image: Image, ink: Ink) -> FieldValue[int]:
        tight = self._read_number(_tight_crop(image, ink.line))
        head = _HEAD.match(tight.text)
        if head is None:
            return FieldValue.refused(f"{tight.text!r} is no multiplier", tight.text)
        if len(head[0]) < len(ink.pieces):  # something else stands behind the x: look at the number alone
            ink = first_pieces(ink, len(head[0]))
            tight = self._read_number(_tight_crop(image, ink.line))
        plain = self._read_number(painted(ink))
        text, value = tight.text, parse_multiplier(tight.text)
        confidence = min(tight.confidence, plain.confidence)
        if value is None:
            return FieldValue.refused(f"{text!r} is no multiplier", text)
        if parse_multiplier(plain.text) != value:
            return FieldValue.refused(f"two preparations disagree: {text!r} and {plain.text!r}", text)
        if confidence < MIN_CONFIDENCE:
            return FieldValue.refused(f"read {text!r} with a confidence of only {confidence:.2f}", text)
        fault = fault_of(ink, text, image)
        if fault:
            return FieldValue.refused(fault, text)
        return FieldValue(value, confidence, text)

    def _read_number(self, image: Image) -> Line:
        """A line without its blanks, and without a point behind the x: a plane's tip may look like one.

        Whether anything but the number is there, its ink tells.
        """
        chars = [char for char in self.engine.read_chars(image, MULTIPLIER_CHARSET) if char.text != " "]
        while len(chars) > 1 and chars[-1].text in ".," and any(char.text == "x" for char in chars):
            chars.pop()
        confidence = min((char.confidence for char in chars), default=0.0)
        return Line("".join(char.text for char in chars), confidence)


def _tight_crop(image: Image, line: Box) -> Image:
    return cut(image, with_margin(line, *image.shape[:2]))


def painted(ink: Ink) -> Image:
    """The ink alone, white on black with a margin: nothing of the ground is left to mislead."""
    margin = max(3, round(0.25 * ink.height))
    mask = cv2.copyMakeBorder(ink.mask, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(0,))
    return cv2.cvtColor(cv2.GaussianBlur(mask, (3, 3), 0), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def read_still(
    image: Image, box: Box | None = None, game: str | None = None, field: Field = "multiplier",
    reader: StillReader | None = None,
) -> StillReading:  # fmt: skip
    """Reads a picture (blue, green, red). ``box`` limits where the number may be; ``game`` is a game's name.

    With ``field="history"`` the history chips are read instead of the number; newest first.
    Raises ``BadInput`` for an empty picture or a box that lies outside it.
    """
    from bot.screen.chips import read_history  # here, as it builds on this module

    height, width = image.shape[:2]
    if height < 8 or width < 8:
        raise BadInput(f"the picture is only {width}x{height} pixels")
    if box is not None and (
        box.width < 8 or box.height < 8 or box.right > width or box.bottom > height or box.x < 0 or box.y < 0
    ):
        raise BadInput(
            f"the box {box.x},{box.y},{box.width},{box.height} is not inside the picture of {width}x{height}"
        )
    reader = reader if reader is not None else StillReader()
    if field == "multiplier":
        return _read_number(reader, image, box, game)
    if box is not None:
        area = cut(image, box)
        reading = _nothing("only the history was looked at")
        history = read_history(reader, area, reader.lines(area))
    else:
        lines = reader.lines(image)
        reading = _read_lines(reader, image, lines, None, game)
        history = read_history(reader, image, lines)
    return replace(reading, history=history, reason=history.reason)


def _nothing(reason: str) -> StillReading:
    return StillReading(Phase.UNKNOWN, 0.0, FieldValue.refused(reason), reason=reason)


def _read_number(reader: StillReader, image: Image, box: Box | None, game: str | None) -> StillReading:
    if box is not None:  # some surroundings tell whether the box cuts a number, and hold the caption
        image, box = _with_surroundings(image, box)
    return _read_lines(reader, image, reader.lines(image), box, game)


def _read_lines(
    reader: StillReader, image: Image, lines: list[TextLine], box: Box | None, game: str | None
) -> StillReading:
    """Number and phase of a picture whose lines of text were found."""
    trouble = next((line for line in lines if line.confidence > 0.6 and holds(line.text, TROUBLE)), None)
    if trouble is not None:
        return _nothing(f"a message lies over the game: {trouble.text!r}")
    numbers = [line for line in lines if _LOOKS_LIKE_MULTIPLIER.search(line.text)]
    if box is not None:
        numbers = [line for line in numbers if _share_inside(line.box, box) > 0.5]
    numbers.sort(key=lambda line: line.box.height, reverse=True)
    waiting = _waiting(image, lines)
    if not numbers or not _large_enough(image, numbers[0]):
        if waiting > 0:
            return StillReading(Phase.BETTING, waiting, FieldValue.refused("no number while bets are taken"))
        return _nothing("no multiplier is seen")
    if len(numbers) > 1 and numbers[1].box.height * DOMINANCE > numbers[0].box.height:
        return _nothing("several multipliers of one size: history chips, or more than one game")
    if waiting > 0:
        return _nothing("a number and the waiting text at once")
    return _judge(reader, image, lines, numbers, box, game)


def _judge(
    reader: StillReader, image: Image, lines: list[TextLine], numbers: list[TextLine], box: Box | None,
    game: str | None,
) -> StillReading:  # fmt: skip
    line = numbers[0]
    if line.region.tilt > MAX_TILT:
        return _nothing("the number is tilted")
    value, ink = reader.number(image, line.box)
    if value.value is None or ink is None:
        return _nothing(value.reason)
    if box is not None and not _inside(ink, box):
        return _nothing("the box cuts the number off")
    if ink.height < _least_height(image):
        return _nothing("the number is too small to be the multiplier")
    reason = _ground_fault(image, ink)
    caption = _caption_above(lines, ink)
    crop = ink.height >= CROP_SHARE * image.shape[0]
    if not reason and not crop and caption is None and not _game_signs(lines, line, len(numbers)):
        reason = "no sign of a game around the number"
    if reason:
        return _nothing(reason)
    phase, confidence, reason = _phase_of(ink.colour, caption is not None, game)
    if phase is Phase.UNKNOWN:
        return _nothing(reason)
    return StillReading(phase, min(confidence, 0.99), value)


def _phase_of(colour: InkColour, caption: bool, game: str | None) -> tuple[Phase, float, str]:
    """Phase from two signs: the colour of the number and the caption above it."""
    if colour is InkColour.WHITE:
        if caption:
            return Phase.UNKNOWN, 0.0, "the number is white, but a crash caption stands above it"
        return Phase.FLYING, 0.95, ""
    if colour is InkColour.RED:
        return Phase.CRASHED, 0.99 if caption else 0.93, ""
    if caption and game not in RED_CRASH_GAMES:
        return Phase.CRASHED, 0.90, ""
    return Phase.UNKNOWN, 0.0, "the number is in the colour of a history chip"


def _with_surroundings(image: Image, box: Box) -> tuple[Image, Box]:
    height, width = image.shape[:2]
    left, top = max(0, box.x - box.width), max(0, box.y - 2 * box.height)
    right, bottom = min(width, box.right + box.width), min(height, box.bottom + 2 * box.height)
    return image[top:bottom, left:right], box.shifted(-left, -top)


def _share_inside(inner: Box, outer: Box) -> float:
    width = min(inner.right, outer.right) - max(inner.x, outer.x)
    height = min(inner.bottom, outer.bottom) - max(inner.y, outer.y)
    return float(max(0, width) * max(0, height)) / (inner.width * inner.height)


def _least_height(image: Image) -> float:
    """Least height of the number's digits in pixels."""
    height, width = image.shape[:2]
    share = WIDE_SHARE if width >= height else UPRIGHT_SHARE
    return max(float(MIN_DIGIT_HEIGHT), float(width) * share)


def _large_enough(image: Image, line: TextLine) -> bool:
    """Whether the digits of a line may be those of the number; the detector's box is higher than they are."""
    return DIGITS_IN_BOX * line.box.height >= _least_height(image)


def _inside(ink: Ink, box: Box) -> bool:
    """Whether the box holds the number whole, give or take the blur of its outline."""
    slack = max(2, round(0.06 * ink.height))
    line = ink.line
    across = box.x - slack <= line.x and line.right <= box.right + slack
    return across and box.y - slack <= line.y and line.bottom <= box.bottom + slack


def _ground_fault(image: Image, ink: Ink) -> str:
    """Why the ground around a number is not a game's: bright, or the flat fill of a chip."""
    reach = round(0.35 * ink.height)
    around = Box(
        ink.line.x - reach, ink.line.y - reach, ink.line.width + 2 * reach, ink.line.height + 2 * reach
    )
    area = cut(image, around)
    left, top = ink.line.x - max(0, around.x), ink.line.y - max(0, around.y)
    free = np.ones(area.shape[:2], dtype=bool)
    grown = cv2.dilate(ink.mask, np.ones((5, 5), dtype=np.uint8)) == 0
    free[top : top + ink.line.height, left : left + ink.line.width] = grown
    ground = area[free]
    median = np.median(ground, axis=0)
    if float(median.min()) > 120 or float(median.max()) > MAX_GROUND:
        return "the ground is bright: no game draws its number there"
    spread = float(np.percentile(np.abs(ground.astype(np.int16) - median).max(axis=1), 80))
    for fill in CHIP_FILLS:
        if spread < 12 and float(np.abs(median - np.array(fill)).max()) < 28:
            return "the number stands in a history chip"
    return ""


def _caption_above(lines: list[TextLine], ink: Ink) -> TextLine | None:
    """A crash caption centred above the number."""
    middle = ink.line.x + ink.line.width / 2
    for line in lines:
        above = ink.line.y - 2.2 * ink.height <= line.box.centre[1] < ink.line.y
        if above and abs(line.box.centre[0] - middle) < 0.35 * ink.line.width and like(line.text, CRASH):
            return line
    return None


def _game_signs(lines: list[TextLine], number: TextLine, multipliers: int) -> bool:
    """Whether anything else in the picture is a game's: three chips, or one of its words."""
    if multipliers >= 4:
        return True
    return any(line is not number and line.confidence > 0.6 and like(line.text, GAME_WORDS) for line in lines)


def _waiting(image: Image, lines: list[TextLine]) -> float:
    """Confidence 0..1 that bets are taken: the waiting text or the partners' splash, and a bar below it."""
    best = 0.0
    for line in lines:
        splash = like(line.text, SPLASH)
        if not splash and not like(line.text, WAITING):
            continue
        if _on_a_button(image, line, lines):
            continue
        bar = _bar_below(image, line)
        if bar:
            best = max(best, 0.97)
        elif not splash and _white_text(image, line) and line.text.upper() == line.text:
            best = max(best, 0.85)
    return best


def _white_text(image: Image, line: TextLine) -> bool:
    pixels = cut(image, line.box).reshape(-1, 3).min(axis=1)
    return pixels.size > 0 and float(np.percentile(pixels, 97)) > 140


def _on_a_button(image: Image, line: TextLine, lines: list[TextLine]) -> bool:
    """A queued bet's panel says "waiting for next round" too: on red, or with a cancel button close below."""
    ground = np.median(cut(image, line.box).reshape(-1, 3), axis=0)
    if ground[2] - max(ground[0], ground[1]) > 35:
        return True
    return any(
        like(other.text, CANCEL_WORDS)
        and 0 < other.box.centre[1] - line.box.centre[1] < 4 * line.box.height
        and abs(other.box.centre[0] - line.box.centre[0]) < line.box.width
        for other in lines
    )


def _bar_below(image: Image, line: TextLine) -> bool:
    """A thin, level bar in a strong colour (or white) on a darker track below the text, within its width."""
    box = line.box
    search = cut(image, Box(box.x, box.y + round(0.6 * box.height), box.width, round(2.4 * box.height)))
    if search.size == 0:
        return False
    red = cv2.subtract(search[..., 2], cv2.max(search[..., 0], search[..., 1]))
    chroma = cv2.subtract(search.max(axis=2), search.min(axis=2))
    white = search.min(axis=2)
    for level, least in ((red, 70), (chroma, 90), (white, 170)):
        mask = np.where(level > least, 255, 0).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        for i in range(1, count):
            _, _, w, h, area = (int(v) for v in stats[i])
            if (
                w >= 0.06 * box.width
                and 1 <= h <= max(3, 0.45 * box.height)
                and w >= 4 * h
                and area >= 0.7 * w * h
            ):
                return True
    return False
