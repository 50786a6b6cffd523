"""The drawn rounds: one definition in three forms, its law, and its independence of how it is asked."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.simulation.draws import (
    BITS,
    crash_points,
    crashes,
    draw,
    draw_block,
    law_number,
    mix,
    seed_key,
    threshold,
)


def test_the_mixing_function_is_that_of_splitmix64() -> None:
    # First outputs of splitmix64 from the state 1234567 (the published reference).
    golden, mask = 0x9E3779B97F4A7C15, (1 << 64) - 1
    outputs = [mix((1234567 + n * golden) & mask) for n in (1, 2, 3)]
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(seed=st.integers(0, 2**70), session=st.integers(0, 2**40), number=st.integers(0, 2**30))
def test_blocks_and_single_draws_are_the_same(seed: int, session: int, number: int) -> None:
    block = draw_block(seed, range(session, session + 2), range(number, number + 3))
    singles = [[draw(seed, session + s, number + r) for r in range(3)] for s in range(2)]
    assert block.tolist() == singles
    assert all(0 <= u < 1 << BITS for row in singles for u in row)


@given(
    u=st.integers(0, (1 << BITS) - 1),
    rtp=st.sampled_from(["0.97", "0.99", "0.9625", "1", "0.5"]),
    target=st.integers(101, 1_000_000),
)
def test_a_threshold_says_exactly_what_the_law_says(u: int, rtp: str, target: int) -> None:
    uniform = Fraction(u + 1, 1 << BITS)
    exact = max(100, int(100 * Fraction(rtp) / uniform))
    law = law_number(rtp)
    assert int(crash_points(np.array([u]), law)[0]) == exact
    assert (u < threshold(law, target)) == (exact >= target)


def test_the_law_holds_over_many_draws() -> None:
    points = crash_points(draw_block(11, range(200), range(5_000)), law_number("0.97")).ravel()
    n = points.size
    for target in (101, 133, 200, 1_000, 10_000):
        expected = 97 / target
        error = 4 * (expected * (1 - expected) / n) ** 0.5
        assert np.mean(points >= target) == pytest.approx(expected, abs=error)


def test_neighbouring_rounds_and_sessions_are_uncorrelated() -> None:
    block = draw_block(5, range(500), range(2_000)) / 2.0**BITS - 0.5
    variance = 1 / 12
    for pair in (block[:, 1:] * block[:, :-1], block[1:] * block[:-1]):
        assert abs(pair.mean()) < 4.5 * variance / pair.size**0.5


def test_sessions_and_seeds_differ() -> None:
    assert len({draw(seed, session, 0) for seed in range(40) for session in range(40)}) == 1_600
    assert crashes(1, 0, 50, "0.97") != crashes(2, 0, 50, "0.97")


@pytest.mark.parametrize("rtp", ["0", "1.01", "-0.97", "nan", "much"])
def test_an_impossible_return_to_player_is_refused(rtp: str) -> None:
    with pytest.raises(BadInput, match="return to player"):
        law_number(rtp)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(BadInput, match="seed"):
        seed_key(-1)
