"""Phases from what the number does and from what else the page shows, without pixels of any page."""

from __future__ import annotations

import numpy as np

from bot.domain.words import Box, Phase
from bot.screen.own.moments import Cells, Grid, Moments
from bot.screen.own.phases import InkPast, PhaseJudge, Role

GRID = Grid(Box(0, 0, 200, 100), 10, 5)
EVERY_S = 0.1


def cells(caption: int) -> Cells:
    """A page whose third row of cells is a caption of this brightness."""
    found = np.full((5, 10, 3), 30, np.float32)
    found[2] = caption
    return found


def play(moments: Moments, rounds: int, start_s: float = 0.0, odd: bool = False) -> float:
    """Rounds of one second of flight, of an end with a caption, and of bets without; the time afterwards.

    ``odd``: one look of each phase still shows what was before.
    """
    at_s = start_s
    for _ in range(rounds):
        for tick in range(10):
            moments.see(at_s := at_s + EVERY_S, cells(30 if tick or not odd else 200))
            moments.rose(at_s)
        moments.ended(at_s)
        for tick in range(10):
            moments.see(at_s := at_s + EVERY_S, cells(200 if tick > 1 or not odd else 30))
        for _ in range(10):
            moments.see(at_s := at_s + EVERY_S, cells(90))
        moments.takes_off(at_s)
    return at_s


def test_a_caption_tells_an_end_from_bets_after_two_rounds() -> None:
    moments = Moments()
    at_s = play(moments, 2)
    moments.see(at_s + EVERY_S, cells(200))
    assert moments.possible() == {Phase.CRASHED}
    moments.see(at_s + 2 * EVERY_S, cells(90))
    assert moments.possible() == {Phase.BETTING}


def test_one_look_at_the_wrong_moment_does_not_blur_the_signs() -> None:
    moments = Moments()
    at_s = play(moments, 3, odd=True)
    moments.see(at_s + EVERY_S, cells(200))
    assert moments.possible() == {Phase.CRASHED}


def test_what_lies_over_the_page_is_like_no_phase() -> None:
    moments = Moments()
    at_s = play(moments, 2)
    blue = np.zeros((5, 10, 3), np.float32)
    blue[:, :, 0] = 255
    moments.see(at_s + EVERY_S, blue)
    assert len(moments.possible()) != 1


def test_what_was_learned_comes_back_from_its_file() -> None:
    moments = Moments()
    at_s = play(moments, 2)
    again = Moments.of_json(moments.to_json())
    again.see(at_s + EVERY_S, cells(90))
    assert again.possible() == {Phase.BETTING}


def test_cells_beyond_the_screen_are_not_seen() -> None:
    image = np.full((100, 200, 3), 50, np.uint8)
    found = GRID.cells(image, Box(-100, 0, 200, 100))
    assert np.isnan(found[:, :4]).all()
    assert (found[:, 6:] == 50).all()


def test_a_colour_of_flight_that_was_taken_for_an_end_is_found_out() -> None:
    judge = PhaseJudge(inks={"green": InkPast(rises=1, flights=1, ends=3)})
    image = np.zeros((60, 200, 3), np.uint8)
    assert judge.role("green") is Role.END
    at_s, seen = 0.0, []
    for _ in range(3):
        for value in [100] * 10 + list(range(101, 180, 3)) + [180] * 12:
            seen.append(judge.see(at_s := at_s + EVERY_S, value, "green", "", image).phase)
    assert judge.role("green") is not Role.END
    flight = seen[-39:-12]
    assert flight.count(Phase.FLYING) >= 25
    assert seen[-1] is Phase.CRASHED
