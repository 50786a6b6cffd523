"""A hand that notices when somebody else moves the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.clock import NS_PER_S, Clock
from bot.domain.ports import Hand, Patch

#: A pointer this near (pixels, each axis) to where we left it has not been moved: some virtual machines
#: round positions.
SLACK_PX = 1


class WatchedHand:
    """Passes everything on to ``hand`` and remembers where it left the pointer.

    A pointer that is elsewhere was moved by a person. ``still_for_s`` says since when nobody has.
    Implements ``bot.domain.ports.Hand``.
    """

    def __init__(self, hand: Hand, clock: Clock) -> None:
        self._hand, self._clock = hand, clock
        self._left_at = hand.position()
        self._moved_ns: int | None = None

    def position(self) -> tuple[int, int]:
        """Where the pointer is. Raises ``FailSafe`` in a corner."""
        return self._hand.position()

    def moved_by_person(self) -> bool:
        """Whether the pointer is not where it was left; from then on that place is the known one."""
        x, y = self._hand.position()
        known_x, known_y = self._left_at
        if abs(x - known_x) <= SLACK_PX and abs(y - known_y) <= SLACK_PX:
            return False
        self._left_at = (x, y)
        self._moved_ns = self._clock.now().mono_ns
        return True

    def still_for_s(self) -> float:
        """Seconds since a person moved the pointer; infinite when nobody ever did."""
        if self._moved_ns is None:
            return float("inf")
        return (self._clock.now().mono_ns - self._moved_ns) / NS_PER_S

    def forget(self) -> None:
        """The person says it is all right: what they moved before does not count any more."""
        self._left_at = self._hand.position()
        self._moved_ns = None

    def move(self, x: int, y: int) -> None:
        """Put the pointer on a pixel."""
        self._left_at = (x, y)
        self._hand.move(x, y)

    def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
        """Click a pixel, provided that ``still`` is what the screen shows; else False."""
        before, self._left_at = self._left_at, (x, y)
        clicked = self._hand.click(x, y, still)
        if not clicked:
            self._left_at = before
        return clicked

    def select_all(self) -> None:
        """Select the text of the focused field."""
        self._hand.select_all()

    def type_text(self, text: str) -> None:
        """Type digits and separators."""
        self._hand.type_text(text)

    def press(self, key: str) -> None:
        """Press and release one key."""
        self._hand.press(key)

    def release_all(self) -> None:
        """Let go of every key and button."""
        self._hand.release_all()
