"""The tables' browser windows: opened side by side, and opened again when browser, window or page is gone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from bot.practice.casino import say
from bot.practice.clock import HouseClock
from bot.practice.options import TableOption
from bot.practice.stage.browser import Browser
from bot.practice.stage.casino_child import CasinoChild
from bot.practice.stage.options import StageOptions
from bot.practice.stage.restarts import RestartBudget
from bot.practice.stage.windows import Frame, Rect, Slot, Windows, slots

#: How long a table may be without a window or a live page before the browser counts as broken.
WINDOW_GONE_S = 3.0
PAGE_GONE_S = 12.0
#: How long a window may take to appear before it is asked for again.
APPEAR_S = 15.0


class TableWindows:
    """One Chromium and its app windows, one a table."""

    def __init__(
        self,
        options: StageOptions,
        windows: Windows,
        program: str,
        environment: Mapping[str, str],
        folder: Path,
        clock: HouseClock,
        casino: CasinoChild,
    ) -> None:
        self._options, self._windows, self._clock, self._casino = options, windows, clock, casino
        self._program, self._environment, self._folder = program, environment, folder
        self._size = options.width, options.height
        tables = options.casino.tables
        self._slots = dict(
            zip((t.name for t in tables), slots(len(tables), *self._size, windows.screen()), strict=True)
        )
        self._budget = RestartBudget(clock, "browser")
        self._numbers = itertools.count(1)
        self._browser = self._new_browser()
        self._asked_s: dict[str, float] = {}
        self._placed: dict[str, tuple[int, Frame]] = {}
        self._well_since: dict[str, float] = {}
        self._page_well: dict[str, float] = {}

    def _new_browser(self) -> Browser:
        return Browser(self._program, self._environment, self._folder / f"profile-{next(self._numbers)}")

    def open(self) -> None:
        """Ask for the first window; ``watch`` asks for the next as soon as it is there."""
        self._ask(self._options.casino.tables[0])

    def _ask(self, table: TableOption) -> None:
        x, y = self._slots[table.name].place(*self._size, 0.0, 0.0)
        self._browser.open(self._casino.url(f"/table/{table.name}?lang={table.lang}"), x, y, *self._size)
        self._asked_s[table.name] = self._clock.mono_s()

    def slot(self, name: str) -> Slot:
        return self._slots[name]

    def window_of(self, name: str) -> int | None:
        return self._windows.tables().get(name)

    def rects(self) -> dict[str, Rect | None]:
        return {name: self._windows.rect(window) for name, window in self._windows.tables().items()}

    def ready(self) -> bool:
        """All windows stand where they should and all pages are laid out."""
        names = {table.name for table in self._options.casino.tables}
        return names <= self._placed.keys() and all(self._casino.pages.get(name, 0) > 0 for name in names)

    def pids(self) -> list[int]:
        return self._browser.pids()

    def watch(self, announced: bool) -> None:
        """Bring the windows to where they should be; ``announced``: the stage has been ready before."""
        if not self._browser.alive():
            self._restart(f"browser died ({self._browser.ending()})")
            return
        present = self._windows.tables()
        self._place_new(present)
        self._ask_for_missing(present)
        broken = self._broken_pages() if announced else None
        if broken is not None:
            self._restart(f"the page of {broken} was gone")

    def _place_new(self, present: Mapping[str, int]) -> None:
        """A window that has just appeared is put in its place: browsers do not always do as asked."""
        for name, window in present.items():
            if name not in self._slots:
                continue
            frame = self._windows.frame(window)  # some window managers add it later
            if self._placed.get(name) != (window, frame):
                room = self._slots[name].within(frame)
                size = min(self._size[0], room.width), min(self._size[1], room.height)
                self._windows.move(window, room.x, room.y, size)
                self._placed[name] = window, frame

    def _ask_for_missing(self, present: Mapping[str, int]) -> None:
        """One at a time: while a window is on its way no other is asked for."""
        now_s = self._clock.mono_s()
        for table in self._options.casino.tables:
            name = table.name
            if name in present:
                self._well_since[name] = now_s
                continue
            bound_s = (
                APPEAR_S if self._asked_s.get(name, 0.0) > self._well_since.get(name, 0.0) else WINDOW_GONE_S
            )
            since_s = max(self._asked_s.get(name, 0.0), self._well_since.get(name, 0.0))
            never_asked = name not in self._asked_s
            if never_asked or now_s - since_s > bound_s:
                self._ask(table)
            return

    def _broken_pages(self) -> str | None:
        """The table whose page has been silent for too long although window and casino are there."""
        now_s = self._clock.mono_s()
        for table in self._options.casino.tables:
            name = table.name
            if name not in self._asked_s:
                continue  # its window is still to come: a page that was never asked for is not gone
            start_s = max(self._casino.up_since_s, self._asked_s[name])
            if self._casino.pages.get(name, 0) > 0:
                self._page_well[name] = now_s
            elif now_s - max(start_s, self._page_well.get(name, 0.0)) > PAGE_GONE_S:
                return name
        return None

    def _restart(self, why: str) -> None:
        self._budget.spend()
        self._browser.close()
        self._browser = self._new_browser()
        self._asked_s.clear()
        self._placed.clear()
        self._well_since.clear()
        self._page_well.clear()
        self.open()
        say(event="restarted", what="browser", why=why)

    def close(self) -> None:
        self._browser.close()
