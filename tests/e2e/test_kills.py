"""The short form of ``benchmarks.kills``: each of the four victims once, around the click of a bet."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kills import plan, series

pytestmark = [pytest.mark.e2e, pytest.mark.screen]


def test_a_plan_of_twenty_covers_every_victim_in_every_state() -> None:
    assert len(set(plan(20))) == 20


def test_after_kills_the_record_agrees_with_the_ledger_and_nothing_is_left_over(tmp_path: Path) -> None:
    kills = [("table", "clicked"), ("casino", "placed"), ("browser", "verified"), ("main", "clicked")]
    report = series(kills, tmp_path, speed=2.0, seed=5, tables="aviator,jetx")
    assert [kill["moment"] for kill in report["kills"] if not kill["reached"]] == []
    assert [kill["left_over"] for kill in report["kills"] if kill["left_over"]] == []
    assert {kill["final_state"] for kill in report["kills"]} <= {"won", "lost", "missed", "refused"}
    assert report["closing"]["double_bets"] == 0
    assert [table["complaints"] for table in report["closing"]["tables"] if table["complaints"]] == []
    assert report["exit_code"] == 0
