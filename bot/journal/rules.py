"""What the journal keeps, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pictures(StrEnum):
    """Of which rounds pictures are kept. What was read is written down in any case."""

    ALL = "all"
    BETS = "bets"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class JournalRules:
    """``keep_days`` and ``keep_mb`` (millions of bytes) bound the pictures; ``None`` lifts a bound."""

    pictures: Pictures = Pictures.ALL
    keep_days: int | None = 30
    keep_mb: int | None = 1_000
