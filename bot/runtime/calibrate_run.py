"""``crashbot calibrate NAME --layout FILE``: a table from a file, and its first rounds, without a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput
from bot.domain.ids import IdMaker
from bot.folders import read_toml
from bot.runtime.calibrating import Lesson, verdict
from bot.runtime.own_eye import open_eye
from bot.runtime.own_files import TableFiles
from bot.runtime.own_screen import open_screen
from bot.screen.own.definition import OwnTable, checked_name, table_of

MAX_ROUNDS, MAX_MINUTES = 100, 120.0


def check_bounds(rounds: int, minutes: float) -> None:
    """Raises ``BadInput`` for a number of rounds or minutes that cannot be meant."""
    if not 0 <= rounds <= MAX_ROUNDS:
        raise BadInput(f"--rounds takes 0 to {MAX_ROUNDS} (0: only keep the table), not {rounds}")
    if not 0 < minutes <= MAX_MINUTES:
        raise BadInput(f"--minutes takes more than 0 and at most {MAX_MINUTES:g}, not {minutes:g}")


def table_from_layout(
    name: str, layout: Path, said: Mapping[str, str], screen: Callable[[], tuple[int, int]]
) -> OwnTable:
    """The table that a layout file describes; ``said`` are options that override it. Raises ``BadInput``.

    ``screen`` gives the size of the screen, asked only when the file does not name one.
    """
    checked_name(name)
    data = dict(read_toml(layout)) | dict(said)
    size = (1, 1) if "screen" in data else screen()
    return table_of(data, name, size, str(layout))


def calibrate_from_layout(
    name: str,
    layout: Path,
    said: Mapping[str, str],
    rounds: int,
    minutes: float,
    tell: Callable[[str], None],
    clock: Clock | None = None,
) -> bool:
    """Check the file, keep the table, watch its first rounds; whether the multiplier was read.

    Raises ``BadInput`` for the file or the options, ``MissingPart`` without a screen.
    """
    check_bounds(rounds, minutes)
    files = TableFiles()
    table = table_from_layout(name, layout, said, _screen_size)
    if rounds == 0:
        folder = files.save(table)
        tell(f"Table {name} kept in {folder}. It learns while it is watched: crashbot watch {name}")
        return True
    ticking = SystemClock() if clock is None else clock
    _, capture = open_screen()
    _say_other_screen(table, capture.size(), tell)
    folder = files.save(table)
    tell(f"Table {name} kept in {folder}. Watching {rounds} rounds, {minutes:g} minutes at most.")
    eye = open_eye(table, files.tables, capture, ticking)
    try:
        lesson = Lesson(eye, table, ticking, IdMaker(ticking), rounds, minutes * 60, tell)
        view = lesson.run()
    finally:
        eye.close()
        capture.close()
    good, lines = verdict(view)
    for line in lines:
        tell(line)
    if eye.readers.storage_problem:
        tell(eye.readers.storage_problem)
    if good:
        tell(f"Next: crashbot check {name}, then crashbot watch {name}.")
    return good


def _screen_size() -> tuple[int, int]:
    return open_screen()[1].size()


def _say_other_screen(table: OwnTable, size: tuple[int, int], tell: Callable[[str], None]) -> None:
    if table.screen != size:
        tell(
            f"The layout was made for a screen of {table.screen[0]}x{table.screen[1]}; this one has "
            f"{size[0]}x{size[1]}: are its boxes right here?"
        )
