"""The test of the hand at a user's own table: one click into a stake field, its value typed again, read back.

Only after the person agreed, and never at a button: the pixels of the field are compared in the same act as
the click, so that a window that comes in between gets none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.control.hand import PyAutoGuiHand
from bot.control.lock import HandsLock
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.errors import BadInput
from bot.domain.ports import Capture, Hand, Image, Patch
from bot.domain.words import Box, FieldValue, Reading
from bot.folders import user_state_dir
from bot.runtime.own_eye import open_eye
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye

#: How long a page may take to show what was done to it, and the stake to be read again.
ANSWER_S, READ_S = 1.5, 4.0
EVERY_S = 0.05
#: A selected text changes at least this many pixels of its field.
SELECTED_PX = 12


@dataclass(frozen=True, slots=True)
class HandResult:
    """What came of it: ``ok``, and lines for the person."""

    ok: bool
    lines: tuple[str, ...]


def run_hand_test(table: OwnTable, panel: int, capture: Capture, display: str | None, clock: Clock) -> str:
    """The whole test with the real hand; its answer in one line. May raise any ``PersonError``."""
    with HandsLock(user_state_dir()):
        eye = open_eye(table, OwnTables(), capture, clock, learn=False)
        hand = PyAutoGuiHand(display)
        try:
            result = test_hand(eye, hand, panel, capture, clock)
        finally:
            hand.release_all()
            eye.close()
    return " ".join(result.lines)


def test_hand(eye: OwnEye, hand: Hand, panel: int, capture: Capture, clock: Clock) -> HandResult:
    """Click into the stake field of ``panel``, select all, type its value again, and read it back."""
    name = f"p{panel}_stake"
    if name not in eye.definition.fields:
        raise BadInput(f"the table {eye.table} has no box of a stake field: draw it first")
    before = _stake(eye, panel, clock)
    if isinstance(before, str):
        return HandResult(False, (before,))
    box = eye.boxes()[name]
    home = hand.position()
    patch = Patch(box, np.ascontiguousarray(capture.grab(box)))
    text = "".join(character for character in before.text if character in "0123456789.,")
    if not text or not hand.click(*box.centre, still=(patch,)):
        return HandResult(False, ("Nothing was clicked: something moved over the stake field. Try again.",))
    clicked = _changed(capture, patch.pixels, box, clock)
    focused = np.ascontiguousarray(capture.grab(box))
    hand.select_all()
    selected = _changed(capture, focused, box, clock)
    if not (clicked or selected):
        hand.move(*home)
        return HandResult(
            False, ("The click changed nothing in the stake field: is it a field, and is its box right?",)
        )
    hand.type_text(text)
    after = _stake(eye, panel, clock)
    hand.move(*home)
    if isinstance(after, str) or after.value != before.value:
        shown = after if isinstance(after, str) else f"it shows {after.text}"
        return HandResult(
            False, (f"Its value {text} was typed again, but {shown}: put {text} there by hand.",)
        )
    words = "the click arrived" if clicked else "the click changed nothing that could be seen"
    keys = "the keys arrived" if selected else "whether the text was selected could not be seen"
    return HandResult(True, (f"The hand works: {words}, {keys}, and the stake reads {text} as before.",))


def _stake(eye: OwnEye, panel: int, clock: Clock) -> FieldValue[int] | str:
    """The stake as it stands, or why it cannot be read."""
    end = clock.now().mono_ns + round(READ_S * NS_PER_S)
    reading: Reading = eye.look()
    while clock.now().mono_ns < end:
        if reading.placement is not None and reading.panels[panel].stake.value is not None:
            return reading.panels[panel].stake
        clock.sleep(EVERY_S)
        reading = eye.look()
    if reading.placement is None:
        return "the table is not in sight: bring its window to the front"
    return f"the stake does not read: {reading.panels[panel].stake.reason}"


def _changed(capture: Capture, before: Image, box: Box, clock: Clock) -> bool:
    """Whether the field looks different within the time a page takes; returns as soon as it does."""
    end = clock.now().mono_ns + round(ANSWER_S * NS_PER_S)
    while True:
        now = capture.grab(box)
        if now.shape == before.shape and int((now != before).any(axis=2).sum()) >= SELECTED_PX:
            return True
        if clock.now().mono_ns >= end:
            return False
        clock.sleep(EVERY_S)
