"""A number of an unknown page is read right in any font, colour and form, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from bot.domain.ports import Image
from bot.screen.detect import default_detector
from bot.screen.engines import default_engine
from bot.screen.fields import ReadCounts
from bot.screen.learning import LearnState, Teacher
from bot.screen.own.wild import Form, WildNumber, spot
from tests.screen_own.drawn import written


def number() -> WildNumber:
    return WildNumber(
        default_engine(),
        default_detector,
        ReadCounts(),
        lambda form: Teacher(None, need_x=form is Form.SUFFIX, rising=True),
    )


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("1.23x", 123, Form.SUFFIX),
        ("1,23 X", 123, Form.SUFFIX),
        ("Busted @ 12.07x", 1207, Form.SUFFIX),
        ("1 234,56×", 123_456, Form.SUFFIX),
        ("1,234.56x", 123_456, Form.SUFFIX),
        ("1'234.56x", 123_456, Form.SUFFIX),
        ("x1.23", 123, Form.PREFIX),
        ("× 9,99", 999, Form.PREFIX),
        ("2.00", 200, Form.BARE),
    ],
)
def test_a_multiplier_is_spotted_in_every_form(text: str, value: int, form: Form) -> None:
    found = spot(text)
    assert found is not None
    assert (found.value, found.form) == (value, form)


@pytest.mark.parametrize(
    "text",
    ["Starting in 4.5s", "4.50s", "12:04.55", "97.00%", "0.99x", "1.2x", "1.234x", "1.00x 2.00x", "3", "x"],
)
def test_what_is_no_multiplier_is_not_taken_for_one(text: str) -> None:
    assert spot(text) is None


def test_a_known_form_is_demanded() -> None:
    assert spot("5.00", Form.SUFFIX) is None
    assert spot("x5.00", Form.SUFFIX) is None


@pytest.mark.parametrize(
    ("text", "value", "look"),
    [
        ("1.07x", 107, {}),
        ("x3.41", 341, {"family": "mono", "ink": (255, 214, 0), "ground": (10, 40, 20)}),
        ("12,85x", 1285, {"family": "condensed", "ink": (255, 90, 80), "ground": (20, 20, 60)}),
        ("2.96", 296, {"family": "bold", "size": 40, "ink": (0, 120, 60)}),
        ("1.00x", 100, {"family": "inter", "size": 84, "ink": (255, 255, 255), "ground": (12, 12, 14)}),
        ("Crashed @ 4.52x", 452, {"size": 40}),
        ("7.30x", 730, {"below": "Next round in 3s"}),
    ],
)
def test_the_first_look_finds_and_reads_the_number(text: str, value: int, look: dict[str, object]) -> None:
    picture = written(text, **look)  # type: ignore[arg-type]
    sight = number().look(picture, 10.0)
    assert sight.value.value == value


def test_no_number_in_a_waiting_text_or_an_empty_box() -> None:
    reader = number()
    for at_s, text in enumerate(("Starting in 4s", "WAITING FOR NEXT ROUND", "")):
        assert reader.look(written(text, size=30), 10.0 + 5 * at_s).value.value is None


def climb(reader: WildNumber, pictures: list[tuple[int, Image]], start_s: float) -> list[int | None]:
    reader.rising = True
    values = []
    for place, (_, picture) in enumerate(pictures):
        values.append(reader.look(picture, start_s + 0.1 * place).value.value)
        reader.flight_goes_on()
    reader.flight_over()
    return values


def test_glyphs_are_trusted_within_two_flights_and_read_right() -> None:
    reader = number()
    flights = [list(range(100, 330, 3)), list(range(101, 420, 4))]
    for start, values in enumerate(flights):
        shown = [
            (value, written(f"{value / 100:.2f}x", "mono", ink=(240, 240, 90), ground=(8, 20, 60)))
            for value in values
        ]
        read = climb(reader, shown, 100.0 * (start + 1))
        assert [pair for pair in zip(read, values, strict=True) if pair[0] not in (None, pair[1])] == []
    assert reader.teacher is not None
    assert reader.teacher.state is LearnState.TRUSTED
    assert reader.counts.counts["multiplier", "glyphs"] > 20


def test_a_thing_of_another_colour_that_flies_past_does_not_hide_the_number() -> None:
    reader = number()
    for place in range(8):
        reader.rising = True
        assert reader.look(written(f"x{1.50 + place / 100:.2f}"), 10.0 + place).value.value == 150 + place
    picture = written("x1.64")
    picture[40:75, 205:228] = (40, 70, 200)
    assert reader.look(picture, 30.0).value.value in (164, None)


def test_half_hidden_digits_are_never_read_as_others() -> None:
    reader = number()
    reader.rising = True
    for place in range(8):
        reader.look(written(f"{2.50 + place / 100:.2f}x"), 10.0 + place)
    whole = written("2.58x")
    columns = np.flatnonzero((np.abs(whole.astype(int) - whole[0, 0]).max(axis=2) > 60).any(axis=0))
    for hidden in range(int(columns[0]) + 6, int(columns[-1]), 9):
        covered = whole.copy()
        covered[:, :hidden] = (120, 120, 120)
        assert reader.look(covered, 100.0 + hidden).value.value in (258, None)
