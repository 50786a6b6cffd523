"""Limits as a person sets them, the facts a decision needs, and what a denial says."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from bot.domain.errors import BadInput

PERIODS = ("session", "day", "week", "month")
#: What a period is called inside a sentence.
PERIOD_WORDS = {
    "session": "in this session",
    "day": "in 24 hours",
    "week": "in 7 days",
    "month": "in 30 days",
}


@dataclass(frozen=True, slots=True)
class PeriodLimits:
    """Bounds of one account for one session, or for any day, week or month. ``None`` sets no bound.

    ``loss_minor``: net loss with all open bets lost. ``turnover_minor``: sum of all stakes. ``rounds``:
    rounds with a stake. ``minutes``: time that sessions of the mode ran, whatever the account.
    """

    loss_minor: int | None = None
    turnover_minor: int | None = None
    rounds: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What no strategy may exceed on one account, in its currency. ``None`` sets no bound, but staleness.

    ``stake_minor``: largest single stake. ``give_back_minor``: how far the session may fall below its best
    result (which is 0 at its start) with all open bets lost. ``balance_floor_minor``: what must remain of the
    balance with all open bets lost. ``reading_age_ms``: how old the reading behind a bet may be.
    ``day``, ``week``, ``month``: any 24 hours, 7 days, 30 days.
    """

    session: PeriodLimits = field(default_factory=PeriodLimits)
    day: PeriodLimits = field(default_factory=PeriodLimits)
    stake_minor: int | None = None
    give_back_minor: int | None = None
    balance_floor_minor: int | None = 0
    reading_age_ms: int = 1_000
    week: PeriodLimits = field(default_factory=PeriodLimits)
    month: PeriodLimits = field(default_factory=PeriodLimits)

    @property
    def periods(self) -> tuple[tuple[str, PeriodLimits], ...]:
        """The four periods by name, the shortest first."""
        return tuple(zip(PERIODS, (self.session, self.day, self.week, self.month), strict=True))

    def __post_init__(self) -> None:
        parts: list[tuple[str, Limits | PeriodLimits]] = [("", self)]
        parts += [(f"{name}.", period) for name, period in self.periods]
        for owner, part in parts:
            for item in fields(part):
                value = getattr(part, item.name)
                if isinstance(value, PeriodLimits) or value is None:
                    continue
                if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                    raise BadInput(
                        f"the limit {owner}{item.name} must be a whole number from 0, not {value!r}"
                    )


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What is known when a bet asks. ``None`` is unknown, and unknown denies."""

    balance_minor: int | None
    balance_reconciled: bool
    reading_age_ms: float | None


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a bet may not be placed: which limit, in words, and its figure and bound where it has them."""

    limit_name: str
    reason: str
    figure: int | None = None
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Where a period stands, with all open bets lost. Money in minor units."""

    loss_minor: int
    turnover_minor: int
    rounds: int
    seconds: int
