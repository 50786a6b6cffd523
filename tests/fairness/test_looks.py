"""Critical counts spend the error that they may, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from bot.fairness.findings import ALPHA, WITH_RTP, WITHOUT_RTP
from bot.fairness.looks import all_looks, boundary, chance_of_a_call, looks_up_to, shares, too_few, too_many


def test_shares_of_the_error_sum_to_one_and_budgets_to_one_percent() -> None:
    assert shares().sum() == pytest.approx(1.0)
    assert len(shares()) == len(all_looks())
    assert sum(WITH_RTP.values()) == pytest.approx(ALPHA)
    assert sum(WITHOUT_RTP.values()) == pytest.approx(ALPHA)


def test_first_look_is_the_exact_binomial() -> None:
    edge = boundary(0.3, 0.05, 1)
    n, critical = int(edge.looks[0]), int(edge.critical[0])
    allowed = 0.05 * shares()[0]
    assert binom.cdf(critical, n, 0.3) <= allowed < binom.cdf(critical + 1, n, 0.3)


@pytest.mark.parametrize(("chance", "alpha"), [(0.0762, 0.004), (0.5, 0.05), (0.001, 0.01), (0.97, 0.0002)])
def test_the_chance_ever_to_call_a_lawful_source_is_within_alpha(chance: float, alpha: float) -> None:
    edge = boundary(chance, alpha, len(looks_up_to(100_000)))
    called = chance_of_a_call(edge, chance)
    assert called[-1] <= alpha
    assert np.all(np.diff(called) >= 0)
    assert np.all(called <= alpha * np.cumsum(shares())[: len(called)] + 1e-12)


def test_most_of_the_error_is_really_spent() -> None:
    edge = boundary(0.0762, 0.004, len(looks_up_to(1_000_000)))
    assert chance_of_a_call(edge, 0.0762)[-1] > 0.8 * 0.004


def test_simulated_walks_cross_as_often_as_was_computed() -> None:
    chance, alpha, walks = 0.2, 0.10, 4_000
    looks = looks_up_to(3_000)
    edge = boundary(chance, alpha, len(looks))
    draw = np.random.default_rng(5)
    counts = np.cumsum(draw.binomial(np.diff(looks, prepend=0), chance, (walks, len(looks))), axis=1)
    share = float((counts <= edge.critical).any(axis=1).mean())
    expected = float(chance_of_a_call(edge, chance)[-1])
    assert share == pytest.approx(expected, abs=4 * (expected / walks) ** 0.5)


def test_too_few_and_too_many_name_count_and_look() -> None:
    hits = np.zeros(3_000, dtype=bool)
    hits[::20] = True  # 5 % where 10 % are due
    call = too_few(hits, 0.10, 0.001)
    assert call is not None
    assert (call.rounds, call.count) == (3_000, 150)
    assert call.deviations < -8
    assert too_many(hits, 0.10, 0.001) is None
    assert too_few(hits, 0.05, 0.001) is None
    many = too_many(hits, 0.02, 0.001)
    assert many is not None
    assert (many.rounds, many.count) == (3_000, 150)


@pytest.mark.parametrize(("chance", "alpha"), [(0.0, 0.1), (1.0, 0.1), (0.5, 0.0)])
def test_impossible_chances_are_refused(chance: float, alpha: float) -> None:
    with pytest.raises(ValueError, match="lie in"):
        boundary(chance, alpha, 3)
