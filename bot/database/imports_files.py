"""Files that others recorded rounds in, as chunks of texts with the number of their line.

CSV with a header line: separator, encoding and byte order mark are found out. SQLite: a table or view, whose
rows are counted in the order in which they were written.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bot.domain.errors import BadInput, StorageError

CHUNK_ROWS = 50_000
_SNIFFED = 1_000_000
_DELIMITERS = ",;\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns in the file. Those of time and identifier may be missing unless asked for."""

    multiplier: str = "multiplier"
    time: str | None = None
    identifier: str | None = None

    def places(self, names: Sequence[str], where: str) -> tuple[int, int | None, int | None]:
        """Where they stand among the names of a file. Raises ``BadInput`` naming what there is."""
        found = [
            _place(names, self.multiplier),
            _place(names, self.time or "timestamp"),
            _place(names, self.identifier or "round_id"),
        ]
        wanted = (self.multiplier, self.time, self.identifier)
        options = ("--multiplier-column", "--time-column", "--id-column")
        for place, name, option in zip(found, wanted, options, strict=True):
            if place is None and name is not None:
                listed = ", ".join(names) or "none"
                raise BadInput(f"{where} has no column {name!r} (it has: {listed}): name it with {option}")
        assert found[0] is not None
        return found[0], found[1], found[2]


def _place(names: Sequence[str], name: str) -> int | None:
    if name in names:
        return names.index(name)
    lower = [each.strip().lower() for each in names]
    return lower.index(name.lower()) if name.lower() in lower else None


