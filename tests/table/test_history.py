"""New chips between two strips, and the length of the betting window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clock import Instant
from bot.table.betting_window import BettingWindow
from bot.table.history import MIN_OVERLAP, new_chips

CRASHES = st.lists(st.integers(100, 100_000), min_size=20, max_size=40, unique=True)


@given(crashes=CRASHES, fresh=st.integers(0, 8), shown=st.integers(MIN_OVERLAP + 8, 12))
def test_new_chips_are_found_in_their_order(crashes: list[int], fresh: int, shown: int) -> None:
    before = tuple(reversed(crashes[:12]))[:shown]
    now = tuple(reversed(crashes[: 12 + fresh]))[:shown]
    assert new_chips(before, now) == tuple(crashes[12 : 12 + fresh])


def test_an_unchanged_strip_has_no_new_chips_even_when_all_are_equal() -> None:
    assert new_chips((150,) * 10, (150,) * 10) == ()


def test_a_misread_chip_gives_no_answer() -> None:
    assert new_chips((150, 200, 300, 400, 500), (180, 150, 209, 300, 400, 500)) is None


def test_strips_without_common_chips_give_no_answer() -> None:
    assert new_chips((1, 2, 3, 4, 5), (6, 7, 8, 9, 10)) is None
    assert new_chips((), (1, 2, 3)) is None


def at(ms: int) -> Instant:
    return Instant(utc_ns=ms * 1_000_000, mono_ns=ms * 1_000_000)


def test_no_deadline_before_a_whole_betting_phase_was_seen() -> None:
    assert BettingWindow().deadline(at(0)) is None


def test_one_phase_seen_late_does_not_shorten_the_window() -> None:
    window = BettingWindow(safety=0.0)
    for length in (5_000, 5_010, 1_200, 4_990, 5_005):
        window.learn(at(100), at(100 + length))
    assert window.known_ms == 5_000
    assert window.deadline(at(1_000)) == 6_000 * 1_000_000
