"""The odds of a table are told and stored before its first bet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

from bot.domain.clock import SystemClock
from bot.domain.ports import Record
from bot.limits import Limits
from bot.runtime.floor import FloorTable
from bot.runtime.odds_before import OddsBefore
from bot.runtime.plan import SessionPlan
from bot.staking import StakingOptions

TABLES = [FloorTable(name, name, name, "EUR", Decimal("0.97"), "practice") for name in ("aviator", "jetx")]


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, record: Record) -> None:
        self.records.append(record)


def plan(folder: Path) -> SessionPlan:
    return SessionPlan(
        ("aviator",), "martingale", StakingOptions(), Limits(), "", folder, folder, folder, 1, rounds=50
    )


def odds_for(plan: SessionPlan, *balances: int) -> tuple[OddsBefore, Kept]:
    numbers, kept = count(), Kept()
    odds = OddsBefore(plan, TABLES, kept, lambda: f"id{next(numbers)}", SystemClock(), "s1")
    assert odds.denial("aviator") is not None
    for balance in balances:
        odds.balance_seen("aviator", balance)
    odds.close()
    return odds, kept


def test_once_told_and_stored_the_table_may_bet(tmp_path: Path) -> None:
    odds, kept = odds_for(plan(tmp_path), 100_000, 99_900)
    assert odds.denial("aviator") is None
    assert [record.table for record in kept.records] == ["odds"]
    values = kept.records[0].values
    assert (values["session_id"], values["table_name"]) == ("s1", "aviator")
    result = values["result"]
    assert isinstance(result, dict)
    assert Decimal(result["expected_result"]) < 0
    ((table, words),) = odds.told()
    assert table == "aviator"
    assert "loses on average" in words
    assert odds.told() == []


def test_another_table_waits_for_its_own(tmp_path: Path) -> None:
    odds, _ = odds_for(plan(tmp_path), 100_000)
    denied = odds.denial("jetx")
    assert denied is not None
    assert denied.limit_name == "odds"


def test_odds_that_cannot_be_computed_are_told_and_no_bet_passes(tmp_path: Path) -> None:
    odds, kept = odds_for(replace(plan(tmp_path), options=StakingOptions(base_stake_minor=500)), 100)
    denied = odds.denial("aviator")
    assert denied is not None
    assert "bankroll" in denied.reason
    assert kept.records == []
    assert "cannot be computed" in odds.told()[0][1]


def test_a_strategy_that_was_chosen_on_an_unsound_recording_says_so(tmp_path: Path) -> None:
    chosen = replace(plan(tmp_path), chosen_on="best of 3 on rounds.csv; incomplete recording")
    odds, kept = odds_for(chosen, 100_000)
    assert "incomplete recording" in odds.told()[0][1]
    result = kept.records[0].values["result"]
    assert isinstance(result, dict)
    assert "incomplete recording" in result["chosen_on"]
