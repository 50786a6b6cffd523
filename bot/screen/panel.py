"""What the controller sees of a table: fresh pixels of one thing at a time, the mark verified with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.domain.clock import NS_PER_S, Clock, SystemClock
from bot.domain.errors import AnchorLost
from bot.domain.ports import Capture, Image, OcrEngine
from bot.domain.words import Box, ButtonState, FieldValue, PanelReading, Placement
from bot.screen.eye import find_page
from bot.screen.fields import Budget
from bot.screen.fonts import FontStore
from bot.screen.layout import Layout
from bot.screen.mark import mark_present
from bot.screen.readers import TableReaders
from bot.screen.signs import button_state, field_visible, ring_visible, switch_state


class PanelView:
    """The bet panels of one table through pixels, for the controller. Belongs to one thread.

    ``locate`` comes first; the others look at the place it found. Every call grabs anew.
    """

    def __init__(
        self,
        table: str,
        layout: Layout,
        capture: Capture,
        engine: OcrEngine,
        fonts: FontStore | None,
        nonce: int,
        index: int,
        clock: Clock | None = None,
    ) -> None:
        self.table = table
        self._layout, self._capture = layout, capture
        self._nonce, self._index = nonce, index
        self._clock = clock or SystemClock()
        self._readers = TableReaders(table, layout, engine, fonts, teach=False)
        self._placement: Placement | None = None
        self._boxes: dict[str, Box] = {}
        self._image: Image | None = None

    @property
    def placement(self) -> Placement | None:
        """Where ``locate`` last found the page."""
        return self._placement

    def picture(self) -> tuple[Box, Image] | None:
        """The page as ``panel`` or ``button`` saw it last; ``None`` when the mark was not in it."""
        if self._image is None or self._placement is None:
            return None
        return self._placement.page, self._image

    def boxes(self) -> Mapping[str, Box]:
        """The layout's named boxes, in screen pixels."""
        return self._boxes

    def locate(self, hint: Placement | None = None) -> Placement | None:
        """Where the page is NOW: its mark and end mark are verified in fresh pixels.

        The place known, then ``hint``, then the whole screen are tried. ``None``: nowhere, or in two places.
        """
        for known in (self._placement, hint):
            if known is not None and self._stands(self._capture.grab(known.page), known):
                self._settle(known)
                return known
        width, height = self._capture.size()
        found = find_page(self._capture.grab(Box(0, 0, width, height)), self._nonce, self._index)
        self._settle(found)
        return found

    def verify(self) -> bool:
        """Whether the mark still stands at the place known; searches nowhere."""
        return self._page() is not None

    def box(self, name: str) -> Box:
        """The screen box of a named element. Raises ``AnchorLost`` before the page was found."""
        if self._placement is None:
            raise AnchorLost(f"{self.table}: the page is not in sight")
        return self._boxes[name]

    def focused(self, panel: int, which: str) -> bool:
        """Whether the focus ring shows around the ``"stake"`` or ``"target"`` field."""
        placement = self._placement
        return placement is not None and ring_visible(
            self._grab(f"p{panel}_{which}"), self._layout, placement.scale
        )

    def visible(self, panel: int, which: str) -> bool:
        """Whether the ``"stake"`` or ``"target"`` field is drawn where it belongs, uncovered."""
        placement = self._placement
        return placement is not None and field_visible(
            self._grab(f"p{panel}_{which}"), self._layout, placement.scale
        )

    def stake(self, panel: int) -> FieldValue[int]:
        """Amount in the stake field, minor units."""
        return self._field(panel, "stake")

    def target(self, panel: int) -> FieldValue[int]:
        """Multiplier in the target field, hundredths."""
        return self._field(panel, "target")

    def switch(self, panel: int) -> FieldValue[bool]:
        """Whether the automatic cash-out is on."""
        if self._placement is None:
            return FieldValue(None, reason="the page is not in sight")
        return switch_state(self._grab(f"p{panel}_switch"), self._layout)

    def button(self, panel: int) -> ButtonState:
        """State of the bet button, with the mark verified in the same picture; else unknown."""
        page = self._page()
        if page is None:
            return ButtonState.UNKNOWN
        return button_state(self._part(page, f"p{panel}_button"), self._layout).state

    def panel(self, panel: int) -> PanelReading | None:
        """Everything of one panel from one picture; ``None`` when the mark is not in it."""
        page = self._page()
        if page is None or self._placement is None:
            return None
        scale, at_s = self._placement.scale, self._now_s()
        budget = Budget(2)
        self._readers.refresh()
        stake = self._part(page, f"p{panel}_stake")
        target = self._part(page, f"p{panel}_target")
        button = button_state(self._part(page, f"p{panel}_button"), self._layout)
        return PanelReading(
            stake=self._readers.number("stake", stake, scale, at_s, budget),
            target=self._readers.number("target", target, scale, at_s, budget),
            switch=switch_state(self._part(page, f"p{panel}_switch"), self._layout),
            button=button.state,
            button_confidence=button.confidence,
        )

    def _page(self) -> Image | None:
        placement, self._image = self._placement, None
        if placement is None:
            return None
        page = self._capture.grab(placement.page)
        self._image = page if self._stands(page, placement) else None
        return self._image

    def _stands(self, page: Image, placement: Placement) -> bool:
        return mark_present(page, placement, self._nonce, self._index)

    def _settle(self, found: Placement | None) -> None:
        if found != self._placement:
            self._placement, self._image = found, None
            self._boxes = self._layout.boxes(found) if found is not None else {}

    def _part(self, page: Image, name: str) -> Image:
        assert self._placement is not None
        box = self._boxes[name].shifted(-self._placement.page.x, -self._placement.page.y)
        return np.ascontiguousarray(page[box.y : box.bottom, box.x : box.right])

    def _grab(self, name: str) -> Image:
        return self._capture.grab(self.box(name))

    def _field(self, panel: int, which: str) -> FieldValue[int]:
        if self._placement is None:
            return FieldValue.refused("the page is not in sight")
        self._readers.refresh()
        image = self._grab(f"p{panel}_{which}")
        return self._readers.number(which, image, self._placement.scale, self._now_s(), Budget(1))

    def _now_s(self) -> float:
        return self._clock.now().mono_ns / NS_PER_S
