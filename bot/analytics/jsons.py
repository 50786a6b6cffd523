"""Answers as JSON: money and multipliers as exact decimal strings, counts, rates and times as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

#: Decimals under names that end so are rates and times, not money.
_NUMBERS = ("percent", "share", "seconds", "hours", "confidence", "return_to_player", "profit_factor")


def jsonable(value: Any, name: str = "") -> Any:
    """The same, of nothing but what JSON knows. ``name`` is the key that the value stands under."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(inner, name) for inner in value]
    if isinstance(value, Decimal):
        return float(value) if name.endswith(_NUMBERS) else format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value
