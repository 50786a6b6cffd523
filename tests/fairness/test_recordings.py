"""Recorded rounds come in as they are; what is no round is reported and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from bot.database import init_db, log_batch_rounds, register_bot
from bot.domain.errors import BadInput
from bot.fairness import from_database, from_rows, known_of, read_csv
from bot.fairness.recordings import NO_TIME

HEADER = "round_id,timestamp,multiplier\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "rounds.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_values_are_floored_to_cents_exactly(tmp_path: Path) -> None:
    found = read_csv(written(tmp_path, HEADER + "a,,2.30\nb,,1.2310548\nc,,1000000\n"))
    assert found.crashes.tolist() == [230, 123, 100_000_000]
    assert found.ids == ("a", "b", "c")
    assert found.times_us is None


def test_rubbish_lines_are_reported_and_the_rest_is_kept(tmp_path: Path) -> None:
    lines = ("1,2026-01-01 00:00:00,1.50", ",,", "2,2026-01-01 00:00:20,rubbish", "3,2.00", "",
             "4,yesterday,3.00", "5,,0.5")  # fmt: skip
    text = HEADER + "\n".join(lines)
    found = read_csv(written(tmp_path, text))
    assert found.crashes.tolist() == [150, 300]
    assert [(each.line, each.why.split(":")[0]) for each in found.refused] == [
        (3, "the multiplier is empty"), (4, "not a multiplier"), (5, "2 fields instead of 3"), (7, "time"),
        (8, "a multiplier is at least 1.00"),
    ]  # fmt: skip
    assert found.times_us is not None
    assert found.times_us[1] == NO_TIME


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    found = read_csv(written(tmp_path, HEADER.encode() + b"\xff\xfe\x00,,2.00\n1,,\xff\n2,,4.00\n"))
    assert found.crashes.tolist() == [200, 400]
    assert len(found.refused) == 1


@pytest.mark.parametrize("text", ["", "\n\n", HEADER, "a,b\n1,2\n", HEADER + "1,,none\n"])
def test_files_without_rounds_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput) as error:
        read_csv(written(tmp_path, text))
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_csv(tmp_path / "nothing.csv")


def test_times_of_day_count_on_over_midnight(tmp_path: Path) -> None:
    found = read_csv(written(tmp_path, HEADER + ",23:59:50,1.10\n,00:00:10,1.20\n,00:00:05,1.30\n"))
    assert found.times_us is not None
    assert np.diff(found.times_us).tolist() == [20_000_000, -5_000_000]


def test_any_iterable_of_rounds_is_taken() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [(str(n), start + timedelta(seconds=20 * n), Decimal("1.50")) for n in range(3)]
    found = from_rows([*rows, (None, None, "x")])
    assert found.crashes.tolist() == [150, 150, 150]
    assert found.times_us is not None
    assert np.diff(found.times_us).tolist() == [20_000_000] * 2
    assert [each.line for each in found.refused] == [4]


def round_of(number: int, session: str, multiplier: str) -> dict[str, object]:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=25 * number)
    return {
        "bot_id": "bot-1", "session_id": session, "game_name": "aviator", "round_number": number,
        "platform_code": "practice", "round_start_timestamp": start, "currency": "USD",
        "round_outcome": "SKIP", "crash_multiplier_detected": Decimal(multiplier),
    }  # fmt: skip


def test_rounds_of_the_database_come_session_by_session_with_their_gaps(database_url: str) -> None:
    database = init_db(database_url)
    try:
        rounds = [round_of(n, session, f"{n}.50") for n in (1, 2, 3, 7, 8) for session in ("one", "two")]
        register_bot("bot-1", database=database)
        log_batch_rounds(rounds, database=database)
        found = from_database(database)
        assert found.crashes.tolist() == [150, 250, 350, 750, 850] * 2
        assert found.follows is not None
        assert found.follows.tolist() == [True, True, False, True, False, True, True, False, True]
        assert found.missed == 6
        assert found.game == "aviator"
        assert from_database(database, "aviator", session="two").crashes.tolist() == [150, 250, 350, 750, 850]
        with pytest.raises(BadInput, match="no finished round of jetx"):
            from_database(database, "jetx")
    finally:
        database.close()


@pytest.mark.parametrize(("game", "rtp", "file", "known", "source"), [
    (None, None, "/data/aviatrix_x.csv", 0.97, "the file's name (aviatrix)"),
    (None, None, "bustabit-2.csv", 0.99, "the file's name (bustabit)"),
    (None, None, "aviators.csv", None, "not known"),
    ("jetx", None, "bustabit.csv", 0.97, "the game jetx"),
    ("jetx", 0.962, None, 0.962, "--rtp"),
])  # fmt: skip
def test_the_return_is_the_given_one_else_the_games_else_that_of_the_files_name(
    game: str | None, rtp: float | None, file: str | None, known: float | None, source: str
) -> None:
    found = known_of(game, rtp, file)
    assert (found.rtp, found.source) == (known, source)


@pytest.mark.parametrize(("game", "rtp"), [("poker", None), (None, 1.0), (None, 97.0), (None, float("nan"))])
def test_games_and_returns_that_cannot_be_are_refused(game: str | None, rtp: float | None) -> None:
    with pytest.raises(BadInput):
        known_of(game, rtp)
