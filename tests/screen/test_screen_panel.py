"""The controller's view of the bet panels."""

from __future__ import annotations

import pytest
from screen_eye import Table
from screen_page import Page

from bot.domain.errors import AnchorLost
from bot.domain.words import Box, ButtonState, Placement


def test_page_is_located_and_boxes_are_on_the_screen(table: Table) -> None:
    table.show(Page(button=ButtonState.BET))
    view = table.panel_view()
    found = view.locate()
    assert found == Placement(Box(100, 50, 640, 520), 1.0)
    assert view.box("p0_stake") == Box(146, 436, 90, 32)
    assert view.button(0) is ButtonState.BET


def test_moved_page_is_not_read_at_its_old_place(table: Table) -> None:
    table.show(Page(button=ButtonState.BET))
    view = table.panel_view()
    view.locate()
    table.show(at=(300, 200))
    assert not view.verify()
    assert view.button(0) is ButtonState.UNKNOWN
    assert view.panel(0) is None
    assert view.locate() == Placement(Box(300, 200, 640, 520), 1.0)
    assert view.button(0) is ButtonState.BET


def test_page_that_is_nowhere_is_not_located(table: Table) -> None:
    table.show(Page(dimmed=True))
    view = table.panel_view()
    assert view.locate(Placement(Box(100, 50, 640, 520), 1.0)) is None
    with pytest.raises(AnchorLost):
        view.box("p0_stake")


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.25])
def test_focus_ring_tells_the_field(table: Table, scale: float) -> None:
    table.show(Page(focus="p1_target", scale=scale))
    view = table.panel_view()
    view.locate()
    assert view.focused(1, "target")
    assert not any(view.focused(*field) for field in ((0, "target"), (1, "stake"), (0, "stake")))
    assert all(view.visible(*field) for field in ((0, "target"), (1, "target"), (0, "stake")))


@pytest.mark.parametrize(
    "texts", [("1.00", "2.00"), ("123.45", "1000.00"), ("0,10", "1,01"), ("500.00", "1.33")]
)
def test_fields_read_back_what_was_typed(table: Table, texts: tuple[str, str]) -> None:
    table.show(Page(stake=texts[0], target=texts[1], switch=False))
    view = table.panel_view()
    view.locate()
    digits = [int(text.replace(".", "").replace(",", "")) for text in texts]
    assert [view.stake(0).value, view.target(1).value] == digits
    panel = view.panel(0)
    assert panel is not None and panel.switch.value is False
    assert (panel.stake.value, panel.target.value) == tuple(digits)


@pytest.mark.parametrize("text", ["", "1.0", "1.001250", "1..00", "abc", "-5.00"])
def test_malformed_stakes_are_refused(table: Table, text: str) -> None:
    table.show(Page(stake=text))
    view = table.panel_view()
    view.locate()
    assert view.stake(0).value is None


def test_covered_field_is_not_visible(table: Table) -> None:
    table.show(Page())
    view = table.panel_view()
    view.locate()
    box = view.box("p0_stake")
    table.capture.image[box.y - 5 : box.bottom + 5, box.x - 5 : box.right + 5] = 60
    assert not view.visible(0, "stake")
    assert view.visible(0, "target")
