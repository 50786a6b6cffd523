"""Days, ISO weeks and months: which one a day belongs to, and its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from bot.database.values import FIRST_DAY
from bot.domain.errors import BadInput

#: First and last day of a period.
Span = tuple[date, date]


def _day(day: date) -> Span:
    return day, day


def _week(day: date) -> Span:
    monday = day - timedelta(days=day.isoweekday() - 1)
    return monday, monday + timedelta(days=6)


def _month(day: date) -> Span:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


SPANS: dict[str, Callable[[date], Span]] = {"day": _day, "week": _week, "month": _month}


def span_of(every: str) -> Callable[[date], Span]:
    """What gives the period of a day. Raises ``BadInput`` for another word than day, week or month."""
    try:
        return SPANS[every]
    except KeyError:
        raise BadInput(f"every must be one of {', '.join(SPANS)}, not {every!r}") from None


def name_of_span(every: str, span: Span) -> str:
    """``2026-01-31``, ``2026-W05`` (ISO 8601) or ``2026-01``."""
    if every == "week":
        year, week, _ = span[0].isocalendar()
        return f"{year}-W{week:02d}"
    return span[0].strftime("%Y-%m") if every == "month" else span[0].isoformat()


def date_of_day(day: int) -> date:
    """The date of a day number of the database."""
    return FIRST_DAY + timedelta(days=day)
