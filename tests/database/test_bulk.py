"""Rounds in bulk come with the models' types, exactly, in order, in one state of the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bot.database import Database, bulk_sources, open_database
from bot.database.bulk import Selection, open_rounds
from bot.database.bulk_child import BATCH_ROWS
from bot.database.copying import store_rows
from bot.domain.errors import BadInput, StorageError
from tests.database.bulk_rounds import DAY_US, ROUNDS, START_US, a_round, store


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


def read(database: Database, columns: list[str] | None = None, **wanted: Any) -> pa.Table:
    with open_rounds(database, columns, Selection(**wanted)) as stream:
        return pa.Table.from_batches(stream.batches, stream.schema)


def ids(database: Database, **wanted: Any) -> list[int]:
    return [
        int(text.split("-")[1]) for text in read(database, ["round_id"], **wanted)["round_id"].to_pylist()
    ]


@pytest.mark.parametrize("small", [0, 10_000])
def test_every_kind_of_value_comes_as_people_expect_it(
    database: Database, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_sources, "SMALL", small)  # both ways of reading SQLite
    empty = a_round(1, session_id=None, table_name=None, multiplier_detection_confidence=None)
    full = a_round(
        2,
        stake_value=2**62,
        profit_loss_amount=-5,
        duration_seconds=12_345_678,
        expected_profit=-300,
        manual_override_flag=True,
        ocr_timeout_flag=False,
        ocr_raw_text='2,45 €\n"x"',
        metadata={"players": 7, "text": "Ähre"},
    )
    store(database, [empty, full])
    columns = [
        "session_id", "round_start_timestamp", "stake_value", "profit_loss_amount", "duration_seconds",
        "expected_profit", "manual_override_flag", "ocr_timeout_flag", "ocr_raw_text", "date_bucket",
        "hour_bucket", "multiplier_detection_confidence",
    ]  # fmt: skip
    first, second = read(database, columns).to_pylist()
    assert (
        first["session_id"] is None and first["stake_value"] is None and first["manual_override_flag"] is None
    )
    assert second == {
        "session_id": "session-1",
        "round_start_timestamp": datetime(2026, 1, 1, 0, 2, tzinfo=UTC),
        "stake_value": Decimal(2**62) / 100,
        "profit_loss_amount": Decimal("-0.05"),
        "duration_seconds": Decimal("12.345678"),
        "expected_profit": Decimal("-0.0300"),
        "manual_override_flag": True,
        "ocr_timeout_flag": False,
        "ocr_raw_text": '2,45 €\n"x"',
        "date_bucket": date(2026, 1, 1),
        "hour_bucket": 0,
        "multiplier_detection_confidence": 0.97,
    }


def test_metadata_is_json_text(database: Database) -> None:
    store(database, [a_round(1), a_round(2, metadata={"players": 7})])
    assert read(database, ["metadata"])["metadata"].to_pylist()[0] is None
    assert read(database, ["metadata"])["metadata"].to_pylist()[1].replace(" ", "") == '{"players":7}'


def test_a_column_that_is_empty_for_many_rows_keeps_its_type(database: Database) -> None:
    rows = [tuple(a_round(number).values()) for number in range(BATCH_ROWS + 10)]
    store(database, [a_round(BATCH_ROWS + 20, strategy_name="late", stake_value=150, processing_time_ms=1.5)])
    assert store_rows(database, ROUNDS, tuple(a_round(0)), rows) == len(rows)
    table = read(database, ["strategy_name", "stake_value", "processing_time_ms"])
    assert table.num_rows == len(rows) + 1
    assert table.to_pylist()[-1] == {
        "strategy_name": "late", "stake_value": Decimal("1.50"), "processing_time_ms": 1.5
    }  # fmt: skip
    assert table.schema.types == [pa.string(), pa.decimal128(19, 2), pa.float64()]


def test_no_rounds_have_the_types_all_the_same(database: Database) -> None:
    table = read(database)
    assert table.num_rows == 0
    assert table.schema.field("crash_multiplier_detected").type == pa.decimal128(19, 2)
    assert table.schema.field("round_start_timestamp").type == pa.timestamp("us", "UTC")
    assert table.schema.field("date_bucket").type == pa.date32()


def test_rounds_come_in_the_order_of_time_those_without_first(database: Database) -> None:
    store(
        database,
        [
            a_round(5),
            a_round(3, round_start_timestamp=None, round_end_timestamp=START_US + 4 * 60_000_000),
            a_round(9, round_start_timestamp=START_US - DAY_US),
            a_round(8, round_start_timestamp=None),
            a_round(7, round_start_timestamp=None),
            a_round(6, bot_id="bot-2"),
        ],
    )
    assert ids(database) == [7, 8, 9, 3, 5, 6]
    assert read(database, ["date_bucket"])["date_bucket"].to_pylist()[0] is None


def test_a_limit_gives_the_newest_oldest_first(database: Database) -> None:
    store(database, [a_round(day, round_start_timestamp=START_US + day * DAY_US // 3) for day in range(10)])
    for limit in range(12):
        assert ids(database, limit=limit) == list(range(max(0, 10 - limit), 10))
        assert ids(database, limit=limit, bot_id="bot-1") == list(range(max(0, 10 - limit), 10))
        assert ids(database, limit=limit, session_id="session-1") == list(range(max(0, 10 - limit), 10))


def test_a_selection_fulfils_all_that_is_named(database: Database) -> None:
    store(
        database,
        [
            a_round(1),
            a_round(2, bot_id="bot-2"),
            a_round(3, game_name="jetx"),
            a_round(4, session_id="other"),
            a_round(5, platform_code=None),
            a_round(6, crash_multiplier_detected=None),
            a_round(7, round_start_timestamp=START_US + DAY_US),
        ],
    )
    assert ids(database, bot_id="bot-2") == [2]
    assert ids(database, game_name="jetx", limit=5) == [3]
    assert ids(database, session_id="other") == [4]
    assert 5 not in ids(database, platform_code="spribe")
    assert 6 not in ids(database, finished=True)
    assert ids(database, finished=True, limit=2) == [5, 7]
    assert ids(database, start=date(2026, 1, 2)) == [7]
    assert 7 not in ids(database, end=date(2026, 1, 1)) and 6 in ids(database, end=date(2026, 1, 1))
    second, fourth = (datetime(2026, 1, 1, 0, minute, tzinfo=UTC) for minute in (2, 4))
    assert ids(database, start=second, end=fourth) == [2, 3]


@pytest.mark.parametrize("text", ["' OR 1=1 --", "100%", "a\\' OR 1=1", "x:y", "%s", "?"])
def test_names_are_data_never_sql(database: Database, text: str) -> None:
    store(database, [a_round(1), a_round(2, game_name=text, session_id=text)])
    assert ids(database, game_name=text) == [2]
    assert ids(database, session_id=text, limit=5) == [2]


def test_what_cannot_be_meant_is_refused(database: Database) -> None:
    for wanted in (
        {"limit": -1},
        {"start": datetime(2026, 1, 1)},  # noqa: DTZ001  # without a zone on purpose
        {"start": date(2026, 1, 3), "end": date(2026, 1, 1)},
        {"game_name": "a\0b"},
    ):
        with pytest.raises(BadInput):
            read(database, ["round_id"], **wanted)
    with pytest.raises(BadInput, match="no column 'nope'"):
        read(database, ["nope"])


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    columns = tuple(a_round(0))
    rows = [tuple(a_round(number).values()) for number in range(3 * BATCH_ROWS)]
    store(database, [a_round(99_999)])
    store_rows(database, ROUNDS, columns, rows)
    with open_rounds(database, ["round_id"]) as stream:
        read_so_far = next(stream.batches).num_rows
        more = [tuple(a_round(number, round_id=f"late-{number}").values()) for number in range(1_000)]
        writer = threading.Thread(target=store_rows, args=(database, ROUNDS, columns, more))
        writer.start()
        writer.join(30)
        assert not writer.is_alive()
        assert read_so_far + sum(batch.num_rows for batch in stream.batches) == len(rows) + 1
    assert read(database, ["round_id"]).num_rows == len(rows) + 1 + len(more)


def test_reading_may_stop_at_any_time(database: Database) -> None:
    rows = [tuple(a_round(number).values()) for number in range(2 * BATCH_ROWS)]
    store(database, [a_round(99_999)])
    store_rows(database, ROUNDS, tuple(a_round(0)), rows)
    with open_rounds(database) as stream:
        assert next(stream.batches).num_rows
    assert ids(database, limit=1) == [99_999]


def test_a_database_in_memory_is_read_too() -> None:
    with closing(open_database("sqlite://")) as database:
        store(database, [a_round(1), a_round(2, stake_value=150, manual_override_flag=True)])
        rows = read(database, ["stake_value", "manual_override_flag"]).to_pylist()
        assert rows[1] == {"stake_value": Decimal("1.50"), "manual_override_flag": True}


@pytest.mark.parametrize("small", [0, 10_000])
def test_a_value_of_another_kind_is_said_clearly(
    tmp_path: Path, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_sources, "SMALL", small)
    with closing(open_database(tmp_path / "bot.db")) as database:
        store(database, [a_round(1)])
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE {ROUNDS} SET round_number = 'many'")
        with pytest.raises(StorageError, match="round_number"):
            read(database, ["round_number"])


@pytest.mark.parametrize("small", [0, 10_000])
def test_a_column_that_is_gone_is_said_in_one_line(
    tmp_path: Path, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_sources, "SMALL", small)
    with closing(open_database(tmp_path / "bot.db")) as database:
        store(database, [a_round(1)])
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE crash_game_rounds RENAME COLUMN region TO area")
        with pytest.raises(StorageError, match="crashbot db upgrade"):
            read(database, ["region"])
