"""Multipliers and money as integers, and their decimal strings.

A *multiplier* is an integer number of hundredths (245 is 2.45x). *Money* is an integer number of minor
units beside a currency. Neither is ever a binary float; strings are ``"2.45"`` in every JSON we write.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

HUNDRED = 100
_PLAIN = re.compile(r"^-?\d+(\.\d{1,2})?$")


def format_hundredths(value: int) -> str:
    """``124`` → ``"1.24"``; also negative amounts: ``-5`` → ``"-0.05"``."""
    sign = "-" if value < 0 else ""
    whole, cents = divmod(abs(value), HUNDRED)
    return f"{sign}{whole}.{cents:02d}"


def parse_hundredths(text: str) -> int:
    """``"1.24"`` → ``124``. At most two decimals, a point, no separators.

    Raises ``ValueError`` that names the text when it is anything else.
    """
    cleaned = text.strip()
    if not _PLAIN.match(cleaned):
        raise ValueError(f"not a decimal with at most two places: {text!r}")
    try:
        return int(Decimal(cleaned).scaleb(2).to_integral_exact())
    except InvalidOperation as error:  # pragma: no cover - the pattern excludes it
        raise ValueError(f"not a decimal: {text!r}") from error


def payout(stake_minor: int, multiplier: int) -> int:
    """Money paid back (stake included) for a cash-out at ``multiplier``, floored to the minor unit."""
    return stake_minor * multiplier // HUNDRED


def floor_share(amount_minor: int, share: Decimal) -> int:
    """``share`` of ``amount_minor``, floored to the minor unit."""
    return int((Decimal(amount_minor) * share).to_integral_value(rounding=ROUND_FLOOR))
