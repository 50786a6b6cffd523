"""The bet button of an unknown page: by its words, by the game's colours, by what was learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import ButtonState, Phase
from bot.screen.layout import Colour, Layout
from bot.screen.phrases import CANCEL_WORDS, holds
from bot.screen.signs import ButtonSight, button_state

#: Two fills nearer than this (largest difference of a channel) are one.
SAME_FILL = 26
#: Looks in a phase after which a fill is known by it.
ENOUGH = 25
CASH_OUT_WORDS = (
    "CASH",
    "CASHOUT",
    "ISPLATA",
    "RETIRAR",
    "SACAR",
    "AUSZAHLEN",
    "ENCAISSER",
    "VYPLATIT",
    "ЗАБРАТЬ",
)
BET_WORDS = (
    "BET",
    "PLACE BET",
    "APOSTAR",
    "ULOZI",
    "WETTEN",
    "SETZEN",
    "MISER",
    "STAVKA",
    "СТАВКА",
    "BAHIS",
    "START",
)


def fill_of(image: Image) -> Colour:
    """The colour that fills a button: the median of its pixels, which its text does not reach."""
    blue, green, red = np.median(image[1::2, 1::2].reshape(-1, 3), axis=0)
    return int(blue), int(green), int(red)


def same_fill(one: Colour, other: Colour) -> bool:
    """Whether two fills are one colour."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= SAME_FILL


def words_on(image: Image, engine: OcrEngine) -> str:
    """What stands on a button: its lines, one after the other."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ground = int(np.median(grey))
    rows = np.flatnonzero((np.abs(grey.astype(np.int16) - ground) > 50).sum(axis=1) >= 2)
    if not len(rows):
        return ""
    breaks = np.flatnonzero(np.diff(rows) > 3)
    starts = rows[np.concatenate([[0], breaks + 1])].tolist()
    ends = rows[np.concatenate([breaks, [len(rows) - 1]])].tolist()
    texts = []
    for start, end in zip(starts, ends, strict=True):
        if end - start >= 6:
            texts.append(engine.read_line(image[max(0, start - 3) : end + 4]).text)
    return " ".join(texts)


@dataclass(slots=True)
class ButtonLooks:
    """What is known of one button. ``learn`` is for rounds in which nobody bets."""

    fills: dict[ButtonState, Colour] = field(default_factory=dict)
    _counts: dict[Phase, Counter[Colour]] = field(default_factory=dict)
    _words: dict[bytes, ButtonState] = field(default_factory=dict)

    def state(self, image: Image, layout: Layout | None, engine: OcrEngine | None) -> ButtonSight:
        """The state now. Without an engine only colours count."""
        if image.size == 0:
            return ButtonSight(ButtonState.UNKNOWN, 0.0)
        if layout is not None:
            sight = button_state(np.ascontiguousarray(image), layout)
            if sight.state is not ButtonState.UNKNOWN:
                return sight
        if engine is not None:
            by_words = self._by_words(image, engine)
            if by_words is not ButtonState.UNKNOWN:
                return ButtonSight(by_words, 0.9)
        fill = fill_of(image)
        matching = [state for state, known in self.fills.items() if same_fill(fill, known)]
        return ButtonSight(matching[0], 0.85) if len(matching) == 1 else ButtonSight(ButtonState.UNKNOWN, 0.0)

    def _by_words(self, image: Image, engine: OcrEngine) -> ButtonState:
        key = cv2.resize(image, (24, 12), interpolation=cv2.INTER_AREA).tobytes()
        known = self._words.get(key)
        if known is None:
            known = _meaning(words_on(image, engine))
            if len(self._words) > 200:
                self._words.clear()
            self._words[key] = known
        return known

    def learn(self, image: Image, phase: Phase) -> None:
        """The button's fill in this phase, while nobody bets: inviting, or not to be clicked in flight."""
        if phase not in (Phase.BETTING, Phase.FLYING) or image.size == 0:
            return
        counts = self._counts.setdefault(phase, Counter())
        fill = fill_of(image)
        near = next((known for known in counts if same_fill(fill, known)), fill)
        counts[near] += 1
        betting = self._usual(Phase.BETTING)
        if betting is None:
            return
        self.fills[ButtonState.BET] = betting
        flying = self._usual(Phase.FLYING)
        if flying is not None and not same_fill(flying, betting):
            self.fills[ButtonState.DISABLED] = flying

    def _usual(self, phase: Phase) -> Colour | None:
        counts = self._counts.get(phase)
        if not counts:
            return None
        colour, count = counts.most_common(1)[0]
        return colour if count >= ENOUGH and 2 * count > sum(counts.values()) else None

    def to_json(self) -> dict[str, Any]:
        """What was learned, to be kept."""
        return {state.value: list(fill) for state, fill in self.fills.items()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> ButtonLooks:
        """What was kept. Raises ``ValueError`` or ``TypeError``."""
        fills: dict[ButtonState, Colour] = {}
        for state, fill in kept.items():
            blue, green, red = (int(channel) for channel in fill)
            fills[ButtonState(state)] = (blue, green, red)
        return cls(fills)


def _meaning(words: str) -> ButtonState:
    """What the words on a button say; a cash-out names its amount, a cancel its bet."""
    if not words:
        return ButtonState.UNKNOWN
    if holds(words, CANCEL_WORDS):
        return ButtonState.ACCEPTED
    if holds(words, CASH_OUT_WORDS):
        return ButtonState.CASH_OUT
    return ButtonState.BET if holds(words, BET_WORDS) else ButtonState.UNKNOWN
