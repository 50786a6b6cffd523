"""A table for tests: drawn pages on a drawn screen, an eye that looks at them, a clock that obeys."""

from __future__ import annotations

from pathlib import Path

from screen_page import Page, screen_with

from bot.domain.clock import ManualClock
from bot.domain.ports import OcrEngine
from bot.domain.words import Reading
from bot.screen.capture import ImageCapture
from bot.screen.eye import TableEye
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.panel import PanelView


class Table:
    """Shows pages at a place and looks at them."""

    def __init__(self, engine: OcrEngine, page: Page | None = None, folder: Path | None = None) -> None:
        self.page = page or Page()
        self.at = (100, 50)
        self.shown = False
        self.clock = ManualClock()
        self.capture = ImageCapture(screen_with([]))
        self.engine = engine
        self.fonts = FontStore(folder) if folder else None
        layout = load_layout(self.page.game)
        self.eye = TableEye(
            "t", layout, self.page.nonce, self.page.index, self.capture, engine, self.fonts, self.clock
        )

    def show(self, page: Page | None = None, at: tuple[int, int] | None = None) -> None:
        self.shown = True
        self.page = page or self.page
        self.at = at or self.at
        self.capture.image = screen_with([(self.page, *self.at)])

    def look(self, page: Page | None = None, seconds: float = 0.05, looks: int = 1) -> Reading:
        if page is not None or not self.shown:
            self.show(page)
        for _ in range(looks):
            self.clock.advance(seconds)
            reading = self.eye.look()
        return reading

    def settled(self, page: Page | None = None) -> Reading:
        """After enough looks for every small field to be read."""
        return self.look(page, looks=12)

    def panel_view(self) -> PanelView:
        return PanelView(
            "t",
            load_layout(self.page.game),
            self.capture,
            self.engine,
            self.fonts,
            self.page.nonce,
            self.page.index,
            self.clock,
        )
