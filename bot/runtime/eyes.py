"""Which eye looks at a table: one that knows the practice casino's pages, or one that a user calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bot.domain.clock import Clock
from bot.domain.ports import Capture, Image
from bot.domain.words import Box, Placement, Reading
from bot.recording import RecordingCapture
from bot.runtime.messages import TableSpec
from bot.runtime.own_eye import open_eye
from bot.runtime.recording_eye import RecordingEye, recording_path, start_recording
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.eye import EyeStats, TableEye
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.own.definition import OwnTables


class Counts(Protocol):
    """Who read what."""

    @property
    def last(self) -> Mapping[str, str]:
        """The reader of each field, the last time it was read."""
        ...


class Readers(Protocol):
    """What the runtime asks of an eye's readers."""

    @property
    def counts(self) -> Counts: ...


class Eye(Protocol):
    """Looks at one table. Belongs to one thread."""

    @property
    def stats(self) -> EyeStats:
        """Counts of its looks."""
        ...

    @property
    def readers(self) -> Readers: ...

    @property
    def placement(self) -> Placement | None:
        """Where the page was at the last look."""
        ...

    def look(self) -> Reading:
        """One frame of the table."""
        ...

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        """Return as soon as the number's pixels differ from those of the last look, or time is up."""
        ...

    def picture(self) -> tuple[Box, Image] | None:
        """The pixels of the last look and their place; ``None`` when out of sight."""
        ...

    def boxes(self) -> Mapping[str, Box]:
        """The named boxes at the last look, in screen pixels."""
        ...


def eye_for(spec: TableSpec, clock: Clock) -> Eye:
    """The eye of a table's process. Raises ``BadInput`` when the table is not calibrated (any more)."""
    screen = ScreenCapture(spec.display)
    if spec.record_folder is None:
        return eye_on(spec, screen, clock)
    path = recording_path(Path(spec.record_folder), spec.table, clock)
    capture = RecordingCapture(screen)
    recorder = start_recording(spec, capture, clock, path)  # before the eye: it learns from its first look on
    return RecordingEye(eye_on(spec, capture, clock), capture, recorder)


def eye_on(spec: TableSpec, capture: Capture, clock: Clock) -> Eye:
    """The eye of a table on any capture. Raises ``BadInput`` when the table is not calibrated (any more)."""
    if spec.own_folder is not None:
        tables = OwnTables(Path(spec.own_folder))
        return open_eye(tables.load(spec.table), tables, capture, clock)
    return TableEye(
        table=spec.table,
        layout=load_layout(spec.game),
        nonce=spec.nonce,
        index=spec.index,
        capture=capture,
        engine=default_engine(),
        fonts=FontStore(Path(spec.fonts_folder)),
        clock=clock,
    )
