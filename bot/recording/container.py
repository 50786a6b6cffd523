"""The file of a recording: a line that says what it is, then blocks, each with its length and a checksum.

Blocks are only ever appended, at least one a second. So a kill, a full disk or a pulled plug costs the block
in hand and nothing before it; a reader stops at the first block that is not whole and says so.

::

    crashbot recording 1\\n
    ┌ length (4 bytes, big-endian) ┬ CRC-32 (4 bytes) ┬ zlib stream of that length ┐  as often as needed
    the first block is the header; a block of looks is parts, each with a length of 4 bytes in front
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any

from bot.domain.errors import BadInput, StorageError

VERSION = 1
#: All versions begin like this.
FAMILY = b"crashbot recording "
MAGIC = FAMILY + f"{VERSION}\n".encode()
_HEAD = struct.Struct(">II")
_PART = struct.Struct(">I")
#: A block is closed when it holds this much before it is packed; one that is read may hold so much at most.
BLOCK_BYTES, MOST_BYTES = 8_000_000, 256_000_000
#: Fast: the looks are taken while a round flies.
LEVEL = 1


class RecordingFile:
    """Writes a recording. ``header`` is JSON. Raises ``StorageError`` when the disk does not take it."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self.bytes_written = 0
        self._packer = zlib.compressobj(LEVEL)
        self._packed: list[bytes] = []
        self._held = 0
        if path.is_symlink() or path.exists():
            raise StorageError(f"{path} exists already: name a new file, or remove it first")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Not buffered: what was written survives this process.
            self._file: RawIOBase = path.open("xb", buffering=0)
        except OSError as error:
            raise StorageError(
                f"the recording {path} cannot be written: {error.strerror or error}"
            ) from error
        self._write(MAGIC)
        self.add(json.dumps(header, ensure_ascii=False).encode())
        self.flush()

    def add(self, part: bytes) -> None:
        """Put a part into the block in hand; a full block is written."""
        self._packed.append(self._packer.compress(_PART.pack(len(part)) + part))
        self._held += len(part)
        if self._held >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the block in hand, so that it survives a kill."""
        if not self._held:
            return
        packed = b"".join([*self._packed, self._packer.flush()])
        self._packer, self._packed, self._held = zlib.compressobj(LEVEL), [], 0
        self._write(_HEAD.pack(len(packed), zlib.crc32(packed)) + packed)

    def close(self) -> None:
        """Write what is left; the file is whole afterwards."""
        if not self._file.closed:
            self.flush()
            self._file.close()

    def _write(self, content: bytes) -> None:
        try:
            view = memoryview(content)
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            raise StorageError(f"the recording {self.path} cannot be written: {error.strerror}") from error
        self.bytes_written += len(content)


class RecordingReader:
    """Reads a recording. ``cut_off`` says, once ``parts`` came to an end, whether the file is cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cut_off = False
        try:
            self._file = path.open("rb")
        except FileNotFoundError as error:
            raise BadInput(f"there is no recording {path}") from error
        except OSError as error:
            raise BadInput(f"the recording {path} cannot be read: {error.strerror or error}") from error
        try:
            self._check_kind()
            self.header = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _check_kind(self) -> None:
        try:
            line = self._file.readline(64)
        except OSError as error:
            raise BadInput(f"the recording {self.path} cannot be read: {error.strerror or error}") from error
        if not line.startswith(FAMILY):
            raise BadInput(f"{self.path} is not a recording (`crashbot record` and `--record` make them)")
        if line != MAGIC:
            version = line[len(FAMILY) :].strip().decode("ascii", "replace")
            raise BadInput(f"{self.path} is a recording of version {version}, this software reads {VERSION}")

    def _read_header(self) -> dict[str, Any]:
        block = self._block()
        parts = [] if block is None else list(_parts_of(block))
        try:
            header = json.loads(parts[0]) if parts else None
        except ValueError:
            header = None
        if not isinstance(header, dict):
            raise BadInput(f"{self.path} is a recording whose beginning is damaged: record again")
        return header

    def parts(self) -> Iterator[bytes]:
        """The parts behind the header, up to the end or to the first block that is not whole."""
        while (block := self._block()) is not None:
            yield from _parts_of(block)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _block(self) -> bytes | None:
        head = self._file.read(_HEAD.size)
        if not head:
            return None
        self.cut_off = True
        if len(head) < _HEAD.size:
            return None
        length, checksum = _HEAD.unpack(head)
        if length > min(MOST_BYTES, os.fstat(self._file.fileno()).st_size):
            return None
        packed = self._file.read(length)
        if len(packed) < length or zlib.crc32(packed) != checksum:
            return None
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(packed, MOST_BYTES)
        except zlib.error:
            return None
        if not unpacker.eof:
            return None
        self.cut_off = False
        return content


def _parts_of(block: bytes) -> Iterator[bytes]:
    place = 0
    while place + _PART.size <= len(block):
        (length,) = _PART.unpack_from(block, place)
        place += _PART.size
        yield block[place : place + length]
        place += length
