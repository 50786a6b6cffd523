"""From when to when a statistic reaches: whole days from the totals, parts of a day from the rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.database.values import EPOCH, FIRST_DAY
from bot.database.wide import US_PER_DAY
from bot.domain.errors import BadInput

Moment = date | datetime | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A part of a day: from ``from_us`` up to, not including, ``to_us``."""

    day: int
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Period:
    """Microseconds since 1970, UTC: from ``from_us`` up to, not including, ``to_us``; ``None`` is open.

    What has no known time lies only in the period that is open on both sides.
    """

    from_us: int | None = None
    to_us: int | None = None

    @property
    def unbounded(self) -> bool:
        """Whether it is all of time, what has no known time included."""
        return self.from_us is None and self.to_us is None

    @property
    def first_day(self) -> int:
        """The first day (since 1970) that lies wholly inside."""
        return -(-(self.from_us or 0) // US_PER_DAY)

    @property
    def last_day(self) -> int | None:
        """The last day that lies wholly inside; ``None`` when the end is open. May be before the first."""
        return None if self.to_us is None else self.to_us // US_PER_DAY - 1

    def edges(self) -> list[Edge]:
        """The days at either end that lie only partly inside: none, one or two."""
        parts: dict[int, Edge] = {}
        for bound in (self.from_us, self.to_us):
            if bound is not None and bound % US_PER_DAY:
                day = bound // US_PER_DAY
                begin, end = day * US_PER_DAY, (day + 1) * US_PER_DAY
                low = begin if self.from_us is None else max(begin, self.from_us)
                high = end if self.to_us is None else min(end, self.to_us)
                parts[day] = Edge(day, low, high)
        return list(parts.values())


ALL_TIME = Period()


def period(start: Moment, end: Moment) -> Period:
    """The period that two dates (the end's day belongs to it) or aware times (the end does not) bound.

    Raises ``BadInput`` for a time without a timezone, for anything else, and for an end before the start.
    """
    from_us = _bound("start_date", start, end=False)
    to_us = _bound("end_date", end, end=True)
    if from_us is not None and to_us is not None and to_us < from_us:
        raise BadInput(f"end_date {end} lies before start_date {start}")
    return Period(from_us, to_us)


def _bound(name: str, value: Moment, end: bool) -> int | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadInput(f"{name} {value} has no timezone: give an aware time, or a date (UTC)")
        return max(0, (value - EPOCH) // timedelta(microseconds=1))
    if isinstance(value, date):
        return max(0, ((value - FIRST_DAY).days + int(end)) * US_PER_DAY)
    raise BadInput(f"{name} must be a date or a time with its timezone, not {value!r}")
