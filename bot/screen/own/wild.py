"""Reading a multiplier whose font, colours and form nobody told: found, read twice, then learned.

First sight is slow: a detector finds the lines of text in the box, the recognition model reads them. What it
found (the colour of the ink, how high its digits are, on which rows they stand) is kept, so that the next
frame is looked at there only; and once the glyphs are learned they read alone, the model checking them about
once a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import Box, FieldValue
from bot.screen.detect import TextDetector
from bot.screen.fields import ReadCounts, ink_picture
from bot.screen.glyphs import GlyphReader, SoundLine, spell
from bot.screen.learning import Teacher
from bot.screen.lines import cut, with_margin
from bot.screen.masks import Colour, TextColour, near
from bot.screen.masks import ink as ink_mask
from bot.screen.numbers import parse_multiplier
from bot.screen.sound import sound_line
from bot.screen.textline import LineRules

#: Least confidence of the model for a number of a known form, and for one that is read for the first time.
SURE, VERY_SURE = 0.80, 0.90
#: Two colours (largest difference of a channel) nearer than this are one ink.
SAME_INK = 42
#: Seconds between two searches with the detector; while nothing new is to be found, and while it is.
SEARCH_EVERY_S, SEARCH_OFTEN_S = 1.0, 0.2
#: The box is brought to sides between these (pixels) for the detector: the number is large in it.
DETECT_LONGEST, DETECT_SHORTEST = 480, 96
#: Inks that are remembered, and those that are tried before the number is searched for.
MOST_INKS, TRIED_INKS = 24, 6
#: Digits may be this much lower or higher than learned (pulsing numbers).
LOWER, HIGHER = 0.72, 1.38
#: Least height of digits in pixels.
LEAST_PX = 7


class Form(StrEnum):
    """How a number says that it is a multiplier."""

    SUFFIX = "suffix"
    PREFIX = "prefix"
    BARE = "bare"


_CROSS = str.maketrans(dict.fromkeys("X×хХχΧ✕✖⨯", "x"))
_AMOUNT = r"\d{1,3}(?:[ ,.'’]\d{3})+[.,]\d\d|\d+[.,]\d\d"
_FORMS = {
    Form.SUFFIX: re.compile(rf"(?<![\d.,])({_AMOUNT})\s?x(?![A-Za-z0-9])"),
    Form.PREFIX: re.compile(rf"(?<![A-Za-z0-9])x\s?({_AMOUNT})(?![\d.,])"),
    Form.BARE: re.compile(rf"(?<![\d.,:x])({_AMOUNT})(?![\d.,:%A-Za-z])"),
}


class Spotted(NamedTuple):
    """A multiplier in a text: its value, its form, and the words around it."""

    value: int
    form: Form
    rest: str


def spot(text: str, form: Form | None = None) -> Spotted | None:
    """The one multiplier in ``text``; in any form, or only in ``form``. ``None``: none, or more than one."""
    plain = text.translate(_CROSS)
    for kind in (form,) if form else Form:
        found = list(_FORMS[kind].finditer(plain))
        if not found:
            continue
        if len(found) > 1:
            return None
        amount = re.sub(r"['’]", " ", found[0][1])
        value = parse_multiplier(amount + "x")
        if value is None:
            return None
        rest = (plain[: found[0].start()] + " " + plain[found[0].end() :]).strip()
        return Spotted(value, kind, rest)
    return None


@dataclass(slots=True)
class Ink:
    """A colour in which the number was seen. Rows and height are shares of the box's height."""

    key: str
    colour: TextColour
    top: float
    bottom: float
    seen: int = 0

    @property
    def height(self) -> float:
        """Height of its digits as a share of the box's."""
        return self.bottom - self.top

    def follow(self, top: int, bottom: int, height: int) -> None:
        """The rows on which its digits stand now, in pixels of a box of ``height``."""
        self.top, self.bottom = top / height, bottom / height


@dataclass(frozen=True, slots=True)
class WildSight:
    """What the box shows: the number or why not, the key of its ink, and the words beside it."""

    value: FieldValue[int]
    ink: str = ""
    words: str = ""
    reader: str = ""


@dataclass(slots=True)
class _Memory:
    """Pixels of the last look and what they said."""

    pixels: Image
    sight: WildSight


