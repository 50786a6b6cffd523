"""Of two sets of limits the lower bound of each, and how much they still allow."""

from __future__ import annotations

from bot.limits.rules import Figures, Limits, PeriodLimits


def strictest(one: Limits, two: Limits) -> Limits:
    """The lower of every bound; of the floor the higher, of the pictures' age the lower."""
    pairs = zip(one.periods, two.periods, strict=True)
    session, day, week, month = (_period(first, second) for (_, first), (_, second) in pairs)
    floors = [floor for floor in (one.balance_floor_minor, two.balance_floor_minor) if floor is not None]
    return Limits(
        session=session,
        day=day,
        week=week,
        month=month,
        stake_minor=_lower(one.stake_minor, two.stake_minor),
        give_back_minor=_lower(one.give_back_minor, two.give_back_minor),
        balance_floor_minor=max(floors, default=None),
        reading_age_ms=min(one.reading_age_ms, two.reading_age_ms),
    )


def left_to_lose(bounds: PeriodLimits, figures: Figures) -> int:
    """What the bounds of a period still allow to be lost, in minor units, by loss or by turnover; 0: nothing.

    Also 0 once its rounds or minutes are used up.
    """
    if bounds.rounds is not None and figures.rounds >= bounds.rounds:
        return 0
    if bounds.minutes is not None and figures.seconds >= bounds.minutes * 60:
        return 0
    money = [
        bound - figure
        for bound, figure in (
            (bounds.loss_minor, figures.loss_minor),
            (bounds.turnover_minor, figures.turnover_minor),
        )
        if bound is not None
    ]
    return max(0, min(money, default=0))


def _period(one: PeriodLimits, two: PeriodLimits) -> PeriodLimits:
    return PeriodLimits(
        _lower(one.loss_minor, two.loss_minor),
        _lower(one.turnover_minor, two.turnover_minor),
        _lower(one.rounds, two.rounds),
        _lower(one.minutes, two.minutes),
    )


def _lower(one: int | None, two: int | None) -> int | None:
    return min((bound for bound in (one, two) if bound is not None), default=None)
