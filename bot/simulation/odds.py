"""What to expect of a session before its first bet: exact where the chain is small, else simulated."""

from __future__ import annotations

import contextlib
import copy
import gc
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput, ProgrammerError
from bot.limits import Limits
from bot.simulation.bounds import Bounds, bounds_of, rounds_within
from bot.simulation.draws import BITS, law_number, threshold
from bot.simulation.exact import Case, Outcome, TooLarge, ceiling, run_chance, solve
from bot.simulation.odds_words import in_words
from bot.simulation.results import SimulationResult
from bot.staking import Settlement, StakingOptions, Strategy, build
from bot.staking.own import OwnStrategy

#: Rounds when nobody says how many.
DEFAULT_HORIZON = 1_000
MOST_HORIZON = 1_000_000
LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
#: Player-rounds of a simulated answer, by how the simulator runs the strategy.
_LANES, _LOOP, _PYTHON = 40_000_000, 4_000_000, 60_000
_FEWEST, _MOST_SESSIONS = 100, 400_000
_TRIAL = 64
_SEED = 20_261_121
_LONGEST_RUN, _LONGEST_OWN_RUN = 100_000, 2_000
#: What counts as ruin: the next stake is not there, or would go below what must remain.
RUIN = ("ruined", "balance_floor")


@dataclass(frozen=True, slots=True)
class Odds:
    """The odds of a session. Money in minor units; chances are plain numbers.

    ``horizon``: rounds, ``None`` until it ends by itself. ``sessions``: 0 when exact, else how many were
    simulated (``error`` gives how far a chance may be off, 95 %). ``stops``: chance of each reason why
    staking ends ("" is all rounds played). ``run_paid``: losses in a row that the bankroll pays for at the
    start (``None``: more than can be counted); ``run_chance``: that so many come within the horizon.
    ``ceiling``: chance of the goal that no strategy exceeds. ``chosen_on``: where a sweep chose it.
    """

    strategy: str
    parameters: Mapping[str, object]
    bankroll: int
    goal: int | None
    floor: int
    horizon: int | None
    rounds_per_hour: float
    rtp: Decimal
    target: int | None
    sessions: int
    how: str
    stops: Mapping[str, float]
    expected_result: float
    turnover: float
    rounds: float
    quantiles: Mapping[float, int]
    chance_ahead: float
    chance_behind: float
    run_paid: int | None
    run_chance: float | None
    ceiling: float | None
    seed: int | None = None
    chosen_on: str | None = None
    histogram: tuple[tuple[int, float], ...] = field(default=(), repr=False)

    @property
    def exact(self) -> bool:
        """Whether no simulation was needed."""
        return self.sessions == 0

    @property
    def ruin(self) -> float:
        """Chance that the session cannot stake its next bet: not there, or it must remain."""
        return sum(self.stops.get(name, 0.0) for name in RUIN)

    @property
    def reached_goal(self) -> float:
        """Chance to reach the goal."""
        return self.stops.get("goal", 0.0)

    @property
    def limited(self) -> dict[str, float]:
        """Chance of each other limit that ends the session."""
        shown = (*RUIN, "goal", "strategy", "")
        return {name: chance for name, chance in self.stops.items() if name not in shown}

    @property
    def hours(self) -> float:
        """Expected length: rounds with a stake over rounds an hour."""
        return self.rounds / self.rounds_per_hour

    @property
    def loss_per_hour(self) -> float:
        """Expected loss for each hour of play."""
        return -self.expected_result / self.hours if self.hours > 0 else 0.0

    def error(self, chance: float) -> float:
        """Half the width of a 95 % interval of a simulated chance; 0 for an exact one."""
        if self.exact:
            return 0.0
        n, z = self.sessions, 1.96
        return z / (1 + z * z / n) * math.sqrt(chance * (1 - chance) / n + z * z / (4 * n * n))

    def words(self) -> list[str]:
        """Plain sentences, the most important first."""
        return in_words(self)

    def to_json(self) -> dict[str, Any]:
        """For programs: money and multipliers are exact decimal strings, chances and rates plain numbers."""
        best = None
        if self.ceiling is not None:
            best = {"goal": self.ceiling, "formula": "1 - (1 - z)^R", "z": self._fraction()}
        return {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "bankroll": format_hundredths(self.bankroll),
            "goal": None if self.goal is None else format_hundredths(self.goal),
            "floor": format_hundredths(self.floor),
            "horizon_rounds": self.horizon,
            "rounds_per_hour": self.rounds_per_hour,
            "return_to_player": str(self.rtp),
            "method": "exact" if self.exact else "simulated",
            "sessions": self.sessions or None,
            "seed": self.seed,
            "how": self.how,
            "chance_of_ruin": self.ruin,
            "chance_of_ruin_error": self.error(self.ruin),
            "chance_of_goal": None if self.goal is None else self.reached_goal,
            "chance_of_goal_error": None if self.goal is None else self.error(self.reached_goal),
            "chance_by_end": {name or "all_rounds_played": p for name, p in self.stops.items()},
            "chance_ahead": self.chance_ahead,
            "chance_behind": self.chance_behind,
            "expected_result": format_hundredths(round(self.expected_result)),
            "expected_loss_per_hour": format_hundredths(round(self.loss_per_hour)),
            "expected_turnover": format_hundredths(round(self.turnover)),
            "expected_rounds": self.rounds,
            "expected_hours": self.hours,
            "final_balance": {f"{level:g}": format_hundredths(v) for level, v in self.quantiles.items()},
            "longest_losing_run_survived": self.run_paid,
            "chance_of_that_run": self.run_chance,
            "best_any_strategy_could_do": best,
            "chosen_on": self.chosen_on,
            "warning": "every strategy loses on average",
        }

    def _fraction(self) -> float:
        assert self.goal is not None
        return (self.bankroll - self.floor) / (self.goal - self.floor)


