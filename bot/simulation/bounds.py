"""Limits inside a session that is simulated: what the gate of ``bot.limits`` would decide, as few integers.

A simulated session is the only one of its account and fits into 24 hours: the bounds of day, week and month
hold from its start. There is no clock: bounds in minutes count only when a round is given a length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.staking.steps import BALANCE_TOO_LOW, MOST_MINOR, NO_CAP


class Bounds(NamedTuple):
    """What a stake must respect, minor units and counts; ``NO_CAP`` is no bound.

    Staking ends once the balance reaches ``goal``; ``floor`` must remain after the stake; ``give_back``: how
    far below its highest the balance may fall with the stake lost.
    """

    goal: int
    floor: int
    stake: int
    turnover: int
    bets: int
    give_back: int

    @property
    def only_floor_and_goal(self) -> bool:
        """Whether nothing but floor and goal is bounded: the kernels then leave the rest out."""
        return min(self.stake, self.turnover, self.bets, self.give_back) == NO_CAP

    def allow(self, stake_minor: int, balance: int, turnover: int, bets: int, highest: int) -> bool:
        """Whether this stake may be placed. The kernels hold the same line."""
        return (
            stake_minor > 0
            and balance < self.goal
            and balance - stake_minor >= self.floor
            and stake_minor <= self.stake
            and turnover + stake_minor <= self.turnover
            and bets < self.bets
            and highest - balance + stake_minor <= self.give_back
        )


def bounds_of(limits: Limits, bankroll_minor: int, goal_minor: int | None = None) -> Bounds:
    """The bounds of a session that starts with this bankroll. Raises ``BadInput`` for an impossible start."""
    if not 0 < bankroll_minor <= MOST_MINOR:
        raise BadInput(f"the bankroll must be above 0 and at most {MOST_MINOR // 100}")
    if goal_minor is not None and goal_minor <= bankroll_minor:
        raise BadInput("the goal must be above the bankroll")
    periods = [period for _, period in limits.periods]
    losses = [period.loss_minor for period in periods if period.loss_minor is not None]
    floor = max([0, limits.balance_floor_minor or 0] + [bankroll_minor - loss for loss in losses])
    return Bounds(
        min(MOST_MINOR + 1, NO_CAP if goal_minor is None else goal_minor),
        floor,
        _least(limits.stake_minor),
        _least(*(period.turnover_minor for period in periods)),
        _least(*(period.rounds for period in periods)),
        _least(limits.give_back_minor),
    )


def rounds_within(limits: Limits, rounds: int, round_s: float | None) -> int:
    """The rounds that begin before the bounds in minutes are reached, at ``round_s`` seconds a round."""
    minutes = _least(*(period.minutes for _, period in limits.periods))
    if round_s is None or minutes == NO_CAP:
        return rounds
    # The gate denies from the first whole second at or past the bound.
    within = int(np.ceil(minutes * 60 / round_s - 1e-9))
    return min(rounds, within)


def _least(*values: int | None) -> int:
    return min((value for value in values if value is not None), default=NO_CAP)


# -- why a session staked no more -----------------------------------------------------------------------

#: Why a session staked no more, by number: see :data:`STOP_WORDS`.
STOPS = (
    "",
    "goal",
    "ruined",
    "strategy",
    "too_large",
    "stake",
    "balance_floor",
    "session_loss",
    "session_turnover",
    "session_rounds",
    "day_loss",
    "day_turnover",
    "day_rounds",
    "week_loss",
    "week_turnover",
    "week_rounds",
    "month_loss",
    "month_turnover",
    "month_rounds",
    "give_back",
)
STOP_NUMBERS = {name: number for number, name in enumerate(STOPS)}
STOP_WORDS = {
    "": "all rounds played",
    "goal": "the goal is reached",
    "ruined": "the balance does not cover the next stake",
    "strategy": "the strategy stakes nothing",
    "too_large": "the balance is larger than can be reckoned with",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where sessions stand and what they would stake next: integers, or arrays of them.

    ``note`` is that of the step function (``steps.BALANCE_TOO_LOW``…).
    """

    wanted: Any
    note: Any
    balance: Any
    highest: Any
    turnover: Any
    bets: Any
    bankroll: int


def _conditions(limits: Limits, goal: int | None, s: Standing) -> Iterator[tuple[str, Any]]:
    """The stops in the order in which they count, each with its condition."""
    if goal is not None:
        yield "goal", s.balance >= goal
    yield "too_large", s.balance > MOST_MINOR
    yield (
        "ruined",
        (s.wanted > s.balance) | ((s.wanted <= 0) & (s.note == BALANCE_TOO_LOW)) | (s.balance <= 0),
    )
    yield "strategy", s.wanted <= 0
    if limits.stake_minor is not None:
        yield "stake", s.wanted > limits.stake_minor
    yield "balance_floor", s.balance - s.wanted < (limits.balance_floor_minor or 0)
    for name, period in limits.periods:
        if period.loss_minor is not None:
            yield f"{name}_loss", s.bankroll - s.balance + s.wanted > period.loss_minor
        if period.turnover_minor is not None:
            yield f"{name}_turnover", s.turnover + s.wanted > period.turnover_minor
        if period.rounds is not None:
            yield f"{name}_rounds", s.bets + 1 > period.rounds
    if limits.give_back_minor is not None:
        yield "give_back", s.highest - s.balance + s.wanted > limits.give_back_minor


def stop_numbers(limits: Limits, goal: int | None, standing: Standing) -> NDArray[np.int8]:
    """Why each session stakes no more, as numbers into :data:`STOPS`; 0: it would go on."""
    numbers = np.zeros(len(standing.balance), np.int8)
    for name, condition in _conditions(limits, goal, standing):
        numbers[(numbers == 0) & condition] = STOP_NUMBERS[name]
    return numbers


def stop_name(limits: Limits, goal: int | None, standing: Standing) -> str:
    """Why one session stakes no more, or ``""``."""
    return next((name for name, holds in _conditions(limits, goal, standing) if holds), "")
