"""Whole rounds on drawn pages that differ in form, colours, law and what they show between rounds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.screen_own.played import Style, start

CRASHES = [214, 327, 100, 142, 101, 187, 100, 263, 118]
#: Rounds after which everything must be told at once: the first two teach.
TEACHING = 2
STYLES = {
    "another colour at the end": Style(),
    "a decimal comma, the x in front, a caption": Style(
        form="xN",
        comma=True,
        family="serif",
        ground=(246, 244, 238),
        flight=(30, 40, 50),
        end=(180, 30, 30),
        caption="Crashed!",
    ),
    "no x, a countdown in digits": Style(
        form="N", family="condensed", between=lambda left_s: f"{left_s:.2f}"
    ),
    "words in the line of the end, a stepped law": Style(
        flight=(90, 220, 120),
        end=(240, 90, 40),
        growth=lambda t: 1 + 0.2 * t,
        between=lambda _: "Place your bets",
    ),
    "nothing between rounds": Style(
        between=lambda _: "", flight=(255, 220, 60), growth=lambda t: 1 + 0.05 * t * t + 0.1 * t
    ),
    "one colour for flight and end": Style(end=(245, 245, 245), growth=lambda t: math.exp(0.3 * t)),
}


@pytest.mark.parametrize("name", STYLES)
def test_every_round_after_the_first_two_is_followed(name: str, tmp_path: Path) -> None:
    played = start(tmp_path, STYLES[name])
    try:
        for crash in CRASHES:
            played.round(crash)
        played.round(150)  # the end of the last one is told by what comes after it, if by nothing else
        told = played.ended[-len(CRASHES[TEACHING:]) - 1 : -1] if played.ended[-1] == 150 else played.ended
        assert told[-len(CRASHES[TEACHING:]) :] == CRASHES[TEACHING:]
        assert [line for line in played.wrong if int(line.split()[1][:-1]) > TEACHING] == []
    finally:
        played.eye.close()
