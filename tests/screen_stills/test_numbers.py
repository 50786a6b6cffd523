from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.screen.numbers import parse_count, parse_money, parse_multiplier, parse_target


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.00x", 100), ("1.24x", 124), ("1,24x", 124), ("1.24 x", 124), ("12.12X", 1212),
        ("1,234.56x", 123456),
        ("1.234,56x", 123456), ("1 234.56x", 123456), ("1234.56x", 123456), ("12,345,678.90x", None),
        ("1.24", None), (".24x", None), ("24x", None), ("1.2x", None), ("1.234x", None), ("0.99x", None),
        ("1,23,456.78x", None), ("1,234,56x", None), ("1.234.56x", None), ("01.24x", None), ("1..24x", None),
        ("1.24xx", None), ("x", None), ("", None), ("-1.24x", None), ("1.24x.", None), ("1.2.4x", None),
    ],
)  # fmt: skip
def test_multiplier(text: str, value: int | None) -> None:
    assert parse_multiplier(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000.00 USD", (100000, "USD")), ("1.000,00 RSD", (100000, "RSD")), ("827.60R", (82760, "R")),
        ("3000.00$", (300000, "$")), ("KSH 0.00", (0, "KSH")), ("1.00", (100, None)), ("1,00", (100, None)),
        ("-1.00", (-100, None)), ("1,000", None), ("1.000", None), ("1.0", None), ("", None), ("USD", None),
        ("1,0000.00", None), ("001.00", None), ("1.00 2.00", None), ("1 000,50 RSD", (100050, "RSD")),
    ],
)  # fmt: skip
def test_money(text: str, value: tuple[int, str | None] | None) -> None:
    assert parse_money(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("123", 123), ("1,234", 1234), ("1.234", 1234), ("1 234", 1234), ("12,34", None),
     ("1,234.567", None),
     ("012", None), ("12a", None), ("", None)],
)  # fmt: skip
def test_count(text: str, value: int | None) -> None:
    assert parse_count(text) == value


@given(st.integers(100, 99_999_999), st.sampled_from(["point", "comma", "plain", "plain comma"]))
def test_every_multiplier_is_read_in_every_form(value: int, form: str) -> None:
    whole, cents = divmod(value, 100)
    if form == "point":
        text = f"{whole:,}.{cents:02d}x"
    elif form == "comma":
        text = f"{whole:,}".replace(",", ".") + f",{cents:02d}x"
    else:
        text = f"{whole}{'.' if form == 'plain' else ','}{cents:02d}x"
    assert parse_multiplier(text) == value


@given(st.text(alphabet="0123456789.,x ", max_size=9))
def test_what_is_read_has_two_decimals_and_an_x(text: str) -> None:
    value = parse_multiplier(text)
    if value is not None:
        digits = "".join(char for char in text if char.isdigit())
        assert int(digits) == value
        assert text.strip().endswith("x")


@given(st.integers(100, 100_000))
def test_target_field_reads_with_and_without_x(value: int) -> None:
    text = f"{value // 100}.{value % 100:02d}"
    assert parse_target(text) == parse_target(text + "x") == value
