"""Signs that are read without reading numbers: colours of buttons, switches, bars and focus rings."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from bot.domain.ports import Image
from bot.domain.words import ButtonState, FieldValue
from bot.screen.layout import Colour, Layout
from bot.screen.masks import near

#: Flat colours are drawn exactly; this much (per channel) is left for rounding.
FLAT_TOLERANCE = 10
_BUTTONS = {
    ButtonState.BET: "button_bet",
    ButtonState.ACCEPTED: "button_accepted",
    ButtonState.CASH_OUT: "button_cash_out",
    ButtonState.DISABLED: "button_disabled",
}


def share(image: Image, colour: Colour, tolerance: int = FLAT_TOLERANCE) -> float:
    """Share of the pixels that have ``colour``, 0..1."""
    total = image.shape[0] * image.shape[1]
    return cv2.countNonZero(near(image, colour, tolerance)) / total if total else 0.0


class ButtonSight(NamedTuple):
    """State of a bet button and how sure (0..1)."""

    state: ButtonState
    confidence: float


def button_state(image: Image, layout: Layout) -> ButtonSight:
    """The state whose colour fills the button; unknown when none or more than one does.

    Colours as they are: a dimmed, covered or half-drawn button is unknown.
    """
    sample = np.ascontiguousarray(image[2::3, 2::3])
    shares = {state: share(sample, layout.colour(name)) for state, name in _BUTTONS.items()}
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    (state, most), (_, second) = ranked[0], ranked[1]
    if most < 0.45 or second > 0.05:
        return ButtonSight(ButtonState.UNKNOWN, 0.0)
    return ButtonSight(state, min(1.0, 0.5 + most / 2))


def switch_state(image: Image, layout: Layout) -> FieldValue[bool]:
    """Whether a switch is on: the colour of its track and the side of its knob must agree."""
    on, off = share(image, layout.colour("switch_on")), share(image, layout.colour("switch_off"))
    if max(on, off) < 0.25 or min(on, off) > 0.04:
        return FieldValue(None, reason="neither on nor off")
    half = image.shape[1] // 2
    white = (255, 255, 255)
    left, right = share(image[:, :half], white, 40), share(image[:, half:], white, 40)
    if (right > left) != (on > off):
        return FieldValue(None, reason="track and knob disagree")
    return FieldValue(on > off, 0.95, "on" if on > off else "off")


def progress_seen(image: Image, layout: Layout) -> float | None:
    """How much of the betting time is left (0..1) by the bar, or ``None`` when there is no bar.

    The bar must fill its box: bar colour on the left, track colour on the right, nothing else.
    """
    if image.shape[0] < 4 or image.shape[1] < 20:
        return None
    inner = image[1:-1, 2:-2]
    bar = near(inner, layout.colour("progress"), 24)
    track = near(inner, layout.colour("progress_track"), FLAT_TOLERANCE)
    total = inner.shape[0] * inner.shape[1]
    if cv2.countNonZero(bar) + cv2.countNonZero(track) < 0.9 * total:
        return None
    middle = inner.shape[0] // 2
    line = bar[middle] > 0
    filled = int(np.count_nonzero(line))
    if filled and not line[:filled].all():
        return None
    return filled / int(line.size)


def ring_visible(image: Image, layout: Layout, scale: float) -> bool:
    """Whether a field (``image`` is exactly its box) shows the focus ring on all four sides."""
    at = max(0, round(scale * 1.0) - 1)
    inset = round(8 * scale)
    if image.shape[0] < 3 * inset or image.shape[1] < 3 * inset:
        return False
    colour = layout.colour("focus_ring")
    sides = (
        image[at : at + 1, inset:-inset],
        image[image.shape[0] - 1 - at : image.shape[0] - at, inset:-inset],
        image[inset:-inset, at : at + 1],
        image[inset:-inset, image.shape[1] - 1 - at : image.shape[1] - at],
    )
    return all(share(np.ascontiguousarray(side), colour, 24) >= 0.8 for side in sides)


def field_visible(image: Image, layout: Layout, scale: float) -> bool:
    """Whether a field is drawn where it belongs: its ground inside, its border or ring around."""
    inset = round(4 * scale)
    inner = np.ascontiguousarray(image[inset:-inset, inset:-inset])
    if inner.size == 0 or share(inner, layout.colour("field_back"), 6) < 0.5:
        return False
    if ring_visible(image, layout, scale):
        return True
    corner = round(8 * scale)
    edge = np.concatenate([image[0:1, corner:-corner], image[-1:, corner:-corner]])
    return share(np.ascontiguousarray(edge), layout.colour("field_border"), 24) >= 0.7
