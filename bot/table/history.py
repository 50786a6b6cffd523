"""The history strip as a witness: which chips are new since the strip that was seen before."""

from __future__ import annotations

from collections.abc import Sequence

#: With fewer chips in common than this two strips are not taken for the same history.
MIN_OVERLAP = 4


def new_chips(before: Sequence[int], now: Sequence[int]) -> tuple[int, ...] | None:
    """Crash points (hundredths) that came since ``before``, oldest first; ``None`` when they cannot be told.

    Both strips are newest first. The smallest shift at which every overlapping chip agrees wins, so a strip
    that did not change has no new chips. ``None`` means no shift leaves ``MIN_OVERLAP`` agreeing chips (or
    the whole of a shorter strip): too much was missed, or a chip was misread.
    """
    needed = min(MIN_OVERLAP, len(before), len(now))
    if needed == 0:
        return None
    for shift in range(len(now) - needed + 1):
        overlap = min(len(before), len(now) - shift)
        if overlap < needed:
            break
        if tuple(now[shift : shift + overlap]) == tuple(before[:overlap]):
            return tuple(reversed(now[:shift]))
    return None
