"""Exports are exact, whole or not there, in every format, and say what was watched and missed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pyarrow.parquet as pq
import pytest

from bot.database import (
    Database,
    export_multipliers_for_ml,
    export_rounds,
    export_rounds_to_json,
    exports_xlsx,
    open_database,
)
from bot.database.copying import store_rows
from bot.domain.errors import BadInput, StorageError
from tests.database.bulk_rounds import START_US, a_round, store

MINUTE_US = 60_000_000
COLUMNS = ["round_id", "game_name", "round_start_timestamp", "crash_multiplier_detected", "ocr_raw_text"]
SHEET = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


def watched_until(database: Database, minute: int, session: str = "session-1") -> None:
    names = (
        "id",
        "session_id",
        "bot_id",
        "table_name",
        "game_name",
        "platform_code",
        "from_utc_us",
        "to_utc_us",
    )
    row = ("w1", session, "bot-1", "left", "aviator", "spribe", START_US, START_US + minute * MINUTE_US)
    store_rows(database, "watched_intervals", names, [row])


def missed_at(database: Database, minute: float, rounds: int | None) -> None:
    names = ("id", "session_id", "bot_id", "table_name", "game_name", "at_utc_us", "rounds", "reason")
    at = START_US + int(minute * MINUTE_US)
    row = (f"g{minute}", "session-1", "bot-1", "left", "aviator", at, rounds, "not seen")
    store_rows(database, "round_gaps", names, [row])


def exported(database: Database, tmp_path: Path, to: str, **options: Any) -> Path:
    path = tmp_path / f"out.{to}"
    export_rounds(path, to, options.pop("columns", COLUMNS), database=database, **options)
    return path


# -- CSV ------------------------------------------------------------------------------------------------


def test_csv_holds_exact_decimals_and_iso_times(database: Database, tmp_path: Path) -> None:
    store(database, [a_round(1, ocr_raw_text='a "b",\nc'), a_round(2, round_start_timestamp=None)])
    lines = exported(database, tmp_path, "csv").read_text(encoding="utf-8")
    assert lines == (
        "round_id,game_name,round_start_timestamp,crash_multiplier_detected,ocr_raw_text\n"
        "round-00002,aviator,,1.02,\n"
        'round-00001,aviator,2026-01-01T00:01:00.000000Z,1.01,"a ""b"",\nc"\n'
    )


def test_beside_a_csv_stands_what_was_watched(database: Database, tmp_path: Path) -> None:
    store(database, [a_round(number) for number in range(3)])
    watched_until(database, 5)
    missed_at(database, 2.5, 1)
    path = exported(database, tmp_path, "csv")
    watched = json.loads((tmp_path / "out.csv.watched.json").read_text())
    assert path.is_file()
    assert watched["intervals"] == [
        {"from": "2026-01-01T00:00:00.000000Z", "to": "2026-01-01T00:05:00.000000Z"}
    ]
    assert (watched["rounds_seen"], watched["rounds_missed"], watched["missed_share"]) == (3, 1, 0.25)
    assert "negative expectation" in watched["note"]


# -- Parquet --------------------------------------------------------------------------------------------


def test_parquet_has_exact_types_and_what_was_watched(database: Database, tmp_path: Path) -> None:
    store(database, [a_round(1, stake_value=150), a_round(2)])
    watched_until(database, 5)
    path = exported(database, tmp_path, "parquet", columns=None)
    table = pq.read_table(path)
    assert table["stake_value"].to_pylist() == [Decimal("1.50"), None]
    assert table["round_start_timestamp"].to_pylist()[0] == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert table["date_bucket"].to_pylist()[0] == date(2026, 1, 1)
    watched = json.loads(pq.read_schema(path).metadata[b"watched"])
    assert watched["seconds"] == "300.000000"
    assert pl.read_parquet(path)["crash_multiplier_detected"].sum() == Decimal("2.03")


# -- Excel ----------------------------------------------------------------------------------------------


def cells(path: Path, sheet: int) -> list[list[Any]]:
    """Values of a sheet: texts, and numbers with their number format."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    forms = {
        each.get("numFmtId"): each.get("formatCode") for each in styles.iterfind("s:numFmts/s:numFmt", SHEET)
    }
    of_style = [each.get("numFmtId") for each in styles.iterfind("s:cellXfs/s:xf", SHEET)]
    texts = ["".join(each.itertext()) for each in shared]

    def value(cell: ElementTree.Element) -> Any:
        if cell.get("t") == "inlineStr":
            return "".join(cell.itertext())
        raw = cell.findtext("s:v", namespaces=SHEET)
        if cell.get("t") == "s":
            return texts[int(raw or 0)]
        number = of_style[int(cell.get("s", "0"))]
        return raw, forms.get(number, number)

    assert root.find(".//s:f", SHEET) is None  # no formula anywhere
    return [[value(cell) for cell in row] for row in root.iterfind("s:sheetData/s:row", SHEET)]


