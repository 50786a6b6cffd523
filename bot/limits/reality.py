"""The reality check: at intervals, how long, with what result, and what was to be expected."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.errors import BadInput

USUAL_MINUTES = 15
MOST_MINUTES = 30
#: Where a person finds help: by name, since addresses change.
HELP = (
    "If play has stopped being play: Gambling Therapy and Gamblers Anonymous help for free and without a "
    "name, GamCare and BeGambleAware in Great Britain, the National Council on Problem Gambling in the USA. "
    "`crashbot self-exclude 30d` closes live play."
)


class RealityCheck:
    """Says when a look at the facts is due, and what they are. The first is due one interval after the start.

    ``minutes`` may be shorter than usual, and at most 30. Raises ``BadInput`` for anything else.
    """

    def __init__(self, clock: Clock, currency: str, minutes: int = USUAL_MINUTES) -> None:
        if not 1 <= minutes <= MOST_MINUTES:
            raise BadInput(f"a reality check comes every 1 to {MOST_MINUTES} minutes, not every {minutes}")
        self._clock, self._currency, self._every_s = clock, currency, minutes * 60
        self._started = clock.now()
        self._told = 0

    def due(self, result_minor: int, turnover_minor: int, rtp: Decimal) -> str | None:
        """The words to show, once each interval, else ``None``. Money in minor units, ``rtp`` as in 0.97."""
        intervals = int(self._passed_s() // self._every_s)
        if intervals <= self._told:
            return None
        self._told = intervals
        return self.words(result_minor, turnover_minor, rtp)

    def words(self, result_minor: int, turnover_minor: int, rtp: Decimal) -> str:
        """The facts now."""
        expected = (Decimal(turnover_minor) * (1 - rtp)).to_integral_value(rounding=ROUND_HALF_EVEN)
        sign = "+" if result_minor > 0 else ""
        return (
            f"Reality check: {self._passed_s() // 60:.0f} minutes, result {sign}"
            f"{format_hundredths(result_minor)} {self._currency} on stakes of "
            f"{format_hundredths(turnover_minor)}; on average such stakes lose "
            f"{format_hundredths(int(expected))}. {HELP}"
        )

    def _passed_s(self) -> float:
        """By the clock that went further: after a sleep of the machine the check is due at once."""
        now = self._clock.now()
        passed = max(now.mono_ns - self._started.mono_ns, now.utc_ns - self._started.utc_ns)
        return passed / NS_PER_S
