"""Purging, refreshing, checking, vacuuming, measuring: on both engines, with a bot's own records in it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text

from bot.database import Database, open_database, purge
from bot.database.base import Base
from bot.database.maintenance import check_database, database_stats, refresh_aggregates, vacuum
from bot.database.purge import purge_older_than
from bot.domain.clock import ManualClock
from bot.domain.errors import BadInput

US_PER_DAY = 86_400_000_000
TODAY = (date(2026, 1, 1) - date(1970, 1, 1)).days  # of the ManualClock
T = Base.metadata.tables
CLOCK = ManualClock()


def start(days_ago: int) -> int:
    return (TODAY - days_ago) * US_PER_DAY + 3_600_000_000


def add(database: Database, table: str, *rows: dict[str, object]) -> None:
    with database.writing() as connection:
        for row in rows:
            connection.execute(insert(T[table]).values(row))


def add_round(database: Database, name: str, days_ago: int, state: str = "won") -> None:
    """A round with everything that may belong to one, as the bot writes it down."""
    at = start(days_ago)
    common = {"round_id": name, "bot_id": "a"}
    add(
        database,
        "crash_game_rounds",
        {**common, "game_name": "aviator", "session_id": "s", "round_outcome": "WIN", "stake_value": 100,
         "profit_loss_amount": 50, "crash_multiplier_detected": 200, "round_start_timestamp": at},
    )  # fmt: skip
    child = {**common, "timestamp": at, "id": name}
    add(database, "analytics_round_multipliers", {**child, "game_name": "aviator", "multiplier": 120})
    add(database, "analytics_round_signals", {**child, "signal_type": "pre_flight"})
    add(database, "analytics_round_outcomes", {**child, "outcome": "WIN"})
    add(database, "ocr_validation_logs", child)
    add(
        database,
        "rounds",
        {"round_id": name, "session_id": "s", "table_name": "t", "game_name": "aviator",
         "round_number": 1_000 - days_ago * 20 + ord(name[0]), "seen_from": "betting", "betting_utc_us": at,
         "recorded_utc_us": at + US_PER_DAY},
    )  # fmt: skip
    add(database, "round_snapshots", {"id": name, "round_id": name, "at_utc_us": at, "phase": "flying"})
    moment = {"session_id": "s", "table_name": "t", "moment": "decided", "at_utc_us": at}
    add(database, "round_pictures", {"id": name, "round_id": name, **moment})
    add(
        database,
        "bets",
        {"bet_id": name, "session_id": "s", "account": "acc", "table_name": "t", "round_id": name, "panel": 0,
         "stake_minor": 100, "currency": "EUR", "state": state, "ordered_utc_us": at},
    )  # fmt: skip
    add(database, "bet_events", {"id": name, "bet_id": name, "to_state": state, "at_utc_us": at})
    about = {"session_id": "s", "at_utc_us": at, "id": name}
    add(database, "denials", {**about, "account": "acc", "table_name": "t", "limit_name": "l", "reason": "r"})
    add(database, "error_logs", {**about, "error_type": "e", "message": "m"})
    add(database, "alerts", {**about, "bot_id": "a", "kind": "k", "severity": "s", "message": "m"})
    seen = {"session_id": "s", "bot_id": "a", "game_name": "aviator", "id": name}
    add(database, "round_gaps", {**seen, "at_utc_us": at, "rounds": 2, "reason": "r"})
    add(database, "watched_intervals", {**seen, "from_utc_us": at - 7_200_000_000, "to_utc_us": at})


PER_ROUND = (
    "crash_game_rounds", "analytics_round_multipliers", "analytics_round_signals", "analytics_round_outcomes",
    "ocr_validation_logs", "rounds", "round_snapshots", "round_pictures", "bets", "bet_events", "denials",
    "error_logs", "alerts", "round_gaps", "watched_intervals",
)  # fmt: skip


@pytest.fixture
def opened(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    add(database, "bot_vm_registration", {"bot_id": "a"})
    add(
        database,
        "session_logs",
        {"session_id": "s", "bot_id": "a", "mode": "practice", "strategy_name": "x", "status": "ended",
         "started_utc_us": start(30)},
    )  # fmt: skip
    yield database
    assert {
        finding.name: finding.detail for finding in check_database(database=database) if not finding.ok
    } == {}
    database.close()


def rows(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {name: connection.scalar(select(func.count()).select_from(T[name])) or 0 for name in PER_ROUND}


def names(database: Database, table: str = "crash_game_rounds") -> list[str]:
    key = "round_id" if "round_id" in T[table].primary_key.columns else "id"
    with database.engine.connect() as connection:
        return list(connection.scalars(select(T[table].c[key]).order_by(T[table].c[key])))


# -- purging --------------------------------------------------------------------------------------------


def test_whole_days_go_with_all_that_belongs_to_their_rounds(opened: Database) -> None:
    for name, days_ago in (("a", 12), ("b", 11), ("c", 10), ("d", 3)):
        add_round(opened, name, days_ago)
    told: list[tuple[int, int]] = []
    before = date(2026, 1, 1) - timedelta(days=10)
    expected = purge_older_than(before, database=opened, dry_run=True, clock=CLOCK)
    assert rows(opened) == dict.fromkeys(PER_ROUND, 4)
    purged = purge_older_than(before, database=opened, clock=CLOCK, progress=lambda *now: told.append(now))
    assert rows(opened) == dict.fromkeys(PER_ROUND, 2)
    assert names(opened) == ["c", "d"]
    assert purged.rows == dict.fromkeys(PER_ROUND, 2) == expected.rows
    assert (purged.before, purged.total) == (before, 2 * len(PER_ROUND))
    assert told == [(0, 2), (1, 2), (2, 2)]
    with opened.engine.connect() as connection:
        assert connection.scalar(text("SELECT SUM(total_rounds) FROM round_totals_daily")) == 2
        assert connection.scalar(text("SELECT SUM(profit_total) FROM round_totals_session")) == 100
        assert connection.scalar(text("SELECT SUM(rounds) FROM multiplier_histogram")) == 2
        assert connection.scalar(text("SELECT SUM(signals) FROM signal_totals")) == 2
        assert connection.scalar(text("SELECT COUNT(*) FROM session_logs")) == 1


def test_a_second_purge_finds_nothing(opened: Database) -> None:
    add_round(opened, "a", 12)
    for total in (len(PER_ROUND), 0):
        purged = purge_older_than(timedelta(days=5), database=opened, clock=CLOCK)
        assert purged.total == total


@pytest.mark.parametrize("state", ["placed", "unknown", "ordered"])
def test_a_round_with_an_open_bet_stays(opened: Database, state: str) -> None:
    add_round(opened, "a", 12, state=state)
    add_round(opened, "b", 12)
    expected = purge_older_than(timedelta(days=5), database=opened, clock=CLOCK, dry_run=True)
    purged = purge_older_than(timedelta(days=5), database=opened, clock=CLOCK)
    assert purged.rows == expected.rows
    assert names(opened) == names(opened, "rounds") == ["a"]
    of_rounds = dict.fromkeys(PER_ROUND[:10], 1)
    assert rows(opened) == {**dict.fromkeys(PER_ROUND, 0), **of_rounds}


def test_what_has_no_round_goes_by_its_own_age(opened: Database) -> None:
    add_round(opened, "old", 12)
    add_round(opened, "new", 3)
    with opened.writing() as connection:
        connection.execute(delete(T["crash_game_rounds"]))
    expected = purge_older_than(timedelta(days=5), database=opened, clock=CLOCK, dry_run=True)
    # What had a round of the bot's own had it when it was counted.
    purged = purge_older_than(timedelta(days=5), database=opened, clock=CLOCK)
    assert set(expected.rows) <= set(purged.rows)
    assert rows(opened) == {**dict.fromkeys(PER_ROUND, 1), "crash_game_rounds": 0}


def test_a_watched_time_is_cut_at_the_first_day_that_stays(opened: Database) -> None:
    cut = (TODAY - 5) * US_PER_DAY
    seen = {"session_id": "s", "bot_id": "a", "game_name": "aviator"}
    add(
        opened,
        "watched_intervals",
        {**seen, "id": "1", "from_utc_us": cut - 5, "to_utc_us": cut + 5},
        {**seen, "id": "2", "from_utc_us": cut - 5, "to_utc_us": cut},
        {**seen, "id": "3", "from_utc_us": cut + 1, "to_utc_us": cut + 2},
    )
    purge_older_than(timedelta(days=5), database=opened, clock=CLOCK)
    with opened.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT id, from_utc_us - :cut FROM watched_intervals ORDER BY 1"), {"cut": cut}
        )
        assert [tuple(row) for row in kept] == [("1", 0), ("3", 1)]


def test_rounds_of_unknown_time_stay(opened: Database) -> None:
    add_round(opened, "a", 12)
    with opened.writing() as connection:
        connection.execute(text("UPDATE crash_game_rounds SET round_start_timestamp = NULL"))
    purge_older_than(timedelta(days=5), database=opened, clock=CLOCK)
    assert names(opened) == ["a"]


def test_a_day_of_many_rounds_goes_in_several_transactions(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk, count = 50, 120
    monkeypatch.setattr(purge, "CHUNK", chunk)
    many = [
        {"round_id": f"{n:06}", "bot_id": "a", "game_name": "jetx", "round_outcome": "SKIP",
         "session_id": f"s{n % 9}", "crash_multiplier_detected": 100 + n % 700,
         "round_start_timestamp": start(20 if n else 4)}
        for n in range(count)
    ]  # fmt: skip
    with opened.writing() as connection:
        connection.execute(insert(T["crash_game_rounds"]), many)
    told: list[tuple[int, int]] = []
    purge_older_than(timedelta(days=9), database=opened, clock=CLOCK, progress=lambda *now: told.append(now))
    assert len(told) == 1 + math.ceil((count - 1) / chunk)
    assert names(opened) == ["000000"]


@pytest.mark.parametrize(
    "before",
    [
        timedelta(days=-1),
        timedelta(0),
        date(2026, 1, 1),
        date(2027, 1, 1),
        datetime(2025, 12, 1),  # noqa: DTZ001 - naive on purpose
        datetime(2026, 1, 1, 12, tzinfo=UTC),
    ],
)
def test_what_the_limits_look_back_on_and_naive_times_are_refused(opened: Database, before: date) -> None:
    with pytest.raises(BadInput) as caught:
        purge_older_than(before, database=opened, clock=CLOCK)
    assert "\n" not in str(caught.value)


def test_an_aware_time_is_rounded_down_to_its_day(opened: Database) -> None:
    moment = datetime(2025, 12, 20, 23, 59, tzinfo=UTC)
    assert purge_older_than(moment, database=opened, clock=CLOCK).before == date(2025, 12, 20)


# -- totals, checks, sizes ------------------------------------------------------------------------------


def break_totals(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE round_totals_daily SET profit_total = profit_total + 1"))
        connection.execute(text("DELETE FROM multiplier_histogram"))


def test_a_refresh_mends_what_was_changed_past_the_triggers_and_counts_it(opened: Database) -> None:
    add_round(opened, "a", 3)
    add_round(opened, "b", 4)
    assert refresh_aggregates(database=opened).total == 0
    break_totals(opened)
    wrong = {finding.name for finding in check_database(database=opened) if not finding.ok}
    assert wrong == {"round_totals_daily", "multiplier_histogram"}
    told: list[tuple[int, int, str]] = []
    found = refresh_aggregates(database=opened, progress=lambda *now: told.append(now))
    assert found.differences == {"round_totals_daily": 2, "multiplier_histogram": 1}
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]
    assert refresh_aggregates(database=opened).total == 0


def test_the_daily_view_shows_a_row_a_bot_and_day(opened: Database) -> None:
    add_round(opened, "a", 3)
    add_round(opened, "b", 3)
    add_round(opened, "c", 2)
    refresh_aggregates(database=opened)
    with opened.engine.connect() as connection:
        found = connection.execute(text("SELECT * FROM mv_daily_bot_stats ORDER BY date_bucket")).mappings()
        first, second = (dict(row) for row in found)
    assert (first["total_rounds"], second["total_rounds"]) == (2, 1)
    assert str(first["day"]) == "2025-12-29"
    assert str(first["total_profit"]) == "1.00"
    assert str(first["total_stake"]) == "2.00"
    assert float(first["roi_percent"]) == 50
    assert float(first["win_rate_percent"]) == 100
    assert float(first["average_multiplier"]) == 2


def test_money_of_several_currencies_is_not_added_in_the_daily_view(opened: Database) -> None:
    add_round(opened, "a", 3)
    add_round(opened, "b", 3)
    with opened.writing() as connection:
        connection.execute(text("UPDATE crash_game_rounds SET currency = 'USD' WHERE round_id = 'b'"))
    refresh_aggregates(database=opened)
    with opened.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM mv_daily_bot_stats")).mappings().one()
    assert (row["total_rounds"], row["currency"], row["total_profit"], row["roi_percent"]) == (
        2,
        None,
        None,
        None,
    )


def test_a_missing_index_is_found(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP INDEX ix_wide_day"))
    found = {finding.name: finding for finding in check_database(database=database)}
    assert not found["objects"].ok
    assert "ix_wide_day" in found["objects"].detail


def test_a_row_that_names_a_missing_one_is_found(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path)) as careless, careless:
        careless.execute(
            "INSERT INTO bet_events (id, bet_id, to_state, at_utc_us) VALUES ('1', 'no', 'won', 1)"
        )
    found = {finding.name: finding for finding in check_database(database=database)}
    assert "bet_events" in found["foreign keys"].detail


def test_vacuum_gives_space_back(opened: Database) -> None:
    with opened.writing() as connection:
        pictures = [
            {"id": str(n), "session_id": "s", "error_type": "e", "message": "m" * 1_000, "at_utc_us": 1}
            for n in range(2_000)
        ]
        connection.execute(insert(T["error_logs"]), pictures)
        connection.execute(delete(T["error_logs"]))
    before, after = vacuum(database=opened)
    assert after < before


def test_stats_say_how_large_and_over_which_time(opened: Database) -> None:
    add_round(opened, "a", 12)
    add_round(opened, "b", 3)
    stats = database_stats(database=opened)
    assert (stats.rounds, stats.bots, stats.engine) == (2, 1, opened.engine.dialect.name)
    assert stats.first == datetime(2025, 12, 20, 1, tzinfo=UTC)
    assert stats.last == datetime(2025, 12, 29, 1, tzinfo=UTC)
    assert {table.name for table in stats.tables} == set(T)
    assert {table.rows for table in stats.tables if table.name in PER_ROUND} == {2}
    assert all(table.size_bytes is not None for table in stats.tables)
    assert stats.size_bytes > 0


def test_stats_of_an_empty_database(database: Database) -> None:
    stats = database_stats(database=database)
    assert (stats.rounds, stats.first, stats.last) == (0, None, None)
