"""What a setting may be: readers that make exact values of what a file or a command line says, or refuse it.

A reader raises ``ValueError`` with the end of the sentence "KEY = VALUE: ...".
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.control.hotkey import parse_keys
from bot.domain.amounts import format_hundredths, parse_hundredths
from bot.domain.errors import BadInput
from bot.folders import config_dir
from bot.staking import is_known, known_names


def hundredths(least: int, what: str) -> BeforeValidator:
    """Reads an exact decimal into hundredths, not below ``least``."""

    def read(value: object) -> object:
        number = None
        if isinstance(value, (str, Decimal)) or (isinstance(value, int) and not isinstance(value, bool)):
            try:
                number = parse_hundredths(str(value))
            except ValueError:
                number = None
        if number is None or number < least:
            raise ValueError(f"must be {what} from {format_hundredths(least)}, with at most two decimals")
        return number

    return BeforeValidator(read)


def decimal(value: object) -> object:
    """Reads an exact decimal; a command line may hand over text or its own float."""
    if not isinstance(value, bool) and isinstance(value, (Decimal, int, float, str)):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise ValueError("must be a number")


def faults(value: object) -> object:
    """Kinds of faults joined by commas."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_]+(,[a-z0-9_]+)*", value):
        raise ValueError("must be none, all, or kinds joined by commas, like dialog,zoom")
    return value


def none(value: object) -> object:
    """The word "none" is no value."""
    return None if value == "none" else value


def strategy(value: object) -> object:
    """A strategy's name, or the path of a person's file, made absolute."""
    if not isinstance(value, str) or not is_known(value):
        raise ValueError(f"must be one of {', '.join(known_names())}, or a file like my_strategy.py")
    path, is_file, rest = value.partition(".py")
    # A table's process works in a folder of its own.
    return f"{Path(path).absolute()}.py{rest}" if is_file else value


def stakes(value: object) -> object:
    """A list of amounts of money, into minor units."""
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list of amounts of money, like [1.00, 2.00, 4.00]")
    try:
        stakes = tuple(parse_hundredths(str(stake)) for stake in value)
    except ValueError:
        stakes = (0,)
    if any(stake < 1 for stake in stakes):
        raise ValueError("must be amounts of money from 0.01, with at most two decimals")
    return stakes


def line(value: object) -> object:
    """A list, as what cannot be changed."""
    return tuple(value) if isinstance(value, list) else value


def tables(value: object) -> object:
    """Practice tables, each once."""
    known = known_games()
    names = tuple(value) if isinstance(value, (list, tuple)) else ()
    if not names or any(name not in known for name in names) or len(set(names)) != len(names):
        raise ValueError(f"must be a list, without repeats, of {', '.join(known)}")
    return names


def keys(value: str) -> str:
    """Keys that stop the bot."""
    try:
        parse_keys(value)
    except BadInput:
        raise ValueError("must be keys like ctrl+alt+s (ctrl, alt, shift or win, and one key)") from None
    return value


@cache
def known_games() -> tuple[str, ...]:
    """The games that have a layout in the shipped configuration."""
    return tuple(sorted(path.stem for path in (config_dir() / "games").glob("*.toml")))


#: Minor units, hundredths, exact decimals. ``Or…`` also takes the word "none".
Stake = Annotated[int, hundredths(1, "an amount of money")]
Exact = Annotated[Decimal, BeforeValidator(decimal)]
Count = Annotated[int, Field(ge=0)]
OrMoney = Annotated[Annotated[int, hundredths(0, "an amount of money")] | None, BeforeValidator(none)]
OrName = Annotated[Annotated[str, Field(min_length=1, max_length=100)] | None, BeforeValidator(none)]
OrCount = Annotated[Count | None, BeforeValidator(none)]
OrMultiplier = Annotated[Annotated[int, hundredths(101, "a multiplier")] | None, BeforeValidator(none)]
