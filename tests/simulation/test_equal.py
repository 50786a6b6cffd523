"""Live play in Python and the compiled kernels on the same rounds: every stake, every figure, every stop."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.limits import Limits, PeriodLimits
from bot.simulation import STOPS, Session, SimulationResult, crashes, simulate
from bot.staking import StakingOptions, Strategy, build, strategies

NAMES = [info.name for info in strategies()]
MOST_ROUNDS = 40

maybe = st.none
targets = st.sampled_from([101, 133, 150, 200, 300, 1_000, 1_234, 10_000])
OPTIONS = st.builds(
    StakingOptions,
    base_stake_minor=st.integers(1, 2_000),
    target=targets,
    max_stake_minor=maybe() | st.integers(2_000, 30_000),
    max_steps=st.integers(1, 12),
    share=st.decimals("0.0001", 1, places=4),
    kelly_part=st.decimals("0.0001", 1, places=4),
    confidence=st.sampled_from([Decimal("0.5"), Decimal("0.9"), Decimal("0.999")]),
    wins=st.integers(1, 8),
    line=st.lists(st.integers(1, 9), min_size=1, max_size=32).map(tuple),
    stakes_minor=st.lists(st.integers(1, 2_000), min_size=1, max_size=64).map(tuple),
    advance_on=st.sampled_from(["loss", "win", "round"]),
)
PERIODS = st.builds(
    PeriodLimits,
    loss_minor=maybe() | st.integers(0, 60_000),
    turnover_minor=maybe() | st.integers(0, 200_000),
    rounds=maybe() | st.integers(0, 30),
)
LIMITS = st.just(Limits()) | st.builds(
    Limits,
    session=PERIODS,
    day=PERIODS,
    stake_minor=maybe() | st.integers(1, 20_000),
    give_back_minor=maybe() | st.integers(0, 60_000),
    balance_floor_minor=maybe() | st.integers(0, 20_000),
)


def in_python(strategy: Strategy, session: int, rounds: int, **how: Any) -> tuple[Session, list[int]]:
    """One session of the live class, and the stake of every round."""
    played = Session(copy.deepcopy(strategy), how["bankroll_minor"], how["limits"], how["goal_minor"])
    points = crashes(how["seed"], session, rounds, how["rtp"])
    return played, [played.play(point)[0] for point in points]


def check_equal(strategy: Strategy, sessions: int, rounds: int, **how: Any) -> SimulationResult:
    """Compare each figure of each session, and each stake by what the turnover grows from round to round."""
    horizons = range(1, rounds + 1)
    results = [simulate(strategy, rounds=n, sessions=sessions, threads=1, **how) for n in horizons]
    assert not results[-1].how.startswith("python")
    turnovers = np.array([np.zeros(sessions, np.int64)] + [result.turnover for result in results])
    for session in range(sessions):
        played, stakes = in_python(strategy, session, rounds, **how)
        assert np.diff(turnovers[:, session]).tolist() == stakes
        last = results[-1]
        figures = (
            played.balance,
            played.lowest,
            played.highest,
            played.drawdown,
            played.turnover,
            played.bets,
        )
        arrays = (last.final, last.lowest, last.highest, last.drawdown, last.turnover, last.bets)
        assert tuple(int(array[session]) for array in arrays) == figures
        assert last.longest_losing_run[session] == played.longest_losing_run
        assert STOPS[last.stop[session]] == played.stop
        assert last.rounds[session] == (played.last_bet_round if played.stop else rounds)
    return results[-1]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    options=OPTIONS,
    limits=LIMITS,
    bankroll=st.integers(1, 100_000),
    goal=maybe() | st.integers(1, 100_000),
    seed=st.integers(0, 2**64),
    rtp=st.sampled_from(["0.97", "0.99", "0.5"]),
)
def test_live_play_and_the_kernel_agree_to_the_cent(
    name: str, options: StakingOptions, limits: Limits, bankroll: int, goal: int | None, seed: int, rtp: str
) -> None:
    if name == "sequence":
        options = replace(options, max_stake_minor=None)
    strategy = build(name, options)
    goal = None if goal is None else bankroll + goal
    check_equal(
        strategy, 3, MOST_ROUNDS, bankroll_minor=bankroll, limits=limits, goal_minor=goal, seed=seed, rtp=rtp
    )


@settings(max_examples=15, deadline=None)
@given(
    hits=st.integers(300, 1_000),
    target=st.sampled_from([133, 200, 1_000]),
    options=OPTIONS,
    seed=st.integers(0, 2**32),
)
def test_kelly_agrees_where_it_stakes(hits: int, target: int, options: StakingOptions, seed: int) -> None:
    options = replace(options, target=target, max_stake_minor=None, base_stake_minor=1)
    strategy = build("kelly", replace(options, kelly_part=max(options.kelly_part, Decimal("0.1"))))
    strategy.restore({"rounds": 1_000, "hits": hits})
    how = {"bankroll_minor": 1_000_000, "limits": Limits(), "goal_minor": None, "seed": seed, "rtp": "0.97"}
    result = check_equal(strategy, 2, 25, **how)
    if hits > 900:
        assert result.bets.all()


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_balances_do_not_overflow(name: str) -> None:
    options = StakingOptions(base_stake_minor=10**11, target=1_000_000, stakes_minor=(10**12, 9 * 10**12))
    how = {"bankroll_minor": 9 * 10**12, "limits": Limits(), "goal_minor": None, "seed": 8, "rtp": "1"}
    for target in (200, 1_000_000):
        check_equal(build(name, replace(options, target=target)), 40, 12, **how)


def test_the_strategies_that_can_run_in_lanes_do() -> None:
    plain = {"kelly_criterion", "labouchere"}
    for name in set(NAMES) - {"sequence"}:  # its list becomes vectors on some processors only
        options = StakingOptions(stakes_minor=(100, 200))
        how = simulate(name, options, bankroll_minor=10_000, rounds=5, sessions=2).how
        assert how.startswith("plain loop: ") if name in plain else how == "lanes", (name, how)


@pytest.mark.parametrize("name", ["martingale", "kelly", "labouchere"])
def test_the_number_of_threads_changes_nothing(name: str) -> None:
    def play(threads: int) -> SimulationResult:
        return simulate(name, bankroll_minor=50_000, rounds=60, sessions=20_000, seed=4, threads=threads)

    one, *more = (play(threads) for threads in (1, 2, 3))
    for other in more:
        for figure in ("final", "lowest", "highest", "drawdown", "turnover", "bets", "rounds", "stop"):
            assert np.array_equal(getattr(one, figure), getattr(other, figure))


def test_sessions_can_be_played_in_parts() -> None:
    whole = simulate("fixed", bankroll_minor=5_000, rounds=100, sessions=700, seed=9)
    parts = [
        simulate("fixed", bankroll_minor=5_000, rounds=100, sessions=n, seed=9, first_session=first)
        for first, n in ((0, 300), (300, 400))
    ]
    assert np.array_equal(whole.final, np.concatenate([part.final for part in parts]))


def test_all_strategies_meet_the_same_rounds() -> None:
    flat = simulate("fixed", bankroll_minor=10**9, rounds=50, sessions=200, seed=2)
    grown = simulate("martingale", bankroll_minor=10**9, rounds=50, sessions=200, seed=2)
    assert np.array_equal(flat.longest_losing_run, grown.longest_losing_run)


def test_a_strategy_starts_from_where_it_stands_and_is_not_changed() -> None:
    strategy = build("martingale", StakingOptions())
    strategy.restore({"losses": 2, "next_stake_minor": 400})
    before = dict(strategy.state)
    assert simulate(strategy, bankroll_minor=10_000, rounds=1, sessions=5).turnover.tolist() == [400] * 5
    assert strategy.state == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"bankroll_minor": 0}, "bankroll"),
        ({"rounds": 0}, "rounds"),
        ({"sessions": 0}, "sessions"),
        ({"sessions": 10**9}, "in parts"),
        ({"goal_minor": 100}, "goal"),
        ({"rtp": "2"}, "return to player"),
        ({"seed": -3}, "seed"),
    ],
)
def test_figures_that_make_no_session_are_refused_in_one_line(change: dict[str, Any], word: str) -> None:
    good: dict[str, Any] = {"bankroll_minor": 1_000, "rounds": 5, "sessions": 5}
    with pytest.raises(BadInput, match=word) as caught:
        simulate("fixed", **(good | change))
    assert "\n" not in str(caught.value)
