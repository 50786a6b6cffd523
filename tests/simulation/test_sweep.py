"""Sweeps: the same table however they run, kept point by point, the best beside useless ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.simulation import crashes
from bot.simulation.sweep import Plan, run_sweep
from bot.simulation.sweep_points import Work, axis, drawn, grid, measured, options_at
from bot.staking import StakingOptions


def plan(
    *vary: str, strategy: str = "martingale", sessions: int = 400, rounds: int = 100, seed: int = 1
) -> Plan:
    axes = tuple(axis(strategy, text) for text in vary or ("target=1.5:3:0.5", "max_steps=3,5"))
    work = Work(strategy, StakingOptions(), 20_000, Limits(), None, rounds, sessions, seed, "0.97")
    return Plan(work, axes, tuple(grid(axes)), "drawn rounds")


def test_the_table_holds_every_point_in_order(tmp_path: Path) -> None:
    result = run_sweep(plan(), tmp_path)
    table = pl.read_parquet(tmp_path / "results.parquet")
    assert table["target"].to_list() == [x for x in ("1.50", "2.00", "2.50", "3.00") for _ in range(2)]
    assert table["max_steps"].to_list() == ["3", "5"] * 4
    assert table["result"].to_list() == [each["result"] for each in result.figures]
    # The mean of 400 sessions lies about the law's; on all points within five of its errors.
    apart = (table["result"] - table["expected"]).abs() / table["error"]
    assert apart.max() < 5.0  # type: ignore[operator]


def test_the_same_table_on_one_process_and_on_two(tmp_path: Path) -> None:
    run_sweep(plan(), tmp_path / "one", processes=1)
    run_sweep(plan(), tmp_path / "two", processes=2)
    one, two = (pl.read_parquet(tmp_path / name / "results.parquet") for name in ("one", "two"))
    assert one.equals(two)


class Interrupted(Exception):
    """Stands for Ctrl+C or a lost machine."""


def test_an_interrupted_sweep_continues_where_it_was(tmp_path: Path) -> None:
    def stop_at_three(count: int) -> None:
        if count == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        run_sweep(plan(), tmp_path, done=stop_at_three)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "points").glob("*.json")}
    assert len(kept) == 3
    assert not (tmp_path / "results.parquet").exists()
    told: list[int] = []
    again = run_sweep(plan(), tmp_path, done=told.append)
    assert told == [3, 4, 5, 6, 7, 8]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    whole = run_sweep(plan(), tmp_path / "whole")
    assert [dict(each) for each in again.figures] == [dict(each) for each in whole.figures]


def test_a_point_that_was_written_by_halves_is_computed_again(tmp_path: Path) -> None:
    run_sweep(plan(), tmp_path)
    table = pl.read_parquet(tmp_path / "results.parquet")
    (tmp_path / "points" / "000002.json").write_text('{"result": 12')
    run_sweep(plan(), tmp_path)
    assert pl.read_parquet(tmp_path / "results.parquet").equals(table)


def test_a_folder_of_another_sweep_is_left_alone(tmp_path: Path) -> None:
    run_sweep(plan(), tmp_path)
    with pytest.raises(BadInput, match="another sweep"):
        run_sweep(plan("target=1.5,2"), tmp_path)


def test_the_best_of_many_is_no_better_than_the_best_of_useless_ones(tmp_path: Path) -> None:
    found = [
        run_sweep(plan("target=1.1:4:0.2", strategy="fixed", seed=seed), tmp_path / str(seed))
        for seed in range(10)
    ]
    # How many useless ones are as good is uniform when none is better: the mean of ten lies about a half.
    assert 0.15 < np.mean([result.as_good for result in found]) < 0.85
    result = found[0]
    document = json.loads(json.dumps(result.to_json()))
    assert document["best_of_as_many_useless_ones"]["share_at_least_as_good"] == result.as_good
    assert document["warning"] == "every strategy loses on average"


def test_on_recorded_rounds_the_useless_ones_play_as_many_drawn_rounds() -> None:
    points = tuple(crashes(9, 0, 300, "0.97"))
    axes = (axis("fixed", "target=1.5,3"),)
    work = Work("fixed", StakingOptions(), 100_000, Limits(), None, 300, 1, 0, "0.97", points, (False,) * 300)
    figures = measured(work, axes, (300,))
    won = sum(200 if crash >= 300 else -100 for crash in points)
    assert figures["result"] == won
    assert len(figures["useless"]) == 400
    assert abs(np.mean(figures["useless"]) + 900) < 5 * 1.4 * 100 * np.sqrt(300) / np.sqrt(400)


def test_points_that_contradict_themselves_are_left_out(tmp_path: Path) -> None:
    result = run_sweep(plan("base_stake=1,2,500", strategy="fixed"), tmp_path)
    assert result.refused == 1
    assert "below the base stake" in result.figures[2]["refused"]
    with pytest.raises(BadInput, match="no point of the sweep"):
        run_sweep(plan("base_stake=500,600", strategy="fixed"), tmp_path / "none")


def test_random_points_are_the_same_for_the_same_seed_and_all_different() -> None:
    axes = (axis("martingale", "target=1.1:5:0.01"), axis("martingale", "max_steps=1:20:1"))
    some = drawn(axes, 200, 3)
    assert some == drawn(axes, 200, 3) != drawn(axes, 200, 4)
    assert len(set(some)) == 200


def test_a_user_s_own_parameters_are_varied(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from typing import NamedTuple\n"
        "class Parameters(NamedTuple):\n    base_stake_minor: int = 100\n    target: int = 200\n"
        "    more: int = 1\n"
        "class State(NamedTuple):\n    losses: int = 0\n"
        "def order(p, s, balance_minor):\n"
        "    return p.base_stake_minor * (p.more if s.losses else 1), p.target\n"
        "def settled(p, s, won, stake_minor, payout_minor):\n    return State(0 if won else 1)\n"
    )
    result = run_sweep(plan("more=1,3", strategy=str(mine)), tmp_path / "out")
    flat, raised = (each["turnover"] for each in result.figures)
    assert flat == 10_000
    assert raised > 1.8 * flat


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("target", "write it as"),
        ("target=", "write it as"),
        ("target=1.5:2", "first:last:step"),
        ("target=2:1:0.1", "step must be above 0"),
        ("target=1:2:0", "step must be above 0"),
        ("target=abc", "not a number"),
        ("target=1.555", "two decimals"),
        ("max_steps=1.5", "whole number"),
        ("colour=1", "no parameter 'colour'"),
        ("target=1.01:10000:0.01", "more than"),
    ],
)
def test_bad_axes_are_one_clear_line(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        axis("martingale", text)
    assert "\n" not in str(caught.value)


def test_options_at_a_point() -> None:
    axes = (axis("compound", "share=0.05,0.1"), axis("compound", "target=1.5"))
    options = options_at(StakingOptions(), axes, ("0.05", 150))
    assert (str(options.share), options.target) == ("0.05", 150)
