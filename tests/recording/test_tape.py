"""Looks on tape: every pixel, moment and value comes back, whatever changed from look to look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.clock import Instant
from bot.domain.errors import BadInput
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.recording import RecordedGrab, Recorder, RecordingFile, ReplayCapture, open_recording
from bot.recording.pixels import SAME, TILES, WHOLE, Damaged, decode, encode


def _noise(seed: int, width: int, height: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@st.composite
def pictures(draw: st.DrawFn) -> tuple[Image, Image]:
    """A picture and what became of it: some places changed."""
    width, height = draw(st.integers(1, 70)), draw(st.integers(1, 50))
    before = _noise(draw(st.integers(0, 99)), width, height)
    after = before.copy()
    for _ in range(draw(st.integers(0, 4))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        after[y : y + draw(st.integers(1, 20)), x : x + draw(st.integers(1, 20))] ^= draw(st.integers(1, 255))
    return before, after


@given(pictures())
@settings(max_examples=200, deadline=None)
def test_no_pixel_is_lost(pair: tuple[Image, Image]) -> None:
    before, after = pair
    size = (after.shape[1], after.shape[0])
    for kept in (None, before):
        kind, content = encode(after, kept)
        assert np.array_equal(decode(kind, content, size, kept), after)


def test_what_stands_still_costs_nothing_and_a_change_costs_its_tiles() -> None:
    before = _noise(1, 160, 160)
    assert encode(before.copy(), before) == (SAME, b"")
    after = before.copy()
    after[20, 20] ^= 1
    kind, content = encode(after, before)
    assert kind == TILES
    assert len(content) < 1_000
    assert encode(_noise(2, 160, 160), before)[0] == WHOLE


@pytest.mark.parametrize(
    ("kind", "content", "size"),
    [
        (TILES, b"\xff", (32, 32)),
        (SAME, b"", (16, 32)),
        ("other", b"", (32, 32)),
        (WHOLE, b"no picture", (32, 32)),
        (WHOLE, b"", (200_000, 200_000)),
    ],
)
def test_a_stored_picture_that_does_not_fit_is_damaged(
    kind: str, content: bytes, size: tuple[int, int]
) -> None:
    with pytest.raises(Damaged):
        decode(kind, content, size, _noise(1, 32, 32))


def _instant(number: int) -> Instant:
    return Instant(1_700_000_000_000_000_000 + number * 40_000_000, 5_000_000_000 + number * 40_000_000)


def test_looks_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "a.crashrec"
    recorder = Recorder(RecordingFile(path, {"table": "mine"}))
    page, screen = Box(10, 20, 100, 80), Box(0, 0, 200, 120)
    image, looks = _noise(1, 100, 80), []
    for number in range(60):
        image = image.copy()
        image[number, :20] = number
        grabs = [RecordedGrab(page, image)]
        if number % 20 == 0:
            grabs.insert(0, RecordedGrab(screen, _noise(number, 200, 120)))
        if number == 30:
            grabs = []
        told = {"phase": "flying", "multiplier": f"1.{number:02d}", "players": 5 if number < 30 else None}
        recorder.look(_instant(number), grabs, told)
        looks.append((_instant(number), grabs, told))
    recorder.close()
    recording = open_recording(path)
    found = list(recording.looks())
    recording.close()
    assert not recording.cut_off
    assert [(look.at, dict(look.told)) for look in found] == [(at, told) for at, _, told in looks]
    for look, (_, grabs, _) in zip(found, looks, strict=True):
        assert [grab.box for grab in look.grabs] == [grab.box for grab in grabs]
        assert all(np.array_equal(a.image, b.image) for a, b in zip(look.grabs, grabs, strict=True))


def test_all_but_the_last_second_is_safe_while_it_records(tmp_path: Path) -> None:
    path = tmp_path / "a.crashrec"
    recorder = Recorder(RecordingFile(path, {"table": "mine"}))
    for number in range(100):  # four seconds
        recorder.look(_instant(number), [RecordedGrab(Box(0, 0, 40, 40), _noise(number, 40, 40))], {})
    recording = open_recording(path)  # as another process sees it after a kill
    assert len(list(recording.looks())) > 75
    recording.close()
    recorder.close()


def test_a_look_that_contradicts_the_one_before_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.crashrec"
    file = RecordingFile(path, {"table": "mine"})
    about = b'{"utc": 1, "mono": 1, "grabs": [[0, 0, 9, 9, 9, 9, "same", 0]], "told": {}}'
    file.add(len(about).to_bytes(4, "big") + about)
    file.close()
    recording = open_recording(path)
    with pytest.raises(BadInput, match="look 1 is damaged"):
        list(recording.looks())
    recording.close()


def test_a_replay_gives_the_pixels_of_then_and_cuts_others_from_them() -> None:
    capture, first, page = ReplayCapture((60, 40)), _noise(1, 60, 40), Box(10, 10, 20, 20)
    later = _noise(2, 20, 20)
    capture.show((RecordedGrab(Box(0, 0, 60, 40), first), RecordedGrab(page, later)))
    assert np.array_equal(capture.grab(Box(0, 0, 60, 40)), first)
    assert np.array_equal(capture.grab(page), later)
    assert np.array_equal(capture.grab(Box(12, 12, 5, 5)), later[2:7, 2:7])
    assert np.array_equal(capture.grab(Box(0, 0, 5, 5)), first[:5, :5])
    assert capture.grab(Box(50, 30, 40, 40)).shape == (10, 10, 3)
