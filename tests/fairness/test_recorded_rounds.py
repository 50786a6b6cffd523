"""The audit's verdicts on real recordings, one thing at a time, for the right reasons."""

from __future__ import annotations

import numpy as np
import pytest

from bot.fairness import Verdict, audit, known_of
from bot.fairness.known import UNKNOWN
from tests.fairness.recorded import audit_of, recording_of

SOUND_VALUES = (
    "aviator_betika_offtagg", "aviator_thiagosvl_25dez", "aviatrix_pkashyap", "crash_stake_vanaty",
    "aviator_gmbl_admiral", "aviator_gmbl_balkanbet",
)  # fmt: skip


def failed(name: str) -> set[str]:
    found = audit_of(name)
    return {each.test for part in (found.values, found.order, found.times) for each in part.findings}


@pytest.mark.parametrize("name", SOUND_VALUES)
def test_sound_values_are_found_sound(name: str) -> None:
    found = audit_of(name)
    assert found.values.verdict is Verdict.SOUND
    assert found.verdict is Verdict.SOUND
    assert found.flag is None
    assert found.known.rtp is not None
    assert found.rtp.low <= found.known.rtp <= found.rtp.high


@pytest.mark.parametrize("name", ["aviator_betika_offtagg", "aviator_thiagosvl_25dez", "aviatrix_pkashyap",
                                  "crash_stake_vanaty"])  # fmt: skip
def test_sound_values_are_found_sound_without_knowing_the_return(name: str) -> None:
    assert audit(recording_of(name), UNKNOWN).values.verdict is Verdict.SOUND


@pytest.mark.parametrize("name", ["aviator_betika_offtagg", "aviator_thiagosvl_25dez", "crash_stake_vanaty"])
def test_order_and_times_of_good_recordings_are_sound(name: str) -> None:
    found = audit_of(name)
    assert (found.order.verdict, found.times.verdict) == (Verdict.SOUND, Verdict.SOUND)


def test_the_stake_set_is_judged_by_a_return_of_99_percent() -> None:
    found = audit_of("crash_stake_vanaty")
    assert found.known.rtp == 0.99
    assert found.rtp.estimate == pytest.approx(0.9875, abs=1e-4)


def test_numbers_caught_in_flight_and_repeats_make_the_screen_reader_incomplete() -> None:
    found = audit_of("biased_projectbot")
    assert found.verdict is Verdict.INCOMPLETE
    assert {"short rounds", "cents", "repeats", "too soon", "backwards"} <= failed("biased_projectbot")
    assert "numbers caught in flight" in " ".join(found.reasons)
    assert "rounds are repeated" in " ".join(found.reasons)
    assert found.neighbours.seen > 10 * found.neighbours.expected
    assert found.timing is not None
    assert found.timing.backwards == 136


def test_short_rounds_and_equal_neighbours_are_missing_from_the_reader_that_waits_for_a_new_number() -> None:
    found = audit_of("aviator_22bet_luisrx7")
    assert found.verdict is Verdict.INCOMPLETE
    assert {"short rounds", "equal neighbours", "gaps"} <= failed("aviator_22bet_luisrx7")
    assert (found.neighbours.seen, round(found.neighbours.expected)) == (5, 65)
    assert "under 1.50x 5,037" in found.reasons[0]
    assert found.flag is not None
    assert found.flag.startswith("incomplete recording: ")
    assert found.timing is not None
    assert 0.05 < found.timing.share(found.timing.hiding) < 0.15


def test_order_alone_finds_the_missing_neighbours() -> None:
    recording = recording_of("aviator_22bet_luisrx7")
    found = audit(recording, UNKNOWN)
    assert found.order.verdict is Verdict.INCOMPLETE
    assert [each.test for each in found.order.findings] == ["equal neighbours"]


@pytest.mark.parametrize("name", ["aviator_gmbl_admiral", "aviator_gmbl_balkanbet"])
def test_times_of_the_gmbl_sets_cannot_be_real(name: str) -> None:
    found = audit_of(name)
    assert found.times.verdict is Verdict.UNLAWFUL
    assert [each.test for each in found.times.findings] == ["unreal times"]
    assert any("times cannot be real" in reason for reason in found.reasons)


