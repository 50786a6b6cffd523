"""Strategies on drawn or recorded rounds, without a screen: kernels, exact odds, backtest, sweeps.

``simulate(strategy, options, bankroll_minor=…, rounds=…, sessions=…, seed=…, rtp=…, limits=…, goal_minor=…,
threads=…, first_session=…, round_s=…) -> SimulationResult``
    Millions of sessions of drawn rounds. ``strategy`` is a name (or a user's file) with ``StakingOptions``,
    or a strategy object. Session n of a seed meets the same rounds for every strategy, machine and number of
    threads; ``first_session`` continues where another call ended. The result holds one NumPy entry a session:
    ``final, lowest, highest, drawdown, turnover, bets, rounds, longest_losing_run, stop`` and
    ``ruined, reached_goal, limited, ran_out(k), stop_shares(), quantiles(figure, levels), profit``; ``how``
    says how it was run: ``lanes``, ``plain loop: reason`` or ``python: reason``.

``replay(strategy, crashes, bankroll_minor, limits, goal_minor, missed) -> Replay``
    One session on recorded rounds, in plain Python: stakes, targets and balances by round, and the session's
    figures. A missed round stakes, observes and settles nothing.

``draw_block``, ``crash_points``, ``crashes``, ``law_number``, ``threshold``: the drawn rounds themselves.
``Session``: one session, round by round. ``bounds_of``: limits as the simulator takes them. ``STOPS``,
``STOP_WORDS``: why sessions stake no more.

Money is minor units, multipliers and targets hundredths. Every strategy loses on average.
"""

from bot.simulation.bounds import STOP_NUMBERS, STOP_WORDS, STOPS, Bounds, bounds_of
from bot.simulation.draws import crash_points, crashes, draw_block, law_number, threshold
from bot.simulation.results import SimulationResult
from bot.simulation.sessions import Replay, Session, replay

__all__ = [
    "STOPS",
    "STOP_NUMBERS",
    "STOP_WORDS",
    "Bounds",
    "Replay",
    "Session",
    "SimulationResult",
    "bounds_of",
    "crash_points",
    "crashes",
    "draw_block",
    "law_number",
    "replay",
    "simulate",
    "threshold",
]


def __getattr__(name: str) -> object:
    # The compiler takes a third of a second to import: only who simulates pays for it.
    if name == "simulate":
        from bot.simulation.running import simulate

        return simulate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
