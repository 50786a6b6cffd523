"""Strips in small print, harmed: cut, covered, faded into one another. Refused or right, never wrong."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bot.cli_read import load_picture
from bot.domain.amounts import parse_hundredths
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.lines import cut
from bot.screen.stills import StillReader, read_still
from tests.screen_stills.conftest import frame_path

#: Strips with the part of the picture around them, and what stands in them.
STRIPS = {
    "aviator/jeux-aviator__jeux-aviator.github.io__fly_51.97x_hollywoodbets.png": (
        Box(0, 0, 1280, 45),
        "2.09 3.08 1.65 1.22 1.06 3.59 5.87 5.20 3.95 6.10 1.42 1.93 1.48 1.98 1.67 1.40 1.79 1.77 1.57 1.65 "
        "3.72 5.60",
    ),
    "other_crash/pirate101-lab__aviator-crash-game__aspirebet_betting_0056c2.png": (
        Box(340, 38, 1000, 30),
        "21.21 1.11 1.37 4.64 5.37 4.33 15.28 59.84 1.42 1.39 1.16 1.59 1.61 1.83",
    ),
}


def _covered(left: int, width: int, colour: tuple[int, int, int]) -> Callable[[Image], Image]:
    def harm(image: Image) -> Image:
        image = image.copy()
        image[:, left : left + width] = colour
        return image

    return harm


def _cut_left(by: int) -> Callable[[Image], Image]:
    return lambda image: image[:, by:]


def _cut_top(by: int) -> Callable[[Image], Image]:
    return lambda image: image[by:]


def _slid(by: int) -> Callable[[Image], Image]:
    def harm(image: Image) -> Image:
        return np.asarray(cv2.addWeighted(image[:, :-by], 0.5, image[:, by:], 0.5, 0), np.uint8)

    return harm


HARMS = {
    "first chip half covered": _covered(0, 48, (14, 14, 14)),
    "first chip covered in white": _covered(30, 20, (255, 255, 255)),
    "a chip in the middle covered": _covered(300, 40, (0, 0, 0)),
    "first digit cut off": _cut_left(44),
    "half a chip cut off": _cut_left(52),
    "upper half cut off": _cut_top(14),
    "sliding": _slid(9),
    "sliding far": _slid(30),
}


@pytest.mark.parametrize("file", STRIPS)
@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_strip_is_refused_or_right(reader: StillReader, file: str, harm: str) -> None:
    place, text = STRIPS[file]
    truth = tuple(parse_hundredths(word) for word in text.split())
    image = HARMS[harm](cut(load_picture(frame_path(file)), place))
    read = read_still(np.ascontiguousarray(image), field="history", reader=reader).history.value
    assert read is None or read == truth[: len(read)]
