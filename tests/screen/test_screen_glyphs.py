"""The glyph reader: right or refused, at sizes, places and backgrounds it never learned on."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screen_drawing import FONTS, multiplier_text, number_picture

from bot.domain.ports import Image
from bot.screen.glyphs import GlyphFont, GlyphReader, NoLine, plain_separators
from bot.screen.learning import build_font, sample_of
from bot.screen.masks import TextColour
from bot.screen.numbers import parse_multiplier

WHITE = TextColour.on_dark("flying", (255, 255, 255))
RED = TextColour.on_dark("crashed", (0x1B, 0x02, 0xD0))
RED_RGB = (0xD0, 0x02, 0x1B)
FAMILIES = sorted(FONTS)


@functools.cache
def learned(family: str) -> GlyphFont:
    """A font from true labels at one size."""
    finder = GlyphReader(GlyphFont(), parse_multiplier)
    samples = []
    for number in range(40):
        value = int(100 * math.exp(0.0858 * 0.31 * number)) + number
        text = multiplier_text(value)
        found = finder.find(number_picture(text, family=family, size=64, moment=number), [WHITE])
        assert not isinstance(found, NoLine), found
        samples.append(sample_of(found, text, float(number), value))
    font, _ = build_font(samples, need_x=True, each=2)
    assert font is not None
    return font


def read(image: Image, family: str) -> tuple[int | None, str]:
    result = GlyphReader(learned(family), parse_multiplier).read(image, [WHITE, RED])
    return result.value, result.reason


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    family=st.sampled_from(FAMILIES),
    value=st.one_of(st.integers(100, 999), st.integers(1000, 99_999), st.integers(100_000, 2_500_000)),
    size=st.sampled_from([32, 48, 64, 80, 112]),
    comma=st.booleans(),
    red=st.booleans(),
    outline=st.sampled_from([0, 2]),
    shadow=st.booleans(),
    shift=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    moment=st.floats(0, 20),
)
def test_every_value_is_read_right_or_refused(
    family: str,
    value: int,
    size: int,
    comma: bool,
    red: bool,
    outline: int,
    shadow: bool,
    shift: tuple[float, float],
    moment: float,
) -> None:
    picture = number_picture(
        multiplier_text(value, comma=comma),
        family=family,
        size=size,
        box=(round(size * 8), round(size * 1.5)),
        colour=RED_RGB if red else (255, 255, 255),
        outline=outline,
        shadow=shadow,
        shift=shift,
        moment=moment,
    )
    assert read(picture, family)[0] in (value, None)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("zoom", [0.8, 0.9, 1.0, 1.1, 1.25])
def test_font_of_one_size_reads_all_zooms_without_refusing(family: str, zoom: float) -> None:
    size = round(64 * zoom)
    for value in (100, 124, 356, 789, 1048, 123_456):
        picture = number_picture(multiplier_text(value), family=family, size=size, box=(size * 8, size * 2))
        assert read(picture, family) == (value, "")


@pytest.mark.parametrize("family", FAMILIES)
def test_mixed_digits_are_read_as_one_of_the_two_or_refused(family: str) -> None:
    for old, new in [(136, 139), (105, 106), (108, 109), (159, 160), (199, 201), (113, 118), (903, 905)]:
        before = number_picture(multiplier_text(old), family=family).astype(np.float32)
        after = number_picture(multiplier_text(new), family=family).astype(np.float32)
        for share in np.linspace(0.0, 1.0, 21):
            mixed = (before * (1 - share) + after * share).astype(np.uint8)
            value, _ = read(mixed, family)
            assert value in (old, new, None)
            if share == 0.5:
                assert value is None


@pytest.mark.parametrize("family", FAMILIES)
def test_rolling_digits_are_never_a_third_value(family: str) -> None:
    size, texts = 67, [multiplier_text(value) for value in (136, 137)]
    before, after = (number_picture(text, family=family, tint=(0, 0, 0)) for text in texts)
    for step in range(0, 84, 4):
        rolled = np.concatenate([before[step:], after[:step]])
        assert rolled.shape == before.shape
        assert read(rolled, family)[0] in (136, 137, None), (size, step)


@pytest.mark.parametrize("cut", [60, 90, 120, 150, 190, 230, 260])
def test_cut_text_is_refused(cut: int) -> None:
    picture = number_picture("12.48x", box=(320, 84), size=67)
    for part in (picture[:, cut:], picture[:, :cut]):
        if part.shape[1] >= 30:
            assert read(np.ascontiguousarray(part), "inter")[0] in (None, 1248)


@pytest.mark.parametrize("rows", [slice(25, None), slice(0, 50), slice(35, None)])
def test_text_cut_above_or_below_is_refused(rows: slice) -> None:
    picture = number_picture("12.48x", size=67)
    assert read(np.ascontiguousarray(picture[rows]), "inter")[0] is None


def test_hidden_digit_leaves_a_gap_that_refuses() -> None:
    picture = number_picture("123.48x", size=67)
    columns = np.flatnonzero((picture.min(axis=2) > 200).any(axis=0))
    breaks = np.flatnonzero(np.diff(columns) > 1)
    starts = [int(columns[0]), *(int(columns[i + 1]) for i in breaks)]
    for start, end in itertools.pairwise(starts[1:]):
        hidden = picture.copy()
        hidden[:, start - 1 : end - 1] = 20
        assert read(hidden, "inter")[0] is None


def test_foreign_ink_on_the_line_refuses() -> None:
    picture = number_picture("1.24x", size=67)
    picture[40:52, 120:140] = 255
    assert read(picture, "inter")[0] is None


def test_touching_glyphs_refuse() -> None:
    picture = number_picture("1.24x", size=67)
    rows = slice(50, 54)
    columns = np.flatnonzero((picture.min(axis=2) > 200).any(axis=0))
    picture[rows, int(columns[0]) + 60 : int(columns[-1]) - 20] = 255
    assert read(picture, "inter")[0] is None


@pytest.mark.parametrize("level", [0.35, 0.5, 0.65])
def test_dimmed_number_is_refused(level: float) -> None:
    picture = (number_picture("1.24x", size=67) * level).astype(np.uint8)
    assert read(picture, "inter")[0] is None


@pytest.mark.parametrize(
    "text", ["1.24", "24x", ".24x", "1.2x", "1.234x", "1..24x", "x1.24", "1x24x", "12 x"]
)
def test_other_forms_are_refused(text: str) -> None:
    assert read(number_picture(text, size=67), "inter")[0] is None


@pytest.mark.parametrize("text", ["FLEW AWAY!", "WAITING", "VOOU", "8OOx", "l.OOx"])
def test_words_are_refused(text: str) -> None:
    assert read(number_picture(text, size=48, box=(500, 90)), "inter")[0] is None


def test_nothing_is_read_from_background_or_noise() -> None:
    assert read(number_picture(" "), "inter")[0] is None
    noise = np.random.default_rng(7).integers(0, 256, (84, 430, 3)).astype(np.uint8)
    assert read(noise, "inter")[0] is None
    assert read(np.full((84, 430, 3), 255, np.uint8), "inter")[0] is None


def test_font_of_another_family_gives_no_wrong_value() -> None:
    for value in (100, 124, 367, 589, 1048, 7731):
        picture = number_picture(multiplier_text(value), family="open-sans", size=64)
        assert read(picture, "roboto")[0] in (value, None)


def test_separators_are_named_by_their_place() -> None:
    assert plain_separators("1.234,56x") == "1,234.56x"
    assert plain_separators("1,24x") == "1.24x"
    assert plain_separators("1.234") == "1,234"
    assert plain_separators("1.234.567,89") == "1,234,567.89"
    assert plain_separators("124") == "124"
