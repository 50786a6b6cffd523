"""Daily, weekly and monthly summaries, comparison and trend."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analytics.comparison import compare
from bot.analytics.intervals import Days, roi_interval, student_t
from bot.analytics.periods import SPANS, name_of_span
from bot.analytics.summaries import summarise
from bot.analytics.trend import roi_trend
from bot.database import Database
from bot.database.statistics_sums import Sums
from bot.domain.errors import BadInput
from tests.database import played
from tests.database.played import a_round, at

D = Decimal


@given(day=st.dates(date(1970, 1, 1), date(2200, 1, 1)), every=st.sampled_from(sorted(SPANS)))
def test_each_day_lies_in_one_period_that_all_its_days_share(day: date, every: str) -> None:
    first, last = SPANS[every](day)
    assert first <= day <= last
    assert SPANS[every](first) == SPANS[every](last) == (first, last)


def test_names_of_periods() -> None:
    new_year = date(2027, 1, 1)  # a Friday: its ISO week is the last of the year before
    assert name_of_span("week", SPANS["week"](new_year)) == "2026-W53"
    assert name_of_span("month", SPANS["month"](new_year)) == "2027-01"
    assert name_of_span("day", SPANS["day"](new_year)) == "2027-01-01"


def test_a_summary_of_each_week_with_its_frame(database: Database) -> None:
    played.rounds(
        database,
        a_round(1, "WIN", round_start_timestamp=at(0, 1)),
        a_round(2, "LOSS", round_start_timestamp=at(6, 23)),
        a_round(3, "LOSS", round_start_timestamp=at(7, 0)),
        a_round(4, "SKIP", round_start_timestamp=None),
    )
    played.watched(database, at(6, 22), at(7, 3))
    played.gap(database, 2, at(6, 5))
    second, third, unknown = summarise("week", database=database)
    assert (second["period"], second["start"], second["end"]) == (
        "2026-W02", date(2026, 1, 5), date(2026, 1, 11),
    )  # fmt: skip
    assert (second["total_rounds"], second["total_profit"], second["roi_percent"]) == (2, D("0.00"), D(0))
    assert (second["watched_hours"], third["watched_hours"]) == (D("2.0000"), D("3.0000"))
    assert (second["rounds_missed"], second["missed_share"]) == (2, D("0.500000"))
    assert (third["period"], third["roi_percent"]) == ("2026-W03", D("-100.0000"))
    assert (unknown["period"], unknown["start"], unknown["total_rounds"]) == ("unknown", None, 1)


def test_summaries_add_up_to_the_whole(database: Database) -> None:
    for day in range(0, 70, 3):
        played.rounds(database, a_round(day, "WIN" if day % 2 else "LOSS", round_start_timestamp=at(day, 12)))
    for every in SPANS:
        found = summarise(every, database=database)
        assert sum(one["total_rounds"] for one in found) == 24
        assert sum(one["total_profit"] for one in found) == D("0.00")
    january = summarise("day", start_date=date(2026, 1, 6), end_date=date(2026, 1, 31), database=database)
    assert sum(one["total_rounds"] for one in january) == 8


def test_two_bots_at_one_time_watch_one_hour(database: Database) -> None:
    played.bot(database, "bot-2")
    played.watched(database, at(0, 1), at(0, 2))
    played.watched(database, at(0, 1), at(0, 2), bot_id="bot-2")
    assert summarise("day", database=database)[0]["watched_hours"] == D("1.0000")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"every": "year"}, "every must be one of day, week, month"),
        ({"start_date": datetime(2026, 1, 1, tzinfo=UTC)}, "start_date must be a date"),
        ({"bot_id": "nobody"}, "no such bot: 'nobody'"),
    ],
)
def test_a_summary_that_cannot_be_is_refused(
    database: Database, options: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        summarise(database=database, **options)  # type: ignore[arg-type]


def test_bots_side_by_side_the_best_first(database: Database) -> None:
    played.bot(database, "bot-2")
    for day in range(10):
        for number in range(20):
            won = number % 2 == 0
            when = at(day, number)
            played.rounds(
                database,
                a_round(100 * day + number, "WIN" if won else "LOSS", round_start_timestamp=when),
                a_round(100 * day + number, "LOSS", round_start_timestamp=when, bot_id="bot-2"),
            )
    answer = compare(database=database)
    even, lost = answer["rows"]
    assert (even["name"], even["roi_percent"]) == ("bot-1", D("0.0000"))
    assert (lost["name"], lost["roi_percent"], lost["roi_by_law_percent"]) == ("bot-2", D(-100), D(-3))
    assert even["roi_interval_basis"] == "10 days"
    assert lost["expected_profit_by_law"] == D("-6.0000")
    assert "negative expectation" in answer["notice"]
    only = compare(["bot-2"], database=database)
    assert [row["name"] for row in only["rows"]] == ["bot-2"]
    with pytest.raises(BadInput, match="no such bot: 'bot-3'"):
        compare(["bot-3"], database=database)


def test_currencies_are_compared_in_rows_of_their_own(database: Database) -> None:
    played.rounds(database, a_round(1, "WIN"), a_round(2, "LOSS", currency="USD"))
    rows = compare(by="strategy", database=database)["rows"]
    assert [(row["name"], row["currency"]) for row in rows] == [
        ("fixed_stake", "EUR"),
        ("fixed_stake", "USD"),
    ]


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(5)
    inside = 0
    for _ in range(400):
        profits = [sum(97 if chance.random() < 0.5 else -100 for _ in range(30)) for _ in range(25)]
        stake = 3_000
        days = Days(25, sum(p * p for p in profits), sum(p * stake for p in profits), 25 * stake * stake)
        found = roi_interval(Sums(stake_total=25 * stake, profit_total=sum(profits)), days)
        assert found is not None
        inside += found.low <= -1.5 <= found.high
    assert 0.92 <= inside / 400 <= 0.98


def test_without_days_enough_single_bets_are_the_sample() -> None:
    sums = Sums(wins=50, losses=50, stake_total=10_000, profit_total=0, win_total=5_000, loss_total=-5_000)
    found = roi_interval(sums, None)
    assert found is not None and found.basis.startswith("100 bets")
    assert found.high == pytest.approx(19.6) and found.low == pytest.approx(-19.6)
    assert roi_interval(Sums(), None) is None


def test_students_t_is_never_too_small() -> None:
    assert student_t(7) == 2.365 and student_t(11) == 2.228 and student_t(399) == 1.96


def test_the_trend_accumulates_and_rolls_over_days_of_the_calendar(database: Database) -> None:
    for day, outcome in ((0, "WIN"), (1, "LOSS"), (9, "LOSS")):
        played.rounds(database, a_round(day, outcome, round_start_timestamp=at(day, 1)))
    answer = roi_trend(bot_id="bot-1", window_days=7, database=database)
    points = answer["series"][0]["points"]
    assert [point["roi_percent"] for point in points] == [D(100), D(0), D("-33.3333")]
    assert [point["rolling_roi_percent"] for point in points] == [D(100), D(0), D(-100)]
    assert points[-1]["expected_profit"] == D("-0.0900")
    assert points[-1]["day"] == date(2026, 1, 14)
    with pytest.raises(BadInput, match="window_days"):
        roi_trend(window_days=0, database=database)
