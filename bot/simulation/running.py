"""``simulate``: a strategy on drawn rounds, as many sessions as wanted, on all cores."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.simulation.bounds import Standing, bounds_of, rounds_within, stop_numbers
from bot.simulation.draws import crashes, law_number, seed_key
from bot.simulation.kernel_text import FIGURES
from bot.simulation.kernels import NotCompilable, fields_of, kernel_of
from bot.simulation.own_running import play_sessions
from bot.simulation.results import SimulationResult
from bot.simulation.sessions import Session, figures_of
from bot.staking import StakingOptions, Strategy, build
from bot.staking.own import OwnStrategy
from bot.staking.own_loading import maker
from bot.staking.stepped import Stepped

#: Sessions that one thread takes at a time.
BLOCK = 4_096
MOST_ROUNDS = 1_000_000_000
#: Some 80 bytes each are held at a time.
MOST_SESSIONS = 20_000_000

Figures = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class _Run:
    """What is played. Money in minor units; ``law`` and ``rtp`` say the same."""

    limits: Limits
    goal: int | None
    bankroll: int
    seed: int
    rtp: str
    law: int
    first: int
    sessions: int
    rounds: int
    threads: int


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
    starts, and it is not changed; one from a user's file starts anew). Session n of a seed meets the same
    rounds whatever the strategy, the number of threads and the machine. ``goal_minor``: a balance at which a
    session stops. ``threads``: default, all cores. ``round_s``: seconds a round takes, for limits in minutes
    (without it they are not applied). Raises ``BadInput`` for figures that make no session, and for a user's
    strategy that fails.
    """
    if not 1 <= rounds <= MOST_ROUNDS or sessions < 1 or first_session < 0:
        raise BadInput(f"rounds and sessions must be 1 or more, not {rounds} and {sessions}")
    if sessions > MOST_SESSIONS:
        raise BadInput(f"at most {MOST_SESSIONS} sessions at a time: play them in parts (first_session)")
    limits = limits or Limits()
    horizon = rounds_within(limits, rounds, round_s)
    run = _Run(
        limits=limits,
        goal=goal_minor,
        bankroll=bankroll_minor,
        seed=seed,
        rtp=str(rtp),
        law=law_number(rtp),
        first=first_session,
        sessions=sessions,
        rounds=horizon,
        threads=threads or usable_cores(),
    )
    bounds_of(limits, bankroll_minor, goal_minor)
    if not isinstance(strategy, str):
        figures, how = _played(run, strategy)
        return _result(run, strategy.name, rounds, figures, how)
    played = build(strategy, options or StakingOptions())
    try:
        figures, how = _played(run, played)
    finally:
        if isinstance(played, OwnStrategy):
            played.close()
    return _result(run, played.name, rounds, figures, how)


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _played(run: _Run, strategy: Strategy) -> tuple[Figures, str]:
    """The figures, and how they were made: compiled where the strategy is made of steps that compile."""
    stepped: Any = strategy
    if isinstance(strategy, OwnStrategy) and strategy.steps:
        stepped = maker(strategy.file, strategy.options)()  # tried in its child, so it may run here
    if not isinstance(stepped, Stepped):
        return _in_python(run, strategy), "python: a class can't be compiled, step functions can"
    try:
        return _compiled(run, stepped)
    except NotCompilable as error:
        return _in_python(run, strategy), f"python: {error}"
    except (ArithmeticError, ValueError, IndexError) as error:
        raise BadInput(f"{strategy.name}: a step raised {type(error).__name__}: {error}") from error


def _compiled(run: _Run, strategy: Stepped) -> tuple[Figures, str]:
    """The kernel over blocks of sessions, in threads: compiled code holds no interpreter lock."""
    p, s = fields_of(strategy)
    bounds = bounds_of(run.limits, run.bankroll, run.goal)
    key = np.uint64(seed_key(run.seed))

    def fill(compiled: Callable[..., int]) -> tuple[Figures, int]:
        figures = {name: np.empty(run.sessions, np.int64) for name, _ in FIGURES}

        def block(start: int) -> int:
            count = min(BLOCK, run.sessions - start)
            parts = [values[start : start + count] for values in figures.values()]
            place = run.first + start
            return compiled(p, s, run.bankroll, tuple(bounds), run.law, key, place, count, run.rounds, *parts)

        starts = range(0, run.sessions, BLOCK)
        if run.threads == 1 or len(starts) == 1:
            return figures, max(map(block, starts))
        with ThreadPoolExecutor(run.threads) as pool:
            try:
                return figures, max(pool.map(block, starts))
            except BaseException:  # an interrupt must not wait for the blocks that have not begun
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    kernel = kernel_of(strategy, bounds)
    figures, other_target = fill(kernel.run)
    if other_target:
        kernel = kernel_of(strategy, bounds, lanes=False)
        figures, _ = fill(kernel.run)
    return figures, kernel.how


def _in_python(run: _Run, strategy: Strategy) -> Figures:
    """The same in plain Python, session after session; a user's file in processes that can be killed."""
    rows: list[dict[str, int]] = []
    if isinstance(strategy, OwnStrategy):
        rows = play_sessions(
            strategy,
            run.limits,
            run.goal,
            run.bankroll,
            run.seed,
            run.rtp,
            run.first,
            run.sessions,
            run.rounds,
            run.threads,
        )
    else:
        for number in range(run.first, run.first + run.sessions):
            session = Session(copy.deepcopy(strategy), run.bankroll, run.limits, run.goal)
            for crash in crashes(run.seed, number, run.rounds, run.rtp):
                session.play(crash)
            rows.append(figures_of(session))
    return {name: np.array([row[name] for row in rows], np.int64) for name, _ in FIGURES}


def _result(run: _Run, name: str, rounds: int, f: Figures, how: str) -> SimulationResult:
    standing = Standing(
        f["wanted"], f["note"], f["final"], f["highest"], f["turnover"], f["bets"], run.bankroll
    )
    stop = stop_numbers(run.limits, run.goal, standing)
    return SimulationResult(
        strategy=name,
        bankroll=run.bankroll,
        goal=run.goal,
        rounds_asked=rounds,
        seed=run.seed,
        first_session=run.first,
        rtp=run.rtp,
        how=how,
        final=f["final"],
        lowest=f["lowest"],
        highest=f["highest"],
        drawdown=f["drawdown"],
        turnover=f["turnover"],
        bets=f["bets"],
        rounds=np.where(stop == 0, run.rounds, f["rounds"]),
        longest_losing_run=f["longest"],
        stop=stop,
    )
