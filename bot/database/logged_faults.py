"""What becomes of records that were handed in: stored, duplicates, refused and why."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.errors import BadInput


class RefusedValue(BadInput):
    """A value that a field does not take. ``shown`` is the value as text, shortened."""

    def __init__(self, table: str, field: str, rule: str, shown: str = "") -> None:
        super().__init__(f"{table}.{field} {rule}" + (f", not {shown}" if shown else ""))
        self.table, self.field, self.shown = table, field, shown


def shown_value(value: object) -> str:
    """A value for a message: short, in one line, whatever it is."""
    if isinstance(value, Decimal):
        return str(value)[:60]
    short = reprlib.Repr()
    short.maxstring = short.maxother = 60
    short.maxdict, short.maxlist, short.maxlevel = 2, 4, 3
    try:
        return short.repr(value)
    except Exception:  # a number of thousands of digits, or an object whose own repr fails
        return f"a value of type {type(value).__name__}"


@dataclass(frozen=True, slots=True, eq=False)
class BatchResult:
    """What became of a batch. Compares and counts as the number of rows stored.

    ``rejected`` holds each refused row's place in the batch (from 0) and the error that says why.
    """

    stored: int
    duplicates: int
    rejected: tuple[tuple[int, BadInput], ...] = ()

    def __int__(self) -> int:
        return self.stored

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BatchResult):
            mine, theirs = self.rejected, other.rejected
            return (self.stored, self.duplicates, mine) == (other.stored, other.duplicates, theirs)
        return self.stored == other

    def __hash__(self) -> int:
        return hash(self.stored)

    def __add__(self, other: BatchResult) -> BatchResult:
        return BatchResult(
            self.stored + other.stored, self.duplicates + other.duplicates, self.rejected + other.rejected
        )


class BatchRefused(BadInput):
    """Some rows of a batch were refused; the others are stored. ``result`` says which is which."""

    def __init__(self, result: BatchResult) -> None:
        place, first = result.rejected[0]
        rows = len(result.rejected)
        more = f"; {rows} rows refused in all" if rows > 1 else ""
        kept = f"{result.stored} stored, {result.duplicates} there already"
        super().__init__(f"row {place}: {first} ({kept}{more})")
        self.result = result
