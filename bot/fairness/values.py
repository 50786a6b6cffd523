"""Are the crash points those of the law? Short rounds, shape, tail; free of R where R is not known.

P(M >= x) = R/x at every cent above 1.00, so that given M >= 1.01 the law is 1.01/x for every return.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bot.fairness.betting import house_edge_sequence
from bot.fairness.findings import (
    WITH_RTP,
    WITHOUT_RTP,
    Finding,
    Judgement,
    Part,
    Verdict,
    rounds_of,
    times_x,
    worst,
)
from bot.fairness.looks import (
    Call,
    all_looks,
    boundary,
    chance_of_a_call,
    looks_up_to,
    shares,
    too_few,
    too_many,
)
from bot.fairness.regular_loss import regular_loss

Crashes = NDArray[np.int64]
Hits = NDArray[np.bool_]

#: Short: under 1.05x a flight lasts ln(1.05)/0.086 = 0.57 s, which a reader that polls every half second
#: misses.
SHORT = 105
#: The tail is counted from here on.
TAIL = (1_000, 5_000, 10_000, 100_000)
#: Cells of the chi-square test: at most, and rounds expected in each at least.
CELLS, IN_A_CELL = 100, 20
#: "Could have told": a recorder that misses half of the short rounds would have been called with this chance.
POWER = 0.80


@dataclass(frozen=True, slots=True)
class Sample:
    """Rounds that a chance is known for: all of them with R, those of 1.01x and more without."""

    crashes: Crashes
    rtp: float | None

    @property
    def spent(self) -> dict[str, float]:
        return dict(WITHOUT_RTP if self.rtp is None else WITH_RTP)

    def below(self, threshold: int) -> float:
        """P(M < threshold) in this sample."""
        return 1.0 - (1.01 if self.rtp is None else self.rtp) * 100.0 / threshold


def judge_values(crashes: Crashes, rtp: float | None, seed: int = 0) -> Judgement:
    """Verdict on the values alone. ``seed``: of the randomised probability integral transform."""
    lawful = crashes[crashes > 100]
    sample = Sample(crashes if rtp is not None else lawful, rtp)
    found: list[Finding] = []
    if len(sample.crashes):
        found += [*_short(sample, crashes), *_often(sample), *_tail(sample)]
        found += _shape(lawful, sample.spent, seed)
    if rtp is None:
        found += _impossible_return(crashes)
    findings = tuple(found)
    needed = rounds_needed(rtp)
    verdict = worst(findings, len(crashes) >= needed)
    reasons = tuple(each.text for each in findings)
    if verdict is Verdict.UNDECIDED:
        reasons = (f"{rounds_of(len(crashes))} cannot tell: a recorder that misses half of the rounds under "
                   f"{times_x(SHORT)} would be noticed with {needed:,}",)  # fmt: skip
    return Judgement(Part.VALUES, verdict, findings, reasons, needed)


def rounds_needed(rtp: float | None) -> int:
    """Rounds with which the loss of half of the short rounds is called out with a chance of 80 %."""
    sample = Sample(np.empty(0, dtype=np.int64), rtp)
    chance = sample.below(SHORT)
    edge = boundary(chance, sample.spent["short"], len(looks_up_to(20_000)))
    halved = 0.5 * chance / (1.0 - 0.5 * chance)
    enough = int(np.argmax(chance_of_a_call(edge, halved) >= POWER))
    looked = int(all_looks()[enough])
    # Of all rounds, 1.00x included, about 97 % carry the law that does not depend on R.
    return looked if rtp is not None else math.ceil(looked / 0.97)


def _few(sample: Sample, threshold: int, name: str) -> str | None:
    """In words, when rounds under the threshold were called too rare."""
    hits = sample.crashes < threshold
    call = too_few(hits, sample.below(threshold), sample.spent[name])
    return None if call is None else _counted(hits, call, f"under {times_x(threshold)}")


def _counted(hits: Hits, call: Call, what: str) -> str:
    """In words: over all rounds where these still show it, else over those at which it was called."""
    whole = Call(len(hits), int(hits.sum()), len(hits) * call.expected / call.rounds)
    still = whole.deviations * call.deviations > 0 and abs(whole.deviations) >= 2.0
    said, among = (whole, "") if still else (call, f" in the first {call.rounds:,} rounds")
    return (
        f"{what} {said.count:,} where the law gives {said.expected:,.1f} ({said.deviations:+.1f} sd){among}"
    )


def _short(sample: Sample, crashes: Crashes) -> list[Finding]:
    """Short rounds that are missing."""
    called = [text for t, name in ((SHORT, "short"), (120, "few_120"), (150, "few_150"), (200, "few_200"))
              if (text := _few(sample, t, name))]  # fmt: skip
    start, found = "short rounds are missing", []
    ones = crashes <= 100
    if sample.rtp is not None and (call := too_few(ones, sample.below(101), sample.spent["few_ones"])):
        called.insert(0, _counted(ones, call, "at 1.00x"))
        others = Sample(crashes[~ones], None)
        if _few(others, SHORT, "short") is None:
            start = "too few 1.00x (other short rounds are not missing)"
    if called:
        text = f"{start}: {'; '.join(called)}{_other_return(sample, crashes)}"
        found.append(Finding(Part.VALUES, Verdict.INCOMPLETE, "short rounds", text))
    regular = regular_loss(crashes, sample.rtp)
    if regular and regular.log_wealth >= -math.log(sample.spent["regular"]):
        text = (
            "short rounds are missing at regular places: as if of those under "
            f"{times_x(regular.threshold)} one "
            f"in {regular.period} were lost (evidence e^{regular.log_wealth:.1f} after "
            f"{regular.rounds:,} rounds)"
        )
        found.append(Finding(Part.VALUES, Verdict.INCOMPLETE, "regular loss", text))
    return found


def _other_return(sample: Sample, crashes: Crashes) -> str:
    """A hint, when all would fit another return than the one that was given."""
    if sample.rtp is None or judge_values(crashes, None).findings:
        return ""
    estimate = 1.01 * (1.0 - float((crashes <= 100).mean()))
    return f"; with a return of {estimate:.3f} instead of {sample.rtp:.3f} nothing would be missing"


def _often(sample: Sample) -> list[Finding]:
    """Low rounds that are too many: a game that gives less back than its law says."""
    called = []
    tests = [(150, "many_150"), (200, "many_200")]
    if sample.rtp is not None:
        tests.insert(0, (101, "many_ones"))
    for threshold, name in tests:
        hits = sample.crashes < threshold
        if call := too_many(hits, sample.below(threshold), sample.spent[name]):
            what = "at 1.00x" if threshold == 101 else f"under {times_x(threshold)}"
            called.append(_counted(hits, call, what))
    if not called:
        return []
    return [Finding(Part.VALUES, Verdict.UNLAWFUL, "low rounds", f"too many low rounds: {'; '.join(called)}")]


def _tail(sample: Sample) -> list[Finding]:
    """Large values: missing or capped, or too many."""
    found, few, many = [], [], []
    for threshold in TAIL:
        hits, chance = sample.crashes >= threshold, 1.0 - sample.below(threshold)
        what = f"of {times_x(threshold)} and more"
        if call := too_few(hits, chance, sample.spent["few_tail"] / len(TAIL)):
            few.append(_counted(hits, call, what))
        if call := too_many(hits, chance, sample.spent["many_tail"] / len(TAIL)):
            many.append(_counted(hits, call, what))
    if few:
        text = f"large values are missing: {'; '.join(few)}{_cap(sample)}"
        found.append(Finding(Part.VALUES, Verdict.UNLAWFUL, "tail", text))
    if many:
        text = f"too many large values: {'; '.join(many)}"
        found.append(Finding(Part.VALUES, Verdict.UNLAWFUL, "tail", text))
    return found


def _cap(sample: Sample) -> str:
    top = int(sample.crashes.max())
    expected = len(sample.crashes) * (1.0 - sample.below(top + 1))
    return f"; nothing above {times_x(top)}, where the law gives {expected:,.1f}" if expected >= 5.0 else ""


def _shape(lawful: Crashes, spent: dict[str, float], seed: int) -> list[Finding]:
    """Chi-square on cent cells, and Kolmogorov and Smirnov's test on U = 1.01/M spread within its cent."""
    spread = np.random.default_rng(seed).random(len(lawful))
    upper, lower = 101.0 / lawful, 101.0 / (lawful + 1.0)
    uniform = lower + (upper - lower) * spread
    cells = uneven = None
    for n, share in _half_looks(len(lawful)):
        chance, counts, edges = _cells(lawful[:n])
        if stats.chisquare(counts, n * chance).pvalue <= spent["shape"] * share:
            cells = (n, chance, counts, edges)
        if stats.kstest(uniform[:n], "uniform").pvalue <= spent["uniform"] * share:
            uneven = n
    found = []
    if cells:
        found.append(Finding(Part.VALUES, Verdict.UNLAWFUL, "cents", _worst_cells(*cells)))
    if uneven:
        off = stats.kstest(uniform[:uneven], "uniform")
        # U falls where M rises: more small U than the law gives are more large M.
        word = "many" if off.statistic_sign > 0 else "few"
        text = (f"the distribution is not the law's: of {uneven:,} rounds {off.statistic:.1%} too {word} "
                "are above "
                f"{1.01 / float(off.statistic_location):,.2f}x")  # fmt: skip
        found.append(Finding(Part.VALUES, Verdict.UNLAWFUL, "distribution", text))
    return found


