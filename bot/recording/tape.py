"""One look on tape: when it was, the pixels that the eye took, what it read in them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.clock import NS_PER_S, Instant
from bot.domain.errors import BadInput
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.recording.container import RecordingFile, RecordingReader
from bot.recording.pixels import WHOLE, Damaged, decode, encode

#: What was recorded is safe from a kill after this time at the latest.
SAFE_WITHIN_S = 0.8
#: Places of the screen whose last picture is kept to tell what changed: the page, the whole screen.
PLACES = 4
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class RecordedGrab:
    """Pixels that were taken, and of which part of the screen."""

    box: Box
    image: Image


@dataclass(frozen=True, slots=True)
class RecordedLook:
    """One look: its moment, the pixels taken for it in their order, and what was read (see ``as_json``)."""

    at: Instant
    grabs: tuple[RecordedGrab, ...]
    told: Mapping[str, Any]


@dataclass(slots=True)
class _Pictures:
    """The last pictures of a few places."""

    kept: dict[Box, Image] = field(default_factory=dict)

    def get(self, box: Box) -> Image | None:
        return self.kept.get(box)

    def put(self, box: Box, image: Image) -> None:
        self.kept.pop(box, None)
        self.kept[box] = image
        while len(self.kept) > PLACES:
            self.kept.pop(next(iter(self.kept)))


class Recorder:
    """Puts looks on tape. Memory is bounded: a few pictures and the block in hand."""

    def __init__(self, file: RecordingFile) -> None:
        self._file = file
        self._pictures = _Pictures()
        self._told: dict[str, Any] = {}
        self._safe_ns: int | None = None
        self.looks = 0

    def look(self, at: Instant, grabs: list[RecordedGrab], told: Mapping[str, Any]) -> None:
        """Add a look. Raises ``StorageError`` when the disk does not take it."""
        stored, contents = [], []
        for grab in grabs:
            kind, content = encode(grab.image, self._pictures.get(grab.box))
            self._pictures.put(grab.box, grab.image)
            height, width = grab.image.shape[:2]
            box = grab.box
            stored.append([box.x, box.y, box.width, box.height, width, height, kind, len(content)])
            contents.append(content)
        news = {
            key: value for key, value in told.items() if key not in self._told or self._told[key] != value
        }
        self._told = dict(told)
        about = json.dumps({"utc": at.utc_ns, "mono": at.mono_ns, "grabs": stored, "told": news}).encode()
        self._file.add(b"".join([_LENGTH.pack(len(about)), about, *contents]))
        self.looks += 1
        if self._safe_ns is None:
            self._safe_ns = at.mono_ns
        if at.mono_ns - self._safe_ns >= SAFE_WITHIN_S * NS_PER_S:
            self._file.flush()
            self._safe_ns = at.mono_ns

    @property
    def size_bytes(self) -> int:
        """What is on the disk so far."""
        return self._file.bytes_written

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


class Recording:
    """A recording that is read from its beginning to its end, once."""

    def __init__(self, reader: RecordingReader) -> None:
        self._reader = reader
        self.header: dict[str, Any] = reader.header

    @property
    def cut_off(self) -> bool:
        """Whether the end of the file is missing; known when all looks were read."""
        return self._reader.cut_off

    def looks(self) -> Iterator[RecordedLook]:
        """All looks. Raises ``BadInput`` for one that contradicts the one before."""
        pictures = _Pictures()
        told: dict[str, Any] = {}
        for number, part in enumerate(self._reader.parts(), 1):
            try:
                look = _look_of(part, pictures, told)
            except (Damaged, ValueError, KeyError, TypeError, struct.error) as error:
                raise BadInput(f"{self._reader.path}: look {number} is damaged: {error}") from error
            told = dict(look.told)
            yield look

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


def open_recording(path: Path) -> Recording:
    """A recording to be read. Raises ``BadInput`` with one line: not there, no recording, another version."""
    return Recording(RecordingReader(path))


def _look_of(part: bytes, pictures: _Pictures, told: Mapping[str, Any]) -> RecordedLook:
    (length,) = _LENGTH.unpack_from(part)
    place = _LENGTH.size + length
    about = json.loads(part[_LENGTH.size : place])
    grabs = []
    for x, y, box_width, box_height, width, height, kind, size in about["grabs"]:
        box = Box(int(x), int(y), int(box_width), int(box_height))
        before = None if kind == WHOLE else pictures.get(box)
        image = decode(str(kind), part[place : place + size], (int(width), int(height)), before)
        pictures.put(box, image)
        grabs.append(RecordedGrab(box, image))
        place += size
    at = Instant(int(about["utc"]), int(about["mono"]))
    return RecordedLook(at, tuple(grabs), {**told, **about["told"]})
