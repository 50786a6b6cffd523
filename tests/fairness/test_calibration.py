"""False calls and catches on simulated sets; ``benchmarks/audit.py`` does the full thousands."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit import a_third, drawn, every_third, one_sound, one_spoilt
from bot.fairness import Verdict, quality_of
from bot.fairness.values import rounds_needed

RTP = (0.97, 0.97)


@pytest.mark.parametrize(("known", "sets"), [(True, 80), (False, 120)])
def test_sound_sets_are_called_sound_or_undecided(known: bool, sets: int) -> None:
    """One in a hundred may be called; more than four would be a chance of one in a hundred."""
    found = [one_sound(known, 4_000, seed) for seed in range(sets)]
    assert sum(bool(tests) for _, tests in found) <= 4
    verdicts = [verdict for verdict, _ in found]
    assert verdicts.count("sound") + verdicts.count("undecided") >= sets - 4
    assert verdicts.count("sound") >= (sets - 4 if known else sets // 2)


def test_lawful_values_of_a_return_that_no_game_has_are_undecided_until_it_is_said() -> None:
    crashes = drawn(20_000, 0.98, np.random.default_rng(12))
    found = quality_of(crashes)
    assert (found.values.verdict, found.verdict) == (Verdict.SOUND, Verdict.UNDECIDED)
    assert "say with --rtp" in found.reasons[0]
    assert found.flag == f"unaudited: {found.reasons[0]}"
    assert quality_of(crashes, rtp=0.98).verdict is Verdict.SOUND


@pytest.mark.parametrize("known", [True, False])
def test_sets_without_every_third_short_round_are_caught_within_3000_rounds(known: bool) -> None:
    verdicts = [one_spoilt(known, every_third, RTP, seed) for seed in range(80)]
    assert sum(verdict == "incomplete" for verdict in verdicts) >= 78


def test_sets_without_a_third_of_the_short_rounds_by_chance_are_caught_when_the_return_is_known() -> None:
    verdicts = [one_spoilt(True, a_third, RTP, seed) for seed in range(80)]
    assert sum(verdict == "incomplete" for verdict in verdicts) >= 77


def test_what_is_called_out_stays_called_out() -> None:
    """So that one audit at the end tells whether any on the way would have called."""
    draw = np.random.default_rng(3)
    crashes = every_third(drawn(5_000, 0.97, draw), draw)
    verdicts = [quality_of(crashes[:n], rtp=0.97).verdict for n in range(200, 4_800, 200)]
    assert Verdict.INCOMPLETE in verdicts
    first = verdicts.index(Verdict.INCOMPLETE)
    assert set(verdicts[:first]) <= {Verdict.SOUND, Verdict.UNDECIDED}
    assert set(verdicts[first:]) == {Verdict.INCOMPLETE}


@pytest.mark.parametrize("rtp", [0.97, None])
def test_the_rounds_that_are_said_to_be_needed_do_tell(rtp: float | None) -> None:
    """Half of the short rounds missing: called out in 80 % of such recordings, by the exact calculation."""
    n, caught = rounds_needed(rtp), 0
    for seed in range(60):
        draw = np.random.default_rng([9, seed])
        crashes = drawn(2 * n, 0.97, draw)
        crashes = crashes[~((crashes < 105) & (draw.random(len(crashes)) < 0.5))][:n]
        caught += quality_of(crashes, rtp=rtp).verdict is Verdict.INCOMPLETE
    assert caught >= 0.65 * 60


def test_the_same_rounds_in_an_order_that_drifts_upwards_are_unlawful() -> None:
    crashes = drawn(4_000, 0.97, np.random.default_rng(1))
    ranks = np.argsort(np.argsort(crashes, kind="stable"))
    order = np.argsort(ranks + 9_000 * np.random.default_rng(2).random(len(crashes)))
    found = quality_of(crashes[order], rtp=0.97)
    assert found.verdict is Verdict.UNLAWFUL
    assert quality_of(crashes, rtp=0.97).verdict is Verdict.SOUND
    assert "lags" in [each.test for each in found.order.findings]


def test_a_game_that_pays_less_than_it_says_is_unlawful() -> None:
    found = quality_of(drawn(20_000, 0.94, np.random.default_rng(4)), rtp=0.97)
    assert found.verdict is Verdict.UNLAWFUL
    assert found.rtp.high < 0.97


def test_numbers_left_out_one_by_one_make_a_recording_incomplete() -> None:
    draw = np.random.default_rng(6)
    crashes = drawn(2_000, 0.97, draw)
    kept = np.flatnonzero(draw.random(2_000) > 0.05)
    found = quality_of(crashes[kept], ids=[str(7_000 + i) for i in kept], rtp=0.97)
    assert found.verdict is Verdict.INCOMPLETE
    assert found.ids is not None
    assert found.ids.missing == kept[-1] - kept[0] + 1 - len(kept)


def test_times_of_lawful_flights_are_sound_and_constant_ones_are_not() -> None:
    crashes = drawn(2_000, 0.97, np.random.default_rng(8))
    real = np.cumsum(11.0 + np.log(crashes / 100.0) / 0.0858)
    assert quality_of(crashes, times=real.tolist(), game="aviator").times.verdict is Verdict.SOUND
    constant = np.arange(2_000) * 22.0
    found = quality_of(crashes, times=constant.tolist(), game="aviator")
    assert found.times.verdict is Verdict.UNLAWFUL
    assert found.verdict is Verdict.SOUND


def test_gaps_that_hide_rounds_are_counted() -> None:
    draw = np.random.default_rng(8)
    crashes = drawn(3_000, 0.97, draw)
    times = np.cumsum(11.0 + np.log(crashes / 100.0) / 0.0858)
    kept = np.flatnonzero(draw.random(3_000) > 0.06)
    found = quality_of(crashes[kept], times=times[kept].tolist(), game="aviator")
    assert found.times.verdict is Verdict.INCOMPLETE
    assert found.timing is not None
    assert found.timing.hidden == pytest.approx(3_000 - len(kept), rel=0.2)


@pytest.mark.parametrize("crashes", [[], [[100, 200]], [99, 100]])
def test_points_that_cannot_be_are_refused(crashes: list[int]) -> None:
    with pytest.raises(ValueError, match="crash points"):
        quality_of(crashes)
