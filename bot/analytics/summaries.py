"""Daily, weekly and monthly summaries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bot.analytics.periods import Span, date_of_day, name_of_span, span_of
from bot.analytics.reading import checked, groups_by_day, missed_by_day, watched_by_day, whole_days
from bot.database import Database
from bot.database.statistics_figures import UNNAMED, Returns, part_figures, ratio
from bot.database.statistics_sums import Group, added, reading
from bot.database.watched import Scope
from bot.database.wide import NO_DAY, US_PER_HOUR

Summary = dict[str, Any]
_SHARE = Decimal("0.000001")


def summarise(
    every: str = "day",
    *,
    start_date: date | None = None,
    end_date: date | None = None,
    bot_id: str | None = None,
    game_name: str | None = None,
    strategy_name: str | None = None,
    database: Database | None = None,
) -> list[Summary]:
    """One summary a day, ISO week or month (UTC) in which there were rounds or anything was watched.

    Each has ``period``, ``start`` and ``end`` (dates), the figures of ``get_bot_statistics``, the
    ``watched_hours`` (in which at least one table was in sight), ``rounds_missed``, ``gaps_of_unknown_size``
    and ``missed_share``. Rounds without a known time come last, as period ``unknown``, when no bound is
    given. Raises ``BadInput`` for another ``every``, an unknown bot or a time instead of a date;
    ``StorageError``.
    """
    spans = span_of(every)
    when = whole_days(start_date, end_date)
    with reading(database) as connection:
        scope = checked(connection, Scope(bot_id=bot_id, game_name=game_name, strategy_name=strategy_name))
        groups = groups_by_day(connection, scope, when)
        watched_us = watched_by_day(connection, scope, when)
        missed = missed_by_day(connection, scope, when)
        returns = Returns.read(connection)
    parts: dict[Span | None, _Part] = defaultdict(_Part)

    def part(day: int) -> _Part:
        return parts[None if day == NO_DAY else spans(date_of_day(day))]

    for group in groups:
        part(group.keys["day"]).groups.append(group)
    for day, microseconds in watched_us.items():
        part(day).watched_us += microseconds
    for day, (rounds, unsized) in missed.items():
        part(day).missed += rounds
        part(day).unsized += unsized
    in_order = sorted(parts, key=lambda span: (span is None, span))
    return [_summary(every, span, parts[span], returns) for span in in_order]


@dataclass(slots=True)
class _Part:
    """What belongs to one period."""

    groups: list[Group] = field(default_factory=list)
    watched_us: int = 0
    missed: int = 0
    unsized: int = 0


def _summary(every: str, span: Span | None, part: _Part, returns: Returns) -> Summary:
    seen = added(part.groups).total_rounds
    return {
        "period": UNNAMED if span is None else name_of_span(every, span),
        "start": None if span is None else span[0],
        "end": None if span is None else span[1],
        **part_figures(part.groups, returns),
        "watched_hours": ratio(part.watched_us, US_PER_HOUR),
        "rounds_missed": part.missed,
        "gaps_of_unknown_size": part.unsized,
        "missed_share": ratio(part.missed, seen + part.missed, _SHARE),
    }
