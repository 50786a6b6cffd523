"""What a table's CHECK constraints allow, for Python: a refusal there names the field and the value.

The constraints of the models are the one source; this reads them. A constraint of a form that is not
understood here is left to the database, and a test fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import CheckConstraint, Float

from bot.database.values import table_named

_BOUND = re.compile(r"(\w+) (>=|<=|>|<) (-?\d+)")
_ORDER = re.compile(r"(\w+) >= (\w+)")
_WORDS = re.compile(r"(\w+) IN \(('[^']*'(?:, '[^']*')*)\)")


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest stored value, both allowed; ``None``: no bound."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one table: spans and known words by column, columns in order, and what was not understood."""

    spans: Mapping[str, Span] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: ``(later, earlier)``: the first is never less than the second.
    orders: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


@cache
def rules_of(table: str) -> Rules:
    """The rules of a table. Raises ``BadInput`` for an unknown one."""
    found = table_named(table)
    spans: dict[str, Span] = {}
    words: dict[str, tuple[str, ...]] = {}
    orders: list[tuple[str, str]] = []
    unread: list[str] = []
    texts = [str(c.sqltext) for c in found.constraints if isinstance(c, CheckConstraint)]
    for part in (part for text in sorted(texts) for part in text.split(" AND ")):
        bound, known, order = _BOUND.fullmatch(part), _WORDS.fullmatch(part), _ORDER.fullmatch(part)
        if bound and not (bound[2] in "<>" and isinstance(found.columns[bound[1]].type, Float)):
            spans[bound[1]] = _narrowed(spans.get(bound[1], Span()), bound[2], int(bound[3]))
        elif known:
            words[known[1]] = tuple(word.strip("'") for word in known[2].split(", "))
        elif order:
            orders.append((order[1], order[2]))
        else:
            unread.append(part)
    return Rules(spans, words, tuple(orders), tuple(unread))


def _narrowed(span: Span, sign: str, bound: int) -> Span:
    """An open bound of a whole number is the next one inside."""
    if sign in (">", ">="):
        return Span(bound + (sign == ">"), span.high)
    return Span(span.low, bound - (sign == "<"))