def _half_looks(n: int) -> list[tuple[int, float]]:
    """Every second look from 375 on, each with two looks' share of the error."""
    looks, share = looks_up_to(n), shares()
    return [(int(looks[i]), float(share[i] + share[i - 1])) for i in range(8, len(looks), 2)]


def _cells(lawful: Crashes) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Chances, counts and lower edges of cells of about equal chance that begin at whole cents."""
    count = min(CELLS, len(lawful) // IN_A_CELL)
    edges = np.unique(np.rint(101.0 / (1.0 - np.arange(count) / count)).astype(np.int64))
    chance = -np.diff(np.append(101.0 / edges, 0.0))
    counts = np.bincount(np.searchsorted(edges, lawful, side="right") - 1, minlength=len(edges))
    return chance, counts.astype(np.int64), edges


def _worst_cells(
    n: int, chance: NDArray[np.float64], counts: NDArray[np.int64], edges: NDArray[np.int64]
) -> str:
    expected = n * chance
    off = np.argsort(-np.abs(counts - expected) / np.sqrt(expected))[:4]
    named = []
    for i in sorted(off.tolist()):
        last = int(edges[i + 1]) - 1 if i + 1 < len(edges) else None
        where = times_x(int(edges[i]))
        if last is None:
            where += " and more"
        elif last > edges[i]:
            where += f" to {times_x(last)}"
        seen = "never" if counts[i] == 0 else f"{counts[i]:,} times"
        named.append(f"{where} {seen} (law: {expected[i]:,.0f})")
    total = stats.chisquare(counts, expected).statistic
    return (f"cents are not spread as the law spreads them: {', '.join(named)} "
            f"(chi-square {total:,.0f} with {len(counts) - 1} degrees of freedom, {n:,} rounds)")  # fmt: skip


def _impossible_return(crashes: Crashes) -> list[Finding]:
    """The share of 1.00x would mean a return that no game has."""
    if not len(crashes):
        return []
    edge = house_edge_sequence(crashes, WITHOUT_RTP["return"])
    low, high = float(edge.low.max()), float(edge.high.min())
    if high < 0.90:
        text = f"the share of 1.00x would mean a return below {high:.3f}"
        return [Finding(Part.VALUES, Verdict.UNLAWFUL, "return", text)]
    if low >= 1.0:
        text = f"too few 1.00x: their share would mean a return above {low:.3f}, which no house gives"
        return [Finding(Part.VALUES, Verdict.INCOMPLETE, "return", text)]
    return []
