"""What the guarded book of live play holds, as frozen values: limits, waiting raises, exclusions, time.

All times here are nanoseconds of *observed* time (``bot.limits.machine_time``), from 0 at the book's start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.domain.clock import NS_PER_S
from bot.limits.machine_time import MachineReading
from bot.limits.rules import PERIODS, Limits, PeriodLimits

if TYPE_CHECKING:
    from pydantic import TypeAdapter

HOUR_NS = 3_600 * NS_PER_S
DAY_NS = 24 * HOUR_NS
#: How long a raise waits, and for how long after that it may be confirmed.
WAIT_NS = DAY_NS
CONFIRM_WITHIN_NS = 7 * DAY_NS
MONEY = ("loss", "turnover")
QUANTITIES = (*MONEY, "rounds", "minutes")
#: Every bound that must be set before anything is staked: ``stake``, ``session_loss`` … ``month_minutes``.
BOUND_NAMES = ("stake", *(f"{period}_{quantity}" for period in PERIODS for quantity in QUANTITIES))
_BOOTS_KEPT = 64
_HISTORY_KEPT = 300


def is_money(bound: str) -> bool:
    """Whether a bound is an amount of money in minor units; the others are counts."""
    return bound == "stake" or bound.rpartition("_")[2] in MONEY


class ExclusionKind(StrEnum):
    """Why live play is closed for a time. ``DOUBT``: a copy of the book was damaged."""

    COOL_OFF = "cool-off"
    SELF_EXCLUSION = "self-exclusion"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Pending:
    """A raise that waits: its value (minor units or a count) and when it was asked for."""

    value: int
    asked_ns: int


@dataclass(frozen=True, slots=True)
class AccountBounds:
    """The bounds of one account in force, and the raises that wait. What is not there is zero."""

    bounds: Mapping[str, int] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)

    def limits(self) -> Limits:
        """As the gate takes them. Unset is zero: nothing may be staked."""
        of = self.bounds.get
        periods = [PeriodLimits(*(of(f"{period}_{q}", 0) for q in QUANTITIES)) for period in PERIODS]
        session, day, week, month = periods
        return Limits(session=session, day=day, week=week, month=month, stake_minor=of("stake", 0))

    @property
    def unset(self) -> tuple[str, ...]:
        """The bounds that are zero, so that nothing may be staked."""
        return tuple(name for name in BOUND_NAMES if self.bounds.get(name, 0) <= 0)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """No live play from ``since_ns`` until ``until_ns`` (``None``: for good). ``key`` is its name."""

    key: str
    kind: ExclusionKind
    since_ns: int
    until_ns: int | None
    reason: str = ""

    def holds(self, now_ns: int) -> bool:
        return self.until_ns is None or now_ns < self.until_ns


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided. ``history``: fingerprints of what stood here before, to know an old copy by."""

    accounts: Mapping[str, AccountBounds] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    time_server: str | None = None
    time_server_asked: str | None = None
    time_server_asked_ns: int = 0
    history: tuple[str, ...] = ()

    def mark(self) -> str:
        """The fingerprint of these decisions without their history."""
        text = _adapter(Decisions).dump_json(replace(self, history=()))
        return hashlib.sha256(text).hexdigest()[:24]

    def changed(self, **changes: Any) -> Decisions:
        """These decisions after a change, with the fingerprint of the ones before."""
        history = (*self.history, self.mark())[-_HISTORY_KEPT:]
        return replace(self, history=history, **changes)


@dataclass(frozen=True, slots=True)
class ObservedClock:
    """Time that was observed: it grows only between two looks at one boot, and never falls.

    ``highest``: the furthest reading of each boot, so that none is counted twice.
    """

    observed_ns: int = 0
    boot_id: str = ""
    seen_ns: int = 0
    highest: Mapping[str, int] = field(default_factory=dict)

    def at(self, reading: MachineReading) -> ObservedClock:
        """The clock after a look."""
        since = reading.since_boot_ns
        if reading.boot_id == self.boot_id:
            gain = max(0, since - self.seen_ns)
            return replace(self, observed_ns=self.observed_ns + gain, seen_ns=max(since, self.seen_ns))
        highest = {**self.highest, self.boot_id: self.seen_ns} if self.boot_id else dict(self.highest)
        seen = max(since, highest.pop(reading.boot_id, 0))
        kept = dict(list(highest.items())[-_BOOTS_KEPT:])
        return replace(self, boot_id=reading.boot_id, seen_ns=seen, highest=kept)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """The last live session: who, from when, when it was last seen alive, whether it said that it ended."""

    session_id: str
    started_ns: int
    seen_ns: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment that a time server told: at ``observed_ns`` it was at most ``outside_ns`` (UTC) there."""

    server: str
    outside_ns: int
    observed_ns: int


@dataclass(frozen=True, slots=True)
class LedgerSums:
    """What the reservations in a copy must add up to: rows, stakes, closed rows, money paid. Minor units."""

    rows: int = 0
    stakes_minor: int = 0
    closed: int = 0
    paid_minor: int = 0


@dataclass(frozen=True, slots=True)
class GuardState:
    """A copy's content but for its reservations. ``book_id`` names the book, ``number`` its writes."""

    book_id: str
    number: int = 0
    decisions: Decisions = field(default_factory=Decisions)
    clock: ObservedClock = field(default_factory=ObservedClock)
    live: LiveSession | None = None
    anchor: Anchor | None = None
    sums: LedgerSums = field(default_factory=LedgerSums)

    @property
    def now_ns(self) -> int:
        return self.clock.observed_ns

    def exclusion(self) -> Exclusion | None:
        """What closes live play now: of several the one that ends last."""
        holding = [exclusion for exclusion in self.decisions.exclusions if exclusion.holds(self.now_ns)]
        return max(holding, key=lambda e: (e.until_ns is None, e.until_ns or 0), default=None)

    def to_text(self) -> str:
        text: bytes = _adapter(GuardState).dump_json(self)
        return text.decode()


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # late: most of those who import this room only need its rules

    return TypeAdapter(kind)


def state_of(text: str) -> GuardState:
    """A state from its text. Raises ``ValueError`` when it is none."""
    state: GuardState = _adapter(GuardState).validate_json(text, strict=True)
    return state


def digest_of(text: str) -> str:
    """What stands beside a state, so that a change by accident is noticed."""
    return hashlib.sha256(text.encode()).hexdigest()
