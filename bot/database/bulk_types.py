"""Columns of the models as Arrow: how they come from the drivers, and what people expect of them.

Stored integers become ``decimal128`` (money, multipliers, percentages, durations), ``timestamp[us, UTC]`` and
``date32`` without a detour over floats or texts. The types come from the models, never from the values seen:
a column that is empty at first, or altogether, has its type all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import JSON, BigInteger, Boolean, Column, Float

from bot.database.values import DAYS, is_time, places_of
from bot.domain.errors import StorageError

#: Digits of the largest 64-bit integer.
DIGITS = 19
INT64, DOUBLE, TEXT = pa.int64(), pa.float64(), pa.string()
MOMENT, DAY, TRUTH = pa.timestamp("us", tz="UTC"), pa.date32(), pa.bool_()


@dataclass(frozen=True, slots=True)
class BulkColumn:
    """A column to read. ``raw`` is its type as stored, ``type`` the one handed out."""

    name: str
    sql: str
    raw: pa.DataType
    type: pa.DataType

    @classmethod
    def of(cls, column: Column[Any], dialect: str) -> BulkColumn:
        """How a column of the models is read on an engine."""
        # With the table's name: a mere quoted name that there is not is a text to SQLite.
        name = f'{column.table.name}."{column.name}"'
        if isinstance(column.type, JSON):
            # As text; on SQLite what is no JSON (somebody else wrote it) becomes a JSON text.
            valid = f"CASE WHEN {name} IS NULL OR json_valid({name}) THEN {name} ELSE json_quote({name}) END"
            return cls(column.name, valid if dialect == "sqlite" else f"{name}::text", TEXT, TEXT)
        if isinstance(column.type, Boolean):
            return cls(column.name, name, INT64 if dialect == "sqlite" else TRUTH, TRUTH)
        if isinstance(column.type, Float):
            return cls(column.name, name, DOUBLE, DOUBLE)
        if isinstance(column.type, BigInteger):
            return cls(column.name, name, INT64, _integer_as(column))
        return cls(column.name, name, TEXT, TEXT)

    @property
    def example(self) -> str:
        """A value of its type, as SQL."""
        return {INT64: "0", DOUBLE: "0.5", TEXT: "''"}.get(self.raw, "true")

    def converted(self, values: pa.Array) -> pa.Array:
        """Values as the driver gave them, as people expect them. Raises ``StorageError``."""
        if values.type != self.raw:
            values = self._cast(values)
        if self.type == self.raw:
            return values
        if pa.types.is_decimal(self.type):
            return _decimals(values, self.type)
        if self.type == DAY:
            known = pc.if_else(pc.less(values, 0), None, values)
            return known.cast(pa.int32()).view(DAY)
        return values.view(self.type) if self.type == MOMENT else values.cast(self.type)

    def of_another_kind(self, why: str) -> StorageError:
        """What to say when a value is not what it should be."""
        return StorageError(
            f"the column {self.name} holds values of another kind than it should ({why}): "
            "was the database changed by another program?"
        )

    def _cast(self, values: pa.Array) -> pa.Array:
        if self.raw == TEXT and not pa.types.is_large_string(values.type):
            raise self.of_another_kind(f"{values.type} where text belongs")
        try:
            return values.cast(self.raw)
        except pa.ArrowInvalid as error:
            raise self.of_another_kind(str(error)) from error


def _integer_as(column: Column[Any]) -> pa.DataType:
    places = places_of(column)
    if places is not None:
        return pa.decimal128(DIGITS, places)
    if is_time(column):
        return MOMENT
    return DAY if column.name in DAYS else INT64


def _decimals(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """The stored integers as decimals of the same digits: 128 bits wide, and nothing is multiplied.

    From buffer to buffer: where pandas is installed, Arrow's own ways to NumPy import it first (0.5 s).
    """
    empty, data = values.buffers()
    end = values.offset + len(values)
    numbers = np.frombuffer(data, dtype="<i8", count=end) if end else np.empty(0, dtype="<i8")
    wide = np.empty((end, 2), dtype="<i8")
    wide[:, 0] = numbers
    wide[:, 1] = numbers >> 63
    return pa.Array.from_buffers(kind, len(values), [empty, pa.py_buffer(wide)], offset=values.offset)


def schema_of(columns: list[BulkColumn]) -> pa.Schema:
    """The schema of what is handed out."""
    return pa.schema([(column.name, column.type) for column in columns])


def converted(batch: pa.RecordBatch, columns: list[BulkColumn], schema: pa.Schema) -> pa.RecordBatch:
    """A batch as the driver gave it, as people expect it."""
    arrays = [column.converted(batch.column(place)) for place, column in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
