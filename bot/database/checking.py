"""What no database would take is refused where the record was made, naming table, column and value."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache

from sqlalchemy import JSON, BigInteger, Boolean, Float, Table

from bot.database.base import Base
from bot.domain.errors import BadInput
from bot.domain.ports import Record

#: Largest text or JSON that a record may carry, in characters.
TEXT_LIMIT = 1_000_000
_INT64 = 1 << 63


def check(record: Record) -> None:
    """Refuse what no database would take. Raises ``BadInput``.

    Called by whoever hands a record over, so that the fault shows where it was made.
    """
    table = record.table
    keys, tests = _tests_of(table)
    values = record.values
    for key in keys:
        if values.get(key) is None:
            raise BadInput(f"{table}: a record without its key {key!r}")
    for name, value in values.items():
        test = tests.get(name)
        if test is None:
            raise BadInput(f"{table} has no column {name!r}")
        if value is not None:
            fault = test(value)
            if fault:
                raise BadInput(f"{table}.{name} {fault}")


def table_of(name: str) -> Table:
    """The table of this name. Raises ``BadInput``."""
    table = Base.metadata.tables.get(name)
    if table is None:
        raise BadInput(f"no such table: {name!r}")
    return table


@cache
def _tests_of(table: str) -> tuple[tuple[str, ...], dict[str, Callable[[object], str]]]:
    """The columns of a table's key, and for each column what its values must be."""
    columns = table_of(table).columns
    tests: dict[str, Callable[[object], str]] = {}
    for column in columns:
        for kind, test in _TESTS:
            if isinstance(column.type, kind):
                tests[column.name] = test
                break
        else:
            tests[column.name] = _text
        if column.computed is not None:
            tests[column.name] = _computed
    return tuple(column.name for column in columns if column.primary_key), tests


def _whole(value: object) -> str:
    if type(value) is int and -_INT64 <= value < _INT64:
        return ""
    return f"must be a whole number of 64 bits, not {value!r:.80}"


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else f"must be true or false, not {value!r:.80}"


def _number(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and _finite(value):
        return ""
    return f"must be a finite number, not {value!r:.80}"


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _text(value: object) -> str:
    if isinstance(value, str) and len(value) <= TEXT_LIMIT and "\0" not in value and _encodes(value):
        return ""
    return f"must be a text without NUL of at most {TEXT_LIMIT} characters, not {value!r:.80}"


def _encodes(text: str) -> bool:
    """Whether it has no halves of characters (surrogates), which UTF-8 cannot say."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json(value: object) -> str:
    try:
        text = encode_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        return f"cannot be written as JSON: {error!s:.120}"
    if len(text) > TEXT_LIMIT or "\\u0000" in text or not _encodes(text):
        return f"must be JSON without NUL of at most {TEXT_LIMIT} characters, not {text!r:.80}"
    return ""


def _computed(_value: object) -> str:
    return "is computed by the database and cannot be given"


def _json_encoder() -> Callable[[object], str]:
    """The text of a JSON value. The standard encoder makes its C part anew for each value, which takes
    longer than the writing itself; here it is made once."""
    plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    make = getattr(json.encoder, "c_make_encoder", None)
    escape = getattr(json.encoder, "c_encode_basestring", None)
    if make is None or escape is None:
        return plain.encode
    parts = make(None, plain.default, escape, None, ":", ",", False, False, False)
    return lambda value: "".join(parts(value, 0))


#: The text of a JSON value, as it is stored. Raises ``ValueError``, ``TypeError``, ``RecursionError``.
encode_json = _json_encoder()
_TESTS: tuple[tuple[type, Callable[[object], str]], ...] = (
    (Boolean, _truth),
    (BigInteger, _whole),
    (Float, _number),
    (JSON, _json),
)