@dataclass(slots=True)
class Chunk:
    """Rows of a file: their lines and what stands in the columns, ``None`` where there is nothing.

    ``short``: lines that have fewer fields than are needed, and what stands there.
    """

    lines: list[int] = field(default_factory=list)
    multipliers: list[str | None] = field(default_factory=list)
    times: list[str | None] = field(default_factory=list)
    identifiers: list[str | None] = field(default_factory=list)
    short: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines) + len(self.short)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import. ``first_row`` is the text of its first row; ``with_identifiers``: it has a column of
    the house's identifiers."""

    path: Path
    columns: Columns
    table: str | None
    encoding: str
    delimiter: str
    first_row: str
    with_identifiers: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def key(self) -> str:
        """What tells the file from others of its name: name (and table) and first row."""
        first = hashlib.sha256(self.first_row.encode(errors="replace")).hexdigest()[:16]
        return ":".join([self.path.name, *([self.table] if self.table else []), first])

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in their order. Raises ``BadInput``, ``StorageError``."""
        return _sqlite_chunks(self) if self.table else _csv_chunks(self)


def open_source(path: str | Path, columns: Columns, table: str | None = None) -> Source:
    """Look at a file. Raises ``BadInput`` for one that is not there or lacks the columns."""
    file = Path(path)
    if not file.is_file():
        raise BadInput(f"there is no file {file}")
    try:
        with file.open("rb") as opened:
            begin = opened.read(_SNIFFED)
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}") from error
    if begin.startswith(_SQLITE):
        return _sqlite_source(file, columns, table)
    if table is not None:
        raise BadInput(f"{file} is no SQLite database: --table does not apply")
    return _csv_source(file, columns, begin)


# -- CSV ------------------------------------------------------------------------------------------------


def _csv_source(file: Path, columns: Columns, begin: bytes) -> Source:
    encoding = _encoding(begin)
    if b"\0" in begin and not encoding.startswith("utf-16"):
        raise BadInput(f"{file} is neither a CSV file nor an SQLite database")
    with _opened(file, encoding) as opened:
        header = opened.readline()
    if not header.strip():
        raise BadInput(f"{file} has no header line with the names of its columns")
    delimiter, names = _delimiter(header, columns)
    places = columns.places(names, str(file))
    source = Source(file, columns, None, encoding, delimiter, "", places[2] is not None)
    first = next(_rows(source, names=False), (0, []))[1]
    return Source(file, columns, None, encoding, delimiter, "\x1f".join(first), places[2] is not None)


def _encoding(begin: bytes) -> str:
    for mark, name in _MARKS:
        if begin.startswith(mark):
            return name
    try:
        begin[: begin.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _opened(file: Path, encoding: str) -> IO[str]:
    try:
        return file.open(encoding=encoding, errors="replace", newline="")
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}") from error


def _delimiter(header: str, columns: Columns) -> tuple[str, list[str]]:
    """The separator that finds the column of the multiplier, or else the most columns."""
    best = (False, 0, ",", [header.strip()])
    for delimiter in _DELIMITERS:
        with suppress(csv.Error):
            names = [name.strip() for name in next(csv.reader([header.strip("\r\n")], delimiter=delimiter))]
            found = (_place(names, columns.multiplier) is not None, len(names), delimiter, names)
            best = max(best, found, key=lambda each: each[:2])
    return best[2], best[3]


def _rows(source: Source, names: bool) -> Iterator[tuple[int, list[str]]]:
    """Lines and fields, without empty lines; the header too when ``names``."""
    with _opened(source.path, source.encoding) as opened:
        reader = csv.reader(opened, delimiter=source.delimiter)
        try:
            header = next(reader)
            if names:
                yield 1, [name.strip() for name in header]
            for row in reader:
                if row:
                    yield reader.line_num, row
        except csv.Error as error:
            raise BadInput(
                f"{source.path}, line {reader.line_num}: {error}: is a quote not closed?"
            ) from error
        except OSError as error:
            raise StorageError(f"{source.path} cannot be read: {error.strerror}") from error


def _csv_chunks(source: Source) -> Iterator[Chunk]:
    rows = _rows(source, names=True)
    multiplier, time, identifier = source.columns.places(next(rows)[1], str(source.path))
    needed = max(multiplier, time or 0, identifier or 0)
    chunk = Chunk()
    for line, row in rows:
        if len(row) > needed:
            chunk.lines.append(line)
            chunk.multipliers.append(row[multiplier])
            chunk.times.append(row[time] if time is not None else None)
            chunk.identifiers.append(row[identifier] if identifier is not None else None)
        elif any(text.strip() for text in row):
            chunk.short.append((line, source.delimiter.join(row)))
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = Chunk()
    if len(chunk):
        yield chunk


# -- SQLite ---------------------------------------------------------------------------------------------


def _sqlite_source(file: Path, columns: Columns, table: str | None) -> Source:
    with closing(_connect(file)) as connection:
        tables = [
            str(row[0])
            for row in _asked(
                connection, file, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            )
        ]
        if table is None:
            raise BadInput(
                f"{file} is an SQLite database: say which table with --table ({', '.join(tables)})"
            )
        if table not in tables:
            raise BadInput(f"{file} has no table {table!r} (it has: {', '.join(tables) or 'none'})")
        answer = _asked(connection, file, f"SELECT * FROM {_quoted(table)} LIMIT 1")
        places = columns.places([part[0] for part in answer.description], f"the table {table}")
    source = Source(file, columns, table, "", "", "", places[2] is not None)
    first = next((row for _, row in _table_rows(source)), ())
    text = "\x1f".join(_text(value) or "" for value in first)
    return Source(file, columns, table, "", "", text, places[2] is not None)


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _asked(connection: sqlite3.Connection, file: Path, sql: str) -> sqlite3.Cursor:
    try:
        return connection.execute(sql)
    except sqlite3.Error as error:
        raise BadInput(f"{file} cannot be read as an SQLite database: {error}") from error


def _table_rows(source: Source) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Multiplier, time and identifier of each row, numbered from 1."""
    assert source.table is not None
    name = _quoted(source.table)
    with closing(_connect(source.path)) as connection:
        names = [
            part[0] for part in _asked(connection, source.path, f"SELECT * FROM {name} LIMIT 0").description
        ]
        places = source.columns.places(names, f"the table {source.table}")
        chosen = ", ".join("NULL" if place is None else _quoted(names[place]) for place in places)
        try:
            rows = connection.execute(f"SELECT {chosen} FROM {name} ORDER BY rowid")
        except sqlite3.Error:  # a view, or a table WITHOUT ROWID
            rows = _asked(connection, source.path, f"SELECT {chosen} FROM {name}")
        try:
            yield from enumerate(rows, 1)
        except sqlite3.Error as error:
            raise BadInput(f"{source.path} cannot be read as an SQLite database: {error}") from error


def _text(value: Any) -> str | None:
    """As it would stand in a CSV; floats by their shortest digits."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return None if value is None else str(value)


def _sqlite_chunks(source: Source) -> Iterator[Chunk]:
    chunk = Chunk()
    for line, (multiplier, time, identifier) in _table_rows(source):
        chunk.lines.append(line)
        chunk.multipliers.append(_text(multiplier))
        chunk.times.append(_text(time))
        chunk.identifiers.append(_text(identifier))
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = Chunk()
    if len(chunk):
        yield chunk
