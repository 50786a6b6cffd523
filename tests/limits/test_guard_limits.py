"""Observed time, limits that rise slowly and fall at once, and exclusions that nothing opens early."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.clock import NS_PER_S
from bot.domain.errors import BadInput
from bot.limits import ExclusionKind, GuardBook, TrustedClock
from bot.limits.guard_rules import duration_of, duration_words
from bot.limits.guard_state import DAY_NS, HOUR_NS
from bot.limits.listing import listing, listing_words
from tests.limits.guarded import ACCOUNT, DAY_S, Home, all_bounds, with_limits


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def observed_s(book: GuardBook) -> float:
    return book.now_ns() / NS_PER_S


# -- observed time ------------------------------------------------------------------------------------------


def test_time_counts_while_the_machine_runs_whoever_looks(home: Home) -> None:
    home.book().tick()
    home.machine.pass_(7_200)
    assert observed_s(home.book()) == 7_200


@pytest.mark.parametrize("days", [-1_000, -1, 1, 10_000])
def test_setting_the_wall_clock_counts_nothing(home: Home, days: int) -> None:
    book = home.book()
    book.tick()
    home.machine.wall_offset_s += days * DAY_S
    assert observed_s(book) == 0
    assert observed_s(home.book()) == 0


def test_what_nobody_observed_does_not_count(home: Home) -> None:
    """Off for a week; and the part of a boot before its first look and after its last."""
    home.book().tick()
    home.machine.pass_(100)
    home.book().tick()
    home.machine.pass_(1_000)
    home.machine.reboot(off_s=7 * DAY_S)
    home.machine.pass_(500)
    home.book().tick()
    home.machine.pass_(30)
    assert observed_s(home.book()) == 130


def test_where_boots_cannot_be_told_apart_a_process_counts_its_own_time(home: Home) -> None:
    home.machine.boots_known = False
    book = home.book()
    book.tick()
    home.machine.pass_(60)
    book.tick()
    home.machine.pass_(1_000)
    other = home.book()
    assert observed_s(other) == 60
    home.machine.pass_(5)
    assert observed_s(other) == 65


def test_a_machine_that_goes_back_counts_again_only_beyond_its_furthest(home: Home) -> None:
    """A snapshot of a virtual machine: the same boot, an earlier time, as often as one likes."""
    home.book().tick()
    for _ in range(5):
        home.machine.pass_(1_000)
        home.book().tick()
        home.machine.pass_(-1_000)
        home.book().tick()
    assert observed_s(home.book()) == 1_000


def test_two_boots_in_turn_count_no_time_twice(home: Home) -> None:
    """Time namespaces, or two machines on one home."""
    home.book().tick()
    for _ in range(4):
        home.machine.boot, home.machine.booted_s = 1, home.machine.booted_s - 1_000_000
        home.book().tick()
        home.machine.boot, home.machine.booted_s = 0, home.machine.booted_s + 1_000_000
        home.book().tick()
    assert observed_s(home.book()) == 0


def test_the_trusted_clock_tells_observed_time(home: Home) -> None:
    book = home.book()
    clock = TrustedClock(book, home.machine)
    first = clock.now()
    home.machine.wall_offset_s += DAY_S
    clock.sleep(10)
    assert clock.now().utc_ns - first.utc_ns == 10 * NS_PER_S
    assert clock.now().mono_ns - first.mono_ns == 10 * NS_PER_S


# -- limits -------------------------------------------------------------------------------------------------


def test_what_is_unset_is_zero(home: Home) -> None:
    limits = home.book().limits(ACCOUNT)
    assert limits.stake_minor == 0
    assert all(
        (p.loss_minor, p.turnover_minor, p.rounds, p.minutes) == (0, 0, 0, 0) for _, p in limits.periods
    )


def test_a_first_limit_and_a_raise_wait_a_day_and_a_confirmation(home: Home) -> None:
    book = home.book()
    book.ask(ACCOUNT, {"stake": 100})
    home.machine.pass_(DAY_S - 1)
    assert book.confirm(ACCOUNT) == ()
    home.machine.pass_(1)
    assert book.limits(ACCOUNT).stake_minor == 0
    assert book.confirm(ACCOUNT) == ("stake",)
    assert book.limits(ACCOUNT).stake_minor == 100
    book.ask(ACCOUNT, {"stake": 200})
    home.machine.pass_(DAY_S // 2)
    assert book.confirm(ACCOUNT) == ()
    assert book.limits(ACCOUNT).stake_minor == 100


def test_a_lower_limit_holds_at_once_and_cancels_the_raise_that_waits(home: Home) -> None:
    book = with_limits(home, stake=500)
    book.ask(ACCOUNT, {"stake": 900})
    book.ask(ACCOUNT, {"stake": 400})
    assert book.limits(ACCOUNT).stake_minor == 400
    home.machine.pass_(2 * DAY_S)
    assert book.confirm(ACCOUNT) == ()
    assert book.limits(ACCOUNT).stake_minor == 400


def test_asking_for_the_same_again_keeps_its_place_and_for_more_begins_anew(home: Home) -> None:
    book = home.book()
    book.ask(ACCOUNT, {"stake": 100, "day_loss": 500})
    home.machine.pass_(DAY_S - 10)
    book.ask(ACCOUNT, {"stake": 100, "day_loss": 501})
    home.machine.pass_(10)
    assert book.confirm(ACCOUNT) == ("stake",)


def test_a_raise_that_nobody_confirms_is_forgotten(home: Home) -> None:
    book = home.book()
    book.ask(ACCOUNT, {"stake": 100})
    home.machine.pass_(8 * DAY_S)
    assert book.confirm(ACCOUNT) == ()
    assert book.bounds(ACCOUNT).pending == {}


def test_accounts_have_limits_of_their_own(home: Home) -> None:
    book = with_limits(home, stake=500)
    assert book.limits("another").stake_minor == 0


@pytest.mark.parametrize(
    ("wanted", "words"), [({"hour_loss": 5}, "no limit 'hour_loss'"), ({"stake": True}, "whole number")]
)
def test_limits_that_do_not_exist_are_refused(home: Home, wanted: dict[str, int], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        home.book().ask(ACCOUNT, wanted)


# -- exclusions ---------------------------------------------------------------------------------------------


def test_an_exclusion_ends_after_its_observed_time_and_not_before(home: Home) -> None:
    book = home.book()
    book.exclude(ExclusionKind.COOL_OFF, 24 * HOUR_NS)
    home.machine.wall_offset_s += 400 * DAY_S
    home.machine.pass_(DAY_S - 1)
    assert book.exclusion() is not None
    home.machine.pass_(1)
    assert book.exclusion() is None


def test_a_shorter_exclusion_shortens_nothing_and_a_longer_one_lengthens(home: Home) -> None:
    book = home.book()
    book.exclude(ExclusionKind.SELF_EXCLUSION, 30 * DAY_NS)
    assert book.exclude(ExclusionKind.COOL_OFF, HOUR_NS).kind is ExclusionKind.SELF_EXCLUSION
    book.exclude(ExclusionKind.SELF_EXCLUSION, 60 * DAY_NS)
    home.machine.pass_(59 * DAY_S)
    assert book.exclusion() is not None
    book.exclude(ExclusionKind.SELF_EXCLUSION, None)
    home.machine.pass_(10_000 * DAY_S)
    assert book.exclusion() is not None


def test_while_excluded_limits_can_only_be_lowered(home: Home) -> None:
    book = with_limits(home, stake=500)
    book.ask(ACCOUNT, {"stake": 600})
    home.machine.pass_(DAY_S)
    book.exclude(ExclusionKind.COOL_OFF, HOUR_NS)
    with pytest.raises(BadInput, match="can be confirmed"):
        book.confirm(ACCOUNT)
    with pytest.raises(BadInput, match="only be lowered"):
        book.ask(ACCOUNT, {"stake": 700})
    book.ask(ACCOUNT, {"stake": 100})
    assert book.limits(ACCOUNT).stake_minor == 100


@pytest.mark.parametrize(("text", "hours"), [("24h", 24), ("7d", 168), ("2w", 336)])
def test_lengths_of_time_are_read(text: str, hours: int) -> None:
    assert duration_of(text) == hours * HOUR_NS


@pytest.mark.parametrize("text", ["", "h", "0h", "-1d", "1.5d", "5m", "forever", "²d", "99999d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no length of time"):
        duration_of(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (1, "1 min"), (3_600, "1 h"), (12_001, "3 h 21 min"), (90_000, "1 day 1 h")],
)
def test_what_must_be_waited_is_told_rounded_up(seconds: int, words: str) -> None:
    assert duration_words(seconds * NS_PER_S) == words


# -- listing ------------------------------------------------------------------------------------------------


def test_the_listing_says_what_holds_what_waits_and_how_long_yet(home: Home) -> None:
    book = with_limits(home, stake=500)
    book.ask(ACCOUNT, {"stake": 750})
    home.machine.pass_(DAY_S // 2)
    book.exclude(ExclusionKind.COOL_OFF, 2 * HOUR_NS)
    shown = listing(book)
    account = shown["accounts"][ACCOUNT]
    assert account["limits"]["stake"] == "5.00"
    assert account["waiting"]["stake"] == {"value": "7.50", "left_s": DAY_S // 2, "forgotten": False}
    assert shown["exclusion"]["left_s"] == 7_200
    text = "\n".join(listing_words(book))
    assert "5.00" in text and "7.50 waits 12 h" in text and "cool-off for 2 h more" in text


def test_the_listing_names_what_is_unset(home: Home) -> None:
    book = home.book()
    book.ask(ACCOUNT, all_bounds(month_rounds=0))
    home.machine.pass_(DAY_S)
    book.confirm(ACCOUNT)
    assert listing(book)["accounts"][ACCOUNT]["unset"] == ["month_rounds"]
    assert listing(book)["live_play"] == "open under the limits"
    assert DAY_NS == DAY_S * NS_PER_S
