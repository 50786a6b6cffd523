"""Reads history chips in a still: rows of small multipliers, newest first, or a refusal of the whole.

A list with a hole is worse than none: it would fill missed rounds with the wrong ones. So the list ends
before the first chip that can't be read (they fade towards the end), and is refused when hardly any are left.
What is cut off at the start (a chip sliding in, a row above) refuses all, as then the newest is not known.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bot.domain.ports import Image
from bot.domain.words import Box, FieldValue
from bot.screen.detect import TextRegion
from bot.screen.engines import ALIKE, MULTIPLIER_CHARSET
from bot.screen.ink import Ink, InkColour, fault_of, find_inks, hue_of
from bot.screen.lines import cut, with_margin
from bot.screen.numbers import parse_multiplier
from bot.screen.small_print import read_small
from bot.screen.stills import MIN_CONFIDENCE, StillReader, TextLine, painted

History = FieldValue[tuple[int, ...]]

#: Fewest chips that make a history when there is anything else in the picture.
FEWEST = 4
#: Chips of one strip have heights within this factor of the typical one.
SAME_HEIGHT = 1.45
#: Gap between chips, as a multiple of the typical gap, from which one is missing between them.
HOLE = 1.9
#: Chips are at most this share of a picture's height apart from row to row, in chip heights.
ROW_PITCH = 4.5
#: Lines lower than this many pixels are enlarged before their ink is looked at.
ENLARGE_BELOW = 40
#: Digits lower than this many pixels have no inside whose evenness could be judged.
SOLID_FROM = 18
#: Least level of white chips: they fade out to the right on purpose.
FADED_WHITE = 120
#: What is left of a covered chip is looked for so far left of a row, in chip heights.
REMAINS = 6.0
#: Least difference between the channels of a colour that is looked for at the picture's edge.
VIVID = 90
#: What may be a chip, or what is left of one: its end alone reads as "lx" or "x".
_ALMOST = re.compile(r"\d|^\W?[lI|Oo]{0,2}[xX×]$")
_CHIP = re.compile(r"\d[.,]?\d\d\s?[xX×]$")
#: Hues in degrees of Aviator's tiers below 2.00x, below 10.00x and above.
TIERS = ((0, 200, (190, 215)), (200, 1000, (252, 276)), (1000, 10**12, (293, 325)))


@dataclass(frozen=True, slots=True)
class Chip:
    """One line of text that may be a chip; ``box`` is that of its ink, ``value`` ``None`` when in doubt.

    ``bgr`` is the colour of the ink, or of the pill below small white print; ``None`` when it is not known.
    """

    box: Box
    value: int | None
    confidence: float
    ink: Ink | None
    text: str
    bgr: tuple[int, int, int] | None = None


def read_history(reader: StillReader, image: Image, lines: Sequence[TextLine]) -> History:
    """The chips of a picture whose ``lines`` were found, newest (top left) first; refused whole on doubt."""
    lines = [part for line in lines for part in _split(reader, image, line) if _ALMOST.search(part.text)]
    seeds = [line for line in lines if _CHIP.search(line.text.strip())]
    if not seeds:
        return History.refused("no history chips are seen")
    rows = _rows_of(seeds, lines)
    if not rows:
        return History.refused("no row of history chips is seen")
    chips = [[_chip(reader, image, line) for line in row] for row in rows]
    count = sum(len(row) for row in chips)
    alone = count == 1 and len(lines) == 1
    if count < FEWEST and not alone:
        return History.refused("too few chips for a history")
    only = chips[0][0].ink if alone else None
    if only is not None and only.colour is not InkColour.TINTED:
        return History.refused("one number in white or red: the multiplier, not a chip")
    legible, unread = _legible(chips)
    if unread is not None and sum(len(row) for row in legible) < FEWEST:
        return History.refused(f"a chip can't be read: {unread.text!r}", unread.text)
    fault = _fault_of_rows(image, legible, lines)
    if fault:
        return History.refused(fault)
    flat = [chip for row in legible for chip in row]
    fault = _fault_of_tiers(flat)
    if fault:
        return History.refused(fault)
    values = tuple(chip.value for chip in flat if chip.value is not None)
    return FieldValue(values, min(chip.confidence for chip in flat), " ".join(chip.text for chip in flat))


def _rows_of(seeds: list[TextLine], lines: list[TextLine]) -> list[list[TextLine]]:
    """The strip: the topmost row with enough chips and the rows that follow it at once."""
    height = float(np.median([seed.box.height for seed in seeds]))
    same = [s for s in seeds if height / SAME_HEIGHT < s.box.height < height * SAME_HEIGHT]
    if not same:  # a chip or two beside the large number
        height = float(min(seed.box.height for seed in seeds))
        same = [s for s in seeds if s.box.height < height * SAME_HEIGHT]
    rows: list[list[TextLine]] = []
    for seed in sorted(same, key=lambda line: line.box.centre[1]):
        if rows and seed.box.centre[1] - np.mean([line.box.centre[1] for line in rows[-1]]) < 0.6 * height:
            rows[-1].append(seed)
        else:
            rows.append([seed])
    fullest = max(len(row) for row in rows)
    enough = min(FEWEST, fullest)
    first = next(i for i, row in enumerate(rows) if len(row) >= enough)
    strip = [rows[first]]
    for row in rows[first + 1 :]:
        step = row[0].box.centre[1] - strip[-1][0].box.centre[1]
        left = min(line.box.x for line in strip[0])
        if step > ROW_PITCH * height or abs(min(line.box.x for line in row) - left) > 2.5 * height:
            break
        strip.append(row)
    return [_with_neighbours(row, lines, height) for row in strip]


def _with_neighbours(row: list[TextLine], lines: list[TextLine], height: float) -> list[TextLine]:
    """A row with the unreadable lines that stand on it between, before or close behind its chips."""
    middle = float(np.mean([line.box.centre[1] for line in row]))
    left, right = min(line.box.x for line in row), max(line.box.right for line in row)
    members = [
        line
        for line in lines
        if abs(line.box.centre[1] - middle) < 0.6 * height
        and line.box.right > left - REMAINS * height
        and line.box.x < right + 3 * height
    ]
    return sorted(members, key=lambda line: line.box.x)


def _legible(rows: list[list[Chip]]) -> tuple[list[list[Chip]], Chip | None]:
    """The rows up to the first chip that can't be read, and that chip."""
    kept: list[list[Chip]] = []
    for row in rows:
        unread = next((number for number, chip in enumerate(row) if chip.value is None), None)
        if unread is None:
            kept.append(row)
            continue
        if unread:
            kept.append(row[:unread])
        return kept, row[unread]
    return kept, None


