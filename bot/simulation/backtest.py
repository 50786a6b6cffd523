"""A strategy on recorded rounds. Missed rounds are missing: no sequence advances over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.fairness.audit import AuditResult, audit
from bot.fairness.known import UNKNOWN, Known
from bot.fairness.recordings import NO_TIME, Recording
from bot.fairness.timing import LEEWAY_S, PAUSE_S, Timing
from bot.limits import Limits
from bot.simulation.odds import check_start
from bot.simulation.sessions import Replay, replay
from bot.staking import StakingOptions, Strategy, build
from bot.staking.own import OwnStrategy
from bot.staking.strategies import Kelly

#: Before a row: so many rounds were missed (0: none); ``UNKNOWN_HOLE``: some, nobody knows how many.
Holes = NDArray[np.int64]
UNKNOWN_HOLE = -1
#: From this share of steps by one on, the rounds' numbers count every round.
_COUNTING = 0.9
#: A hole of more rounds than this in the numbers is another numbering, not that many missed rounds.
_MOST_MISSED = 100_000
#: Without a known return, what the games' rules say.
_USUAL_RTP = 0.97


def holes_of(recording: Recording, timing: Timing | None) -> Holes:
    """What was missed before each row, by the rounds' numbers, else by their times, else as recorded."""
    holes = np.zeros(len(recording.crashes), np.int64)
    if recording.follows is not None:
        holes[1:][~recording.follows] = UNKNOWN_HOLE
    steps = _number_steps(recording.ids)
    if steps is not None:
        holes[1:][(steps != 1)] = UNKNOWN_HOLE
        counted = (steps > 1) & (steps <= _MOST_MISSED)
        holes[1:][counted] = steps[counted] - 1
    elif timing is not None and recording.times_us is not None:
        hidden = _hidden_by_times(recording.crashes, recording.times_us, timing)
        holes[1:] = np.where(holes[1:] == 0, hidden, holes[1:])
    return holes


def _number_steps(ids: tuple[str, ...] | None) -> Holes | None:
    if ids is None or not all(each.isascii() and each.isdigit() and len(each) < 18 for each in ids):
        return None
    steps: Holes = np.diff(np.array([int(each) for each in ids], np.int64)).astype(np.int64)
    return steps if len(steps) and float((steps == 1).mean()) >= _COUNTING else None


def _hidden_by_times(crashes: NDArray[np.int64], times_us: NDArray[np.int64], timing: Timing) -> Holes:
    """As the audit counts them: gaps in which a whole round more fits; a long pause hides any number."""
    known = (times_us[1:] != NO_TIME) & (times_us[:-1] != NO_TIME)
    gap = np.where(known, np.diff(np.where(times_us == NO_TIME, 0, times_us)) / 1e6, 0.0)
    flights = np.log(crashes / 100.0)
    flight = flights[:-1] if timing.starts else flights[1:]
    beside = gap - timing.efold_s * flight
    hidden = np.zeros(len(gap), np.int64)
    if timing.cycle_s > LEEWAY_S:
        hides = (beside >= 2.0 * timing.cycle_s - LEEWAY_S) & (gap < PAUSE_S)
        rounds = np.floor((beside - timing.cycle_s + LEEWAY_S) / (timing.cycle_s + timing.efold_s)).clip(
            min=1
        )
        hidden[hides] = rounds[hides].astype(np.int64)
    hidden[gap >= PAUSE_S] = UNKNOWN_HOLE
    return hidden


@dataclass(frozen=True, slots=True)
class Rounds:
    """Recorded rounds ready to be played: holes told, soundness judged. ``rtp`` is the one assumed."""

    recording: Recording
    quality: AuditResult
    holes: Holes
    rtp: float
    rtp_from: str

    @property
    def count(self) -> int:
        """Rounds that were recorded."""
        return len(self.recording.crashes)

    @property
    def missed(self) -> int:
        """Missed rounds whose number is known."""
        return int(self.holes[self.holes > 0].sum())

    @property
    def unknown_holes(self) -> int:
        """Holes of which nobody knows how many rounds they hide."""
        return int((self.holes == UNKNOWN_HOLE).sum())

    def played(self) -> tuple[list[int], list[bool]]:
        """Crash points and which were missed: a missed round stands for each, one for an unknown hole."""
        before = np.where(self.holes == UNKNOWN_HOLE, 1, self.holes)
        size = self.count + int(before.sum())
        places = np.arange(self.count) + np.cumsum(before)
        crashes = np.full(size, 100, np.int64)
        missed = np.ones(size, bool)
        crashes[places], missed[places] = self.recording.crashes, False
        return crashes.tolist(), missed.tolist()


