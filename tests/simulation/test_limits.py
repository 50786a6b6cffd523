"""Limits inside the simulator decide as the gate does, bet for bet."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.bets import Bet, BetState
from bot.domain.clock import ManualClock
from bot.domain.errors import BadInput
from bot.domain.words import Mode
from bot.limits import Gate, GateFacts, Limits, LimitStore, PeriodLimits
from bot.simulation import Session, bounds_of, crashes, simulate
from bot.simulation.bounds import rounds_within
from bot.staking import Settlement, StakingOptions, build

STATES = (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED, BetState.PLACED)

maybe = st.none
PERIODS = st.builds(
    PeriodLimits,
    loss_minor=maybe() | st.integers(0, 5_000),
    turnover_minor=maybe() | st.integers(0, 9_000),
    rounds=maybe() | st.integers(0, 12),
)
LIMITS = st.builds(
    Limits,
    session=PERIODS,
    day=PERIODS,
    stake_minor=maybe() | st.integers(1, 1_600),
    give_back_minor=maybe() | st.integers(0, 4_000),
    balance_floor_minor=maybe() | st.integers(0, 9_000),
)


def through_the_gate(gate: Gate, name: str, bankroll: int, points: list[int]) -> tuple[list[int], str]:
    """Live play's path without a screen: order, gate, settlement. Stakes by round, and the last denial."""
    strategy, balance, stakes, denial = build(name, StakingOptions(base_stake_minor=100)), bankroll, [], ""
    for number, point in enumerate(points):
        order = strategy.order(balance)
        stake, denial = order.stake_minor, ""
        strategy.observed(point)
        if stake:
            bet = Bet(f"b{number}", "s", "a", "t", f"r{number}", 0, stake, order.target, "USD", balance, 0, 0)
            denied = gate.reserve(bet, GateFacts(balance, True, 10.0))
            if denied is not None:
                stake, denial = 0, denied.limit_name
            else:
                won = point >= order.target
                paid = stake * order.target // 100 if won else 0
                for state in STATES:
                    bet = bet.to(state)
                gate.update(bet.to(BetState.WON if won else BetState.LOST, payout_minor=paid))
                strategy.settled(Settlement(won, stake, paid))
                balance += paid - stake
        stakes.append(stake)
    return stakes, denial


@settings(max_examples=40, deadline=None)
@given(
    limits=LIMITS,
    name=st.sampled_from(["fixed", "martingale", "dalembert", "compound"]),
    bankroll=st.integers(100, 10_000),
    seed=st.integers(0, 10**6),
)
def test_the_simulator_and_the_gate_decide_the_same(
    limits: Limits, name: str, bankroll: int, seed: int
) -> None:
    rounds = 20
    points = crashes(seed, 0, rounds, "0.97")
    with TemporaryDirectory() as folder:
        store = LimitStore(Path(folder) / "limits.db")
        try:
            gate = Gate(store, limits, ManualClock(), "s", Mode.PRACTICE)
            stakes, denial = through_the_gate(gate, name, bankroll, points)
        finally:
            store.close()
    session = Session(build(name, StakingOptions(base_stake_minor=100)), bankroll, limits)
    assert [session.play(point)[0] for point in points] == stakes
    compiled = simulate(
        name,
        StakingOptions(base_stake_minor=100),
        bankroll_minor=bankroll,
        rounds=rounds,
        sessions=1,
        seed=seed,
        limits=limits,
    )
    assert (int(compiled.turnover[0]), int(compiled.bets[0])) == (sum(stakes), sum(map(bool, stakes)))
    if denial and session.stop:
        assert session.stop == denial


def test_a_goal_stops_a_session() -> None:
    options = StakingOptions(base_stake_minor=100, target=200)
    result = simulate("fixed", options, bankroll_minor=1_000, rounds=500, sessions=2_000, goal_minor=1_500)
    reached = result.reached_goal
    assert (result.final[reached] == 1_500).all()
    assert (result.highest[~reached] < 1_500).all()
    assert 0.3 < reached.mean() < 0.7
    assert result.stop_shares().keys() <= {"goal", "ruined", ""}


def test_minutes_become_rounds_when_a_round_has_a_length() -> None:
    limits = Limits(session=PeriodLimits(minutes=1))
    assert rounds_within(limits, 100, None) == 100
    assert rounds_within(limits, 100, 20.0) == 3  # at 0, 20 and 40 s; the one at 60 s is denied
    assert rounds_within(limits, 100, 19.0) == 4
    assert rounds_within(limits, 2, 19.0) == 2
    result = simulate("fixed", bankroll_minor=10**6, rounds=100, sessions=10, limits=limits, round_s=19.0)
    assert result.bets.tolist() == [4] * 10


def test_a_bankroll_beyond_reckoning_is_refused() -> None:
    with pytest.raises(BadInput, match="bankroll"):
        bounds_of(Limits(), 10**13)
