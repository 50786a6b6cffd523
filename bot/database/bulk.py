"""Rounds in bulk: streams of Arrow batches in the order of time, in bounded memory, while the bot writes.

Statistics, exports and training read rounds through here, never row by row through the ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Table

from bot.database.bulk_sources import Batches, answers
from bot.database.bulk_types import BulkColumn, converted, schema_of
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.statistics_periods import Moment, Period, period
from bot.database.values import table_named
from bot.database.wide import US_PER_DAY
from bot.domain.errors import BadInput

ROUNDS = "crash_game_rounds"
#: What a round is ordered by: its start, where that is not known its end.
TIME = "COALESCE(round_start_timestamp, round_end_timestamp)"
#: Rounds without a time come first, in the order of their session; one at the same moment as another too.
ORDER = f"date_bucket, {TIME}, session_id, round_number, round_id"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rounds. ``start`` counts in, ``end`` does not; a plain ``date`` means that whole day, also as
    ``end``. ``limit``: only so many of the newest. ``finished``: only with a crash point."""

    bot_id: str | None = None
    session_id: str | None = None
    game_name: str | None = None
    platform_code: str | None = None
    start: Moment = None
    end: Moment = None
    limit: int | None = None
    finished: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 0:
            raise BadInput(f"limit must not be negative: {self.limit}")
        period(self.start, self.end)

    @property
    def period(self) -> Period:
        """From when to when. Raises ``BadInput``."""
        return period(self.start, self.end)

    def where(self) -> str:
        """The condition, as SQL for both engines."""
        names = ("bot_id", "session_id", "game_name", "platform_code")
        parts = [f"{name} = {quoted(value)}" for name in names if (value := getattr(self, name)) is not None]
        when = self.period
        if when.from_us is not None:
            parts += [f"date_bucket >= {when.from_us // US_PER_DAY}", f"{TIME} >= {when.from_us}"]
        if when.to_us is not None:
            parts += [f"date_bucket <= {when.to_us // US_PER_DAY}", f"{TIME} < {when.to_us}"]
        if self.finished:
            parts.append("crash_multiplier_detected IS NOT NULL")
        return " AND ".join(parts) or "true"


def quoted(value: str) -> str:
    """A text as SQL (both engines, standard-conforming strings). Raises ``BadInput`` for NUL."""
    if "\0" in value:
        raise BadInput(f"a text must not hold NUL: {value!r:.80}")
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class RoundStream:
    """Rounds on their way: the schema, how many there were when it was asked, and the batches, once.

    ``when``: the period asked for; with a limit it begins with the oldest round.
    """

    schema: pa.Schema
    total: int
    when: Period
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
    total, when, rest = _question(database, chosen)
    with answers(database, wanted, rest, total) as raw:
        yield RoundStream(schema, total, when, (converted(batch, wanted, schema) for batch in raw))


def _question(database: Database, chosen: Selection) -> tuple[int, Period, str]:
    """How many rounds, their period, and what follows the columns in the question for them."""
    where, when, source = chosen.where(), chosen.period, _source(database, chosen)
    days = sorted(_days(database, chosen, where))
    total = sum(count for _, count in days)
    if chosen.limit is None:
        # SQLite keeps the order of a subquery for certain only when there is a limit.
        limit = "" if database.engine.dialect.name == "postgresql" else "LIMIT -1"
        return total, when, f"FROM {source} WHERE {where} ORDER BY {ORDER} {limit}"
    skipped = max(0, total - chosen.limit)
    for day, count in days if skipped else []:
        if skipped < count:  # the oldest one wanted lies on this day, behind those skipped
            where += f" AND date_bucket >= {day}"
            break
        skipped -= count
    rest = f"FROM {source} WHERE {where} ORDER BY {ORDER}"
    if chosen.limit < total:
        oldest = _figures(database, f"SELECT {TIME}, 0 {rest} LIMIT 1 OFFSET {skipped}")
        when = Period(oldest[0][0] if oldest else when.from_us, when.to_us)
    return min(total, chosen.limit), when, f"{rest} LIMIT {chosen.limit} OFFSET {skipped}"


def _source(database: Database, chosen: Selection) -> str:
    """The table; on SQLite by the index that gives the days in their order.

    Left alone, SQLite, which keeps no figures about its tables, reads and sorts all of it as soon as there
    is a limit.
    """
    if database.engine.dialect.name == "postgresql" or chosen.session_id is not None:
        return ROUNDS
    if chosen.bot_id is not None:
        return f"{ROUNDS} INDEXED BY ix_wide_bot"
    return f"{ROUNDS} INDEXED BY {'ix_wide_day' if chosen.game_name is None else 'ix_wide_game'}"


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
    return _figures(database, sql)


def _figures(database: Database, sql: str) -> list[tuple[int, int]]:
    options = {"no_parameters": True}  # a "%" in a name is a "%"
    with storage_errors(database.name), database.engine.connect() as connection:
        found = connection.execution_options(**options).exec_driver_sql(sql)
        return [(first, int(second)) for first, second in found]
