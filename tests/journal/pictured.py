"""Moments with pixels, and a list that takes their rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from bot.domain.pictures import Moment, Shot
from bot.domain.words import Box
from bot.journal.keeper import Happened

PLACE = Box(100, 50, 300, 200)
BOXES = {"multiplier": Box(150, 80, 120, 40), "p0_button": Box(200, 150, 60, 30), "canvas": PLACE}
AT = 1_767_225_600_000_000


def shot(seed: int = 0, boxes: Mapping[str, Box] = BOXES) -> Shot:
    pixels = np.random.default_rng(seed).integers(0, 255, (PLACE.height, PLACE.width, 3), np.uint8)
    return Shot(PLACE, pixels, boxes)


def happened(
    moment: Moment = Moment.DECIDED,
    *,
    round_id: str = "round-1",
    bet_id: str | None = "bet-1",
    at_utc_us: int = AT,
    picture: Shot | None = None,
) -> Happened:
    seen = {"multiplier": {"value": "2.45", "confidence": 0.99, "text": "2.45x", "by": "glyphs"}}
    return Happened(
        "session-1", "aviator", round_id, bet_id, moment, at_utc_us, "1.00 at 2.00x", seen, picture
    )


def numbers(prefix: str = "row") -> Callable[[], str]:
    counter = itertools.count(1)
    return lambda: f"{prefix}-{next(counter)}"
