"""A crash game drawn frame by frame for an eye with a clock of the test's: no browser, no waiting."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from bot.domain.clock import ManualClock
from bot.domain.ports import Image
from bot.domain.words import Box, Phase, Reading
from bot.screen.capture import ImageCapture
from bot.screen.engines import default_engine
from bot.screen.fonts import FontStore
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye
from bot.table.events import RoundEnded, TrackerEvent
from bot.table.tracker import RoundTracker, TrackerSettings
from tests.screen_own.drawn import Rgb, bgr, font, page

NUMBER = Box(250, 200, 400, 150)
HISTORY = Box(100, 130, 700, 34)


def plain(value: int, form: str, comma: bool) -> str:
    """``123`` → ``1.23x``, ``x1,23`` or ``1.23``."""
    text = f"{value // 100}.{value % 100:02d}"
    return form.replace("N", text.replace(".", ",") if comma else text)


@dataclass(frozen=True)
class Style:
    """How a page shows its rounds. ``between``: what stands in the number's place while bets are taken."""

    form: str = "Nx"
    comma: bool = False
    family: str = "bold"
    ground: Rgb = (24, 26, 34)
    flight: Rgb = (245, 245, 245)
    end: Rgb = (230, 40, 60)
    caption: str = ""
    between: Callable[[float], str] = field(default=lambda left_s: f"Next round in {left_s:.0f}s")
    growth: Callable[[float], float] = field(default=lambda t: math.exp(0.35 * t))
    newest_first: bool = True


@dataclass
class Played:
    """The eye, its tracker, and what came of it beside the truth."""

    eye: OwnEye
    tracker: RoundTracker
    clock: ManualClock
    capture: ImageCapture
    style: Style
    strip: list[int]
    ended: list[int] = field(default_factory=list)
    events: list[TrackerEvent] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown: dict[int, int] = field(default_factory=dict)
    shown: int = 0

    def show(
        self, text: str, ink: Rgb, caption: str, phase: Phase, settled: bool, value: int | None
    ) -> Reading:
        """One frame of the page, looked at once."""
        self.capture.image = frame(self.style, text, ink, caption, tuple(self.strip))
        self.clock.advance(0.05)
        reading = self.eye.look()
        for event in self.tracker.see(reading):
            self.events.append(event)
            if isinstance(event, RoundEnded):
                self.ended.append(event.crash)
        if reading.phase is Phase.UNKNOWN:
            self.unknown[self.shown] = self.unknown.get(self.shown, 0) + 1
        elif settled and reading.phase is not phase:
            self.wrong.append(f"round {self.shown}: {reading.phase} for {phase} {text!r}")
        if reading.multiplier.value is not None and reading.multiplier.value != value:
            self.wrong.append(f"round {self.shown}: {reading.multiplier.value} for {text!r}")
        return reading

    def round(self, crash: int, betting_s: float = 2.0, end_s: float = 1.6) -> None:
        """One round from its betting phase to its end."""
        style = self.style
        self.shown += 1
        for place, left_s in enumerate(np.arange(betting_s, 0, -0.05)):
            self.show(style.between(float(left_s)), style.flight, "", Phase.BETTING, place > 5, None)
        for step in itertools.count():
            value = math.floor(100 * style.growth(0.05 * step) + 1e-9)
            if value >= crash:
                break
            text = plain(value, style.form, style.comma)
            self.show(text, style.flight, "", Phase.FLYING, step > 5, value)
        self.strip.insert(0 if style.newest_first else len(self.strip), crash)
        for place in range(round(end_s / 0.05)):
            text = plain(crash, style.form, style.comma)
            self.show(text, style.end, style.caption, Phase.CRASHED, place > 22, crash)


@cache
def ground(colour: Rgb) -> Image:
    """What the page shows besides its round; red, green, blue."""
    return np.ascontiguousarray(page(ground=colour)[:, :, ::-1])


def frame(style: Style, text: str, ink: Rgb, caption: str, strip: Sequence[int]) -> Image:
    """The whole page with one state of its round."""
    picture = Pictures.fromarray(ground(style.ground))
    draw = ImageDraw.Draw(picture)
    x, y = NUMBER.centre
    small = any(c.isalpha() and c not in "xX" for c in text)
    draw.text((x, y), text, font=font(style.family, 26 if small else 62), fill=ink, anchor="mm")
    if caption:
        draw.text((x, y + 55), caption, font=font("condensed", 20), fill=ink, anchor="mm")
    chips = strip[:9] if style.newest_first else strip[-9:]
    for place, chip in enumerate(chips):
        draw.text(
            (HISTORY.x + 10 + 76 * place, HISTORY.y + 8),
            plain(chip, style.form, style.comma),
            font=font("condensed", 17),
            fill=(190, 190, 120),
        )
    return bgr(picture)


def start(folder: Path, style: Style, history: bool = False) -> Played:
    """An eye that has never seen the page."""
    fields = {"multiplier": NUMBER} | ({"history": HISTORY} if history else {})
    table = OwnTable("drawn", fields, (900, 620))
    tables = OwnTables(folder / "tables")
    tables.save(table)
    clock, strip = ManualClock(), [145, 1208, 102, 330, 187, 259, 116, 204]
    capture = ImageCapture(frame(style, "", style.flight, "", strip))
    eye = OwnEye(table, tables, capture, default_engine(), FontStore(folder / "fonts"), clock)
    ids = (str(number) for number in itertools.count())
    tracker = RoundTracker(partial(next, ids), settings=TrackerSettings(strip=history))
    return Played(eye, tracker, clock, capture, style, strip)
