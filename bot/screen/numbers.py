"""Text that was read becomes a number, or nothing. Strict: what is not of the form is refused, never mended.

Both decimal separators are read. A number with one separator and two digits behind it has decimals; one with
three digits behind it has groups of thousands. Multipliers always carry two decimals, so ``1,234x`` is none.
"""

from __future__ import annotations

import re

#: The house shows no larger ones; above this a separator was lost. Hundredths.
MAX_MULTIPLIER = 100_000_000
MIN_MULTIPLIER = 100
#: Minor units.
MAX_MONEY = 10**14

_SPACE = "[ \u00a0\u202f\u2009]"
_POINT = re.compile(rf"^(\d{{1,3}}(?:(?:,|{_SPACE})\d{{3}})+|\d+)\.(\d\d)$")
_COMMA = re.compile(rf"^(\d{{1,3}}(?:(?:\.|{_SPACE})\d{{3}})+|\d+),(\d\d)$")
_GROUPS = re.compile(rf"^(\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,3}}(?:{_SPACE}\d{{3}})+|\d+)$")
_MULTIPLIER = re.compile(r"^(.*\d)\s?[xX×]$")
_CURRENCY_AFTER = re.compile(r"^(-?[\d.,\s]*\d)\s*([A-Za-z]{1,4}|[$€£₹₴₦])$")
_CURRENCY_BEFORE = re.compile(r"^([A-Za-z]{2,4}|[$€£₹₴₦])\s*(-?[\d.,\s]*\d)$")


def _two_decimals(text: str) -> int | None:
    """``1,234.56`` or ``1.234,56`` or ``1 234.56`` or ``1.24`` → hundredths. One kind of group mark only."""
    for pattern in (_POINT, _COMMA):
        found = pattern.match(text)
        if found is None:
            continue
        separators = set(re.findall(r"\D", found[1]))
        if len(separators) > 1:
            return None
        whole = re.sub(r"\D", "", found[1])
        if len(whole) > 1 and whole.startswith("0"):
            return None
        return int(whole) * 100 + int(found[2])
    return None


def parse_multiplier(text: str) -> int | None:
    """``1.24x``, ``1,24x``, ``1,234.56x``, ``1.234,56x``, ``1 234.56x`` → hundredths, or ``None``.

    Two decimals and the ``x`` are demanded: they show that the end of the number is not cut off. Nothing
    below 1.00x is a multiplier.
    """
    found = _MULTIPLIER.match(text.strip())
    if found is None:
        return None
    value = _two_decimals(found[1])
    if value is None or not MIN_MULTIPLIER <= value <= MAX_MULTIPLIER:
        return None
    return value


def parse_money(text: str) -> tuple[int, str | None] | None:
    """Minor units and currency: ``1,000.00 USD``, ``1.000,00 RSD``, ``827.60R``, ``KSH 0.00``, ``3000.00$``.

    Two decimals are demanded; the currency is ``None`` when none is shown.
    """
    cleaned = text.strip()
    currency: str | None = None
    if (after := _CURRENCY_AFTER.match(cleaned)) is not None:
        cleaned, currency = after[1].strip(), after[2]
    elif (before := _CURRENCY_BEFORE.match(cleaned)) is not None:
        currency, cleaned = before[1], before[2].strip()
    negative = cleaned.startswith("-")
    value = _two_decimals(cleaned[1:] if negative else cleaned)
    if value is None or value > MAX_MONEY:
        return None
    return (-value if negative else value), currency


def parse_target(text: str) -> int | None:
    """The target field: ``2.00`` or ``2,00``, with or without the ``x`` → hundredths, at least 1.00."""
    cleaned = text.strip()
    return parse_multiplier(cleaned if cleaned[-1:] in "xX×" and cleaned else cleaned + "x")


def parse_count(text: str) -> int | None:
    """``123``, ``1,234``, ``1.234``, ``1 234`` → a whole number, else ``None``."""
    cleaned = text.strip()
    if _GROUPS.match(cleaned) is None:
        return None
    separators = set(re.findall(r"\D", cleaned))
    digits = re.sub(r"\D", "", cleaned)
    if len(separators) > 1 or (len(digits) > 1 and digits.startswith("0")):
        return None
    return int(digits)
