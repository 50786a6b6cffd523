"""What the controller sees of an own table: the panel's fields, and the last look before a click.

The anchor takes the place of the practice mark: it is verified in the very picture that is read, and again,
with the pixels under the click, at the click itself. How an unknown page shows that a field has the focus is
not known; that it changed when it was clicked is, and that it came to rest again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot.domain.clock import NS_PER_MS, Clock
from bot.domain.ports import Capture, Image, OcrEngine, Patch
from bot.domain.words import Box, ButtonState, FieldValue, PanelReading, Placement
from bot.screen.capture import clip
from bot.screen.detect import TextDetector, default_detector
from bot.screen.fields import Budget, ReadCounts
from bot.screen.layout import Layout
from bot.screen.own.anchor import Anchor, Place, load_patches
from bot.screen.own.buttons import fill_of
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.kept import load_learned
from bot.screen.own.panel_reading import PanelReader

#: Where the button is clicked, as shares of its width and height: beside its text.
POINT_X, POINT_Y = 0.10, 0.5
#: Pixels around the click that must have the button's fill, and how far from it they may be.
REACH_PX, FILL_TOLERANCE = 2, 40
PATCH_PX = 8
#: Room around a field in which its ring is drawn.
ROOM_PX = 4
#: So many pixels must differ before a field is said to have changed.
CHANGED_PX = 6
#: A field that stands still for so long after it changed has come to rest.
REST_MS = 140
ANCHOR_GONE = "the table is not at its place"
FIELDS_CHANGED = "the stake or the target changed after it was read"


class Element(NamedTuple):
    """A field before its click: why not to (empty: go on), where, whether it has the focus."""

    objection: str
    point: tuple[int, int]
    ringed: bool


@dataclass(slots=True)
class _Rest:
    """A field before it was clicked, its last pixels, and since when (monotonic ns) they stand."""

    before: Image
    last: Image
    since_ns: int
    touched: bool = False


class OwnSight:
    """One table for the controller: ``TableView`` and ``LastLook`` of ``bot.control.sight`` in one.

    Belongs to the controller's thread.
    """

    def __init__(
        self,
        table: OwnTable,
        tables: OwnTables,
        capture: Capture,
        engine: OcrEngine,
        clock: Clock,
        layout: Layout | None = None,
    ) -> None:
        self.table = table.name
        self._definition, self._capture, self._clock = table, capture, clock
        self._folder = tables.path(table.name)
        bounds = table.bounds()
        self._relative = {name: box.shifted(-bounds.x, -bounds.y) for name, box in table.fields.items()}
        self._place = Place(float(bounds.x), float(bounds.y), 1.0)
        self._engine, self._layout = engine, layout
        self._stamp = 0
        self._anchor = Anchor([], (0.0, 0.0))
        self._reader = self._make_reader()
        self._seen: tuple[Box, Image] | None = None
        self._in_sight = False
        self._rest: dict[str, _Rest] = {}
        self._refresh()

    def _make_reader(self) -> PanelReader:
        looks = load_learned(self._folder / "learned.json").buttons
        return PanelReader(self._definition, self._engine, _detector, ReadCounts(), self._layout, looks)

    def _refresh(self) -> None:
        """Take in what the table's own process has learned since."""
        try:
            stamp = (self._folder / "anchors.npz").stat().st_mtime_ns
        except OSError:
            return
        if stamp != self._stamp:
            self._stamp = stamp
            number = self._relative["multiplier"].centre
            self._anchor = Anchor(
                load_patches(self._folder / "anchors.npz"), (float(number[0]), float(number[1]))
            )
            self._reader = self._make_reader()

    # -- the view ------------------------------------------------------------------------------------------

    def locate(self, hint: Placement | None = None) -> Placement | None:
        """Where the table is now: where it was, or anywhere on the screen. ``hint`` says nothing here."""
        self._refresh()
        if not self._anchor.usable:
            return None  # without an anchor nothing tells what would be clicked
        if self._grab() is None:
            width, height = self._capture.size()
            found = self._anchor.find(self._capture.grab(Box(0, 0, width, height)), self._place.ratio)
            if found is None:
                return None
            self._place = found
            if self._grab() is None:
                return None
        return self._placement()

    def target(self, panel: int) -> FieldValue[int]:
        """The auto cash-out, hundredths."""
        return self._number(panel, "target")

    def stake(self, panel: int) -> FieldValue[int]:
        """The amount in the stake field, minor units."""
        return self._number(panel, "stake")

    def switch(self, panel: int) -> FieldValue[bool]:
        """Whether the automatic cash-out is on."""
        page = self._grab()
        if page is None:
            return FieldValue(None, reason=ANCHOR_GONE)
        return self._reader.switch(panel, self._cut(page, f"p{panel}_switch"))

    def button(self, panel: int) -> ButtonState:
        """The button's state, with the anchor verified in the same picture; else unknown."""
        page = self._grab()
        return ButtonState.UNKNOWN if page is None else self._button(page, panel)

    def panel(self, panel: int) -> PanelReading | None:
        """Everything of one panel out of one picture; ``None`` when the table is not in it."""
        page = self._grab()
        if page is None:
            return None
        budget = Budget(4)
        button = self._reader.button(panel, self._cut(page, f"p{panel}_button"))
        return PanelReading(
            stake=self._read(page, f"p{panel}_stake", budget),
            target=self._read(page, f"p{panel}_target", budget),
            switch=self._reader.switch(panel, self._cut(page, f"p{panel}_switch")),
            button=button.state,
            button_confidence=button.confidence,
        )

    # -- the last look -------------------------------------------------------------------------------------

    def element(self, placement: Placement, panel: int, name: str) -> Element:
        """Before a click on ``stake`` or ``target``. A switch of an own table is never clicked."""
        field = f"p{panel}_{name}"
        if field not in self._relative:
            return Element(f"this table has no box for its {name}", (0, 0), False)
        point = self._place.box(self._relative[field]).centre
        if name == "switch":
            return Element(
                "put the automatic cash-out on by hand: a switch is not clicked here", point, False
            )
        page = self._grab()
        if page is None:
            return Element(ANCHOR_GONE, point, False)
        number = self._read(page, field, Budget(2))
        if number.value is None:
            return Element(f"the {name} field is not read at its place: {number.reason}", point, False)
        pixels = self._around(field)
        self._rest[field] = _Rest(pixels, pixels, self._clock.now().mono_ns)
        return Element("", point, False)

    def focused(self, placement: Placement, panel: int, name: str) -> bool:
        """Whether the field seems to have the focus: changed by the click, and not come to rest since."""
        field = f"p{panel}_{name}"
        rest = self._rest.get(field)
        if rest is None:
            return False
        pixels, now_ns = self._around(field), self._clock.now().mono_ns
        if not rest.touched:
            rest.touched = _differs(pixels, rest.before)
            rest.last, rest.since_ns = pixels, now_ns
            return rest.touched
        if _differs(pixels, rest.last):
            rest.last, rest.since_ns = pixels, now_ns
        return now_ns - rest.since_ns < REST_MS * NS_PER_MS

    def fields(self, placement: Placement, panel: int) -> bytes | None:
        """A digest of the pixels of stake, target and switch; ``None`` when the table is not at its place."""
        page = self._grab()
        return None if page is None else self._digest(page, panel)

    def objection(self, placement: Placement, panel: int, fields: bytes) -> str:
        """Why a click would be doubtful now; empty when anchor, fields and button are as they should be."""
        page = self._grab()
        if page is None:
            return ANCHOR_GONE
        button = self._cut(page, f"p{panel}_button")
        if button is None or self._button(page, panel) is not ButtonState.BET:
            return "the button does not invite a bet"
        x, y = self.point(placement, panel)
        x, y = x - self._region.x, y - self._region.y
        under = page[y - REACH_PX : y + REACH_PX + 1, x - REACH_PX : x + REACH_PX + 1].astype(np.int16)
        if under.size == 0 or np.abs(under - np.array(fill_of(button))).max() > FILL_TOLERANCE:
            return "the pixels under the click are not those of the bet button"
        return "" if self._digest(page, panel) == fields else FIELDS_CHANGED

    def point(self, placement: Placement, panel: int) -> tuple[int, int]:
        """Where to click the button of a panel, screen pixels."""
        button = self._place.box(self._relative[f"p{panel}_button"])
        return button.x + round(button.width * POINT_X), button.y + round(button.height * POINT_Y)

    def patches(self, placement: Placement, point: tuple[int, int]) -> tuple[Patch, ...]:
        """Pieces of the anchor and the pixels round ``point`` as the last look saw them."""
        if self._seen is None:
            return ()
        region, page = self._seen
        x, y = point
        boxes = [Box(x - PATCH_PX, y - REACH_PX, 2 * PATCH_PX + 1, 2 * REACH_PX + 1)]
        standing = self._anchor.standing_patches(page, region, self._place)
        boxes += [
            box for box, stands in zip(self._anchor.boxes(self._place), standing, strict=True) if stands
        ][:4]
        return tuple(Patch(box, np.ascontiguousarray(_part(page, region, box))) for box in boxes)

    def picture(self) -> tuple[Box, Image] | None:
        """The pixels of the last look and their place on the screen; ``None`` when it was out of sight."""
        return self._seen if self._in_sight else None

    def boxes(self) -> Mapping[str, Box]:
        """The fields' boxes on the screen."""
        return {name: self._place.box(box) for name, box in self._relative.items()}

    # -- pixels --------------------------------------------------------------------------------------------

    @property
    def _region(self) -> Box:
        """The part of the screen that is looked at: all fields and all patches."""
        boxes = [self._place.box(box) for box in self._relative.values()] + self._anchor.boxes(self._place)
        left, top = min(box.x for box in boxes), min(box.y for box in boxes)
        around = Box(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)
        return clip(around, *self._capture.size())

    def _placement(self) -> Placement:
        return Placement(self._region, self._place.ratio)

    def _grab(self) -> Image | None:
        """The table's pixels with the anchor standing in them, or ``None``."""
        region = self._region
        page = self._capture.grab(region)
        self._in_sight = self._anchor.stands(page, region, self._place).enough
        if not self._in_sight:
            return None
        self._seen = (region, page)
        return page

    def _cut(self, page: Image, name: str) -> Image | None:
        if name not in self._relative:
            return None
        box, region = self._place.box(self._relative[name]), self._region
        if box.x < region.x or box.y < region.y or box.right > region.right or box.bottom > region.bottom:
            return None
        return np.ascontiguousarray(_part(page, region, box))

    def _around(self, field: str) -> Image:
        box = self._place.box(self._relative[field])
        return self._capture.grab(
            Box(box.x - ROOM_PX, box.y - ROOM_PX, box.width + 2 * ROOM_PX, box.height + 2 * ROOM_PX)
        )

    def _button(self, page: Image, panel: int) -> ButtonState:
        return self._reader.button(panel, self._cut(page, f"p{panel}_button")).state

    def _read(self, page: Image, name: str, budget: Budget) -> FieldValue[int]:
        pixels = self._cut(page, name)
        if pixels is None:
            return FieldValue.refused("no box, or beyond the edge of the screen")
        return self._reader.number(name, pixels, budget)

    def _number(self, panel: int, which: str) -> FieldValue[int]:
        page = self._grab()
        if page is None:
            return FieldValue.refused(ANCHOR_GONE)
        return self._read(page, f"p{panel}_{which}", Budget(2))

    def _digest(self, page: Image, panel: int) -> bytes:
        digest = hashlib.blake2b()
        for name in ("stake", "target", "switch"):
            pixels = self._cut(page, f"p{panel}_{name}")
            digest.update(b"-" if pixels is None else pixels.tobytes())
        return digest.digest()


def _part(page: Image, region: Box, box: Box) -> Image:
    inside = box.shifted(-region.x, -region.y)
    return page[max(0, inside.y) : max(0, inside.bottom), max(0, inside.x) : max(0, inside.right)]


def _differs(one: Image, other: Image) -> bool:
    if one.shape != other.shape:
        return True
    return int((np.abs(one.astype(np.int16) - other).max(axis=2) > 12).sum()) >= CHANGED_PX


_detector: Callable[[], TextDetector] = default_detector
