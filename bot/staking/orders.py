"""What strategies take and give: options, orders, settlements, and the protocol that all of them follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class StakingOptions:
    """What a person may set. Money in minor units, targets in hundredths; ``None``: the strategy's own.

    ``base_stake_minor``: first stake; the least that compound and Kelly stake at all.
    ``max_stake_minor``: no strategy asks for more. ``max_steps``: losses in a row after which martingale and
    Fibonacci start again. ``share``: part of the balance that compound stakes, 0 < share <= 1.
    ``kelly_part``: part of the full Kelly stake, 0 < part <= 1. ``confidence``: of Kelly's lower bound,
    0.5 <= confidence < 1. ``wins``: wins in a row after which Paroli starts again. ``line``: Labouchère's
    first line, in base stakes. ``stakes_minor``: the stakes of a sequence; ``advance_on``: after what it goes
    on to its next stake (``loss``, ``win`` or ``round``; any other outcome goes back to its first).
    ``own``: names and values for the parameters of a user's strategy from a file.
    """

    base_stake_minor: int = 100
    target: int | None = None
    max_stake_minor: int | None = None
    max_steps: int = 7
    share: Decimal = Decimal("0.10")
    kelly_part: Decimal = Decimal("0.5")
    confidence: Decimal = Decimal("0.999")
    wins: int = 3
    line: tuple[int, ...] = (1, 2, 3, 4)
    stakes_minor: tuple[int, ...] = ()
    advance_on: str = "loss"
    own: tuple[tuple[str, int | float | str], ...] = ()


class Wish(NamedTuple):
    """A step function's answer: stake (minor units, 0: no bet), target (hundredths), and a note's number."""

    stake_minor: int
    target: int
    note: int


class Order(NamedTuple):
    """Next stake and target. A stake of 0 is no bet; ``note`` then says why."""

    stake_minor: int
    target: int
    note: str = ""


class Settlement(NamedTuple):
    """How a bet ended. There is none for an unknown bet: no sequence advances on it."""

    won: bool
    stake_minor: int
    payout_minor: int


class Strategy(Protocol):
    """Rounds and settlements in, next stake and target out."""

    @property
    def name(self) -> str:
        """The name under which it is recorded."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """What it was built with, ready for JSON: decimals as strings."""
        ...

    @property
    def state(self) -> Mapping[str, int]:
        """Where it stands, ready to be kept and given to ``restore``."""
        ...

    def restore(self, state: Mapping[str, int]) -> None:
        """Continue from a kept state."""
        ...

    def order(self, balance_minor: int) -> Order:
        """The next order for this balance. Changes nothing: asking twice gives the same answer."""
        ...

    def settled(self, settlement: Settlement) -> None:
        """A bet of this strategy ended, won or lost."""
        ...

    def observed(self, crash_multiplier: int) -> None:
        """A round ended at this crash point, bet on or not."""
        ...
