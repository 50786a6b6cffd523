"""Recorded rounds: played as live, holes never played over, unsound ones called so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.amounts import format_hundredths, payout
from bot.domain.errors import BadInput
from bot.fairness.known import known_of
from bot.fairness.recordings import Recording, from_rows, read_csv
from bot.simulation import crashes
from bot.simulation.backtest import UNKNOWN_HOLE, Rounds, backtest, rounds_of, rounds_to_json
from bot.simulation.running import simulate
from bot.staking import Settlement, StakingOptions, Strategy, build

OWN = '''"""Two units more after a loss, up to five; its own file, as a user writes it."""


class Careful:
    def __init__(self):
        self.units = 1
        self.seen = 0

    def order(self, balance_minor):
        return min(self.units * 100, 500), 180 if self.seen % 2 else 220

    def settled(self, settlement):
        self.units = 1 if settlement.won else self.units + 2

    def observed(self, crash_multiplier):
        self.seen += 1
'''


def recorded(points: list[int], ids: list[int] | None = None) -> Rounds:
    """A recording in memory; ids count the rounds."""
    names = None if ids is None else tuple(str(number) for number in ids)
    return rounds_of(Recording("test", np.array(points, np.int64), names), known_of("aviator"))


def live(strategy: Strategy, points: list[int], bankroll: int) -> tuple[list[int], int]:
    """Stakes and the final balance as a live table plays: the round is seen, then the bet settled."""
    balance, stakes = bankroll, []
    for crash in points:
        order = strategy.order(balance)
        strategy.observed(crash)
        stakes.append(order.stake_minor)
        if order.stake_minor:
            won = crash >= order.target
            paid = payout(order.stake_minor, order.target) if won else 0
            balance += paid - order.stake_minor
            strategy.settled(Settlement(won, order.stake_minor, paid))
    return stakes, balance


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([
        "fixed", "martingale", "paroli", "dalembert", "fibonacci", "labouchere", "oscars_grind", "compound",
        "kelly", "sequence",
    ]),
    st.sampled_from([None, 133, 250]),
    st.integers(0, 1_000),
)  # fmt: skip
def test_a_backtest_is_the_live_strategy_on_the_same_rounds(name: str, target: int | None, seed: int) -> None:
    points = crashes(seed, 0, 150, "0.97")
    options = StakingOptions(target=target, stakes_minor=(100, 300, 200))
    stakes, final = live(build(name, options), points, 20_000)
    done = backtest(name, options, recorded(points), 20_000)
    assert done.replay.stakes == stakes
    assert done.replay.final == final


def test_a_user_s_own_file_is_practised_backtested_and_simulated_equal(tmp_path: Path) -> None:
    mine = tmp_path / "careful.py"
    mine.write_text(OWN)
    points = crashes(7, 3, 120, "0.97")
    strategy = build(str(mine), StakingOptions())
    try:
        stakes, final = live(strategy, points, 50_000)
    finally:
        strategy.close()  # type: ignore[attr-defined]
    tested = backtest(str(mine), None, recorded(points), 50_000)
    drawn = simulate(str(mine), bankroll_minor=50_000, rounds=120, sessions=1, seed=7, first_session=3)
    assert len(set(stakes)) == 3
    assert tested.replay.stakes == stakes
    assert tested.replay.final == int(drawn.final[0]) == final
    assert tested.replay.session.turnover == int(drawn.turnover[0]) == sum(stakes)


def test_no_sequence_advances_over_missed_rounds() -> None:
    points = crashes(1, 0, 60, "0.97")
    whole = backtest("martingale", None, recorded(points), 100_000)
    numbers = [n + (5 if n >= 30 else 0) for n in range(60)]
    holed = backtest("martingale", None, recorded(points, numbers), 100_000)
    assert holed.rounds.missed == 5
    assert holed.replay.missed == 5
    stakes = holed.replay.stakes
    assert stakes[30:35] == [0] * 5
    assert stakes[:30] + stakes[35:] == whole.replay.stakes
    assert holed.replay.final == whole.replay.final


def test_holes_are_found_by_numbers_by_times_and_as_recorded() -> None:
    numbers = [*range(50), *range(53, 100), 7]
    counted = recorded([200] * 98, numbers)
    assert counted.holes[50] == 3
    assert counted.holes[97] == UNKNOWN_HOLE
    follows = np.ones(97, bool)
    follows[40] = False
    told = rounds_of(Recording("test", np.full(98, 200), follows=follows), known_of("aviator"))
    assert told.holes[41] == UNKNOWN_HOLE
    assert told.unknown_holes == 1


def test_a_gap_that_hides_a_round_counts_by_the_times() -> None:
    points = crashes(2, 0, 400, "0.97")
    at, rows = datetime(2026, 1, 1, tzinfo=UTC), []
    for place, crash in enumerate(points):
        rows.append((None, at, format_hundredths(crash)))
        at += timedelta(seconds=12 + np.log(crash / 100) / 0.0858 + (25 if place == 200 else 0))
    rounds = rounds_of(from_rows(rows), known_of("aviator"))
    assert rounds.missed == 1
    assert rounds.holes[201] == 1


def test_profit_on_an_unsound_recording_carries_its_flag() -> None:
    drawn = crashes(3, 0, 6_000, "0.97")
    points = [crash for place, crash in enumerate(drawn) if crash >= 105 or place % 3]
    rounds = recorded(points)
    assert rounds.quality.unsound
    told = backtest("fixed", StakingOptions(target=110), rounds, 1_000_000).to_json()
    assert told["flag"].startswith("incomplete recording")
    assert rounds_to_json(rounds)["verdict"] == "incomplete"
    sound = recorded(crashes(3, 0, 6_000, "0.97"))
    assert backtest("fixed", None, sound, 1_000_000).to_json()["flag"] is None


def test_kelly_stakes_nothing_on_sound_rounds() -> None:
    rounds = recorded(crashes(4, 0, 3_000, "0.97"))
    assert backtest("kelly", None, rounds, 100_000).replay.session.bets == 0


def test_kelly_refuses_unsound_rounds() -> None:
    drawn = crashes(3, 0, 6_000, "0.97")
    points = [crash for place, crash in enumerate(drawn) if crash >= 105 or place % 3]
    with pytest.raises(BadInput, match="Kelly refuses these rounds: incomplete recording"):
        backtest("kelly", None, recorded(points), 100_000)


def test_rubbish_lines_are_counted_and_the_rest_is_played(tmp_path: Path) -> None:
    path = tmp_path / "rounds.csv"
    lines = [f"{n},,{format_hundredths(c)}" for n, c in enumerate(crashes(5, 0, 100, "0.97"))]
    lines[10:10] = ["rubbish", "999,,abc", "998,,-3.00", ",,"]
    path.write_text("round_id,timestamp,multiplier\n" + "\n".join(lines) + "\n")
    rounds = rounds_of(read_csv(path))
    assert rounds.count == 100
    assert rounds_to_json(rounds)["refused_lines"] >= 3


def test_json_is_plain(tmp_path: Path) -> None:
    done = backtest("martingale", None, recorded(crashes(6, 0, 200, "0.97")), 100_000)
    document = json.loads(json.dumps(done.to_json()))
    assert document["bets"] == 200
    assert document["end"] == "all_rounds_played"
    assert float(document["expected_result"]) < 0


def test_a_bankroll_below_the_base_stake_is_refused() -> None:
    with pytest.raises(BadInput, match="below the base stake"):
        backtest("fixed", None, recorded([200] * 10), 50)
