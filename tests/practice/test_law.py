"""The draw of crash points: the law, the commitment, and that wrong laws would be noticed."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice.law import BITS, Dealer, crash_point, seed_hash, verify

TARGETS = (101, 110, 150, 200, 300, 500, 1000, 2000, 10_000)
DRAWS = 30_000


def worst_deviation(crashes: list[int], return_share: float) -> float:
    """The largest distance of P(M >= x) from R / x over the targets, in standard deviations."""
    worst = 0.0
    for target in TARGETS:
        p = return_share * 100 / target
        seen = sum(crash >= target for crash in crashes)
        worst = max(worst, abs(seen - len(crashes) * p) / math.sqrt(len(crashes) * p * (1 - p)))
    return worst


def drawn(rtp_basis_points: int) -> list[int]:
    dealer = Dealer("distribution", rtp_basis_points)
    return [dealer.draw(f"aviator/{number}").crash for number in range(DRAWS)]


@pytest.mark.parametrize("rtp_basis_points", [9700, 9900])
def test_draws_follow_the_law(rtp_basis_points: int) -> None:
    assert worst_deviation(drawn(rtp_basis_points), rtp_basis_points / 10_000) < 4.0


def test_the_bound_notices_a_law_two_points_off() -> None:
    assert worst_deviation(drawn(9500), 0.97) > 4.0


def test_share_of_one_x_rounds_is_what_the_law_says() -> None:
    p = 1 - 0.97 / 1.01
    ones = sum(crash == 100 for crash in drawn(9700))
    assert abs(ones - DRAWS * p) < 4 * math.sqrt(DRAWS * p * (1 - p))


def test_neighbouring_rounds_do_not_depend_on_each_other() -> None:
    high = [crash >= 200 for crash in drawn(9700)]
    both = sum(a and b for a, b in itertools.pairwise(high))
    p = 0.485**2
    assert abs(both - DRAWS * p) < 5 * math.sqrt(DRAWS * p * (1 - p))


@given(bits=st.integers(0, 2**BITS - 1), rtp=st.integers(5_000, 10_000))
def test_crash_point_is_the_formula_in_exact_arithmetic(bits: int, rtp: int) -> None:
    share, uniform = Fraction(rtp, 10_000), Fraction(bits + 1, 2**BITS)
    assert crash_point(bits, rtp) == max(100, math.floor(100 * share / uniform))


def test_commitment_and_reveal_can_be_checked_with_standard_tools_alone() -> None:
    draw = Dealer("s", 9700).draw("jetx/7")
    assert hashlib.sha256(bytes.fromhex(draw.server_seed)).hexdigest() == draw.seed_hash
    message = ("|".join(draw.client_seeds) + "|jetx/7").encode()
    digest = hmac.new(bytes.fromhex(draw.server_seed), message, "sha256").digest()
    h = int.from_bytes(digest[:8], "big") >> 11
    assert max(100, 9700 * 2**53 // (100 * (h + 1))) == draw.crash


def test_another_seed_breaks_commitment_and_crash_point() -> None:
    draw = Dealer("s", 9700).draw("jetx/7")
    other = Dealer("t", 9700).draw("jetx/7")
    assert seed_hash(other.server_seed) != draw.seed_hash
    assert verify(other.server_seed, draw.client_seeds, "jetx/7", 9700) != draw.crash


def test_same_seed_and_label_give_the_same_draw() -> None:
    assert Dealer("s", 9700).draw("aviator/1") == Dealer("s", 9700).draw("aviator/1")
    assert Dealer("s", 9700).draw("aviator/1") != Dealer("s", 9700).draw("aviator/2")


def test_a_searched_round_still_verifies() -> None:
    draw = Dealer("s", 9700).draw("aviator/9", lambda crash: 100_000 <= crash < 200_000)
    assert 100_000 <= draw.crash < 200_000
    assert verify(draw.server_seed, draw.client_seeds, "aviator/9", 9700) == draw.crash
