"""``simulate``: a strategy on drawn rounds, as many sessions as wanted, on all cores."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.simulation.bounds import STOP_NUMBERS, Bounds, Standing, bounds_of, rounds_within, stop_numbers
from bot.simulation.draws import crashes, law_number, seed_key
from bot.simulation.kernel_text import FIGURES
from bot.simulation.kernels import NotCompilable, fields_of, kernel_of
from bot.simulation.results import SimulationResult
from bot.simulation.sessions import Session, wanted_next
from bot.staking import StakingOptions, Strategy, build
from bot.staking.stepped import Stepped

#: Sessions that one thread takes at a time.
BLOCK = 4_096
MOST_ROUNDS = 1_000_000_000

Figures = dict[str, NDArray[np.int64]]


def simulate(
    strategy: str | Strategy,
    options: StakingOptions | None = None,
    *,
    bankroll_minor: int,
    rounds: int,
    sessions: int,
    seed: int = 0,
    rtp: Decimal | float | str = "0.97",
    limits: Limits | None = None,
    goal_minor: int | None = None,
    threads: int | None = None,
    first_session: int = 0,
    round_s: float | None = None,
) -> SimulationResult:
    """Play ``sessions`` sessions of up to ``rounds`` drawn rounds each.

    ``strategy``: a name with ``options``, or a strategy as it stands (its state is where every session
    starts; it is not changed). Session n of a seed meets the same rounds whatever the strategy, the number
    of threads and the machine. ``goal_minor``: a balance at which a session stops. ``threads``: default, all
    cores. ``round_s``: seconds a round takes, for limits in minutes (without it they are not applied).
    Raises ``BadInput`` for figures that make no session, and for a user's strategy that fails.
    """
    played = build(strategy, options or StakingOptions()) if isinstance(strategy, str) else strategy
    limits = limits or Limits()
    bounds = bounds_of(limits, bankroll_minor, goal_minor)
    law = law_number(rtp)
    if not 1 <= rounds <= MOST_ROUNDS or sessions < 1 or first_session < 0:
        raise BadInput(f"rounds and sessions must be 1 or more, not {rounds} and {sessions}")
    horizon = rounds_within(limits, rounds, round_s)
    key = seed_key(seed)
    workers = threads or usable_cores()
    if isinstance(played, Stepped):
        try:
            figures, how = _compiled(
                played, bounds, bankroll_minor, law, key, first_session, sessions, horizon, workers
            )
        except NotCompilable as error:
            figures, how = {}, f"python: {error}"
    else:
        figures, how = {}, "python: it is a class, not step functions"
    if not figures:
        figures = _in_python(
            played, limits, goal_minor, bankroll_minor, seed, rtp, first_session, sessions, horizon
        )
    stop = _stops(figures, limits, goal_minor, bankroll_minor)
    figures["rounds"][stop == 0] = horizon
    return SimulationResult(
        strategy=played.name,
        bankroll=bankroll_minor,
        goal=goal_minor,
        rounds_asked=rounds,
        seed=seed,
        first_session=first_session,
        rtp=str(rtp),
        how=how,
        stop=stop,
        longest_losing_run=figures["longest"],
        **{
            name: figures[name]
            for name in ("final", "lowest", "highest", "drawdown", "turnover", "bets", "rounds")
        },
    )


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compiled(
    strategy: Stepped,
    bounds: Bounds,
    bankroll: int,
    law: int,
    key: int,
    first: int,
    sessions: int,
    rounds: int,
    threads: int,
) -> tuple[Figures, str]:
    """The kernel over blocks of sessions, in threads: compiled code holds no interpreter lock."""
    p, s = fields_of(strategy)

    def fill(run: Callable[..., int]) -> tuple[Figures, int]:
        figures = {name: np.empty(sessions, np.int64) for name, _ in FIGURES}

        def block(start: int) -> int:
            count = min(BLOCK, sessions - start)
            parts = [values[start : start + count] for values in figures.values()]
            place = first + start
            return run(p, s, bankroll, tuple(bounds), law, np.uint64(key), place, count, rounds, *parts)

        starts = range(0, sessions, BLOCK)
        if threads == 1 or len(starts) == 1:
            return figures, max(map(block, starts))
        with ThreadPoolExecutor(threads) as pool:
            return figures, max(pool.map(block, starts))

    kernel = kernel_of(strategy, bounds)
    figures, other_target = fill(kernel.run)
    if other_target:
        kernel = kernel_of(strategy, bounds, lanes=False)
        figures, _ = fill(kernel.run)
    return figures, kernel.how


def _in_python(
    strategy: Strategy,
    limits: Limits,
    goal: int | None,
    bankroll: int,
    seed: int,
    rtp: Decimal | float | str,
    first: int,
    sessions: int,
    rounds: int,
) -> Figures:
    """The same in plain Python, session after session."""
    figures = {name: np.zeros(sessions, np.int64) for name, _ in FIGURES}
    for at in range(sessions):
        session = Session(copy.deepcopy(strategy), bankroll, limits, goal)
        for crash in crashes(seed, first + at, rounds, rtp):
            session.play(crash)
        wanted, note = wanted_next(session.strategy, session.balance)
        values: dict[str, Any] = {
            "final": session.balance,
            "lowest": session.lowest,
            "highest": session.highest,
            "drawdown": session.drawdown,
            "turnover": session.turnover,
            "bets": session.bets,
            "rounds": session.last_bet_round,
            "longest": session.longest_losing_run,
            "wanted": wanted,
            "note": note,
        }
        for name, value in values.items():
            figures[name][at] = value
    return figures


def _stops(figures: Figures, limits: Limits, goal: int | None, bankroll: int) -> NDArray[np.int8]:
    f = figures
    standing = Standing(f["wanted"], f["note"], f["final"], f["highest"], f["turnover"], f["bets"], bankroll)
    stop = stop_numbers(limits, goal, standing)
    assert stop.max(initial=0) < len(STOP_NUMBERS)
    return stop
