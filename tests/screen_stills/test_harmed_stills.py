"""A readable frame, harmed: cut, covered, faded, dimmed, shown twice. Refused or right, never wrong."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bot.domain.errors import BadInput
from bot.domain.ports import Image
from bot.domain.words import Box, Phase
from bot.screen.lines import cut
from bot.screen.stills import StillReader, StillReading, read_still
from tests.screen_stills.conftest import AROUND, NUMBER

LEFT, TOP = NUMBER.x - AROUND.x, NUMBER.y - AROUND.y


def _read(reader: StillReader, image: Image) -> StillReading:
    return read_still(np.ascontiguousarray(image), reader=reader)


def test_the_part_around_the_number_reads(reader: StillReader, flying_125: Image) -> None:
    reading = _read(reader, cut(flying_125, AROUND))
    assert reading.multiplier.value == 125
    assert reading.phase is Phase.FLYING


@pytest.mark.parametrize("share", [0.03, 0.08, 0.15, 0.2, 0.25, 0.32, 0.4, 0.5])
def test_a_number_cut_off_at_the_left_is_refused(
    reader: StillReader, flying_125: Image, share: float
) -> None:
    image = cut(flying_125, AROUND)[:, LEFT + round(share * NUMBER.width) :]
    assert _read(reader, image).multiplier.value is None


@pytest.mark.parametrize("share", [0.5, 0.7, 0.85, 0.95])
def test_a_number_cut_off_at_the_right_is_refused(
    reader: StillReader, flying_125: Image, share: float
) -> None:
    image = cut(flying_125, AROUND)[:, : LEFT + round(share * NUMBER.width)]
    assert _read(reader, image).multiplier.value is None


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (29, 28, 27), (48, 40, 38)])
def test_a_number_half_covered_is_refused(
    reader: StillReader, flying_125: Image, side: str, colour: tuple[int, int, int]
) -> None:
    image = cut(flying_125, AROUND).copy()
    if side == "left":
        image[:, : LEFT + round(0.2 * NUMBER.width)] = colour
    elif side == "right":
        image[:, LEFT + round(0.8 * NUMBER.width) :] = colour
    elif side == "top":
        image[: TOP + round(0.3 * NUMBER.height)] = colour
    else:
        image[TOP + round(0.7 * NUMBER.height) :] = colour
    assert _read(reader, image).multiplier.value is None


@pytest.mark.parametrize("share", [0.35, 0.5, 0.65])
def test_two_numbers_faded_into_one_another_are_refused(
    reader: StillReader, flying_125: Image, flying_130: Image, share: float
) -> None:
    image = cv2.addWeighted(cut(flying_125, AROUND), 1 - share, cut(flying_130, AROUND), share, 0)
    assert _read(reader, np.asarray(image, dtype=np.uint8)).multiplier.value is None


@pytest.mark.parametrize("light", [0.3, 0.5, 0.7])
def test_a_dimmed_page_is_refused(reader: StillReader, flying_125: Image, light: float) -> None:
    assert _read(reader, (flying_125 * light).astype(np.uint8)).multiplier.value is None


def test_two_games_in_one_picture_are_refused(
    reader: StillReader, flying_125: Image, flying_130: Image
) -> None:
    image = np.hstack([cut(flying_125, AROUND), cut(flying_130, AROUND)])
    assert _read(reader, image).multiplier.value is None


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.5, 2.0])
def test_other_sizes_read_the_same(reader: StillReader, flying_125: Image, scale: float) -> None:
    image = cv2.resize(cut(flying_125, AROUND), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert _read(reader, np.asarray(image, dtype=np.uint8)).multiplier.value == 125


@pytest.mark.parametrize(
    ("ground", "ink", "text"),
    [
        ((255, 255, 255), (0, 0, 0), "1.24x"),
        ((255, 255, 255), (0, 0, 255), "1.24x"),
        ((200, 120, 40), (255, 255, 255), "1.24x"),
        ((20, 20, 20), (255, 255, 255), "1.24"),
        ((20, 20, 20), (255, 255, 255), "12:24"),
        ((20, 20, 20), (60, 200, 60), "1.24x"),
    ],
)
def test_pictures_that_are_no_game_are_refused(
    reader: StillReader, ground: tuple[int, int, int], ink: tuple[int, int, int], text: str
) -> None:
    image = np.full((480, 900, 3), ground, dtype=np.uint8)
    cv2.putText(image, text, (330, 250), cv2.FONT_HERSHEY_SIMPLEX, 2.0, ink, 6, cv2.LINE_AA)
    reading = _read(reader, image)
    assert reading.multiplier.value is None
    assert reading.phase is Phase.UNKNOWN


def test_plain_pictures_are_refused(reader: StillReader) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (120, 200, 3)).astype(np.uint8)
    for image in (np.zeros((120, 200, 3), dtype=np.uint8), np.full((40, 9, 3), 255, dtype=np.uint8), noise):
        assert _read(reader, image).multiplier.value is None


def test_a_box_around_the_number_reads_it_and_one_through_it_refuses(
    reader: StillReader, flying_125: Image
) -> None:
    assert read_still(flying_125, NUMBER, reader=reader).multiplier.value == 125
    through = Box(NUMBER.x + 30, NUMBER.y, NUMBER.width - 30, NUMBER.height)
    assert read_still(flying_125, through, reader=reader).multiplier.value is None
    elsewhere = Box(5, 250, 150, 60)
    assert read_still(flying_125, elsewhere, reader=reader).multiplier.value is None


def test_a_box_outside_the_picture_is_bad_input(reader: StillReader, flying_125: Image) -> None:
    with pytest.raises(BadInput, match="inside the picture"):
        read_still(flying_125, Box(500, 300, 400, 400), reader=reader)
