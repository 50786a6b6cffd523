"""The history strip: chips, newest first, each in the colour of its tier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bot.domain.ports import Image
from bot.domain.words import Box, FieldValue
from bot.screen.fields import WAITING, Budget, NumberField, digit_rules
from bot.screen.layout import Colour
from bot.screen.lines import cut
from bot.screen.masks import TextColour, near

#: Pixels around a chip's text that are read with it.
MARGIN = 3
#: Least distance of the first text from the strip's left edge, in ems: nearer, and its first digits may
#: be hidden with the cut in a gap between two of them, where nothing looks cut.
CLEAR_LEFT = 0.3


class _Chip(NamedTuple):
    """Where a chip's text starts, the box it is read in, the place of its tier (-1: mixed colours)."""

    start: int
    box: Box
    tier: int


class HistoryField:
    """The strip of chips, newest first. A chip's colour must fit its value."""

    def __init__(self, tiers: Sequence[tuple[int, Colour]], number: NumberField) -> None:
        self._tiers = [
            (start, TextColour.on_dark(f"tier-{start}", colour)) for start, colour in sorted(tiers)
        ]
        self._number = number
        self._seen = False

    def read(self, image: Image, em_px: float, at_s: float, budget: Budget) -> FieldValue[tuple[int, ...]]:
        """All whole chips; refused when any but the last cannot be read."""
        chips = self._chips(image, em_px)
        if chips and chips[0].start < CLEAR_LEFT * em_px:
            return FieldValue.refused("the first chip is sliding in")
        values: list[int] = []
        confidence = 1.0
        for place, chip in enumerate(chips):
            value = self._chip(image, chip, em_px, at_s, budget)
            if value.value is None:
                if place == len(chips) - 1 and value.reason != WAITING and values:
                    break
                return FieldValue.refused(value.reason, f"chip {place}")
            values.append(value.value)
            confidence = min(confidence, value.confidence)
        if not chips:  # only a table that never had a chip has none
            return FieldValue.refused("no chips in sight") if self._seen else FieldValue((), 0.9, "")
        if not values:
            return FieldValue.refused("no chips read")
        self._seen = True
        return FieldValue(tuple(values), confidence, " ".join(str(value) for value in values))

    def _chips(self, image: Image, em_px: float) -> list[_Chip]:
        """The chips' texts, left to right."""
        masks = [near(image, colour.colour, colour.narrow) for _, colour in self._tiers]
        total = np.zeros(image.shape[:2], np.uint8)
        for _, colour in self._tiers:
            total |= near(image, colour.colour, colour.wide)
        columns = np.flatnonzero(total.any(axis=0))
        if not len(columns):
            return []
        breaks = np.flatnonzero(np.diff(columns) > 0.5 * em_px)
        starts = columns[np.concatenate([[0], breaks + 1])].tolist()
        ends = columns[np.concatenate([breaks, [len(columns) - 1]])].tolist()
        found = []
        for start, end in zip(starts, ends, strict=True):
            counts = [int(np.count_nonzero(mask[:, start : end + 1])) for mask in masks]
            most = int(np.argmax(counts))
            mixed = sum(counts) - counts[most] > 0.1 * counts[most]
            left, right = max(0, start - MARGIN), min(image.shape[1], end + 1 + MARGIN)
            box = Box(left, 0, right - left, image.shape[0])
            found.append(_Chip(start, box, -1 if mixed else most))
        return found

    def _chip(self, image: Image, chip: _Chip, em_px: float, at_s: float, budget: Budget) -> FieldValue[int]:
        box, tier = chip.box, chip.tier
        if tier < 0:
            return FieldValue.refused("mixed colours")
        start, colour = self._tiers[tier]
        end = self._tiers[tier + 1][0] if tier + 1 < len(self._tiers) else None
        rules = digit_rules(em_px, suffix=True, min_digits=3)
        value = self._number.read(cut(image, box), colour, rules, at_s, budget)
        if value.value is not None and (value.value < start or (end is not None and value.value >= end)):
            return FieldValue.refused("value and colour of a chip disagree", value.text)
        return value
