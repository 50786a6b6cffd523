"""Which points a sweep visits, and what is measured at one: parameters in, figures out, nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import format_hundredths, parse_hundredths
from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.simulation.odds import RUIN, check_start
from bot.staking import ParameterInfo, StakingOptions, build, strategies
from bot.staking.own import OwnStrategy
from bot.staking.own_loading import own_file
from bot.staking.registry import find
from bot.staking.strategies import Kelly

#: Points of one sweep.
MOST_POINTS = 20_000
#: Sessions of useless ones that the best is compared with.
USELESS = 400
_KINDS = {"money", "multiplier", "count", "share"}

Value = int | str


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter and the values that it takes. ``option``: its field of ``StakingOptions``.

    Values are minor units, hundredths, counts, or exact decimals as text. ``low`` and ``high`` are the ends
    of a range to draw from.
    """

    name: str
    option: str
    kind: str
    values: tuple[Value, ...]

    def shown(self, value: Value) -> str:
        """As a person writes it."""
        return format_hundredths(int(value)) if self.kind in ("money", "multiplier") else str(value)


@dataclass(frozen=True, slots=True)
class Work:
    """What is the same at all points. ``crashes``: recorded rounds with ``missed``, or ``None`` for drawn.

    ``flag``: why the recording is not sound, if it is shown to be unsound.
    """

    strategy: str
    options: StakingOptions
    bankroll: int
    limits: Limits
    goal: int | None
    rounds: int
    sessions: int
    seed: int
    rtp: str
    crashes: tuple[int, ...] | None = None
    missed: tuple[bool, ...] | None = None
    flag: str | None = None


def axis(strategy: str, text: str) -> Axis:
    """``target=1.5,2,3`` or ``target=1.2:5:0.2`` (both ends included). Raises ``BadInput``."""
    name, equals, said = text.partition("=")
    info = _parameter(strategy, name.strip())
    if not equals or not said.strip():
        raise BadInput(f"--vary {text}: write it as {name or 'target'}=1.5,2,3 or as first:last:step")
    if ":" in said:
        parts = said.split(":")
        if len(parts) != 3:
            raise BadInput(f"--vary {text}: a range is first:last:step, as in target=1.5:5:0.5")
        first, last, step = (_decimal(part, text) for part in parts)
        if step <= 0 or last < first:
            raise BadInput(f"--vary {text}: the step must be above 0 and the last not below the first")
        count = int((last - first) / step) + 1
        if count > MOST_POINTS:
            raise BadInput(f"--vary {text}: {count:,} values are more than {MOST_POINTS:,}")
        numbers = [first + step * place for place in range(count)]
    else:
        numbers = [_decimal(part, text) for part in said.split(",")]
    return Axis(info.name, info.option, info.kind, tuple(_value(number, info, text) for number in numbers))


