"""How far a return on investment may lie from the truth, by chance alone."""

from __future__ import annotations

import math
from typing import NamedTuple

from bot.database.statistics_sums import Sums

#: Fewer days with bets than this say too little about how days differ.
FEWEST_DAYS = 8
#: 97.5 % quantiles of Student's t by degrees of freedom (standard tables).
_T = ((7, 2.365), (8, 2.306), (9, 2.262), (10, 2.228), (12, 2.179), (15, 2.131), (20, 2.086), (30, 2.042))
_MANY, _T_MANY = 60, 1.96
CAUTION = (
    "Large losses that are rare and have not happened yet are in no such interval; and of many rows the best "
    "is mostly the luckiest."
)


class Days(NamedTuple):
    """Days on which something was staked: their number, and sums over them of squares and products of
    profit and stake (minor units)."""

    number: int
    profit_squares: float
    profit_stakes: float
    stake_squares: float


class Interval(NamedTuple):
    """A 95 % interval of an ROI, in percent, and what it rests on."""

    low: float
    high: float
    basis: str


def student_t(freedom: int) -> float:
    """The 97.5 % quantile, never too small: that of the next smaller number in the table."""
    if freedom > _MANY:
        return _T_MANY
    return [t for least, t in _T if least <= max(freedom, _T[0][0])][-1]


def roi_interval(sums: Sums, days: Days | None) -> Interval | None:
    """Of profit over stake; ``None`` when there is nothing to judge by.

    With days enough the days are the sample (a ratio estimate, linearised: Cochran, Sampling Techniques,
    chapter 6): that is honest also for stakes that depend on earlier results. With fewer, single bets of the
    average stake are.
    """
    if not sums.stake_total:
        return None
    roi = sums.profit_total / sums.stake_total
    if days is not None and days.number >= FEWEST_DAYS:
        squares = days.profit_squares - 2 * roi * days.profit_stakes + roi * roi * days.stake_squares
        error = math.sqrt(max(0.0, days.number / (days.number - 1) * squares)) / sums.stake_total
        half, basis = student_t(days.number - 1) * error, f"{days.number} days"
    else:
        if not sums.wins or not sums.losses:
            return None
        step = sums.win_total / sums.wins - sums.loss_total / sums.losses
        half = 1.96 * step * math.sqrt(sums.wins * sums.losses / sums.settled) / sums.stake_total
        basis = f"{sums.settled} bets of the average stake"
    return Interval(100 * (roi - half), 100 * (roi + half), basis)
