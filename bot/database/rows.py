"""Rows that people hand in, as columns of stored values: checked column by column, refused row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from bot.database.logged_faults import RefusedValue, shown_value
from bot.database.logged_names import column_named
from bot.database.logged_rules import rules_of
from bot.database.logged_values import FAULTS, taker_of
from bot.database.values import reader_of, table_named
from bot.domain.errors import BadInput


@cache
def _needed(table: str) -> tuple[tuple[str, Any, bool], ...]:
    """Columns that have a default or must be given: their name, the default, and whether they must."""
    needed = []
    for column in table_named(table).columns:
        default: Any = column.default
        value = default.arg if default is not None and default.is_scalar else None
        by_database = column.computed is not None or (column.server_default is not None and value is None)
        if not by_database and (value is not None or not column.nullable):
            needed.append((column.name, value, not column.nullable))
    return tuple(needed)


_NOTHING: Mapping[str, object] = {}


class Batch:
    """Rows of one table as columns of stored values; ``faults`` says which rows are refused, and why.

    A column has a value for every row, ``None`` where nothing was given or the row is refused.
    """

    def __init__(self, table: str, size: int) -> None:
        self.table = table
        self.size = size
        self.columns: dict[str, list[Any]] = {}
        self.faults: dict[int, BadInput] = {}

    @classmethod
    def taken(cls, table: str, rows: Sequence[object]) -> Batch:
        """The rows (mappings from names to values) with every value checked."""
        batch = cls(table, len(rows))
        given, usable = batch._names(rows)
        for name, column in given.items():
            batch._take(name, column, [row.get(name) for row in usable])
        return batch

    @classmethod
    def of_stored(cls, table: str, row: Mapping[str, Any]) -> Batch:
        """One row of values as they are stored."""
        batch = cls(table, 1)
        batch.columns = {name: [value] for name, value in row.items()}
        return batch

    def column(self, name: str) -> list[Any]:
        """The column's values; all ``None`` when nobody gave any. May be changed in place."""
        return self.columns.setdefault(name, [None] * self.size)

    def refuse(self, index: int, error: BadInput) -> None:
        """Refuse a row; the first reason counts. Where it was raised is let go: it would hold the batch."""
        error.__traceback__ = error.__context__ = error.__cause__ = None
        self.faults.setdefault(index, error)

    def refuse_where(self, name: str, indices: Iterable[int], rule: str) -> None:
        """Refuse rows for what they say in a column."""
        read, column = reader_of(self.table, name), self.column(name)
        for index in indices:
            value = read(column[index])
            shown = str(value) if not isinstance(value, str | None) else shown_value(value)
            self.refuse(index, RefusedValue(self.table, name, rule, shown))

    def check_orders(self) -> None:
        """Refuse rows whose end is before their start, and the like."""
        for later, earlier in rules_of(self.table).orders:
            if later in self.columns and earlier in self.columns:
                pairs = zip(self.columns[later], self.columns[earlier], strict=True)
                wrong = [i for i, (b, a) in enumerate(pairs) if a is not None and b is not None and b < a]
                self.refuse_where(later, wrong, f"must not be less than {earlier}")

    def complete(self) -> None:
        """Fill in the models' own defaults and refuse rows that lack what every row must have."""
        for name, default, required in _needed(self.table):
            values = self.column(name)
            missing = [index for index, value in enumerate(values) if value is None]
            for index in missing:
                values[index] = default
            if required and default is None:
                self.refuse_missing(name, missing)

    def refuse_missing(self, name: str, indices: Iterable[int]) -> None:
        """Refuse rows that lack a value."""
        for index in indices:
            self.refuse(index, RefusedValue(self.table, name, "must be given"))

    def good_rows(self) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of the columns that say anything, and the rows that are not refused."""
        names = [name for name, values in self.columns.items() if values.count(None) < self.size]
        rows = list(zip(*(self.columns[name] for name in names), strict=True))
        if self.faults:
            rows = [row for index, row in enumerate(rows) if index not in self.faults]
        return names, rows

    # -- taking values ----------------------------------------------------------------------------------

    def _names(self, rows: Sequence[object]) -> tuple[dict[str, str], list[Mapping[str, Any]]]:
        """Every name given and its column; the rows, empty ones in the place of those refused."""
        shapes: dict[tuple[object, ...], BadInput | None] = {}
        columns: dict[str, str] = {}
        usable: list[Mapping[str, Any]] = []
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                self.refuse(
                    index, BadInput(f"a row must be a mapping of names to values, not {shown_value(row)}")
                )
                usable.append(_NOTHING)
                continue
            shape = tuple(row)
            if shape not in shapes:
                shapes[shape] = self._read_shape(shape, columns)
            fault = shapes[shape]
            if fault is not None:
                self.refuse(index, fault)
            usable.append(row if fault is None else _NOTHING)
        return columns, usable

    def _read_shape(self, shape: tuple[object, ...], columns: dict[str, str]) -> BadInput | None:
        found: dict[str, str] = {}
        try:
            for name in shape:
                column = column_named(self.table, name)
                if column in found.values():
                    raise BadInput(f"{self.table}.{column} is given twice, also as {str(name)!r}")
                found[str(name)] = column
        except BadInput as error:
            return error
        columns |= found
        return None

    def _take(self, name: str, column: str, values: list[Any]) -> None:
        taker = taker_of(self.table, column)
        try:
            stored = taker.many(values)
        except FAULTS:
            stored = [None] * self.size
            for index, value in enumerate(values):
                try:
                    stored[index] = taker.one(value)
                except BadInput as error:
                    self.refuse(index, error)
        before = self.columns.get(column)
        if before is not None:  # rows give it under different names
            stored = [new if old is None else old for old, new in zip(before, stored, strict=True)]
        self.columns[column] = stored


def stored_values(table: str, columns: Mapping[str, object]) -> dict[str, Any]:
    """The stored values of one row by column, ``None`` where ``None`` was given.

    Raises ``BadInput`` for an unknown name and for a value that its column does not take.
    """
    batch = Batch.taken(table, [columns])
    if batch.faults:
        raise batch.faults[0]
    return {name: values[0] for name, values in batch.columns.items()}