def _parameter(strategy: str, name: str) -> ParameterInfo:
    info = find(strategy)
    if info is None:
        if strategies() and name in ("base_stake", "target", "max_stake", "max_steps", "wins"):
            every = (each for known in strategies() for each in known.parameters)
            return next(each for each in every if each.name == name)
        return ParameterInfo(name, "own", "own", "", "", "")
    allowed = [each for each in info.parameters if each.kind in _KINDS]
    found = next((each for each in allowed if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in allowed)
        raise BadInput(f"{info.name} has no parameter {name!r} that can be varied (it has: {names})")
    return found


def _decimal(text: str, whole: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadInput(f"--vary {whole}: {text.strip()!r} is not a number")
    return number


def _value(number: Decimal, info: ParameterInfo, text: str) -> Value:
    if info.kind in ("money", "multiplier"):
        try:
            return parse_hundredths(f"{number:f}")
        except ValueError:
            raise BadInput(f"--vary {text}: {number} has more than two decimals") from None
    if info.kind == "count":
        if number != number.to_integral_value():
            raise BadInput(f"--vary {text}: {info.name} must be a whole number, not {number}")
        return int(number)
    if info.kind == "own" and number == number.to_integral_value():
        return int(number)
    return f"{number:f}"


def grid(axes: Sequence[Axis]) -> list[tuple[Value, ...]]:
    """Every combination, the last axis fastest. Raises ``BadInput`` for too many."""
    count = 1
    for each in axes:
        count *= len(each.values)
    if count > MOST_POINTS:
        raise BadInput(f"{count:,} points are more than {MOST_POINTS:,}: take fewer values, or --random")
    return list(itertools.product(*(each.values for each in axes)))


def drawn(axes: Sequence[Axis], count: int, seed: int) -> list[tuple[Value, ...]]:
    """Different random combinations of the axes' values, in the order drawn; all when there are no more."""
    if not 1 <= count <= MOST_POINTS:
        raise BadInput(f"--random must be 1 to {MOST_POINTS:,}, not {count}")
    sizes = [len(each.values) for each in axes]
    total = 1
    for size in sizes:
        total *= size
    if total <= count:
        return grid(axes)
    generator = np.random.default_rng(seed)
    chosen: dict[tuple[Value, ...], None] = {}
    while len(chosen) < count:
        places = [int(generator.integers(size)) for size in sizes]
        chosen[tuple(each.values[place] for each, place in zip(axes, places, strict=True))] = None
    return list(chosen)


def options_at(base: StakingOptions, axes: Sequence[Axis], point: Sequence[Value]) -> StakingOptions:
    """The options with a point's values in place."""
    changed: dict[str, Any] = {}
    own = dict(base.own)
    for each, value in zip(axes, point, strict=True):
        if each.option == "own":
            own[each.name] = value if isinstance(value, int) else float(value)
        else:
            changed[each.option] = Decimal(value) if each.kind == "share" else value
    return replace(base, own=tuple(own.items()), **changed)


def measured(work: Work, axes: Sequence[Axis], point: Sequence[Value]) -> dict[str, Any]:
    """The figures of one point. Money in minor units; ``useless``: results of sessions that can't win.

    A point whose parameters contradict each other has only ``refused``, the reason. Raises ``BadInput`` when
    a user's own strategy fails.
    """
    from bot.simulation.running import simulate

    try:
        strategy = build(work.strategy, options_at(work.options, axes, point))
    except BadInput as error:
        if own_file(work.strategy) is not None:
            raise
        return {"refused": str(error)}
    try:
        check_start(strategy, work.bankroll)
    except BadInput as error:
        return {"refused": str(error)}
    try:
        given: dict[str, Any] = {
            "bankroll_minor": work.bankroll,
            "rounds": work.rounds,
            "rtp": work.rtp,
            "limits": work.limits,
            "goal_minor": work.goal,
            "threads": 1,
            "seed": work.seed,
        }
        if work.crashes is not None:
            if isinstance(strategy, Kelly) and work.flag is not None:
                return {"refused": f"Kelly refuses these rounds: {work.flag.split(';')[0]}"}
            useless = simulate(strategy, sessions=USELESS, **given).profit
            return {**_replayed(work, strategy), "useless": useless.tolist()}
        result = simulate(strategy, sessions=work.sessions, **given)
        profit = result.profit
        turnover = int(result.turnover.sum()) / result.sessions
        return {
            "result": int(profit.sum()) / result.sessions,
            "error": float(profit.std() / np.sqrt(result.sessions)),
            "expected": -(1.0 - float(work.rtp)) * turnover,
            "ruin": float(result.stopped(*RUIN).mean()),
            "goal": float(result.reached_goal.mean()),
            "ahead": float((profit > 0).mean()),
            "median": float(result.quantiles("final", [0.5])[0] - work.bankroll),
            "low": float(result.quantiles("final", [0.05])[0] - work.bankroll),
            "drawdown": float(result.drawdown.mean()),
            "turnover": turnover,
            "useless": profit[:USELESS].tolist(),
        }
    finally:
        if isinstance(strategy, OwnStrategy):
            strategy.close()


def _replayed(work: Work, strategy: Any) -> dict[str, Any]:
    from bot.simulation.sessions import replay

    assert work.crashes is not None
    done = replay(strategy, work.crashes, work.bankroll, work.limits, work.goal, work.missed)
    session, profit = done.session, done.final - work.bankroll
    return {
        "result": float(profit),
        "error": None,
        "expected": -(1.0 - float(work.rtp)) * session.turnover,
        "ruin": float(done.stop in RUIN),
        "goal": float(done.stop == "goal"),
        "ahead": float(profit > 0),
        "median": float(profit),
        "low": float(profit),
        "drawdown": float(session.drawdown),
        "turnover": float(session.turnover),
    }


def best_of_useless(
    samples: NDArray[np.float64], expected: NDArray[np.float64], work: Work
) -> NDArray[np.float64]:
    """What the best of as many looks like when none can win: one entry a trial, minor units.

    ``samples``: a row a point, its results in sessions of drawn rounds, the same for all points. On recorded
    rounds a trial is one session; else the mean of ``work.sessions``, by resampling whole sessions (which
    keeps how the points go together), about what the law makes expect.
    """
    if work.crashes is not None:
        best: NDArray[np.float64] = samples.max(axis=0)
        return best
    count = samples.shape[1]
    generator = np.random.default_rng(work.seed)
    centred = samples - samples.mean(axis=1, keepdims=True)
    weights = generator.multinomial(count, np.full(count, 1.0 / count), size=USELESS) / count
    noise = centred @ weights.T * np.sqrt(count / max(count, work.sessions))
    found: NDArray[np.float64] = (expected[:, None] + noise).max(axis=0)
    return found
