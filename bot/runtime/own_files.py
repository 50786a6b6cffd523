"""A user's tables as files: packed into one file for another machine, unpacked, copied, removed.

A packed table is a zip file of ``table.toml``, what was learned beside it, and the glyphs. It comes from
another person, so nothing in it is believed: only known names are taken, sizes have a bound, arrays are read
without pickle, and the definition is checked like one that was typed.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from bot.domain.errors import BadInput, StorageError
from bot.domain.words import Box
from bot.screen.own.definition import TABLE_FILE, OwnTable, OwnTables, checked_name, layout_text, table_of

MARK_FILE = "crashbot-table.json"
FORMAT, VERSION = "crashbot table", 1
#: Bounds of a packed table: a real one has a few hundred kilobytes.
MAX_FILE_BYTES, MAX_ALL_BYTES, MAX_ENTRIES = 16_000_000, 40_000_000, 80
#: Everything that may be in one, besides the mark.
_ALLOWED = re.compile(r"table\.toml|[a-z][a-z0-9_]{0,39}\.(npz|json)")
_ANY_SCREEN = (1 << 30, 1 << 30)


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of all tables of a user: a folder each, with the definition and all that was learned."""

    tables: OwnTables = field(default_factory=OwnTables)

    def save(self, table: OwnTable) -> Path:
        """Keep a definition; its folder. What was learned of other boxes is dropped."""
        if table.name in self.tables.names() and self._boxes(table.name) != dict(table.fields):
            self._forget(table.name)
        return self.tables.save(table)

    def _boxes(self, name: str) -> dict[str, Box] | None:
        try:
            return dict(self.tables.load(name).fields)
        except BadInput:  # damaged by hand: calibrating it again mends it
            return None

    def _forget(self, name: str) -> None:
        """Delete what was learned, not the definition."""
        learned = [path for path in self.tables.path(name).iterdir() if path.suffix in (".json", ".npz")]
        try:
            for path in learned:
                path.unlink()
        except OSError as error:
            raise StorageError(f"what was learned of the table {name} cannot be removed: {error}") from error

    def export(self, name: str, target: Path) -> list[str]:
        """Pack a table into ``target``; the names inside. Raises ``BadInput`` when that file exists."""
        self.tables.load(name)
        if target.exists():
            raise BadInput(f"{target} is there already: name another file, or remove it")
        contents = {MARK_FILE: json.dumps({"format": FORMAT, "version": VERSION, "name": name}).encode()}
        contents |= self._contents(name)
        try:
            with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as packed:
                for inside, content in contents.items():
                    packed.writestr(inside, content)
        except OSError as error:
            raise StorageError(f"{target} cannot be written: {error.strerror or error}") from error
        return sorted(contents)

    def unpack(self, source: Path, name: str | None = None) -> OwnTable:
        """Take in a packed table, under its own name or ``name``. Raises ``BadInput`` if it is not sound."""
        contents = read_packed(source)
        origin = f"{source}: {TABLE_FILE}"
        try:
            data = tomllib.loads(contents[TABLE_FILE].decode("utf-8"), parse_float=Decimal)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"{origin} is not valid TOML: {error}") from error
        table = table_of(data, name or str(data.get("name", "")), _ANY_SCREEN, origin)
        self._refuse_taken(table.name)
        self._put(table, contents)
        return table

    def copy(self, name: str, new: str, to: tuple[int, int] | None) -> OwnTable:
        """The same table under a new name, its boxes' top left corner at ``to`` (``None``: where it is).

        Raises ``BadInput`` when it would not lie on the screen.
        """
        table = self.tables.load(name)
        self._refuse_taken(checked_name(new))
        bounds = table.bounds()
        dx, dy = (0, 0) if to is None else (to[0] - bounds.x, to[1] - bounds.y)
        moved = replace(table.moved(dx, dy), name=new)
        place = moved.bounds()
        if place.x < 0 or place.y < 0 or place.right > table.screen[0] or place.bottom > table.screen[1]:
            raise BadInput(
                f"at {place.x},{place.y} the table ({place.width}x{place.height}) does not fit the screen of "
                f"{table.screen[0]}x{table.screen[1]}"
            )
        self._put(moved, self._contents(name))
        return moved

    def remove(self, name: str) -> None:
        """Delete a table with all that was learned. What was recorded at it stays in the database."""
        self.need(name)
        try:
            shutil.rmtree(self.tables.path(name))
        except OSError as error:
            raise StorageError(f"the table {name} cannot be removed: {error}") from error

    def _contents(self, name: str) -> dict[str, bytes]:
        """The files of a table by their names in a packed one."""
        found = {path.name: path for path in self.tables.path(name).iterdir()}
        try:
            return {inside: path.read_bytes() for inside, path in found.items() if _ALLOWED.fullmatch(inside)}
        except OSError as error:
            raise StorageError(f"the table {name} cannot be read: {error}") from error

    def _put(self, table: OwnTable, contents: Mapping[str, bytes]) -> None:
        folder = self.tables.path(table.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for inside, content in contents.items():
                if inside == TABLE_FILE or not _ALLOWED.fullmatch(inside):
                    continue
                (folder / inside).write_bytes(content)
            # Last: a table is there when its definition is.
            (folder / TABLE_FILE).write_text(layout_text(table), encoding="utf-8")
        except OSError as error:
            raise StorageError(f"the table {table.name} cannot be kept in {folder}: {error}") from error

    def need(self, name: str) -> None:
        """Raises ``BadInput`` when there is no such table; a damaged one is one."""
        if name not in self.tables.names():
            self.tables.load(name)

    def _refuse_taken(self, name: str) -> None:
        if name in self.tables.names():
            raise BadInput(f"there is a table {name!r} already: give another name, or remove that one first")


def read_packed(source: Path) -> dict[str, bytes]:
    """The files of a packed table by name, each checked. Raises ``BadInput`` that says what is wrong."""
    try:
        with zipfile.ZipFile(source) as packed:
            contents = _unzipped(packed, source)
    except FileNotFoundError as error:
        raise BadInput(f"there is no file {source}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{source} is not a packed table, or it is damaged ({error})") from error
    except OSError as error:
        raise BadInput(f"{source} cannot be read: {error.strerror or error}") from error
    _check_mark(contents.pop(MARK_FILE, b""), source)
    if TABLE_FILE not in contents:
        raise BadInput(f"{source} is not a packed table: there is no {TABLE_FILE} in it")
    for inside, content in contents.items():
        if inside.endswith(".json"):
            _check_json(content, f"{source}: {inside}")
        elif inside.endswith(".npz"):
            _check_arrays(content, f"{source}: {inside}")
    return contents


def _unzipped(packed: zipfile.ZipFile, source: Path) -> dict[str, bytes]:
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES:
        raise BadInput(f"{source} has {len(entries)} files in it: a packed table has at most {MAX_ENTRIES}")
    contents: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if entry.filename != MARK_FILE and not _ALLOWED.fullmatch(entry.filename):
            raise BadInput(f"{source} is not a packed table: there is a file {entry.filename!r} in it")
        with packed.open(entry) as opened:  # what the directory says of its size is not believed
            content = opened.read(MAX_FILE_BYTES + 1)
        total += len(content)
        if len(content) > MAX_FILE_BYTES or total > MAX_ALL_BYTES:
            raise BadInput(
                f"{source} is larger than a table can be ({MAX_ALL_BYTES // 1_000_000} MB unpacked)"
            )
        contents[entry.filename] = content
    return contents


def _check_mark(content: bytes, source: Path) -> None:
    try:
        mark = json.loads(content)
    except ValueError:
        mark = None
    if not isinstance(mark, dict) or mark.get("format") != FORMAT:
        raise BadInput(f"{source} is not a packed table: make one with `crashbot tables export`")
    if mark.get("version") != VERSION:
        raise BadInput(
            f"{source} was packed by another version ({mark.get('version')!r}): export it again there"
        )


def _check_json(content: bytes, origin: str) -> None:
    try:
        sound = isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        raise BadInput(f"{origin} is damaged: export the table again")


def _check_arrays(content: bytes, origin: str) -> None:
    """Arrays of plain numbers, whose sizes are bounded before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            total = 0
            for entry in inner.infolist():
                with inner.open(entry) as opened:
                    total += len(opened.read(MAX_ALL_BYTES + 1 - total))
                if total > MAX_ALL_BYTES:
                    raise BadInput(f"{origin} is larger than it can be")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            for name in arrays.files:
                _ = arrays[name].shape
    except (
        OSError,
        ValueError,
        EOFError,
        KeyError,
        MemoryError,
        zipfile.BadZipFile,
        NotImplementedError,
    ) as error:
        raise BadInput(f"{origin} is damaged: export the table again") from error
