"""Retention: the oldest pictures go first, and nothing else does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clock import ManualClock
from bot.domain.pictures import Moment
from bot.journal.files import StoredPicture, path_of, stored_pictures, write_picture
from bot.journal.retention import BYTES_PER_MB, US_PER_DAY, doomed, tidy
from bot.journal.rules import JournalRules

NOW = ManualClock().now().utc_ns // 1_000


def write(folder: Path, days_ago: float, size: int = 1_000, round_id: str = "") -> str:
    at = NOW - round(days_ago * US_PER_DAY)
    path = path_of("s", round_id or f"r{at}", at, Moment.DECIDED, f"row{at}")
    write_picture(folder, path, b"x" * size)
    return path


def kept(folder: Path) -> set[str]:
    return {each.path for each in stored_pictures(folder)}


def test_what_is_too_old_goes_with_its_empty_folders(tmp_path: Path) -> None:
    old, young = write(tmp_path, 31), write(tmp_path, 29)
    done = tidy(tmp_path, JournalRules(keep_days=30, keep_mb=None), ManualClock())
    assert (done.deleted, done.deleted_bytes, done.left, done.left_bytes) == (1, 1_000, 1, 1_000)
    assert kept(tmp_path) == {young}
    assert not (tmp_path / old).parent.exists()


def test_when_there_is_too_much_the_oldest_go(tmp_path: Path) -> None:
    paths = [write(tmp_path, days, 400_000) for days in (5, 4, 3, 2, 1)]
    done = tidy(tmp_path, JournalRules(keep_days=None, keep_mb=1), ManualClock())
    assert done.deleted == 3
    assert kept(tmp_path) == set(paths[3:])


def test_a_dry_run_deletes_nothing(tmp_path: Path) -> None:
    paths = {write(tmp_path, days) for days in (40, 1)}
    done = tidy(tmp_path, JournalRules(keep_days=30), ManualClock(), dry_run=True)
    assert (done.deleted, done.left, done.dry_run) == (1, 1, True)
    assert kept(tmp_path) == paths


def test_no_bound_keeps_everything(tmp_path: Path) -> None:
    write(tmp_path, 4_000)
    assert tidy(tmp_path, JournalRules(keep_days=None, keep_mb=None), ManualClock()).deleted == 0


def test_files_that_are_no_pictures_of_the_journal_stay(tmp_path: Path) -> None:
    old = write(tmp_path, 99, round_id="r")
    mine = [tmp_path / "s" / "r" / "holiday.png", tmp_path / "s" / "notes.txt", tmp_path / "a.png"]
    for path in mine:
        path.write_bytes(b"mine")
    tidy(tmp_path, JournalRules(keep_days=0, keep_mb=0), ManualClock())
    assert all(path.read_bytes() == b"mine" for path in mine)
    assert not (tmp_path / old).exists()


def test_a_journal_that_does_not_exist_is_tidy() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert tidy(Path(folder) / "none", JournalRules(), ManualClock()).left == 0


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3 * BYTES_PER_MB)), max_size=20),
    st.none() | st.integers(0, 40),
    st.none() | st.integers(0, 10),
)
def test_what_stays_is_young_and_small_enough_and_nothing_goes_without_need(
    files: list[tuple[int, int]], keep_days: int | None, keep_mb: int | None
) -> None:
    pictures = [
        StoredPicture(f"s/r/{number}", NOW - days * US_PER_DAY, size)
        for number, (days, size) in enumerate(files)
    ]
    gone = doomed(pictures, JournalRules(keep_days=keep_days, keep_mb=keep_mb), NOW)
    left = [each for each in pictures if each not in gone]
    if keep_mb is not None:
        assert sum(each.size_bytes for each in left) <= keep_mb * BYTES_PER_MB
    if keep_days is not None:
        assert all(each.at_utc_us >= NOW - keep_days * US_PER_DAY for each in left)
    if gone:
        last = gone[-1]
        too_old = keep_days is not None and last.at_utc_us < NOW - keep_days * US_PER_DAY
        with_it = sum(each.size_bytes for each in [*left, last])
        assert too_old or (keep_mb is not None and with_it > keep_mb * BYTES_PER_MB)
        assert all(each.at_utc_us >= last.at_utc_us for each in left)


@pytest.mark.parametrize("rules", [JournalRules(keep_days=0), JournalRules(keep_mb=0)])
def test_zero_keeps_nothing_older_than_now(tmp_path: Path, rules: JournalRules) -> None:
    write(tmp_path, 0.5)
    assert tidy(tmp_path, rules, ManualClock()).left == 0
