"""What all models share: the declarative base, types of columns, and how exact decimals are kept.

Money, multipliers, percentages and durations are integers in the database, on SQLite and on PostgreSQL
alike: a column with ``scale(2)`` holds hundredths, one with ``scale(6)`` millionths. Times are integer
microseconds since the Unix epoch, UTC. Both are exact, sum exactly, compare as they should on both engines
and travel through Arrow and ``COPY`` without conversion. People meet them as ``Decimal`` and as aware
``datetime``: in the loggers, in results and exports, and in the views of ``readable.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

#: Structured extras. Plain JSON on SQLite, ``JSONB`` on PostgreSQL.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

SCALE = "scale"
TIME = "time"


class Base(DeclarativeBase):
    """Types of the columns: every integer is 64 bits wide, every text unbounded, on both engines."""

    type_annotation_map = {int: BigInteger, str: Text, float: Float(53), Mapping[str, object]: Json}  # noqa: RUF012


class now_us(FunctionElement[int]):
    """The database's own clock in microseconds since the Unix epoch (milliseconds exact on SQLite)."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_us)
def _now_postgresql(_element: now_us, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"


@compiles(now_us, "sqlite")
def _now_sqlite(_element: now_us, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000)"


def scaled(places: int, nullable: bool = True, **options: Any) -> Mapped[Any]:
    """A column of exact decimals, kept as an integer of ``places`` decimal places."""
    return mapped_column(
        BigInteger, nullable=nullable, info={SCALE: places}, comment=f"times 10^-{places}", **options
    )


def moment(nullable: bool = True, **options: Any) -> Mapped[Any]:
    """A column of times, kept as microseconds since the Unix epoch, UTC."""
    return mapped_column(
        BigInteger, nullable=nullable, info={TIME: True}, comment="microseconds since 1970, UTC", **options
    )


def created() -> Mapped[int]:
    """When the row was written, by the database's clock."""
    return moment(nullable=False, server_default=now_us())


def one_of(column: str, words: type[StrEnum], table: str = "") -> CheckConstraint:
    """The column holds one of the words (or nothing, where it may be empty)."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table + '_' if table else ''}{column}_known")
