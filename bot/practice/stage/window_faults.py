"""The two faults that happen outside the pages: a window moves, another window stands in front of it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence

from bot.practice.casino import say
from bot.practice.clock import HouseClock
from bot.practice.ledger import connect
from bot.practice.stage.options import StageOptions
from bot.practice.stage.windows import Rect, Slot, Windows, part_of, slots

#: A move shorter than this (pixels) would hardly be one.
LEAST_MOVE = 24


class WindowFaults:
    """Performs the casino's orders and notes in the ledger what was done and until when."""

    def __init__(self, windows: Windows, options: StageOptions, clock: HouseClock) -> None:
        self._windows, self._clock = windows, clock
        self._size = options.width, options.height
        tables = options.casino.tables
        room = slots(len(tables), *self._size, windows.screen())
        self._slots: dict[str, Slot] = dict(zip((table.name for table in tables), room, strict=True))
        self._ledger = connect(options.casino.ledger)
        self._covers: list[tuple[float, int, int]] = []  # ends (monotonic s), cover, row of the fault

    def perform(self, order: dict[str, object], window: int | None) -> None:
        """Do what the casino ordered to a table's window."""
        row, table, kind = int(str(order["id"])), str(order["table"]), str(order["kind"])
        detail = order["detail"]
        draws: Sequence[float] = detail["u"] if isinstance(detail, dict) else ()
        rect = None if window is None else self._windows.rect(window)
        if window is None or rect is None:
            self._note(row, {"skipped": "no window"}, ended=True)
            return
        if kind == "window_moved":
            done = self._move(table, window, rect, draws)
            self._note(row, done, ended=True)
        else:
            ms = int(str(order["ms"]))
            done = {"window": rect, "cover": part_of(rect, draws), "ms": ms}
            cover = self._windows.cover(part_of(rect, draws))
            self._covers.append((self._clock.mono_s() + ms / 1000, cover, row))
            self._note(row, done, ended=False)
        say(event="fault", table=table, kind=kind, detail=done)

    def _move(self, table: str, window: int, rect: Rect, draws: Sequence[float]) -> dict[str, object]:
        size = rect[2], rect[3]
        room = self._slots[table].within(self._windows.frame(window))
        x, y = room.place(*size, draws[0], draws[1])
        if abs(x - rect[0]) + abs(y - rect[1]) < LEAST_MOVE:
            x, y = room.place(*size, 1 - draws[0], (draws[1] + 0.5) % 1.0)
        self._windows.move(window, x, y)
        return {"from": rect, "to": (x, y, *size)}

    def tick(self) -> None:
        """Take back covers whose time is over."""
        now_s = self._clock.mono_s()
        for cover in [cover for cover in self._covers if cover[0] <= now_s]:
            self._covers.remove(cover)
            self._windows.uncover(cover[1])
            self._note(cover[2], {}, ended=True)

    def _note(self, row: int, detail: dict[str, object], ended: bool) -> None:
        if detail:
            self._ledger.execute("UPDATE faults SET detail=? WHERE id=?", (json.dumps(detail), row))
        if ended:
            self._ledger.execute("UPDATE faults SET ended_ms=? WHERE id=?", (self._clock.utc_ms(), row))

    def close(self) -> None:
        """Covers go with the connection of the stage; what is left is to say that they are gone."""
        with contextlib.suppress(sqlite3.Error):
            for _, _, row in self._covers:
                self._note(row, {}, ended=True)
        self._ledger.close()
