"""Multipliers as others write them, floored to hundredths and never through a binary float.

Taken: ``2.45``, ``2,45``, ``2.45x``, ``x2.45``, ``2``, ``1 234,56``, ``1'234.56``, ``1,234.56``,
``1.234,56``, ``1e3``. One comma before exactly three digits (``1,234``) may mean two things and is refused
unless ``decimal`` says which. Everything below 1.00, NaN, infinity and what is no number is refused.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation

import polars as pl

from bot.domain.errors import BadInput

#: Nothing flies higher; the totals count by three digits up to here (hundredths).
MOST = 10**12
_PLAIN = r"^(\d{1,10})(?:\.(\d*))?[xX]?$"
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_NUMBER = re.compile(r"^\d+(\.\d*)?([eE][+-]?\d{1,2})?$|^\.\d+$")
_EXACT = Context(prec=60)


def check_decimal(decimal: str | None) -> None:
    """Raises ``BadInput`` unless it is a point, a comma, or ``None`` (each value decides)."""
    if decimal not in (None, ".", ","):
        raise BadInput(f"the decimal mark is . or , and not {decimal!r}")


def read_multipliers(texts: pl.Series, decimal: str | None = None) -> tuple[pl.Series, list[tuple[int, str]]]:
    """Hundredths, empty where refused; and for each refused one its place and why."""
    if decimal == ",":
        values = pl.Series([None] * len(texts), dtype=pl.Int64)
        open_ones = list(range(len(texts)))
    else:
        plain = texts.str.strip_chars().str.extract_groups(_PLAIN).struct.unnest()
        cents = (plain["2"].fill_null("") + "00").str.slice(0, 2).cast(pl.Int64, strict=False)
        values = plain["1"].cast(pl.Int64, strict=False) * 100 + cents
        values = values.set(values < 100, None)
        open_ones = values.is_null().arg_true().to_list()
    refused, found = [], {}
    for place in open_ones:
        read = multiplier_of(texts[place], decimal)
        if isinstance(read, str):
            refused.append((place, read))
        else:
            found[place] = read
    if found:
        values = values.scatter(list(found), list(found.values()))
    return values, refused


def multiplier_of(text: str | None, decimal: str | None = None) -> int | str:
    """One multiplier in hundredths, or why it is none."""
    bare = _SPACES.sub("", text or "").lower().removesuffix("x").removeprefix("x").removesuffix("×")
    if not bare:
        return "not a multiplier" if (text or "").strip() else "the multiplier is empty"
    plain = _with_point(bare, decimal)
    if plain is None:
        return "the comma may be a decimal mark or separate thousands: say which with --decimal"
    if bare.startswith("-") and _NUMBER.match(plain[1:]):
        return "a multiplier is at least 1.00"
    if not _NUMBER.match(plain):
        return "not a multiplier"
    try:
        value = int(Decimal(plain).scaleb(2, _EXACT).to_integral_value(ROUND_FLOOR))
    except InvalidOperation:
        return "not a multiplier"
    if value < 100:
        return "a multiplier is at least 1.00"
    return value if value <= MOST else "larger than any multiplier"


def _with_point(bare: str, decimal: str | None) -> str | None:
    """The digits with a point as decimal mark; ``None`` when a comma may mean two things."""
    if decimal is not None:
        other = "," if decimal == "." else "."
        return bare.replace(other, "").replace(decimal, ".")
    commas, points = bare.count(","), bare.count(".")
    if commas and points:  # the last one is the decimal mark
        mark = max(",", ".", key=bare.rfind)
        return bare.replace("," if mark == "." else ".", "").replace(mark, ".")
    if points > 1 or commas > 1:  # thousands and nothing behind a mark
        return re.sub(r"[,.](?=\d{3}(\D|$))", "", bare)
    if commas and re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", bare):
        return None
    return bare.replace(",", ".")
