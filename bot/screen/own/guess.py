"""Where the fields of an unknown page may be: guesses for a person to accept, from one picture of the screen.

Only text is looked at: the largest multiplier, a row or column of small ones, amounts of money, words on
buttons and the fields beside them. A guess is never used before a person has seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import Box
from bot.screen.detect import TextDetector
from bot.screen.lines import cut
from bot.screen.own.buttons import BET_WORDS, CASH_OUT_WORDS
from bot.screen.own.small import money_of, target_of
from bot.screen.own.wild import spot
from bot.screen.phrases import CANCEL_WORDS, WAITING, holds, like, plain

#: Fewest small multipliers in a line that make a history strip.
FEWEST_CHIPS = 4
_PLAYERS = (
    "PLAYERS",
    "BETS",
    "TOTAL BETS",
    "ALL BETS",
    "IGRACI",
    "JUGADORES",
    "JOGADORES",
    "SPIELER",
    "GRACZE",
)
_BALANCE = ("BALANCE", "SALDO", "STANJE", "GUTHABEN", "CREDIT", "WALLET", "BAKIYE", "SOLDE", "DINERO")


@dataclass(frozen=True, slots=True)
class Guess:
    """A box (screen pixels), how likely it is (0..1), and what was seen there."""

    box: Box
    confidence: float
    seen: str


@dataclass(frozen=True, slots=True)
class _Text:
    box: Box
    text: str
    confidence: float


def guess_fields(image: Image, engine: OcrEngine, detector: TextDetector) -> dict[str, Guess]:
    """Field name → guess. ``image`` is the whole screen or a window of it; boxes are in its pixels."""
    texts = [
        _Text(region.box, line.text.strip(), line.confidence)
        for region in detector.find(image)
        if (line := engine.read_line(cut(image, region.box))).text.strip()
    ]
    found: dict[str, Guess] = {}
    numbers = [text for text in texts if spot(text.text) is not None]
    waiting = [text for text in texts if like(text.text, WAITING)]
    if main := _multiplier(numbers, waiting, image):
        found["multiplier"] = main
    if strip := _history(numbers, found.get("multiplier")):
        found["history"] = strip
    found |= _panels(image, texts)
    found |= _money(texts, found)
    return found


def _multiplier(numbers: Sequence[_Text], waiting: Sequence[_Text], image: Image) -> Guess | None:
    """The largest number that stands apart in size, with room for longer ones; else the waiting text."""
    ranked = sorted(numbers, key=lambda text: -text.box.height)
    if ranked and (len(ranked) == 1 or ranked[0].box.height > 1.3 * ranked[1].box.height):
        box = ranked[0].box
        return Guess(_grown(box, box.height * 2.2, box.height * 0.45, image), 0.85, ranked[0].text)
    if waiting:
        box = max(waiting, key=lambda text: text.box.height).box
        return Guess(_grown(box, box.height, box.height * 2, image), 0.4, waiting[0].text)
    return None


def _grown(box: Box, dx: float, dy: float, image: Image) -> Box:
    left, top = max(0, round(box.x - dx)), max(0, round(box.y - dy))
    right = min(image.shape[1], round(box.right + dx))
    bottom = min(image.shape[0], round(box.bottom + dy))
    return Box(left, top, right - left, bottom - top)


def _around(texts: Sequence[_Text], pad: int) -> Box:
    left, top = min(t.box.x for t in texts) - pad, min(t.box.y for t in texts) - pad
    right, bottom = max(t.box.right for t in texts) + pad, max(t.box.bottom for t in texts) + pad
    return Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top))


def _history(numbers: Sequence[_Text], main: Guess | None) -> Guess | None:
    """The longest row or column of small multipliers of one height."""
    small = [n for n in numbers if main is None or n.box.height < 0.75 * main.box.height]
    best: list[_Text] = []
    for reference in small:
        alike = [n for n in small if abs(n.box.height - reference.box.height) <= 0.35 * reference.box.height]
        row = [
            n for n in alike if abs(n.box.centre[1] - reference.box.centre[1]) < 0.6 * reference.box.height
        ]
        column = [n for n in alike if abs(n.box.x - reference.box.x) < 1.2 * reference.box.height]
        best = max(best, row, column, key=_chips)
    if _chips(best) < FEWEST_CHIPS:
        return None
    return Guess(_around(best, 6), 0.8, " ".join(n.text for n in best)[:80])


def _chips(texts: Sequence[_Text]) -> int:
    """How many multipliers there are in some lines: the detector may take several for one."""
    return sum(max(1, len([w for w in text.text.split() if spot(w)])) for text in texts)


def _panels(image: Image, texts: Sequence[_Text]) -> dict[str, Guess]:
    """Buttons by their words, and the amounts beside them: stake and target of up to two panels."""
    words = (*BET_WORDS, *CANCEL_WORDS, *CASH_OUT_WORDS)
    buttons = [t for t in texts if holds(t.text, words) and t.box.height < 60 and t.text.upper() != "AUTO"]
    boxes: list[tuple[Box, _Text]] = []
    for text in buttons:
        fill = _filled(image, text.box)
        if fill is not None and not any(_overlap(fill, other) for other, _ in boxes):
            boxes.append((fill, text))
    boxes.sort(key=lambda each: (each[0].y // 80, each[0].x))
    found: dict[str, Guess] = {}
    amounts = [t for t in texts if money_of(t.text) is not None or target_of(t.text) is not None]
    for panel, (box, text) in enumerate(boxes[:2]):
        found[f"p{panel}_button"] = Guess(box, 0.75, text.text)
        reach = 3 * max(box.height, 60)
        near = [t for t in amounts if _distance(t.box, box) < reach and not _overlap(t.box, box)]
        near = [
            t for t in near if not any(_distance(t.box, other) < _distance(t.box, box) for other, _ in boxes)
        ]
        near.sort(key=lambda t: _distance(t.box, box))
        for name, amount in zip(("stake", "target"), near[:2], strict=False):
            field = _filled(image, amount.box, least=18) or _around([amount], 6)
            found[f"p{panel}_{name}"] = Guess(field, 0.45, amount.text)
    return found


def _money(texts: Sequence[_Text], found: dict[str, Guess]) -> dict[str, Guess]:
    """The balance by its word, else the highest amount at the top; the players by theirs."""
    taken = [guess.box for guess in found.values()]
    free = [t for t in texts if not any(_overlap(t.box, box) for box in taken)]
    guesses: dict[str, Guess] = {}
    amounts = [
        t
        for t in free
        if (money_of(t.text) is not None and spot(t.text.split()[0]) is None) or _worded(t, _BALANCE)
    ]
    by_word = [t for t in amounts if _worded(t, _BALANCE) and any(c.isdigit() for c in t.text)]
    with_cents = [t for t in free if money_of(t.text) is not None and any(c in t.text for c in ".,")]
    if by_word:
        guesses["balance"] = Guess(_around([by_word[0]], 6), 0.8, by_word[0].text)
    elif with_cents:
        top = min(with_cents, key=lambda t: t.box.y)
        guesses["balance"] = Guess(_around([top], 6), 0.4, top.text)
    for text in free:
        if _worded(text, _PLAYERS) and any(c.isdigit() for c in text.text):
            guesses["players"] = Guess(_around([text], 4), 0.6, text.text)
            break
    return guesses


def _worded(text: _Text, words: Sequence[str]) -> bool:
    return holds(text.text, words) or plain(text.text).replace(" ", "").startswith(tuple(words))


def _filled(image: Image, text: Box, least: int = 24) -> Box | None:
    """The area of one colour in which a text stands: a button, a field. ``None`` when there is none."""
    height, width = image.shape[:2]
    x, y = max(0, text.x - 3), min(height - 1, text.centre[1])
    mask = np.zeros((height + 2, width + 2), np.uint8)
    copy = np.ascontiguousarray(image)
    cv2.floodFill(
        copy, mask, (x, y), (0, 0, 0), (8, 8, 8), (8, 8, 8), cv2.FLOODFILL_MASK_ONLY | (255 << 8) | 4
    )
    rows, columns = np.flatnonzero(mask[1:-1].any(axis=1)), np.flatnonzero(mask[1:-1].any(axis=0))
    if not len(rows) or not len(columns):
        return None
    box = Box(
        int(columns[0]) - 1, int(rows[0]), int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1
    )
    fits = least <= box.height <= 220 and box.width <= 640 and box.width >= text.width * 0.9
    return Box(max(0, box.x), box.y, box.width, box.height) if fits else None


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _distance(one: Box, other: Box) -> float:
    dx = max(0, one.x - other.right, other.x - one.right)
    dy = max(0, one.y - other.bottom, other.y - one.bottom)
    return float(np.hypot(dx, dy))
