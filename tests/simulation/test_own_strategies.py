"""A user's strategy simulated and replayed: compiled where it can be, equal in every form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import BadInput
from bot.limits import Limits, PeriodLimits
from bot.simulation import Session, SimulationResult, crashes, replay, simulate
from bot.staking import Settlement, StakingOptions, build
from tests.staking.test_own import CLASS, STEPS, written

OPTIONS = StakingOptions(base_stake_minor=100)
FIGURES = (
    "final",
    "lowest",
    "highest",
    "drawdown",
    "turnover",
    "bets",
    "rounds",
    "longest_losing_run",
    "stop",
)
TWO_TARGETS = STEPS.replace("s.losses, p.target", "s.losses, 150 if s.losses == 1 else p.target")
NOT_COMPILED = STEPS.replace("p.base_stake_minor << s.losses", "int(str(p.base_stake_minor << s.losses))")


def simulated(path: str, sessions: int = 30) -> SimulationResult:
    limits = Limits(session=PeriodLimits(loss_minor=4_000))
    return simulate(
        path, OPTIONS, bankroll_minor=5_000, rounds=60, sessions=sessions, seed=2, limits=limits, threads=2
    )


def same(one: SimulationResult, other: SimulationResult) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in FIGURES)


def test_a_class_and_steps_that_do_the_same_come_out_the_same(tmp_path: Path) -> None:
    of_class = simulated(written(tmp_path, CLASS), 100)
    of_steps = simulated(written(tmp_path, STEPS), 100)
    slow = simulated(written(tmp_path, NOT_COMPILED), 100)
    martingale = StakingOptions(base_stake_minor=100, max_steps=4)
    shipped = simulate(
        "martingale",
        martingale,
        bankroll_minor=5_000,
        rounds=60,
        sessions=100,
        seed=2,
        limits=Limits(session=PeriodLimits(loss_minor=4_000)),
    )
    assert of_class.how.startswith("python: ")
    assert of_steps.how == "lanes"
    assert slow.how.startswith("python: ")
    assert same(of_class, of_steps) and same(of_class, slow)
    assert np.array_equal(of_class.turnover, shipped.turnover)


def test_steps_that_change_the_target_take_the_plain_loop(tmp_path: Path) -> None:
    result = simulated(written(tmp_path, TWO_TARGETS))
    assert result.how == "plain loop: the order changes its target"
    slow = TWO_TARGETS.replace("p.base_stake_minor << s.losses", "int(str(p.base_stake_minor << s.losses))")
    assert same(result, simulated(written(tmp_path, slow)))


@pytest.mark.parametrize("text", [CLASS, STEPS], ids=["class", "steps"])
def test_live_play_replay_and_simulation_are_equal(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    result = simulate(path, OPTIONS, bankroll_minor=5_000, rounds=80, sessions=3, seed=5)
    points = crashes(5, 2, 80, "0.97")
    live = build(path, OPTIONS)
    balance, stakes = 5_000, []
    for point in points:
        order = live.order(balance)
        live.observed(point)
        stakes.append(order.stake_minor)
        if order.stake_minor:
            paid = order.stake_minor * order.target // 100 if point >= order.target else 0
            balance += paid - order.stake_minor
            live.settled(Settlement(paid > 0, order.stake_minor, paid))
    replayed = replay(build(path, OPTIONS), points, 5_000)
    assert replayed.stakes == stakes
    assert (replayed.final, replayed.session.turnover) == (balance, sum(stakes))
    assert (int(result.final[2]), int(result.turnover[2])) == (balance, sum(stakes))


def test_a_fault_far_into_a_session_is_one_line(tmp_path: Path) -> None:
    late = CLASS.replace("print(", "assert balance_minor < 5_300, 'too rich'; print(")
    with pytest.raises(
        BadInput, match=r"mine\.py: order raised AssertionError: too rich \(line 6\)"
    ) as caught:
        simulated(written(tmp_path, late.replace("self.base *", "1 * self.base *")))
    assert "\n" not in str(caught.value)


def test_a_loop_far_into_a_session_is_ended(tmp_path: Path) -> None:
    looping = CLASS.replace(
        "won, stake, payout = settlement", "won = settlement.won\n        while won: pass"
    )
    with pytest.raises(BadInput, match="no answer within"):
        simulated(written(tmp_path, looping), 2)


def test_a_step_that_divides_by_zero_says_so(tmp_path: Path) -> None:
    dividing = STEPS.replace("return p.base", "return 0 * (1000 // (balance_minor - 4_900)) + p.base")
    with pytest.raises(BadInput, match="ZeroDivisionError"):
        simulated(written(tmp_path, dividing))


def test_a_missed_round_stakes_observes_and_settles_nothing() -> None:
    points = [110, 0, 110, 0, 250, 110]
    missed = [False, True, False, True, False, False]
    strategy = build("martingale", StakingOptions(base_stake_minor=100))
    played = replay(strategy, points, 10_000, missed=missed)
    seen = [point for point, gone in zip(points, missed, strict=True) if not gone]
    apart = replay(build("martingale", StakingOptions(base_stake_minor=100)), seen, 10_000)
    assert played.stakes == [100, 0, 200, 0, 400, 100]
    assert [stake for stake in played.stakes if stake] == apart.stakes
    assert (played.final, played.missed) == (apart.final, 2)


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(BadInput, match="3 rounds, but 1"):
        replay(build("fixed", OPTIONS), [110, 120, 130], 1_000, missed=[False])


def test_a_session_can_be_played_round_by_round() -> None:
    session = Session(build("fixed", OPTIONS), 250)
    assert [session.play(point) for point in (110, 110, 500)] == [(100, 200), (100, 200), (0, 200)]
    assert (session.balance, session.stop, session.longest_losing_run) == (50, "ruined", 2)