def test_jetx_has_too_few_1_00x() -> None:
    found = audit_of("jetx_onndd")
    assert found.verdict is Verdict.INCOMPLETE
    assert found.values.reasons[0].startswith(
        "too few 1.00x (other short rounds are not missing): at 1.00x 259"
    )
    assert "1.03x never" in " ".join(found.reasons)


def test_the_1xbet_set_has_nothing_above_34_98() -> None:
    found = audit_of("crash_1xbet_mdomorffaruk")
    assert found.verdict is Verdict.UNLAWFUL
    assert "nothing above 34.98x, where the law gives 150.4" in found.reasons[0]


def test_the_bustabit_set_has_too_few_values_of_1000_and_more() -> None:
    found = audit_of("bustabit_deduzzo")
    assert "of 1,000x and more 0 where the law gives 17.1" in " ".join(found.reasons)
    assert "too many low rounds: at 1.00x 458" in " ".join(found.reasons)


def test_24_rounds_are_undecided_and_it_says_how_many_would_do() -> None:
    found = audit_of("aviator_dmadushanka")
    assert found.verdict is Verdict.UNDECIDED
    assert found.rounds_needed == found.values.needed
    assert found.rounds_needed is not None
    assert 500 < found.rounds_needed < 2_000
    assert f"{found.rounds_needed:,}" in found.reasons[0]
    assert found.flag == f"unaudited: 24 rounds can't tell ({found.rounds_needed:,} would)"


def test_repeated_rows_of_aviatrix_are_told_and_do_not_touch_the_values() -> None:
    found = audit_of("aviatrix_pkashyap")
    assert found.order.verdict is Verdict.UNLAWFUL
    assert [each.test for each in found.order.findings] == ["repeats"]
    assert (found.neighbours.seen, round(found.neighbours.expected)) == (205, 127)
    assert found.timing is not None
    assert found.timing.same == 455


def test_numbers_of_the_betika_rounds_tell_how_many_are_missing() -> None:
    ids = audit_of("aviator_betika_offtagg").ids
    assert ids is not None
    assert ids.numbered
    assert 0 < ids.missing <= 208


@pytest.mark.parametrize(("name", "growth"), [
    ("aviator_betika_offtagg", 0.0858), ("aviator_thiagosvl_25dez", 0.0845), ("aviatrix_pkashyap", 0.0835),
    ("crash_1xbet_mdomorffaruk", 0.134), ("crash_stake_vanaty", 0.0602), ("aviator_22bet_luisrx7", 0.0845),
])  # fmt: skip
def test_growth_is_found_from_the_times(name: str, growth: float) -> None:
    timing = audit_of(name).timing
    assert timing is not None
    assert 1 / timing.efold_s == pytest.approx(growth, rel=0.02)
    assert timing.starts == (name in ("aviator_betika_offtagg", "aviator_thiagosvl_25dez"))


def test_dropping_short_rounds_from_the_best_recording_is_noticed() -> None:
    """The reference set is sound; without every third round under 1.05x it is not."""
    crashes = recording_of("aviator_betika_offtagg").crashes[:6_000]
    recording = recording_of("aviator_betika_offtagg")
    short = np.flatnonzero(crashes < 105)
    spoilt = type(recording)("spoilt", np.delete(crashes, short[::3]))
    assert audit(spoilt, known_of("aviator")).verdict is Verdict.INCOMPLETE
    assert audit(spoilt, UNKNOWN).verdict is Verdict.INCOMPLETE
    assert audit(type(recording)("whole", crashes), UNKNOWN).verdict is Verdict.SOUND


def test_a_wrong_return_is_named_as_the_simpler_explanation() -> None:
    found = audit(recording_of("crash_stake_vanaty"), known_of("aviator"))
    assert found.verdict is Verdict.INCOMPLETE
    assert "with a return of 0.988 instead of 0.970 nothing would be missing" in found.reasons[0]
