"""The last look can be shown: its very pixels, their place, and the boxes of the fields on the screen."""

from __future__ import annotations

import numpy as np
from screen_eye import Table
from screen_page import Page, screen_with

from bot.domain.ports import OcrEngine
from bot.domain.words import Box
from bot.screen.panel import PanelView


def test_the_eye_shows_the_page_of_its_last_look_where_it_was(engine: OcrEngine) -> None:
    table = Table(engine, Page(number="2.45x"))
    assert table.eye.picture() is None and table.eye.boxes() == {}
    for at in ((100, 50), (300, 120)):
        table.show(at=at)
        table.look(looks=8)
        seen = table.eye.picture()
        assert seen is not None
        place, pixels = seen
        assert (place.x, place.y) == at
        assert np.array_equal(pixels, table.capture.grab(place))
        button = table.eye.boxes()["p0_button"]
        assert place.x < button.x and button.right < place.right


def test_the_eye_shows_nothing_while_the_page_is_out_of_sight(engine: OcrEngine) -> None:
    table = Table(engine, Page(number="2.45x"))
    table.look()
    assert table.eye.picture() is not None
    table.capture.image = screen_with([])
    table.look(looks=2)
    assert table.eye.picture() is None and table.eye.boxes() == {}


def test_a_picture_is_of_its_look_and_does_not_change_with_the_screen(engine: OcrEngine) -> None:
    table = Table(engine, Page(number="2.45x"))
    table.look()
    seen = table.eye.picture()
    assert seen is not None
    before = seen[1].copy()
    table.look(Page(number="7.77x"), looks=3)
    assert np.array_equal(seen[1], before)
    newer = table.eye.picture()
    assert newer is not None and not np.array_equal(newer[1], before)


def test_the_eye_knows_who_read_a_field_last(engine: OcrEngine) -> None:
    table = Table(engine, Page(number="2.45x"))
    table.settled()
    last = table.eye.readers.counts.last
    assert last["balance"] in ("engine", "remembered", "glyphs")
    assert last["multiplier"]


def test_the_panel_shows_the_page_that_it_read(engine: OcrEngine) -> None:
    table = Table(engine, Page())
    table.look()
    view: PanelView = table.panel_view()
    assert view.picture() is None
    assert view.locate() is not None
    assert view.panel(0) is not None
    seen = view.picture()
    assert seen is not None
    assert seen[0] == Box(100, 50, seen[0].width, seen[0].height)
    assert view.boxes()["p1_stake"].x > view.boxes()["p0_stake"].x
    table.capture.image = screen_with([])
    assert view.panel(0) is None
    assert view.picture() is None
