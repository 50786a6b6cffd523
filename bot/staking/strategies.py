"""The strategies by name: thin classes around the step functions of ``bot.staking.steps``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.amounts import floor_share, format_hundredths
from bot.domain.errors import BadInput
from bot.staking import steps
from bot.staking.orders import Order, Settlement, StakingOptions, Strategy

#: Hundredths; no game pays more.
HIGHEST_TARGET = 1_000_000


class FixedStake:
    """The same stake and target each round."""

    name = "fixed_stake"
    default_target = 200

    def __init__(self, options: StakingOptions) -> None:
        target = _target(options, self.default_target)
        self._p = steps.FixedParameters(options.base_stake_minor, target, _cap(options))
        self._s = steps.Nothing(0)

    @property
    def parameters(self) -> Mapping[str, object]:
        return _common(self._p.base_stake_minor, self._p.target, self._p.max_stake_minor)

    @property
    def state(self) -> Mapping[str, int]:
        return {}

    def restore(self, state: Mapping[str, int]) -> None:
        """Nothing to restore."""

    def order(self, balance_minor: int) -> Order:
        wish = steps.fixed_order(self._p, self._s, balance_minor)
        return Order(wish.stake_minor, wish.target, _note(wish.note, self._p.base_stake_minor, balance_minor))

    def settled(self, settlement: Settlement) -> None:
        """The next stake does not depend on it."""

    def observed(self, crash_multiplier: int) -> None:
        """The next stake does not depend on it."""


class Martingale:
    """After a loss stake x/(x - 1) times as much, up to a number of losses in a row; then take the loss."""

    name = "martingale"
    default_target = 200

    def __init__(self, options: StakingOptions) -> None:
        if not 1 <= options.max_steps <= 60:
            raise BadInput(f"martingale's steps must be 1 to 60, not {options.max_steps}")
        target = _target(options, self.default_target)
        self._p = steps.MartingaleParameters(
            options.base_stake_minor, target, options.max_steps, _cap(options)
        )
        self._s = steps.MartingaleState(0, options.base_stake_minor)

    @property
    def parameters(self) -> Mapping[str, object]:
        common = _common(self._p.base_stake_minor, self._p.target, self._p.max_stake_minor)
        return {**common, "max_steps": self._p.max_steps}

    @property
    def state(self) -> Mapping[str, int]:
        return self._s._asdict()

    def restore(self, state: Mapping[str, int]) -> None:
        kept = steps.MartingaleState(state["losses"], state["next_stake_minor"])
        if not (0 <= kept.losses < self._p.max_steps and kept.next_stake_minor > 0):
            raise BadInput(f"not a state of martingale: {dict(state)!r}")
        self._s = kept

    def order(self, balance_minor: int) -> Order:
        wish = steps.martingale_order(self._p, self._s, balance_minor)
        return Order(wish.stake_minor, wish.target, _note(wish.note, self._s.next_stake_minor, balance_minor))

    def settled(self, settlement: Settlement) -> None:
        self._s = steps.martingale_settled(
            self._p, self._s, int(settlement.won), settlement.stake_minor, settlement.payout_minor
        )

    def observed(self, crash_multiplier: int) -> None:
        """Rounds without a bet do not move the sequence."""


class Compound:
    """Stake a share of the balance, so that stakes grow and shrink with it."""

    name = "compound_1.33x"
    default_target = 133

    def __init__(self, options: StakingOptions) -> None:
        share = floor_share(steps.PARTS, options.share) if options.share.is_finite() else 0
        if not 1 <= share <= steps.PARTS:
            raise BadInput(f"compound's share must be 0.0001 to 1 of the balance, not {options.share}")
        target = _target(options, self.default_target)
        self._p = steps.CompoundParameters(options.base_stake_minor, target, share, _cap(options))
        self._s = steps.Nothing(0)

    @property
    def parameters(self) -> Mapping[str, object]:
        common = _common(self._p.base_stake_minor, self._p.target, self._p.max_stake_minor)
        return {**common, "share": _parts(self._p.share)}

    @property
    def state(self) -> Mapping[str, int]:
        return {}

    def restore(self, state: Mapping[str, int]) -> None:
        """Nothing to restore: the balance is all that counts."""

    def order(self, balance_minor: int) -> Order:
        wish = steps.compound_order(self._p, self._s, balance_minor)
        return Order(wish.stake_minor, wish.target, _note(wish.note, self._p.base_stake_minor, balance_minor))

    def settled(self, settlement: Settlement) -> None:
        """The balance says it."""

    def observed(self, crash_multiplier: int) -> None:
        """The next stake does not depend on it."""


class Kelly:
    """Stakes nothing unless a lower confidence bound of the hit rate exceeds 1/target, and says so.

    The bound holds at all times at once (a confidence sequence), so that looking after each round does not
    find an edge that is not there. On a fair or losing game it stakes nothing.
    """

    name = "kelly_criterion"
    default_target = 200

    def __init__(self, options: StakingOptions) -> None:
        part = floor_share(steps.PARTS, options.kelly_part) if options.kelly_part.is_finite() else 0
        if not 1 <= part <= steps.PARTS:
            raise BadInput(f"Kelly's part must be 0.0001 to 1 of the full stake, not {options.kelly_part}")
        confidence = float(options.confidence)
        if not 0.5 <= confidence < 1:
            raise BadInput(f"Kelly's confidence must be 0.5 to less than 1, not {options.confidence}")
        self._confidence = options.confidence
        target = _target(options, self.default_target)
        log_alarm = -math.log(1 - confidence)
        self._p = steps.KellyParameters(options.base_stake_minor, target, part, log_alarm, _cap(options))
        self._s = steps.KellyState(0, 0)

    @property
    def parameters(self) -> Mapping[str, object]:
        common = _common(self._p.base_stake_minor, self._p.target, self._p.max_stake_minor)
        return {**common, "kelly_part": _parts(self._p.part), "confidence": str(self._confidence)}

    @property
    def state(self) -> Mapping[str, int]:
        return self._s._asdict()

    def restore(self, state: Mapping[str, int]) -> None:
        kept = steps.KellyState(state["rounds"], state["hits"])
        if not 0 <= kept.hits <= kept.rounds:
            raise BadInput(f"not a state of kelly_criterion: {dict(state)!r}")
        self._s = kept

    @property
    def hit_rate_bound(self) -> float:
        """Lower confidence bound of the chance that a round reaches the target."""
        prior = 100.0 / self._p.target
        return steps.lower_bound(self._s.rounds, self._s.hits, prior, self._p.log_alarm)

    def order(self, balance_minor: int) -> Order:
        wish = steps.kelly_order(self._p, self._s, balance_minor)
        note = _note(wish.note, self._p.base_stake_minor, balance_minor)
        if wish.note == steps.NO_EDGE:
            target = format_hundredths(self._p.target)
            needed = f"{100 / self._p.target:.3f}"
            note = (
                f"no bet: no edge shown. After {self._s.rounds} rounds the hit rate at {target}x is at least "
                f"{self.hit_rate_bound:.3f} ({self._confidence} sure); it must exceed {needed}"
            )
        return Order(wish.stake_minor, wish.target, note)

    def settled(self, settlement: Settlement) -> None:
        """The round it belongs to is observed on its own."""

    def observed(self, crash_multiplier: int) -> None:
        self._s = steps.kelly_observed(self._p, self._s, crash_multiplier)


@dataclass(frozen=True, slots=True)
class Entry:
    """A strategy that can be chosen: its recorded name, other names it answers to, and what makes it."""

    name: str
    aliases: tuple[str, ...]
    make: Callable[[StakingOptions], Strategy]
    summary: str


ENTRIES: tuple[Entry, ...] = (
    Entry("fixed_stake", ("fixed", "flat"), FixedStake, "the same stake each round"),
    Entry("martingale", (), Martingale, "raise after a loss, capped in steps"),
    Entry("compound_1.33x", ("compound",), Compound, "a share of the balance"),
    Entry("kelly_criterion", ("kelly",), Kelly, "nothing, unless an edge is shown"),
)


def known_names() -> list[str]:
    """All names that ``build`` takes, the recorded ones first."""
    return [entry.name for entry in ENTRIES] + [alias for entry in ENTRIES for alias in entry.aliases]


def build(name: str, options: StakingOptions) -> Strategy:
    """The strategy of this name. Raises ``BadInput`` for an unknown name or a bad option."""
    wanted = name.strip().lower()
    for entry in ENTRIES:
        if wanted == entry.name or wanted in entry.aliases:
            _check_common(options)
            return entry.make(options)
    raise BadInput(f"no such strategy: {name!r} (known: {', '.join(known_names())})")


def _check_common(options: StakingOptions) -> None:
    if options.base_stake_minor <= 0:
        raise BadInput(f"the base stake must be above 0, not {format_hundredths(options.base_stake_minor)}")
    if options.max_stake_minor is not None and options.max_stake_minor < options.base_stake_minor:
        raise BadInput(
            f"the largest stake {format_hundredths(options.max_stake_minor)} is below the base stake "
            f"{format_hundredths(options.base_stake_minor)}"
        )


def _target(options: StakingOptions, default: int) -> int:
    target = default if options.target is None else options.target
    if not 101 <= target <= HIGHEST_TARGET:
        highest = format_hundredths(HIGHEST_TARGET)
        raise BadInput(f"the target must be 1.01 to {highest}, not {format_hundredths(target)}")
    return target


def _cap(options: StakingOptions) -> int:
    return steps.NO_CAP if options.max_stake_minor is None else options.max_stake_minor


def _common(base_stake_minor: int, target: int, max_stake_minor: int) -> dict[str, object]:
    cap = None if max_stake_minor == steps.NO_CAP else format_hundredths(max_stake_minor)
    return {
        "base_stake": format_hundredths(base_stake_minor),
        "target": format_hundredths(target),
        "max_stake": cap,
    }


def _parts(parts: int) -> str:
    """``1000`` → ``"0.1000"``."""
    return f"{parts // steps.PARTS}.{parts % steps.PARTS:04d}"


def _note(note: int, wanted_minor: int, balance_minor: int) -> str:
    wanted = format_hundredths(wanted_minor)
    if note == steps.BALANCE_TOO_LOW:
        return f"no bet: the stake {wanted} is more than the balance {format_hundredths(balance_minor)}"
    if note == steps.STAKE_CAPPED:
        return f"no bet: the stake {wanted} is above the largest allowed"
    if note == steps.BELOW_BASE:
        return f"no bet: the stake would be below the base stake {wanted}"
    return ""
