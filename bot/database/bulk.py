"""Rounds in bulk: streams of Arrow batches in the order of time, in bounded memory, while the bot writes.

Statistics, exports and training read rounds through here, never row by row through the ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from sqlalchemy import Table

from bot.database.bulk_sources import Batches, answers
from bot.database.bulk_types import BulkColumn, converted, schema_of
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.values import EPOCH, FIRST_DAY, table_named
from bot.domain.errors import BadInput

ROUNDS = "crash_game_rounds"
#: What a round is ordered by: its start, where that is not known its end.
TIME = "COALESCE(round_start_timestamp, round_end_timestamp)"
#: Rounds without a time come first, in the order of their session; one at the same moment as another too.
ORDER = f"date_bucket, {TIME}, session_id, round_number, round_id"

Moment = datetime | date


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rounds. ``start`` counts in, ``end`` does not; a plain ``date`` means that whole day, also as
    ``end``. ``limit``: only so many of the newest. ``finished``: only with a crash point."""

    bot_id: str | None = None
    session_id: str | None = None
    game_name: str | None = None
    platform_code: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    limit: int | None = None
    finished: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 0:
            raise BadInput(f"limit must not be negative: {self.limit}")
        for moment in (self.start, self.end):
            if isinstance(moment, datetime) and moment.tzinfo is None:
                raise BadInput(
                    f"a time without a zone says little: {moment.isoformat()} (add +00:00 for UTC)"
                )

    @property
    def from_us(self) -> int | None:
        """The first moment, in microseconds since 1970."""
        return None if self.start is None else _microseconds(self.start)

    @property
    def until_us(self) -> int | None:
        """The first moment that is not meant any more."""
        end = self.end
        if end is not None and not isinstance(end, datetime):
            end += timedelta(days=1)
        return None if end is None else _microseconds(end)

    def where(self) -> str:
        """The condition, as SQL for both engines."""
        names = ("bot_id", "session_id", "game_name", "platform_code")
        parts = [f"{name} = {quoted(value)}" for name in names if (value := getattr(self, name)) is not None]
        if self.from_us is not None:
            parts += [f"date_bucket >= {self.from_us // _DAY_US}", f"{TIME} >= {self.from_us}"]
        if self.until_us is not None:
            parts += [f"date_bucket <= {self.until_us // _DAY_US}", f"{TIME} < {self.until_us}"]
        if self.finished:
            parts.append("crash_multiplier_detected IS NOT NULL")
        return " AND ".join(parts) or "true"


_DAY_US = 86_400_000_000


def _microseconds(moment: Moment) -> int:
    if not isinstance(moment, datetime):
        return (moment - FIRST_DAY).days * _DAY_US
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def quoted(value: str) -> str:
    """A text as SQL (both engines, standard-conforming strings). Raises ``BadInput`` for NUL."""
    if "\0" in value:
        raise BadInput(f"a text must not hold NUL: {value!r:.80}")
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class RoundStream:
    """Rounds on their way: the schema, how many there were when it was asked, and the batches, once."""

    schema: pa.Schema
    total: int
    batches: Batches


def column_names(names: Sequence[str] | None = None) -> list[str]:
    """The columns asked for; all when none is. Raises ``BadInput`` for one that rounds do not have."""
    known = [column.name for column in table_named(ROUNDS).columns]
    if names is None:
        return known
    for name in names:
        if name not in known:
            raise BadInput(f"rounds have no column {name!r} (known: {', '.join(known)})")
    if not names or len(set(names)) < len(names):
        raise BadInput(f"name at least one column, and each once: {', '.join(names)!r}")
    return list(names)


@contextmanager
def open_rounds(
    database: Database, columns: Sequence[str] | None = None, selection: Selection | None = None
) -> Iterator[RoundStream]:
    """Rounds, oldest first: ``decimal128``, ``timestamp[us, UTC]``, ``date32``, ``bool``, ``string`` columns.

    One consistent state of the database. Raises ``BadInput``, ``StorageError``.
    """
    chosen = selection or Selection()
    table: Table = table_named(ROUNDS)
    dialect = database.engine.dialect.name
    wanted = [BulkColumn.of(table.columns[name], dialect) for name in column_names(columns)]
    schema = schema_of(wanted)
    total, rest = _question(database, chosen)
    with answers(database, wanted, rest) as raw:
        yield RoundStream(schema, total, (converted(batch, wanted, schema) for batch in raw))


def _question(database: Database, chosen: Selection) -> tuple[int, str]:
    """How many rounds, and what follows the columns in the question for them."""
    where = chosen.where()
    days = sorted(_days(database, chosen, where))
    total = sum(count for _, count in days)
    # SQLite keeps the order of a subquery for certain only when there is a limit.
    limit = "" if database.engine.dialect.name == "postgresql" else "LIMIT -1"
    if chosen.limit is not None:
        skipped = max(0, total - chosen.limit)
        total = min(total, chosen.limit)
        for day, count in days:  # from the day on that has the oldest one wanted, less those before it
            if skipped < count:
                where += f" AND date_bucket >= {day}"
                break
            skipped -= count
        limit = f"LIMIT {chosen.limit} OFFSET {skipped}"
    return total, f"FROM {ROUNDS} WHERE {where} ORDER BY {ORDER} {limit}"


def _days(database: Database, chosen: Selection, where: str) -> list[tuple[int, int]]:
    """How many rounds there are on each day; from the kept totals where they know."""
    kept = chosen.start is None and chosen.end is None and chosen.session_id is None
    if kept:
        count = "multiplier_count" if chosen.finished else "total_rounds"
        known = Selection(
            bot_id=chosen.bot_id, game_name=chosen.game_name, platform_code=chosen.platform_code
        )
        sql = f"SELECT day, SUM({count}) FROM round_totals_daily WHERE {known.where()} GROUP BY day"
    else:
        sql = f"SELECT date_bucket, COUNT(*) FROM {ROUNDS} WHERE {where} GROUP BY date_bucket"
    options = {"no_parameters": True}  # a "%" in a name is a "%"
    with storage_errors(database.name), database.engine.connect() as connection:
        found = connection.execution_options(**options).exec_driver_sql(sql)
        return [(int(day), int(count)) for day, count in found]
