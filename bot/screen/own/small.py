"""Small still text of an unknown page: money, counts, targets; read twice, remembered by its pixels."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import Box, FieldValue
from bot.screen.detect import TextDetector
from bot.screen.fields import WAITING, Budget, ReadCounts
from bot.screen.lines import cut, with_margin
from bot.screen.numbers import parse_count, parse_money, parse_multiplier

#: Least confidence of both readings.
SURE = 0.80
MEMORY = 256
_AMOUNT = re.compile(
    r"(?<![\d.,])-?\d{1,3}(?:[ ,.'’]\d{3})+(?:[.,]\d\d)?(?![\d.,])|(?<![\d.,])-?\d+(?:[.,]\d\d)?(?![\d.,])"
)


def _only_amount(text: str) -> str | None:
    """The one number in a text, with its separators; ``None`` when there is none or more than one."""
    found = _AMOUNT.findall(text.replace("\u00a0", " "))
    return re.sub(r"['’]", " ", found[0]) if len(found) == 1 else None


def money_of(text: str) -> int | None:
    """Minor units of the one amount in ``text``: ``Balance: 1 234,56 kr``, ``$1,000``, ``5000``."""
    amount = _only_amount(text)
    if amount is None:
        return None
    parsed = parse_money(amount)
    if parsed is not None:
        return parsed[0]
    whole = parse_count(amount)
    return None if whole is None else whole * 100


def count_of(text: str) -> int | None:
    """The one whole number in ``text``; of ``12/340`` the first."""
    amount = _only_amount(re.split(r"[/|]", text, maxsplit=1)[0])
    return None if amount is None else parse_count(amount)


def target_of(text: str) -> int | None:
    """Hundredths of the multiplier in a field, with or without an ``x``: ``2.00``, ``1,50x``, ``2``."""
    amount = _only_amount(re.sub(r"[xX×]", " ", text))
    if amount is None:
        return None
    if re.fullmatch(r"\d+", amount):
        return int(amount) * 100 if int(amount) >= 1 else None
    return parse_multiplier(amount + "x")


PARSERS: dict[str, Callable[[str], int | None]] = {
    "balance": money_of,
    "players": count_of,
    "players_total": money_of,
    "stake": money_of,
    "target": target_of,
}


@dataclass(slots=True)
class SmallField:
    """One field. Belongs to one thread."""

    name: str
    engine: OcrEngine
    detector: Callable[[], TextDetector]
    counts: ReadCounts
    _memory: OrderedDict[bytes, FieldValue[int]] = field(default_factory=OrderedDict)

    def read(self, image: Image, budget: Budget) -> FieldValue[int]:
        """The number in the box; reason ``WAITING`` when only the model can tell and may not be asked now."""
        key = image.shape[0].to_bytes(2, "big") + image.tobytes()
        known = self._memory.get(key)
        if known is not None:
            self._memory.move_to_end(key)
            self.counts.add(self.name, "remembered")
            return known
        if not budget.take():
            return FieldValue.refused(WAITING)
        value = self._read(image)
        self.counts.add(self.name, "refused" if value.value is None else "engine")
        self._memory[key] = value
        if len(self._memory) > MEMORY:
            self._memory.popitem(last=False)
        return value

    def _read(self, image: Image) -> FieldValue[int]:
        area = self._line(image)
        if area is None:
            return FieldValue.refused("no text is seen")
        parse = PARSERS[self.name]
        first = self.engine.read_line(area)
        value = parse(first.text)
        if value is None or first.confidence < SURE:
            return FieldValue.refused(f"read {first.text!r}" if first.text else "no text is seen", first.text)
        larger = cv2.resize(
            cv2.cvtColor(area, cv2.COLOR_BGR2GRAY), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC
        )
        second = self.engine.read_line(np.asarray(cv2.cvtColor(larger, cv2.COLOR_GRAY2BGR), np.uint8))
        if parse(second.text) != value:
            return FieldValue.refused(f"two readings differ: {first.text!r}, {second.text!r}", first.text)
        return FieldValue(value, min(first.confidence, max(second.confidence, SURE)), first.text)

    def _line(self, image: Image) -> Image | None:
        """The line of text in the box: what stands out from the ground, or what the detector finds."""
        if image.size == 0 or min(image.shape[:2]) < 6:
            return None
        inner = image[2:-2, 2:-2] if min(image.shape[:2]) > 14 else image
        box = _ink_box(inner)
        if box is not None and 6 <= box.height <= 0.8 * inner.shape[0] and box.width < 0.98 * inner.shape[1]:
            return cut(inner, with_margin(box, *inner.shape[:2]))
        regions = self.detector().find(image)
        if not regions:
            return None
        largest = max(regions, key=lambda each: each.box.width * each.box.height)
        return cut(image, largest.box)


def _ink_box(image: Image) -> Box | None:
    """The box around everything that stands out from a flat ground."""
    ground = np.median(image.reshape(-1, 3), axis=0)
    distance = np.abs(image.astype(np.int16) - ground).max(axis=2).astype(np.uint8)
    threshold, mask = cv2.threshold(distance, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if threshold < 20:
        return None
    rows = np.flatnonzero(np.count_nonzero(mask, axis=1) >= 2)
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(rows) or not len(columns):
        return None
    x, y = int(columns[0]), int(rows[0])
    return Box(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
