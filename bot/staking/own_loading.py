"""A user's own strategy from a file: found, loaded, checked. This executes the file, so it runs in a child.

``my_strategy.py`` or ``my_strategy.py:Name`` names it. Two forms are known:

- a class with ``order(balance_minor)`` → (stake in minor units, target in hundredths), and if it likes
  ``settled(settlement)`` and ``observed(crash_multiplier)``; made with the ``StakingOptions`` when its
  ``__init__`` takes an argument;
- pure step functions, which are compiled for the simulator: ``order(p, s, balance_minor)`` → (stake, target),
  and if it likes ``settled(p, s, won, stake_minor, payout_minor)`` → state and ``observed(p, s,
  crash_multiplier)`` → state, beside the named tuples ``Parameters`` and ``State``, whose defaults are the
  start. ``Parameters`` takes what it names from the options (``base_stake_minor``, ``target``…) and from
  ``own`` values.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.domain.errors import BadInput
from bot.staking.orders import Order, Settlement, StakingOptions, Strategy
from bot.staking.stepped import HIGHEST_TARGET, Stepped, Steps, cap_of
from bot.staking.steps import MOST_MINOR

_OPTIONAL = ("settled", "observed")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A strategy in a file of the user's: the file, and which of its classes (``None``: its only one)."""

    path: Path
    wanted: str | None

    @property
    def name(self) -> str:
        """As it is recorded: without folders."""
        return self.path.name if self.wanted is None else f"{self.path.name}:{self.wanted}"


def own_file(text: str) -> OwnFile | None:
    """What ``my.py`` or ``my.py:Name`` names; ``None`` for other texts."""
    head, colon, name = text.strip().rpartition(":")
    if colon and head.endswith(".py") and name.isidentifier():
        return OwnFile(Path(head).expanduser(), name)
    stripped = text.strip()
    return OwnFile(Path(stripped).expanduser(), None) if stripped.endswith(".py") else None


def maker(file: OwnFile, options: StakingOptions) -> Callable[[], Strategy]:
    """Executes a file in this process, once, and gives what makes a fresh strategy of it.

    Both raise ``BadInput``: one line.
    """
    module = _executed(file)
    if file.wanted is None and callable(getattr(module, "order", None)):
        return lambda: _of_steps(file, module, options)
    made = _class_of(file, module)

    def fresh() -> Strategy:
        with _Watched(file, f"{made.__name__}()"):
            takes_options = bool(inspect.signature(made).parameters)
            return OwnClass(file, made(options) if takes_options else made())

    return fresh


def _executed(file: OwnFile) -> ModuleType:
    if not file.path.is_file():
        raise BadInput(f"there is no strategy file {file.path}")
    path = file.path.resolve()
    name = f"own_strategy_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    with _Watched(file, "loading it"):
        spec.loader.exec_module(module)
    return module


def _class_of(file: OwnFile, module: ModuleType) -> type:
    classes = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "order")
    }
    if file.wanted is not None:
        chosen = getattr(module, file.wanted, None)
        if not isinstance(chosen, type) or not callable(getattr(chosen, "order", None)):
            have = ", ".join(classes) or "none"
            raise BadInput(f"{file.name}: no class of this name with an order method (it has: {have})")
        return chosen
    if len(classes) != 1:
        say = (
            f"name one of {', '.join(classes)} after a colon" if classes else "it needs a class with order()"
        )
        raise BadInput(f"{file.name}: {say}")
    return next(iter(classes.values()))


class _Watched:
    """Turns what a user's code raises into one line with its place."""

    def __init__(self, file: OwnFile, what: str) -> None:
        self._file, self._what = file, what

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, (BadInput, KeyboardInterrupt)):
            return
        path = str(self._file.path.resolve())
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        line = frames[-1].lineno if frames else getattr(error, "lineno", None)
        place = f" (line {line})" if line else ""
        words = " ".join(str(error).split())[:200]
        raise BadInput(
            f"{self._file.name}: {self._what} raised {type(error).__name__}: {words}{place}"
        ) from error


def checked_order(file: OwnFile, answer: object) -> Order:
    """A user's answer as an order. Raises ``BadInput`` for all that is no whole stake and target."""
    if not isinstance(answer, (tuple, list)) or not 2 <= len(answer) <= 3:
        raise BadInput(f"{file.name}: order must return (stake, target), not {_short(answer)}")
    stake, target = answer[0], answer[1]
    if not _is_whole(stake) or stake < 0:
        raise BadInput(
            f"{file.name}: order returned the stake {_short(stake)}: it must be a whole number of minor "
            "units from 0 (150 is 1.50)"
        )
    if not _is_whole(target) or not 101 <= target <= HIGHEST_TARGET:
        raise BadInput(
            f"{file.name}: order returned the target {_short(target)}: it must be whole hundredths, 101 to "
            f"{HIGHEST_TARGET} (200 is 2.00x)"
        )
    said = answer[2] if len(answer) > 2 and isinstance(answer[2], str) else ""
    return Order(int(stake), int(target), said)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(value: object) -> str:
    return repr(value)[:60]


