"""A line begins with its first digit, whichever of its digits agree to the pixel."""

from __future__ import annotations

import numpy as np
import pytest

from bot.screen.textline import LineRules, TextLine, find_line


@pytest.mark.parametrize("low", [1, 2, 3])
def test_digits_a_pixel_lower_than_the_others_are_not_left_away(low: int) -> None:
    mask = np.zeros((60, 260), dtype=np.uint8)
    for place in range(low):
        mask[21:44, 20 + 21 * place : 37 + 21 * place] = 255  # 23 rows
    start = 20 + 21 * low
    for place in range(3):
        mask[20:45, start + 21 * place : start + 17 + 21 * place] = 255  # 25 rows, one more on either side
    mask[27:44, start + 63 : start + 79] = 255  # the x
    found = find_line(mask, LineRules(suffix=True, min_digits=3))
    assert isinstance(found, TextLine)
    assert found.kinds == "d" * (low + 3) + "x"
