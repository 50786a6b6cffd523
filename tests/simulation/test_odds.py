"""Odds: exact against simulated, in words and JSON, for strategies that ship and a user's own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.errors import BadInput
from bot.limits import Limits, PeriodLimits
from bot.simulation.odds import Odds, session_odds
from bot.staking import StakingOptions

PRACTICE = Limits(
    session=PeriodLimits(100_000, 2_000_000, 5_000, 720),
    day=PeriodLimits(200_000, 5_000_000, 20_000, 1_440),
    stake_minor=10_000,
    give_back_minor=100_000,
    balance_floor_minor=1_000,
)


@pytest.mark.parametrize("name", ["fixed", "martingale", "dalembert"])
def test_exact_and_simulated_odds_test_each_other(name: str) -> None:
    given = (name, StakingOptions(max_steps=5), 6_000, Limits(), 150)
    exact = session_odds(*given, goal_minor=8_000)
    drawn = session_odds(*given, goal_minor=8_000, simulated=True)
    assert exact.exact and drawn.sessions > 10_000
    for chance, other in (
        (exact.ruin, drawn.ruin),
        (exact.reached_goal, drawn.reached_goal),
        (exact.chance_ahead, drawn.chance_ahead),
    ):
        # Nine comparisons in all: 2.5 times the 95 % error is nearly five deviations.
        assert abs(chance - other) <= 2.5 * drawn.error(other) + 1e-12
    assert drawn.turnover == pytest.approx(exact.turnover, rel=0.01)
    assert drawn.expected_result == pytest.approx(exact.expected_result, rel=0.02)
    assert drawn.rounds == pytest.approx(exact.rounds, rel=0.01)
    for level in (0.25, 0.5, 0.75):
        assert abs(drawn.quantiles[level] - exact.quantiles[level]) <= 300


def test_limits_that_cannot_matter_leave_the_answer_exact() -> None:
    bound = session_odds("fixed", StakingOptions(), 100_000, PRACTICE, 1_000)
    free = session_odds("fixed", StakingOptions(), 100_000, Limits(), 1_000)
    assert bound.exact
    assert bound.expected_result == pytest.approx(free.expected_result)


def test_every_limit_that_ends_sessions_is_told() -> None:
    odds = session_odds("martingale", StakingOptions(), 100_000, PRACTICE, 3_000)
    assert not odds.exact
    assert odds.limited["give_back"] > 0.01
    assert sum(odds.stops.values()) == pytest.approx(1.0)
    assert any("falling from the best result" in line for line in odds.words())


def test_minutes_shorten_the_horizon() -> None:
    odds = session_odds(
        "fixed", StakingOptions(), 100_000, Limits(session=PeriodLimits(minutes=30)), 1_000, "0.97", 190.0
    )
    assert odds.horizon == 95


def test_losing_runs_that_the_bankroll_pays_for() -> None:
    def runs(bankroll: int, **options: object) -> int | None:
        return session_odds("martingale", StakingOptions(**options), bankroll, None, 10).run_paid  # type: ignore[arg-type]

    assert runs(12_700) == 7
    assert runs(102_300, max_steps=20) == 10
    assert runs(100_000, max_steps=20, target=133) == 5
    kelly = session_odds("kelly", StakingOptions(), 100_000, None, 50)
    assert kelly.run_paid is None


def test_hourly_loss_is_edge_times_rounds_times_stake() -> None:
    odds = session_odds("fixed", StakingOptions(), 100_000, None, 190, "0.97", 190.0)
    assert odds.loss_per_hour == pytest.approx(0.03 * 190 * 100)
    assert odds.words()[1].startswith("On average it ends -5.70, which is a loss of 5.70 an hour")


def test_words_say_what_matters_and_that_every_strategy_loses() -> None:
    said = " ".join(session_odds("fixed", StakingOptions(), 2_000, None, None, goal_minor=4_000).words())
    for part in ("23.1 %", "48.95 %", "staking nothing", "Every strategy loses on average"):
        assert part in said


def test_json_is_complete_and_exact_amounts_are_text() -> None:
    odds = session_odds("martingale", StakingOptions(), 12_700, None, 200, goal_minor=20_000)
    document = json.loads(json.dumps(odds.to_json()))
    assert document["bankroll"] == "127.00"
    assert document["method"] == "exact"
    assert document["chance_of_ruin"] == odds.ruin
    assert document["longest_losing_run_survived"] == 7
    assert document["best_any_strategy_could_do"]["goal"] > document["chance_of_goal"]
    assert document["warning"] == "every strategy loses on average"
    assert Decimal(document["expected_result"]) < 0


def test_no_strategy_is_shown_to_win_by_the_noise_of_its_simulation() -> None:
    for name in ("labouchere", "compound"):
        odds: Odds = session_odds(name, StakingOptions(), 200_000, None, 50, simulated=True)
        assert odds.expected_result < 0


def test_a_user_s_own_file_has_odds_too(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "class Mine:\n"
        "    def __init__(self):\n        self.stake = 100\n"
        "    def order(self, balance_minor):\n        return self.stake, 200\n"
        "    def settled(self, settlement):\n        self.stake = 100 if settlement.won else 200\n"
    )
    odds = session_odds(str(mine), StakingOptions(), 10_000, None, 20)
    assert odds.strategy == "mine.py"
    assert odds.run_paid == 50
    assert odds.expected_result < 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bankroll_minor": 50}, "below the base stake 1.00"),
        ({"bankroll_minor": 0}, "bankroll must be above 0"),
        ({"goal_minor": 900}, "goal must be above"),
        ({"horizon_rounds": 0}, "1 to 1,000,000"),
        ({"rounds_per_hour": 0.0}, "above 0"),
        ({"rounds_per_hour": float("nan")}, "above 0"),
        ({"rtp": "1.2"}, "return to player"),
        ({"options": StakingOptions(target=100)}, "1.01"),
        ({"options": StakingOptions(max_stake_minor=50)}, "below the base stake"),
        ({"strategy": "nonsense"}, "no such strategy"),
        ({"horizon_rounds": None, "strategy": "labouchere"}, "--rounds"),
    ],
)
def test_bad_input_is_one_clear_line(change: dict[str, object], said: str) -> None:
    given: dict[str, object] = {
        "strategy": "fixed", "options": StakingOptions(), "bankroll_minor": 1_000, "limits": None,
    }  # fmt: skip
    with pytest.raises(BadInput, match=said) as caught:
        session_odds(**(given | change))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