def test_excel_has_numbers_as_numbers_and_texts_that_are_no_formulas(
    database: Database, tmp_path: Path
) -> None:
    evil = '=HYPERLINK("http://x")&<b>\x01_x0041_\r'
    store(
        database, [a_round(1, ocr_raw_text=evil), a_round(2, ocr_raw_text="@x", round_start_timestamp=None)]
    )
    watched_until(database, 5)
    rows = cells(exported(database, tmp_path, "xlsx"), 1)
    assert rows[0] == COLUMNS
    assert rows[1] == ["round-00002", "aviator", ("1.02", "0.00"), "@x"]
    escaped = '=HYPERLINK("http://x")&<b>_x0001__x005F_x0041__x000D_'
    time = ("46023.00069444445", "yyyy-mm-dd hh:mm:ss.000")
    assert rows[2] == ["round-00001", "aviator", time, ("1.01", "0.00"), escaped]


def test_excels_second_sheet_says_what_was_watched(database: Database, tmp_path: Path) -> None:
    store(database, [a_round(1)])
    watched_until(database, 5)
    rows = cells(exported(database, tmp_path, "xlsx"), 2)
    assert ["rounds_seen", ("1", "0")] in rows
    assert rows[-1] == ["2026-01-01T00:00:00.000000Z", "2026-01-01T00:05:00.000000Z"]


def test_more_rounds_than_a_sheet_holds_go_on_in_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_xlsx, "SHEET_ROWS", 3)
    store(database, [a_round(number) for number in range(7)])
    path = exported(database, tmp_path, "xlsx", columns=["round_number"])
    read = [[row[0] for row in cells(path, sheet)] for sheet in (1, 3, 4)]
    assert read == [
        ["round_number", ("0", "0"), ("1", "0"), ("2", "0")],
        ["round_number", ("3", "0"), ("4", "0"), ("5", "0")],
        ["round_number", ("6", "0")],
    ]
    with zipfile.ZipFile(path) as book:
        names = ElementTree.fromstring(book.read("xl/workbook.xml")).iterfind("s:sheets/s:sheet", SHEET)
        assert [each.get("name") for each in names] == ["rounds", "watched", "rounds 2", "rounds 3"]


# -- JSON -----------------------------------------------------------------------------------------------


def test_json_has_decimals_as_texts_and_metadata_as_json(database: Database, tmp_path: Path) -> None:
    store(database, [a_round(1, metadata={"players": 7, "x": [None, "ä"]}), a_round(2)])
    path = exported(database, tmp_path, "json", columns=None)
    document = json.loads(path.read_text(encoding="utf-8"))
    first, second = document["rounds"]
    assert first["metadata"] == {"players": 7, "x": [None, "ä"]}
    assert second["metadata"] is None
    assert first["crash_multiplier_detected"] == "1.01"
    assert first["round_start_timestamp"] == "2026-01-01T00:01:00.000000Z"
    assert first["date_bucket"] == "2026-01-01"
    assert document["watched"]["rounds_seen"] == 2
    only = exported(database, tmp_path, "json", columns=["metadata"])
    assert json.loads(only.read_text())["rounds"][1] == {"metadata": None}


