"""The mark: decoded at every zoom and place, refused when a hair of it is off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screen_page import Page, page_picture, screen_with

from bot.domain.words import Box, Placement
from bot.screen.mark import MarkCode, decode_mark, find_marks, mark_bits, mark_box, mark_present, snap_scale

ZOOMS = (0.8, 0.9, 1.0, 1.1, 1.25)


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("place", [(0, 0), (13, 7), (1280, 560), (641, 333)])
def test_page_is_found_at_every_zoom_and_place(zoom: float, place: tuple[int, int]) -> None:
    page = Page(scale=zoom, nonce=0x123456, index=2)
    found = find_marks(screen_with([(page, *place)]))
    assert [each.code for each in found] == [MarkCode(0x123456, 2)]
    assert found[0].page == Box(*place, 640, 520)
    assert found[0].scale == pytest.approx(zoom)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**24 - 1), st.integers(0, 15), st.sampled_from(ZOOMS))
def test_every_code_survives_drawing_and_decoding(nonce: int, index: int, zoom: float) -> None:
    picture = page_picture(Page(nonce=nonce, index=index, scale=zoom, width=800, height=560))
    placement = Placement(Box(0, 0, 800, 560), zoom)
    assert decode_mark(picture, mark_box(placement)) == MarkCode(nonce, index)
    assert mark_present(picture, placement, nonce, index)
    assert not mark_present(picture, placement, nonce ^ 1, index)
    assert not mark_present(picture, placement, nonce, index ^ 1)


def test_checksum_is_part_of_the_code() -> None:
    assert mark_bits(0xABCDEF, 1) >> 12 == 0xABCDEF << 4 | 1
    assert mark_bits(1, 2) != mark_bits(2, 1)


def test_dimmed_page_is_not_found() -> None:
    assert find_marks(screen_with([(Page(dimmed=True), 100, 100)])) == []


def test_slightly_dimmed_mark_is_refused() -> None:
    picture = page_picture(Page())
    placement = Placement(Box(0, 0, 640, 520), 1.0)
    faint = (picture * 0.97).astype(np.uint8)
    assert not mark_present(faint, placement, Page().nonce, Page().index)


@pytest.mark.parametrize("column", range(24))
def test_one_wrong_cell_refuses_the_mark(column: int) -> None:
    picture = page_picture(Page())
    x = 8 + 5 * column
    picture[8:13, x : x + 5] = 255 - picture[8:13, x : x + 5]
    assert decode_mark(picture, Box(8, 8, 120, 20)) is None


def test_flipped_bit_fails_the_checksum() -> None:
    picture = page_picture(Page())
    cell = picture[8:18, 18:23]
    picture[8:18, 18:23] = 255 if int(cell[0, 0, 0]) < 128 else (0x14, 0x12, 0x10)
    assert decode_mark(picture, Box(8, 8, 120, 20)) is None


def test_covered_end_mark_loses_the_page() -> None:
    screen = screen_with([(Page(), 100, 50)])
    screen[560:575, 730:745] = 90
    assert find_marks(screen) == []


def test_side_by_side_pages_get_their_own_ends() -> None:
    pages = [(Page(index=0), 0, 40), (Page(index=1), 640, 40), (Page(index=2), 1280, 40)]
    found = {each.code.index: each.page for each in find_marks(screen_with(pages))}
    assert found == {i: Box(640 * i, 40, 640, 520) for i in range(3)}


def test_page_with_another_page_over_its_end_is_not_found() -> None:
    found = find_marks(screen_with([(Page(index=0), 0, 40), (Page(index=1), 400, 300)]))
    assert [each.code.index for each in found] == [1]


def test_usual_zoom_steps_are_snapped_to() -> None:
    assert snap_scale(1.0042) == 1.0
    assert snap_scale(0.7975) == 0.8
    assert snap_scale(0.845) == 0.845 or snap_scale(0.845) == 0.85
