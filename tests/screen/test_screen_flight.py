"""Values in flight that fall or leap wait for a second look; nothing is locked out."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from bot.screen.flight import FlightGuard


def flown(at_s: float, growth: float) -> int:
    return math.floor(100 * math.exp(growth * at_s))


@given(
    growth=st.floats(0.05, 2.0),
    steps=st.lists(st.floats(0.02, 0.4), min_size=5, max_size=60),
    lags=st.lists(st.floats(0.0, 0.15), min_size=60, max_size=60),
)
def test_true_flight_with_lag_passes(growth: float, steps: list[float], lags: list[float]) -> None:
    guard, at_s, shown = FlightGuard(), 0.0, 100
    for step, lag in zip(steps, lags, strict=False):
        at_s += step
        shown = max(shown, flown(max(0.0, at_s - lag), growth))
        if shown < 100_000:
            assert guard.passes(shown, at_s)


def test_fall_and_leap_are_held_and_the_flight_goes_on() -> None:
    guard = FlightGuard()
    for step in range(20):
        assert guard.passes(flown(step * 0.1, 0.0858), step * 0.1)
    assert not guard.passes(113, 2.0)
    assert guard.passes(flown(2.1, 0.0858), 2.1)
    assert not guard.passes(168, 2.2)
    assert guard.passes(flown(2.3, 0.0858), 2.3)


def test_new_flight_after_a_gap_is_believed_at_its_second_value() -> None:
    guard = FlightGuard()
    for step in range(20):
        guard.passes(flown(step * 0.1, 0.0858), step * 0.1)
    assert not guard.passes(101, 9.0)
    assert guard.passes(102, 9.1)
    assert guard.passes(103, 9.2)


def test_after_landing_nothing_is_expected() -> None:
    guard = FlightGuard()
    assert guard.passes(5000, 0.0)
    guard.land()
    assert guard.passes(100, 1.0)
