"""The strategies: their sequences, known figures, and what no balance or settlement makes them do."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.amounts import payout
from bot.domain.errors import BadInput
from bot.games.law import crash_point
from bot.staking import Settlement, StakingOptions, Strategy, build, known_names

PLENTY = 10**9


def play(strategy: Strategy, balance: int, outcomes: str) -> tuple[list[int], int]:
    """Stakes for outcomes like ``"LLW"``, and the balance after them."""
    stakes = []
    for outcome in outcomes:
        order = strategy.order(balance)
        stakes.append(order.stake_minor)
        if order.stake_minor == 0:
            break
        won = outcome == "W"
        paid = payout(order.stake_minor, order.target) if won else 0
        balance += paid - order.stake_minor
        strategy.settled(Settlement(won, order.stake_minor, paid))
    return stakes, balance


@pytest.mark.parametrize("name", ["fixed", "fixed_stake", "flat", " Fixed "])
def test_fixed_stakes_the_same_whatever_happens(name: str) -> None:
    strategy = build(name, StakingOptions(base_stake_minor=150, target=133))
    assert play(strategy, PLENTY, "LWLLW")[0] == [150] * 5
    assert strategy.name == "fixed_stake"


@pytest.mark.parametrize(("steps", "bankroll"), [(7, 127), (10, 1_023), (12, 4_095)])
def test_martingale_at_2x_needs_the_known_bankroll(steps: int, bankroll: int) -> None:
    base = 100
    strategy = build("martingale", StakingOptions(base_stake_minor=base, target=200, max_steps=steps))
    stakes, left = play(strategy, bankroll * base, "L" * steps)
    assert stakes == [base * 2**n for n in range(steps)]
    assert left == 0
    assert strategy.order(PLENTY).stake_minor == base  # the cap ends the cycle


def test_martingale_at_133_survives_five_losses_on_a_thousand_stakes() -> None:
    strategy = build("martingale", StakingOptions(base_stake_minor=100, target=133, max_steps=20))
    stakes, _ = play(strategy, 1_000 * 100, "L" * 20)
    assert len([stake for stake in stakes if stake]) == 5
    order = strategy.order(1_000 * 100 - sum(stakes))
    assert (order.stake_minor, "more than the balance" in order.note) == (0, True)


def test_martingale_starts_again_after_a_win() -> None:
    strategy = build("martingale", StakingOptions(base_stake_minor=100, target=200, max_steps=7))
    assert play(strategy, PLENTY, "LLWLWW")[0] == [100, 200, 400, 100, 200, 100]


def test_a_largest_stake_shortens_martingale() -> None:
    strategy = build("martingale", StakingOptions(base_stake_minor=100, target=200, max_stake_minor=300))
    assert play(strategy, PLENTY, "LLLLL")[0] == [100, 200, 100, 200, 100]


@given(
    target=st.integers(101, 5_000),
    base=st.integers(1, 10_000),
    steps=st.integers(1, 12),
    losses=st.integers(0, 11),
)
def test_a_won_martingale_cycle_never_ends_behind(target: int, base: int, steps: int, losses: int) -> None:
    strategy = build("martingale", StakingOptions(base_stake_minor=base, target=target, max_steps=steps))
    start = 9 * 10**12  # the largest balance that the steps promise to fit into 64 bits
    stakes, after = play(strategy, start, "L" * min(losses, steps - 1) + "W")
    if stakes[-1]:  # else the balance was too low for the next step
        # The payout is floored, so the cycle may fall short of the base's own gain, by less than two units.
        assert after - start >= payout(base, target) - base - 1


def test_compound_stakes_a_share_of_the_balance() -> None:
    strategy = build("compound", StakingOptions(base_stake_minor=100, share=Decimal("0.25")))
    assert strategy.order(10_000)[:2] == (2_500, 133)
    assert strategy.order(10_001)[0] == 2_500
    assert strategy.order(200)[0] == 100  # not less than the base
    assert strategy.order(99)[0] == 0
    assert build("compound_1.33x", StakingOptions(share=Decimal(1))).order(777)[0] == 777


def test_kelly_stakes_nothing_before_it_has_seen_anything_and_says_so() -> None:
    order = build("kelly", StakingOptions(target=200)).order(PLENTY)
    assert order.stake_minor == 0
    assert "no edge" in order.note


@pytest.mark.parametrize("target", [133, 200, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_kelly_stakes_nothing_on_a_sound_game(target: int, seed: int) -> None:
    strategy = build("kelly_criterion", StakingOptions(target=target, base_stake_minor=1))
    draw = random.Random(seed)
    for _ in range(600):
        assert strategy.order(PLENTY).stake_minor == 0
        strategy.observed(crash_point(1.0 - draw.random(), 0.97))


def test_kelly_stakes_within_full_kelly_once_an_edge_is_shown() -> None:
    options = StakingOptions(target=200, base_stake_minor=1, kelly_part=Decimal(1))
    strategy = build("kelly", options)
    for n in range(4_000):
        strategy.observed(250 if n % 10 < 6 else 120)  # 60 % reach 2x
    stake = strategy.order(100_000).stake_minor
    assert 0 < stake < 20_000  # full Kelly at the true rate is 0.2 of the balance
    half = build("kelly", StakingOptions(target=200, base_stake_minor=1, kelly_part=Decimal("0.5")))
    half.restore(strategy.state)
    assert half.order(100_000).stake_minor == pytest.approx(stake / 2, abs=11)


def test_kelly_takes_what_lies_below_the_base_stake_as_nothing() -> None:
    strategy = build("kelly", StakingOptions(target=200, base_stake_minor=100))
    strategy.restore({"rounds": 4_000, "hits": 2_400})
    assert strategy.order(100).stake_minor == 0
    assert strategy.order(PLENTY).stake_minor > 0


OPTIONS = st.builds(
    StakingOptions,
    base_stake_minor=st.integers(1, 10_000),
    target=st.none() | st.integers(101, 100_000),
    max_stake_minor=st.none() | st.integers(10_000, 10**6),
    max_steps=st.integers(1, 60),
    share=st.decimals("0.0001", 1, places=4),
    kelly_part=st.decimals("0.0001", 1, places=4),
    wins=st.integers(1, 40),
    line=st.lists(st.integers(1, 20), min_size=1, max_size=32).map(tuple),
    stakes_minor=st.lists(st.integers(1, 10_000), min_size=1, max_size=64).map(tuple),
    advance_on=st.sampled_from(["loss", "win", "round"]),
)


@given(
    name=st.sampled_from(known_names()),
    options=OPTIONS,
    balance=st.integers(0, 10**9),
    rounds=st.lists(st.tuples(st.booleans(), st.integers(100, 10_000)), max_size=40),
)
def test_no_strategy_stakes_what_is_not_there(
    name: str, options: StakingOptions, balance: int, rounds: list[tuple[bool, int]]
) -> None:
    strategy = build(name, options)
    for won, crash in rounds:
        order = strategy.order(balance)
        assert order == strategy.order(balance)  # asking changes nothing
        assert 0 <= order.stake_minor <= balance
        assert order.stake_minor <= (options.max_stake_minor or order.stake_minor)
        assert (order.stake_minor == 0) == bool(order.note)
        if order.stake_minor:
            paid = payout(order.stake_minor, order.target) if won else 0
            strategy.settled(Settlement(won, order.stake_minor, paid))
            balance += paid - order.stake_minor
        strategy.observed(crash)
    copy = build(strategy.name, options)
    copy.restore(strategy.state)
    assert copy.order(balance) == strategy.order(balance)
    assert copy.parameters == strategy.parameters


def test_observing_rounds_without_bets_does_not_move_martingale() -> None:
    strategy = build("martingale", StakingOptions())
    play(strategy, PLENTY, "LL")
    before = strategy.state
    for crash in (100, 5_000):
        strategy.observed(crash)
    assert strategy.state == before


def test_an_unknown_strategy_lists_the_known() -> None:
    with pytest.raises(BadInput, match=r"fixed_stake.*martingale.*compound_1.33x.*kelly_criterion"):
        build("luck", StakingOptions())


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("fixed", {"base_stake_minor": 0}, "base stake"),
        ("fixed", {"base_stake_minor": -100}, "-1.00"),
        ("fixed", {"target": 100}, "1.01"),
        ("fixed", {"target": 1_000_001}, "10000.00"),
        ("fixed", {"base_stake_minor": 200, "max_stake_minor": 100}, "largest stake"),
        ("martingale", {"max_steps": 0}, "steps"),
        ("compound", {"share": Decimal(0)}, "share"),
        ("compound", {"share": Decimal("1.5")}, "share"),
        ("compound", {"share": Decimal("NaN")}, "share"),
        ("kelly", {"kelly_part": Decimal(0)}, "part"),
        ("kelly", {"confidence": Decimal(1)}, "confidence"),
        ("kelly", {"confidence": Decimal("NaN")}, "confidence"),
    ],
)
def test_bad_options_are_refused_in_one_line(name: str, options: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        build(name, StakingOptions(**options))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("martingale", {"losses": 7, "next_stake_minor": 100}),
        ("martingale", {"losses": 0, "next_stake_minor": 0}),
        ("kelly", {"rounds": 1, "hits": 2}),
    ],
)
def test_a_state_that_cannot_be_is_refused(name: str, state: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="state"):
        build(name, StakingOptions()).restore(state)
