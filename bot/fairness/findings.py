"""Verdicts, findings, and how the error of the audit is divided among its tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Verdict(StrEnum):
    """Of a recording, or of one thing about it."""

    SOUND = "sound"
    INCOMPLETE = "incomplete"
    UNLAWFUL = "unlawful"
    UNDECIDED = "undecided"


class Part(StrEnum):
    """What is judged, one thing at a time."""

    VALUES = "values"
    ORDER = "order"
    TIMES = "times"


#: At most so many sound recordings are ever called anything but sound or undecided, while they grow.
ALPHA = 0.01
#: How it is divided when R is known: nearly half for what spoils recordings, the loss of short rounds.
WITH_RTP = MappingProxyType({
    "short": 0.0040, "regular": 0.0015, "few_ones": 0.0005, "few_120": 0.0002, "few_150": 0.0002,
    "few_200": 0.0002, "many_ones": 0.0004, "many_150": 0.0002, "many_200": 0.0003,
    "few_tail": 0.0004, "many_tail": 0.0004, "shape": 0.0004, "uniform": 0.0003,
    "missing": 0.0003, "repeated": 0.0003, "lags": 0.0003, "runs": 0.0001,
})  # fmt: skip
#: When it is not: only what does not depend on it, and the return itself, which lies between 0.90 and 1. A
#: count of short rounds is a weak test then (3,000 rounds show the loss of every third with 93 % at the
#: very best, by Neyman and Pearson, at an error of 1 %), so most is spent on the distances between them.
WITHOUT_RTP = MappingProxyType({
    "short": 0.0012, "regular": 0.0048, "few_120": 0.0002, "few_150": 0.0002, "few_200": 0.0002,
    "many_150": 0.0002, "many_200": 0.0002, "few_tail": 0.0004, "many_tail": 0.0004, "return": 0.0005,
    "shape": 0.0004, "uniform": 0.0003,
    "missing": 0.0003, "repeated": 0.0003, "lags": 0.0003, "runs": 0.0001,
})  # fmt: skip
assert math.fsum(WITH_RTP.values()) <= ALPHA + 1e-12
assert math.fsum(WITHOUT_RTP.values()) <= ALPHA + 1e-12


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a sound recording does not show, in words with its figures."""

    part: Part
    verdict: Verdict
    test: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One part's verdict; ``needed``: how many rounds could have told, when it is undecided."""

    part: Part
    verdict: Verdict
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]
    needed: int | None = None


def worst(findings: tuple[Finding, ...], enough: bool) -> Verdict:
    """Missing rounds explain more than a broken law does, so they come first."""
    if any(each.verdict is Verdict.INCOMPLETE for each in findings):
        return Verdict.INCOMPLETE
    if findings:
        return Verdict.UNLAWFUL
    return Verdict.SOUND if enough else Verdict.UNDECIDED


def times_x(hundredths: int) -> str:
    """``105`` → ``1.05x``, with separators: ``1,000x``."""
    return (
        f"{hundredths // 100:,}x"
        if hundredths % 100 == 0 and hundredths >= 1000
        else f"{hundredths / 100:,.2f}x"
    )


def deviations(seen: float, expected: float, spread: float) -> str:
    """``+3.4 sd``."""
    return f"{(seen - expected) / spread:+.1f} sd" if spread > 0 else "no spread"


def rounds_of(n: int) -> str:
    """``1 round``, ``1,061 rounds``."""
    return f"{n:,} round{'' if n == 1 else 's'}"
