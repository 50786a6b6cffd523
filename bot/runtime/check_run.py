"""What ``crashbot check`` does around a check: the screen, the hands if they are free, the picture."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import cv2

from bot.control.hand import PyAutoGuiHand
from bot.control.lock import HandsLock
from bot.domain.clock import SystemClock
from bot.domain.errors import AlreadyRunning, MissingPart, StorageError
from bot.domain.ports import Hand, Image
from bot.folders import user_state_dir
from bot.runtime.checking import CheckResult, check_table
from bot.runtime.own_screen import open_screen
from bot.screen.own.definition import OwnTables


def run_check(name: str, patience_s: float, pointer: bool) -> CheckResult:
    """Check a table of the user's on their screen. ``pointer``: try it, unless a session has the hands."""
    tables = OwnTables()
    table = tables.load(name)
    display, capture = open_screen()
    with ExitStack() as held:
        held.callback(capture.close)
        hand = _hand(display, held) if pointer else None
        return check_table(table, tables, capture, SystemClock(), hand, display, patience_s)


def _hand(display: str | None, held: ExitStack) -> Hand | None:
    try:
        held.enter_context(HandsLock(user_state_dir()))
        hand = PyAutoGuiHand(display)
    except (AlreadyRunning, MissingPart):
        return None
    held.callback(hand.release_all)
    return hand


def write_picture(path: Path, picture: Image) -> None:
    """Keep the picture with the boxes as PNG. Raises ``StorageError``."""
    done, content = cv2.imencode(".png", picture)
    try:
        if not done:
            raise OSError("it cannot be encoded")
        path.write_bytes(content.tobytes())
    except OSError as error:
        raise StorageError(f"--picture {path} cannot be written: {error.strerror or error}") from error
