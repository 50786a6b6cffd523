"""Values on their way into the database: every column's values are checked and made what is stored.

A column is handled as a whole list first, which is quick; ``Taker.one`` says precisely what is wrong with a
single value. Nothing is rounded, cut or guessed: what a column cannot hold exactly is refused.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from enum import Enum
from functools import cache
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float

from bot.database.logged_faults import RefusedValue, shown_value
from bot.database.logged_rules import Span, rules_of
from bot.database.values import EPOCH, datetime_of, decimal_of, is_time, places_of, table_named
from bot.domain.errors import BadInput

#: Characters of a text, and of a JSON object as text.
TEXT_LIMIT = 1_000_000
#: Characters of a text that is part of a key or an index: PostgreSQL's index rows hold 2,704 bytes.
NAME_LIMIT = 128
#: Exact columns take less than this many units: their sums must fit 64 bits, too.
EXACT_LIMIT = 10**15
_INT64 = 1 << 63
#: Numbers with more digits than any column has raise instead of being rounded.
_EXACT = Context(prec=40, Emin=-99, Emax=99, traps=[InvalidOperation, Overflow, Inexact])
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_TO_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
#: JSON columns that also take a list.
_LISTS = frozenset({"feature_vector"})
#: Columns that are parts of the totals' keys, beside those in keys and indexes.
_KEYS_OF_TOTALS = frozenset({"strategy_name", "platform_code", "currency", "mode"})
#: The terms of a game without a platform hold for all platforms.
_MAY_BE_EMPTY = frozenset({("game_platform_config", "platform_code")})
#: What ``Taker.many`` may raise.
FAULTS = (ValueError, TypeError, ArithmeticError, DecimalException, RecursionError, BadInput)


@dataclass(frozen=True)
class Taker:
    """What one column takes. ``one`` and ``many`` give stored values; ``None`` stays ``None``."""

    table: str
    name: str

    def one(self, value: Any) -> object:
        """The stored value. Raises ``RefusedValue``."""
        return None if value is None else self._stored(value)

    def many(self, values: Sequence[Any]) -> list[Any]:
        """The stored values of a column. Raises one of ``FAULTS`` when any is not right: then ask ``one``."""
        one = self.one
        return [one(value) for value in values]

    def _stored(self, value: Any) -> object:
        raise NotImplementedError

    def refused(self, rule: str, value: object) -> RefusedValue:
        """The error for this column that says what it must be."""
        return RefusedValue(self.table, self.name, rule, shown_value(value))

    def too_long(self, limit: int, text: str) -> RefusedValue:
        """The error for a text of more characters than the column takes."""
        rule = f"takes at most {limit:,} characters, not {len(text):,}"
        return RefusedValue(self.table, self.name, f"{rule}: {text[:40]!r}…", "")


@dataclass(frozen=True)
class _Exact(Taker):
    """Decimals of so many places, stored as integers."""

    places: int
    span: Span

    def many(self, values: Sequence[Any]) -> list[Any]:
        multiply, factor, whole = _EXACT.multiply, Decimal(10**self.places), 10**self.places
        stored: list[Any] = []
        put = stored.append
        for value in values:
            if value is None:
                put(None)
            elif type(value) is Decimal:
                product = multiply(value, factor)
                units = int(product)
                if units != product:
                    raise ValueError(value)
                put(units)
            elif type(value) is int:
                put(value * whole)
            else:
                put(self.one(value))
        _check_span(stored, self.low, self.high)
        return stored

    @property
    def low(self) -> int:
        return 1 - EXACT_LIMIT if self.span.low is None else self.span.low

    @property
    def high(self) -> int:
        return EXACT_LIMIT - 1 if self.span.high is None else self.span.high

    def _stored(self, value: Any) -> object:
        number = self._number(value)
        if not number.is_finite():
            raise self.refused("must be a finite number", value)
        if not -EXACT_LIMIT < number < EXACT_LIMIT:  # before anything multiplies it
            raise self.refused(self._allowed(number), value)
        try:
            product = _EXACT.multiply(number, Decimal(10**self.places))
            if int(product) != product:
                raise Inexact
        except DecimalException:
            raise self.refused(f"takes at most {self.places} decimal places", value) from None
        if not self.low <= int(product) <= self.high:
            raise self.refused(self._allowed(number), value)
        return int(product)

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, float):
            raise self.refused("takes no binary float: give a Decimal or a text", value)
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str):
            if not _NUMBER.fullmatch(value.strip()):
                raise self.refused("must be a decimal number", value)
            return Decimal(value.strip())
        return Decimal(_whole(self, value, "must be a Decimal, a whole number or a text"))

    def _allowed(self, number: Decimal) -> str:
        low, high = decimal_of(self.low, self.places), decimal_of(self.high, self.places)
        return f"must be at most {high}" if high is not None and number > high else f"must be at least {low}"


@dataclass(frozen=True)
class _Whole(Taker):
    """Whole numbers of 64 bits."""

    span: Span

    def many(self, values: Sequence[Any]) -> list[Any]:
        one = self.one
        stored: list[Any] = [value if type(value) is int else one(value) for value in values]
        low = -_INT64 if self.span.low is None else self.span.low
        _check_span(stored, low, _INT64 - 1 if self.span.high is None else self.span.high)
        return stored

    def _stored(self, value: Any) -> object:
        number = _whole(self, value, "must be a whole number")
        if not -_INT64 <= number < _INT64:
            raise self.refused("must be a whole number of 64 bits", value)
        return _within(self, number, self.span)


@dataclass(frozen=True)
class _Time(Taker):
    """Times with a time zone, stored as microseconds since 1970, UTC."""

    span: Span

    def many(self, values: Sequence[Any]) -> list[Any]:
        stored: list[Any] = []
        put, epoch = stored.append, EPOCH
        for value in values:
            if type(value) is datetime:
                since = value - epoch
                put((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
            else:
                put(self.one(value))
        _check_span(stored, -_INT64 if self.span.low is None else self.span.low, _INT64 - 1)
        return stored

    def _stored(self, value: Any) -> object:
        time = value
        if isinstance(value, str):
            try:
                time = datetime.fromisoformat(value.strip())
            except ValueError:
                raise self.refused("must be a time like 2026-01-31T12:00:00+00:00", value) from None
        if not isinstance(time, datetime):
            raise self.refused("must be a datetime with a time zone", value)
        if time.utcoffset() is None:
            raise self.refused(
                "must say its time zone (an aware datetime, or text with an offset)", str(value)
            )
        since = time - EPOCH
        stored = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        if self.span.low is not None and stored < self.span.low:
            raise self.refused(f"must not lie before {datetime_of(self.span.low)}", str(value))
        return stored


@dataclass(frozen=True)
class _Text(Taker):
    """Text without NUL that can be written as UTF-8."""

    limit: int
    required: bool

    def many(self, values: Sequence[Any]) -> list[Any]:
        one = self.one
        stored: list[Any] = []
        known: dict[Any, object] = {None: None}  # names repeat from row to row
        for value in values:
            if value not in known:
                known[value] = one(value)
            stored.append(known[value])
        return stored

    def _stored(self, value: Any) -> object:
        if not isinstance(value, str):
            raise self.refused("must be a text", value)
        text = str(value.value) if isinstance(value, Enum) else str.__str__(value)
        if len(text) > self.limit:
            raise self.too_long(self.limit, text)
        if "\0" in text:
            raise self.refused("must be a text without NUL", value)
        if not text.isascii() and not _is_utf8(text):
            raise self.refused("must be a text that can be written as UTF-8", value)
        if self.required and not text.strip():
            raise self.refused("must not be empty", value)
        return text


@dataclass(frozen=True)
class _Word(Taker):
    """One of a few known words."""

    words: tuple[str, ...]

    def many(self, values: Sequence[Any]) -> list[Any]:
        known, one = self.words, self.one
        return [value if type(value) is str and value in known else one(value) for value in values]

    def _stored(self, value: Any) -> object:
        word = value.value if isinstance(value, Enum) else value
        if not isinstance(word, str) or word not in self.words:
            raise self.refused(f"must be one of {', '.join(self.words)}", value)
        return str.__str__(word)


@dataclass(frozen=True)
class _Flag(Taker):
    """True or false."""

    def _stored(self, value: Any) -> object:
        if not isinstance(value, bool):
            raise self.refused("must be True or False", value)
        return value


@dataclass(frozen=True)
class _Float(Taker):
    """Finite binary floats, where they are at home: confidences, milliseconds, statistics."""

    span: Span

    def many(self, values: Sequence[Any]) -> list[Any]:
        one = self.one
        stored: list[Any] = [value if type(value) is float else one(value) for value in values]
        if not all(map(math.isfinite, (number for number in stored if number is not None))):
            raise ValueError("not finite")
        low = -math.inf if self.span.low is None else self.span.low
        _check_span(stored, low, math.inf if self.span.high is None else self.span.high)
        return stored

    def _stored(self, value: Any) -> object:
        if isinstance(value, bool | str) or not hasattr(value, "__float__"):
            raise self.refused("must be a number", value)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise self.refused("must be a finite number", value) from None
        if not math.isfinite(number):
            raise self.refused("must be a finite number", value)
        return _within(self, number, self.span)


@dataclass(frozen=True)
class _Json(Taker):
    """A JSON object (a list, too, where ``lists``) with text keys, finite numbers and no NUL."""

    lists: bool

    def _stored(self, value: Any) -> object:
        given = value
        if type(value) is not dict:
            if not isinstance(value, Mapping) and not (self.lists and isinstance(value, list | tuple)):
                raise self.refused("must be an object" + " or a list" * self.lists, value)
            given = dict(value) if isinstance(value, Mapping) else list(value)
        try:
            text = _TO_JSON(given)
        except (TypeError, ValueError, RecursionError) as error:
            raise self.refused(f"cannot be written as JSON ({str(error)[:100]})", value) from None
        if len(text) > TEXT_LIMIT:
            raise self.too_long(TEXT_LIMIT, text)
        if not text.isascii() and not _is_utf8(text):
            raise self.refused("must be JSON that can be written as UTF-8", value)
        nul = "\\u0000" in text
        if nul or text.find("{", 1) > 0 or not all(type(key) is str for key in given):
            self._check_parts(given, nul)
        return given

    def _check_parts(self, value: object, look_for_nul: bool) -> None:
        parts = [value]
        while parts:
            part = parts.pop()
            if isinstance(part, dict):
                for key in part:
                    if not isinstance(key, str):
                        raise self.refused("must have texts as keys", key)
                parts += part.values()
                parts += part if look_for_nul else ()
            elif isinstance(part, list | tuple):
                parts += part
            elif look_for_nul and isinstance(part, str) and "\0" in part:
                raise self.refused("must be JSON without NUL", part)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _whole(taker: Taker, value: Any, rule: str) -> int:
    if isinstance(value, bool):
        raise taker.refused(rule, value)
    try:
        return operator.index(value)
    except TypeError:
        raise taker.refused(rule, value) from None


def _within(taker: Taker, number: float, span: Span) -> float:
    if span.low is not None and number < span.low:
        raise taker.refused(f"must be at least {span.low}", number)
    if span.high is not None and number > span.high:
        raise taker.refused(f"must be at most {span.high}", number)
    return number


def _check_span(stored: Sequence[float | None], low: float, high: float) -> None:
    numbers = [number for number in stored if number is not None]
    if numbers and not (low <= min(numbers) and max(numbers) <= high):
        raise ValueError("outside of what is allowed")


@cache
def taker_of(table: str, name: str) -> Taker:
    """What the column of this table takes."""
    column = table_named(table).columns[name]
    rules = rules_of(table)
    span = rules.spans.get(name, Span())
    if name in rules.words:
        return _Word(table, name, rules.words[name])
    places = places_of(column)
    if places is not None:
        return _Exact(table, name, places, span)
    if is_time(column):
        return _Time(table, name, span)
    if isinstance(column.type, Boolean):
        return _Flag(table, name)
    if isinstance(column.type, BigInteger):
        return _Whole(table, name, span)
    if isinstance(column.type, Float):
        return _Float(table, name, span)
    if isinstance(column.type, JSON):
        return _Json(table, name, name in _LISTS)
    required = not column.nullable and (table, name) not in _MAY_BE_EMPTY
    return _Text(table, name, NAME_LIMIT if _is_key(column) else TEXT_LIMIT, required)


def _is_key(column: Column[Any]) -> bool:
    indexes = cast(Any, column.table).indexes
    return (
        column.primary_key
        or column.name in _KEYS_OF_TOTALS
        or any(column.name in index.columns for index in indexes)
    )