def test_json_text_of_a_bot_has_its_newest_rounds(database: Database) -> None:
    store(database, [a_round(number, bot_id=f"bot-{number % 2}") for number in range(8)])
    rounds = json.loads(export_rounds_to_json("bot-1", 2, database=database))["rounds"]
    assert [each["round_number"] for each in rounds] == [5, 7]
    assert json.loads(export_rounds_to_json("nobody", database=database))["rounds"] == []


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx", "json"])
def test_no_rounds_make_a_good_file(database: Database, tmp_path: Path, to: str) -> None:
    result = export_rounds(tmp_path / f"out.{to}", to, database=database)
    assert result.rounds == 0
    if to == "json":
        assert json.loads(result.path.read_text())["rounds"] == []
    elif to == "parquet":
        assert pq.read_table(result.path).num_rows == 0
    elif to == "xlsx":
        assert len(cells(result.path, 1)) == 1
    else:
        assert result.path.read_text().count("\n") == 1


# -- whole or not there ---------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx", "json"])
def test_an_export_that_is_stopped_leaves_what_was_there(database: Database, tmp_path: Path, to: str) -> None:
    store(database, [a_round(1)])
    path = tmp_path / f"out.{to}"
    path.write_text("old")

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_rounds(path, to, database=database, progress=stop)
    assert [
        each.name for each in tmp_path.iterdir() if each.name != "bot.db" and "bot.db-" not in each.name
    ] == [path.name]
    assert path.read_text() == "old"


def test_what_cannot_be_written_is_refused_in_one_line(database: Database, tmp_path: Path) -> None:
    for path, to in ((tmp_path, "csv"), (tmp_path / "no" / "out.csv", "csv"), (tmp_path / "out", "docx")):
        with pytest.raises(BadInput):
            export_rounds(path, to, database=database)
    with pytest.raises(StorageError):
        export_rounds(Path("/proc/out.csv"), "csv", database=database)


# -- training -------------------------------------------------------------------------------------------


def test_multipliers_for_training_mark_every_hole(database: Database) -> None:
    numbers = (1, 2, 3, 6, 7, 8, 9)  # 4 and 5 are missing
    rounds = [a_round(number) for number in numbers]
    rounds.append(a_round(10, table_name="right", round_start_timestamp=START_US + 8 * MINUTE_US + 1))
    rounds.append(a_round(11, crash_multiplier_detected=None))
    store(database, rounds)
    missed_at(database, 7.5, 3)
    missed_at(database, 8.5, None)
    frame = export_multipliers_for_ml("aviator", database=database)
    left = frame.filter(pl.col("table_name") == "left")
    assert left["round_number"].to_list() == list(numbers)
    assert left["gap_before"].to_list() == [True, False, False, True, False, True, True]
    assert left["missed_before"].to_list() == [None, None, None, 2, None, 3, None]
    assert left["multiplier"].to_list()[0] == 1.01 and left["multiplier_hundredths"].to_list()[0] == 101
    assert frame["time"].is_sorted()
    parts = {
        tuple(part["round_number"].to_list()) for part in frame.partition_by("sequence", include_key=False)
    }
    assert parts == {(1, 2, 3), (6, 7), (8,), (9,), (10,)}


def test_training_takes_the_newest_finished_rounds_oldest_first(database: Database) -> None:
    store(
        database,
        [a_round(number, crash_multiplier_detected=None if number == 9 else 200) for number in range(10)],
    )
    frame = export_multipliers_for_ml("aviator", 3, database=database)
    assert frame["round_number"].to_list() == [6, 7, 8]
    assert export_multipliers_for_ml("nothing", database=database).height == 0


def test_training_knows_holes_in_the_houses_numbers(database: Database) -> None:
    numbers = [*range(100, 130), *range(133, 150)]
    store(
        database,
        [
            a_round(place, round_external_id=str(number), round_start_timestamp=None)
            for place, number in enumerate(numbers)
        ],
    )
    frame = export_multipliers_for_ml("aviator", database=database)
    assert frame.filter("gap_before")["round_number"].to_list() == [0, 30]
    assert frame["missed_before"].sum() == 3
