"""The last look on drawn pages: fields, rings and buttons at their places, at every zoom."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bot.control.sight import FIELDS_CHANGED, MARK_GONE, PageLook
from bot.domain.ports import Image
from bot.domain.words import Box, Placement
from bot.screen.capture import ImageCapture
from bot.screen.layout import load_layout
from bot.screen.mark import CELL, COLUMNS, GUARD_A, GUARD_B, ONE, ROWS, ZERO, mark_bits, mark_box

NONCE, INDEX = 0xABCDE, 2
LAYOUT = load_layout("aviator")
PAGE = Box(31, 17, 700, 520)
SCALES = [0.8, 0.9, 1.0, 1.1, 1.25]


def fill(image: Image, box: Box, colour: tuple[int, int, int]) -> None:
    """Paint a box of the screen."""
    image[box.y : box.bottom, box.x : box.right] = colour


def frame(image: Image, box: Box, colour: tuple[int, int, int], thick: int) -> None:
    """Draw a line inside the edge of a box."""
    cv2.rectangle(image, (box.x, box.y), (box.right - 1, box.bottom - 1), colour, thick)
    if thick == 2:
        cv2.rectangle(image, (box.x + 1, box.y + 1), (box.right - 2, box.bottom - 2), colour, 1)


def drawn(place: Placement, ringed: str = "", shift: int = 0, switch_on: bool = True) -> Image:
    """A screen with one page; fields are painted ``shift`` pixels off, as a zoomed browser may."""
    image = np.full((600, 800, 3), 40, np.uint8)
    fill(image, place.page, (14, 14, 14))
    bits, box = mark_bits(NONCE, INDEX), mark_box(place)
    size = CELL * place.scale
    for row in range(ROWS):
        for column in range(COLUMNS):
            bit = bits >> max(0, 39 - (row // 2 * 20 + column - 2)) & 1
            colour = GUARD_A if column < 2 else GUARD_B if column > 21 else ONE if bit else ZERO
            x, y = round(column * size), round(row * size)
            right, bottom = round((column + 1) * size), round((row + 1) * size)
            fill(image, Box(box.x + x, box.y + y, right - x, bottom - y), colour)
    cell = 4 * place.scale
    near, far = round(cell), round(2 * cell)
    right, bottom = place.page.right, place.page.bottom
    fill(image, Box(right - far, bottom - far, far, far), GUARD_A)
    fill(image, Box(right - near, bottom - far, near, far - near), GUARD_B)
    fill(image, Box(right - far, bottom - near, far - near, near), GUARD_B)
    boxes = LAYOUT.boxes(place)
    for name in ("p0_stake", "p0_target"):
        field = boxes[name].shifted(shift, shift)
        fill(image, field, LAYOUT.colour("field_back"))
        ring = name.endswith(ringed) and bool(ringed)
        frame(image, field, LAYOUT.colour("focus_ring" if ring else "field_border"), 2 if ring else 1)
    fill(image, boxes["p0_button"], LAYOUT.colour("button_bet"))
    switch = boxes["p0_switch"]
    fill(image, switch, LAYOUT.colour("switch_on" if switch_on else "switch_off"))
    knob = switch.right - 14 if switch_on else switch.x + 4
    fill(image, Box(knob, switch.y + 4, 10, switch.height - 8), (255, 255, 255))
    return image


def look_at(image: Image) -> PageLook:
    """The last look on ``image``."""
    return PageLook(ImageCapture(image), LAYOUT, NONCE, INDEX)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_fields_and_rings_are_seen_at_every_zoom(scale: float, shift: int) -> None:
    place = Placement(PAGE, scale)
    look = look_at(drawn(place, ringed="stake", shift=shift))
    assert look.element(place, 0, "stake")[::2] == ("", True)
    assert look.element(place, 0, "target")[::2] == ("", False)
    assert look.focused(place, 0, "stake")
    assert not look.focused(place, 0, "target")


@pytest.mark.parametrize("scale", SCALES)
def test_a_page_elsewhere_gets_no_click(scale: float) -> None:
    place, image = Placement(PAGE, scale), drawn(Placement(PAGE, scale))
    moved = Placement(PAGE.shifted(6, 0), scale)
    look = look_at(image)
    assert look.element(moved, 0, "stake").objection == MARK_GONE
    fields = look.fields(place, 0)
    assert fields is not None
    assert look.objection(place, 0, fields) == ""
    assert look.objection(moved, 0, fields) == MARK_GONE
    assert look.fields(moved, 0) is None


def test_a_field_that_is_covered_is_not_clicked() -> None:
    place, image = Placement(PAGE, 1.0), drawn(Placement(PAGE, 1.0))
    box = LAYOUT.boxes(place)["p0_stake"]
    fill(image, Box(box.x + 40, box.y - 5, 60, 60), (200, 200, 200))
    assert look_at(image).element(place, 0, "stake").objection


def test_a_switch_is_clicked_only_while_it_is_off() -> None:
    place = Placement(PAGE, 1.0)
    assert look_at(drawn(place, switch_on=False)).element(place, 0, "switch").objection == ""
    assert look_at(drawn(place, switch_on=True)).element(place, 0, "switch").objection
    covered = drawn(place, switch_on=False)
    fill(covered, LAYOUT.boxes(place)["p0_switch"], (90, 90, 90))
    assert look_at(covered).element(place, 0, "switch").objection


@pytest.mark.parametrize("colour", ["button_accepted", "button_cash_out", "button_disabled"])
def test_the_pixels_under_the_click_must_be_those_of_the_bet_button(colour: str) -> None:
    place, image = Placement(PAGE, 1.0), drawn(Placement(PAGE, 1.0))
    fields = look_at(image).fields(place, 0)
    assert fields is not None
    fill(image, LAYOUT.boxes(place)["p0_button"], LAYOUT.colour(colour))
    assert "not those of the bet button" in look_at(image).objection(place, 0, fields)


def test_a_field_painted_anew_is_noticed() -> None:
    place, image = Placement(PAGE, 1.0), drawn(Placement(PAGE, 1.0))
    fields = look_at(image).fields(place, 0)
    assert fields is not None
    x, y = LAYOUT.boxes(place)["p0_stake"].centre
    image[y, x] = (255, 255, 255)
    assert look_at(image).objection(place, 0, fields) == FIELDS_CHANGED
