"""Money, counts and targets in the ways pages write them, read from pixels."""

from __future__ import annotations

import pytest

from bot.screen.detect import default_detector
from bot.screen.engines import default_engine
from bot.screen.fields import WAITING, Budget, ReadCounts
from bot.screen.own.small import SmallField, count_of, money_of, target_of
from tests.screen_own.drawn import written


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1 234,56", 123_456),
        ("1,234.56 USD", 123_456),
        ("1.234,56 kr", 123_456),
        ("Saldo: 5000.00 $", 500_000),
        ("€ 10,00", 1_000),
        ("$1,000", 100_000),
        ("250", 25_000),
        ("", None),
        ("12.00 of 20.00", None),
        ("1.2", None),
    ],
)
def test_amounts_of_money(text: str, minor: int | None) -> None:
    assert money_of(text) == minor


@pytest.mark.parametrize(
    ("text", "count"), [("128", 128), ("1 204 players", 1204), ("34/500", 34), ("none", None)]
)
def test_counts(text: str, count: int | None) -> None:
    assert count_of(text) == count


@pytest.mark.parametrize(
    ("text", "target"), [("2.00", 200), ("1,50x", 150), ("x 3.00", 300), ("2", 200), ("0", None)]
)
def test_targets(text: str, target: int | None) -> None:
    assert target_of(text) == target


@pytest.mark.parametrize("family", ["serif", "condensed", "mono"])
@pytest.mark.parametrize("text", ["1 234,56", "9,870.15", "40.00"])
def test_small_text_is_read_or_refused(family: str, text: str) -> None:
    field = SmallField("balance", default_engine(), default_detector, ReadCounts())
    picture = written(text, family, 17, box=(150, 30))
    assert field.read(picture, Budget(0)).reason == WAITING
    assert field.read(picture, Budget(1)).value == money_of(text)
    assert field.read(picture, Budget(0)).value == money_of(text)  # remembered
