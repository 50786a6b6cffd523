"""What a person writes on the command line of the lab, as the simulator takes it. One line for bad input."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bot.domain.amounts import parse_hundredths
from bot.domain.errors import BadInput
from bot.limits import Limits, PeriodLimits
from bot.staking import ParameterInfo, StakingOptions, strategies
from bot.staking.own_loading import own_file
from bot.staking.registry import find

#: Sessions of one simulation: more would not fit into memory.
MOST_SESSIONS = 20_000_000
_MONEY_LIMITS = ("loss", "turnover", "stake", "give_back", "balance_floor")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A strategy with its options; ``label`` is how the person wrote it.

    ``chosen_on``: where a sweep chose it, with that recording's flag.
    """

    name: str
    options: StakingOptions
    label: str
    chosen_on: str | None = None


def money(text: str, option: str) -> int:
    """Minor units of ``10.50``. Raises ``BadInput`` that names the option."""
    try:
        amount = parse_hundredths(text)
    except ValueError:
        amount = -1
    if amount < 0:
        raise BadInput(f"{option} {text}: write an amount like 100.00")
    return amount


def multiplier(text: str, option: str) -> int:
    """Hundredths of ``2.00`` or ``2.00x``. Raises ``BadInput`` below 1.01."""
    try:
        value = parse_hundredths(text.removesuffix("x"))
    except ValueError:
        value = 0
    if value < 101:
        raise BadInput(f"{option} {text}: a target is a multiplier from 1.01, like 2.00")
    return value


def chosen(text: str, base: StakingOptions) -> Chosen:
    """``martingale`` or ``martingale,target=1.5``; a list as ``line=1+2+3``. Raises ``BadInput``."""
    name, *changes = (part.strip() for part in text.split(","))
    if name.endswith(".toml"):
        return _from_file(Path(name).expanduser(), changes, base)
    return _named(text, name, changes, base)


def _from_file(path: Path, changes: list[str], base: StakingOptions) -> Chosen:
    from bot.simulation.choices import read_choice

    name, values, chosen_on = read_choice(path)
    every = [f"{key}={value}" for key, value in values] + changes
    found = _named(",".join((name, *every)), name, every, base)
    return replace(found, label=",".join((path.name, *changes)), chosen_on=chosen_on)


def _named(text: str, name: str, changes: list[str], base: StakingOptions) -> Chosen:
    info = find(name)
    if info is None and own_file(name) is None:
        known = ", ".join(each.name for each in strategies())
        raise BadInput(f"no such strategy: {name!r} (known: {known}, or a file of yours: my_strategy.py)")
    options = base
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals or not value:
            raise BadInput(f"--strategy {text}: write parameters as {name},target=2.00")
        options = _changed(options, _known(name, key.strip()), value.strip())
    shown = own_file(name)
    label = text.strip() if shown is None else ",".join((shown.name, *changes))
    return Chosen(name, options, label)


def _known(name: str, key: str) -> ParameterInfo:
    info = find(name)
    if info is not None:
        found = next((each for each in info.parameters if each.name == key), None)
        if found is None:
            raise BadInput(
                f"{info.name} has no parameter {key!r} (it has: "
                f"{', '.join(each.name for each in info.parameters)})"
            )
        return found
    common = (each for known in strategies() for each in known.parameters)
    shared = ("base_stake", "target", "max_stake")
    return next(
        (each for each in common if each.name == key and key in shared),
        ParameterInfo(key, "own", "own", "", "", ""),
    )


def _changed(options: StakingOptions, info: ParameterInfo, text: str) -> StakingOptions:
    if info.option == "own":
        return replace(options, own=(*options.own, (info.name, _own(text))))
    return replace(options, **{info.option: _value(info, text)})


def _own(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _value(info: ParameterInfo, text: str) -> Any:
    if info.kind == "money":
        return None if text == "none" and info.name == "max_stake" else money(text, info.name)
    if info.kind == "multiplier":
        return multiplier(text, info.name)
    if info.kind == "word":
        return text
    parts = text.replace(" ", "").split("+") if info.kind == "list" else [text]
    try:
        if info.option == "stakes_minor":
            return tuple(money(part, info.name) for part in parts)
        if info.kind == "list":
            return tuple(int(part) for part in parts)
        return int(text) if info.kind == "count" else Decimal(text)
    except (ValueError, InvalidOperation):
        raise BadInput(f"{info.name}={text}: it must be {info.range}") from None


def limits_of(changes: list[str], base: Limits) -> Limits:
    """``session.loss=50.00``, ``day.rounds=100``, ``balance_floor=10.00``, ``none`` lifts one."""
    limits = base
    for change in changes:
        key, equals, text = change.partition("=")
        period, dot, name = key.strip().rpartition(".")
        text = text.strip()
        if not equals or not text or f"{period}{dot}{name}" not in _limit_names():
            raise BadInput(f"--limit {change}: write one of {', '.join(_limit_names())}=amount")
        value = _limit(name, text, change)
        field = f"{name}_minor" if name in _MONEY_LIMITS else name
        changed: dict[str, Any] = {field: value}
        if period:
            changed = {period: replace(getattr(limits, period), **changed)}
        limits = replace(limits, **changed)
    return limits


def _limit_names() -> tuple[str, ...]:
    inner = [each.name.removesuffix("_minor") for each in fields(PeriodLimits)]
    periods = [f"{period}.{name}" for period in ("session", "day") for name in inner]
    return ("stake", "give_back", "balance_floor", *periods)


def _limit(name: str, text: str, change: str) -> int | None:
    if text == "none":
        return None
    if name in _MONEY_LIMITS:
        return money(text, f"--limit {name}")
    if not text.isascii() or not text.isdigit():
        raise BadInput(f"--limit {change}: {name} is a whole number, or none")
    return int(text)


def check_limits(limits: Limits, options: StakingOptions, bankroll_minor: int) -> None:
    """Raises ``BadInput`` for caps under which nothing could ever be staked."""
    from bot.domain.amounts import format_hundredths

    base = min(options.stakes_minor, default=options.base_stake_minor)
    caps = (
        ("stake", limits.stake_minor),
        ("session.loss", limits.session.loss_minor),
        ("day.loss", limits.day.loss_minor),
        ("session.turnover", limits.session.turnover_minor),
        ("day.turnover", limits.day.turnover_minor),
        ("give_back", limits.give_back_minor),
    )
    for name, cap in caps:
        if cap is not None and cap < base:
            raise BadInput(
                f"the limit {name} {format_hundredths(cap)} is below the base stake "
                f"{format_hundredths(base)}: nothing could ever be staked"
            )
    if bankroll_minor < base:
        raise BadInput(
            f"the bankroll {format_hundredths(bankroll_minor)} is below the base stake "
            f"{format_hundredths(base)}"
        )
    floor = limits.balance_floor_minor or 0
    if bankroll_minor - floor < base:
        raise BadInput(
            f"of the bankroll {format_hundredths(bankroll_minor)}, {format_hundredths(floor)} must remain "
            f"(balance_floor): the base stake {format_hundredths(base)} is not there"
        )
