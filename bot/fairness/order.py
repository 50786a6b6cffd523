"""Are rounds independent of one another, are all there, and each once? Judged without their times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bot.fairness.findings import WITH_RTP, Finding, Judgement, Part, Verdict, deviations, rounds_of, worst
from bot.fairness.looks import looks_up_to, shares
from bot.fairness.neighbours import Neighbours, equal_neighbours

Crashes = NDArray[np.int64]
LAGS = 10
#: Above and below this, for the runs (hundredths).
SPLIT = 200
#: Of the numbers that the house gives its rounds so many must count by one, for gaps to be counted by them.
COUNTING = 0.9
#: So many numbers left out at once are missed rounds, more are a pause of the recorder.
SHORT_GAP = 5
#: A share of missed rounds that could hide or make up most of a house edge of 3 %.
MISSED = 0.02
_LEAST = 100


@dataclass(frozen=True, slots=True)
class Ids:
    """What the identifiers tell: ``numbered`` when nearly all count by one; then how many are missing, in
    short gaps and in ``pauses``."""

    numbered: bool
    missing: int
    pauses: int
    repeated: int


def judge_order(
    crashes: Crashes, rtp: float | None, ids: tuple[str, ...] | None, follows: NDArray[np.bool_] | None
) -> tuple[Judgement, Neighbours, Ids | None]:
    """Verdict on the order alone, with the figures of neighbours and identifiers."""
    pairs = equal_neighbours(crashes, rtp, follows)
    numbers = None if ids is None else read_ids(ids)
    findings = (*_neighbours(pairs), *_dependence(crashes), *_numbering(numbers, len(crashes)))
    needed = rounds_needed(rtp)
    verdict = worst(findings, len(crashes) >= needed)
    reasons = tuple(each.text for each in findings)
    if verdict is Verdict.UNDECIDED:
        reasons = (f"{rounds_of(len(crashes))} cannot tell: a recorder without equal neighbours would be "
                   "noticed "
                   f"with {needed:,}",)  # fmt: skip
    return Judgement(Part.ORDER, verdict, findings, reasons, needed), pairs, numbers


def rounds_needed(rtp: float | None) -> int:
    """Rounds with which a recorder that has no equal neighbours at all is called out on average."""
    v = np.arange(101, 100_000, dtype=np.float64)
    scale = 101.0 if rtp is None else 100.0 * rtp
    a_round = float(((scale * (1.0 / v - 1.0 / (v + 1.0))) ** 2).sum())
    if rtp is not None:
        a_round += (1.0 - rtp / 1.01) ** 2
    nats = math.log(3.0 / WITH_RTP["missing"])  # three alternatives share the wealth
    return math.ceil(nats / a_round)


def _neighbours(pairs: Neighbours) -> tuple[Finding, ...]:
    said = (f"{pairs.seen:,} of {pairs.pairs:,} rounds equal the one before, the law gives "
            f"{pairs.expected:,.1f} "
            f"({deviations(pairs.seen, pairs.expected, math.sqrt(pairs.expected))})")  # fmt: skip
    if pairs.log_missing >= -math.log(WITH_RTP["missing"]):
        text = (
            f"equal neighbours are missing: {said}; a new number was taken for the only sign of a new round"
        )
        return (Finding(Part.ORDER, Verdict.INCOMPLETE, "equal neighbours", text),)
    if pairs.log_repeated >= -math.log(WITH_RTP["repeated"]):
        return (Finding(Part.ORDER, Verdict.UNLAWFUL, "repeats", f"rounds are repeated: {said}"),)
    return ()


def _dependence(crashes: Crashes) -> tuple[Finding, ...]:
    """Rank correlations at lags 1 to 10, and runs above and below 2x, at every second look."""
    looks, share = looks_up_to(len(crashes)), shares()
    lag = run = None
    for place in range(8, len(looks), 2):
        n, spent = int(looks[place]), float(share[place] + share[place - 1])
        scores = stats.rankdata(crashes[:n])
        scores = (scores - scores.mean()) / scores.std()
        z = [float(scores[k:] @ scores[:-k]) / math.sqrt(n) for k in range(1, LAGS + 1)]
        far = int(np.argmax(np.abs(z)))
        if 2.0 * stats.norm.sf(abs(z[far])) * LAGS <= WITH_RTP["lags"] * spent:
            lag = (n, far + 1, z[far])
        runs = _runs(crashes[:n] >= SPLIT)
        if 2.0 * stats.norm.sf(abs(runs)) <= WITH_RTP["runs"] * spent:
            run = (n, runs)
    found = []
    if lag:
        text = (f"rounds depend on earlier ones: of {lag[0]:,} rounds, each and the one {lag[1]} before "
                "it are "
                f"{'alike' if lag[2] > 0 else 'opposed'} ({lag[2]:+.1f} sd)")  # fmt: skip
        found.append(Finding(Part.ORDER, Verdict.UNLAWFUL, "lags", text))
    if run:
        word = "few" if run[1] < 0 else "many"
        text = f"too {word} runs above and below 2x ({run[1]:+.1f} sd, {run[0]:,} rounds)"
        found.append(Finding(Part.ORDER, Verdict.UNLAWFUL, "runs", text))
    return tuple(found)


def _runs(high: NDArray[np.bool_]) -> float:
    """Wald and Wolfowitz's number of runs, in standard deviations."""
    n, above = len(high), int(high.sum())
    mean = 1.0 + 2.0 * above * (n - above) / n
    spread = math.sqrt(max((mean - 1.0) * (mean - 2.0) / (n - 1.0), 0.0))
    return (1.0 + int((high[1:] != high[:-1]).sum()) - mean) / spread if spread else 0.0


def read_ids(ids: tuple[str, ...]) -> Ids:
    """Gaps are counted only in numbers that count by one: many houses share theirs among tables."""
    given = [each for each in ids if each]
    repeated = len(given) - len(set(given))
    if len(given) < len(ids) or not all(
        each.isascii() and each.isdigit() and len(each) < 18 for each in given
    ):
        return Ids(False, 0, 0, repeated)
    numbers = np.array([int(each) for each in given], dtype=np.int64)
    steps = np.diff(numbers)
    if not len(steps) or float((steps == 1).mean()) < COUNTING:
        return Ids(False, 0, 0, repeated)
    left_out = steps[steps > 1] - 1
    short = left_out <= SHORT_GAP
    return Ids(True, int(left_out[short].sum()), int((~short).sum()), repeated)


def _numbering(ids: Ids | None, rounds: int) -> tuple[Finding, ...]:
    if ids is None:
        return ()
    found = []
    share = ids.missing / (rounds + ids.missing)
    if rounds >= _LEAST and share > MISSED:
        text = f"the rounds' own numbers leave out {ids.missing:,} one by one ({share:.1%} of all rounds)"
        found.append(Finding(Part.ORDER, Verdict.INCOMPLETE, "identifiers", text))
    if ids.repeated:
        text = f"{ids.repeated:,} identifiers stand there more than once"
        found.append(Finding(Part.ORDER, Verdict.UNLAWFUL, "identifiers", text))
    return tuple(found)
