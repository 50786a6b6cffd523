"""Rounds that others recorded: from CSV and SQLite files into the database, each once.

A round with an identifier of the house is the same round wherever it comes from (per game and platform).
One without gets its identifier from file and line, where a file is known by its name and its first row, and
by its content: the same file again, under whatever name, and one that has grown since, add what is new. Two
files of one name that begin differently are two files. See ``docs/importing.md``.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bot.database.connection import get_database
from bot.database.engine import Database
from bot.database.imports_files import Columns, Source, open_source
from bot.database.imports_gaps import NOTHING, Findings, find_holes
from bot.database.imports_multipliers import check_decimal
from bot.database.imports_rows import Checker, Rejection, Round, Series
from bot.database.imports_storing import finish, imported_before, register, store_rounds
from bot.database.imports_times import TimeReader, check_zone
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput
from bot.domain.ids import IdMaker
from bot.domain.words import MultiplierSource
from bot.games import GAMES

UNKNOWN_GAME = "unknown"
_BLOCK = 1 << 20

#: Called now and then with the rows read and the rows there are, as far as that is known.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file. ``rows`` = ``stored`` + ``duplicates`` + the number of ``rejected``.

    ``gaps``: holes between its rounds in which at least one was missed, and pauses of over five minutes.
    ``notes``: what a person should know, each one line.
    """

    file: str
    game: str
    platform: str | None
    session_id: str
    rows: int
    stored: int
    duplicates: int
    rejected: list[Rejection]
    gaps: int
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        listed = [{"line": each.line, "reason": each.reason, "value": each.value} for each in self.rejected]
        return {**plain, "rejected": listed}


