"""What is read in each box of a table, in words for people; and a picture with the boxes drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bot.domain.amounts import format_hundredths
from bot.domain.ports import Image
from bot.domain.words import Box, ButtonState, FieldValue, PanelReading, Reading
from bot.screen.own.definition import FIELDS, OwnTable

#: A field in plain words. The second panel's have a 2 behind them.
_WORDS = {
    "multiplier": "multiplier",
    "balance": "balance",
    "players": "players",
    "players_total": "players' total",
    "history": "history",
    "stake": "stake",
    "target": "auto cash-out",
    "switch": "cash-out switch",
    "button": "bet button",
}
#: Colours of the boxes, red, green, blue; told apart also by those who see few colours, and by their labels.
_COLOURS = {
    "multiplier": (84, 214, 160),
    "balance": (255, 196, 84),
    "players": (122, 176, 255),
    "players_total": (160, 150, 255),
    "history": (240, 140, 220),
    "stake": (255, 140, 105),
    "target": (120, 226, 240),
    "switch": (205, 220, 120),
    "button": (250, 110, 130),
}
#: The colour of a box in which nothing can be read, in the picture of a check.
_REFUSED = (235, 70, 70)
#: Size of the labels' text against the font's own.
_TEXT = 0.42


def label_of(name: str) -> str:
    """A field in words: ``p1_stake`` is ``stake 2``."""
    plain, second = _parts(name)
    return f"{_WORDS[plain]} 2" if second else _WORDS[plain]


def colour_of(name: str) -> tuple[int, int, int]:
    """The colour of a field's box: red, green, blue."""
    return _COLOURS[_parts(name)[0]]


def _parts(name: str) -> tuple[str, bool]:
    return (name[3:], name[1] == "1") if name[:3] in ("p0_", "p1_") else (name, False)


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """What was read in one box: ``value`` in words, or ``None`` with the reason; ``confidence`` 0..1.

    ``text``: what stands there as it was seen, also when it is not believed.
    """

    name: str
    value: str | None
    confidence: float
    reason: str = ""
    text: str = ""

    def line(self) -> str:
        """For a terminal: value and confidence, or why there is none."""
        if self.value is None:
            seen = f", {self.text!r} seen" if self.text else ""
            return f"{label_of(self.name)}: not read ({self.reason or 'no reason given'}{seen})"
        return f"{label_of(self.name)}: {self.value} (confidence {self.confidence:.2f})"

    def short(self) -> str:
        """In a line with others."""
        shown = "-" if self.value is None else f"{self.value} ({self.confidence:.2f})"
        return f"{label_of(self.name)} {shown}"


def fields_seen(reading: Reading, table: OwnTable) -> tuple[FieldSeen, ...]:
    """Every field of the table, in the order of ``FIELDS``."""
    return tuple(_seen(name, reading, table.currency) for name in FIELDS if name in table.fields)


def _seen(name: str, reading: Reading, currency: str) -> FieldSeen:
    money = "" if currency == "XXX" else f" {currency}"
    if name == "multiplier":
        return _number(name, reading.multiplier, "x")
    if name in ("balance", "players_total"):
        value = reading.balance if name == "balance" else reading.players_total
        return _number(name, value, money)
    if name == "players":
        players = reading.players
        text = None if players.value is None else str(players.value)
        return FieldSeen(name, text, players.confidence, players.reason)
    if name == "history":
        strip = reading.history
        chips = None if strip.value is None else " ".join(map(format_hundredths, strip.value)) or "empty"
        return FieldSeen(name, chips, strip.confidence, strip.reason)
    number = int(name[1])
    panel = reading.panels[number] if number < len(reading.panels) else PanelReading()
    return _in_panel(name, panel, money)


def _in_panel(name: str, panel: PanelReading, money: str) -> FieldSeen:
    part = name[3:]
    if part == "stake":
        return _number(name, panel.stake, money)
    if part == "target":
        return _number(name, panel.target, "x")
    if part == "switch":
        on = panel.switch
        text = None if on.value is None else ("on" if on.value else "off")
        return FieldSeen(name, text, on.confidence, on.reason)
    if panel.button is ButtonState.UNKNOWN:
        return FieldSeen(name, None, 0.0, "its look is not known yet")
    return FieldSeen(name, panel.button.value.replace("_", " "), panel.button_confidence)


def _number(name: str, value: FieldValue[int], unit: str) -> FieldSeen:
    text = None if value.value is None else format_hundredths(value.value) + unit
    return FieldSeen(name, text, value.confidence, value.reason, value.text)


def boxes_drawn(image: Image, boxes: Mapping[str, Box], seen: Sequence[FieldSeen]) -> Image:
    """A copy of a picture of the screen with each box, its name and what was read in it."""
    picture = np.ascontiguousarray(image.copy())
    told = {field.name: field for field in seen}
    labels: list[tuple[str, Box, tuple[int, int, int]]] = []
    for name in FIELDS:
        if name not in boxes:
            continue
        box, field = boxes[name], told.get(name)
        refused = field is not None and field.value is None
        red, green, blue = _REFUSED if refused else colour_of(name)
        colour = (blue, green, red)
        cv2.rectangle(picture, (box.x - 1, box.y - 1), (box.right, box.bottom), colour, 2)
        text = label_of(name)
        if field is not None:
            text += ": not read" if field.value is None else f": {field.value[:32]} ({field.confidence:.2f})"
        labels.append((text.encode("ascii", "replace").decode(), box, colour))
    taken: list[Box] = []
    for text, box, colour in labels:
        _write(picture, text, box, colour, taken)
    return np.asarray(picture, np.uint8)


def _write(picture: Image, text: str, box: Box, colour: tuple[int, int, int], taken: list[Box]) -> None:
    """A label on a plate of its own: above the box, below it, or where there is room beside it."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, _TEXT, 1)
    width, height = width + 6, height + 6
    x = max(0, min(box.x - 1, picture.shape[1] - width))
    tops = (box.y - height - 1, box.bottom + 1, box.y + 2, box.bottom - height - 2, box.y - 2 * height - 2)
    plates = [Box(x, top, width, height) for top in tops if 0 <= top <= picture.shape[0] - height]
    free = [plate for plate in plates if not any(_overlap(plate, other) for other in taken)]
    plate = (free or plates or [Box(x, 0, width, height)])[0]
    taken.append(plate)
    cv2.rectangle(picture, (plate.x, plate.y), (plate.right, plate.bottom), colour, -1)
    place = (plate.x + 3, plate.bottom - 4)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, _TEXT, (16, 18, 22), 1, cv2.LINE_AA)


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom
