"""Imports store what others recorded, each round once, and say about every row what became of it."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from bot.database import (
    CrashGameRound,
    Database,
    ImportRow,
    RoundGap,
    WatchedInterval,
    export_multipliers_for_ml,
    imports_files,
    open_database,
)
from bot.database.imports import ImportResult, import_rounds
from bot.database.logged_ids import round_identifier
from bot.database.totals import DailyTotals
from bot.domain.errors import BadInput
from tests.database.test_imports_values import drawn, us

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "rounds"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "bot.db")) as opened:
        yield opened


def written(tmp_path: Path, text: str, name: str = "rounds.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding=encoding, newline="")
    return path


def taken(database: Database, path: Path, **options: Any) -> ImportResult:
    result = import_rounds(path, database=database, **options)
    assert result.rows == result.stored + result.duplicates + len(result.rejected)
    return result


def stored(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    wanted = [getattr(CrashGameRound, name) for name in columns]
    order = (CrashGameRound.session_id, CrashGameRound.round_number)
    with database.session() as session:
        return [tuple(row) for row in session.execute(select(*wanted).order_by(*order))]


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.rows, result.stored, result.duplicates, len(result.rejected)


# -- what was recorded ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "rejected", "missed_percent"),
    [
        ("aviator_22bet_luisrx7", 15962, 0, 9.6),
        ("aviator_deejay_phases", 621, 0, 7.0),
        ("aviator_dmadushanka", 24, 0, 0.0),
        ("aviator_thiagosvl_25dez", 4602, 0, 0.1),
        ("aviatrix_pkashyap", 27672, 0, 2.8),
        ("crash_1xbet_mdomorffaruk", 5424, 0, 0.0),
        ("crash_stake_vanaty", 4223, 0, 1.3),
        ("biased_projectbot", 8131, 418, None),
        ("aviator_gmbl_admiral", 1766, 0, None),
        ("aviator_joseivson_aviator_1000", 1001, 0, None),
        ("jetx_onndd", 10456, 0, None),
        ("bustabit_deduzzo", 17317, 0, None),
    ],
)
def test_recorded_files_come_in_whole(
    embedded: Database, name: str, rows: int, rejected: int, missed_percent: float | None
) -> None:
    result = taken(embedded, RECORDED / f"{name}.csv")
    assert (result.rows, len(result.rejected)) == (rows, rejected)
    again = taken(embedded, RECORDED / f"{name}.csv")
    assert (again.stored, len(again.rejected), again.gaps) == (0, rejected, result.gaps)
    with embedded.session() as session:
        assert session.scalar(select(func.sum(DailyTotals.total_rounds))) == result.stored
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 2
        holes = select(func.count()).select_from(RoundGap)
        assert session.scalar(holes) == result.gaps
        counted = session.scalar(holes.where(RoundGap.rounds > 0)) or 0
    if missed_percent is not None:
        assert abs(100 * counted / rows - missed_percent) <= 1.0


def test_a_complete_list_of_the_house_keeps_equal_neighbours_and_misses_what_it_misses(
    embedded: Database,
) -> None:
    result = taken(embedded, RECORDED / "aviator_betika_offtagg.csv", platform="betika")
    assert counts(result) == (80898, 80898, 0, 0)
    crashes = np.array([row[0] for row in stored(embedded, "crash_multiplier_detected")])
    assert int((crashes[1:] == crashes[:-1]).sum()) == 366
    with embedded.session() as session:
        assert session.scalar(select(func.sum(RoundGap.rounds))) == 208
        assert session.scalar(select(func.count()).select_from(WatchedInterval)) == 7
    frame = export_multipliers_for_ml("aviator", database=embedded)
    assert frame.height == 80898
    assert frame["missed_before"].sum() == 208


def test_values_are_floored_and_their_text_is_kept(database: Database) -> None:
    taken(database, RECORDED / "crash_stake_vanaty.csv", game="stake", platform="stake")
    (first, *_) = stored(
        database, "crash_multiplier_detected", "ocr_raw_text", "round_start_timestamp", "round_outcome",
        "mode", "bot_id", "multiplier_source",
    )  # fmt: skip
    assert first == (123, "1.2310548", us(2026, 3, 17, 15, 9, 55), "SKIP", "watch", "import", "api")


def test_a_missing_time_stays_missing_and_a_time_of_day_is_kept_as_text(embedded: Database) -> None:
    taken(embedded, RECORDED / "jetx_onndd.csv")
    taken(embedded, RECORDED / "aviator_joseivson_aviator_1000.csv")
    assert {row[0] for row in stored(embedded, "round_start_timestamp")} == {None}
    extras = [row[0] for row in stored(embedded, "extra") if row[0] is not None]
    assert extras[0] == {"time_text": "19:25:59"} and len(extras) == 1001


# -- identity -------------------------------------------------------------------------------------------


def test_an_identifier_of_the_house_names_the_round_in_any_file(database: Database, tmp_path: Path) -> None:
    first = written(tmp_path, "round_id,timestamp,multiplier\n7,,1.50\n8,,2.00\n")
    second = written(tmp_path, "multiplier,round_id\n2.00,8\n3.00,9\n9.99,7\n", "other.csv")
    assert counts(taken(database, first, game="x")) == (2, 2, 0, 0)
    result = taken(database, second, game="x")
    assert counts(result) == (3, 1, 1, 1)
    assert (result.rejected[0].line, result.rejected[0].value) == (4, "9.99")
    assert "1.50 is stored" in result.rejected[0].reason
    assert counts(taken(database, second, game="x", platform="elsewhere")) == (3, 3, 0, 0)
    known = round_identifier("import", None, "x", None, None, "7", None, None, None)
    assert known in {row[0] for row in stored(database, "round_id")}


def test_the_same_file_again_is_all_duplicates_also_under_another_name(
    database: Database, tmp_path: Path
) -> None:
    text = "timestamp,multiplier\n,1.50\n,1.50\n,2.00\n"
    assert counts(taken(database, written(tmp_path, text))) == (3, 3, 0, 0)
    assert counts(taken(database, written(tmp_path, text))) == (3, 0, 3, 0)
    assert counts(taken(database, written(tmp_path, text, "copy.csv"))) == (3, 0, 3, 0)
    assert counts(taken(database, written(tmp_path, text, "folder/rounds.csv"))) == (3, 0, 3, 0)


def test_a_file_that_has_grown_adds_its_new_rows_also_under_another_name(
    database: Database, tmp_path: Path
) -> None:
    text = "multiplier\n1.50\n1.50\n"
    taken(database, written(tmp_path, text))
    assert counts(taken(database, written(tmp_path, text + "1.50\n"))) == (3, 1, 2, 0)
    longer = written(tmp_path, text + "1.50\n7.00\n", "copy.csv")
    assert counts(taken(database, longer)) == (4, 1, 3, 0)
    assert len({row[0] for row in stored(database, "session_id")}) == 1


def test_two_files_of_one_name_lose_nothing(database: Database, tmp_path: Path) -> None:
    assert counts(taken(database, written(tmp_path, "multiplier\n1.50\n2.00\n", "a/r.csv"))) == (2, 2, 0, 0)
    assert counts(taken(database, written(tmp_path, "multiplier\n3.00\n2.00\n", "b/r.csv"))) == (2, 2, 0, 0)


def test_a_line_that_was_changed_is_rejected_and_not_counted_twice(
    database: Database, tmp_path: Path
) -> None:
    taken(database, written(tmp_path, "multiplier\n1.50\n2.00\n3.00\n"))
    result = taken(database, written(tmp_path, "multiplier\n1.50\n2.50\n3.00\n"))
    assert counts(result) == (3, 0, 2, 1)
    assert result.rejected[0].line == 3 and "2.00 is stored for this line" in result.rejected[0].reason


def test_an_identifier_twice_in_a_file_is_one_round(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "round_id,multiplier\na,1.50\na,1.50\na,1.60\nb,2.00\n")
    result = taken(database, path)
    assert counts(result) == (4, 2, 1, 1)
    assert [each.line for each in result.rejected] == [4]


def test_an_import_that_was_stopped_is_completed_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_files, "CHUNK_ROWS", 10)
    path = written(tmp_path, "multiplier\n" + "1.50\n" * 45)

    def stop(done: int, _of: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_rounds(path, database=database, progress=stop)
    assert len(stored(database, "round_id")) == 20
    assert counts(taken(database, path)) == (45, 25, 20, 0)


# -- rows that are none ---------------------------------------------------------------------------------


def test_every_rejected_row_has_its_line_reason_and_value(database: Database, tmp_path: Path) -> None:
    text = (
        "round_id,timestamp,multiplier\n"
        "1,2026-01-01 00:00:00,2.00\n"
        "\n"
        "2,2026-01-01 00:00:20,0.99\n"
        "3,2026-01-01 00:00:40,\n"
        "4,yesterday,2.00\n"
        '5,2026-01-01 00:01:20,"two\nlines"\n'
        "6\n"
        "7,2026-01-01 00:02:00,NaN\n"
        "8,2026-01-01 00:02:20,3.00\n"
    )
    result = taken(database, written(tmp_path, text))
    assert counts(result) == (8, 2, 0, 6)
    assert [(each.line, each.value) for each in result.rejected] == [
        (4, "0.99"), (5, ""), (6, "yesterday"), (8, "two\nlines"), (9, "6"), (10, "NaN")
    ]  # fmt: skip
    assert all(each.reason for each in result.rejected)
    assert json.loads(json.dumps(result.as_json()))["rejected"][0]["line"] == 4


# -- times ----------------------------------------------------------------------------------------------


def test_local_times_follow_their_clock_through_both_changes(database: Database, tmp_path: Path) -> None:
    text = (
        "timestamp,multiplier\n"
        "2026-03-29 01:59:50,2.00\n"
        "2026-03-29 02:30:00,2.00\n"
        "2026-10-25 02:00:10,2.00\n"
        "2026-10-25 02:59:50,2.00\n"
        "2026-10-25 02:00:10,2.00\n"
        "2026-10-25 03:00:00,2.00\n"
    )
    result = taken(database, written(tmp_path, text), timezone="Europe/Berlin")
    assert [each.line for each in result.rejected] == [3]
    assert "goes forward" in result.rejected[0].reason
    assert [row[0] for row in stored(database, "round_start_timestamp")] == [
        us(2026, 3, 29, 0, 59, 50), us(2026, 10, 25, 0, 0, 10), us(2026, 10, 25, 0, 59, 50),
        us(2026, 10, 25, 1, 0, 10), us(2026, 10, 25, 2, 0, 0),
    ]  # fmt: skip
    assert any("twice" in note for note in result.notes)


def test_a_form_of_times_may_be_given(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "date;bust\n18/08/2023 22:22:06;1,50\n")
    options = {"multiplier_column": "bust", "time_column": "date"}
    assert counts(taken(database, path, **options)) == (1, 0, 0, 1)
    assert counts(taken(database, path, **options, time_format="%d/%m/%Y %H:%M:%S")) == (1, 1, 0, 0)
    assert stored(database, "round_start_timestamp") == [(us(2023, 8, 18, 22, 22, 6),)]


def test_times_of_ends_are_stored_as_such(database: Database, tmp_path: Path) -> None:
    taken(database, written(tmp_path, "timestamp,multiplier\n1767225600,2.00\n"), times_are_ends=True)
    assert stored(database, "round_start_timestamp", "round_end_timestamp") == [(None, us(2026, 1, 1))]


# -- files of other forms -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separator_and_encoding_are_found_out(
    embedded: Database, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    header, row = delimiter.join(["größe", "Crash", "when"]), delimiter.join(["é", '"2,45"', "1767225600"])
    path = written(tmp_path, f"{header}\r\n{row}\r\n", encoding=encoding)
    result = taken(embedded, path, multiplier_column="crash", time_column="when")
    assert counts(result) == (1, 1, 0, 0)
    assert stored(embedded, "crash_multiplier_detected") == [(245,)]


def test_tables_of_sqlite_files_are_read(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "jetx.sqlite")) as other, other:
        other.execute('CREATE TABLE "my rounds" (gameid INTEGER, bust REAL, at INTEGER)')
        rows = [(1, 2.45, 1767225600), (2, 1.01, None), (3, None, None), (4, 3, 1767225660)]
        other.executemany('INSERT INTO "my rounds" VALUES (?, ?, ?)', rows)
        other.execute('CREATE VIEW seen AS SELECT gameid AS round_id, bust AS multiplier FROM "my rounds"')
    path = tmp_path / "jetx.sqlite"
    options = {"multiplier_column": "bust", "time_column": "at", "identifier_column": "gameid"}
    result = taken(database, path, table="my rounds", **options)
    assert (counts(result), result.game) == ((4, 3, 0, 1), "jetx")
    assert [row[0] for row in stored(database, "crash_multiplier_detected")] == [245, 101, 300]
    assert counts(taken(database, path, table="seen")) == (4, 0, 3, 1)
    with pytest.raises(BadInput, match="my rounds"):
        import_rounds(path, database=database)
    with pytest.raises(BadInput, match="no table"):
        import_rounds(path, table="x", database=database)


def test_files_and_options_that_cannot_be_used_are_refused(embedded: Database, tmp_path: Path) -> None:
    good = written(tmp_path, "multiplier\n2.00\n")
    cases: list[tuple[Path, dict[str, Any]]] = [
        (tmp_path / "nothing.csv", {}),
        (tmp_path, {}),
        (written(tmp_path, "", "empty.csv"), {}),
        (written(tmp_path, "a,b\n1,2\n", "other.csv"), {}),
        (written(tmp_path, "a\0b\n", "binary.csv"), {}),
        (good, {"timezone": "Mars/Base"}),
        (good, {"time_column": "when"}),
        (good, {"table": "x"}),
        (good, {"decimal": ";"}),
        (good, {"game": " "}),
    ]
    for path, options in cases:
        with pytest.raises(BadInput) as caught:
            import_rounds(path, database=embedded, **options)
        assert "\n" not in str(caught.value)
    assert stored(embedded, "round_id") == []


def test_a_pause_ends_the_watching(database: Database, tmp_path: Path) -> None:
    times, crashes = drawn(200, 0.0858, 11.0, starts=True)
    times = times + np.where(np.arange(200) >= 100, 3_600_000_000, 0) + us(2026, 1, 1)
    path = tmp_path / "aviator.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "multiplier"])
        rows = zip(times.tolist(), crashes.tolist(), strict=True)
        writer.writerows((time, Decimal(crash) / 100) for time, crash in rows)
    assert taken(database, path).gaps == 1
    with database.session() as session:
        watched = session.execute(select(WatchedInterval.from_utc_us, WatchedInterval.to_utc_us)).all()
        gap = session.execute(select(RoundGap.at_utc_us, RoundGap.rounds)).one()
    assert sorted(tuple(row) for row in watched) == [(times[0], times[99]), (times[100], times[199])]
    assert tuple(gap) == (times[100], None)
