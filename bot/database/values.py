"""Stored values as people read them: integers of the database to ``Decimal``, ``datetime`` and ``date``.

What each column holds stands in the models: ``info["scale"]`` (exact decimals as integers), ``info["time"]``
(microseconds since 1970, UTC). The way into the database, with its checks, is in
``logged_values.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Table

from bot.database.base import SCALE, TIME, Base
from bot.database.wide import NO_DAY
from bot.domain.errors import BadInput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)
#: Columns that count days since 1970-01-01, UTC.
DAYS = frozenset({"date_bucket", "day"})
#: Columns of the bot's own tables that hold hundredths without saying so in their ``info``.
_HUNDREDTHS = frozenset(
    {("rounds", "crash_multiplier"), ("round_snapshots", "multiplier"), ("bets", "target")}
)

#: Of its own, so that nobody's decimal context rounds what is stored.
_EXACT = Context(prec=40)

Reader = Callable[[Any], object]


def table_named(name: str) -> Table:
    """The table of this name. Raises ``BadInput`` for one that the models do not have."""
    table = Base.metadata.tables.get(name)
    if table is None:
        raise BadInput(f"no such table: {name!r}")
    return table


def places_of(column: Column[Any]) -> int | None:
    """How many decimal places an exact column has; ``None`` for a column of another kind."""
    scale = column.info.get(SCALE)
    if scale is not None:
        return int(scale)
    hundredths = column.name.endswith("_minor") or (column.table.name, column.name) in _HUNDREDTHS
    return 2 if hundredths else None


def is_time(column: Column[Any]) -> bool:
    """Whether the column holds microseconds since 1970, UTC."""
    return bool(column.info.get(TIME)) or column.name.endswith("_utc_us")


def decimal_of(stored: int | None, places: int) -> Decimal | None:
    """The exact value of a stored integer: ``245`` with 2 places is ``Decimal("2.45")``."""
    return None if stored is None else _EXACT.scaleb(Decimal(stored), -places)


def datetime_of(stored: int | None) -> datetime | None:
    """The time (UTC) of stored microseconds."""
    return None if stored is None else EPOCH + timedelta(microseconds=stored)


def date_of(stored: int | None) -> date | None:
    """The day of a stored day number; none for "time unknown"."""
    return None if stored is None or stored == NO_DAY else FIRST_DAY + timedelta(days=stored)


def _as_bool(stored: Any) -> object:
    return None if stored is None else bool(stored)


def _from_json(stored: Any) -> object:
    """SQLite's own driver gives JSON as text; SQLAlchemy and psycopg give objects."""
    return json.loads(stored) if isinstance(stored, str | bytes) else stored


def _as_it_is(stored: Any) -> object:
    return stored


@cache
def reader_of(table: str, column: str) -> Reader:
    """What makes a stored value of this column readable; a column that is not there is left as it is."""
    found = table_named(table).columns.get(column)
    if found is None:
        return _as_it_is
    places = places_of(found)
    if places is not None:
        return lambda stored: decimal_of(stored, places)
    if is_time(found):
        return datetime_of
    if column in DAYS:
        return date_of
    if isinstance(found.type, Boolean):
        return _as_bool
    return _from_json if isinstance(found.type, JSON) else _as_it_is


def readable(table: str, row: Mapping[str, Any]) -> dict[str, object]:
    """A stored row as people read it: ``Decimal`` for money and multipliers, UTC ``datetime``, ``date``.

    Keys that are no columns of the table are handed on as they are. Raises ``BadInput`` for an unknown table.
    """
    return {name: reader_of(table, name)(value) for name, value in row.items()}


def readable_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    """``readable`` for many rows of one table."""
    return [readable(table, row) for row in rows]


def is_float(column: Column[Any]) -> bool:
    """Whether binary floats are at home in the column: confidences, milliseconds, statistics."""
    return isinstance(column.type, Float)
