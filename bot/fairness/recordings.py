"""Recorded rounds from a file or the database, as the audit takes them. What cannot be read is reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bot.domain.errors import BadInput

if TYPE_CHECKING:
    from bot.database.engine import Database

#: A time that is not known.
NO_TIME = np.iinfo(np.int64).min
_US = 1_000_000
_DAY_US = 86_400 * _US
_COLUMNS = {
    "multiplier": ("multiplier", "crash", "crash_point", "crash_multiplier"),
    "id": ("round_id", "id"),
    "time": ("timestamp", "time"),
}
#: (id, time, multiplier); a multiplier as text, Decimal or float, in x; a time as datetime or text, or None.
Row = tuple[str | None, datetime | str | None, str | Decimal | float]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no round."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Rounds in their order. ``crashes``: hundredths. ``times_us``: microseconds (UTC), ``NO_TIME`` if
    unknown.

    ``follows[i]``: row i + 1 belongs to the same table and session as row i, with no known gap between;
    ``missed``: rounds that the recorder itself knows to be missing, if it says; ``game``: its name in the
    database.
    """

    name: str
    crashes: NDArray[np.int64]
    ids: tuple[str, ...] | None = None
    times_us: NDArray[np.int64] | None = None
    follows: NDArray[np.bool_] | None = None
    refused: tuple[Refused, ...] = ()
    missed: int | None = None
    game: str | None = None