def _chip(reader: StillReader, image: Image, line: TextLine) -> Chip:
    """One chip read three times (whole line, tight crop, ink alone): all must agree and the ink be whole.

    Small text is enlarged first: at 13 pixels neighbouring digits touch.
    """
    box = line.box
    area_box = Box(box.x - box.height, box.y - box.height // 2, box.width + 2 * box.height, 2 * box.height)
    area = cut(image, area_box)
    left, top = max(0, area_box.x), max(0, area_box.y)
    scale = 3 if box.height < ENLARGE_BELOW else 1
    if scale > 1:
        area = cv2.resize(area, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    region = Box((box.x - left) * scale, (box.y - top) * scale, box.width * scale, box.height * scale)
    for ink in find_inks(area, region, white_level=FADED_WHITE):
        tight = reader.engine.read_line(cut(area, with_margin(ink.line, *area.shape[:2])), MULTIPLIER_CHARSET)
        plain = reader.engine.read_line(painted(ink), MULTIPLIER_CHARSET)
        text = tight.text.replace(" ", "")
        value = parse_multiplier(text)
        confidence = min(tight.confidence, plain.confidence)
        agree = (
            value is not None
            and parse_multiplier(plain.text) == value
            and _digits(line.text) == _digits(text)
        )
        solid = ink.height >= SOLID_FROM * scale
        if agree and confidence >= MIN_CONFIDENCE and not fault_of(ink, text, area, solid=solid):
            place = Box(
                left + ink.line.x // scale,
                top + ink.line.y // scale,
                -(-ink.line.width // scale),
                -(-ink.line.height // scale),
            )
            return Chip(place, value, confidence, ink, text, ink.bgr)
    small = read_small(reader.engine, image, box)
    if small is not None and _digits(small.text) == _digits(line.text):
        return Chip(small.box, small.value, small.confidence, None, small.text, small.bgr)
    return Chip(_without_margin(box), None, 0.0, None, line.text)


def _without_margin(box: Box) -> Box:
    """About the ink of a line of which only the detector's box, with its margin, is known."""
    margin = round(0.22 * box.height)
    return Box(
        box.x + margin, box.y + margin, max(1, box.width - 2 * margin), max(1, box.height - 2 * margin)
    )


def _digits(text: str) -> str:
    for char, twins in ALIKE.items():
        text = re.sub(f"[{re.escape(twins)}]", char, text)
    return re.sub(r"\D", "", text)


def _split(reader: StillReader, image: Image, line: TextLine) -> list[TextLine]:
    """A line in which the detector saw several chips, taken apart at its blanks."""
    words = line.text.split()
    if len(words) < 2 or not all(_CHIP.search(word) for word in words):
        return [line]
    chars = reader.chars(cut(image, line.box))
    groups = [list(group) for blank, group in itertools.groupby(chars, lambda c: c.text == " ") if not blank]
    parts = []
    for group in groups:
        half = 0.5 * (group[-1].place - group[0].place) / max(1, len(group) - 1)
        first = line.box.x + round((group[0].place - half) * line.box.width)
        last = line.box.x + round((group[-1].place + half) * line.box.width)
        region = TextRegion(
            Box(first, line.box.y, max(2, last - first), line.box.height), 0.0, line.region.score
        )
        text = "".join(char.text for char in group)
        parts.append(TextLine(region, text, min(char.confidence for char in group)))
    return parts


def _fault_of_rows(image: Image, rows: list[list[Chip]], lines: list[TextLine]) -> str:
    height = float(np.median([chip.box.height for row in rows for chip in row]))
    top = min(chip.box.y for chip in rows[0])
    cut_above = [line for line in lines if line.box.y <= 1 and line.box.bottom <= top + 0.3 * height]
    if cut_above or _text_above(image, rows[0], height):
        return "a row of chips is cut off above"
    gaps = [b.box.x - a.box.right for row in rows for a, b in itertools.pairwise(row)]
    if gaps:
        typical = max(0.7 * height, float(np.median(gaps)))
        if max(gaps) > HOLE * typical + 2:
            return "a chip is missing in the row"
        if min(gaps) < -0.5 * height:
            return "chips lie over one another"
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        if _fragment(image, row[0].box, "left", height):
            return "a chip is cut off at the left edge"
        if not last and _fragment(image, row[-1].box, "right", height):
            return "a chip is cut off at the right edge of a row"
    return ""


def _text_above(image: Image, row: list[Chip], height: float) -> bool:
    """Whether ink of the chips' kind touches the picture's top edge just above the row: a row cut in half."""
    top = min(chip.box.y for chip in row)
    if top > 4 * height:
        return False
    strip = image[0 : max(1, round(0.25 * height))].reshape(-1, 3).astype(np.int16)
    vivid = [chip.bgr for chip in row if chip.bgr is not None and max(chip.bgr) - min(chip.bgr) >= VIVID]
    for colour in vivid:
        near = np.abs(strip - np.array(colour)).max(axis=1) < 45
        if np.count_nonzero(near) >= 3:
            return True
    return False


def _fragment(image: Image, chip: Box, side: str, height: float) -> bool:
    """Whether part of a further chip shows at the picture's edge beside a row's outermost chip.

    Compared is the colour at the edge on the row's middle with that just above and below the row. Only where
    the outermost chip is too far from the edge for its own pill to reach it, and the edge is the strip's own.
    """
    width = image.shape[1]
    free = chip.x if side == "left" else width - chip.right
    if free < 1.25 * height or free > 5.0 * height:
        return False
    column = 0 if side == "left" else width - 1
    middle = chip.centre[1]
    around = [
        y
        for y in (chip.y - round(1.3 * height), chip.bottom + round(1.3 * height))
        if 0 <= y < image.shape[0]
    ]
    if not around:
        return False
    here = image[middle, column].astype(np.int16)
    return all(int(np.abs(here - image[y, column].astype(np.int16)).max()) > 10 for y in around)


def _fault_of_tiers(chips: list[Chip]) -> str:
    """Where the colours are Aviator's tiers, each must fit its number: a third opinion that costs nothing."""
    hues = [hue_of(chip.bgr) for chip in chips if chip.bgr is not None]
    ranges = [tier[2] for tier in TIERS]
    if not all(any(low <= hue <= high for low, high in ranges) for hue in hues):
        return ""
    for chip, hue in zip(chips, hues, strict=True):
        value = chip.value or 0
        low, high = next(tier[2] for tier in TIERS if tier[0] <= value < tier[1])
        if not low <= hue <= high:
            return f"the colour of the chip {chip.text!r} is not that of its number"
    return ""
