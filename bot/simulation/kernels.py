"""The compiled kernel of a strategy: in lanes where the compiler makes vectors of it, else a plain loop."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numba as untyped_numba
from numba.core.errors import NumbaError

from bot.simulation import compiling
from bot.simulation.bounds import Bounds
from bot.simulation.kernel_text import Shape, lanes_text, plain_text
from bot.staking.own_loading import OwnSteps
from bot.staking.stepped import Stepped, Steps
from bot.staking.steps import MOST_MINOR

numba: Any = untyped_numba

LANES = "lanes"
PLAIN = "plain loop"
_VECTORS = re.compile(r"<\d+ x i64>")
#: A loop in vectors names them hundreds of times; copies of tuples only a few.
_MANY = 50
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Kernel:
    """A compiled kernel. ``how``: ``lanes``, or ``plain loop`` with the reason."""

    run: Callable[..., int]
    how: str


class NotCompilable(Exception):
    """The step functions can't be compiled. The message is one line that says why."""


def kernel_of(strategy: Stepped, bounds: Bounds, lanes: bool = True) -> Kernel:
    """The kernel for a strategy under bounds of this kind; ``lanes=False`` asks for the plain loop.

    Raises ``NotCompilable``.
    """
    with _ONE_AT_A_TIME:
        return _made(strategy, bounds, lanes)


def _made(strategy: Stepped, bounds: Bounds, lanes: bool) -> Kernel:
    shape = _shape(strategy, bounds)
    why = _why_no_lanes(strategy, shape) if lanes else "the order changes its target"
    if why is None:
        run = _compiled(strategy, shape, lanes_text(shape))
        if _in_vectors(run):
            return Kernel(run, LANES)
        why = "the compiler makes no vectors of its steps"
    plain = replace(shape, floor=True, limits=True, cents=True)
    return Kernel(_compiled(strategy, plain, plain_text(plain)), f"{PLAIN}: {why}")


def fields_of(strategy: Stepped) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Parameters and state as the plain tuples that a kernel takes."""
    return _plain_tuple(strategy.step_parameters), _plain_tuple(strategy.step_state)


def _plain_tuple(values: Any) -> tuple[Any, ...]:
    return tuple(tuple(v) if isinstance(v, tuple) else v for v in values)


def _shape(strategy: Stepped, bounds: Bounds) -> Shape:
    functions, p, s = strategy.functions, strategy.step_parameters, strategy.step_state
    first = functions.order(p, s, min(bounds.floor + 1, MOST_MINOR))
    return Shape(
        parameters=len(p),
        state=tuple(_kind(value) for value in s),
        settles=functions.settled is not None,
        observes=functions.observed is not None,
        notes=len(first) > 2,
        floor=bounds.floor > 0 or isinstance(strategy, OwnSteps),
        limits=not bounds.only_floor_and_goal,
        cents=getattr(p, "target", 1) % 100 != 0,
    )


def _kind(value: Any) -> str:
    if isinstance(value, tuple):
        return "tuple"
    return "float64" if isinstance(value, float) else "int64"


def _why_no_lanes(strategy: Stepped, shape: Shape) -> str | None:
    if "tuple" in shape.state:
        return "its state holds a list"
    if shape.observes:
        return "it looks at each crash point"
    if not isinstance(getattr(strategy.step_parameters, "target", None), int):
        return "its parameters name no target"
    return None


def _compiled(strategy: Stepped, shape: Shape, text: str) -> Any:
    """The kernel of a text, compiled (or loaded) for the types of this strategy."""
    functions = strategy.functions
    digest = compiling.digest_of(functions.order, functions.settled, functions.observed)
    p, s = fields_of(strategy)
    types = f"{numba.typeof(p)} {numba.typeof(s)}"
    run = compiling.kernel(text, _names(strategy, functions), f"{digest} {types}")
    if not run.signatures:
        try:
            run.compile(_signature(p, s))
        except NumbaError as error:
            raise NotCompilable(_first_line(error)) from error
    return run


def _names(strategy: Stepped, functions: Steps) -> dict[str, Any]:
    names = compiling.common_names()
    names |= {"Parameters": type(strategy.step_parameters), "State": type(strategy.step_state)}
    for name in ("order", "settled", "observed"):
        function = getattr(functions, name)
        if function is not None:
            names[name] = compiling.jitted(function, strict=isinstance(strategy, OwnSteps))
    return names


def _signature(p: tuple[Any, ...], s: tuple[Any, ...]) -> Any:
    i8 = numba.types.int64
    bounds = numba.types.UniTuple(i8, len(Bounds._fields))
    figures = [numba.types.Array(i8, 1, "C")] * 10
    u8 = numba.types.uint64
    return (numba.typeof(p), numba.typeof(s), i8, bounds, i8, u8, i8, i8, i8, *figures)


def _in_vectors(run: Any) -> bool:
    """Whether the inner loop became vectors: looked up when it was compiled, then kept beside it."""
    if "in_vectors" not in run.__dict__:
        kept = compiling.note_of(run)
        if kept is None:
            code = run.inspect_llvm(run.signatures[0])
            kept = "vectors" if len(_VECTORS.findall(code)) > _MANY else "none"
            compiling.keep_note(run, kept)
        run.__dict__["in_vectors"] = kept == "vectors"
    return bool(run.__dict__["in_vectors"])


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith("Failed in nopython mode")]
    return (useful or lines or [type(error).__name__])[0][:200]
