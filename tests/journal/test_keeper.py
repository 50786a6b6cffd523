"""The keeper: a row for every moment, its picture when there is time and room, and nobody ever waits."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from bot.domain.clock import ManualClock
from bot.domain.errors import StorageError
from bot.domain.pictures import Moment, Shot
from bot.domain.ports import Record
from bot.domain.words import Box
from bot.journal.files import (
    WHOLE_PIXELS,
    cut_to_fields,
    decoded,
    encoded,
    path_of,
    read_picture,
    stored_pictures,
    write_picture,
)
from bot.journal.keeper import CHORE_EVERY_S, OUT_OF_SIGHT, QUEUE_PICTURES, THINNED, Keeper
from bot.journal.rules import Pictures
from tests.journal.pictured import AT, BOXES, PLACE, happened, numbers, shot


def merged(records: list[Record]) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = {}
    for record in records:
        rows.setdefault(str(record.values["id"]), {}).update(record.values)
    return rows


def test_a_moment_becomes_a_row_and_its_fields_become_a_picture(tmp_path: Path) -> None:
    records: list[Record] = []
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), records.append)
    taken = shot()
    keeper.keep(happened(picture=taken))
    keeper.close()
    row = merged(records)["row-1"]
    assert [record.update for record in records] == [False, True]
    assert (row["moment"], row["bet_id"], row["lost"]) == ("decided", "bet-1", None)
    data, why = read_picture(tmp_path, str(row["path"]), str(row["sha256"]))
    assert data is not None and why == ""
    assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert row["boxes"] == {
        "picture": [138, 68, 144, 124],
        "multiplier": [150, 80, 120, 40],
        "p0_button": [200, 150, 60, 30],
    }
    image = decoded(data)
    assert image is not None
    assert np.array_equal(image, taken.pixels[18:142, 38:182])


def test_a_full_queue_leaves_pictures_out_and_never_rows(tmp_path: Path) -> None:
    records: list[Record] = []
    gate = threading.Event()
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), records.append, chore=lambda: gate.wait(10))
    for number in range(QUEUE_PICTURES + 5):
        keeper.keep(happened(round_id=f"r{number}", picture=shot(number)))
    gate.set()
    keeper.close()
    rows = merged(records)
    assert len(rows) == QUEUE_PICTURES + 5
    assert [row["lost"] for row in rows.values() if row.get("path") is None] == [THINNED] * 5
    assert (keeper.stats.thinned, keeper.stats.pictures) == (5, QUEUE_PICTURES)


def test_many_bytes_wait_no_more_than_many_pictures(tmp_path: Path) -> None:
    records: list[Record] = []
    gate = threading.Event()
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), records.append, chore=lambda: gate.wait(10))
    large = Shot(Box(0, 0, 3840, 2160), np.zeros((2160, 3840, 3), np.uint8), BOXES)
    for _ in range(4):
        keeper.keep(happened(picture=large))
    gate.set()
    keeper.close()
    assert (keeper.stats.pictures, keeper.stats.thinned) == (2, 2)
    assert len(merged(records)) == 4


def test_the_chore_is_done_first_and_again_every_hour(tmp_path: Path) -> None:
    clock, done = ManualClock(), threading.Semaphore(0)
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), lambda record: None, done.release, clock)
    assert done.acquire(timeout=10)
    clock.advance(CHORE_EVERY_S - 1)
    keeper.keep(happened())
    clock.advance(2)
    keeper.keep(happened())
    assert done.acquire(timeout=10)
    keeper.close()
    assert not done.acquire(blocking=False)


def test_a_chore_that_fails_stops_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError("no disk")

    records: list[Record] = []
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), records.append, fail)
    keeper.keep(happened(picture=shot()))
    keeper.close()
    assert keeper.trouble == "no disk" and len(merged(records)) == 1


@pytest.mark.parametrize("broken", ["folder", "file"])
def test_a_disk_that_takes_nothing_costs_pictures_alone(tmp_path: Path, broken: str) -> None:
    records: list[Record] = []
    folder = tmp_path / "journal"
    if broken == "folder":
        folder.write_text("no folder can be made here")
    else:
        (folder / "session-1").mkdir(parents=True)
        (folder / "session-1" / "round-1").write_text("nor here")
    keeper = Keeper(folder, Pictures.ALL, numbers(), records.append)
    keeper.keep(happened(picture=shot()))
    keeper.keep(happened(Moment.ROUND_END, round_id="r2", picture=None))
    keeper.close()
    rows = merged(records)
    assert len(rows) == 2
    assert str(rows["row-1"]["lost"]).startswith("the disk did not take it")
    assert "path" not in rows["row-1"]
    assert keeper.stats.failed == 1


def test_a_storage_that_refuses_rows_is_survived(tmp_path: Path) -> None:
    def refuse(record: Record) -> None:
        raise StorageError("the database is full")

    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), refuse)
    keeper.keep(happened(picture=shot()))
    keeper.keep(happened(picture=shot(1)))
    keeper.close()
    assert keeper.stats.rows == 0
    assert keeper.stats.rows_refused == 4
    assert keeper.waiting() == 0


@pytest.mark.parametrize(
    ("pictures", "bet_id", "kept"),
    [
        (Pictures.ALL, None, True),
        (Pictures.BETS, "bet-1", True),
        (Pictures.BETS, None, False),
        (Pictures.NONE, "bet-1", False),
    ],
)
def test_what_is_read_is_written_down_whatever_pictures_are_kept(
    tmp_path: Path, pictures: Pictures, bet_id: str | None, kept: bool
) -> None:
    records: list[Record] = []
    keeper = Keeper(tmp_path, pictures, numbers(), records.append)
    keeper.keep(happened(bet_id=bet_id, picture=shot()))
    keeper.close()
    row = merged(records)["row-1"]
    assert row["seen"]
    assert ("path" in row) is kept
    assert row["lost"] is None


def test_a_moment_out_of_sight_says_so(tmp_path: Path) -> None:
    records: list[Record] = []
    keeper = Keeper(tmp_path, Pictures.ALL, numbers(), records.append)
    keeper.keep(happened(picture=None))
    keeper.keep(happened(picture=Shot(PLACE, np.zeros((0, 0, 3), np.uint8), BOXES)))
    keeper.close()
    rows = merged(records)
    assert rows["row-1"]["lost"] == OUT_OF_SIGHT
    assert rows["row-2"]["lost"] == "a picture without pixels"


def test_a_very_large_page_keeps_its_fields_alone() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (2160, 3840, 3), np.uint8)
    boxes = {"multiplier": Box(500, 400, 300, 100), "balance": Box(3000, 1900, 200, 40)}
    frame, cut, kept = cut_to_fields(Shot(Box(0, 0, 3840, 2160), pixels, boxes))
    assert frame.width * frame.height > WHOLE_PIXELS
    assert kept == boxes
    for box in boxes.values():
        inside = box.shifted(-frame.x, -frame.y)
        shown = cut[inside.y : inside.bottom, inside.x : inside.right]
        assert np.array_equal(shown, pixels[box.y : box.bottom, box.x : box.right])
    assert len(encoded(cut)) < 400_000


def test_fields_beyond_the_page_are_no_fields_of_the_picture() -> None:
    boxes = {"multiplier": BOXES["multiplier"], "balance": Box(390, 240, 50, 20), "players": Box(0, 0, 5, 5)}
    _, _, kept = cut_to_fields(shot(boxes=boxes))
    assert list(kept) == ["multiplier"]


def test_a_path_cannot_lead_out_of_the_journal(tmp_path: Path) -> None:
    path = path_of("../../etc", "..", AT, Moment.DECIDED, "a/b")
    assert ".." not in path
    assert path.count("/") == 2
    (tmp_path / "journal").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    assert read_picture(tmp_path / "journal", "../secret.png", None)[0] is None


def test_a_changed_file_is_not_shown_as_what_was_seen(tmp_path: Path) -> None:
    write_picture(tmp_path, "s/r/1-decided-x.png", b"before")
    sha256 = hashlib.sha256(b"before").hexdigest()
    assert read_picture(tmp_path, "s/r/1-decided-x.png", sha256)[0] == b"before"
    (tmp_path / "s/r/1-decided-x.png").write_bytes(b"after")
    data, why = read_picture(tmp_path, "s/r/1-decided-x.png", sha256)
    assert data is None and "checksum" in why
    assert read_picture(tmp_path, "s/r/2-decided-x.png", None)[1] == "not on this disk"


def test_no_half_written_picture_is_left(tmp_path: Path) -> None:
    write_picture(tmp_path, path_of("s", "r", AT, Moment.SETTLED, "row"), b"data")
    (tmp_path / "s" / "notes.txt").write_text("not ours")
    assert [file.suffix for file in (tmp_path / "s" / "r").iterdir()] == [".png"]
    assert [each.at_utc_us for each in stored_pictures(tmp_path)] == [AT]
