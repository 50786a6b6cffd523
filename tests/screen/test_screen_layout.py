"""Layouts: edge-relative boxes of every game, and clear errors for what a person may mistype."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.domain.words import Box, Placement
from bot.screen.layout import layout_from, load_layout, parse_colour, parse_edge

GAMES = ("aviator", "aviatrix", "jetx")


def test_edges_are_sums_of_names_and_units() -> None:
    assert parse_edge("W/2 - 100") == {"W": 0.5, "": -100.0}
    assert parse_edge("cx + 3.2*F") == {"cx": 1.0, "F": 3.2}
    assert parse_edge("8") == {"": 8.0}


@pytest.mark.parametrize("text", ["W 8", "W +", "W * * 2", "__import__('os')", "8 8"])
def test_malformed_edges_are_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        parse_edge(text)


def test_colours_become_blue_green_red() -> None:
    assert parse_colour("#d0021b") == (0x1B, 0x02, 0xD0)
    with pytest.raises(BadInput):
        parse_colour("red")


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.25])
def test_boxes_lie_on_the_page_and_apart(game: str, scale: float) -> None:
    page = Box(37, 21, 640, 520)
    boxes = load_layout(game).boxes(Placement(page, scale))
    for name, box in boxes.items():
        assert box.width > 0 and box.height > 0, name
        assert page.contains(box.x, box.y) and box.right <= page.right and box.bottom <= page.bottom, name
    for first, second in [("p0_stake", "p0_button"), ("p0_button", "p1_stake"), ("balance", "mark")]:
        a, b = boxes[first], boxes[second]
        assert a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y


def test_known_boxes_of_aviator() -> None:
    boxes = load_layout("aviator").boxes(Placement(Box(0, 0, 640, 520), 1.0))
    assert boxes["mark"] == Box(8, 8, 120, 20)
    assert boxes["end_mark"] == Box(632, 512, 8, 8)
    assert boxes["balance"] == Box(440, 4, 188, 28)
    assert boxes["p0_stake"] == Box(46, 386, 90, 32)
    assert boxes["p1_stake"] == Box(362, 386, 90, 32)
    assert boxes["p1_button"] == Box(490, 386, 134, 116)
    assert boxes["progress"] == Box(220, 241, 200, 6)


@given(st.integers(-3000, 3000), st.integers(-3000, 3000))
def test_moving_a_page_moves_its_boxes(dx: int, dy: int) -> None:
    layout = load_layout("jetx")
    here = layout.boxes(Placement(Box(0, 0, 640, 520), 1.0))
    there = layout.boxes(Placement(Box(dx, dy, 640, 520), 1.0))
    assert there == {name: box.shifted(dx, dy) for name, box in here.items()}


def test_unknown_game_names_the_known() -> None:
    with pytest.raises(BadInput, match="aviator, aviatrix, jetx"):
        load_layout("roulette")


def test_missing_part_of_a_layout_is_bad_input() -> None:
    with pytest.raises(BadInput):
        layout_from({"boxes": {}}, "aviator")
