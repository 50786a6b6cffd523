"""Of the numbers and history strips that a person can read in real captures, nearly all are read, none wrong.

``legible.csv`` was written by eye before a reader saw the pictures: for each picture and field whether a
person can read it, what it says, and the reason where it can't be read. In a strip the chips behind ``~``
fade out: a reading may end among them. What can be read of a strip that counts as illegible stands there too;
a reader may read that far, and no other number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli_read import load_picture
from bot.domain.amounts import parse_hundredths
from bot.screen.stills import StillReader, read_still
from tests.screen_stills.conftest import frame_path

MARKS = Path(__file__).with_name("legible.csv")
LEAST_SHARE = 0.95


@dataclass(frozen=True)
class Marked:
    """A field of a picture: what a person reads (the first ``sure`` values for certain) and what was read."""

    file: str
    field: str
    legible: bool
    values: tuple[int, ...]
    sure: int
    read: tuple[int, ...] | None

    @property
    def right(self) -> bool:
        return self.read is not None and self.read == self.values[: len(self.read)]

    @property
    def enough(self) -> bool:
        return self.right and self.read is not None and len(self.read) >= self.sure


def _rows() -> list[dict[str, str]]:
    with MARKS.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def marked(reader: StillReader) -> Iterator[list[Marked]]:
    rows, found = _rows(), []
    for file in dict.fromkeys(row["file"] for row in rows):
        reading = read_still(load_picture(frame_path(file)), field="history", reader=reader)
        number, history = reading.multiplier.value, reading.history.value
        read = {"multiplier": None if number is None else (number,), "history": history}
        for row in (row for row in rows if row["file"] == file):
            sure, _, faded = row["value"].partition("~")
            values = tuple(parse_hundredths(text) for text in [*sure.split(), *faded.split()])
            legible = row["legible"] == "yes"
            found.append(Marked(file, row["field"], legible, values, len(sure.split()), read[row["field"]]))
    yield found


def test_every_picture_is_marked_with_a_reason_where_it_cannot_be_read() -> None:
    with frame_path("labels.csv").open(newline="", encoding="utf-8") as lines:
        pictures = {row["file"] for row in csv.DictReader(lines)}
    rows = _rows()
    assert {(row["file"], row["field"]) for row in rows} == {
        (picture, field) for picture in pictures for field in ("multiplier", "history")
    }
    assert [row for row in rows if row["legible"] == "yes" and not row["value"]] == []
    assert [row for row in rows if row["legible"] == "no" and not row["reason"]] == []


def test_no_value_is_read_wrong(marked: list[Marked]) -> None:
    assert [(m.file, m.field, m.read) for m in marked if m.read is not None and not m.right] == []


@pytest.mark.parametrize("field", ["multiplier", "history"])
def test_nearly_all_that_a_person_can_read_is_read(marked: list[Marked], field: str) -> None:
    legible = [m for m in marked if m.legible and m.field == field]
    assert len(legible) >= 30
    unread = [m.file for m in legible if not m.enough]
    assert 1 - len(unread) / len(legible) >= LEAST_SHARE, unread