def import_rounds(
    path: str | Path,
    *,
    game: str | None = None,
    platform: str | None = None,
    timezone: str | None = None,
    multiplier_column: str = "multiplier",
    time_column: str | None = None,
    identifier_column: str | None = None,
    table: str | None = None,
    decimal: str | None = None,
    time_format: str | None = None,
    times_are_ends: bool = False,
    source: MultiplierSource | None = None,
    progress: Progress | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
) -> ImportResult:
    """Take the rounds of a file in. What is stored already is not stored again; nothing is left out silently.

    ``game``: without one, the game that the file's name has in it, else ``unknown``. ``timezone``: of times
    without a zone (UTC without one). ``table``: of an SQLite file. ``decimal``: ``.`` or ``,`` where a value
    leaves it open. ``time_format``: a ``strptime`` pattern. ``times_are_ends``: the times are those of the
    crashes. Rounds go in by whole batches: an import that was stopped is completed by running it again.
    Raises ``BadInput`` for a file or an option that cannot be used, ``StorageError``.
    """
    check_decimal(decimal)
    times = TimeReader(check_zone(timezone or "UTC"), time_format)
    found = open_source(path, Columns(multiplier_column, time_column, identifier_column), table)
    chosen, now = database or get_database(), clock or SystemClock()
    name, code = _game_of(found, game), (platform or "").strip() or None
    series, parameters = _series(chosen, found, name, code, source, times_are_ends)
    register(chosen, series, {**parameters, "timezone": times.timezone}, now.now().utc_ns // 1_000)
    run = _Run(chosen, Checker(series, times, decimal), progress, int(parameters["lines"]))
    run.all_rounds(found)
    findings = run.findings()
    result = ImportResult(
        file=found.path.name,
        game=name,
        platform=code,
        session_id=series.session_id,
        rows=run.checker.rows,
        stored=run.stored,
        duplicates=run.duplicates,
        rejected=sorted(run.checker.rejected, key=lambda each: each.line),
        gaps=len(findings.holes),
        notes=_notes(times, timezone, name, findings, times_are_ends),
    )
    finish(
        chosen,
        series,
        findings,
        run.times(),
        _import_row(result, now),
        {**parameters, "timezone": times.timezone},
    )
    return result


@dataclass(slots=True)
class _Run:
    """One pass over a file. Keeps 24 bytes a round, for the search for holes."""

    database: Database
    checker: Checker
    progress: Progress | None
    lines: int
    stored: int = 0
    duplicates: int = 0
    _moments: array[int] = field(default_factory=lambda: array("q"))
    _crashes: array[int] = field(default_factory=lambda: array("q"))
    _numbers: array[int] = field(default_factory=lambda: array("q"))

    def all_rounds(self, source: Source) -> None:
        for chunk in source.chunks():
            rounds = self.checker.rounds(chunk)
            stored, duplicates, rejected = store_rounds(self.database, rounds)
            self.stored += stored
            self.duplicates += duplicates
            self.checker.rejected += rejected
            self._keep(rounds)
            if self.progress is not None:
                self.progress(self.checker.rows, max(self.lines, self.checker.rows))

    def _keep(self, rounds: list[Round]) -> None:
        self._moments.extend(NOTHING if each.time_us is None else each.time_us for each in rounds)
        self._crashes.extend(each.crash for each in rounds)
        self._numbers.extend(_number(each.external_id) for each in rounds)

    def findings(self) -> Findings:
        columns = (np.array(part, dtype=np.int64) for part in (self._moments, self._crashes, self._numbers))
        return find_holes(*columns)

    def times(self) -> list[int | None]:
        return [None if moment == NOTHING else moment for moment in self._moments]


def _number(identifier: str | None) -> int:
    """The house's identifier as a number, where it is one."""
    if identifier is None or len(identifier) > 18 or not (identifier.isascii() and identifier.isdigit()):
        return NOTHING
    return int(identifier)


# -- which file it is -----------------------------------------------------------------------------------


def _game_of(source: Source, game: str | None) -> str:
    if game is not None:
        name = game.strip()
        if not name or "\0" in name:
            raise BadInput(f"not the name of a game: {game!r}")
        return name.lower() if name.lower() in GAMES else name
    words = re.split(r"[^a-z0-9]+", source.path.stem.lower())
    return next((word for word in words if word in GAMES), UNKNOWN_GAME)


def _series(
    database: Database,
    source: Source,
    game: str,
    platform: str | None,
    said: MultiplierSource | None,
    times_are_ends: bool,
) -> tuple[Series, dict[str, Any]]:
    """What the file's rounds share, and what is written down to know the file again."""
    before = imported_before(database, game, platform)
    sizes = {int(known["bytes"]) for known in before if known.get("bytes") and not source.table}
    digests, lines = _digests(source, sizes)
    key = source.key
    # The longest file that this one begins with: it is that one, grown since.
    for known in sorted(before, key=lambda each: int(each.get("bytes") or 0), reverse=True):
        if known.get("sha256") and digests.get(int(known["bytes"])) == known["sha256"]:
            key = str(known["key"])
            break
    digest = hashlib.sha256(repr((game, platform, key)).encode(errors="replace")).hexdigest()[:12]
    stem = key.split(":")[0].rsplit(".", 1)[0]
    kind = said or (MultiplierSource.API if source.with_identifiers else MultiplierSource.MANUAL)
    series = Series(f"import:{stem}:{digest}", game, platform, key, kind, times_are_ends)
    size = source.size if not source.table else 0
    return series, {
        "file": source.path.name,
        "table": source.table,
        "key": key,
        "bytes": size,
        "sha256": digests.get(size, ""),
        "lines": lines,
    }


def _digests(source: Source, sizes: set[int]) -> tuple[dict[int, str], int]:
    """SHA-256 of the first so many bytes, and of the whole file; and how many lines it has."""
    if source.table:
        return {}, 0
    wanted = sorted({size for size in sizes if 0 < size < source.size} | {source.size})
    found, lines, place, digest = {}, 0, 0, hashlib.sha256()
    with source.path.open("rb") as file:
        for size in wanted:
            while place < size and (block := file.read(min(_BLOCK, size - place))):
                digest.update(block)
                lines += block.count(b"\n")
                place += len(block)
            found[size] = digest.hexdigest()
    return found, lines


# -- what is said about it ------------------------------------------------------------------------------


def _import_row(result: ImportResult, clock: Clock) -> dict[str, Any]:
    return {
        "id": IdMaker(clock)(),
        "session_id": result.session_id,
        "file_name": result.file,
        "game_name": result.game,
        "rows": result.rows,
        "stored": result.stored,
        "duplicates": result.duplicates,
        "rejected": len(result.rejected),
        "gaps": result.gaps,
        "created_at": clock.now().utc_ns // 1_000,
    }


def _notes(
    times: TimeReader, timezone: str | None, game: str, findings: Findings, times_are_ends: bool
) -> list[str]:
    notes = []
    if times.naive and timezone is None:
        notes.append(f"{times.naive} times have no zone and were taken as UTC: --timezone names another")
    if times.repeated:
        notes.append(
            f"{times.repeated} times lie in an hour that the clock of {times.timezone} shows twice: "
            "the one nearest to the time before was taken"
        )
    if times.of_day:
        notes.append(
            f"{times.of_day} times are a time of day without a day: kept as text, the time is unknown"
        )
    if game == UNKNOWN_GAME:
        notes.append("the game is not known: --game names it")
    cycle = findings.cycle
    if cycle is not None and not cycle.starts and not times_are_ends:
        notes.append("the times look like those of the crashes, not of the starts: see --times-are-ends")
    return notes
