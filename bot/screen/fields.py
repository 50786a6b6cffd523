"""Fields of a table: each finds its line, reads it with glyphs or engine, and remembers what it read."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import FieldValue
from bot.screen.flight import FlightGuard
from bot.screen.glyphs import (
    SMALL_PX,
    GlyphReader,
    GlyphResult,
    LineRules,
    NoLine,
    SoundLine,
    plain_separators,
    sound_line,
    spell,
)
from bot.screen.learning import Teacher
from bot.screen.lines import cut, mask_bounds, with_margin
from bot.screen.masks import Mask, TextColour, ink, near
from bot.screen.numbers import parse_multiplier

NUMBER_CHARSET = "0123456789.,"
MULTIPLIER_CHARSET = NUMBER_CHARSET + "x"
MIN_ENGINE_CONFIDENCE = 0.85
#: Small text: glyphs must be nearer than this to be read without the engine.
SMALL_CONFIDENCE, SMALL_MARGIN = 0.92, 0.06
MEMORY = 512
WAITING = "waiting for the engine"


@dataclass(slots=True)
class ReadCounts:
    """How often a field was read or refused, by reader: ``counts["multiplier", "glyphs"]``.

    ``last``: who read it last.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, reader: str) -> None:
        self.counts[name, reader] += 1
        self.last[name] = reader


def digit_rules(em_px: float, *, suffix: bool, min_digits: int, caret: bool = False) -> LineRules:
    """Rules for text of a font size in pixels: digits are between 0.6 and 0.86 of it high."""
    low, high = 0.6 * em_px - 1.0, 0.86 * em_px + 1.0
    return LineRules(suffix, min_digits, max(5.0, low), high, caret)


def engine_text(engine: OcrEngine, picture: Image, found: SoundLine, charset: str) -> tuple[str, float, str]:
    """A line as the engine reads it, fitted to its pieces: text, confidence, why refused or ``""``."""
    line = engine.read_line(picture, charset)
    text = line.text.replace(" ", "")
    kinds = "".join("d" if c.isdigit() else "x" if c == "x" else "." for c in text)
    if kinds != found.line.kinds.replace(",", "."):
        return text, line.confidence, "engine and pieces differ"
    if line.confidence < MIN_ENGINE_CONFIDENCE:
        return text, line.confidence, "the engine is not sure"
    if found.line.height >= SMALL_PX:  # its points and commas can be told apart by shape
        text = spell(found.line, [c for c in text if c.isdigit() or c == "x"])
    return text, line.confidence, ""


def ink_picture(image: Image, found: SoundLine) -> Image:
    """A line's ink as white on black: text of other colours beside it and the background are gone."""
    area = with_margin(found.line.box, *image.shape[:2])
    grey = ink(cut(image, area), found.colour.colour, min(255, 2 * found.colour.wide))
    return np.repeat(grey[:, :, None], 3, axis=2)


@dataclass(slots=True)
class Budget:
    """How many calls of the engine a look may still make for small fields."""

    left: int

    def take(self) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        return True


