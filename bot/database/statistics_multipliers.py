"""How the crash points of a game are distributed, beside the law that the game should follow."""

from __future__ import annotations

import math
from bisect import bisect_left
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, func, select

from bot.database.statistics_figures import maybe_money, money, percent
from bot.database.totals import MultiplierHistogram
from bot.games.law import chance_at_least

#: Lower ends of the usual bands, hundredths; a band reaches up to the next.
BANDS = (100, 101, 150, 200, 500, 1_000, 5_000, 10_000)
THRESHOLDS = (101, 120, 150, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 100_000)
QUANTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9)
#: Below it (hundredths) the histogram is exact.
EXACT_BELOW = 1_000
#: The last bucket has no upper end.
OPEN_BUCKET = 10**10

Histogram = list[tuple[int, int]]


def read_histogram(connection: Connection, game_name: str, platform_code: str | None) -> Histogram:
    """Buckets (hundredths, three significant digits rounded down) and their rounds, in order."""
    bucket, rounds = MultiplierHistogram.bucket, func.sum(MultiplierHistogram.rounds)
    question = select(bucket, rounds).where(MultiplierHistogram.game_name == game_name)
    if platform_code is not None:
        question = question.where(MultiplierHistogram.platform_code == platform_code)
    rows = connection.execute(question.group_by(bucket).order_by(bucket))
    return [(int(row[0]), int(row[1])) for row in rows]


def distribution(histogram: Histogram, highest: int | None, returns: Decimal | None) -> dict[str, Any]:
    """Bands, chances to reach a multiplier and quantiles. ``highest`` is exact, hundredths."""
    counted = _Counted(histogram)
    share = None if returns is None else float(returns)
    return {
        "bands": _bands(counted, share),
        "chances": [_chance(counted, x, share) for x in THRESHOLDS],
        "quantiles": _quantiles(counted, highest),
        "exact_below": money(EXACT_BELOW),
        "return_to_player": returns,
    }


class _Counted:
    """A histogram with its running sums, so that each question about it is quick."""

    def __init__(self, histogram: Histogram) -> None:
        self.buckets = [bucket for bucket, _ in histogram]
        self.running = list(accumulate((rounds for _, rounds in histogram), initial=0))

    @property
    def total(self) -> int:
        return self.running[-1]

    def at_least(self, multiplier: int) -> int:
        """Rounds that reached a multiplier at which a bucket begins."""
        return self.total - self.running[bisect_left(self.buckets, multiplier)]

    def bucket_of_rank(self, rank: int) -> int:
        """The bucket of the round that is this far from the lowest, counted from 1."""
        return self.buckets[max(0, bisect_left(self.running, rank) - 1)]


def _law(low: int, high: int | None, share: float) -> float:
    """P(low <= M < high) by the game's law."""
    return chance_at_least(low, share) - (0.0 if high is None else chance_at_least(high, share))


def z_score(seen: int, total: int, chance: float) -> float | None:
    """How many standard deviations a count lies from what a chance makes expect; ``None`` if undefined."""
    spread = math.sqrt(total * chance * (1.0 - chance)) if 0.0 < chance < 1.0 else 0.0
    return round((seen - total * chance) / spread, 3) if spread > 0 else None


def _beside_law(seen: int, total: int, chance: float | None) -> dict[str, Any]:
    return {
        "rounds": seen,
        "share_percent": percent(seen, total),
        "law_percent": None if chance is None else round(Decimal(100 * chance), 4),
        "z_score": None if chance is None else z_score(seen, total, chance),
    }


def _bands(counted: _Counted, share: float | None) -> list[dict[str, Any]]:
    found = []
    for low, high in zip(BANDS, (*BANDS[1:], None), strict=True):
        seen = counted.at_least(low) - (0 if high is None else counted.at_least(high))
        last = None if high is None else high - 1
        name = f"{money(low)}+" if last is None else f"{money(low)}–{money(last)}"
        found.append(
            {"band": str(money(low)) if last == low else name, "from": money(low), "to": maybe_money(last)}
            | _beside_law(seen, counted.total, None if share is None else _law(low, high, share))
        )
    return found


def _chance(counted: _Counted, multiplier: int, share: float | None) -> dict[str, Any]:
    law = None if share is None else chance_at_least(multiplier, share)
    seen = counted.at_least(multiplier)
    return {"at_least": money(multiplier)} | _beside_law(seen, counted.total, law)


def bucket_width(bucket: int) -> int:
    """How many hundredths a bucket spans: 1 below 10x, then a tenth of a hundredth of its magnitude."""
    return int(10 ** max(0, len(str(bucket)) - 3))


def _quantiles(counted: _Counted, highest: int | None) -> list[dict[str, Any]]:
    """The least multiplier that so many percent of the rounds do not exceed.

    ``resolution`` is how much higher the true value may lie: nothing below 10x.
    """
    if not counted.total:
        return []
    found = []
    for level in QUANTILES:
        bucket = counted.bucket_of_rank(math.ceil(Decimal(str(level)) * counted.total / 100))
        above = (highest or bucket) - bucket
        if bucket < OPEN_BUCKET:
            above = min(above, bucket_width(bucket) - 1)
        found.append({"percent": level, "multiplier": money(bucket), "resolution": money(above)})
    return found
