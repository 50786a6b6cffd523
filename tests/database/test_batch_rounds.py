"""Batches of rounds: the good rows are stored whatever the others are."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.database import BatchRefused, BatchResult, Database, log_batch_rounds
from bot.database.logged_rounds import ROUNDS_AT_ONCE
from bot.domain.errors import BadInput
from tests.database.logged import BOT, START, count, lost, register, stored

#: What point 5 of the requirements calls bad input, and the field that the message must name.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"crash_multiplier": Decimal("0.99")}, "crash_multiplier_detected .*0.99"),
    ({"stake_value": Decimal("-1.00")}, "stake_value .*-1.00"),
    ({"stake_value": Decimal("NaN")}, "stake_value .*NaN"),
    ({"profit_loss": -0.1}, "profit_loss_amount .*-0.1"),
    ({"bot_id": "nobody"}, "bot_id.* 'nobody'"),
    ({"round_start_timestamp": datetime(2026, 1, 31)}, "round_start_timestamp .*2026-01-31"),  # noqa: DTZ001
    ({"metadata": {"x": "y" * 5_000_000}}, "metadata .*5,000,0"),
    ({"ocr_raw_text": "2.4\0"}, "ocr_raw_text .*2.4"),
    ({"round_outcome": "DRAW"}, "round_outcome .*DRAW"),
    ({"game_name": "x" * 200}, "game_name .*200"),
    ({"retry_count": True}, "retry_count .*True"),
    ({"ocr_confidence": 2}, "multiplier_detection_confidence .*2"),
    ({"no_such_thing": 1}, "no_such_thing"),
    ({"round_end_timestamp": START}, "round_end_timestamp .*2026-01-31 23:59:50"),
    ({"game_name": None}, "game_name must be given"),
]


def test_bad_rows_are_refused_by_name_and_the_others_stored(either: Database) -> None:
    register(either)
    rounds: list[Any] = []
    for number, (bad, _) in enumerate(BAD):
        rounds += [lost(2 * number), lost(2 * number + 1, **bad)]
    with pytest.raises(BatchRefused) as refused:
        log_batch_rounds(rounds, database=either)
    result = refused.value.result
    assert (result.stored, result.duplicates, len(result.rejected)) == (len(BAD), 0, len(BAD))
    for (index, error), (place, (_, says)) in zip(result.rejected, enumerate(BAD), strict=True):
        assert index == 2 * place + 1
        assert isinstance(error, BadInput)
        with pytest.raises(BadInput, match=says):
            raise error
    assert str(refused.value).startswith("row 1: crash_game_rounds.crash_multiplier_detected must be")
    assert f"{len(BAD)} stored" in str(refused.value)
    assert {row["round_number"] for row in stored(either, "crash_game_rounds")} == {
        2 * number for number in range(len(BAD))
    }


def test_a_batch_can_report_instead_of_raising(either: Database) -> None:
    register(either)
    rounds: list[Any] = [lost(1), "not a round", lost(1), lost(2)]
    result = log_batch_rounds(rounds, on_refused="report", database=either)
    assert result == 2
    assert int(result) == result.stored == 2
    assert result.duplicates == 1
    assert [index for index, _ in result.rejected] == [1]
    with pytest.raises(BadInput, match="on_refused must be 'raise' or 'report', not 'ignore'"):
        log_batch_rounds([], on_refused="ignore", database=either)  # type: ignore[arg-type]


def test_a_batch_given_again_stores_nothing_new(either: Database) -> None:
    register(either)
    rounds = [lost(number) for number in range(10)]
    assert log_batch_rounds(rounds, database=either) == BatchResult(10, 0)
    assert log_batch_rounds(rounds, database=either) == BatchResult(0, 10)
    (totals,) = stored(either, "round_totals_session")
    assert totals["total_rounds"] == 10


def test_a_batch_may_be_endless_in_kind_and_its_rows_of_different_keys(either: Database) -> None:
    register(either)

    def coming() -> Iterator[dict[str, Any]]:
        for number in range(ROUNDS_AT_ONCE + 10):
            row = lost(number)
            if number % 2:
                row = {
                    "crash_multiplier_detected" if name == "crash_multiplier" else name: row[name]
                    for name in row
                }
            if number % 3:
                row["metadata"] = {"number": number}
            if number == ROUNDS_AT_ONCE + 3:
                row["stake_value"] = "much"
            yield row

    result = log_batch_rounds(coming(), on_refused="report", database=either)
    assert (result.stored, [index for index, _ in result.rejected]) == (
        ROUNDS_AT_ONCE + 9,
        [ROUNDS_AT_ONCE + 3],
    )
    (two,) = stored(either, "crash_game_rounds", round_number=2)
    (three,) = stored(either, "crash_game_rounds", round_number=3)
    assert (two["metadata"], three["metadata"]) == ({"number": 2}, None)
    assert {row["crash_multiplier_detected"] for row in (two, three)} == {Decimal("1.37")}


def test_what_was_refused_does_not_hold_the_batch_in_memory(either: Database) -> None:
    register(either)
    result = log_batch_rounds([lost(1, ocr_raw_text="\0" * 1_000)], on_refused="report", database=either)
    ((_, error),) = result.rejected
    assert (error.__traceback__, error.__context__, error.__cause__) == (None, None, None)
    assert len(str(error)) < 200


def test_an_empty_batch_stores_nothing(either: Database) -> None:
    assert log_batch_rounds([], database=either) == 0
    assert log_batch_rounds(iter(()), database=either) == BatchResult(0, 0)


@pytest.mark.parametrize("given", [None, 7, "rounds", {"bot_id": BOT}])
def test_what_is_no_list_of_rounds_is_refused(either: Database, given: Any) -> None:
    with pytest.raises(BadInput, match="takes a list of rounds"):
        log_batch_rounds(given, database=either)


def test_threads_that_log_the_same_rounds_store_them_once(either: Database) -> None:
    """In orders of their own, so that on PostgreSQL they stand in each other's way."""
    register(either)
    rounds = [lost(number) for number in range(400)]
    results: list[BatchResult] = []
    faults: list[Exception] = []
    start = threading.Barrier(4)

    def log(seed: int) -> None:
        mine = random.Random(seed).sample(rounds, len(rounds))
        start.wait(10)
        try:
            for first in range(0, len(mine), 100):
                results.append(log_batch_rounds(mine[first : first + 100], database=either))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=log, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert sum(result.stored for result in results) == count(either) == 400
    assert sum(result.duplicates for result in results) == 3 * 400
    (totals,) = stored(either, "round_totals_session")
    assert (totals["total_rounds"], totals["profit_total"]) == (400, -400)