class NumberField:
    """A number in small still text: remembered by its very pixels, then glyphs, then the engine."""

    def __init__(
        self,
        name: str,
        parse: Callable[[str], int | None],
        engine: OcrEngine,
        teacher: Teacher,
        counts: ReadCounts,
        charset: str = NUMBER_CHARSET,
        whole: bool = False,
    ) -> None:
        """``whole``: text whose glyphs touch may be read by the engine as a whole (nothing hangs on it)."""
        self.name = name
        self._whole = whole
        self.teacher = teacher
        self._engine = engine
        self._charset = charset
        self._counts = counts
        self._parse = parse
        self._memory: OrderedDict[bytes, FieldValue[int]] = OrderedDict()
        self._reader = GlyphReader(teacher.font, parse, None, SMALL_CONFIDENCE, SMALL_MARGIN)

    def read(
        self, image: Image, colour: TextColour, rules: LineRules, at_s: float, budget: Budget
    ) -> FieldValue[int]:
        """The number in ``image``; reason ``WAITING`` if only the engine could tell and may not be asked."""
        found = sound_line(image, colour, rules)
        if isinstance(found, NoLine):
            value, reader = self._read_whole(image, colour, found, budget)
            self._counts.add(self.name, reader)
            return value
        key = self._key(image, found)
        known = self._memory.get(key)
        if known is not None:
            self._memory.move_to_end(key)
            self._counts.add(self.name, "remembered")
            return known
        value, reader = self._read_new(image, found, at_s, budget)
        self._counts.add(self.name, reader)
        if value.value is not None:
            self._memory[key] = value
            if len(self._memory) > MEMORY:
                self._memory.popitem(last=False)
        return value

    def _key(self, image: Image, found: SoundLine) -> bytes:
        box = found.line.box
        pixels = cut(image, box)
        return found.colour.name.encode() + bytes([box.width & 255, box.height & 255]) + pixels.tobytes()

    def _read_whole(
        self, image: Image, colour: TextColour, why: NoLine, budget: Budget
    ) -> tuple[FieldValue[int], str]:
        """Text without sound pieces, read twice by the engine (ink alone, and pixels) with one result."""
        refused: tuple[FieldValue[int], str] = FieldValue.refused(why.reason), "refused"
        if not self._whole:
            return refused
        bounds = mask_bounds(near(image, colour.colour, colour.wide))
        if bounds is None or bounds.x <= 0 or bounds.right >= image.shape[1] or bounds.height < 5:
            return refused
        if not budget.take():
            return FieldValue.refused(WAITING), "waiting"
        area = with_margin(bounds, *image.shape[:2])
        pixels = cut(image, area)
        plain = np.repeat(ink(pixels, colour.colour, min(255, 2 * colour.wide))[:, :, None], 3, axis=2)
        first, second = (self._engine.read_line(picture, self._charset) for picture in (plain, pixels))
        value = self._parse(plain_separators(first.text))
        if value is None or first.text != second.text or min(first.confidence, second.confidence) < 0.9:
            return refused
        return FieldValue(value, min(first.confidence, second.confidence, 0.9), first.text), "engine"

    def _read_new(
        self, image: Image, found: SoundLine, at_s: float, budget: Budget
    ) -> tuple[FieldValue[int], str]:
        self._reader.font = self.teacher.font
        glyphs = self._reader.read_found(found)
        audit = self.teacher.audit_due(at_s)
        if self.teacher.trusted and glyphs.value is not None and not audit:
            return FieldValue(glyphs.value, glyphs.confidence, glyphs.text), "glyphs"
        if not budget.take():
            if self.teacher.trusted and glyphs.value is not None:
                return FieldValue(glyphs.value, glyphs.confidence, glyphs.text), "glyphs"
            return FieldValue.refused(WAITING), "waiting"
        text, confidence, reason = engine_text(self._engine, ink_picture(image, found), found, self._charset)
        value = None if reason else self._parse(plain_separators(text))
        if value is None:
            return FieldValue.refused(reason or "not the form of the field", text), "refused"
        return self._judge(found, FieldValue(value, confidence, text), glyphs, at_s)

    def _judge(
        self, found: SoundLine, read: FieldValue[int], glyphs: GlyphResult, at_s: float
    ) -> tuple[FieldValue[int], str]:
        teacher = self.teacher
        if teacher.font.characters and glyphs.value is not None:
            agree = glyphs.value == read.value
            was_trusted = teacher.trusted
            teacher.compared(agree, at_s)
            if not agree and was_trusted:
                self._memory.clear()
                return FieldValue.refused("glyphs and engine disagree", read.text), "refused"
        elif read.value is not None and read.confidence >= 0.95:
            teacher.label(found, read.text, read.value, at_s)
        return read, "engine"


@dataclass(frozen=True, slots=True)
class MultiplierSight:
    """What the multiplier's box shows: digits seen per colour, colour and value of the number."""

    digits: dict[str, int]
    colour: str
    value: FieldValue[int]
    reader: str = ""


