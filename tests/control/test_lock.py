"""One instance holds the hands, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.control.lock import HandsLock
from bot.domain.errors import AlreadyRunning, StorageError

HOLD = """
import sys, time
from pathlib import Path
from bot.control.lock import HandsLock
HandsLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_is_told_who_has_the_hands(tmp_path: Path) -> None:
    with HandsLock(tmp_path) as first:
        assert first.held
        with pytest.raises(AlreadyRunning, match=str(os.getpid())):
            HandsLock(tmp_path).acquire()
    with HandsLock(tmp_path) as second:
        assert second.held


def test_a_killed_process_leaves_no_stale_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning, match=str(child.pid)):
            HandsLock(tmp_path).acquire()
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    HandsLock(tmp_path).acquire()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        HandsLock(tmp_path / "file" / "folder").acquire()
