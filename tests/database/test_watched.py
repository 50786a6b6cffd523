"""What was watched and what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.database import Database, WatchedInterval, get_bot_statistics, open_database, watched
from bot.database.copying import store_rows
from bot.database.watched import MOST_INTERVALS
from bot.domain.errors import BadInput
from tests.database import played
from tests.database.played import a_round, at

D = Decimal


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    played.bot(opened)
    yield opened
    opened.close()


def moments(*pairs: tuple[int, int]) -> list[tuple[datetime, datetime]]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        (epoch + timedelta(microseconds=low), epoch + timedelta(microseconds=high)) for low, high in pairs
    ]


def test_intervals_that_overlap_or_touch_are_one(database: Database) -> None:
    for low, high in ((1, 2), (2, 3), (2.5, 2.75), (5, 6), (7, 7)):
        played.watched(database, at(0, low), at(0, high))
    said = watched(database, bot_id="bot-1")
    assert said["intervals"] == moments((at(0, 1), at(0, 3)), (at(0, 5), at(0, 6)))
    assert (said["interval_count"], said["seconds"]) == (2, D("10800"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=15))
def test_merging_by_the_database_covers_each_second_once(
    database: Database, pairs: list[tuple[int, int]]
) -> None:
    with database.writing() as connection:
        connection.execute(delete(WatchedInterval.__table__))
    for number, (low, length) in enumerate(pairs):
        played.watched(database, at(0, low), at(0, low + length), name=str(number))
    covered = {hour for low, length in pairs for hour in range(low, low + length)}
    starts = [hour for hour in sorted(covered) if hour - 1 not in covered]
    said = watched(database, game_name="aviator")
    assert said["seconds"] == 3600 * len(covered)
    assert said["interval_count"] == len(starts)
    assert [low for low, _ in said["intervals"]] == [moments((at(0, h), 0))[0][0] for h in starts]
    assert sum((high - low).total_seconds() for low, high in said["intervals"]) == 3600 * len(covered)


def test_a_period_cuts_intervals_and_gaps(database: Database) -> None:
    played.watched(database, at(0, 20), at(1, 4))
    played.gap(database, 3, at(0, 21))
    played.gap(database, None, at(1, 1))
    played.rounds(database, a_round(1, round_start_timestamp=at(1, 2)))
    said = watched(database, bot_id="bot-1", start_date=date(2026, 1, 6))
    assert said["intervals"] == moments((at(1, 0), at(1, 4)))
    assert (said["rounds_missed"], said["gaps_of_unknown_size"], said["rounds_seen"]) == (0, 1, 1)
    night = watched(
        database, game_name="aviator",
        start_date=datetime(2026, 1, 5, 20, 30, tzinfo=UTC), end_date=datetime(2026, 1, 6, 3, tzinfo=UTC),
    )  # fmt: skip
    assert night["seconds"] == D("23400") and night["rounds_missed"] == 3 and night["rounds_seen"] == 1


def test_the_share_of_rounds_missed(database: Database) -> None:
    played.rounds(database, *(a_round(n) for n in range(3)))
    played.gap(database, 1, at(0, 1))
    said = get_bot_statistics("bot-1", database=database)["watched"]
    assert (said["rounds_seen"], said["rounds_missed"], said["missed_share"]) == (3, 1, D("0.250000"))


def test_many_intervals_are_counted_and_not_all_listed(database: Database) -> None:
    names = ("id", "session_id", "bot_id", "game_name", "from_utc_us", "to_utc_us")
    many = MOST_INTERVALS + 5
    rows = [(str(n), "s", "bot-1", "aviator", 1_000 * n, 1_000 * n + 10) for n in range(many)]
    store_rows(database, "watched_intervals", names, rows)
    said = watched(database)
    assert (len(said["intervals"]), said["interval_count"]) == (MOST_INTERVALS, many)
    assert said["seconds"] == D(10 * many) / 1_000_000


def test_a_session_is_named_alone(database: Database) -> None:
    with pytest.raises(BadInput, match="session_id is named alone"):
        watched(database, session_id="s", bot_id="bot-1")