def rounds_of(recording: Recording, known: Known = UNKNOWN) -> Rounds:
    """A recording with its holes and its audit (F4)."""
    quality = audit(recording, known)
    rtp = _USUAL_RTP if known.rtp is None else known.rtp
    said = f"assumed, {known.source}" if known.rtp is None else known.source
    return Rounds(recording, quality, holes_of(recording, quality.timing), rtp, said)


@dataclass(frozen=True, slots=True)
class Backtest:
    """A strategy's session on recorded rounds. Money in minor units."""

    strategy: str
    parameters: Mapping[str, object]
    rounds: Rounds
    bankroll: int
    goal: int | None
    replay: Replay

    @property
    def profit(self) -> int:
        """Final balance less bankroll."""
        return self.replay.final - self.bankroll

    @property
    def expected(self) -> float:
        """What the law makes expect of the same stakes: -e times the turnover."""
        return -(1.0 - self.rounds.rtp) * self.replay.session.turnover

    @property
    def played_balances(self) -> list[int]:
        """The balance after each recorded round."""
        return self.replay.balances

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        session = self.replay.session
        won = sum(1 for before, after, stake in self._moves() if stake and after > before - stake)
        return {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "bankroll": format_hundredths(self.bankroll),
            "goal": None if self.goal is None else format_hundredths(self.goal),
            "result": format_hundredths(self.profit),
            "expected_result": format_hundredths(round(self.expected)),
            "final_balance": format_hundredths(self.replay.final),
            "lowest_balance": format_hundredths(session.lowest),
            "highest_balance": format_hundredths(session.highest),
            "drawdown": format_hundredths(session.drawdown),
            "turnover": format_hundredths(session.turnover),
            "bets": session.bets,
            "bets_won": won,
            "longest_losing_run": session.longest_losing_run,
            "end": self.replay.stop or "all_rounds_played",
            "last_bet_round": session.last_bet_round,
            "flag": self.rounds.quality.flag,
        }

    def _moves(self) -> list[tuple[int, int, int]]:
        before = [self.bankroll, *self.replay.balances[:-1]]
        return list(zip(before, self.replay.balances, self.replay.stakes, strict=True))


def backtest(
    strategy: str | Strategy,
    options: StakingOptions | None,
    rounds: Rounds,
    bankroll_minor: int,
    limits: Limits | None = None,
    goal_minor: int | None = None,
) -> Backtest:
    """Play a strategy, by name or as it stands, on recorded rounds. Raises ``BadInput``."""
    played = build(strategy, options or StakingOptions()) if isinstance(strategy, str) else strategy
    try:
        check_start(played, bankroll_minor)
        if isinstance(played, Kelly) and rounds.quality.unsound:
            # An edge that is seen there is the recorder's.
            raise BadInput(f"Kelly refuses these rounds: {(rounds.quality.flag or '').split(';')[0]}")
        crashes, missed = rounds.played()
        done = replay(played, crashes, bankroll_minor, limits, goal_minor, missed)
        return Backtest(played.name, played.parameters, rounds, bankroll_minor, goal_minor, done)
    finally:
        if isinstance(strategy, str) and isinstance(played, OwnStrategy):
            played.close()


def rounds_to_json(rounds: Rounds) -> dict[str, Any]:
    """What was played on, for programs."""
    quality = rounds.quality
    return {
        "source": rounds.recording.name,
        "rounds": rounds.count,
        "missed_rounds": rounds.missed,
        "holes_of_unknown_length": rounds.unknown_holes,
        "refused_lines": len(rounds.recording.refused),
        "verdict": quality.verdict.value,
        "reasons": list(quality.reasons),
        "flag": quality.flag,
        "return_to_player": str(Decimal(str(rounds.rtp))),
        "return_to_player_from": rounds.rtp_from,
    }
