"""Multipliers, times and holes of recorded files are found as they were meant, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from bot.database.imports_gaps import NOTHING, estimate, find_holes
from bot.database.imports_multipliers import multiplier_of, read_multipliers
from bot.database.imports_times import TimeReader


def us(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc]  # date and time


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.45", 245), (" 2,45 ", 245), ("2.45x", 245), ("x3", 300), ("2", 200), ("2.", 200), ("2.999", 299),
        ("1 234,56", 123456), ("1\u202f234,56", 123456), ("1'234.5", 123450), ("1,234.56", 123456),
        ("1.234,56", 123456), ("1,234,567", 123456700), ("1e3", 100000), ("1.5e2", 15000), ("1.00", 100),
        ("2.867475444687752", 286), ("10000000000", 10**12),
    ],
)  # fmt: skip
def test_multipliers_are_read_exactly_in_all_their_forms(text: str, value: int) -> None:
    assert multiplier_of(text) == value
    values, refused = read_multipliers(pl.Series([text, None]))
    assert values.to_list() == [value, None] and [place for place, _ in refused] == [1]


@pytest.mark.parametrize(
    "text", ["", "x", "0.999", "-2", "NaN", "inf", "1,234", "0x10", "2.4.5", "1e99", "２-", None]
)
def test_what_is_no_multiplier_is_refused_with_a_reason(text: str | None) -> None:
    assert isinstance(multiplier_of(text), str)


def test_a_comma_before_three_digits_is_read_as_told() -> None:
    assert multiplier_of("1,234", ",") == 123
    assert multiplier_of("1,234", ".") == 123400
    assert read_multipliers(pl.Series(["2.500,25"]), ",")[0].to_list() == [250025]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01 00:00:00", us(2026, 1, 1)),
        ("2026-01-01T01:00:00+01:00", us(2026, 1, 1)),
        ("2025-12-31T19:00:00-0500", us(2026, 1, 1)),
        ("2026-01-01T00:00:00.123456789Z", us(2026, 1, 1) + 123_456),
        ("2026-01-01 5:07", us(2026, 1, 1, 5, 7)),
        ("1767225600", us(2026, 1, 1)),
        ("1767225600.25", us(2026, 1, 1) + 250_000),
        ("1767225600123", us(2026, 1, 1) + 123_000),
        ("1767225600123456", us(2026, 1, 1) + 123_456),
        ("1767225600123456789", us(2026, 1, 1) + 123_456),
    ],
)
def test_times_are_read_in_all_their_forms(text: str, value: int) -> None:
    times, of_day, refused = TimeReader().read(pl.Series([text]))
    assert (times.to_list(), of_day.to_list(), refused) == ([value], [False], [])


# -- holes ----------------------------------------------------------------------------------------------


def drawn(rounds: int, growth: float, base: float, starts: bool) -> tuple[Any, Any]:
    """Times (microseconds) and crash points of a table that was watched without a break."""
    random = np.random.default_rng(7)
    crashes = np.maximum(100, (97 / (1 - random.random(rounds))).astype(np.int64))
    flights = np.log(crashes / 100) / growth
    steps = base + random.normal(0, 0.2, rounds) + flights
    times = np.cumsum(steps)
    return (1e6 * (times - flights if starts else times)).astype(np.int64), crashes


@pytest.mark.parametrize("starts", [True, False])
@pytest.mark.parametrize("growth", [0.0602, 0.0858, 0.115])
def test_cycle_and_growth_of_a_table_are_found(growth: float, starts: bool) -> None:
    times, crashes = drawn(3_000, growth, 11.0, starts)
    cycle = estimate(times, crashes)
    assert cycle is not None and cycle.starts is starts
    assert abs(cycle.base_s - 11.0) < 0.5 and abs(1 / cycle.e_fold_s - growth) < 0.005


def test_a_round_taken_out_is_a_hole_of_one() -> None:
    times, crashes = drawn(2_000, 0.0858, 11.0, starts=True)
    gone = [300, 700, 1_500]
    left = np.delete(np.arange(2_000), gone)
    unknown = np.full(len(left), NOTHING)
    found = find_holes(times[left], crashes[left], unknown)
    places = [hole.place for hole in found.holes]
    assert places == [300, 699, 1_498]
    assert find_holes(times, crashes, np.full(2_000, NOTHING)).holes == []


def test_one_round_or_none_has_no_holes() -> None:
    for rounds in (0, 1, 2):
        empty = np.full(rounds, NOTHING)
        assert find_holes(empty, np.full(rounds, 200), empty).holes == []