class MultiplierField:
    """The big number. Learns its font in flight; the crash point is always read by two readers."""

    def __init__(
        self, colours: Sequence[TextColour], engine: OcrEngine, teacher: Teacher, counts: ReadCounts
    ) -> None:
        self.teacher = teacher
        self._colours = tuple(colours)
        self._engine = engine
        self._counts = counts
        self._reader = GlyphReader(teacher.font, parse_multiplier)
        self._masks: list[Mask] = []
        self._last: MultiplierSight | None = None
        self._last_engine_s = -1.0
        self._guard = FlightGuard()

    def look(self, image: Image, em_px: float, at_s: float) -> MultiplierSight:
        """Reads the box; ink that did not change is not read again."""
        masks = [near(image, colour.colour, colour.wide) for colour in self._colours]
        if self._last is not None and self._same(masks):
            return self._last
        self._masks = masks
        sight = self._look_anew(image, masks, digit_rules(em_px, suffix=True, min_digits=3), at_s)
        self._counts.add("multiplier", sight.reader or "refused")
        self._last = None if sight.value.reason == WAITING else sight
        return sight

    def _same(self, masks: Sequence[Mask]) -> bool:
        return len(masks) == len(self._masks) and all(
            np.array_equal(new, old) for new, old in zip(masks, self._masks, strict=True)
        )

    def _look_anew(
        self, image: Image, masks: Sequence[Mask], rules: LineRules, at_s: float
    ) -> MultiplierSight:
        digits: dict[str, int] = {}
        sound: list[SoundLine] = []
        reasons: list[NoLine] = []
        for colour, mask in zip(self._colours, masks, strict=True):
            found = sound_line(image, colour, rules, mask)
            if isinstance(found, NoLine):
                digits[colour.name] = found.digits
                reasons.append(found)
            else:
                digits[colour.name] = found.line.kinds.count("d")
                sound.append(found)
        if len(sound) != 1:
            reason = max(reasons, key=lambda each: each.digits).reason if reasons else "two numbers"
            if not any(digits.values()):
                self._guard.land()
            return MultiplierSight(digits, "", FieldValue.refused(reason))
        value, reader = self._read(image, sound[0], at_s)
        if sound[0].colour.name != "flying":
            self._guard.land()
        elif value.value is not None and not self._guard.passes(value.value, at_s):
            value, reader = FieldValue.refused("does not go on from the last value", value.text), ""
        return MultiplierSight(digits, sound[0].colour.name, value, reader)

    def _read(self, image: Image, found: SoundLine, at_s: float) -> tuple[FieldValue[int], str]:
        teacher = self.teacher
        self._reader.font = teacher.font
        final = found.colour.name == "crashed"
        if teacher.trusted:
            glyphs = self._reader.read_found(found)
            clear = glyphs.value is not None
            if clear and not final and not teacher.audit_due(at_s):
                return FieldValue(glyphs.value, glyphs.confidence, glyphs.text), "glyphs"
            if not clear and not glyphs.doubt:
                return FieldValue.refused(glyphs.reason, glyphs.text), ""
            return self._with_engine(image, found, glyphs, at_s)
        if not final and 0 <= at_s - self._last_engine_s < 0.045:
            return FieldValue.refused(WAITING), ""
        return self._learning(image, found, at_s)

    def _ask_engine(self, image: Image, found: SoundLine, at_s: float) -> FieldValue[int]:
        """The engine on the pixels as they are; where it is not sure, on the ink alone too.

        A second look may settle a doubt but not a contradiction.
        """
        self._last_engine_s = at_s
        raw = cut(image, with_margin(found.line.box, *image.shape[:2]))
        first = self._engine_value(raw, found)
        if first.value is not None:
            return first
        second = self._engine_value(ink_picture(image, found), found)
        if second.value is None or (first.text and first.text != second.text):
            return first
        return second

    def _engine_value(self, picture: Image, found: SoundLine) -> FieldValue[int]:
        text, confidence, reason = engine_text(self._engine, picture, found, MULTIPLIER_CHARSET)
        value = None if reason else parse_multiplier(plain_separators(text))
        if value is None:
            return FieldValue.refused(reason or "not the form of a multiplier", text)
        return FieldValue(value, confidence, text)

    def _with_engine(
        self, image: Image, found: SoundLine, glyphs: GlyphResult, at_s: float
    ) -> tuple[FieldValue[int], str]:
        """Glyphs and engine together: an audit, a crash point, or a doubt of the glyphs."""
        read = self._ask_engine(image, found, at_s)
        if read.value is None and glyphs.value is not None and read.text == glyphs.text:
            read = FieldValue(glyphs.value, glyphs.confidence, read.text)  # it said the same, if unsurely
        if read.value is None:
            if glyphs.value is not None and found.colour.name != "crashed":
                return FieldValue(glyphs.value, glyphs.confidence, glyphs.text), "glyphs"
            return FieldValue.refused(f"engine: {read.reason}", read.text or glyphs.text), ""
        if glyphs.value is not None:
            self.teacher.compared(glyphs.value == read.value, at_s)
            if glyphs.value != read.value:
                return FieldValue.refused("glyphs and engine disagree", glyphs.text), ""
            return FieldValue(read.value, max(glyphs.confidence, read.confidence), read.text), "both"
        characters = [c for c in read.text if c.isdigit() or c == "x"]
        near_enough = all(
            character in (match.character, match.second)
            for character, match in zip(characters, glyphs.matches, strict=True)
        )
        if not near_enough:
            return FieldValue.refused("glyphs and engine disagree", read.text), ""
        return FieldValue(read.value, min(read.confidence, 0.9), read.text), "engine"

    def _learning(self, image: Image, found: SoundLine, at_s: float) -> tuple[FieldValue[int], str]:
        read = self._ask_engine(image, found, at_s)
        if read.value is None:
            return read, ""
        if self.teacher.font.characters:
            glyphs = self._reader.read_found(found)
            self.teacher.compared(None if glyphs.value is None else glyphs.value == read.value, at_s)
            if glyphs.value is not None and glyphs.value != read.value:
                return FieldValue.refused("glyphs and engine disagree", read.text), ""
        elif found.colour.name == "flying":
            self.teacher.label(found, read.text, read.value, at_s)
            self.teacher.flight_goes_on()
        return read, "engine"
