"""Can the times be real, and do they hide rounds? Physics, not chance: no error is spent here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.fairness.findings import Finding, Judgement, Part, Verdict, worst
from bot.fairness.order import MISSED
from bot.fairness.timing import LEAST_SECONDS_AN_EFOLD, PAUSE_S, SHORTEST_CYCLE_S, Timing, timing_of, too_fast

#: Share of gaps at which a fault of the clock is more than an accident.
FAULTY = 0.01
#: The fastest growth that was measured at any game (1xBet), a second.
FASTEST = 0.134
#: Share of rows that come too soon from which nothing can be said about the other times.
SPOILT = 0.10
NEEDED = 100


def judge_times(
    crashes: NDArray[np.int64],
    times_us: NDArray[np.int64] | None,
    follows: NDArray[np.bool_] | None,
    growth_per_s: float | None = None,
) -> tuple[Judgement, Timing | None]:
    """Verdict on the times alone. ``growth_per_s``: of the game, if it is known."""
    if times_us is None:
        return Judgement(Part.TIMES, Verdict.UNDECIDED, (), ("there are no times",)), None
    timing = timing_of(crashes, times_us, follows)
    if timing is None or timing.gaps < NEEDED:
        text = f"too few times to judge them: {NEEDED} gaps would do"
        return Judgement(Part.TIMES, Verdict.UNDECIDED, (), (text,), NEEDED), timing
    growth = min(1.1 * growth_per_s, FASTEST) if growth_per_s else FASTEST
    findings = (*_unreal(timing, too_fast(crashes, times_us, growth, follows), growth), *_rows(timing))
    verdict = worst(findings, True)
    return Judgement(Part.TIMES, verdict, findings, tuple(each.text for each in findings)), timing


def _finding(verdict: Verdict, test: str, text: str) -> Finding:
    return Finding(Part.TIMES, verdict, test, text)


def _unreal(timing: Timing, fast: int, growth: float) -> list[Finding]:
    found = []
    if timing.backwards:
        verb = f"times run backwards {timing.backwards:,} times"
        found.append(_finding(Verdict.UNLAWFUL, "backwards", verb))
    # Where many rows are no rounds of their own, it is them that spoil the fit, not the clock.
    if timing.efold_s < LEAST_SECONDS_AN_EFOLD and timing.soon <= SPOILT * timing.gaps:
        text = ("times cannot be real: the time between rounds does not depend on how high they flew "
                "(correlation "
                f"{timing.correlation:.2f}; typically {timing.cycle_s:.0f} s whatever the "
                "multiplier)")  # fmt: skip
        if fast > FAULTY * timing.gaps:
            text += (f"; {fast:,} rounds ({timing.share(fast):.1%}) had less time than their flight "
                     "alone takes at "
                     f"{growth:.3f} a second")  # fmt: skip
        found.append(_finding(Verdict.UNLAWFUL, "unreal times", text))
    return found


def _rows(timing: Timing) -> list[Finding]:
    """Rows that are no rounds of their own, and rounds that are no rows."""
    found = []
    if timing.soon > FAULTY * timing.gaps:
        text = (f"numbers caught in flight or read twice: {timing.soon:,} rows "
                f"({timing.share(timing.soon):.1%}) come "
                f"within {SHORTEST_CYCLE_S:.0f} s of the one before, sooner than any round can be "
                "over")  # fmt: skip
        found.append(_finding(Verdict.UNLAWFUL, "too soon", text))
    if timing.efold_s < LEAST_SECONDS_AN_EFOLD:
        return found
    if timing.early > max(timing.soon, FAULTY * timing.gaps) + FAULTY * timing.gaps:
        text = (f"{timing.early:,} rows ({timing.share(timing.early):.1%}) come sooner than pause and "
                "flight allow "
                f"({timing.cycle_s:.1f} s and {timing.efold_s:.1f} s an e-fold)")  # fmt: skip
        found.append(_finding(Verdict.UNLAWFUL, "early", text))
    if timing.hiding > MISSED * timing.gaps:
        text = (f"rounds were missed: {timing.hiding:,} gaps ({timing.share(timing.hiding):.1%}, pauses over "
                f"{PAUSE_S:.0f} s aside) are long enough to hide about {timing.hidden:,} rounds")  # fmt: skip
        found.append(_finding(Verdict.INCOMPLETE, "gaps", text))
    return found
