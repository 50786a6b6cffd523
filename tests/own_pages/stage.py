"""A display of its own with a window manager, a browser, and one test page in an app window."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from Xlib import XK, X
from Xlib import display as xdisplay
from Xlib.ext import xtest

from bot.domain.words import Box
from bot.practice.stage.browser import Browser, find_browser
from bot.practice.stage.display import PrivateDisplay, connect
from bot.practice.stage.windows import Rect, Windows
from tests.own_pages.house import PAGES, House, open_house, wait_for
from tests.own_pages.plan import Growth, Pace

#: The pages, each with its way of climbing and the place it takes (width, height).
PACES: Mapping[str, Pace] = {
    "nordlicht": Pace(),
    "papel": Pace(Growth.STEPS, betting_s=3.0, crashed_s=1.5),
    "wyskok": Pace(betting_s=2.8, crashed_s=1.4, per_s=0.36),
}
WINDOW = (940, 720)
#: What Ctrl+plus and Ctrl+minus step through.
ZOOMS = (50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200)


@dataclass
class Stage:
    """One page on one display. Boxes are in screen pixels, as it stands at the moment."""

    display: str
    house: House
    windows: Windows
    table: str
    _keys: xdisplay.Display
    zoom: int = 100

    @property
    def window(self) -> int:
        """The window's id."""
        return self.windows.tables()[self.table]

    def page(self) -> Rect:
        """Where the page is on the screen: the window without what the browser puts around it."""
        told = self.house.heard("boxes")[-1]["page"]
        rect = self.windows.rect(self.window)
        assert rect is not None
        x, y, width, height = rect
        return x + (width - round(told[0])) // 2, y + height - round(told[1]), round(told[0]), round(told[1])

    def boxes(self, tight: bool = False) -> dict[str, Box]:
        """The fields' boxes. ``tight``: the number's own box instead of the room it has."""
        told = self.house.heard("boxes")[-1]
        x, y, *_ = self.page()
        found = dict(told["boxes"]) | (told["tight"] if tight else {})
        return {
            name: Box(x + round(box[0]), y + round(box[1]), round(box[2]), round(box[3]))
            for name, box in found.items()
        }

    def layout(self, path: Path, names: tuple[str, ...] = (), tight: bool = False) -> Path:
        """Write the boxes (all, or those named) as the file that ``crashbot calibrate`` takes."""
        lines = []
        for name, box in self.boxes(tight).items():
            if not names or name in names:
                lines += [f"[fields.{name}]", f"box = [{box.x}, {box.y}, {box.width}, {box.height}]", ""]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def move(self, x: int, y: int, size: tuple[int, int] | None = None) -> None:
        """Move the window (and give it another size); back when the page stands there."""
        self.windows.move(self.window, x, y, size)
        wait_for(lambda: (self.windows.rect(self.window) or ())[:2] == (x, y))
        if size is not None:
            wait_for(lambda: (self.windows.rect(self.window) or ())[2:] == size)
            self.house.command("boxes")

    def cover(self, box: Box) -> int:
        """Put another window in front of a part of the screen; its id, for ``windows.uncover``."""
        return self.windows.cover((box.x, box.y, box.width, box.height))

    def press(self, *names: str) -> None:
        """Press keys together in the page's window: ``press("Control_L", "plus")``."""
        codes = [self._keys.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        window = self._keys.create_resource_object("window", self.window)
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        for code in codes:
            xtest.fake_input(self._keys, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self._keys, X.KeyRelease, code)
        self._keys.sync()

    def set_zoom(self, percent: int) -> None:
        """The browser's own zoom, by its keys, as a person does it."""
        while self.zoom != percent:
            up = ZOOMS.index(percent) > ZOOMS.index(self.zoom)
            self.zoom = ZOOMS[ZOOMS.index(self.zoom) + (1 if up else -1)]
            self.press("Control_L", "plus" if up else "minus")
            wait_for(lambda: round(100 * float(self.house.heard("boxes")[-1]["scale"])) == self.zoom)
        self.house.command("boxes")


@contextmanager
def stage(
    table: str,
    folder: Path,
    *,
    seed: int = 1,
    pace: Pace | None = None,
    screen: tuple[int, int] = (1600, 1000),
    at: tuple[int, int] = (120, 60),
    size: tuple[int, int] = WINDOW,
    root: Path = PAGES,
    **options: object,
) -> Iterator[Stage]:
    """A page that stands on a display of its own, its first round about to begin."""
    private = PrivateDisplay(*screen, folder)
    profile = Path(tempfile.mkdtemp(prefix="profile-", dir=folder))
    browser = Browser(find_browser(None), private.environment(), profile)
    windows, keys = Windows(connect(private.name)), connect(private.name)
    try:
        with open_house(seed, pace or PACES.get(table, Pace()), root) as house:
            address = f"{house.address}/table/{table}" + (f"?{urlencode(options)}" if options else "")
            browser.open(address, *at, *size)
            wait_for(lambda: table in windows.tables() and bool(house.heard("ready")), 60)
            made = Stage(private.name, house, windows, table, keys)
            made.move(*at, size)
            yield made
    finally:
        keys.close()
        windows.close()
        browser.close()
        private.close()
