"""The file of a recording: whole blocks are never lost, and what is no recording is told in one line."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import BadInput, StorageError
from bot.recording.container import MAGIC, RecordingFile, RecordingReader

PARTS = [b"first", b"", b"x" * 5_000, b"last"]

WRITES_AND_WAITS = """
import sys
from pathlib import Path
from bot.recording.container import RecordingFile
file = RecordingFile(Path(sys.argv[1]), {"table": "mine"})
for number in range(50):
    file.add(b"look %d" % number)
    if number % 10 == 9:
        file.flush()
file.add(b"in hand")
print("written", flush=True)
sys.stdin.read()
"""


def _written(path: Path) -> Path:
    file = RecordingFile(path, {"table": "mine"})
    for part in PARTS:
        file.add(part)
        file.flush()
    file.close()
    return path


def _read(path: Path) -> tuple[list[bytes], bool]:
    reader = RecordingReader(path)
    try:
        assert reader.header == {"table": "mine"}
        return list(reader.parts()), reader.cut_off
    finally:
        reader.close()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    parts, cut_off = _read(_written(tmp_path / "a.crashrec"))
    assert [part for part in parts if part] == [part for part in PARTS if part]
    assert not cut_off


def test_a_file_cut_off_anywhere_gives_what_was_whole_before(tmp_path: Path) -> None:
    content = _written(tmp_path / "a.crashrec").read_bytes()
    wanted = [part for part in PARTS if part]
    cut, seen = tmp_path / "cut.crashrec", set()
    for length in range(len(MAGIC), len(content)):
        cut.write_bytes(content[:length])
        try:
            parts, cut_off = _read(cut)
        except BadInput as error:
            assert "damaged" in str(error)
            continue
        parts = [part for part in parts if part]
        assert parts == wanted[: len(parts)]
        seen.add((len(parts), cut_off))
    assert {(0, True), (1, True), (2, True), (1, False), (2, False)} <= seen


def test_a_changed_byte_ends_the_reading_before_its_block(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.crashrec")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    parts, cut_off = _read(path)
    assert [part for part in parts if part] == [b"first", b"x" * 5_000]
    assert cut_off


def test_a_killed_process_loses_the_block_in_hand_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "killed.crashrec"
    command = [sys.executable, "-c", WRITES_AND_WAITS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    parts, cut_off = _read(path)
    assert parts == [b"look %d" % number for number in range(50)]
    assert not cut_off


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a recording"),
        (b"\x89PNG\r\n\x1a\n", "is not a recording"),
        (b"crashbot recording 99\nmore", "of version 99"),
        (b"crashbot recording", "is not a recording"),
        (MAGIC, "damaged"),
        (MAGIC + b"\xff" * 40, "damaged"),
        (MAGIC + b"\x00" * 7, "damaged"),
    ],
)
def test_what_is_no_recording_is_told_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as told:
        RecordingReader(path)
    assert "\n" not in str(told.value)
    assert str(path) in str(told.value)


def test_a_folder_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        RecordingReader(tmp_path)
    with pytest.raises(BadInput, match="there is no recording"):
        RecordingReader(tmp_path / "none")


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.crashrec")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="exists already"):
        RecordingFile(path, {})
    assert path.read_bytes() == before


def test_a_place_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        RecordingFile(tmp_path / "file" / "a.crashrec", {})
