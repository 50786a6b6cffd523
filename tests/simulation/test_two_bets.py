"""Two bets on one round share its crash point; bets at independent tables do not (facts: maths.md)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.simulation.draws import crash_points, draw_block, law_number

R, ROUNDS = 0.97, 2_000_000


def drawn(seed: int, sessions: int = 1) -> NDArray[np.int64]:
    """Crash points in hundredths, one row a session (a table)."""
    block = draw_block(seed, range(sessions), range(ROUNDS // sessions))
    return crash_points(block, law_number("0.97"))


@pytest.mark.parametrize(("low", "high"), [(150, 200), (200, 1000), (133, 500)])
def test_hits_of_two_targets_on_one_round_move_together(low: int, high: int) -> None:
    points = drawn(11).ravel()
    first, second = points >= low, points >= high
    covariance = float((first & second).mean() - first.mean() * second.mean())
    x, y = low / 100, high / 100
    assert covariance == pytest.approx(R / y - R * R / (x * y), abs=0.002)


def test_two_bets_on_one_round_vary_more_than_one_bet_of_the_same_stakes_apart() -> None:
    points = drawn(12).ravel()
    one = np.where(points >= 150, 0.5, -1.0)
    other = np.where(points >= 300, 2.0, -1.0)
    together, apart = float((one + other).var()), float(one.var() + other.var())
    assert together > apart * 1.2


def test_independent_tables_lower_the_deviation_by_their_root_and_never_the_loss() -> None:
    tables = 16
    results = np.where(drawn(13, tables) >= 200, 1.0, -1.0)
    mean_of_tables = results.mean(axis=0)
    assert float(mean_of_tables.std()) == pytest.approx(float(results.std()) / np.sqrt(tables), rel=0.02)
    assert float(mean_of_tables.mean()) == pytest.approx(R - 1, abs=0.004)


def test_the_mean_of_the_logarithm_is_close_to_the_return() -> None:
    assert float(np.log(drawn(14) / 100).mean()) == pytest.approx(R, abs=0.012)