def session_odds(
    strategy: str | Strategy,
    options: StakingOptions | None = None,
    bankroll_minor: int = 0,
    limits: Limits | None = None,
    horizon_rounds: int | None = DEFAULT_HORIZON,
    rtp: Decimal | float | str = "0.97",
    rounds_per_hour: float = 190.0,
    *,
    goal_minor: int | None = None,
    simulated: bool = False,
    chosen_on: str | None = None,
) -> Odds:
    """The odds of a session: what every session prints and stores before its first bet.

    ``strategy``: a name with ``options``, or a strategy as it stands. ``horizon_rounds``: ``None`` plays
    until the goal, ruin or a limit. Limits in minutes end it at ``rounds_per_hour``; those of the day are
    taken as if nothing had been played before. ``simulated``: no exact answer. ``chosen_on``: where a sweep
    chose the strategy (``strategy.chosen_on``), which is told along. Raises ``BadInput``.
    """
    limits = limits or Limits()
    law = law_number(rtp)
    if not rounds_per_hour > 0 or not math.isfinite(rounds_per_hour):
        raise BadInput(f"rounds an hour must be above 0, not {rounds_per_hour:g}")
    if horizon_rounds is not None and not 1 <= horizon_rounds <= MOST_HORIZON:
        raise BadInput(f"the rounds to look ahead must be 1 to {MOST_HORIZON:,}, not {horizon_rounds}")
    bounds = bounds_of(limits, bankroll_minor, goal_minor)
    horizon = horizon_rounds
    if horizon is not None:
        horizon = rounds_within(limits, horizon, 3600.0 / rounds_per_hour)
    played = build(strategy, options or StakingOptions()) if isinstance(strategy, str) else strategy
    try:
        check_start(played, bankroll_minor)
        case = Case(played, bankroll_minor, limits, horizon, law, goal_minor)
        facts = _Facts(case, bounds, Decimal(str(rtp)), rounds_per_hour, chosen_on)
        return facts.simulated() if simulated else facts.answered()
    finally:
        if isinstance(strategy, str) and isinstance(played, OwnStrategy):
            played.close()


