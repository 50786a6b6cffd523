"""When a table was really in sight, and what was missed, as rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from bot.domain.ports import Record
from bot.runtime.messages import TableSpec
from bot.runtime.round_records import RoundRecords
from bot.runtime.watch_records import WatchRecords
from bot.table.events import RoundsMissed
from tests.table.flown import at, fly, reading_at

SPEC = TableSpec(
    "t", "aviator", "a", "EUR", "s", 1, 0, None, "", 1.0, "fixed_stake", bot_id="b", platform="p"
)
ROUNDS = fly([500])


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id{next(numbers)}"


def seconds_of(records: list[Record]) -> dict[object, list[Any]]:
    """Start and end of each interval, in seconds of the test's clock."""
    found: dict[object, list[Any]] = {}
    for values in (record.values for record in records if record.table == "watched_intervals"):
        interval = found.setdefault(values["id"], [values.get("from_utc_us"), None])
        interval[1] = values["to_utc_us"]
    return {name: [(us - 100_000_000) / 1_000_000 for us in pair] for name, pair in found.items()}


def watch(*moments: float) -> list[Record]:
    records = WatchRecords(SPEC, ids())
    return [r for n, moment in enumerate(moments) for r in records.seen(reading_at(ROUNDS, moment, n))]


def test_a_table_in_sight_without_a_break_is_one_interval() -> None:
    assert seconds_of(watch(*(n / 10 for n in range(101)))) == {"id1": [0.0, 10.0]}


def test_out_of_sight_for_a_while_ends_the_interval_where_the_table_was_last_written() -> None:
    assert seconds_of(watch(0, 0.5, 1, 1.5, 2, 6, 6.5, 7, 7.5)) == {"id1": [0.0, 2.0], "id2": [6.0, 7.0]}


def test_an_interval_says_which_bot_watched_what() -> None:
    first = next(record for record in watch(0) if record.table == "watched_intervals")
    wanted = {
        "session_id": "s",
        "bot_id": "b",
        "table_name": "t",
        "game_name": "aviator",
        "platform_code": "p",
    }
    assert first.values.items() >= wanted.items()


def gaps(event: RoundsMissed) -> list[object]:
    rows = RoundRecords(SPEC, ids()).of_event(event, reading_at(ROUNDS, 1, 1))
    return [row.values["rounds"] for row in rows if row.table == "round_gaps"]


def test_rounds_of_which_nothing_was_seen_are_a_gap() -> None:
    assert gaps(RoundsMissed(3, "covered", at(1))) == [3]
    assert gaps(RoundsMissed(None, "covered", at(1))) == [None]


def test_a_round_that_was_begun_is_marked_itself_and_is_no_gap() -> None:
    assert gaps(RoundsMissed(1, "covered", at(1), "r1")) == []
    assert gaps(RoundsMissed(3, "covered", at(1), "r1")) == [2]
