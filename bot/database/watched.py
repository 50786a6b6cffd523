"""When the tables were really watched, and what was missed: the frame of every statistic and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, case, func, select

from bot.database.engine import Database
from bot.database.statistics_figures import ratio
from bot.database.statistics_periods import ALL_TIME, Moment, Period, period
from bot.database.statistics_sums import added, days_within, edge_groups, name_of, read_groups, reading
from bot.database.totals import DailyTotals, GameTotals, SessionTotals
from bot.database.values import datetime_of, decimal_of
from bot.database.watching import RoundGap, WatchedInterval
from bot.domain.errors import BadInput

#: So many intervals are listed; of more, their number and their length are said.
MOST_INTERVALS = 1_000
_SHARE = Decimal("0.000001")

Watching = dict[str, Any]
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rounds: those that fulfil all that is named. Nothing named: all."""

    bot_id: str | None = None
    session_id: str | None = None
    game_name: str | None = None
    platform_code: str | None = None
    strategy_name: str | None = None

    def named(self) -> Mapping[str, str]:
        """What is named, by the name of its column."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}

    def where(self, table: Any) -> list[ColumnElement[bool]]:
        """As conditions on a table."""
        return [getattr(table, name) == value for name, value in self.named().items()]


def watched(
    database: Database | None = None,
    *,
    bot_id: str | None = None,
    session_id: str | None = None,
    game_name: str | None = None,
    platform_code: str | None = None,
    strategy_name: str | None = None,
    start_date: Moment = None,
    end_date: Moment = None,
) -> Watching:
    """What was watched and what was missed of the rounds that are named, in a period.

    Dates are whole days (UTC, the end's day included); aware times bound exactly. The result is that of
    ``watched_in``. Raises ``BadInput`` for names and dates that cannot be, ``StorageError``.
    """
    scope = Scope(bot_id, session_id, game_name, platform_code, strategy_name)
    for name, value in scope.named().items():
        name_of(name, value)
    when = period(start_date, end_date)
    if session_id is not None and (not when.unbounded or len(scope.named()) > 1):
        raise BadInput("session_id is named alone: a session has one bot, one game and its own time")
    with reading(database) as connection:
        return watched_in(connection, scope, when, rounds_seen(connection, scope, when))


def rounds_seen(connection: Connection, scope: Scope, when: Period = ALL_TIME) -> int:
    """How many rounds are recorded, from the totals."""
    if scope.session_id is not None:
        total = func.sum(SessionTotals.total_rounds)
        return int(connection.scalar(select(total).where(*scope.where(SessionTotals))) or 0)
    totals: type[DailyTotals | GameTotals] = GameTotals if scope.bot_id is None else DailyTotals
    groups = read_groups(connection, totals, [*scope.where(totals), *days_within(totals.day, when)])
    names = scope.named()
    conditions = " AND ".join(f"r.{name} = :{name}" for name in names) or "true"
    for edge in when.edges():
        groups += edge_groups(connection, edge, conditions, names)
    return added(groups).total_rounds


def watched_in(connection: Connection, scope: Scope, when: Period, seen: int) -> Watching:
    """The merged intervals in which a table of the scope was in sight, and the rounds that were missed.

    ``intervals``: pairs of times, the first ``MOST_INTERVALS``; ``interval_count``: of all; ``seconds``: the
    length of all. ``missed_share``: of the rounds flown, between 0 and 1, ``None`` when there were none; too
    low when there are ``gaps_of_unknown_size``.
    """
    listed, count, covered = _read_intervals(connection, scope, when)
    gaps, missed, unsized = _read_gaps(connection, scope, when)
    return {
        "intervals": [(datetime_of(low), datetime_of(high)) for low, high in listed],
        "interval_count": count,
        "seconds": decimal_of(covered, 6),
        "rounds_seen": seen,
        "rounds_missed": missed,
        "gaps": gaps,
        "gaps_of_unknown_size": unsized,
        "missed_share": ratio(missed, seen + missed, _SHARE),
    }


def _read_intervals(connection: Connection, scope: Scope, when: Period) -> tuple[list[Interval], int, int]:
    """The first merged intervals, the number of all, and the time (microseconds) that they cover.

    The database merges them: where one begins after the end of all before it, a new merged one begins, and
    that end is the end of the merged one before.
    """
    cut = _cut(scope, when)
    low, high, before = cut.c.low, cut.c.high, cut.c.before
    opens = before.is_(None) | (low > before)
    new = case((opens, high - low), (high > before, high - before), else_=0)
    count, covered, last = connection.execute(
        select(func.sum(case((opens, 1), else_=0)), func.sum(new), func.max(high))
    ).one()
    if not count:
        return [], 0, 0
    rows = connection.execute(select(low, before).where(opens).order_by(low).limit(MOST_INTERVALS + 1)).all()
    ends = [row[1] for row in rows[1:]] + ([last] if len(rows) <= MOST_INTERVALS else [])
    listed = [(int(row[0]), int(end)) for row, end in zip(rows, ends, strict=False)]
    return listed, int(count), int(covered)


def _cut(scope: Scope, when: Period) -> Subquery:
    """Intervals cut to the period: ``low``, ``high``, and ``before``, the latest end of all earlier ones."""
    start, end = WatchedInterval.from_utc_us, WatchedInterval.to_utc_us
    where = [*scope.where(WatchedInterval), start < end]
    low: ColumnElement[int] = start.expression
    high: ColumnElement[int] = end.expression
    if when.from_us is not None:
        where.append(end > when.from_us)
        low = case((start < when.from_us, when.from_us), else_=start)
    if when.to_us is not None:
        where.append(start < when.to_us)
        high = case((end > when.to_us, when.to_us), else_=end)
    before = func.max(high).over(order_by=start, rows=(None, -1))
    return select(low.label("low"), high.label("high"), before.label("before")).where(*where).subquery("cut")


def _read_gaps(connection: Connection, scope: Scope, when: Period) -> tuple[int, int, int]:
    """Gaps, rounds missed in those whose size is known, and the gaps of unknown size."""
    where = scope.where(RoundGap)
    if when.from_us is not None:
        where.append(RoundGap.at_utc_us >= when.from_us)
    if when.to_us is not None:
        where.append(RoundGap.at_utc_us < when.to_us)
    row = connection.execute(
        select(func.count(), func.sum(RoundGap.rounds), func.count(RoundGap.rounds)).where(*where)
    ).one()
    return int(row[0]), int(row[1] or 0), int(row[0]) - int(row[2])
