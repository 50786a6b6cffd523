"""Totals, and all that is read from them, equal the plain look at all rounds, whatever was done to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.database import (
    CrashGameRound,
    Database,
    RoundSignal,
    get_bot_statistics,
    get_game_statistics,
    get_multiplier_distribution,
    get_session_summary,
    get_signal_effectiveness,
    get_strategy_performance,
    open_database,
)
from bot.domain.errors import BadInput
from tests.database.changing_rounds import BOTS, DAYS, SEQUENCES, emptied
from tests.database.plain_look import Row, assert_totals_equal_the_rounds, rows, sums_of

CENT = Decimal("0.01")
#: A part of the first day, the second, a part of the third.
FROM = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=DAYS[0], hours=12)
TO = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=DAYS[2], hours=12)

slow = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "bot.db")
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = open_database(postgres_url)
    yield database
    database.close()


@settings(max_examples=200, deadline=None, suppress_health_check=slow)
@given(sequence=SEQUENCES)
def test_any_sequence_of_changes_on_sqlite(sqlite_database: Database, sequence: list[Any]) -> None:
    check(sqlite_database, sequence)


@settings(max_examples=60, deadline=None, suppress_health_check=slow)
@given(sequence=SEQUENCES)
def test_any_sequence_of_changes_on_postgresql(postgres_database: Database, sequence: list[Any]) -> None:
    check(postgres_database, sequence)


def check(database: Database, sequence: list[Any]) -> None:
    emptied(database)
    for operation, model, what in sequence:
        with database.writing() as connection:
            operation(connection, model, what)
    with database.engine.connect() as connection:
        assert_totals_equal_the_rounds(connection)
        rounds, signals = rows(connection, CrashGameRound), rows(connection, RoundSignal)
    assert_answers_equal_the_rounds(database, rounds, signals)


def assert_answers_equal_the_rounds(database: Database, rounds: list[Row], signals: list[Row]) -> None:
    for bot_id in BOTS:
        own = [row for row in rounds if row["bot_id"] == bot_id]
        assert_says(get_bot_statistics(bot_id, database=database), own)
        for start, end, inside in _periods():
            some = [row for row in own if row["date_bucket"] >= 0 and inside(row["round_start_timestamp"])]
            assert_says(get_bot_statistics(bot_id, start, end, database=database), some)
        said = get_signal_effectiveness(bot_id, database=database)
        assert_says(said, own)
        its = [row for row in signals if row["bot_id"] == bot_id]
        assert said["total_signals"] == len(its)
        assert said["correct"] == sum(bool(row["signal_correctness"]) for row in its)
    for column, names, ask in (
        ("session_id", ("session-1", "session-2"), get_session_summary),
        ("strategy_name", ("martingale", "fixed_stake"), get_strategy_performance),
        ("game_name", ("aviator", "jetx"), get_game_statistics),
        ("game_name", ("aviator", "jetx"), get_multiplier_distribution),
    ):
        for name in names:
            chosen = [row for row in rounds if row[column] == name]
            if not chosen and column != "game_name":
                with pytest.raises(BadInput, match=name):
                    ask(name, database=database)
                continue
            # A session's totals know no mode of single rounds.
            modes = column != "session_id"
            said = ask(name, database=database)
            assert_says(said, chosen, modes)
            if ask is get_multiplier_distribution:
                assert_distribution(said, chosen)


def _periods() -> Iterable[tuple[Any, Any, Callable[[int], bool]]]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    low, high = ((moment - epoch) // timedelta(microseconds=1) for moment in (FROM, TO))
    day = date(1970, 1, 1) + timedelta(days=DAYS[1])
    begin = DAYS[1] * 86_400_000_000
    yield FROM, TO, lambda at: low <= at < high
    yield FROM, None, lambda at: low <= at
    yield None, TO, lambda at: at < high
    yield FROM, FROM + timedelta(hours=1), lambda at: low <= at < low + 3_600_000_000
    yield day, day, lambda at: begin <= at < begin + 86_400_000_000
    yield None, day, lambda at: at < begin + 86_400_000_000


def assert_says(said: dict[str, Any], rounds: list[Row], modes: bool = True) -> None:
    """The answer is what the rounds themselves give."""
    sums = sums_of(rounds)
    settled = sums["wins"] + sums["losses"]
    assert [said[name] for name in ("total_rounds", "wins", "losses", "skips", "errors", "unknown")] == [
        sums[name] for name in ("total_rounds", "wins", "losses", "skips", "errors", "unknowns")
    ]
    assert said["settled_bets"] == settled
    assert near(said["win_rate_percent"], 100 * sums["wins"], settled)
    assert said["watched"]["rounds_seen"] == sums["multiplier_count"]
    assert said["watched"]["rounds_missed"] == len(rounds) - sums["multiplier_count"]
    assert near(said["average_multiplier"], sums["multiplier_total"], 100 * sums["multiplier_count"])
    kinds = {money_of(row) if modes else (row["currency"],) for row in rounds if in_play(rounds, row, modes)}
    if len(kinds) > 1:
        assert said["total_profit"] is None and said["roi_percent"] is None and said["notes"]
    else:
        assert said["total_profit"] == sums["profit_total"] * CENT
        assert said["total_staked"] == sums["stake_total"] * CENT
        assert near(said["roi_percent"], 100 * sums["profit_total"], sums["stake_total"])
        assert said["largest_win"] == (None if sums["largest_win"] is None else sums["largest_win"] * CENT)
    for currency, part in said["currencies"].items():
        own = [row for row in rounds if (row["currency"] or "unknown") == currency]
        assert part["total_rounds"] <= len(own)
        if part["total_profit"] is not None:
            assert part["total_profit"] == sums_of(own)["profit_total"] * CENT


def money_of(row: Row) -> tuple[Any, Any]:
    return row["currency"], row["mode"]


def in_play(rounds: list[Row], row: Row, modes: bool) -> bool:
    """Whether there is money in the group of rounds that this one is counted in."""
    columns = ("game_name", "platform_code", "strategy_name", "currency", "mode") if modes else ("currency",)
    same = sums_of(other for other in rounds if all(other[name] == row[name] for name in columns))
    return any(
        (same["wins"] + same["losses"], same["stake_unknown"], same["cashout_total"], same["profit_total"])
    )


def near(said: Decimal | None, part: int, whole: int) -> bool:
    """Four decimal places of a ratio, ``None`` when there is no whole."""
    if whole == 0:
        return said is None
    return said is not None and abs(said - Decimal(part) / whole) <= Decimal("0.0001")


def assert_distribution(said: dict[str, Any], rounds: list[Row]) -> None:
    """Bands and chances count exactly; quantiles are exact below 10x and else within their resolution."""
    seen = sorted(row["crash_multiplier_detected"] for row in rounds if row["crash_multiplier_detected"])
    for band in said["bands"]:
        low, high = band["from"] / CENT, (band["to"] or Decimal(10**12)) / CENT
        assert band["rounds"] == sum(low <= multiplier <= high for multiplier in seen), band["band"]
    for chance in said["chances"]:
        assert chance["rounds"] == sum(m >= chance["at_least"] / CENT for m in seen)
    for quantile in said["quantiles"]:
        rank = math.ceil(Decimal(str(quantile["percent"])) * len(seen) / 100)
        true = seen[max(0, rank - 1)] * CENT
        assert quantile["multiplier"] <= true <= quantile["multiplier"] + quantile["resolution"]
        if true < 10:
            assert quantile["multiplier"] == true
