"""How the return on investment developed, day by day."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.analytics.periods import date_of_day
from bot.analytics.reading import checked, groups_by_day, whole_days
from bot.database import Database
from bot.database.statistics_figures import NOTICE, UNNAMED, Returns, expected_by_law, money, percent
from bot.database.statistics_sums import Group, added, grouped, reading
from bot.database.watched import Scope, watched_in
from bot.database.wide import NO_DAY
from bot.domain.errors import BadInput

WINDOW_DAYS = 7


def roi_trend(
    *,
    bot_id: str | None = None,
    game_name: str | None = None,
    strategy_name: str | None = None,
    start_date: date | None = None,
    end_date: date | None = None,
    window_days: int = WINDOW_DAYS,
    database: Database | None = None,
) -> dict[str, Any]:
    """Cumulative and rolling ROI by day, one of the ``series`` for each currency and mode.

    A point has ``day``, that day's ``total_staked`` and ``total_profit``, the cumulative ones,
    ``roi_percent`` (cumulative), ``rolling_roi_percent`` (over the last ``window_days`` days of the
    calendar) and ``expected_profit`` (cumulative, by the law). Days without bets have no point. Raises
    ``BadInput``, ``StorageError``.
    """
    if isinstance(window_days, bool) or not isinstance(window_days, int) or window_days < 1:
        raise BadInput(f"window_days must be a whole number from 1, not {window_days!r}")
    when = whole_days(start_date, end_date)
    with reading(database) as connection:
        scope = checked(connection, Scope(bot_id=bot_id, game_name=game_name, strategy_name=strategy_name))
        groups = groups_by_day(connection, scope, when)
        returns = Returns.read(connection)
        watching = watched_in(connection, scope, when, added(groups))
    timed = [group for group in groups if group.keys["day"] != NO_DAY and group.sums.has_money]
    series = [
        {
            "currency": currency or UNNAMED,
            "mode": mode or UNNAMED,
            "points": _points(grouped(some, "day"), returns, window_days),
        }
        for (currency, mode), some in grouped(timed, "currency", "mode").items()
    ]
    return {"series": series, "window_days": window_days, "watched": watching, "notice": NOTICE}


def _points(
    by_day: dict[int, Sequence[Group]] | dict[int, list[Group]], returns: Returns, window_days: int
) -> list[dict[str, Any]]:
    points = []
    stake = profit = 0
    expected = money(0)
    known = True
    window: deque[tuple[int, int, int]] = deque()
    for day, groups in by_day.items():
        sums = added(groups)
        stake, profit = stake + sums.stake_total, profit + sums.profit_total
        by_law = expected_by_law(groups, returns)
        known = known and by_law is not None
        expected += by_law or 0
        window.append((day, sums.stake_total, sums.profit_total))
        while window[0][0] <= day - window_days:
            window.popleft()
        points.append(
            {
                "day": date_of_day(day),
                "total_staked": money(sums.stake_total),
                "total_profit": money(sums.profit_total),
                "cumulative_staked": money(stake),
                "cumulative_profit": money(profit),
                "roi_percent": percent(profit, stake),
                "rolling_roi_percent": percent(sum(w[2] for w in window), sum(w[1] for w in window)),
                "expected_profit": expected if known else None,
            }
        )
    return points
