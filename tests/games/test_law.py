"""The law against what is known of it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.games.law import (
    GAMES,
    chance_at_least,
    chance_of_one,
    crash_point,
    expected_cycle_s,
    game,
    mean_log,
    multiplier_after,
    rounds_per_hour,
    seconds_until,
)


def test_one_is_as_likely_as_known() -> None:
    assert chance_of_one(0.97) == pytest.approx(0.0396, abs=5e-5)


def test_chances_are_r_over_x_above_one() -> None:
    assert chance_at_least(100, 0.97) == 1.0
    assert chance_at_least(200, 0.97) == pytest.approx(0.485)
    assert chance_at_least(1_000, 0.97) == pytest.approx(0.097)


def test_draws_follow_the_chances() -> None:
    draw = random.Random(7)
    points = [crash_point(1.0 - draw.random(), 0.97) for _ in range(100_000)]
    for x in (101, 133, 200, 1_000):
        expected = chance_at_least(x, 0.97)
        error = math.sqrt(expected * (1 - expected) / len(points))
        assert abs(sum(point >= x for point in points) / len(points) - expected) < 4 * error
    mean = sum(math.log(point / 100) for point in points) / len(points)
    assert mean == pytest.approx(mean_log(0.97), abs=0.012)


def test_mean_log_is_close_to_the_return_to_player() -> None:
    assert mean_log(0.97) == pytest.approx(0.97, abs=0.005)


@given(st.floats(0, 1, exclude_min=True), st.sampled_from([0.95, 0.97, 0.99, 1.0]))
def test_a_crash_point_is_at_least_one(uniform: float, return_to_player: float) -> None:
    if uniform > 1e-300:
        assert crash_point(uniform, return_to_player) >= 100


@given(st.integers(100, 1_000_000), st.sampled_from(list(GAMES.values())))
def test_time_and_multiplier_belong_together(multiplier: int, of: object) -> None:
    growth = GAMES["aviator"].growth_per_s
    assert abs(multiplier_after(seconds_until(multiplier, growth), growth) - multiplier) <= 1


def test_games_have_plausible_cycles() -> None:
    for of in GAMES.values():
        assert 8 < expected_cycle_s(of) < 30
        assert expected_cycle_s(of, speed=4) == pytest.approx(expected_cycle_s(of) / 4)
    assert 150 < rounds_per_hour(game("Aviator")) < 200


def test_nonsense_is_refused() -> None:
    with pytest.raises(BadInput, match="jetx"):
        game("roulette")
    for wrong in (0.0, -0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="U must"):
            crash_point(wrong, 0.97)
    with pytest.raises(ValueError, match="at least"):
        seconds_until(99, 0.08)
