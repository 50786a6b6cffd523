"""Rounds as files (CSV, Parquet, Excel, JSON) and as tables for training, with what was watched beside them.

A file is whole or not there: it is written beside its name and renamed at the end.
"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bot.database.connection import get_database
from bot.database.engine import Database
from bot.database.statistics_periods import Moment
from bot.domain.errors import BadInput, StorageError

# Polars and Arrow take half a second to import: only who exports waits for them.
if TYPE_CHECKING:
    import polars as pl

    from bot.database.bulk import RoundStream
    from bot.database.exports_files import RoundFile

#: Called now and then with the rounds written and the rounds there are.
Progress = Callable[[int, int], None]

FORMATS = ("csv", "parquet", "xlsx", "json")


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written. ``companion`` is the file beside a CSV that says what was watched."""

    path: Path
    format: str
    rounds: int
    columns: tuple[str, ...]
    watched: dict[str, Any]
    companion: Path | None = None


def export_rounds(
    path: str | Path,
    to: str = "csv",
    columns: Sequence[str] | None = None,
    *,
    bot_id: str | None = None,
    session_id: str | None = None,
    game_name: str | None = None,
    platform_code: str | None = None,
    start: Moment = None,
    end: Moment = None,
    limit: int | None = None,
    progress: Progress | None = None,
    database: Database | None = None,
) -> ExportResult:
    """Write rounds, oldest first, to a file that is there afterwards as a whole, or not at all.

    ``to`` is ``csv``, ``parquet``, ``xlsx`` or ``json``; ``columns`` are columns of ``crash_game_rounds``
    (``None``: all). ``start`` counts in, ``end`` does not; a ``date`` is a whole day, also as ``end``.
    ``limit``: only the newest. The intervals watched and the share of rounds missed go into Parquet's
    key-value metadata (``watched``), Excel's second sheet, JSON's ``watched``; for CSV into a file beside it,
    ``NAME.watched.json``. Raises ``BadInput``, ``StorageError``.
    """
    from bot.database.bulk import Selection, column_names, open_rounds
    from bot.database.exports_watched import watched_of

    chosen = Selection(bot_id, session_id, game_name, platform_code, start, end, limit)
    kind = _kind(to)
    target, names = _target(path), column_names(columns)
    source = database or get_database()
    companion = target.with_name(f"{target.name}.watched.json") if to == "csv" else None
    with _all_or_nothing(target, companion) as files, open_rounds(source, names, chosen) as stream:
        watched = watched_of(source, chosen, stream.when, stream.total)
        rounds = _write(kind(files[0], stream.schema, stream.total, watched), stream, progress)
        if companion is not None:
            files[1].write(json.dumps(watched, indent=2, ensure_ascii=False).encode() + b"\n")
    return ExportResult(target, to, rounds, tuple(names), watched, companion)


def export_rounds_to_json(
    bot_id: str | None = None, limit: int | None = None, *, database: Database | None = None
) -> str:
    """The newest ``limit`` rounds of a bot (all bots without one), oldest first, as JSON text.

    ``{"watched": {...}, "rounds": [...]}``; decimals are texts (``"2.45"``), times ISO texts in UTC.
    """
    from bot.database.bulk import Selection, open_rounds
    from bot.database.exports_files import JsonFile
    from bot.database.exports_watched import watched_of

    chosen = Selection(bot_id=bot_id, limit=limit)
    source, text = database or get_database(), io.BytesIO()
    with open_rounds(source, None, chosen) as stream:
        watched = watched_of(source, chosen, stream.when, stream.total)
        _write(JsonFile(text, stream.schema, stream.total, watched), stream, None)
    return text.getvalue().decode()


def export_multipliers_for_ml(
    game_name: str,
    limit: int | None = None,
    *,
    platform_code: str | None = None,
    bot_id: str | None = None,
    database: Database | None = None,
) -> pl.DataFrame:
    """The newest ``limit`` finished rounds of a game, oldest first, one a row.

    ``multiplier`` is the crash point as a binary float (features are floats), ``multiplier_hundredths`` the
    same exactly. ``gap_before``: the row does not follow the one before it *at the same table* (rounds were
    missed in between, or it is the first one there); ``missed_before`` how many, where that is known.
    ``sequence`` numbers the stretches without a hole: train within one, ``frame.partition_by("sequence")``,
    never across. Raises ``BadInput``, ``StorageError``.
    """
    from bot.database.bulk import Selection
    from bot.database.exports_ml import multipliers_of

    chosen = Selection(
        bot_id=bot_id, game_name=game_name, platform_code=platform_code, limit=limit, finished=True
    )
    return multipliers_of(database or get_database(), chosen, game_name)


def _kind(to: str) -> type[RoundFile]:
    from bot.database.exports_files import CsvFile, JsonFile, ParquetFile
    from bot.database.exports_xlsx import XlsxFile

    kinds: dict[str, type[RoundFile]] = {
        "csv": CsvFile,
        "parquet": ParquetFile,
        "xlsx": XlsxFile,
        "json": JsonFile,
    }
    if to not in kinds:
        raise BadInput(f"no such format: {to!r} (known: {', '.join(FORMATS)})")
    return kinds[to]


def _write(file: RoundFile, stream: RoundStream, progress: Progress | None) -> int:
    """Write all batches; the number of rounds."""
    rounds = 0
    try:
        for batch in stream.batches:
            file.write(batch)
            rounds += batch.num_rows
            if progress is not None:
                progress(rounds, stream.total)
        file.finish()
    finally:
        file.close()
    return rounds


# -- files that are whole or not there ------------------------------------------------------------------


def _target(path: str | Path) -> Path:
    target = Path(path)
    if target.is_dir() or not target.name:
        raise BadInput(f"{target} is a folder: name a file")
    if not target.parent.is_dir():
        raise BadInput(f"there is no folder {target.parent}: make it first")
    return target


@contextmanager
def _all_or_nothing(*targets: Path | None) -> Iterator[list[IO[bytes]]]:
    """Files to write to, which get their names when all went well, and are gone otherwise."""
    wanted = [target for target in targets if target is not None]
    parts = [target.with_name(f".{target.name}.{secrets.token_hex(4)}.part") for target in wanted]
    files: list[IO[bytes]] = []
    try:
        files += [part.open("w+b") for part in parts]
        yield files
        for file in files:
            file.close()
        for part, target in reversed(list(zip(parts, wanted, strict=True))):  # the main file last
            part.replace(target)
    except OSError as error:
        raise StorageError(f"{wanted[0]} cannot be written: {error.strerror or error}") from error
    finally:
        for file in files:
            with suppress(OSError):
                file.close()
        for part in parts:
            part.unlink(missing_ok=True)
