"""Many rows at once: all values, on both engines, once, with their totals, and nothing by halves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks.storing import COLUMNS, Maker
from bot.database import CrashGameRound, Database, open_database, store_rows, store_rows_in, store_what_can
from bot.database.copying_postgresql import COPIED_FROM
from bot.database.copying_sqlite import COUNT_BY_GROUP
from bot.domain.errors import BadInput, StorageError

ROUNDS = "crash_game_rounds"
SIZES = (1, COPIED_FROM - 1, COPIED_FROM, COUNT_BY_GROUP - 1, COUNT_BY_GROUP, 1_000)
NUMBER = COLUMNS.index("round_number")
OUTCOME = COLUMNS.index("round_outcome")
BOT = COLUMNS.index("bot_id")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    store_rows(opened, "bot_vm_registration", ["bot_id"], [(f"bot-{n}",) for n in range(3)])
    yield opened
    opened.close()


def stored(database: Database) -> list[tuple[Any, ...]]:
    table = CrashGameRound.__table__
    columns = [table.c[name] for name in COLUMNS]
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(table.select().with_only_columns(*columns))]


def count(database: Database, question: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.scalar(text(question)) or 0)


def counted(database: Database) -> int:
    return count(database, "SELECT SUM(total_rounds) FROM round_totals_daily")


def emptied(row: tuple[Any, ...], dice: random.Random) -> tuple[Any, ...]:
    """The row with some of the columns empty that may be."""
    kept = {"round_id", "bot_id", "game_name", "round_outcome", "round_number"}
    pairs = zip(COLUMNS, row, strict=True)
    return tuple(value if name in kept or dice.random() < 0.5 else None for name, value in pairs)


@pytest.mark.parametrize("size", SIZES)
def test_all_values_come_back_as_they_were_given_and_are_counted(database: Database, size: int) -> None:
    dice = random.Random(size)
    rows = [emptied(row, dice) for row in Maker(size).rows(size)]
    assert store_rows(database, ROUNDS, COLUMNS, rows) == size
    assert sorted(stored(database)) == sorted(rows)
    assert counted(database) == size


@pytest.mark.parametrize("size", SIZES)
def test_rows_that_are_there_already_change_nothing(database: Database, size: int) -> None:
    rows = Maker(2).rows(size)
    store_rows(database, ROUNDS, COLUMNS, rows)
    changed = [(*row[:NUMBER], 7, *row[NUMBER + 1 :]) for row in rows]
    new = Maker(3).rows(2)
    assert store_rows(database, ROUNDS, COLUMNS, [*changed, *new, *new]) == 2
    assert sorted(stored(database)) == sorted([*rows, *new])
    assert counted(database) == size + 2


def test_texts_and_numbers_at_their_edges_come_back_exact(database: Database) -> None:
    columns = ["round_id", "bot_id", "game_name", "round_outcome", "profit_loss_amount", "ocr_raw_text"]
    columns += ["multiplier_detection_confidence", "ocr_timeout_flag", "metadata"]
    largest = (1 << 63) - 1
    extras = {"text": "'); DROP TABLE rounds; --", "deep": [1, None, {"é": '\u2028\\\t"%s'}], "n": largest}
    for size in (1, COPIED_FROM, COUNT_BY_GROUP):
        rows = [
            (
                f"{size}-{n}",
                "bot-0",
                "%s",
                "SKIP",
                None,
                "\\N\t\n\\.'\"é漢😀",
                n / 37,
                n % 2 == 0,
                extras,
            )
            for n in range(size)
        ]
        rows[0] = (*rows[0][:4], largest if size == 1 else -largest, *rows[0][5:])
        assert store_rows(database, ROUNDS, columns, rows) == size
        with database.session() as session:
            wanted = [getattr(CrashGameRound, "extra" if n == "metadata" else n) for n in columns]
            found = session.query(*wanted).filter(CrashGameRound.round_id.like(f"{size}-%")).all()
        assert sorted(map(tuple, found)) == sorted(rows)


def test_columns_that_are_not_given_get_their_defaults(database: Database) -> None:
    store_rows(
        database,
        "analytics_round_multipliers",
        ["id", "round_id", "bot_id", "game_name", "multiplier"],
        [(f"{n}", "r", "bot-0", "aviator", 245) for n in range(20)],
    )
    question = (
        "SELECT COUNT(*) FROM analytics_round_multipliers WHERE NOT is_cashout AND created_at > 0"
        " AND date_bucket = -1"
    )
    assert count(database, question) == 20


@pytest.mark.parametrize("size", SIZES)
def test_one_wrong_row_and_none_is_stored(database: Database, size: int) -> None:
    rows = Maker(4).rows(size)
    rows[size // 2] = (*rows[size // 2][:OUTCOME], "NONSENSE", *rows[size // 2][OUTCOME + 1 :])
    with pytest.raises(BadInput, match="ck_wide_round_outcome_known"):
        store_rows(database, ROUNDS, COLUMNS, rows)
    assert (stored(database), counted(database)) == ([], 0)


def test_the_others_are_stored_when_asked_for(database: Database) -> None:
    rows = Maker(5).rows(200)
    wrong = (3, 4, 150)
    for index in wrong:
        rows[index] = (*rows[index][:BOT], "nobody", *rows[index][BOT + 1 :])
    number, refused = store_what_can(database, ROUNDS, COLUMNS, rows)
    assert (number, [one.index for one in refused]) == (197, list(wrong))
    assert "foreign key" in str(refused[0].error).lower()
    assert counted(database) == 197


def test_a_caller_that_goes_on_after_a_refusal_keeps_right_totals(database: Database) -> None:
    """On SQLite the rows before the wrong one stay in the transaction: they must be counted, and the triggers
    must work again."""
    rows = Maker(6).rows(60)
    wrong = (*rows[40][:OUTCOME], "NONSENSE", *rows[40][OUTCOME + 1 :])
    with database.writing() as connection:
        nested = connection.begin_nested() if database.engine.dialect.name == "postgresql" else None
        with pytest.raises(Exception, match="ck_wide_round_outcome_known"):
            store_rows_in(connection, ROUNDS, COLUMNS, [*rows[:40], wrong])
        if nested is not None:
            nested.rollback()
        store_rows_in(connection, ROUNDS, COLUMNS, rows[45:46])
    assert counted(database) == len(stored(database)) >= 1
    assert count(database, "SELECT COUNT(*) FROM totals_pause") == 0


def test_several_groups_of_one_form_in_one_transaction(database: Database) -> None:
    rows = Maker(7).rows(90)
    with database.writing() as connection:
        parts = [store_rows_in(connection, ROUNDS, COLUMNS, rows[n : n + 30]) for n in (0, 30, 60)]
    assert parts == [30, 30, 30]
    assert counted(database) == len(stored(database)) == 90


def test_a_savepoint_taken_back_takes_nothing_else_along(database: Database) -> None:
    rows = Maker(9).rows(60)
    for first in (0, 20, 40):
        with database.writing() as connection:
            nested = connection.begin_nested()
            store_rows_in(connection, ROUNDS, COLUMNS, rows[first : first + 20])
            nested.rollback()
            for _ in range(2):
                store_rows_in(connection, ROUNDS, COLUMNS, rows[first : first + 10])
    assert counted(database) == len(stored(database)) == 30


def test_a_transaction_taken_back_leaves_nothing_behind(database: Database) -> None:
    rows = Maker(8).rows(50)
    with pytest.raises(RuntimeError), database.writing() as connection:
        store_rows_in(connection, ROUNDS, COLUMNS, rows)
        raise RuntimeError
    assert (stored(database), counted(database)) == ([], 0)
    assert store_rows(database, ROUNDS, COLUMNS, rows) == 50
    assert counted(database) == 50


def test_names_that_are_not_there_are_refused(database: Database) -> None:
    with pytest.raises(BadInput, match="no_such_table"):
        store_rows(database, "no_such_table", ["id"], [(1,)])
    with pytest.raises(BadInput, match="no_such_column"):
        store_rows(database, ROUNDS, ["round_id", "no_such_column"], [("a", 1)])
    with pytest.raises(BadInput, match="no_such_column"):
        store_what_can(database, ROUNDS, ["round_id", "no_such_column"], [("a", 1)])
    assert store_rows(database, ROUNDS, ["round_id"], []) == 0


def test_a_value_of_the_wrong_kind_is_no_fault_of_the_storage(database: Database) -> None:
    columns = ["round_id", "bot_id", "game_name", "round_outcome", "ocr_raw_text", "metadata"]
    for size in (1, 20):
        rows = [(f"r{n}", "bot-0", "aviator", "SKIP", "x", {}) for n in range(size)]
        for wrong in ({"x": object()}, {"x": float("nan")}):
            with pytest.raises(BadInput):
                store_rows(database, ROUNDS, columns, [*rows[:-1], (*rows[-1][:-1], wrong)])
    assert stored(database) == []


def test_a_database_that_is_gone_is_a_storage_error(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE ocr_validation_logs RENAME TO elsewhere")
    with pytest.raises(StorageError, match="crashbot db upgrade"):
        store_rows(database, "ocr_validation_logs", ["id", "bot_id"], [("a", "bot-0")])
