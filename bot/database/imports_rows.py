"""Chunks of texts to rounds, checked; what cannot be a round is set aside with its line and why."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from bot.database.imports_files import Chunk
from bot.database.imports_multipliers import read_multipliers
from bot.database.imports_times import TimeReader
from bot.database.logged_ids import NAMESPACE
from bot.domain.words import Mode, MultiplierSource

IMPORT_BOT = "import"
COLUMNS = (
    "round_id",
    "bot_id",
    "session_id",
    "mode",
    "game_name",
    "platform_code",
    "round_external_id",
    "round_number",
    "round_start_timestamp",
    "round_end_timestamp",
    "crash_multiplier_detected",
    "multiplier_source",
    "ocr_raw_text",
    "round_outcome",
    "metadata",
)
_ID, _EXTERNAL, _START, _END, _CRASH = (
    COLUMNS.index(name)
    for name in (
        "round_id",
        "round_external_id",
        "round_start_timestamp",
        "round_end_timestamp",
        "crash_multiplier_detected",
    )
)
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row of a file that was not stored: its line, why, and what stands there."""

    line: int
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round to store: its line and its values by ``COLUMNS``."""

    line: int
    values: tuple[Any, ...]

    @property
    def round_id(self) -> str:
        return str(self.values[_ID])

    @property
    def crash(self) -> int:
        return int(self.values[_CRASH])

    @property
    def text(self) -> str:
        return str(self.values[COLUMNS.index("ocr_raw_text")])

    @property
    def external_id(self) -> str | None:
        return self.values[_EXTERNAL]  # type: ignore[no-any-return]  # a text column

    @property
    def time_us(self) -> int | None:
        start = self.values[_START]
        return self.values[_END] if start is None else start  # type: ignore[no-any-return]  # times


@dataclass(frozen=True, slots=True)
class Series:
    """What all rounds of a file share. ``key`` tells the file from others."""

    session_id: str
    game_name: str
    platform_code: str | None
    key: str
    source: MultiplierSource
    times_are_ends: bool


@dataclass(slots=True)
class Checker:
    """Makes rounds of the chunks of one file, in their order."""

    series: Series
    times: TimeReader
    decimal: str | None
    rows: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def rounds(self, chunk: Chunk) -> list[Round]:
        """The rounds of a chunk; the others are in ``rejected`` afterwards."""
        first = self.rows + 1
        self.rows += len(chunk)
        bad = {line: ("the line has too few fields", text) for line, text in chunk.short}
        crashes, not_crashes = read_multipliers(pl.Series(chunk.multipliers, dtype=pl.String), self.decimal)
        moments, of_day, not_times = self.times.read(pl.Series(chunk.times, dtype=pl.String))
        for place, why in not_times:
            bad[chunk.lines[place]] = (why, chunk.times[place] or "")
        for place, why in not_crashes:
            bad[chunk.lines[place]] = (why, chunk.multipliers[place] or "")
        for place, text in enumerate(chunk.identifiers):
            if text is not None and ("\0" in text or len(text) > _LONGEST):
                bad[chunk.lines[place]] = ("not an identifier: too long, or with NUL in it", text[:80])
        self.rejected += [Rejection(line, why, shown(text)) for line, (why, text) in sorted(bad.items())]
        columns = (crashes.to_list(), moments.to_list(), of_day.to_list())
        return self._made(chunk, first, bad.keys(), *columns)

    def _made(
        self,
        chunk: Chunk,
        first: int,
        bad: Any,
        crashes: list[int],
        moments: list[int | None],
        of_day: list[bool],
    ) -> list[Round]:
        series, identify = self.series, _identifier_maker(self.series)
        begin = (IMPORT_BOT, series.session_id, Mode.WATCH.value, series.game_name, series.platform_code)
        source, ends = series.source.value, series.times_are_ends
        made = []
        rows = zip(
            chunk.lines,
            chunk.identifiers,
            chunk.multipliers,
            crashes,
            moments,
            of_day,
            chunk.times,
            strict=True,
        )
        for number, (line, identifier, text, crash, moment, day, time) in enumerate(rows, first):
            if bad and line in bad:
                continue
            external = (identifier or "").strip() or None
            start, end = (None, moment) if ends else (moment, None)
            extra = {"time_text": time} if day else None
            row = (external, number, start, end, crash, source, text, "SKIP", extra)
            made.append(Round(line, (identify(external, line), *begin, *row)))
        return made


def _identifier_maker(series: Series) -> Any:
    """Makes ``logged_ids.identifier_of`` of house's identifiers, or of file and line; without its detours."""
    by_house = _beginning([IMPORT_BOT, series.game_name, series.platform_code])
    by_line = _beginning([IMPORT_BOT, series.game_name, series.platform_code, series.key])
    encode = json.JSONEncoder(ensure_ascii=False).encode

    def made(external: str | None, line: int) -> str:
        begin, last = (by_line, str(line)) if external is None else (by_house, encode(external))
        digest = begin.copy()
        digest.update(f",{last}]".encode())
        return str(uuid.UUID(bytes=digest.digest()[:16], version=5))

    return made


def _beginning(parts: list[str | None]) -> Any:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha1(NAMESPACE.bytes + text[:-1].encode(), usedforsecurity=False)


def shown(text: str) -> str:
    """A value of a file as a report shows it."""
    return text if len(text) <= 80 else f"{text[:79]}…"
