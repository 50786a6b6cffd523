"""What the controller must be able to see of a table, and its last look before a click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Capture, Image, Patch
from bot.domain.words import Box, ButtonState, FieldValue, PanelReading, Placement
from bot.screen.layout import Layout
from bot.screen.mark import mark_box, mark_present
from bot.screen.signs import switch_state

#: How far a pixel of the button may be from the colour of the games' file, per channel (0..255).
BUTTON_TOLERANCE = 10
#: The click goes here, as shares of the button's width and height: beside its text, inside its round corners.
POINT_X, POINT_Y = 0.10, 0.5
#: How far from its computed place a zoomed browser may paint a field, and how much of a line must be seen.
ROOM_PX, FRAME_SHARE = 2, 0.8
#: This many pixels on each side of the click must have the button's colour.
REACH_PX = 2
#: This many pixels left and right of the click must be the same at the click as at the last look.
PATCH_PX = 8


class TableView(Protocol):
    """Fresh pixels of one table at each call; ``bot.screen.panel.PanelView`` is the real one.

    ``panel`` is 0 or 1. All but ``locate`` look at the place that it gave last.
    """

    def locate(self, hint: Placement | None = None) -> Placement | None:
        """Where the session's mark is now: where it was, at ``hint``, or anywhere on the screen."""
        ...

    def target(self, panel: int) -> FieldValue[int]: ...

    def switch(self, panel: int) -> FieldValue[bool]: ...

    def button(self, panel: int) -> ButtonState: ...

    def panel(self, panel: int) -> PanelReading | None:
        """Everything of one panel out of one picture; ``None`` when the session's mark is not in it."""
        ...


class ElementSeen(Protocol):
    """What ``LastLook.element`` says; ``ElementLook`` is one."""

    @property
    def objection(self) -> str: ...

    @property
    def point(self) -> tuple[int, int]: ...

    @property
    def ringed(self) -> bool: ...


class ElementLook(NamedTuple):
    """A field or switch before its click: why not to (empty: go on), where, whether it has the ring."""

    objection: str
    point: tuple[int, int]
    ringed: bool


class LastLook(Protocol):
    """What must hold for a click, all of it out of one grab of the whole page."""

    def element(self, placement: Placement, panel: int, name: str) -> ElementSeen:
        """For a click on ``stake``, ``target`` or ``switch``; a switch only while it is seen off."""
        ...

    def focused(self, placement: Placement, panel: int, name: str) -> bool:
        """Whether the ring is seen that the page draws round the field that has the focus."""
        ...

    def fields(self, placement: Placement, panel: int) -> bytes | None:
        """The pixels of stake, target and switch, or ``None`` when the mark is not at its place."""
        ...

    def objection(self, placement: Placement, panel: int, fields: bytes) -> str:
        """Why a click would be doubtful now; empty when mark, fields and button are as they should be."""
        ...

    def point(self, placement: Placement, panel: int) -> tuple[int, int]:
        """Where to click the button of a panel, screen pixels."""
        ...

    def patches(self, placement: Placement, point: tuple[int, int]) -> tuple[Patch, ...]:
        """The mark and the pixels round ``point`` as the last look saw them: still so at the click."""
        ...


@dataclass(frozen=True, slots=True)
class TableSight:
    """What ``Controller`` wants to know of one table: its fields, and the last look."""

    view: TableView
    last_look: LastLook


#: The objection that means: mark and button stand, but a field was painted anew and must be read again.
FIELDS_CHANGED = "the stake or the target changed after it was read"
MARK_GONE = "the session's mark is not at its place"


