"""Values into the database and back: exact, or refused with the field's name."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint

from bot.database import Base, Database, RefusedValue, log_batch_rounds, log_crash_round, register_bot
from bot.database.logged_names import SHORT_NAMES, column_named
from bot.database.logged_rules import rules_of
from bot.database.logged_values import EXACT_LIMIT, taker_of
from bot.database.values import readable, table_named
from bot.domain.errors import BadInput
from tests.database.logged import BOT, count, lost, register, stored

WIDE = "crash_game_rounds"


def test_every_check_of_every_table_is_understood_in_python() -> None:
    assert {name: rules_of(name).unread for name in Base.metadata.tables if rules_of(name).unread} == {}


def test_rules_say_what_the_checks_say() -> None:
    """Counted without the parser: every comparison and every list of words became a rule."""
    for name, table in Base.metadata.tables.items():
        texts = [str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint)]
        parts = [part for text in texts for part in text.split(" AND ")]
        rules = rules_of(name)
        bounds = [bound for s in rules.spans.values() for bound in (s.low, s.high) if bound is not None]
        assert len(parts) == len(bounds) + len(rules.words) + len(rules.orders), name


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_a_value_beyond_a_bound_is_refused_and_one_at_it_taken(table: str) -> None:
    for name, span in rules_of(table).spans.items():
        column = taker_of(table, name)
        for bound, outside in ((span.low, -1), (span.high, 1)):
            if bound is None:
                continue
            at, beyond = (readable(table, {name: value})[name] for value in (bound, bound + outside))
            assert column.one(at) == bound
            with pytest.raises(RefusedValue, match=f"{table}.{name} must"):
                column.one(beyond)


def test_short_names_lead_to_columns() -> None:
    for table, names in SHORT_NAMES.items():
        assert [name for name in names.values() if name not in table_named(table).columns] == []
        assert [name for name in names if column_named(table, name) != names[name]] == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("crash_multiplier_detected", Decimal("0.99"), "at least 1.00, not 0.99"),
        ("crash_multiplier_detected", Decimal("2.455"), "at most 2 decimal places, not 2.455"),
        ("crash_multiplier_detected", 2.45, "binary float.*Decimal or a text, not 2.45"),
        ("crash_multiplier_detected", "2.45x", "decimal number, not '2.45x'"),
        ("crash_multiplier_detected", "２.45", "decimal number"),
        ("crash_multiplier_detected", "", "decimal number, not ''"),
        ("target_multiplier", Decimal("1.00"), "at least 1.01, not 1.00"),
        ("stake_value", Decimal("-0.01"), "at least 0.00, not -0.01"),
        ("stake_value", Decimal("NaN"), "finite number, not NaN"),
        ("stake_value", Decimal("-Infinity"), "finite number, not -Infinity"),
        ("stake_value", "NaN", "decimal number, not 'NaN'"),
        ("stake_value", math.nan, "binary float.*not nan"),
        ("stake_value", True, "not True"),
        ("stake_value", Decimal("1e999999"), "at most 9999999999999.99"),
        ("stake_value", Decimal("1e-999999"), "at most 2 decimal places"),
        ("stake_value", 10**5_000, "at most 9999999999999.99"),
        ("stake_value", [1], r"not \[1\]"),
        ("profit_loss_amount", Decimal("-1e13"), "at least -9999999999999.99"),
        ("round_start_timestamp", datetime(2026, 1, 1), "time zone.*not '2026-01-01 00:00:00'"),  # noqa: DTZ001
        ("round_start_timestamp", "2026-01-01 00:00:00", "time zone"),
        ("round_start_timestamp", "yesterday", "a time like 2026-.*not 'yesterday'"),
        ("round_start_timestamp", 1_767_225_600, "datetime with a time zone, not 1767225600"),
        ("round_start_timestamp", date(2026, 1, 1), "datetime with a time zone"),
        ("round_start_timestamp", datetime(1969, 12, 31, tzinfo=UTC), "must not lie before 1970-01-01"),
        ("round_number", True, "whole number, not True"),
        ("round_number", 1.0, "whole number, not 1.0"),
        ("round_number", -1, "at least 0, not -1"),
        ("round_number", 1 << 63, "64 bits, not 9223372036854775808"),
        ("multiplier_detection_confidence", 1.01, "at most 1, not 1.01"),
        ("multiplier_detection_confidence", math.nan, "finite number, not nan"),
        ("processing_time_ms", math.inf, "finite number, not inf"),
        ("processing_time_ms", "3", "must be a number, not '3'"),
        ("ocr_timeout_flag", 1, "True or False, not 1"),
        ("round_outcome", "DRAW", "one of WIN, LOSS, SKIP, ERROR, UNKNOWN, not 'DRAW'"),
        ("round_outcome", "win", "not 'win'"),
        ("error_type", "alien", "one of bet_failed, .*not 'alien'"),
        ("bot_id", "", "must not be empty"),
        ("bot_id", "x" * 129, "at most 128 characters, not 129: 'xxx"),
        ("bot_id", 7, "must be a text, not 7"),
        ("ocr_raw_text", "2.45\0", r"without NUL, not '2.45\\x00'"),
        ("ocr_raw_text", "x" * 1_000_001, "at most 1,000,000 characters, not 1,000,001"),
        ("ocr_raw_text", "\ud800", "UTF-8"),
        ("ocr_raw_text", b"2.45", "must be a text"),
        ("metadata", {"picture": "x" * 5_000_000}, "at most 1,000,000 characters, not 5,000,"),
        ("metadata", {"a": [math.nan]}, "JSON"),
        ("metadata", {"a": {1: "one"}}, "texts as keys, not 1"),
        ("metadata", {2: "two"}, "texts as keys, not 2"),
        ("metadata", {"a": ["\0"]}, "without NUL"),
        ("metadata", {"\0": 1}, "without NUL"),
        ("metadata", {"a": "\udfff"}, "UTF-8"),
        ("metadata", {"a": Decimal(1)}, "JSON"),
        ("metadata", ["a"], "object, not"),
        ("metadata", "{}", "object, not '{}'"),
    ],
    ids=lambda part: ascii(part)[:30] if isinstance(part, str) else "value",
)
def test_a_value_that_cannot_be_stored_is_refused_with_field_and_value(
    field: str, value: Any, says: str
) -> None:
    with pytest.raises(RefusedValue, match=f"^{WIDE}.{field} .*{says}") as refused:
        taker_of(WIDE, field).one(value)
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)
    with pytest.raises((BadInput, ValueError, ArithmeticError, TypeError)):
        taker_of(WIDE, field).many([value])


def test_a_metadata_object_that_holds_itself_is_refused() -> None:
    round_about: dict[str, Any] = {}
    round_about["self"] = round_about
    with pytest.raises(RefusedValue, match="metadata cannot be written as JSON"):
        taker_of(WIDE, "metadata").one(round_about)
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"deeper": deep}
    with pytest.raises(RefusedValue, match="metadata cannot be written as JSON"):
        taker_of(WIDE, "metadata").one(deep)


@pytest.mark.parametrize(
    ("field", "value", "is_stored"),
    [
        ("stake_value", "1.50", 150),
        ("stake_value", " 1.5 ", 150),
        ("stake_value", 2, 200),
        ("stake_value", Decimal("0E-20"), 0),
        ("stake_value", Decimal("1.5000"), 150),
        ("duration_seconds", Decimal("9.123456"), 9_123_456),
        ("round_start_timestamp", "2026-01-01T00:00:00Z", 1_767_225_600_000_000),
        ("round_start_timestamp", "2026-01-01T03:00:00.000001+03:00", 1_767_225_600_000_001),
        (
            "round_start_timestamp",
            datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=3))),
            1_767_225_600_000_000,
        ),
        ("metadata", {"text": "\\u0000 is six letters"}, {"text": "\\u0000 is six letters"}),
        ("metadata", {}, {}),
    ],
)
def test_forms_of_a_value_that_are_taken(field: str, value: Any, is_stored: Any) -> None:
    assert taker_of(WIDE, field).one(value) == is_stored
    assert taker_of(WIDE, field).many([None, value]) == [None, is_stored]


def test_stored_values_become_decimals_times_and_days() -> None:
    row = {
        "stake_value": 150,
        "expected_profit": -300,
        "round_start_timestamp": 1_767_225_600_000_001,
        "date_bucket": 20_454,
        "ocr_timeout_flag": 0,
        "metadata": '{"a": 1}',
        "rounds_counted": 3,
        "target_multiplier": None,
    }
    assert readable(WIDE, row) == {
        "stake_value": Decimal("1.50"),
        "expected_profit": Decimal("-0.0300"),
        "round_start_timestamp": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "date_bucket": date(2026, 1, 1),
        "ocr_timeout_flag": False,
        "metadata": {"a": 1},
        "rounds_counted": 3,
        "target_multiplier": None,
    }
    assert readable(WIDE, {"date_bucket": -1}) == {"date_bucket": None}
    assert readable("session_logs", {"started_utc_us": 0})["started_utc_us"] == datetime(
        1970, 1, 1, tzinfo=UTC
    )
    assert readable("bets", {"stake_minor": 5, "target": 245}) == {
        "stake_minor": Decimal("0.05"),
        "target": Decimal("2.45"),
    }


cents = st.integers(1 - EXACT_LIMIT, EXACT_LIMIT - 1).map(lambda n: Decimal(n).scaleb(-2))
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(-1e6, 1e6).map(lambda x: round(x, 6)),
    TEXTS,
)
OBJECTS = st.dictionaries(TEXTS, st.one_of(PLAIN, st.lists(PLAIN, max_size=3)), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    profit=cents,
    balance=cents,
    crash=st.integers(100, EXACT_LIMIT - 1).map(lambda n: Decimal(n).scaleb(-2)),
    text=TEXTS,
    extra=OBJECTS,
    start=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_was_logged_comes_back_exactly(
    either: Database,
    profit: Decimal,
    balance: Decimal,
    crash: Decimal,
    text: str,
    extra: Any,
    start: datetime,
) -> None:
    register(either)
    given_values = {
        "profit_loss_amount": profit,
        "running_balance_after": balance,
        "crash_multiplier_detected": crash,
        "ocr_raw_text": text,
        "metadata": extra,
        "round_start_timestamp": start,
    }
    # Of its own: examples may agree in start and crash point, and would be one round.
    round_id = f"example-{count(either)}"
    log_crash_round(bot_id=BOT, game_name="aviator", round_id=round_id, database=either, **given_values)
    (row,) = stored(either, WIDE, round_id=round_id)
    assert {name: row[name] for name in given_values} == given_values
    batched = {"bot_id": BOT, "game_name": "aviator", "round_id": f"{round_id}-batched", **given_values}
    log_batch_rounds([batched], database=either)
    (row,) = stored(either, WIDE, round_id=f"{round_id}-batched")
    assert {name: row[name] for name in given_values} == given_values


def test_the_largest_amounts_sum_exactly(either: Database) -> None:
    register(either)
    most = Decimal(EXACT_LIMIT - 1).scaleb(-2)
    rounds = [lost(n, stake_value=most, profit_loss=-most, session_id="big") for n in range(50)]
    assert log_batch_rounds(rounds, database=either) == 50
    (totals,) = stored(either, "round_totals_session", session_id="big")
    assert totals["profit_total"] == -50 * most


def test_a_bot_may_have_any_name_that_is_text(either: Database) -> None:
    name = "Ω'; DROP TABLE bets; --\n😀"
    register_bot(name, database=either)
    assert [row["bot_id"] for row in stored(either, "bot_vm_registration")] == [name]
