"""The edge test and the confidence sequence give the figures of the mathematics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.audit import drawn
from bot.fairness import BET_SIZES, edge_test, first_crossing, house_edge_sequence, log_growth

P2 = 0.485
THRESHOLD = 20.0


def crossings(chance: float, series: int, rounds: int, seed: int) -> np.ndarray:
    """After how many rounds each series crossed; ``rounds`` + 1 where none did."""
    draw = np.random.default_rng(seed)
    found = [
        first_crossing(edge_test(draw.random((50, rounds)) < chance, P2), THRESHOLD)
        for _ in range(series // 50)
    ]
    joined = np.concatenate(found)
    return np.where(joined == 0, rounds + 1, joined)


def test_false_alarms_over_20000_rounds_are_about_3_4_percent() -> None:
    share = float((crossings(P2, 600, 20_000, 1) <= 20_000).mean())
    assert share == pytest.approx(0.034, abs=3 * math.sqrt(0.034 * 0.966 / 600))
    assert share <= 1 / THRESHOLD


@pytest.mark.parametrize(("points", "rounds", "most"), [(0.03, 2_338, 20_000), (0.05, 858, 8_000)])
def test_an_edge_is_found_after_as_many_rounds_as_known(points: float, rounds: int, most: int) -> None:
    found = crossings(P2 + points, 400, most, 2)
    assert (found <= most).all()
    assert found.mean() == pytest.approx(rounds, abs=3 * float(found.std()) / math.sqrt(400))


def test_a_z_test_looked_at_every_round_errs_about_half_of_the_time() -> None:
    hits = np.random.default_rng(3).random((400, 20_000)) < P2
    n = np.arange(1, 20_001)
    z = (np.cumsum(hits, axis=1) - n * P2) / np.sqrt(n * P2 * (1 - P2))
    assert float((z[:, 30:] > 1.645).any(axis=1).mean()) == pytest.approx(0.48, abs=0.12)


def test_log_wealth_is_the_gain_in_log_loss() -> None:
    draw = np.random.default_rng(4)
    hits, forecast = draw.random(500) < 0.5, draw.uniform(0.4, 0.6, 500)
    own = -np.where(hits, np.log(forecast), np.log(1 - forecast))
    constant = -np.where(hits, math.log(P2), math.log(1 - P2))
    assert log_growth(hits, P2, forecast) == pytest.approx(constant - own)


@given(q=st.floats(0.01, 0.99), p0=st.floats(0.01, 0.99))
def test_each_factor_is_fair_under_the_claim(q: float, p0: float) -> None:
    up, down = np.exp(log_growth([1, 0], p0, q))
    assert p0 * up + (1 - p0) * down == pytest.approx(1.0)


def test_mixture_over_eight_sizes_is_their_mean_and_works_on_rows() -> None:
    hits = np.random.default_rng(5).random((3, 40)) < P2
    rows = edge_test(hits, P2)
    assert len(BET_SIZES) == 8
    single = [np.cumsum(log_growth(hits[1], P2, P2 + f * (1 - P2))) for f in BET_SIZES]
    assert rows[1] == pytest.approx(np.log(np.mean(np.exp(single), axis=0)))
    assert edge_test(hits[1], P2) == pytest.approx(rows[1])


@pytest.mark.parametrize("q", [0.0, 1.0, float("nan")])
def test_forecasts_that_are_certain_are_refused(q: float) -> None:
    with pytest.raises(ValueError, match="strictly between"):
        log_growth([1], P2, q)


def test_half_a_point_needs_5962_rounds_by_1_00x_and_153526_by_reaching_2() -> None:
    z2 = 1.96**2
    ones = 1 - 0.97 / 1.01
    assert round(z2 * 1.01**2 * ones * (1 - ones) / 0.005**2) == 5_962
    assert round(z2 * 4 * P2 * (1 - P2) / 0.005**2) == 153_526
    draw = np.random.default_rng(6)
    estimates = [float(1.01 * (drawn(5_962, 0.97, draw) > 100).mean()) for _ in range(400)]
    assert float(np.mean(np.abs(np.array(estimates) - 0.97) < 0.005)) == pytest.approx(0.95, abs=0.033)


def test_the_sequence_holds_the_truth_at_all_times_at_once() -> None:
    missed = 0
    for seed in range(200):
        edge = house_edge_sequence(drawn(8_000, 0.97, np.random.default_rng([7, seed])), 0.10)
        missed += bool(((edge.low > 0.97) | (edge.high < 0.97)).any())
    assert missed <= 0.10 * 200


def test_the_sequence_is_the_same_whoever_asks_when() -> None:
    crashes = drawn(3_000, 0.99, np.random.default_rng(8))
    whole, early = house_edge_sequence(crashes, at=[500, 3_000]), house_edge_sequence(crashes[:500], at=[500])
    assert (whole.low[0], whole.high[0]) == (early.low[0], early.high[0])
    assert whole.high[1] - whole.low[1] < whole.high[0] - whole.low[0]


@pytest.mark.parametrize("crashes", [[100] * 50, [200] * 50, [100], [150]])
def test_bounds_stand_around_the_estimate_even_at_the_ends(crashes: list[int]) -> None:
    edge = house_edge_sequence(crashes)
    assert np.all(edge.low <= edge.estimate)
    assert np.all(edge.estimate <= edge.high)
    assert edge.low.min() >= 0.0
    assert edge.high.max() <= 1.01


def test_no_rounds_and_an_impossible_error_are_refused() -> None:
    with pytest.raises(ValueError, match="no rounds"):
        house_edge_sequence([])
    with pytest.raises(ValueError, match="alpha"):
        house_edge_sequence([100], 1.0)
