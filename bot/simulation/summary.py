"""What a million simulated sessions came to, in the few figures that a person reads. Ruin is kept in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.simulation.odds import RUIN
from bot.simulation.results import SimulationResult

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
WARNING = "every strategy loses on average"


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures over all sessions, ruined ones included. Money in minor units.

    ``mean`` is the mean result with its standard error; ``expected`` is what the law gives for the stakes
    that were placed, -e times the turnover. ``label`` tells runs of one strategy apart.
    """

    label: str
    parameters: Mapping[str, object]
    result: SimulationResult
    mean: float
    mean_error: float
    expected: float
    ruin: float
    goal: float
    ahead: float
    final: Mapping[float, int]
    drawdown: Mapping[float, int]
    longest_run: Mapping[float, int]
    turnover: float
    bets: float

    def error(self, share: float) -> float:
        """Standard error of a share of sessions."""
        return math.sqrt(share * (1.0 - share) / self.result.sessions)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        r = self.result
        return {
            "strategy": r.strategy,
            "label": self.label,
            "parameters": dict(self.parameters),
            "sessions": r.sessions,
            "rounds": r.rounds_asked,
            "seed": r.seed,
            "return_to_player": r.rtp,
            "bankroll": format_hundredths(r.bankroll),
            "goal": None if r.goal is None else format_hundredths(r.goal),
            "how": r.how,
            "mean_result": format_hundredths(round(self.mean)),
            "mean_result_standard_error": format_hundredths(round(self.mean_error)),
            "expected_result": format_hundredths(round(self.expected)),
            "chance_of_ruin": self.ruin,
            "chance_of_ruin_standard_error": self.error(self.ruin),
            "chance_of_goal": None if r.goal is None else self.goal,
            "chance_ahead": self.ahead,
            "chance_by_end": {name or "all_rounds_played": share for name, share in r.stop_shares().items()},
            "final_balance": _amounts(self.final),
            "drawdown": _amounts(self.drawdown),
            "longest_losing_run": {f"{level:g}": value for level, value in self.longest_run.items()},
            "mean_turnover": format_hundredths(round(self.turnover)),
            "mean_bets": self.bets,
            "warning": WARNING,
        }


def _amounts(values: Mapping[float, int]) -> dict[str, str]:
    return {f"{level:g}": format_hundredths(value) for level, value in values.items()}


def summarised(result: SimulationResult, parameters: Mapping[str, object], label: str = "") -> Summary:
    """The figures of a simulation."""
    profit = result.profit
    turnover = float(result.turnover.mean())
    quantiles = {
        figure: dict(zip(LEVELS, result.quantiles(figure, LEVELS), strict=True))
        for figure in ("final", "drawdown", "longest_losing_run")
    }
    return Summary(
        label=label or result.strategy,
        parameters=parameters,
        result=result,
        mean=float(profit.mean()),
        mean_error=float(profit.std() / math.sqrt(result.sessions)),
        expected=-(1.0 - float(result.rtp)) * turnover,
        ruin=float(result.stopped(*RUIN).mean()),
        goal=float(result.reached_goal.mean()),
        ahead=float((profit > 0).mean()),
        final=quantiles["final"],
        drawdown=quantiles["drawdown"],
        longest_run=quantiles["longest_losing_run"],
        turnover=turnover,
        bets=float(result.bets.mean()),
    )