@dataclass(slots=True)
class WildNumber:
    """The multiplier of an unknown page. ``teach`` makes the teacher once the form is known."""

    engine: OcrEngine
    detector: Callable[[], TextDetector]
    counts: ReadCounts
    make_teacher: Callable[[Form], Teacher]
    inks: list[Ink] = field(default_factory=list)
    form: Form | None = None
    teacher: Teacher | None = None
    rising: bool = False
    _forms: dict[Form, int] = field(default_factory=dict)
    _last: _Memory | None = None
    _searched_s: float = -10.0
    _found_s: float = -10.0
    _size: tuple[int, int] = (0, 0)

    # -- a look -----------------------------------------------------------------------------------------

    def look(self, image: Image, at_s: float) -> WildSight:
        """Reads the box; pixels that did not change are not read again."""
        last = self._last
        if last is not None and np.array_equal(last.pixels, image):
            return last.sight
        sight = self._read(image, at_s)
        self.counts.add("multiplier", sight.reader or "refused")
        if sight.value.value is not None:
            self._found_s = at_s
        if sight.reader != "waiting":
            self._last = _Memory(image.copy(), sight)
        return sight

    def _read(self, image: Image, at_s: float) -> WildSight:
        height = image.shape[0]
        for ink in self._recent():
            found = self._sound(image, ink)
            if found is not None:
                sight = self._read_line(image, ink, found, at_s)
                if sight is not None:
                    return sight
        for ink in self._recent()[:3]:
            line = _line_in(near(image, ink.colour.colour, ink.colour.wide), ink, height)
            if line is not None:
                sight = self._read_whole(image, line, ink)
                if sight is not None:
                    return sight
        if self.inks and (line := self._line_in_band(image)) is not None:
            sight = self._read_whole(image, line)
            if sight is not None:
                return sight
        return self._search(image, at_s)

    def _recent(self) -> list[Ink]:
        """The inks seen last: a number does not change its colour for one of long ago."""
        return self.inks[:TRIED_INKS]

    def _prefer(self, ink: Ink) -> None:
        ink.seen += 1
        if self.inks and self.inks[0] is not ink:
            self.inks.remove(ink)
            self.inks.insert(0, ink)

    # -- the fast path: sound pieces ---------------------------------------------------------------------

    def _sound(self, image: Image, ink: Ink) -> SoundLine | None:
        if self.form is Form.PREFIX:
            return None
        height = ink.height * image.shape[0]
        rules = LineRules(
            suffix=self.form is not Form.BARE,
            min_digits=3,
            min_height=max(LEAST_PX, LOWER * height),
            max_height=HIGHER * height,
        )
        found = sound_line(image, ink.colour, rules)
        return found if isinstance(found, SoundLine) else None

    def _read_line(self, image: Image, ink: Ink, found: SoundLine, at_s: float) -> WildSight | None:
        """A sound line by glyphs, by the model, or by both; ``None``: neither could."""
        teacher = self.teacher
        glyphs = None
        if teacher is not None and teacher.font.characters:
            glyphs = GlyphReader(teacher.font, self._parse).read_found(found)
        if (
            teacher is not None
            and teacher.trusted
            and glyphs is not None
            and glyphs.value is not None
            and not teacher.audit_due(at_s)
        ):
            self._prefer(ink)
            return WildSight(FieldValue(glyphs.value, glyphs.confidence, glyphs.text), ink.key, "", "glyphs")
        read = self._ask(image, found)
        if read is None:
            if glyphs is not None and glyphs.doubt is False and teacher is not None and teacher.trusted:
                self._prefer(ink)
                alone = FieldValue(glyphs.value, glyphs.confidence, glyphs.text)
                return WildSight(alone, ink.key, "", "glyphs") if glyphs.value is not None else None
            return None
        value, text, confidence = read
        self._note_form(self.form or Form.SUFFIX)  # only a form with an x behind it has pieces like that
        self._prefer(ink)
        ink.follow(found.line.top, found.line.bottom, image.shape[0])
        if teacher is not None and teacher.font.characters:
            agree = None if glyphs is None or glyphs.value is None else glyphs.value == value
            was_trusted = teacher.trusted
            if agree is not None or not was_trusted:
                teacher.compared(agree, at_s)
            if agree is False:
                refused: FieldValue[int] = FieldValue.refused("glyphs and engine disagree", text)
                return WildSight(refused, ink.key, "", "")
        elif teacher is not None and self.rising:
            teacher.label(found, text, value, at_s)
        return WildSight(FieldValue(value, confidence, text), ink.key, "", "both" if glyphs else "engine")

    def _ask(self, image: Image, found: SoundLine) -> tuple[int, str, float] | None:
        """A sound line as the model reads it (pixels, then ink alone), fitted to its pieces."""
        texts = []
        for picture in (cut(image, with_margin(found.line.box, *image.shape[:2])), ink_picture(image, found)):
            line = self.engine.read_line(picture, "0123456789.,x ")
            text = line.text.replace(" ", "")
            texts.append(text)
            kinds = "".join("d" if c.isdigit() else "x" if c == "x" else "." for c in text)
            if kinds != found.line.kinds.replace(",", ".") or line.confidence < SURE:
                continue
            if len(texts) == 2 and texts[0] and _digits(texts[0]) != _digits(text):
                return None
            letters = [c for c in text if c.isdigit() or c == "x"]
            value = self._parse(spell(found.line, letters)) or self._parse(text)
            if value is not None:
                return value, text, line.confidence
        return None

    def _parse(self, text: str) -> int | None:
        tail = text.rstrip("x")
        # Small points and commas look alike: by its place the last separator is the decimal one.
        plain = (
            re.sub(r"[.,]", ",", tail[:-3]) + "." + tail[-2:] if len(tail) > 3 and tail[-3] in ".," else tail
        )
        return parse_multiplier(plain + "x")

    # -- the slow path: a line as a whole ----------------------------------------------------------------

    def _line_in_band(self, image: Image) -> Box | None:
        """The line on the known rows in whatever colour stands out from the ground there."""
        ink = self.inks[0]
        height = image.shape[0]
        top = max(0, round((ink.top - 0.25 * ink.height) * height))
        bottom = min(height, round((ink.bottom + 0.25 * ink.height) * height))
        band = image[top:bottom]
        if band.shape[0] < LEAST_PX:
            return None
        ground = np.median(band.reshape(-1, 3), axis=0)
        distance = np.abs(band.astype(np.int16) - ground).max(axis=2).astype(np.uint8)
        threshold, _ = cv2.threshold(distance, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        if threshold < 18:
            return None
        mask = np.where(distance > threshold, 255, 0).astype(np.uint8)
        found = _extent(mask, 0.5 * ink.height * height)
        return None if found is None else found.shifted(0, top)

    def _read_whole(self, image: Image, line: Box, known: Ink | None = None) -> WildSight | None:
        """A line without sound pieces, in several pictures: two must say the same, and none another."""
        votes: list[tuple[Spotted, float, str]] = []
        for area in _pictures(image, line, known):
            read = self.engine.read_line(area)
            spotted = spot(read.text, self.form)
            if spotted is None:
                if not votes and known is None and sum(c.isdigit() for c in read.text) < 2:
                    return None  # nothing like a number: the other pictures would only cost time
                continue
            if votes and spotted.value != votes[0][0].value:
                return None
            votes.append((spotted, read.confidence, read.text))
            sure = sum(confidence >= SURE for _, confidence, _ in votes)
            new = self.form is None and max(confidence for _, confidence, _ in votes) < VERY_SURE
            if sure >= 2 + new:  # what is read for the first time wants more
                break
        else:
            return None
        spotted, confidence, text = max(votes, key=lambda vote: vote[1])
        ink = (
            self._ink_of(image, line) or known
        )  # by its own colour: another one may be near enough to be found
        if ink is None:
            return None
        self._note_form(spotted.form)
        self._prefer(ink)
        return WildSight(
            FieldValue(spotted.value, min(confidence, 0.9), text), ink.key, spotted.rest, "engine"
        )

    def _ink_of(self, image: Image, line: Box) -> Ink | None:
        """The ink of a line, known or new: the colour that stands out from its ground."""
        area = cut(image, with_margin(line, *image.shape[:2]))
        ground = np.median(area.reshape(-1, 3), axis=0)
        distance = np.abs(area.astype(np.int16) - ground).max(axis=2).astype(np.uint8)
        threshold, mask = cv2.threshold(distance, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        if threshold < 18:
            return None
        core = cv2.erode(mask, np.ones((3, 3), np.uint8))
        if cv2.countNonZero(core) < 0.12 * cv2.countNonZero(mask):
            core = mask
        strong = area[(core > 0) & (distance >= np.percentile(distance[core > 0], 30))]
        if not len(strong):
            return None
        colour = _colour(np.median(strong, axis=0))
        height = image.shape[0]
        for ink in self.inks:
            if max(abs(a - b) for a, b in zip(ink.colour.colour, colour, strict=True)) <= SAME_INK:
                return ink
        rows = _digit_rows(np.asarray(mask, np.uint8))
        if rows is None:
            return None
        offset = max(0, line.y - (with_margin(line, *image.shape[:2]).height - line.height) // 2)
        top, bottom = offset + rows[0], offset + rows[1]
        key = f"#{colour[2]:02x}{colour[1]:02x}{colour[0]:02x}"
        ink = Ink(key, TextColour.between(key, colour, _colour(ground)), top / height, bottom / height)
        self.inks.insert(0, ink)
        if len(self.inks) > MOST_INKS:
            self.inks.remove(min(self.inks[1:], key=lambda each: each.seen))
        return ink

    def _note_form(self, form: Form) -> None:
        """The form of the number, once seen often enough in a flight."""
        if self.form is not None or not self.rising:
            return
        self._forms[form] = self._forms.get(form, 0) + 1
        if self._forms[form] >= 5:
            self.form = form
            self.teacher = self.make_teacher(form)

    # -- first sight -------------------------------------------------------------------------------------

    def _search(self, image: Image, at_s: float) -> WildSight:
        """All lines of text in the box, read by the model; the one that holds a multiplier."""
        pause = SEARCH_OFTEN_S if at_s - self._found_s < 3.0 or self.form is None else SEARCH_EVERY_S
        if 0 <= at_s - self._searched_s < pause:
            return WildSight(FieldValue.refused("no number is seen"), reader="waiting")
        self._searched_s = at_s
        words: list[str] = []
        candidates: list[Box] = []
        for region in self.detector().find(image, DETECT_LONGEST, DETECT_SHORTEST):
            text = self.engine.read_line(cut(image, region.box)).text
            if spot(text, self.form) is None:
                words.append(text)
            else:
                candidates.append(region.box)
        for box in sorted(candidates, key=lambda each: -each.height):
            sight = self._read_whole(image, box)
            if sight is not None:
                return WildSight(sight.value, sight.ink, " ".join([*words, sight.words]).strip(), "search")
        return WildSight(FieldValue.refused("no number is seen"), words=" ".join(words))

    # -- the flight --------------------------------------------------------------------------------------

    def flight_over(self) -> None:
        """The flight ended: what was labelled in it is learned from."""
        self.rising = False
        if self.teacher is not None:
            self.teacher.flight_over()

    def flight_goes_on(self) -> None:
        """A long flight teaches before it ends."""
        if self.teacher is not None:
            self.teacher.flight_goes_on()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _colour(channels: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Colour:
    blue, green, red = (int(channel) for channel in channels)
    return blue, green, red


def _pictures(image: Image, line: Box, known: Ink | None) -> Iterator[Image]:
    """A line in several ways: as it is, its ink alone where that is known, in grey, with hardly any margin.

    What flies past the number in another colour is not in the ink.
    """
    height, width = image.shape[:2]
    area = cut(image, with_margin(line, height, width))
    if min(area.shape[:2]) < LEAST_PX:
        return
    yield area
    if known is not None:
        alone = ink_mask(area, known.colour.colour, min(255, 2 * known.colour.wide))
        yield np.repeat(alone[:, :, None], 3, axis=2)
    yield _in_grey(area)
    pad = max(2, round(0.06 * line.height))
    yield cut(image, Box(line.x - pad, line.y - pad, line.width + 2 * pad, line.height + 2 * pad))


def _in_grey(area: Image) -> Image:
    """Grey, dark text made light, stretched to full contrast, half as large again: another picture of it."""
    grey = cv2.cvtColor(area, cv2.COLOR_BGR2GRAY)
    if float(np.median(grey)) > 127:
        grey = cv2.bitwise_not(grey)
    low, high = np.percentile(grey, (5, 99.5))
    scaled = np.clip((grey.astype(np.float32) - low) * (255.0 / max(1.0, high - low)), 0, 255).astype(
        np.uint8
    )
    larger = cv2.resize(scaled, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(larger, cv2.COLOR_GRAY2BGR), np.uint8)


def _line_in(mask: Image, ink: Ink, height: int) -> Box | None:
    """The box of the ink on its known rows; ``None`` when there is hardly any."""
    top = max(0, round((ink.top - 0.3 * ink.height) * height))
    bottom = min(height, round((ink.bottom + 0.3 * ink.height) * height))
    found = _extent(mask[top:bottom], 0.5 * ink.height * height)
    return None if found is None else found.shifted(0, top)


def _extent(mask: Image, least_px: float) -> Box | None:
    """The box around parts of a mask that are as high as digits, with what stands near them."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tall = [row for row in stats[1:].tolist() if row[3] >= least_px and row[2] <= 8 * row[3]]
    if len(tall) < 2:
        return None
    left, right = min(row[0] for row in tall), max(row[0] + row[2] for row in tall)
    top, bottom = min(row[1] for row in tall), max(row[1] + row[3] for row in tall)
    return Box(left, top, right - left, bottom - top)


def _digit_rows(mask: Image) -> tuple[int, int] | None:
    """First and last row of the digits: the usual top and bottom of the tallest parts."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    rows = stats[1:]
    rows = rows[rows[:, 3] >= max(LEAST_PX, 0.4 * mask.shape[0])]
    if not len(rows):
        return None
    top = int(np.median(rows[:, 1]))
    bottom = int(np.median(rows[:, 1] + rows[:, 3]))
    return (top, bottom) if bottom - top >= LEAST_PX else None
