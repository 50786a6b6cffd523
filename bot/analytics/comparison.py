"""Bots, or strategies, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Float, cast, func, select

from bot.analytics.intervals import CAUTION, Days, roi_interval
from bot.analytics.reading import whole_days
from bot.database import Database
from bot.database.statistics_figures import NOTICE, UNNAMED, Returns, part_figures
from bot.database.statistics_periods import Period
from bot.database.statistics_sums import (
    KEYS,
    Group,
    added,
    days_within,
    grouped,
    name_of,
    read_groups,
    reading,
)
from bot.database.totals import DailyTotals, GameTotals
from bot.database.watched import Scope, watched_in
from bot.database.wide import BotRegistration
from bot.domain.errors import BadInput

COMPARED = {"bot": "bot_id", "strategy": "strategy_name"}
#: Of whom, and which money.
Kind = tuple[str, str, str]


def compare(
    names: Sequence[str] = (),
    *,
    by: str = "bot",
    start_date: date | None = None,
    end_date: date | None = None,
    database: Database | None = None,
) -> dict[str, Any]:
    """Bots or strategies side by side, those named or all; the most profitable in percent first.

    ``rows`` has one entry for each name, currency and mode, as their money cannot be compared: the usual
    figures, ``roi_low_percent`` and ``roi_high_percent`` (95 %), what the interval rests on, the ROI that the
    games' law makes expect, and whether that lies inside. ``watched`` has the watched time of each name.
    Raises ``BadInput`` for an unknown name or ``by``.
    """
    if by not in COMPARED:
        raise BadInput(f"by must be one of {', '.join(COMPARED)}, not {by!r}")
    when = whole_days(start_date, end_date)
    for name in names:
        name_of(COMPARED[by], name)
    with reading(database) as connection:
        totals: type[DailyTotals | GameTotals] = DailyTotals if by == "bot" else GameTotals
        keys = dict.fromkeys((*KEYS, COMPARED[by]))
        groups = read_groups(connection, totals, days_within(totals.day, when), list(keys))
        by_name = grouped(groups, COMPARED[by])
        days = _days(connection, totals, COMPARED[by], when)
        chosen = _chosen(connection, names, by, by_name)
        returns = Returns.read(connection)
        watched = {
            name: _watched(connection, by, name, when, by_name.get(name, [])) for name in chosen if name
        }
    rows = [row for name in chosen for row in _rows(name, by_name.get(name, []), days, returns)]
    rows.sort(key=lambda row: (row["roi_percent"] is None, -(row["roi_percent"] or 0)))
    return {"by": by, "rows": rows, "watched": watched, "caution": CAUTION, "notice": NOTICE}


def _chosen(
    connection: Connection, names: Sequence[str], by: str, found: dict[str, list[Group]]
) -> list[str]:
    if not names:
        return list(found)
    known = set(found)
    if by == "bot":
        known |= set(connection.scalars(select(BotRegistration.bot_id)))
    for name in names:
        if name not in known:
            raise BadInput(f"no such {by}: {name!r}")
    return list(dict.fromkeys(names))


def _watched(
    connection: Connection, by: str, name: str, when: Period, groups: Sequence[Group]
) -> dict[str, Any]:
    scope = Scope(bot_id=name) if by == "bot" else Scope(strategy_name=name)
    watching = watched_in(connection, scope, when, added(groups))
    return {field: value for field, value in watching.items() if field != "intervals"}


def _days(
    connection: Connection, totals: type[DailyTotals | GameTotals], key: str, when: Period
) -> dict[Kind, Days]:
    """How the days of each name differ."""
    by = [getattr(totals, name) for name in (key, "currency", "mode")]
    one_day = (
        select(
            *by,
            cast(func.sum(totals.profit_total), Float).label("profit"),
            cast(func.sum(totals.stake_total), Float).label("stake"),
        )
        .where(*days_within(totals.day, when))
        .group_by(*by, totals.day)
        .having(func.sum(totals.stake_total) > 0)
        .subquery()
    )
    profit, stake = one_day.c.profit, one_day.c.stake
    names = [one_day.c[column.key] for column in by]
    rows = connection.execute(
        select(
            *names, func.count(), func.sum(profit * profit), func.sum(profit * stake), func.sum(stake * stake)
        ).group_by(*names)
    )
    return {(row[0], row[1], row[2]): Days(row[3], row[4], row[5], row[6]) for row in rows}


def _rows(
    name: str, groups: Sequence[Group], days: Mapping[Kind, Days], returns: Returns
) -> list[dict[str, Any]]:
    """One row for each currency and mode in which money moved; one without money when there is none."""
    kinds: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        kinds.setdefault(group.money, []).append(group)
    staked = {kind: some for kind, some in kinds.items() if any(g.sums.has_money for g in some)}
    if not staked:
        return [_row(name, "", groups, None, returns)]
    return [
        _row(name, kind[1], some, days.get((name, *kind)), returns) for kind, some in sorted(staked.items())
    ]


def _row(
    name: str, mode: str, groups: Sequence[Group], days: Days | None, returns: Returns
) -> dict[str, Any]:
    figures = part_figures(groups, returns)
    interval = roi_interval(added(groups), days)
    expected, staked = figures["expected_profit_by_law"], figures["total_staked"]
    law = 100 * expected / staked if expected is not None and staked else None
    return {
        "name": name or UNNAMED,
        "mode": mode or UNNAMED,
        **figures,
        "roi_low_percent": None if interval is None else round(Decimal(interval.low), 4),
        "roi_high_percent": None if interval is None else round(Decimal(interval.high), 4),
        "roi_interval_basis": None if interval is None else interval.basis,
        "roi_by_law_percent": None if law is None else round(law, 4),
        "law_is_inside": None if interval is None or law is None else interval.low <= law <= interval.high,
    }
