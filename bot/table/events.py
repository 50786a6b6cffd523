"""What the tracker says: a round opened, took off, ended, or was missed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clock import Instant
from bot.domain.words import MultiplierSource


class SeenFrom(StrEnum):
    """The first thing that was seen of a round."""

    BETTING = "betting"
    FLYING = "flying"
    CRASHED = "crashed"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """A round of which the betting phase (or, coming late, the flight) has begun to be seen.

    ``from_start``: the very beginning of its betting phase was seen, not some later moment of it.
    """

    round_id: str
    number: int
    seen_from: SeenFrom
    at: Instant
    from_start: bool = True


@dataclass(frozen=True, slots=True)
class RoundFlying:
    """The flight of an open round was seen for the first time."""

    round_id: str
    number: int
    at: Instant


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """A round's exact crash point is known: from its end on the screen, or from its chip (``BACKFILL``)."""

    round_id: str
    number: int
    seen_from: SeenFrom
    crash: int
    source: MultiplierSource
    confidence: float
    text: str
    complete: bool
    betting_at: Instant | None
    flying_at: Instant | None
    at: Instant


@dataclass(frozen=True, slots=True)
class RoundsMissed:
    """Rounds flew that neither were seen nor left a chip. ``count`` is ``None`` when it cannot be told.

    ``round_id`` names the open round whose end was among them, if there was one.
    """

    count: int | None
    reason: str
    at: Instant
    round_id: str | None = None


@dataclass(frozen=True, slots=True)
class RoundDoubted:
    """The chip of a round contradicts the end that was read: nothing is rewritten, a person may look."""

    round_id: str
    crash: int
    chip: int
    at: Instant


TrackerEvent = RoundOpened | RoundFlying | RoundEnded | RoundsMissed | RoundDoubted
