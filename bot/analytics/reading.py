"""Totals by day for all analytics here: rounds, watched time, gaps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func, select

from bot.database.statistics_periods import Moment, Period, period
from bot.database.statistics_sums import Group, days_within, name_of, read_groups
from bot.database.totals import DailyTotals, GameTotals
from bot.database.watched import Scope, merged_intervals
from bot.database.watching import RoundGap
from bot.database.wide import US_PER_DAY, BotRegistration
from bot.domain.errors import BadInput

BY_DAY = ("day", "game_name", "platform_code", "currency", "mode")


def whole_days(start_date: Moment, end_date: Moment) -> Period:
    """The period of two dates. Raises ``BadInput`` for times: these figures are of whole days."""
    for name, value in (("start_date", start_date), ("end_date", end_date)):
        if isinstance(value, datetime) or not isinstance(value, date | None):
            raise BadInput(f"{name} must be a date: days are not divided here")
    return period(start_date, end_date)


def checked(connection: Connection, scope: Scope) -> Scope:
    """The scope, when its names can be asked for and its bot is known; else ``BadInput``."""
    for name, value in scope.named().items():
        name_of(name, value)
    if scope.bot_id is not None:
        known = select(BotRegistration.bot_id).where(BotRegistration.bot_id == scope.bot_id)
        if connection.scalar(known) is None:
            raise BadInput(f"no such bot: {scope.bot_id!r}")
    return scope


def groups_by_day(connection: Connection, scope: Scope, when: Period) -> list[Group]:
    """Rounds by ``day``, and by what the law and the money must be kept apart by."""
    totals: type[DailyTotals | GameTotals] = GameTotals if scope.bot_id is None else DailyTotals
    where = [*scope.where(totals), *days_within(totals.day, when)]
    return read_groups(connection, totals, where, BY_DAY)


def watched_by_day(connection: Connection, scope: Scope, when: Period) -> dict[int, int]:
    """Microseconds of each day in which anything of the scope was watched."""
    found: dict[int, int] = {}
    for begin, high in merged_intervals(connection, scope, when):
        low = begin
        while low < high:
            day = low // US_PER_DAY
            end = min(high, (day + 1) * US_PER_DAY)
            found[day] = found.get(day, 0) + end - low
            low = end
    return found


def missed_by_day(connection: Connection, scope: Scope, when: Period) -> dict[int, tuple[int, int]]:
    """Of each day: rounds missed, and gaps of unknown size."""
    day = (RoundGap.at_utc_us // US_PER_DAY).label("day")
    where = [*scope.where(RoundGap), RoundGap.at_utc_us.is_not(None)]
    if when.from_us is not None:
        where.append(RoundGap.at_utc_us >= when.from_us)
    if when.to_us is not None:
        where.append(RoundGap.at_utc_us < when.to_us)
    rows = connection.execute(
        select(day, func.sum(RoundGap.rounds), func.count(), func.count(RoundGap.rounds))
        .where(*where)
        .group_by("day")
    )
    return {int(row[0] or 0): (int(row[1] or 0), int(row[2]) - int(row[3])) for row in rows}