class PageLook:
    """The last look, on real pixels: mark, end mark, fields and button out of one and the same grab.

    Reading a field takes milliseconds in which a window can move; here only pixels are compared. About half a
    millisecond for a page of 640 x 520.
    """

    def __init__(self, capture: Capture, layout: Layout, nonce: int, index: int) -> None:
        self._capture, self._layout = capture, layout
        self._nonce, self._index = nonce, index
        self._green = np.array(layout.colour("button_bet"), np.int16)
        self._back = np.array(layout.colour("field_back"), np.int16)
        self._border = np.array(layout.colour("field_border"), np.int16)
        self._ring = np.array(layout.colour("focus_ring"), np.int16)
        self._boxes: dict[str, Box] = {}
        self._boxes_at: Placement | None = None
        self._seen: Image | None = None
        self._seen_at: Box | None = None

    def element(self, placement: Placement, panel: int, name: str) -> ElementLook:
        """See ``LastLook``."""
        box, page = self._at(placement)[f"p{panel}_{name}"], self._grab(placement)
        if not mark_present(page, placement, self._nonce, self._index):
            return ElementLook(MARK_GONE, box.centre, False)
        if name == "switch":
            image = np.ascontiguousarray(_cut(page, box, placement))
            clearly_off = switch_state(image, self._layout).value is False
            return ElementLook("" if clearly_off else "the switch is not clearly off", box.centre, False)
        image, scale = _cut(page, _wider(box), placement), placement.scale
        ringed = _framed(image, self._ring, scale)
        inside = _share(image[_inset(scale) : -_inset(scale), _inset(scale) : -_inset(scale)], self._back)
        if inside < 0.5 or not (ringed or _framed(image, self._border, scale)):
            return ElementLook(f"the {name} field is not seen at its place", box.centre, False)
        return ElementLook("", box.centre, ringed)

    def focused(self, placement: Placement, panel: int, name: str) -> bool:
        """See ``LastLook``."""
        image = self._capture.grab(_wider(self._at(placement)[f"p{panel}_{name}"]))
        return _framed(image, self._ring, placement.scale)

    def fields(self, placement: Placement, panel: int) -> bytes | None:
        """See ``LastLook``."""
        page = self._capture.grab(placement.page)
        if not mark_present(page, placement, self._nonce, self._index):
            return None
        return self._field_pixels(page, placement, panel)

    def objection(self, placement: Placement, panel: int, fields: bytes) -> str:
        """See ``LastLook``."""
        page = self._grab(placement)
        if not mark_present(page, placement, self._nonce, self._index):
            return MARK_GONE
        x, y = self.point(placement, panel)
        x, y = x - placement.page.x, y - placement.page.y
        under = page[y - REACH_PX : y + REACH_PX + 1, x - REACH_PX : x + REACH_PX + 1].astype(np.int16)
        if under.size == 0 or np.abs(under - self._green).max() > BUTTON_TOLERANCE:
            return "the pixels under the click are not those of the bet button"
        if self._field_pixels(page, placement, panel) != fields:
            return FIELDS_CHANGED
        return ""

    def point(self, placement: Placement, panel: int) -> tuple[int, int]:
        """See ``LastLook``."""
        button = self._at(placement)[f"p{panel}_button"]
        return button.x + round(button.width * POINT_X), button.y + round(button.height * POINT_Y)

    def patches(self, placement: Placement, point: tuple[int, int]) -> tuple[Patch, ...]:
        """See ``LastLook``."""
        if self._seen is None:
            return ()
        x, y = point
        around = Box(x - PATCH_PX, y - REACH_PX, 2 * PATCH_PX + 1, 2 * REACH_PX + 1)
        page, boxes = self._seen, (mark_box(placement), around)
        return tuple(Patch(box, np.ascontiguousarray(_cut(page, box, placement))) for box in boxes)

    def picture(self) -> tuple[Box, Image] | None:
        """The page as ``objection`` or ``element`` saw it last, and its place on the screen."""
        return None if self._seen is None or self._seen_at is None else (self._seen_at, self._seen)

    def boxes(self) -> Mapping[str, Box]:
        """The layout's named boxes, in screen pixels."""
        return self._boxes

    def _grab(self, placement: Placement) -> Image:
        self._seen, self._seen_at = self._capture.grab(placement.page), placement.page
        return self._seen

    def _at(self, placement: Placement) -> dict[str, Box]:
        if placement != self._boxes_at:
            self._boxes, self._boxes_at = self._layout.boxes(placement), placement
        return self._boxes

    def _field_pixels(self, page: Image, placement: Placement, panel: int) -> bytes:
        boxes = self._at(placement)
        parts = []
        for name in ("stake", "target", "switch"):
            parts.append(_cut(page, boxes[f"p{panel}_{name}"], placement).tobytes())
        return b"".join(parts)


def _wider(box: Box) -> Box:
    """A field's box with room for the pixel by which a zoomed browser paints it elsewhere."""
    return Box(box.x - ROOM_PX, box.y - ROOM_PX, box.width + 2 * ROOM_PX, box.height + 2 * ROOM_PX)


def _inset(scale: float) -> int:
    return ROOM_PX + max(3, round(5 * scale))


def _share(pixels: Image, colour: NDArray[np.int16], tolerance: int = 24) -> float:
    """How many of the pixels are of a colour, 0..1."""
    if not pixels.size:
        return 0.0
    return float((np.abs(pixels.astype(np.int16) - colour).max(axis=-1) <= tolerance).mean())


def _framed(image: Image, colour: NDArray[np.int16], scale: float) -> bool:
    """Whether lines of a colour run along all four edges of a field, but for its round corners.

    ``image`` is the field with ``ROOM_PX`` around; each line may stand anywhere near its edge.
    """
    corner, deep = ROOM_PX + round(9 * scale), 2 * ROOM_PX + 1
    if min(image.shape[:2]) < 2 * corner + 2:
        return False
    sides = (
        image[:deep, corner:-corner],
        image[-deep:, corner:-corner],
        image[corner:-corner, :deep].swapaxes(0, 1),
        image[corner:-corner, -deep:].swapaxes(0, 1),
    )
    return all(max(_share(line, colour) for line in side) >= FRAME_SHARE for side in sides)


def _cut(page: Image, box: Box, placement: Placement) -> Image:
    """The part of a page's picture that shows ``box`` (screen pixels)."""
    inside = box.shifted(-placement.page.x, -placement.page.y)
    return page[inside.y : inside.bottom, inside.x : inside.right]