def check_start(strategy: Strategy, bankroll_minor: int) -> None:
    """Raises ``BadInput`` when the bankroll does not cover the strategy's first stake."""
    parameters = getattr(strategy, "step_parameters", None)
    base = getattr(parameters, "base_stake_minor", None)
    if base is not None and bankroll_minor < base:
        raise BadInput(
            f"the bankroll {format_hundredths(bankroll_minor)} is below the base stake "
            f"{format_hundredths(base)}"
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What all answers for one session share."""

    case: Case
    bounds: Bounds
    rtp: Decimal
    rounds_per_hour: float
    chosen_on: str | None

    def answered(self) -> Odds:
        """Exact if the chain is small enough."""
        try:
            return self.exact(solve(self.case))
        except TooLarge:
            return self.simulated()

    def exact(self, outcome: Outcome) -> Odds:
        # What was too improbable to follow is far below the last digit shown.
        if outcome.dropped > 1e-9:
            raise TooLarge
        start = self.case.bankroll_minor
        return self._odds(
            sessions=0,
            how="exact",
            stops={name: min(1.0, chance) for name, chance in outcome.stops.items()},
            expected_result=outcome.mean_minor - start,
            turnover=outcome.turnover_minor,
            rounds=outcome.rounds,
            quantiles={level: outcome.quantile(level) for level in LEVELS},
            chance_ahead=min(1.0, outcome.chance_above(start)),
            chance_behind=min(1.0, float(outcome.chances[outcome.balances < start].sum())),
            histogram=tuple(zip(outcome.balances.tolist(), outcome.chances.tolist(), strict=True)),
        )

    def simulated(self) -> Odds:
        with _uncollected():
            _leave_out_blas()
            from bot.simulation.running import simulate

            return self._simulated(simulate)

    def _simulated(self, simulate: Callable[..., SimulationResult]) -> Odds:
        case = self.case
        if case.horizon is None:
            raise BadInput(
                "without a number of rounds this session is too large to solve: give --rounds or a goal"
            )
        given: dict[str, Any] = {
            "bankroll_minor": case.bankroll_minor,
            "rounds": case.horizon,
            "seed": _SEED,
            "rtp": self.rtp,
            "limits": case.limits,
            "goal_minor": case.goal_minor,
        }
        trial = simulate(case.strategy, sessions=_TRIAL, threads=1, **given)
        effort = {"lanes": _LANES, "plain": _LOOP}.get(trial.how.split(" ")[0].strip(":"), _PYTHON)
        count = int(min(_MOST_SESSIONS, max(_FEWEST, effort // case.horizon)))
        result = trial if count <= _TRIAL else simulate(case.strategy, sessions=count, **given)
        turnover = float(result.turnover.mean())
        profit = result.profit
        return self._odds(
            sessions=result.sessions,
            how=result.how,
            seed=_SEED,
            stops=result.stop_shares(),
            # The mean of the stakes is known far better than that of the results, and -e times it is theirs.
            expected_result=-(1.0 - float(self.rtp)) * turnover,
            turnover=turnover,
            rounds=float(result.bets.mean()),
            quantiles=dict(zip(LEVELS, result.quantiles("final", LEVELS), strict=True)),
            chance_ahead=float((profit > 0).mean()),
            chance_behind=float((profit < 0).mean()),
            histogram=_counted(result.final),
        )

    def _odds(self, **figures: Any) -> Odds:
        case = self.case
        target = getattr(getattr(case.strategy, "step_parameters", None), "target", None)
        paid = run_paid(case.strategy, case.bankroll_minor, self.bounds)
        odds = Odds(
            strategy=case.strategy.name,
            parameters=case.strategy.parameters,
            bankroll=case.bankroll_minor,
            goal=case.goal_minor,
            floor=self.bounds.floor,
            horizon=case.horizon,
            rounds_per_hour=self.rounds_per_hour,
            rtp=self.rtp,
            target=target,
            run_paid=paid,
            run_chance=self._run_chance(paid, target),
            ceiling=self._ceiling(),
            chosen_on=self.chosen_on,
            **figures,
        )
        if (
            odds.ceiling is not None
            and odds.reached_goal > odds.ceiling + 3 * odds.error(odds.ceiling) + 1e-9
        ):
            raise ProgrammerError(
                f"the goal is reached with {odds.reached_goal}, above what any strategy can: {odds.ceiling}"
            )
        return odds

    def _run_chance(self, paid: int | None, target: int | None) -> float | None:
        if paid is None or target is None or self.case.horizon is None:
            return None
        losing = 1.0 - threshold(self.case.law, target) / (1 << BITS)
        return run_chance(losing, paid, self.case.horizon)

    def _ceiling(self) -> float | None:
        goal = self.case.goal_minor
        if goal is None:
            return None
        return ceiling(self.case.bankroll_minor, goal, float(self.rtp), self.bounds.floor)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Importing and loading the compiler makes many objects that stay: looking for garbage takes 0.1 s."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _leave_out_blas() -> None:
    """numba looks for SciPy's linear algebra, which takes a fifth of a second and which no step uses."""
    if "numba" in sys.modules or "scipy.linalg" in sys.modules:
        return
    blas = "scipy.linalg.cython_blas"
    sys.modules["scipy.linalg"] = sys.modules[blas] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules["scipy.linalg"], sys.modules[blas]


def _counted(final: Any) -> tuple[tuple[int, float], ...]:
    values, counts = np.unique(final, return_counts=True)
    return tuple(zip(values.tolist(), (counts / len(final)).tolist(), strict=True))


def run_paid(strategy: Strategy, bankroll_minor: int, bounds: Bounds) -> int | None:
    """Bets lost in a row, from the start, until no stake can be placed; ``None`` when there is no end."""
    if isinstance(strategy, OwnStrategy):
        fresh = OwnStrategy(strategy.file, strategy.options)
        try:
            return _run_paid(fresh, bankroll_minor, bounds, _LONGEST_OWN_RUN)
        finally:
            fresh.close()
    return _run_paid(copy.deepcopy(strategy), bankroll_minor, bounds, _LONGEST_RUN)


def _run_paid(played: Strategy, bankroll_minor: int, bounds: Bounds, longest: int) -> int | None:
    balance, turnover = bankroll_minor, 0
    for losses in range(longest):
        order = played.order(balance)
        stake = order[0]
        if not bounds.allow(stake, balance, turnover, 0, bankroll_minor):
            return losses if losses or stake else None
        balance -= stake
        turnover += stake
        played.settled(Settlement(False, stake, 0))
    return None


__all__ = ["DEFAULT_HORIZON", "LEVELS", "RUIN", "Odds", "check_start", "run_paid", "session_odds"]
