"""A crash game painted straight onto a private X display: a table to calibrate that costs no browser.

A thread paints it: a bar and words while bets are taken, a rising number, and the end in another colour.
``truth`` has the crash points of the rounds that ended, in hundredths. The stake field takes clicks and keys
like a page's.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from Xlib import XK, X

from bot.control.x11 import connect, hang_up
from bot.domain.words import Box

WIDTH, HEIGHT = 760, 520
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")
#: Where things are, relative to the window.
PARTS = {
    "multiplier": Box(200, 150, 360, 110),
    "balance": Box(590, 14, 150, 30),
    "history": Box(20, 56, 720, 30),
    "p0_stake": Box(40, 440, 120, 36),
    "p0_target": Box(190, 440, 120, 36),
    "p0_button": Box(340, 424, 380, 68),
}
GROUND, PANEL, FIELD = (18, 22, 34), (30, 36, 52), (10, 12, 18)
BETTING_S, END_S, STEP_S, GROWTH = 2.0, 1.6, 0.04, 0.42


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


@dataclass
class PaintedTable:
    """The window and what it shows. ``stake``: what stands in the field; ``clicks``: where it was clicked."""

    display: str
    crashes: Sequence[int]
    x: int = 60
    y: int = 40
    truth: list[int] = field(default_factory=list)
    stake: str = "1.00"
    clicks: list[tuple[int, int]] = field(default_factory=list)
    selected: bool = False
    focused: bool = False
    balance: str = "1,000.00"
    _ending: threading.Event = field(default_factory=threading.Event)
    _history: list[int] = field(default_factory=lambda: [245, 118, 1390, 166, 301])

    def run(self) -> None:
        """Open the window and play until told to end."""
        connection = connect(self.display)
        try:
            self._open(connection)
            self._paint_all("")
            for crash in self.crashes:
                if not self._round(crash):
                    break
            while not self._ending.is_set():
                self._pause(0.05)
        finally:
            hang_up(connection)

    def end(self) -> None:
        self._ending.set()

    def box(self, name: str) -> Box:
        """A part's place on the screen."""
        return PARTS[name].shifted(self.x, self.y)

    def _open(self, connection: Any) -> None:
        screen = connection.screen()
        self._connection = connection
        self._window = screen.root.create_window(
            self.x, self.y, WIDTH, HEIGHT, 0, screen.root_depth, X.InputOutput, X.CopyFromParent,
            background_pixel=0, override_redirect=True,
            event_mask=X.ButtonPressMask | X.KeyPressMask | X.ExposureMask,
        )  # fmt: skip
        self._context = self._window.create_gc()
        self._window.map()
        connection.sync()

    def _round(self, crash: int) -> bool:
        began = time.monotonic()
        while (share := (time.monotonic() - began) / BETTING_S) < 1:
            self._paint_number("", GROUND, share)
            self._paint_button("BET", (20, 130, 60))
            if not self._pause(STEP_S):
                return False
        began = time.monotonic()
        self._paint_button("WAIT", (70, 74, 90))
        while (value := math.floor(100 * math.exp(GROWTH * (time.monotonic() - began)))) < crash:
            self._paint_number(f"{value // 100}.{value % 100:02d}x", (240, 244, 250))
            if not self._pause(STEP_S):
                return False
        self._paint_number(f"{crash // 100}.{crash % 100:02d}x", (245, 70, 80))
        self.truth.append(crash)
        self._history.insert(0, crash)
        self._paint_history()
        return self._pause(END_S)

    def _pause(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while True:
            self._hear()
            left = end - time.monotonic()
            if self._ending.wait(max(0.0, min(0.01, left))):
                return False
            if left <= 0:
                return True

    def _hear(self) -> None:
        while self._connection.pending_events():
            event = self._connection.next_event()
            if event.type == X.ButtonPress:
                self.clicks.append((event.root_x, event.root_y))
                self.focused = self.box("p0_stake").contains(event.root_x, event.root_y)
                if self.focused:
                    self._window.set_input_focus(X.RevertToParent, X.CurrentTime)
                self._paint_stake()
            elif event.type == X.KeyPress and self.focused:
                self._type(event)
            elif event.type == X.Expose:
                self._paint_all("")

    def _type(self, event: Any) -> None:
        symbol = self._connection.keycode_to_keysym(event.detail, 0)
        key = XK.keysym_to_string(symbol) or {XK.XK_period: ".", XK.XK_comma: ","}.get(symbol, "")
        if event.state & X.ControlMask:
            self.selected = key == "a"
        elif key in "0123456789.," and key:
            self.stake = ("" if self.selected else self.stake) + key
            self.selected = False
        self._paint_stake()

    # -- painting -------------------------------------------------------------------------------------------

    def _paint_all(self, number: str) -> None:
        picture = Pictures.new("RGB", (WIDTH, HEIGHT), GROUND)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, WIDTH, 48), PANEL)
        draw.text((20, 12), "SKYWARD", (255, 180, 60), font(22))
        draw.text((470, 18), "Balance", (160, 168, 184), font(15))
        draw.rounded_rectangle((12, 396, WIDTH - 12, HEIGHT - 12), 10, PANEL)
        draw.text((40, 414), "Stake", (160, 168, 184), font(14))
        draw.text((190, 414), "Auto cash-out", (160, 168, 184), font(14))
        for left in range(20, WIDTH, 90):
            draw.line((left, 384, left + 40, 392), (70, 80, 104), 3)
        self._put(picture, 0, 0)
        self._paint_text("balance", self.balance, (110, 230, 150), PANEL, 19)
        self._paint_text("p0_target", "2.00", (236, 240, 246), FIELD, 19)
        self._paint_stake()
        self._paint_button("BET", (20, 130, 60))
        self._paint_history()

    def _paint_text(self, name: str, text: str, colour: Any, ground: Any, size: int) -> None:
        box = PARTS[name]
        picture = Pictures.new("RGB", (box.width, box.height), ground)
        middle = (box.width // 2, box.height // 2)
        ImageDraw.Draw(picture).text(middle, text, colour, font(size), anchor="mm")
        self._put(picture, box.x, box.y)

    def _paint_stake(self) -> None:
        ground = (44, 90, 170) if self.selected else ((24, 30, 46) if self.focused else FIELD)
        self._paint_text("p0_stake", self.stake, (236, 240, 246), ground, 19)

    def _paint_button(self, text: str, ground: Any) -> None:
        self._paint_text("p0_button", text, (255, 255, 255), ground, 24)

    def _paint_number(self, text: str, colour: Any, bar: float | None = None) -> None:
        box = PARTS["multiplier"]
        picture = Pictures.new("RGB", (box.width, box.height), GROUND)
        draw = ImageDraw.Draw(picture)
        if bar is not None:
            draw.text((box.width // 2, 40), "NEXT ROUND SOON", (180, 188, 204), font(20), anchor="mm")
            draw.rectangle((60, 74, 60 + round(240 * (1 - bar)), 82), (255, 180, 60))
        draw.text((box.width // 2, box.height // 2), text, colour, font(64), anchor="mm")
        self._put(picture, box.x, box.y)

    def _paint_history(self) -> None:
        box = PARTS["history"]
        picture = Pictures.new("RGB", (box.width, box.height), GROUND)
        draw = ImageDraw.Draw(picture)
        for place, crash in enumerate(self._history[:8]):
            draw.text((10 + 90 * place, 5), f"{crash // 100}.{crash % 100:02d}x", (150, 190, 255), font(17))
        self._put(picture, box.x, box.y)

    def _put(self, picture: Pictures.Image, x: int, y: int) -> None:
        pixels = np.zeros((picture.height, picture.width, 4), np.uint8)
        pixels[:, :, :3] = np.asarray(picture)[:, :, ::-1]
        rows = max(1, 200_000 // (4 * picture.width))  # a request of the X server is bounded
        for top in range(0, picture.height, rows):
            part = pixels[top : top + rows]
            self._window.put_image(
                self._context, x, y + top, picture.width, part.shape[0], X.ZPixmap, 24, 0, part.tobytes()
            )
        self._connection.flush()


@contextmanager
def painted(display: str, crashes: Sequence[int], x: int = 60, y: int = 40) -> Iterator[PaintedTable]:
    """A table on ``display`` that plays ``crashes``, then stands still."""
    table = PaintedTable(display, crashes, x, y)
    thread = threading.Thread(target=table.run, name="painted", daemon=True)
    thread.start()
    try:
        yield table
    finally:
        table.end()
        thread.join(10)


def layout_toml(table: PaintedTable, *names: str) -> str:
    """A layout file with the boxes of these parts (all of them, if none is named)."""
    lines = []
    for name in names or PARTS:
        box = table.box(name)
        lines += [f"[fields.{name}]", f"box = [{box.x}, {box.y}, {box.width}, {box.height}]"]
    return "\n".join(lines) + "\n"
