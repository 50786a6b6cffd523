"""The eye of one table: a look is one grab of its page and everything that can be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock, Instant
from bot.domain.ports import Capture, Image, OcrEngine
from bot.domain.words import (
    Box,
    ButtonState,
    FieldValue,
    PanelReading,
    Phase,
    Placement,
    Reading,
)
from bot.screen.fields import WAITING, Budget, MultiplierSight
from bot.screen.fonts import FontStore
from bot.screen.layout import Layout
from bot.screen.mark import MarkCode, find_marks, mark_box, mark_present
from bot.screen.readers import HISTORY_EM, TableReaders
from bot.screen.signs import ButtonSight, button_state, progress_seen, switch_state

SEARCH_EVERY_NS = 250 * NS_PER_MS
#: Calls of the engine for small fields in one look: a look must stay short.
ENGINE_CALLS = 2
PANELS = (0, 1)
EDGE_ALIGNED = ("balance", "players", "players_total")
_CHUNK_ROWS = 16


@dataclass(slots=True)
class EyeStats:
    """Counts of one eye. ``fields`` counts reads by ``(field, reader)``; times in milliseconds."""

    looks: int = 0
    lost: int = 0
    searches: int = 0
    total_ms: float = 0.0
    worst_ms: float = 0.0
    fields: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def mean_ms(self) -> float:
        return self.total_ms / self.looks if self.looks else 0.0


@dataclass(slots=True)
class _Kept:
    """Pixels of a field at the last look, what they said, and since how many looks they stand still."""

    pixels: Image
    value: object
    still: int = 0


def find_page(screen: Image, nonce: int, index: int) -> Placement | None:
    """Where the page with this mark is; ``None`` when it is nowhere, or in more than one place."""
    pages = [page for page in find_marks(screen) if page.code == MarkCode(nonce, index)]
    return Placement(pages[0].page, pages[0].scale) if len(pages) == 1 else None


class TableEye:
    """Looks at one table. Belongs to one thread.

    ``pace`` is the table's speed against the game's own, if known; ``None``: found while learning.
    """

    def __init__(
        self,
        table: str,
        layout: Layout,
        nonce: int,
        index: int,
        capture: Capture,
        engine: OcrEngine,
        fonts: FontStore | None,
        clock: Clock,
        pace: float | None = None,
    ) -> None:
        self.table = table
        self.readers = TableReaders(table, layout, engine, fonts, pace=pace)
        self.stats = EyeStats(fields=self.readers.counts.counts)
        self._layout, self._capture, self._clock = layout, capture, clock
        self._nonce, self._index = nonce, index
        self._placement: Placement | None = None
        self._boxes: dict[str, Box] = {}
        self._image: Image | None = None
        self._mark_pixels: Image | None = None
        self._canvas: Image | None = None
        self._number_pixels: Image | None = None
        self._kept: dict[str, _Kept] = {}
        self._number = 0
        self._searched_ns = -SEARCH_EVERY_NS
        self._changed: Instant | None = None
        self._was_flying = False

    @property
    def placement(self) -> Placement | None:
        """Where the page was at the last look."""
        return self._placement

    def look(self) -> Reading:
        """One frame of the table. Never raises for what is on the screen: what cannot be read is refused."""
        at = self._clock.now()
        self._number += 1
        page = self._image = self._page(at)
        if page is None or self._placement is None:
            reading = self._lost(at)
        else:
            reading = self._read(page, self._placement, at)
        took_ms = (self._clock.now().mono_ns - at.mono_ns) / NS_PER_MS
        self.stats.looks += 1
        self.stats.total_ms += took_ms
        self.stats.worst_ms = max(self.stats.worst_ms, took_ms)
        return reading

    def picture(self) -> tuple[Box, Image] | None:
        """The page's pixels at the last look and their place on the screen; ``None`` when out of sight."""
        if self._image is None or self._placement is None:
            return None
        return self._placement.page, self._image

    def boxes(self) -> Mapping[str, Box]:
        """The layout's named boxes at the last look, in screen pixels."""
        if self._image is None or self._placement is None:
            return {}
        page = self._placement.page
        return {name: box.shifted(page.x, page.y) for name, box in self._boxes.items()}

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        """Return as soon as the number's pixels differ from those of the last look, or time is up.

        Costs a fraction of a look: one small grab every ``every_s`` seconds. Whether they differ.
        """
        end = self._clock.now().mono_ns + round(at_most_s * NS_PER_S)
        while True:
            self._clock.sleep(every_s)
            if self._stirred():
                return True
            if self._clock.now().mono_ns >= end:
                return False

    def _stirred(self) -> bool:
        before, place = self._number_pixels, self._placement
        if before is None or place is None:
            return False
        box = self._boxes["multiplier"].shifted(place.page.x, place.page.y)
        return not np.array_equal(self._capture.grab(box), before)

    def _page(self, at: Instant) -> Image | None:
        """The page's pixels with the mark verified in this very picture, or ``None``."""
        if self._placement is not None:
            image = self._capture.grab(self._placement.page)
            if self._mark_stands(image, self._placement):
                return image
        if at.mono_ns - self._searched_ns < SEARCH_EVERY_NS:
            return None
        self._searched_ns = at.mono_ns
        self.stats.searches += 1
        width, height = self._capture.size()
        screen = self._capture.grab(Box(0, 0, width, height))
        found = find_page(screen, self._nonce, self._index)
        if found is None:
            return None
        self._settle(found)
        page = found.page
        return np.ascontiguousarray(screen[page.y : page.bottom, page.x : page.right])

    def _settle(self, found: Placement) -> None:
        if self._placement is not None and found == self._placement:
            return
        self._placement = found
        origin = Placement(Box(0, 0, found.page.width, found.page.height), found.scale)
        self._boxes = self._layout.boxes(origin)
        for name in EDGE_ALIGNED:  # text that begins at its box's edge must not look cut there
            self._boxes[name] = _widened(self._boxes[name], round(4 * found.scale), found.page.width)
        self._kept.clear()
        self._canvas = self._number_pixels = None
        self._mark_pixels = None

    def _mark_stands(self, image: Image, placement: Placement) -> bool:
        page = placement.page
        if image.shape[:2] != (page.height, page.width):
            return False
        mark = mark_box(Placement(Box(0, 0, page.width, page.height), placement.scale))
        corner = max(1, round(8 * placement.scale))
        pixels = np.concatenate([_cut(image, mark).ravel(), image[-corner:, -corner:].ravel()])
        if self._mark_pixels is not None and np.array_equal(pixels, self._mark_pixels):
            return True
        if not mark_present(image, placement, self._nonce, self._index):
            return False
        self._mark_pixels = pixels
        return True

    def _lost(self, at: Instant) -> Reading:
        self.stats.lost += 1
        return Reading.of_nothing(
            self.table, self._number, at, len(PANELS), self._changed or at, "the page is not in sight"
        )

    def _read(self, image: Image, placement: Placement, at: Instant) -> Reading:
        at_s = at.mono_ns / NS_PER_S
        self._watch_canvas(image, at)
        budget = Budget(ENGINE_CALLS)
        number = self._number_pixels = _cut(image, self._boxes["multiplier"])
        sight = self.readers.multiplier.look(number, self._layout.font_px(placement), at_s)
        panels = tuple(self._panel(image, panel, placement.scale, at_s, budget) for panel in PANELS)
        phase, confidence, reason = self._phase(image, sight, [panel.button for panel in panels])
        self._follow_flight(phase)
        multiplier = sight.value
        if multiplier.value is not None and phase is Phase.UNKNOWN:
            multiplier = FieldValue.refused(f"phase unknown: {reason}", multiplier.text)
        return Reading(
            table=self.table,
            number=self._number,
            at=at,
            placement=placement,
            phase=phase,
            phase_confidence=confidence,
            multiplier=multiplier,
            balance=self._field("balance", image, placement.scale, at_s, budget),
            players=self._field("players", image, placement.scale, at_s, budget),
            players_total=self._field("players_total", image, placement.scale, at_s, budget),
            history=self._history(image, placement.scale, at_s, budget),
            panels=panels,
            changed=self._changed or at,
            reason=reason,
        )

    def _watch_canvas(self, image: Image, at: Instant) -> None:
        """Moves ``changed`` when a pixel of the canvas differs; by chunks, as most frames differ at once."""
        canvas = _cut(image, self._boxes["canvas"])
        before = self._canvas
        if before is not None and before.shape == canvas.shape:
            rows = canvas.shape[0]
            if all(
                np.array_equal(canvas[top : top + _CHUNK_ROWS], before[top : top + _CHUNK_ROWS])
                for top in range(0, rows, _CHUNK_ROWS)
            ):
                return
        self._canvas = canvas
        self._changed = at

    def _phase(
        self, image: Image, sight: MultiplierSight, buttons: list[ButtonState]
    ) -> tuple[Phase, float, str]:
        """The phase from the digits' colour, the progress bar and the buttons; they must not contradict."""
        white, red = sight.digits.get("flying", 0) >= 3, sight.digits.get("crashed", 0) >= 3
        if sight.colour:  # a sound number decides which of two colours the digits have
            white, red = sight.colour == "flying", sight.colour == "crashed"
        bar = progress_seen(_cut(image, self._boxes["progress"]), self._layout) is not None
        if bar + white + red > 1:
            return Phase.UNKNOWN, 0.0, "signs contradict one another"
        cash_out = ButtonState.CASH_OUT in buttons
        waiting = ButtonState.BET in buttons
        if bar:
            if cash_out:
                return Phase.UNKNOWN, 0.0, "a bar and a cash-out button"
            return Phase.BETTING, 0.98 if waiting or ButtonState.ACCEPTED in buttons else 0.9, ""
        if white:
            return Phase.FLYING, 0.98 if cash_out or ButtonState.DISABLED in buttons else 0.9, ""
        if red:
            return Phase.CRASHED, 0.85 if cash_out else 0.97, ""
        return Phase.UNKNOWN, 0.0, "no sign of a phase"

    def _follow_flight(self, phase: Phase) -> None:
        if phase is Phase.FLYING:
            self._was_flying = True
        elif phase in (Phase.CRASHED, Phase.BETTING) and self._was_flying:
            self._was_flying = False
            self.readers.multiplier.teacher.flight_over()

    def _still(self, name: str, pixels: Image) -> tuple[_Kept, bool]:
        """What is kept of a field, and whether its pixels are those of the look before."""
        kept = self._kept.get(name)
        if kept is not None and np.array_equal(kept.pixels, pixels):
            kept.still += 1
            return kept, True
        kept = _Kept(pixels.copy(), None)  # not a view: that would keep the whole page
        self._kept[name] = kept
        return kept, False

    def _field(self, name: str, image: Image, scale: float, at_s: float, budget: Budget) -> FieldValue[int]:
        pixels = _cut(image, self._boxes[name])
        kept, same = self._still(name, pixels)
        value = kept.value
        if isinstance(value, FieldValue) and value.reason != WAITING:
            return value
        # pixels that just changed may be on the move: the engine is asked when they stand still
        allowed = budget if same else Budget(0)
        kind = name.split("_", 1)[1] if name.startswith("p0_") or name.startswith("p1_") else name
        kept.value = read = self.readers.number(kind, pixels, scale, at_s, allowed)
        return read

    def _history(
        self, image: Image, scale: float, at_s: float, budget: Budget
    ) -> FieldValue[tuple[int, ...]]:
        pixels = _cut(image, self._boxes["history"])
        kept, same = self._still("history", pixels)
        value = kept.value
        if isinstance(value, FieldValue) and value.reason != WAITING:
            return value
        if not same:  # chips slide: the strip is read when it stands still
            return FieldValue.refused(WAITING)
        kept.value = read = self.readers.history.read(pixels, HISTORY_EM * scale, at_s, budget)
        return read

    def _panel(self, image: Image, panel: int, scale: float, at_s: float, budget: Budget) -> PanelReading:
        button = self._button(f"p{panel}_button", image)
        return PanelReading(
            stake=self._field(f"p{panel}_stake", image, scale, at_s, budget),
            target=self._field(f"p{panel}_target", image, scale, at_s, budget),
            switch=self._switch(f"p{panel}_switch", image),
            button=button.state,
            button_confidence=button.confidence,
        )

    def _button(self, name: str, image: Image) -> ButtonSight:
        kept, _ = self._still(name, _cut(image, self._boxes[name]))
        if not isinstance(kept.value, ButtonSight):
            kept.value = button_state(kept.pixels, self._layout)
        sight = kept.value
        assert isinstance(sight, ButtonSight)
        return sight

    def _switch(self, name: str, image: Image) -> FieldValue[bool]:
        kept, _ = self._still(name, _cut(image, self._boxes[name]))
        if not isinstance(kept.value, FieldValue):
            kept.value = switch_state(kept.pixels, self._layout)
        value: FieldValue[bool] = kept.value
        return value


def _cut(image: Image, box: Box) -> Image:
    return image[box.y : box.bottom, box.x : box.right]


def _widened(box: Box, by: int, page_width: int) -> Box:
    left, right = max(0, box.x - by), min(page_width, box.right + by)
    return Box(left, box.y, right - left, box.height)
