"""The progressions: their published sequences, what ends them, and exact arithmetic of the steps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.staking import StakingOptions, build, strategies
from bot.staking.steps import MOST_MINOR, PARTS, floor_divided, part_of, stake_to_win
from tests.staking.test_strategies import PLENTY, play


def stakes(name: str, outcomes: str, **options: Any) -> list[int]:
    """Stakes in base stakes of 1.00."""
    given_options = StakingOptions(**{"base_stake_minor": 100, "target": 200, **options})
    made = play(build(name, given_options), PLENTY, outcomes)[0]
    return [stake // 100 for stake in made]


def test_paroli_doubles_three_wins_and_starts_again() -> None:
    assert stakes("paroli", "WWWWLWL") == [1, 2, 4, 1, 2, 1, 2]
    assert stakes("paroli", "WWW", wins=1) == [1, 1, 1]
    assert stakes("paroli", "WWWW", max_stake_minor=300, wins=10) == [1, 2, 1, 2]


def test_dalembert_goes_one_up_and_one_down_and_never_below_one() -> None:
    assert stakes("dalembert", "LLLWWWWL") == [1, 2, 3, 4, 3, 2, 1, 1]
    assert stakes("d'alembert", "LLLLW", max_stake_minor=350) == [1, 2, 3, 3, 3]


def test_fibonacci_goes_one_place_up_and_two_down() -> None:
    assert stakes("fibonacci", "LLLLLLW", max_steps=60) == [1, 1, 2, 3, 5, 8, 13]
    assert stakes("fibonacci", "LLLLLWWWW", max_steps=60) == [1, 1, 2, 3, 5, 8, 3, 1, 1]
    assert stakes("fibonacci", "LLLL", max_steps=3) == [1, 1, 2, 1]
    assert stakes("fibonacci", "LLLLL", max_stake_minor=250) == [1, 1, 2, 1, 1]


def test_labouchere_crosses_off_both_ends_and_appends_what_was_lost() -> None:
    # The textbook line 1 2 3 4: win 1+4, then 2+3.
    assert stakes("labouchere", "WW") == [5, 5]
    # Loss: 1 2 3 4 5; 1+5 lost: 1 2 3 4 5 6; win: 2 3 4 5; win: 3 4; win: empty, so again 1 2 3 4.
    assert stakes("labouchere", "LLWWWW") == [5, 6, 7, 7, 7, 5]
    assert stakes("labouchere", "WW", line=(7,)) == [7, 7]
    assert stakes("labouchere", "L" * 40, line=(1,))[:33] == [1, *range(2, 33), 1]


def test_a_labouchere_line_that_ends_wins_its_sum() -> None:
    for target in (133, 150, 200, 500):
        strategy = build("labouchere", StakingOptions(base_stake_minor=100, target=target))
        outcomes = "LLWLWW" + "W" * 6
        balance = start = PLENTY
        gained = []
        for outcome in outcomes:
            _, balance = play(strategy, balance, outcome)
            length = strategy.state["length"]
            first = [strategy.state[f"line_{n}"] for n in range(4)]
            if length == 4 and first == [400, 300, 200, 100]:
                gained.append(balance - start)
                start = balance
        assert gained
        assert all(1_000 <= gain <= 1_000 + 4 * len(outcomes) for gain in gained)


def test_oscars_grind_wins_one_base_stake_a_cycle() -> None:
    # The textbook example: five losses, then wins with one unit more each, the last one just enough.
    assert stakes("oscars_grind", "LLLLLWWWL") == [1, 1, 1, 1, 1, 1, 2, 3, 1]
    assert stakes("oscar", "LLLWWW") == [1, 1, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("advance_on", "expected"),
    [("loss", [1, 2, 3, 1, 2]), ("win", [1, 1, 1, 2, 1]), ("round", [1, 2, 3, 1, 2])],
)
def test_a_sequence_goes_on_as_it_was_told(advance_on: str, expected: list[int]) -> None:
    outcomes = "LLWLL" if advance_on != "round" else "LWLWL"
    made = stakes("sequence", outcomes, stakes_minor=(100, 200, 300), advance_on=advance_on)
    assert made == (expected if advance_on != "win" else stakes_on_win(outcomes))


def stakes_on_win(outcomes: str) -> list[int]:
    place, made = 0, []
    for outcome in outcomes:
        made.append(place + 1)
        place = (place + 1) % 3 if outcome == "W" else 0
    return made


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("paroli", {"wins": 0}, "wins"),
        ("fibonacci", {"max_steps": 61}, "steps"),
        ("labouchere", {"line": ()}, "line"),
        ("labouchere", {"line": (1, 0)}, "line"),
        ("labouchere", {"line": (1,) * 33}, "line"),
        ("labouchere", {"line": (10**12,)}, "reckoned"),
        ("sequence", {}, "stakes"),
        ("sequence", {"stakes_minor": (100, -1)}, "stakes"),
        ("sequence", {"stakes_minor": (100,), "advance_on": "luck"}, "luck"),
        ("sequence", {"stakes_minor": (500,), "max_stake_minor": 400}, "largest stake"),
        ("fixed", {"base_stake_minor": 10**13}, "reckoned"),
    ],
)
def test_bad_options_are_refused_in_one_line(name: str, options: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        build(name, StakingOptions(**options))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("paroli", {"wins": 3, "next_stake_minor": 100}),
        ("dalembert", {"units": 0}),
        ("fibonacci", {"place": 2, "before": 1, "number": 1}),
        ("oscars_grind", {"result_minor": 100, "next_stake_minor": 100}),
        ("labouchere", {"length": 0}),
        ("sequence", {"place": 2}),
        ("martingale", {}),
    ],
)
def test_a_state_that_cannot_be_is_refused(name: str, state: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="state"):
        build(name, StakingOptions(stakes_minor=(100, 200))).restore(state)


def test_no_strategy_stakes_from_a_balance_beyond_reckoning() -> None:
    for info in strategies():
        order = build(info.name, StakingOptions(stakes_minor=(100,))).order(MOST_MINOR + 1)
        assert order.stake_minor == 0
        assert "larger" in order.note


@given(number=st.integers(0, 2**51 - 1), divisor=st.integers(1, 1_000_000))
def test_multiplying_with_an_inverse_divides_exactly(number: int, divisor: int) -> None:
    assert floor_divided(number, 1.0 / divisor) == number // divisor


@given(quotient=st.integers(0, 2 * 10**9), divisor=st.integers(1, 1_000_000), off=st.integers(-1, 1))
def test_it_does_so_next_to_whole_quotients(quotient: int, divisor: int, off: int) -> None:
    number = max(0, quotient * divisor + off)
    assert floor_divided(number, 1.0 / divisor) == number // divisor


@given(amount=st.integers(0, 2 * 10**13), gain=st.integers(1, 999_900))
def test_the_stake_to_win_an_amount_is_the_least_that_does(amount: int, gain: int) -> None:
    assert stake_to_win(amount, gain, 1.0 / gain) == -(-amount * 100 // gain)


@given(amount=st.integers(0, MOST_MINOR), parts=st.integers(0, PARTS))
def test_a_part_of_an_amount_is_exact(amount: int, parts: int) -> None:
    assert part_of(amount, parts) == amount * parts // PARTS


def test_every_strategy_says_what_it_takes() -> None:
    names = [info.name for info in strategies()]
    assert len(names) == len(set(names)) == 10
    for info in strategies():
        assert info.summary and info.text
        defaults = StakingOptions()
        for parameter in info.parameters:
            assert hasattr(defaults, parameter.option)
            assert parameter.meaning and parameter.range