class OwnClass:
    """A user's object in the form of :class:`bot.staking.orders.Strategy`, with its answers checked."""

    def __init__(self, file: OwnFile, thing: Any) -> None:
        self._file, self._thing = file, thing
        self.name = file.name

    @property
    def parameters(self) -> Mapping[str, object]:
        return {"file": self._file.name}

    @property
    def state(self) -> Mapping[str, int]:
        return {}

    def restore(self, state: Mapping[str, int]) -> None:
        """Nothing of it can be restored: it is told again what happened."""

    def order(self, balance_minor: int) -> Order:
        if balance_minor > MOST_MINOR:
            return Order(0, 101, "no bet: the balance is larger than can be reckoned with")
        with _Watched(self._file, "order"):
            answer = self._thing.order(balance_minor)
        return checked_order(self._file, answer)

    def settled(self, settlement: Settlement) -> None:
        self._tell("settled", settlement)

    def observed(self, crash_multiplier: int) -> None:
        self._tell("observed", crash_multiplier)

    def _tell(self, method: str, value: object) -> None:
        told = getattr(self._thing, method, None)
        if told is not None:
            with _Watched(self._file, method):
                told(value)


class OwnSteps(Stepped):
    """A user's step functions."""

    def __init__(self, file: OwnFile, functions: Steps, parameters: Any, state: Any) -> None:
        self._file = file
        self.name = file.name  # type: ignore[misc]
        self.functions = functions  # type: ignore[misc]
        self.step_parameters, self.step_state = parameters, state

    @property
    def parameters(self) -> Mapping[str, object]:
        return {"file": self._file.name, **self.step_parameters._asdict()}

    def order(self, balance_minor: int) -> Order:
        if balance_minor > MOST_MINOR:
            return Order(0, 101, "no bet: the balance is larger than can be reckoned with")
        with _Watched(self._file, "order"):
            answer = self.functions.order(self.step_parameters, self.step_state, balance_minor)
        order = checked_order(self._file, answer)
        return (
            order if order.stake_minor or order.note else order._replace(note="the strategy stakes nothing")
        )

    def settled(self, settlement: Settlement) -> None:
        with _Watched(self._file, "settled"):
            super().settled(settlement)
        self._check_state("settled")

    def observed(self, crash_multiplier: int) -> None:
        with _Watched(self._file, "observed"):
            super().observed(crash_multiplier)
        self._check_state("observed")

    def _check_state(self, method: str) -> None:
        if not (isinstance(self.step_state, tuple) and hasattr(self.step_state, "_fields")):
            raise BadInput(f"{self._file.name}: {method} must return a State, not {_short(self.step_state)}")


def _of_steps(file: OwnFile, module: ModuleType, options: StakingOptions) -> OwnSteps:
    parameters = _named_tuple(file, module, "Parameters")
    state = _named_tuple(file, module, "State")
    functions: dict[str, Callable[..., Any] | None] = {}
    for name, count in (("order", 3), ("settled", 5), ("observed", 3)):
        function = getattr(module, name, None)
        if function is not None and len(inspect.signature(function).parameters) != count:
            raise BadInput(f"{file.name}: the step function {name} must take {count} arguments")
        functions[name] = function
    chosen = _chosen(file, parameters, options)
    with _Watched(file, "making its Parameters and State"):
        p, s = parameters(**chosen), state()
    steps = Steps(functions["order"], functions["settled"], functions["observed"])  # type: ignore[arg-type]
    return OwnSteps(file, steps, p, s)


def _named_tuple(file: OwnFile, module: ModuleType, name: str) -> Any:
    made = getattr(module, name, None)
    if not (isinstance(made, type) and issubclass(made, tuple) and hasattr(made, "_fields")):
        raise BadInput(f"{file.name}: step functions need a NamedTuple called {name} beside them")
    return made


def _chosen(file: OwnFile, parameters: Any, options: StakingOptions) -> dict[str, Any]:
    """The parameters that options and ``own`` values name; the rest keeps its default."""
    chosen: dict[str, Any] = {}
    own = dict(options.own)
    if unknown := set(own) - set(parameters._fields):
        known = ", ".join(parameters._fields)
        raise BadInput(f"{file.name}: no parameter {', '.join(sorted(unknown))} (it has: {known})")
    for name in parameters._fields:
        if name in own:
            chosen[name] = own[name]
        elif name == "max_stake_minor":
            chosen[name] = cap_of(options)
        elif name in ("base_stake_minor", "max_steps", "wins"):
            chosen[name] = getattr(options, name)
        elif name == "target" and (options.target is not None or name not in parameters._field_defaults):
            chosen[name] = options.target or 200
        elif name not in parameters._field_defaults:
            raise BadInput(f"{file.name}: the parameter {name} has no default: give it a value")
    return chosen
