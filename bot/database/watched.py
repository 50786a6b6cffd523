"""When the tables were really watched, and what was missed: the frame of every statistic and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, func, select

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
_FOREVER = 1 << 63

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
        return watched_in(connection, scope, when, rounds_recorded(connection, scope, when))


class Recorded(NamedTuple):
    """Rounds that have a row, and those of them whose crash point is known."""

    total_rounds: int
    multiplier_count: int


class _Counted(Protocol):
    """Whatever says how many rounds have a row and how many of these a crash point."""

    @property
    def total_rounds(self) -> int: ...

    @property
    def multiplier_count(self) -> int: ...


def rounds_recorded(connection: Connection, scope: Scope, when: Period = ALL_TIME) -> _Counted:
    """How many rounds are recorded, from the totals."""
    if scope.session_id is not None:
        sums = func.sum(SessionTotals.total_rounds), func.sum(SessionTotals.multiplier_count)
        row = connection.execute(select(*sums).where(*scope.where(SessionTotals))).one()
        return Recorded(int(row[0] or 0), int(row[1] or 0))
    totals: type[DailyTotals | GameTotals] = GameTotals if scope.bot_id is None else DailyTotals
    groups = read_groups(connection, totals, [*scope.where(totals), *days_within(totals.day, when)])
    names = scope.named()
    conditions = " AND ".join(f"r.{name} = :{name}" for name in names) or "true"
    for edge in when.edges():
        groups += edge_groups(connection, edge, conditions, names)
    return added(groups)


def watched_in(connection: Connection, scope: Scope, when: Period, recorded: _Counted) -> Watching:
    """The merged intervals in which a table of the scope was in sight, and the rounds that were missed.

    ``intervals``: pairs of times, the first ``MOST_INTERVALS``; ``interval_count``: of all; ``seconds``: the
    length of all. ``rounds_seen``: those with a crash point; a round that was begun and whose end was not
    seen counts as missed, like those in the gaps.

    ``missed_share``: of the rounds flown, between 0 and 1, ``None`` when there were none; too
    low when there are ``gaps_of_unknown_size``.
    """
    merged = merged_intervals(connection, scope, when)
    gaps, missed, unsized = _read_gaps(connection, scope, when)
    seen = recorded.multiplier_count
    missed += recorded.total_rounds - seen
    return {
        "intervals": [(datetime_of(low), datetime_of(high)) for low, high in merged[:MOST_INTERVALS]],
        "interval_count": len(merged),
        "seconds": decimal_of(sum(high - low for low, high in merged), 6),
        "rounds_seen": seen,
        "rounds_missed": missed,
        "gaps": gaps,
        "gaps_of_unknown_size": unsized,
        "missed_share": ratio(missed, seen + missed, _SHARE),
    }


def merged_intervals(connection: Connection, scope: Scope, when: Period) -> list[Interval]:
    """The time that was watched, cut to the period, in order and without overlaps (microseconds)."""
    start, end = WatchedInterval.from_utc_us, WatchedInterval.to_utc_us
    where = scope.where(WatchedInterval)
    if when.from_us is not None:
        where.append(end > when.from_us)
    if when.to_us is not None:
        where.append(start < when.to_us)
    # An index has all of it in this order.
    rows = connection.execute(select(start, end).where(*where).order_by(start))
    merged: list[Interval] = []
    low, high = when.from_us or 0, -1
    latest = _FOREVER if when.to_us is None else when.to_us
    begin = low
    for row_start, row_end in rows:
        if row_start > high:
            if high > begin:
                merged.append((begin, high))
            begin, high = max(low, row_start), min(latest, row_end)
        elif row_end > high:
            high = min(latest, row_end)
    if high > begin:
        merged.append((begin, high))
    return merged


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
