"""Real bets on the three practice tables: every bet in the casino's ledger is one that was ordered."""

from __future__ import annotations

import random
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.placement import Bench, Case, compare
from bot.domain.bets import BetState
from bot.runtime.stage import Stage, StageOptions
from tests.control.desktop import wait_for


@pytest.mark.e2e
def test_bets_on_all_three_games_reach_the_ledger_as_ordered(tmp_path: Path) -> None:
    ledger, targets = tmp_path / "ledger.sqlite", random.Random(4)
    with ExitStack() as stack:
        stage = Stage(StageOptions(("aviator", "aviatrix", "jetx"), str(ledger), seed=3, speed=3.0))
        stack.callback(stage.close)
        bench = Bench(stage.wait_ready(), 3.0, tmp_path, stack)
        place = bench.one_by_one(lambda: targets.randint(110, 900))
        while {bet.table for _, bet in bench.ordered if bet.state is BetState.PLACED} != set(bench.sights):
            bench.collect(Case(), 6, place)
        wait_for(lambda: compare(ledger, bench.ordered).clicks_outside == 0)
        check = compare(ledger, bench.ordered)
    placed = sum(bet.state is BetState.PLACED for _, bet in bench.ordered)
    unknown = sum(bet.state is BetState.UNKNOWN for _, bet in bench.ordered)
    assert placed <= check.bets <= placed + unknown
    assert check.as_ordered == check.bets
    assert check.not_ordered == 0
    assert check.doubles == 0
