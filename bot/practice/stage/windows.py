"""The tables' windows on the display: where they go, finding them, moving them, covering them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from Xlib import X
from Xlib import display as xdisplay
from Xlib import error as xerror

#: x, y, width, height in screen pixels.
Rect = tuple[int, int, int, int]
#: What a window manager adds around a window, in pixels: left, right, top, bottom.
Frame = tuple[int, int, int, int]
_TABLE = re.compile(r"table_([a-z0-9-]+)$")
_COVER_COLOUR = 0x8A8F98


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the screen that belongs to one table's window: it may move within it."""

    x: int
    y: int
    width: int
    height: int

    def place(self, width: int, height: int, u: float, v: float) -> tuple[int, int]:
        """Where a window goes for two numbers in 0..1."""
        return self.x + round(u * max(0, self.width - width)), self.y + round(
            v * max(0, self.height - height)
        )

    def within(self, frame: Frame) -> Slot:
        """What remains of the slot for a window with this frame (left, right, top, bottom)."""
        left, right, top, bottom = frame
        return Slot(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


def screen_for(count: int, width: int, height: int) -> tuple[int, int]:
    """The size of a private screen on which ``count`` windows fit without touching; at least 1920x1080."""
    columns = max(1, min(count, 1920 // width if width <= 1920 else 1))
    rows = -(-count // columns)
    return max(1920, columns * width), max(1080, rows * height)


def slots(count: int, width: int, height: int, screen: tuple[int, int]) -> list[Slot]:
    """One slot a window, side by side, in rows when they do not all fit."""
    columns = max(1, min(count, screen[0] // width))
    rows = -(-count // columns)
    slot_width, slot_height = max(width, screen[0] // columns), max(height, screen[1] // rows)
    return [
        Slot((i % columns) * slot_width, (i // columns) * slot_height, slot_width, slot_height)
        for i in range(count)
    ]


class Windows:
    """The stage's own connection to the display. One thread."""

    def __init__(self, display: xdisplay.Display) -> None:
        self._display = display
        self._root = display.screen().root
        self._names: dict[int, str | None] = {}
        self._covers: dict[int, object] = {}
        self._display.set_error_handler(lambda *_: None)

    def screen(self) -> tuple[int, int]:
        size = self._root.get_geometry()
        return int(size.width), int(size.height)

    def tables(self) -> dict[str, int]:
        """The window id of each table whose window is mapped, by table name."""
        found: dict[str, int] = {}
        clients = self._clients()
        # A number may come back for another window after the first has gone.
        self._names = {known: name for known, name in self._names.items() if known in clients}
        for window_id in clients:
            name = self._table_of(window_id)
            if name is not None:
                found[name] = window_id
        return found

    def _clients(self) -> Sequence[int]:
        listed = self._root.get_full_property(self._display.get_atom("_NET_CLIENT_LIST"), X.AnyPropertyType)
        if listed is not None:
            return [int(value) for value in listed.value]
        return [int(window.id) for window in self._root.query_tree().children]  # no window manager

    def _table_of(self, window_id: int) -> str | None:
        if window_id not in self._names:
            try:
                wm_class = self._display.create_resource_object("window", window_id).get_wm_class()
            except xerror.XError:
                return None
            if wm_class is None:
                return None
            match = _TABLE.search(wm_class[0])
            self._names[window_id] = match.group(1) if match else None
        return self._names[window_id]

    def rect(self, window_id: int) -> Rect | None:
        """Place and size on the screen, or ``None`` when the window is gone."""
        try:
            window = self._display.create_resource_object("window", window_id)
            size = window.get_geometry()
            origin = self._root.translate_coords(window, 0, 0)
        except xerror.XError:
            return None
        return int(origin.x), int(origin.y), int(size.width), int(size.height)

    def frame(self, window_id: int) -> Frame:
        """What the window manager put around a window, in pixels: left, right, top, bottom."""
        window = self._display.create_resource_object("window", window_id)
        try:
            found = window.get_full_property(self._display.get_atom("_NET_FRAME_EXTENTS"), X.AnyPropertyType)
        except xerror.XError:
            found = None
        if found is None or len(found.value) != 4:
            return 0, 0, 0, 0
        left, right, top, bottom = (int(value) for value in found.value)
        return left, right, top, bottom

    def move(self, window_id: int, x: int, y: int, size: tuple[int, int] | None = None) -> None:
        window = self._display.create_resource_object("window", window_id)
        if size is None:
            window.configure(x=x, y=y)
        else:
            window.configure(x=x, y=y, width=size[0], height=size[1])
        self._display.sync()

    def cover(self, rect: Rect) -> int:
        """Put a plain window in front of everything at ``rect``. Returns its id."""
        x, y, width, height = rect
        window = self._root.create_window(
            x,
            y,
            max(1, width),
            max(1, height),
            0,
            self._display.screen().root_depth,
            X.InputOutput,
            background_pixel=_COVER_COLOUR,
            override_redirect=True,
        )
        window.map()
        window.configure(stack_mode=X.Above)
        self._display.sync()
        self._covers[int(window.id)] = window
        return int(window.id)

    def uncover(self, cover_id: int) -> None:
        window = self._covers.pop(cover_id, None)
        if window is not None:
            self._display.create_resource_object("window", cover_id).destroy()
            self._display.sync()

    def close(self) -> None:
        self._display.close()


def part_of(rect: Rect, u: Sequence[float]) -> Rect:
    """The part of a window that a cover hides, for numbers in 0..1: all, upper, lower or left part."""
    x, y, width, height = rect
    if u[0] < 0.4:
        return rect
    if u[0] < 0.6:
        return x, y, width, round(height * (0.4 + 0.2 * u[1]))
    if u[0] < 0.8:
        top = round(height * (0.5 + 0.2 * u[1]))
        return x, y + top, width, height - top
    return x, y, round(width * (0.4 + 0.3 * u[1])), height
