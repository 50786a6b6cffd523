"""All strategies by name, with what a person may set of each: ``build``, ``known_names``, ``strategies``."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.staking.orders import StakingOptions, Strategy
from bot.staking.own import OwnStrategy
from bot.staking.own_loading import own_file
from bot.staking.progressions import LINE, LONGEST_SEQUENCE
from bot.staking.stepped import Stepped, check_common
from bot.staking.strategies import (
    Compound,
    Dalembert,
    Fibonacci,
    FixedStake,
    Kelly,
    Labouchere,
    Martingale,
    OscarsGrind,
    Paroli,
    Sequence,
)


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """One thing that a person may set: its name in the settings, its meaning, range and default.

    ``option`` is its field of ``StakingOptions``. ``kind`` is ``money``, ``multiplier``, ``count``,
    ``share``, ``list`` or ``word``; texts are as a person writes them.
    """

    name: str
    option: str
    kind: str
    meaning: str
    range: str
    default: str


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """A strategy that can be chosen: its recorded name, other names it answers to, and what it does."""

    name: str
    aliases: tuple[str, ...]
    make: type[Stepped]
    summary: str
    parameters: tuple[ParameterInfo, ...]

    @property
    def text(self) -> str:
        """What it does, in full."""
        return " ".join((self.make.__doc__ or "").split())


_BASE = ParameterInfo("base_stake", "base_stake_minor", "money", "the first stake", "0.01 and up", "1.00")
_CAP = ParameterInfo(
    "max_stake", "max_stake_minor", "money", "no stake is larger", "base stake and up, or none", "none"
)
_STEPS = ParameterInfo(
    "max_steps", "max_steps", "count", "losses in a row after which it starts again", "1 to 60", "7"
)


def _target(default: str) -> ParameterInfo:
    meaning = "the multiplier at which it cashes out"
    return ParameterInfo("target", "target", "multiplier", meaning, "1.01 to 10000.00", default)


def _info(
    make: type[Stepped], aliases: tuple[str, ...], summary: str, *more: ParameterInfo, base: bool = True
) -> StrategyInfo:
    default = f"{make.default_target // 100}.{make.default_target % 100:02d}"
    common = (_BASE,) if base else ()
    return StrategyInfo(make.name, aliases, make, summary, (*common, _target(default), _CAP, *more))


_STRATEGIES: tuple[StrategyInfo, ...] = (
    _info(FixedStake, ("fixed", "flat"), "the same stake each round"),
    _info(Martingale, (), "raise after a loss, capped in steps", _STEPS),
    _info(
        Compound,
        ("compound",),
        "a share of the balance",
        ParameterInfo("share", "share", "share", "part of the balance that is staked", "0.0001 to 1", "0.10"),
    ),
    _info(
        Kelly,
        ("kelly",),
        "nothing, unless an edge is shown",
        ParameterInfo(
            "kelly_part", "kelly_part", "share", "part of the full Kelly stake", "0.0001 to 1", "0.5"
        ),
        ParameterInfo(
            "confidence",
            "confidence",
            "share",
            "how sure the lower bound of the hit rate must be",
            "0.5 to below 1",
            "0.999",
        ),
    ),
    _info(
        Paroli,
        (),
        "double after a win, capped in wins",
        ParameterInfo("wins", "wins", "count", "wins in a row after which it starts again", "1 to 40", "3"),
    ),
    _info(Dalembert, ("d_alembert", "d'alembert"), "one unit up after a loss, one down after a win"),
    _info(Fibonacci, (), "one place up after a loss, two down after a win", _STEPS),
    _info(
        Labouchere,
        ("labouchère",),
        "first plus last of a line that shrinks on wins and grows on losses",
        ParameterInfo(
            "line",
            "line",
            "list",
            "the first line, in base stakes",
            f"1 to {LINE} whole numbers",
            "1, 2, 3, 4",
        ),
    ),
    _info(OscarsGrind, ("oscar", "oscar's_grind"), "one unit of profit a cycle, raise after a win"),
    _info(
        Sequence,
        (),
        "a list of stakes of your own",
        ParameterInfo(
            "stakes", "stakes_minor", "list", "the stakes, in order", f"1 to {LONGEST_SEQUENCE} amounts", ""
        ),
        ParameterInfo(
            "advance_on",
            "advance_on",
            "word",
            "after what it goes on; any other outcome starts it again",
            "loss, win or round",
            "loss",
        ),
        base=False,
    ),
)


def strategies() -> tuple[StrategyInfo, ...]:
    """All strategies that ship, with their parameters."""
    return _STRATEGIES


def known_names() -> list[str]:
    """All names that ``build`` takes, the recorded ones first."""
    return [info.name for info in _STRATEGIES] + [alias for info in _STRATEGIES for alias in info.aliases]


def is_known(name: str) -> bool:
    """Whether ``build`` takes this name: one that ships, or the form of a user's file."""
    return find(name) is not None or own_file(name) is not None


def find(name: str) -> StrategyInfo | None:
    """The strategy of this name or alias."""
    wanted = name.strip().lower()
    return next((info for info in _STRATEGIES if wanted == info.name or wanted in info.aliases), None)


def build(name: str, options: StakingOptions) -> Strategy:
    """The strategy of this name, or of a user's file (``my.py`` or ``my.py:Name``).

    Raises ``BadInput`` for an unknown name, a bad option, or a file that is no strategy.
    """
    info = find(name)
    file = own_file(name) if info is None else None
    if info is None and file is None:
        known = ", ".join(known_names())
        raise BadInput(f"no such strategy: {name!r} (known: {known}, or a file of yours: my_strategy.py)")
    check_common(options)
    if file is not None:
        return OwnStrategy(file, options)
    assert info is not None
    return info.make(options)
