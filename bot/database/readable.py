"""Views for people with a SQL prompt: what the tables hold as integers, as decimals, dates and times.

On PostgreSQL exact ``numeric``, ``timestamptz`` and ``date``; on SQLite, which has none of them, exact texts
(``2.45``, ``2026-01-01T12:00:00.000000Z``, ``2026-01-01``). Programs use the tables.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table

from bot.database.base import Base
from bot.database.values import DAYS, is_time, places_of

#: The tables that have a readable twin, ``<name>_readable``.
READABLE = (
    "bot_vm_registration",
    "game_platform_config",
    "crash_game_rounds",
    "analytics_round_multipliers",
    "analytics_round_signals",
    "analytics_round_outcomes",
    "ocr_validation_logs",
    "error_logs",
    "session_logs",
    "round_totals_daily",
)
_TIME_ENDING = "_us"


def decimal_sql(value: str, places: int, dialect: str) -> str:
    """The exact decimal of an integer of ``places`` decimal places."""
    if dialect == "postgresql":
        return f"({value}) * 0.{'0' * (places - 1)}1"
    unit = 10**places
    return (
        f"CASE WHEN ({value}) IS NOT NULL THEN printf('%s%d.%0{places}d', "
        f"CASE WHEN ({value}) < 0 THEN '-' ELSE '' END, ABS({value}) / {unit}, ABS({value}) % {unit}) END"
    )


def time_sql(value: str, dialect: str) -> str:
    """The time of integer microseconds since 1970, UTC."""
    if dialect == "postgresql":
        return f"TIMESTAMPTZ '1970-01-01 00:00:00+00' + {value} * INTERVAL '1 microsecond'"
    second = 1_000_000
    return (
        f"strftime('%Y-%m-%dT%H:%M:%S', {value} / {second}, 'unixepoch') "
        f"|| printf('.%06dZ', {value} % {second})"
    )


def day_sql(value: str, dialect: str) -> str:
    """The date of days since 1970; empty for -1, which stands for an unknown time."""
    if dialect == "postgresql":
        return f"CASE WHEN {value} >= 0 THEN DATE '1970-01-01' + {value}::integer END"
    return f"CASE WHEN {value} >= 0 THEN date({value} * 86400, 'unixepoch') END"


def view_name(table: str) -> str:
    """The readable twin of a table."""
    return f"{table}_readable"


def views_ddl(dialect: str) -> list[str]:
    """The statements that make the views."""
    return [_view(Base.metadata.tables[name], dialect) for name in READABLE]


def _view(table: Table, dialect: str) -> str:
    columns = ",\n  ".join(_column(column, dialect) for column in table.columns)
    return f"CREATE VIEW {view_name(table.name)} AS SELECT\n  {columns}\nFROM {table.name}"


def _column(column: Column[Any], dialect: str) -> str:
    name = column.name
    quoted = f'"{name}"' if name in ("timestamp", "day") else name
    places = places_of(column)
    if places is not None:
        return f"{decimal_sql(quoted, places, dialect)} AS {quoted}"
    if name in DAYS:
        return f"{day_sql(quoted, dialect)} AS {quoted}"
    if is_time(column):
        return (
            f"{time_sql(quoted, dialect)} AS {name.removesuffix(_TIME_ENDING) if quoted == name else quoted}"
        )
    return quoted
