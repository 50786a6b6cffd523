"""Every labelled real frame is read right or refused, never wrong: number, phase, history."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.cli_read import load_picture
from bot.domain.amounts import parse_hundredths
from bot.domain.words import Phase
from bot.screen.stills import StillReader, StillReading, read_still
from tests.screen_stills.conftest import frame_path

#: Frames whose number no reader may return, by their labels: two numbers, mixed numbers, chips.
NO_NUMBER = re.compile(r"chip|cross-faded|cut off|tablet")
#: What is reached; a change that reads fewer of them fails.
LEAST_NUMBERS, LEAST_PHASES, LEAST_HISTORIES = 31, 37, 8


@dataclass(frozen=True)
class Labelled:
    """One frame, its labels and what the reader makes of it."""

    name: str
    phase: str
    multiplier: int | None
    history: tuple[int, ...] | None
    reading: StillReading


def _labelled_history(row: dict[str, str]) -> tuple[int, ...] | None:
    """Chips of a label like ``1.02 66.67 | 1.07``; ``None`` when the label names none."""
    text = row["what_it_shows"]
    if "chip" in row["multiplier_text"] and "cut" not in row["multiplier_text"]:
        return (parse_hundredths(row["multiplier_text"].split("x")[0]),)
    if "history_" not in row["file"] or "history_open" in row["file"]:
        return None
    return tuple(parse_hundredths(found) for found in re.findall(r"\d+\.\d\d", text))


@pytest.fixture(scope="module")
def frames(reader: StillReader) -> Iterator[list[Labelled]]:
    labels = frame_path("labels.csv")
    found = []
    with labels.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            text = row["multiplier_text"]
            wanted = parse_hundredths(text.removesuffix("x")) if text and not NO_NUMBER.search(text) else None
            reading = read_still(load_picture(frame_path(row["file"])), field="history", reader=reader)
            found.append(Labelled(row["file"], row["phase"], wanted, _labelled_history(row), reading))
    assert len(found) >= 58
    yield found


def test_no_number_is_read_wrong_and_as_many_as_before_are_read(frames: list[Labelled]) -> None:
    wrong = [
        (frame.name, frame.multiplier, frame.reading.multiplier.value)
        for frame in frames
        if frame.reading.multiplier.value not in (None, frame.multiplier)
    ]
    assert wrong == []
    verdicts = Counter(
        "read" if frame.reading.multiplier.value is not None else "refused"
        for frame in frames
        if frame.multiplier is not None
    )
    assert verdicts["read"] >= LEAST_NUMBERS, verdicts


def test_no_phase_is_read_wrong_and_as_many_as_before_are_read(frames: list[Labelled]) -> None:
    known = [frame for frame in frames if frame.reading.phase is not Phase.UNKNOWN]
    assert [(f.name, f.phase, f.reading.phase) for f in known if f.reading.phase.value != f.phase] == []
    assert len(known) >= LEAST_PHASES


def test_no_history_is_read_wrong_and_as_many_as_before_are_read(frames: list[Labelled]) -> None:
    labelled = [frame for frame in frames if frame.history is not None]
    read = [frame for frame in labelled if frame.reading.history.value is not None]
    assert [f.name for f in read if f.reading.history.value != f.history] == []
    assert len(read) >= LEAST_HISTORIES


def test_chips_and_small_numbers_are_never_the_multiplier(frames: list[Labelled]) -> None:
    others = [frame for frame in frames if frame.phase == "other"]
    assert len(others) >= 15
    assert [frame.name for frame in others if frame.reading.multiplier.value is not None] == []


@pytest.mark.parametrize(
    "part", ["chip_cut_off", "history_4_cut", "history_7df5f9", "gif_f55", "crash_1.24x"]
)
def test_a_history_that_is_cut_off_is_refused(frames: list[Labelled], part: str) -> None:
    frame = next(frame for frame in frames if part in frame.name)
    assert frame.reading.history.value is None
    assert frame.reading.history.reason


@pytest.mark.parametrize("part", ["phonefilm_f360", "promo_tilted", "disconnected_dialog", "region_drifted"])
def test_doubtful_frames_are_refused_with_a_reason(frames: list[Labelled], part: str) -> None:
    frame = next(frame for frame in frames if part in frame.name)
    assert frame.reading.multiplier.value is None
    assert frame.reading.phase is Phase.UNKNOWN
    assert frame.reading.reason
