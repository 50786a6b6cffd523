"""Labels of a flight whose law nobody knows: what falls or leaps is not learned from."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from bot.screen.learning import Sample, on_rise


def sample(at_s: float, value: int) -> Sample:
    return Sample("0", np.zeros((1, 384), np.float32), (1.0,), at_s, value)


def exponential(t: float) -> float:
    return math.exp(0.1 * t)


def linear(t: float) -> float:
    return 1 + 0.12 * t


def square(t: float) -> float:
    return 1 + 0.02 * t * t


@pytest.mark.parametrize("law", [exponential, linear, square])
def test_every_law_of_growth_passes_whole(law) -> None:  # type: ignore[no-untyped-def]
    chain = [sample(0.07 * n, math.floor(100 * law(0.07 * n))) for n in range(160)]
    assert len(on_rise(chain)) == len(chain)


@pytest.mark.parametrize("law", [exponential, linear, square])
def test_wrong_labels_are_left_out(law) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(4)
    chain = [sample(0.07 * n, math.floor(100 * law(0.07 * n))) for n in range(160)]
    wrong = set(rng.sample(range(5, 150), 14))
    harmed = [
        sample(s.at_s, s.value + rng.choice([-60, -30, 40, 90, 300])) if n in wrong else s
        for n, s in enumerate(chain)
    ]
    kept = on_rise(harmed)
    truths = {(s.at_s, s.value) for s in chain}
    assert len(kept) >= 120
    assert sum((s.at_s, s.value) not in truths for s in kept) <= 1


def test_a_countdown_teaches_nothing() -> None:
    assert on_rise([sample(0.1 * n, 500 - 10 * n) for n in range(40)]) == []


def test_too_few_teach_nothing() -> None:
    assert on_rise([sample(0.1 * n, 100 + n) for n in range(5)]) == []
