"""The audit of recorded rounds: values, order and times, one at a time, and a verdict over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.domain.amounts import format_hundredths
from bot.fairness.betting import house_edge_sequence
from bot.fairness.findings import ALPHA, Judgement, Part, Verdict, rounds_of
from bot.fairness.known import UNKNOWN, USUAL, Known, known_of
from bot.fairness.neighbours import Neighbours
from bot.fairness.order import Ids, judge_order
from bot.fairness.recordings import NO_TIME, Recording, Refused
from bot.fairness.times import judge_times
from bot.fairness.timing import Timing
from bot.fairness.values import judge_values

#: Error of the interval of the return that stands in the result.
RTP_ALPHA = 0.05
_SHOWN_REFUSED = 20
WARNING = "Every strategy loses on average, on a sound recording too."


@dataclass(frozen=True, slots=True)
class Rtp:
    """R-hat = 1.01 (1 - n_1.00/n) with bounds that hold at every n at once (95 %)."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What became of an audit. ``verdict`` speaks of the rounds as a sample of the law.

    That is: their values; and of their order, whether rounds are missing or depend on one another. Rows
    that are repeated and times that cannot be real stand in the parts and in ``reasons``, and leave the
    verdict alone.
    """

    name: str
    n: int
    verdict: Verdict
    reasons: tuple[str, ...]
    rtp: Rtp
    known: Known
    values: Judgement
    order: Judgement
    times: Judgement
    neighbours: Neighbours
    ids: Ids | None
    timing: Timing | None
    refused: tuple[Refused, ...] = ()
    missed: int | None = None

    @property
    def sound(self) -> bool:
        return self.verdict is Verdict.SOUND

    @property
    def unsound(self) -> bool:
        """Shown to be faulty; "undecided" is not."""
        return self.verdict in (Verdict.INCOMPLETE, Verdict.UNLAWFUL)

    @property
    def rounds_needed(self) -> int | None:
        """How many rounds could have told, when these could not; ``None`` where the return is what lacks."""
        return self.values.needed if self.values.verdict is Verdict.UNDECIDED else None

    @property
    def flag(self) -> str | None:
        """What profit figures from these rounds must carry (F4); ``None`` when they are sound."""
        if self.sound:
            return None
        if self.rounds_needed is not None and not self.unsound:
            return f"unaudited: {rounds_of(self.n)} can't tell ({self.rounds_needed:,} would)"
        if self.verdict is Verdict.UNDECIDED:
            return f"unaudited: {self.reasons[0]}"
        return f"{self.verdict.value} recording: {self.reasons[0]}"

    def to_json(self) -> dict[str, Any]:
        """For programs. Rates are plain numbers."""
        return {
            "source": self.name,
            "n": self.n,
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "rtp": {"estimate": self.rtp.estimate, "low": self.rtp.low, "high": self.rtp.high,
                    "coverage": 1.0 - RTP_ALPHA},
            "flag": self.flag,
            "rounds_needed": self.rounds_needed,
            "assumed_rtp": self.known.rtp,
            "assumed_rtp_from": self.known.source,
            "false_calls_at_most": ALPHA,
            "values": _part_json(self.values),
            "order": {**_part_json(self.order), **_order_json(self.neighbours, self.ids)},
            "times": {**_part_json(self.times), **_times_json(self.timing)},
            "missed_by_record": self.missed,
            "refused_lines": len(self.refused),
            "refused": [{"line": each.line, "text": each.text, "why": each.why}
                        for each in self.refused[:_SHOWN_REFUSED]],
            "warning": WARNING,
        }  # fmt: skip


def _part_json(part: Judgement) -> dict[str, Any]:
    return {
        "verdict": part.verdict.value,
        "reasons": list(part.reasons),
        "tests_failed": [each.test for each in part.findings],
        "rounds_needed": part.needed if part.verdict is Verdict.UNDECIDED else None,
    }


def _order_json(pairs: Neighbours, ids: Ids | None) -> dict[str, Any]:
    return {
        "equal_neighbours": pairs.seen,
        "equal_neighbours_expected": round(pairs.expected, 3),
        "pairs": pairs.pairs,
        "numbers_left_out": ids.missing if ids and ids.numbered else None,
        "identifiers_repeated": ids.repeated if ids else None,
    }


def _times_json(timing: Timing | None) -> dict[str, Any]:
    if timing is None:
        return {}
    return {
        "gaps": timing.gaps,
        "correlation_with_flight": round(timing.correlation, 4),
        "seconds_an_efold": round(timing.efold_s, 4),
        "cycle_s": round(timing.cycle_s, 3),
        "stamps": "start" if timing.starts else "crash",
        "backwards": timing.backwards,
        "same": timing.same,
        "too_soon": timing.soon,
        "early": timing.early,
        "gaps_that_hide_rounds": timing.hiding,
        "rounds_hidden": timing.hidden,
        "pauses": timing.pauses,
    }


def audit(recording: Recording, known: Known = UNKNOWN) -> AuditResult:
    """Judge a recording. ``known``: return and growth, where they are known."""
    crashes = recording.crashes
    values = judge_values(crashes, known.rtp)
    order, pairs, ids = judge_order(crashes, known.rtp, recording.ids, recording.follows)
    times, timing = judge_times(crashes, recording.times_us, recording.follows, known.growth_per_s)
    edge = house_edge_sequence(crashes, RTP_ALPHA, at=[len(crashes)])
    rtp = Rtp(float(edge.estimate[0]), float(edge.low[0]), float(edge.high[0]))
    verdict = _overall(values, order)
    doubt = _unusual(known, rtp) if verdict is Verdict.SOUND else None
    reasons = _reasons(verdict, values, order, times, len(crashes))
    return AuditResult(
        name=recording.name,
        n=len(crashes),
        verdict=verdict if doubt is None else Verdict.UNDECIDED,
        reasons=reasons if doubt is None else (doubt, *reasons[1:]),
        rtp=rtp,
        known=known,
        values=values,
        order=order,
        times=times,
        neighbours=pairs,
        ids=ids,
        timing=timing,
        refused=recording.refused,
        missed=recording.missed,
    )


def _unusual(known: Known, rtp: Rtp) -> str | None:
    """Why lawful values of an unknown return cannot be called sound: no known game has it."""
    if known.rtp is not None or any(rtp.low <= usual <= rtp.high for usual in USUAL):
        return None
    return (
        f"values: the share of 1.00x means a return of {rtp.estimate:.3f} ({rtp.low:.3f} to {rtp.high:.3f}), "
        "which no known game has: it is the house's own, or rounds are missing; say with --rtp which it is"
    )


#: What of the order spoils the rounds as a sample.
_SPOILS = frozenset({"lags", "runs"})


def _overall(values: Judgement, order: Judgement) -> Verdict:
    if order.verdict is Verdict.INCOMPLETE or values.verdict is Verdict.INCOMPLETE:
        return Verdict.INCOMPLETE
    if values.findings or any(each.test in _SPOILS for each in order.findings):
        return Verdict.UNLAWFUL
    return values.verdict


def _reasons(
    verdict: Verdict, values: Judgement, order: Judgement, times: Judgement, n: int
) -> tuple[str, ...]:
    """What decided first, then what else was found, each with the part that it is about."""
    found = [f"{part.part.value}: {each.text}" for part in (values, order, times) for each in part.findings]
    if verdict is Verdict.SOUND:
        return (f"values: {n:,} rounds fit the law; a recorder that misses half of the rounds under "
                "1.05x would have "
                "been noticed", *found)  # fmt: skip
    if verdict is Verdict.UNDECIDED:
        return (f"values: {values.reasons[0]}", *found)
    return tuple(found)


def quality_of(
    crashes: ArrayLike,
    ids: Sequence[str] | None = None,
    times: Sequence[datetime | float | None] | None = None,
    *,
    rtp: float | None = None,
    game: str | None = None,
    follows: ArrayLike | None = None,
    name: str = "rounds",
) -> AuditResult:
    """The audit of crash points that are in memory; ``.flag`` is what figures from them must carry.

    ``crashes``: hundredths, oldest first. ``times``: datetimes or seconds. ``follows[i]``: row i + 1 comes
    directly after row i at the same table. ``rtp`` or ``game``: by which return to judge, if it is known.
    """
    points = np.ascontiguousarray(crashes, dtype=np.int64)
    if points.ndim != 1 or not len(points) or bool((points < 100).any()):
        low = "" if not points.size else f" (the lowest is {format_hundredths(int(points.min()))})"
        raise ValueError(f"crash points are a row of hundredths of at least 100{low}")
    recording = Recording(
        name,
        points,
        None if ids is None else tuple(str(each) for each in ids),
        None if times is None else _microseconds(times),
        None if follows is None else np.asarray(follows, dtype=bool),
    )
    return audit(recording, known_of(game, rtp))


def _microseconds(times: Sequence[datetime | float | None]) -> NDArray[np.int64]:
    return np.array(
        [
            NO_TIME if each is None
            else round((each.timestamp() if isinstance(each, datetime) else float(each)) * 1e6)
            for each in times
        ],
        dtype=np.int64,
    )  # fmt: skip


__all__ = ["ALPHA", "AuditResult", "Part", "Rtp", "audit", "quality_of"]
