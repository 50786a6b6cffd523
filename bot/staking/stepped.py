"""A strategy made of step functions: what the thin classes of ``bot.staking.strategies`` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from bot.domain.amounts import floor_share, format_hundredths
from bot.domain.errors import BadInput
from bot.staking import steps
from bot.staking.orders import Order, Settlement, StakingOptions, Wish

#: Hundredths; no game pays more.
HIGHEST_TARGET = 1_000_000


@dataclass(frozen=True, slots=True)
class Steps:
    """The pure functions of a strategy. ``None``: this one never changes the state."""

    order: Callable[[Any, Any, int], Wish]
    settled: Callable[[Any, Any, int, int, int], Any] | None = None
    observed: Callable[[Any, Any, int], Any] | None = None


class Stepped:
    """Names, defaults and words around ``functions``. Parameters and state are plain named tuples."""

    name: ClassVar[str]
    default_target: ClassVar[int] = 200
    functions: ClassVar[Steps]

    def __init__(self, options: StakingOptions) -> None:
        self.step_parameters: Any = self._parameters(options)
        self.step_state: Any = self._start()

    # -- what a strategy says of itself -----------------------------------------------------------------

    def _parameters(self, options: StakingOptions) -> Any:
        """The named tuple of the step functions. Raises ``BadInput`` for a bad option."""
        raise NotImplementedError

    def _start(self) -> Any:
        return steps.Nothing(0)

    def _possible(self, state: Any) -> bool:
        """Whether this can be a state of it."""
        return True

    def _stake_possible(self, state: Any) -> bool:
        """Whether the state's next stake is above 0 and not above the cap."""
        return bool(0 < state.next_stake_minor <= self.step_parameters.max_stake_minor)

    def _shown(self) -> Mapping[str, object]:
        """Parameters beyond the common ones, for JSON."""
        return {}

    def _wanted(self) -> int:
        """The stake that a note of no bet speaks of, minor units."""
        return int(self.step_parameters.base_stake_minor)

    # -- the protocol -----------------------------------------------------------------------------------

    @property
    def parameters(self) -> Mapping[str, object]:
        p = self.step_parameters
        cap = None if p.max_stake_minor == steps.NO_CAP else format_hundredths(p.max_stake_minor)
        base = getattr(p, "base_stake_minor", None)
        first = {} if base is None else {"base_stake": format_hundredths(base)}
        return {**first, "target": format_hundredths(p.target), "max_stake": cap, **self._shown()}

    @property
    def state(self) -> Mapping[str, int]:
        flat: dict[str, int] = {}
        if isinstance(self.step_state, steps.Nothing):
            return flat
        for name, value in self.step_state._asdict().items():
            if isinstance(value, tuple):
                flat |= {f"{name}_{n}": entry for n, entry in enumerate(value)}
            else:
                flat[name] = value
        return flat

    def restore(self, state: Mapping[str, int]) -> None:
        """Continue from a kept state. Raises ``BadInput`` when it is none of this strategy."""
        values: list[Any] = []
        try:
            for name, value in self.step_state._asdict().items():
                if isinstance(self.step_state, steps.Nothing):
                    values.append(0)
                elif isinstance(value, tuple):
                    values.append(tuple(int(state[f"{name}_{n}"]) for n in range(len(value))))
                else:
                    values.append(int(state[name]))
            kept = type(self.step_state)(*values)
        except (KeyError, TypeError, ValueError):
            kept = None
        if kept is None or not self._possible(kept):
            raise BadInput(f"not a state of {self.name}: {dict(state)!r}")
        self.step_state = kept

    def order(self, balance_minor: int) -> Order:
        target = int(self.step_parameters.target)
        if balance_minor > steps.MOST_MINOR:
            return Order(0, target, "no bet: the balance is larger than can be reckoned with")
        wish = self.functions.order(self.step_parameters, self.step_state, balance_minor)
        return Order(wish.stake_minor, wish.target, self._note(wish.note, balance_minor))

    def settled(self, settlement: Settlement) -> None:
        """A bet of this strategy ended, won or lost."""
        if self.functions.settled is not None:
            self.step_state = self.functions.settled(
                self.step_parameters,
                self.step_state,
                int(settlement.won),
                settlement.stake_minor,
                settlement.payout_minor,
            )

    def observed(self, crash_multiplier: int) -> None:
        """A round ended at this crash point, bet on or not."""
        if self.functions.observed is not None:
            self.step_state = self.functions.observed(self.step_parameters, self.step_state, crash_multiplier)

    def _note(self, note: int, balance_minor: int) -> str:
        wanted = format_hundredths(self._wanted())
        if note == steps.BALANCE_TOO_LOW:
            return f"no bet: the stake {wanted} is more than the balance {format_hundredths(balance_minor)}"
        if note == steps.STAKE_CAPPED:
            return f"no bet: the stake {wanted} is above the largest allowed"
        if note == steps.BELOW_BASE:
            return f"no bet: the stake would be below the base stake {wanted}"
        return ""


# -- reading options ------------------------------------------------------------------------------------


def target_of(options: StakingOptions, default: int) -> int:
    """The target in hundredths. Raises ``BadInput`` when no game pays it."""
    target = default if options.target is None else options.target
    if not 101 <= target <= HIGHEST_TARGET:
        highest = format_hundredths(HIGHEST_TARGET)
        raise BadInput(f"the target must be 1.01 to {highest}, not {format_hundredths(target)}")
    return target


def cap_of(options: StakingOptions) -> int:
    """The largest stake in minor units, or ``NO_CAP``."""
    return steps.NO_CAP if options.max_stake_minor is None else options.max_stake_minor


def parts_of(share: Decimal, what: str) -> int:
    """A share in hundredths of a per cent. Raises ``BadInput`` when it is not within 0.0001 to 1."""
    parts = floor_share(steps.PARTS, share) if share.is_finite() else 0
    if not 1 <= parts <= steps.PARTS:
        raise BadInput(f"{what}, not {share}")
    return parts


def count_of(value: int, least: int, most: int, what: str) -> int:
    """A whole number within its range. Raises ``BadInput`` that says ``what`` it is."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(f"{what} must be {least} to {most}, not {value}")
    return value


def inverse_gain(target: int) -> float:
    """1 / (target - 100): steps multiply by it."""
    return 1.0 / (target - 100)


def shown_parts(parts: int) -> str:
    """``1000`` → ``"0.1000"``."""
    return f"{parts // steps.PARTS}.{parts % steps.PARTS:04d}"


def check_common(options: StakingOptions) -> None:
    """Base stake and cap. Raises ``BadInput``."""
    base, cap = options.base_stake_minor, options.max_stake_minor
    if base <= 0:
        raise BadInput(f"the base stake must be above 0, not {format_hundredths(base)}")
    if base > steps.MOST_MINOR:
        raise BadInput(f"the base stake {format_hundredths(base)} is larger than can be reckoned with")
    if cap is not None and cap < base:
        raise BadInput(
            f"the largest stake {format_hundredths(cap)} is below the base stake {format_hundredths(base)}"
        )
