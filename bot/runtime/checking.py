"""``crashbot check TABLE``: is it there, is it the same, does everything read, would a click land?

Nothing is clicked and nothing learned. The pointer is moved over a stake field and back, if a hand is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.control.x11 import connect, hang_up
from bot.domain.clock import NS_PER_S, Clock, Instant
from bot.domain.errors import CrashbotError
from bot.domain.ports import Capture, Hand, Image
from bot.domain.words import Box, Reading
from bot.runtime.own_eye import open_eye
from bot.runtime.own_fields import FieldSeen, boxes_drawn, fields_seen, label_of
from bot.screen.own.definition import FIELDS, OwnTable, OwnTables
from bot.screen.own.eye import OwnEye

#: A multiplier can be read only while one is shown: a betting phase is waited out.
PATIENCE_S = 30.0
LOOK_EVERY_S, WATCH_EVERY_S = 0.03, 0.006
#: Room around the fields in the picture.
MARGIN_PX = 40
#: Without these a bet cannot be made or settled; the rest makes the record richer.
NEEDED = ("multiplier", "balance", "p0_stake", "p0_target", "p0_button", "p1_stake", "p1_target", "p1_button")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was looked at. ``good`` is ``None`` for what could not be tested."""

    good: bool | None
    text: str

    def __str__(self) -> str:
        mark = {True: "ok", False: "NOT", None: "?"}[self.good]
        return f"{mark:>4}  {self.text}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found. ``ok``: in sight, recognised, and everything reads that a bet needs.

    ``scale`` is the size against that at calibration (1.0: the same), ``place`` the box around the fields on
    the screen; both ``None`` out of sight. ``matched`` of ``of`` pieces of the page are as they were.
    ``picture``: the table with its boxes drawn.
    """

    table: str
    ok: bool
    lines: tuple[CheckLine, ...]
    fields: tuple[FieldSeen, ...]
    scale: float | None
    place: Box | None
    matched: int
    of: int
    screen: tuple[int, int]
    checked_at: Instant
    picture: Image | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, object]:
        """For programs. Values of fields are the words that people see."""
        place = self.place
        return {
            "table": self.table,
            "ok": self.ok,
            "scale": None if self.scale is None else round(self.scale, 3),
            "place": None if place is None else [place.x, place.y, place.width, place.height],
            "pieces": {"matched": self.matched, "of": self.of},
            "screen": list(self.screen),
            "checked_at_utc_ms": self.checked_at.utc_ms,
            "fields": {
                seen.name: {
                    "value": seen.value,
                    "confidence": round(seen.confidence, 3),
                    "reason": seen.reason or None,
                }
                for seen in self.fields
            },
            "lines": [{"good": line.good, "text": line.text} for line in self.lines],
        }


def check_table(
    table: OwnTable,
    tables: OwnTables,
    capture: Capture,
    clock: Clock,
    hand: Hand | None = None,
    display: str | None = None,
    patience_s: float = PATIENCE_S,
) -> CheckResult:
    """Look at ``table`` until everything was read, ``patience_s`` seconds at most.

    ``hand`` moves the pointer (only the thread that owns the hands may give one); ``display`` is the X
    display for the windows under it. Raises ``MissingPart`` when the screen goes away.
    """
    eye = open_eye(table, tables, capture, clock, learn=False)
    try:
        seen, reading = _look(eye, table, clock, patience_s)
        lines = [*_there(eye, table, reading), *_screen(eye, table, capture), *_read_lines(seen)]
        lines += _pointer(eye, table, hand, display) if reading.placement is not None else []
        matched, of = _standing(eye)
        picture = eye.picture()
        drawn = None if picture is None else _drawn(picture, eye.boxes(), _now(seen, reading, table))
        place = _around(eye.boxes()) if reading.placement is not None else None
        return CheckResult(
            table=table.name,
            ok=reading.placement is not None and all(line.good is not False for line in lines),
            lines=tuple(lines),
            fields=seen,
            scale=None if reading.placement is None else reading.placement.scale,
            place=place,
            matched=matched,
            of=of,
            screen=capture.size(),
            checked_at=clock.now(),
            picture=drawn,
        )
    finally:
        eye.close()


def _look(
    eye: OwnEye, table: OwnTable, clock: Clock, patience_s: float
) -> tuple[tuple[FieldSeen, ...], Reading]:
    """Every field as it was last read, and the last reading."""
    end = clock.now().mono_ns + round(patience_s * NS_PER_S)
    best: dict[str, FieldSeen] = {}
    while True:
        reading = eye.look()
        for seen in fields_seen(reading, table):
            if seen.value is not None or best.get(seen.name) is None or best[seen.name].value is None:
                best[seen.name] = seen
        everything = reading.placement is not None and all(s.value is not None for s in best.values())
        if everything or clock.now().mono_ns >= end:
            return tuple(best[name] for name in FIELDS if name in best), reading
        eye.wait_for_change(LOOK_EVERY_S, WATCH_EVERY_S)


def _standing(eye: OwnEye) -> tuple[int, int]:
    picture, place = eye.picture(), eye.place
    if picture is None or place is None:
        return 0, len(eye.anchor.patches)
    standing = eye.anchor.stands(picture[1], picture[0], place)
    return standing.matched, standing.of


def _there(eye: OwnEye, table: OwnTable, reading: Reading) -> list[CheckLine]:
    matched, of = _standing(eye)
    if not eye.anchor.usable:
        text = (
            f"nothing of the page is known yet by which {table.name} would be recognised: calibrate it with "
            "more rounds"
        )
        return [CheckLine(False, text)]
    if reading.placement is None:
        text = (
            f"{table.name} is not in sight: bring its window to the front, whole and scrolled as it was; "
            f"if the page looks different now, calibrate it again (crashbot calibrate {table.name})"
        )
        return [CheckLine(False, text)]
    pieces = f"{matched} of {of} pieces of it are as learned"
    return [CheckLine(True, f"it is there, and it is the same page: {pieces}")]


def _screen(eye: OwnEye, table: OwnTable, capture: Capture) -> list[CheckLine]:
    width, height = capture.size()
    lines = []
    if table.screen == (width, height):
        lines.append(CheckLine(True, f"the screen is as at calibration: {width}x{height}"))
    else:
        text = f"the screen has {width}x{height} now, {table.screen[0]}x{table.screen[1]} at calibration"
        lines.append(CheckLine(True, text))
    if eye.placement is not None and eye.picture() is not None:
        place, was = _around(eye.boxes()), table.bounds()
        size = f"{round(100 * eye.placement.scale)} % of its size at calibration"
        moved = "" if (place.x, place.y) == (was.x, was.y) else f", moved from {was.x},{was.y}"
        lines.append(CheckLine(True, f"its fields begin at {place.x},{place.y}{moved}, at {size}"))
    return lines


def _read_lines(seen: tuple[FieldSeen, ...]) -> list[CheckLine]:
    return [
        CheckLine(True if each.value is not None else (False if each.name in NEEDED else None), each.line())
        for each in seen
    ]


def _pointer(eye: OwnEye, table: OwnTable, hand: Hand | None, display: str | None) -> list[CheckLine]:
    """Whether the pointer goes where it is sent, and whose window is there. Nothing is clicked."""
    fields = [name for name in ("p0_stake", "p1_stake") if name in table.fields]
    if not fields:
        return [CheckLine(None, "no stake field is drawn: this table is for watching and for paper")]
    if hand is None:
        text = "the pointer was not tried (another session has the hands, or it was not asked)"
        return [CheckLine(None, text)]
    lines: list[CheckLine] = []
    for name in fields:
        box = eye.boxes()[name]
        try:
            home = hand.position()
            hand.move(*box.centre)
            arrived = hand.position()
            hand.move(*home)
        except CrashbotError as error:
            return [*lines, CheckLine(False, str(error))]
        good = arrived == box.centre
        words = "lands on it" if good else f"lands at {arrived[0]},{arrived[1]}: is the screen scaled?"
        at = f"{box.centre[0]},{box.centre[1]}"
        lines.append(CheckLine(good, f"the pointer sent to {label_of(name)} ({at}) {words}"))
        lines += _window_there(eye, name, display)
    lines.append(
        CheckLine(None, "whether the page takes a click is told by the hand's test of crashbot calibrate")
    )
    return lines


def _window_there(eye: OwnEye, name: str, display: str | None) -> list[CheckLine]:
    """On X11: whether the window under a field is the one that shows the number."""
    if display is None:
        return [CheckLine(None, "which window is under the pointer cannot be told on this system")]
    boxes = eye.boxes()
    connection = connect(display)
    try:
        root = connection.screen().root
        under, shows = (
            getattr(root.translate_coords(root, *boxes[each].centre).child, "id", 0)
            for each in (name, "multiplier")
        )
    finally:
        hang_up(connection)
    if under == shows:
        return [CheckLine(True, f"the window under {label_of(name)} is the one that shows the number")]
    return [CheckLine(False, f"another window lies over {label_of(name)}: a click would go to that one")]


def _around(boxes: Mapping[str, Box]) -> Box:
    x, y = min(box.x for box in boxes.values()), min(box.y for box in boxes.values())
    right, bottom = max(box.right for box in boxes.values()), max(box.bottom for box in boxes.values())
    return Box(x, y, right - x, bottom - y)


def _now(seen: tuple[FieldSeen, ...], reading: Reading, table: OwnTable) -> list[FieldSeen]:
    """What the picture shows: the last reading's values, and of the others that they were read."""
    last = {each.name: each for each in fields_seen(reading, table)}
    shown = []
    for each in seen:
        now = last.get(each.name, each)
        shown.append(now if now.value is not None or each.value is None else replace(each, value="read"))
    return shown


def _drawn(picture: tuple[Box, Image], boxes: Mapping[str, Box], seen: Sequence[FieldSeen]) -> Image:
    """The part of the screen around the fields."""
    region, pixels = picture
    around = _around(boxes)
    left, top = max(region.x, around.x - MARGIN_PX), max(region.y, around.y - MARGIN_PX)
    right = min(region.right, around.right + MARGIN_PX)
    bottom = min(region.bottom, around.bottom + MARGIN_PX)
    part = pixels[top - region.y : bottom - region.y, left - region.x : right - region.x]
    inside = {name: box.shifted(-left, -top) for name, box in boxes.items()}
    return boxes_drawn(np.ascontiguousarray(part), inside, seen)