def read_csv(path: Path) -> Recording:
    """A CSV with a column ``multiplier`` and, if there are any, ``round_id`` and ``timestamp``; oldest first.

    Lines that are no round are reported in ``refused``. Raises ``BadInput`` for a file that cannot be used.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\0", "\ufffd")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=False)
    lines: list[tuple[int, list[str]]] = []
    try:
        for row in rows:
            if len(row) > 1 or (row and row[0].strip()):
                lines.append((rows.line_num, row))
    except csv.Error as error:
        raise BadInput(f"{path}, line {rows.line_num}: {error}") from error
    if not lines:
        raise BadInput(f"{path} is empty: a CSV with the columns round_id,timestamp,multiplier is needed")
    place = _places(path, lines[0][1])
    return _read(str(path), lines[1:], place, len(lines[0][1]))


def _places(path: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    place = {
        what: next((names.index(each) for each in known if each in names), -1)
        for what, known in _COLUMNS.items()
    }
    if place["multiplier"] < 0:
        shown = ascii(", ".join(names))
        raise BadInput(f"{path}: no column multiplier (round_id,timestamp,multiplier): {shown:.80}")
    return place


def _read(name: str, lines: list[tuple[int, list[str]]], place: dict[str, int], width: int) -> Recording:
    from bot.database.imports_multipliers import read_multipliers

    refused = [
        Refused(number, _shown(row), f"{len(row)} fields instead of {width}")
        for number, row in lines if len(row) != width
    ]  # fmt: skip
    lines = [(number, row) for number, row in lines if len(row) == width]
    texts = pl.Series([row[place["multiplier"]] for _, row in lines], dtype=pl.String)
    values, wrong = read_multipliers(texts)
    refused += [Refused(lines[at][0], _shown(lines[at][1]), why) for at, why in wrong]
    kept = values.is_not_null().arg_true().to_list()
    if not kept:
        first = f", as in line {refused[0].line}: {refused[0].why}" if refused else ""
        raise BadInput(f"{name}: no round in it{first}")
    ids = tuple(lines[at][1][place["id"]].strip() for at in kept) if place["id"] >= 0 else ()
    times: NDArray[np.int64] | None = None
    lost: list[tuple[int, str]] = []
    if place["time"] >= 0:
        stamps = [lines[at][1][place["time"]] for at in kept]
        times, lost = _read_times(pl.Series(stamps, dtype=pl.String))
    refused += [
        Refused(lines[kept[at]][0], _shown([stamps[at]]), f"time: {why}; the round is kept")
        for at, why in lost
    ]
    refused.sort(key=lambda each: each.line)
    return Recording(
        name, values.drop_nulls().to_numpy().astype(np.int64), ids if any(ids) else None, times,
        refused=tuple(refused),
    )  # fmt: skip


def _shown(fields: Sequence[str]) -> str:
    """A line as it is told to people: printable, and not too long."""
    return "".join(c if c.isprintable() else "\ufffd" for c in ",".join(fields)[:80])


def _read_times(texts: pl.Series) -> tuple[NDArray[np.int64] | None, list[tuple[int, str]]]:
    """Microseconds; a time of day alone is counted on over midnight."""
    from bot.database.imports_times import TimeReader

    found, of_day, refused = TimeReader().read(texts)
    times = found.fill_null(NO_TIME).to_numpy().astype(np.int64)
    if of_day.any():
        parts = texts.str.strip_chars().str.extract_groups(r"^(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?$")
        unnested = parts.struct.unnest()
        seconds = unnested["3"].fill_null("0").str.replace(",", ".", literal=True).cast(pl.Float64)
        day = (unnested["1"].cast(pl.Int64) * 3600 + unnested["2"].cast(pl.Int64) * 60).cast(
            pl.Float64
        ) + seconds
        clock = (day.fill_null(0.0) * _US).to_numpy().astype(np.int64)
        midnights = np.cumsum(np.diff(clock, prepend=clock[0]) < -_DAY_US // 2)
        times = np.where(of_day.to_numpy(), clock + midnights * _DAY_US, times)
    return (None if bool((times == NO_TIME).all()) else times), refused


def from_rows(rows: Iterable[Row], name: str = "rounds") -> Recording:
    """Any iterable of (id, time, multiplier), oldest first. What is no multiplier is reported, as in a
    file.
    """
    lines = []
    for number, (identifier, time, multiplier) in enumerate(rows, start=1):
        stamp = time.isoformat() if isinstance(time, datetime) else (time or "")
        lines.append((number, ["" if identifier is None else str(identifier), stamp, str(multiplier)]))
    return _read(name, lines, {"id": 0, "time": 1, "multiplier": 2}, 3)


def from_database(
    database: Database, game: str | None = None, bot: str | None = None, session: str | None = None
) -> Recording:
    """Finished rounds of one game, oldest first, table by table. Raises ``BadInput``, ``StorageError``."""
    from bot.database import export_multipliers_for_ml

    game = game or _only_game(database)
    frame = export_multipliers_for_ml(game, bot_id=bot, database=database)
    if session is not None:
        frame = frame.filter(pl.col("session_id") == session)
    if not len(frame):
        raise BadInput(f"no finished round of {game} there; `crashbot db stats` tells what there is")
    tables = [
        name for name in ("session_id", "table_name", "platform_code", "bot_id") if name in frame.columns
    ]
    frame = frame.sort(tables, maintain_order=True)
    times = frame["time"].dt.timestamp("us").fill_null(NO_TIME).to_numpy().astype(np.int64)
    return Recording(
        f"{game} in {database.name}",
        frame["multiplier_hundredths"].to_numpy().astype(np.int64),
        times_us=None if bool((times == NO_TIME).all()) else times,
        follows=~frame["gap_before"].fill_null(True).to_numpy()[1:],
        missed=int(frame["missed_before"].fill_null(0).sum()),
        game=game,
    )


def _only_game(database: Database) -> str:
    from sqlalchemy import text

    from bot.database.faults import storage_errors

    with storage_errors(database.name), database.engine.connect() as connection:
        found = connection.execute(text("SELECT DISTINCT game_name FROM crash_game_rounds LIMIT 20"))
        names = sorted(str(row[0]) for row in found)
    if len(names) != 1:
        listed = ", ".join(names) if names else "it has no rounds"
        raise BadInput(f"name the game with --game ({listed})")
    return names[0]
