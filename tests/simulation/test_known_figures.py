"""Simulated figures of known chances: each within its error (four standard errors and a half)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.limits import Limits
from bot.simulation import SimulationResult, simulate
from bot.staking import StakingOptions

BASE = 100
SESSIONS = 200_000
R, LOSS = 0.97, 1 - 0.97 / 2


def within(hits: NDArray[np.bool_], expected: float) -> bool:
    return bool(abs(hits.mean() - expected) <= 4.5 * (expected * (1 - expected) / hits.size) ** 0.5 + 1e-12)


def mean_within(values: NDArray[np.int64], expected: float, rounding: float = 0.0) -> bool:
    return bool(abs(values.mean() - expected) <= 4.5 * values.std() / values.size**0.5 + rounding)


def martingale(steps: int, rounds: int, seed: int, sessions: int = SESSIONS) -> SimulationResult:
    """A first run of ``steps`` losses ends the session: the fall from the best then is the whole bankroll."""
    bankroll = (2**steps - 1) * BASE
    return simulate(
        "martingale",
        StakingOptions(base_stake_minor=BASE, target=200, max_steps=steps),
        bankroll_minor=bankroll,
        rounds=rounds,
        sessions=sessions,
        seed=seed,
        limits=Limits(give_back_minor=bankroll),
    )


@pytest.mark.parametrize(
    ("steps", "within_200", "within_1000", "within_5000"),
    [(7, 0.61, 0.992, 1.0), (10, 0.116, 0.470, 0.959), (12, 0.032, 0.154, 0.570)],
)
def test_martingale_is_ruined_as_often_as_known(
    steps: int, within_200: float, within_1000: float, within_5000: float
) -> None:
    for rounds, published in ((200, within_200), (1_000, within_1000), (5_000, within_5000)):
        sessions = 40_000
        ruined = martingale(steps, rounds, seed=rounds, sessions=sessions).ran_out(steps)
        digits = 0.005 if published == 0.61 else 0.0005
        error = 4.5 * (max(published * (1 - published), 0.001) / sessions) ** 0.5
        assert ruined.mean() == pytest.approx(published, abs=error + digits)


@pytest.mark.parametrize(("steps", "mean_rounds"), [(7, 213), (10, 1_569), (12, 5_921)])
def test_martingale_lasts_as_long_as_known(steps: int, mean_rounds: float) -> None:
    result = martingale(steps, rounds=40 * mean_rounds, seed=1, sessions=20_000)
    assert result.ran_out(steps).all()
    exact = (LOSS**-steps - 1) / (1 - LOSS)
    assert round(exact) == mean_rounds
    assert mean_within(result.rounds, exact)


@pytest.mark.parametrize(("steps", "expectation"), [(7, -0.230), (10, -0.344), (12, -0.426)])
def test_a_martingale_cycle_loses_what_it_must(steps: int, expectation: float) -> None:
    # A goal of one base stake ends the session with the first cycle's win, the bankroll with its loss.
    bankroll = (2**steps - 1) * BASE
    options = StakingOptions(base_stake_minor=BASE, target=200, max_steps=steps)
    result = simulate(
        "martingale",
        options,
        bankroll_minor=bankroll,
        rounds=steps,
        sessions=4_000_000,
        seed=6,
        goal_minor=bankroll + BASE,
    )
    assert within(result.ruined, LOSS**steps)
    assert mean_within(result.profit, expectation * BASE, rounding=0.0005 * BASE)
    turnover = BASE * ((2 * LOSS) ** steps - 1) / (2 * LOSS - 1)
    assert mean_within(result.turnover, turnover)
    # The expectation is the edge times what was staked, of any strategy.
    assert mean_within(result.profit + (3 * result.turnover) // 100, 0, rounding=1)


def test_a_thousand_base_stakes_survive_five_losses_at_133() -> None:
    options = StakingOptions(base_stake_minor=BASE, target=133, max_steps=60)
    result = simulate("martingale", options, bankroll_minor=1_000 * BASE, rounds=200, sessions=20_000, seed=2)
    assert result.longest_losing_run.max() == 5
    assert result.ruined.any()


@pytest.mark.parametrize(("wins", "survive"), [(5, 0.206), (10, 0.043), (20, 0.0018)])
def test_compounding_everything_survives_as_rarely_as_known(wins: int, survive: float) -> None:
    options = StakingOptions(base_stake_minor=1, target=133, share=Decimal(1))
    result = simulate("compound", options, bankroll_minor=10_000, rounds=wins, sessions=SESSIONS, seed=3)
    alive = result.final > 0
    assert within(alive, (R / 1.33) ** wins)
    assert alive.mean() == pytest.approx(survive, abs=0.0045)


@pytest.mark.parametrize(
    ("target", "chance", "rounds", "loss"),
    [(133, 0.027, 643, 19.3), (200, 0.231, 358, 10.7), (500, 0.411, 105, 3.1), (1_000, 0.433, 51, 1.5)],
)
def test_a_flat_stake_reaches_its_goal_as_rarely_as_known(
    target: int, chance: float, rounds: float, loss: float
) -> None:
    # Played while less than 20 stakes are lost: the last one may take the loss past 20.
    bankroll = 21 * BASE - 1
    options = StakingOptions(base_stake_minor=BASE, target=target)
    how = {"bankroll_minor": bankroll, "goal_minor": bankroll + 20 * BASE}
    result = simulate("fixed", options, rounds=20_000, sessions=SESSIONS, seed=4, **how)
    assert (result.stop != 0).all()
    error = 4.5 * (chance * (1 - chance) / SESSIONS) ** 0.5
    assert result.reached_goal.mean() == pytest.approx(chance, abs=error + 0.0005)
    assert mean_within(result.rounds, rounds, rounding=0.5)
    assert mean_within(-result.profit, loss * BASE, rounding=0.05 * BASE)


@pytest.mark.parametrize("name", ["fixed", "martingale", "dalembert", "oscars_grind", "labouchere", "paroli"])
def test_no_strategy_beats_the_ceiling(name: str) -> None:
    bankroll = 50 * BASE
    options = StakingOptions(base_stake_minor=BASE, max_steps=30)
    how = {"bankroll_minor": bankroll, "goal_minor": 2 * bankroll}
    result = simulate(name, options, rounds=5_000, sessions=50_000, seed=5, **how)
    ceiling = 1 - 0.5**R
    assert ceiling == pytest.approx(0.4895, abs=0.00005)
    assert result.reached_goal.mean() <= ceiling + 4.5 * (ceiling * (1 - ceiling) / 50_000) ** 0.5


@pytest.mark.parametrize(("rounds", "ahead", "not_behind"), [(190, 0.313, 0.366), (1_900, 0.092, 0.099)])
def test_a_flat_stake_is_ahead_as_rarely_as_known(rounds: int, ahead: float, not_behind: float) -> None:
    options = StakingOptions(base_stake_minor=BASE, target=200)
    result = simulate("fixed", options, bankroll_minor=10**7, rounds=rounds, sessions=SESSIONS, seed=7)
    error = 4.5 * (0.25 / SESSIONS) ** 0.5
    assert (result.profit > 0).mean() == pytest.approx(ahead, abs=error + 0.0005)
    assert (result.profit >= 0).mean() == pytest.approx(not_behind, abs=error + 0.0005)
    assert mean_within(result.profit, -0.03 * rounds * BASE)


@pytest.mark.parametrize("target", [101, 200, 1_000, 10_000])
def test_a_bet_varies_as_much_as_known(target: int) -> None:
    options = replace(StakingOptions(base_stake_minor=BASE), target=target)
    result = simulate("fixed", options, bankroll_minor=10**6, rounds=1, sessions=1_000_000, seed=8)
    x = target / 100
    assert result.profit.std() / BASE == pytest.approx((R * (x - R)) ** 0.5, rel=0.03)
    assert mean_within(result.profit, -0.03 * BASE)


def test_kelly_stakes_nothing_on_drawn_rounds() -> None:
    result = simulate("kelly", bankroll_minor=100_000, rounds=1_000, sessions=2_000, seed=9)
    assert result.turnover.sum() == 0
    assert set(result.stop_shares()) == {"strategy"}
