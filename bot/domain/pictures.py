"""Pictures of what was seen at the moments that matter, and who can give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.domain.bets import Bet
from bot.domain.ports import Image
from bot.domain.words import Box


class Moment(StrEnum):
    """When a picture was taken: of a round, or of one of its bets.

    ``DECIDED``: the frame on which a bet was ordered or left out. ``BEFORE_CLICK``: the controller's last
    look before its click, or before it refused to click. ``AFTER_CLICK``: the look that judged the answer.
    ``ROUND_END``: the frame that confirmed the crash point. ``SETTLED``: the balance that settled the bet.
    """

    DECIDED = "decided"
    BEFORE_CLICK = "before_click"
    AFTER_CLICK = "after_click"
    ROUND_END = "round_end"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Shot:
    """Pixels of a page, where they were on the screen, and the fields in them (boxes in screen pixels).

    Nobody changes ``pixels`` after the look, so that they can be handed on without a copy.
    """

    place: Box
    pixels: Image
    boxes: Mapping[str, Box]


@runtime_checkable
class Pictured(Protocol):
    """Who looks at a table and can show its last look."""

    def picture(self) -> tuple[Box, Image] | None:
        """The pixels of the last look and their place on the screen; ``None`` when out of sight."""
        ...

    def boxes(self) -> Mapping[str, Box]:
        """The named boxes at the last look, in screen pixels."""
        ...


#: Takes a picture of a bet: the bet, the moment, when (UTC, nanoseconds), the pixels, and what was read.
KeepShot = Callable[[Bet, Moment, int, Shot | None, Mapping[str, object]], None]


def shot_of(source: object) -> Shot | None:
    """The last look of whoever can show it; ``None`` from anybody else, and when it was out of sight."""
    if not isinstance(source, Pictured):
        return None
    seen = source.picture()
    return None if seen is None else Shot(seen[0], seen[1], source.boxes())


def keep_nothing(
    bet: Bet, moment: Moment, at_utc_ns: int, shot: Shot | None, seen: Mapping[str, object]
) -> None:
    """For whoever keeps no journal."""
