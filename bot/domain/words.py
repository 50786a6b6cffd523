"""What a table shows, as frozen types: phases, fields with a confidence, readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.clock import Instant

T = TypeVar("T")


class Phase(StrEnum):
    """Where a round stands. ``UNKNOWN`` is a word of its own: not being able to read says nothing."""

    BETTING = "betting"
    FLYING = "flying"
    CRASHED = "crashed"
    UNKNOWN = "unknown"


class ButtonState(StrEnum):
    """The one button of a bet panel: place a bet, bet accepted (cancel), cash out, not clickable."""

    BET = "bet"
    ACCEPTED = "accepted"
    CASH_OUT = "cash_out"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """What the bot may do with a table."""

    WATCH = "watch"
    PAPER = "paper"
    PRACTICE = "practice"
    LIVE = "live"


class MultiplierSource(StrEnum):
    """Where a round's crash point comes from (column ``multiplier_source``)."""

    OCR = "ocr"
    API = "api"
    MANUAL = "manual"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in screen pixels. ``x``, ``y`` is its top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def contains(self, x: int, y: int) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def shifted(self, dx: int, dy: int) -> Box:
        return Box(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True, slots=True)
class FieldValue(Generic[T]):
    """One field of a reading: a value or none, how sure, the text seen, and why there is no value.

    ``confidence`` lies in 0..1. ``value`` is ``None`` whenever the reader refuses; a plausible value is
    never made up.
    """

    value: T | None
    confidence: float = 0.0
    text: str = ""
    reason: str = ""

    @classmethod
    def refused(cls, reason: str, text: str = "") -> FieldValue[T]:
        return cls(value=None, confidence=0.0, text=text, reason=reason)


def _refused() -> FieldValue[int]:
    return FieldValue(None, reason="not read")


def _refused_flag() -> FieldValue[bool]:
    return FieldValue(None, reason="not read")


@dataclass(frozen=True, slots=True)
class PanelReading:
    """One bet panel: stake field (minor units), target field (hundredths), its switch, the button."""

    stake: FieldValue[int] = field(default_factory=_refused)
    target: FieldValue[int] = field(default_factory=_refused)
    switch: FieldValue[bool] = field(default_factory=_refused_flag)
    button: ButtonState = ButtonState.UNKNOWN
    button_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a table's page is on the screen: its box in pixels and how many pixels a layout unit takes."""

    page: Box
    scale: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one frame of a table says.

    ``placement`` is ``None`` when the anchor or the session's mark was not found: then every field is
    refused. ``changed`` is the last moment at which a pixel of the live region differed from the frame before
    (a frozen picture stops it). ``history`` is newest first; refused as a whole when a chip in its middle
    cannot be read.
    """

    table: str
    number: int
    at: Instant
    placement: Placement | None
    phase: Phase
    phase_confidence: float
    multiplier: FieldValue[int]
    balance: FieldValue[int]
    players: FieldValue[int]
    players_total: FieldValue[int]
    history: FieldValue[tuple[int, ...]]
    panels: tuple[PanelReading, ...]
    changed: Instant
    reason: str = ""

    @classmethod
    def of_nothing(
        cls, table: str, number: int, at: Instant, panels: int, changed: Instant, reason: str
    ) -> Reading:
        """A look that did not find the table: every field is refused with the reason."""
        refused: FieldValue[int] = FieldValue.refused(reason)
        return cls(
            table=table,
            number=number,
            at=at,
            placement=None,
            phase=Phase.UNKNOWN,
            phase_confidence=0.0,
            multiplier=refused,
            balance=refused,
            players=refused,
            players_total=refused,
            history=FieldValue.refused(reason),
            panels=tuple(PanelReading() for _ in range(panels)),
            changed=changed,
            reason=reason,
        )
