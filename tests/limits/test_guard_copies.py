"""The guarded book lives in several copies: what happens when some are lost, old, damaged or edited."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.bets import BetState
from bot.domain.clock import NS_PER_S
from bot.domain.errors import BadInput, StorageError
from bot.limits import ExclusionKind, GuardBook, GuardLedger, SystemMachineTime
from bot.limits.guard_state import BOUND_NAMES, DAY_NS, HOUR_NS
from tests.limits.conftest import FACTS, a_bet, ended
from tests.limits.guarded import ACCOUNT, DAY_S, Home, all_bounds, arms, with_limits


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def put_by(home: Home) -> list[bytes]:
    for book in home.books:
        book.close()
    return [path.read_bytes() for path in home.files()]


@pytest.mark.parametrize("lost", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2)])
def test_an_exclusion_survives_the_loss_of_one_or_two_copies(home: Home, lost: tuple[int, ...]) -> None:
    home.book().exclude(ExclusionKind.SELF_EXCLUSION, None)
    for number in lost:
        home.files()[number].unlink()
    book = home.book()
    holding = book.exclusion()
    assert holding is not None and holding.until_ns is None
    assert all(path.is_file() for path in home.files())
    assert len(book.notes) == len(lost)


def test_limits_and_reservations_survive_the_loss_of_copies(home: Home) -> None:
    book = with_limits(home, day_loss=700)
    gate = arms(home, book, "6.00").gate()
    bet = replace(a_bet("b1", 600, "live-1", ACCOUNT), currency="EUR")
    assert gate.reserve(bet, FACTS) is None
    gate.update(ended(bet, BetState.LOST))
    home.files()[0].unlink()
    home.files()[2].unlink()
    again = home.book()
    home.machine.pass_(3_600)
    assert again.limits(ACCOUNT).day.loss_minor == 700
    second = arms(home, again, "1.00", "live-2").gate()
    much = replace(a_bet("b2", 101, "live-2", ACCOUNT), currency="EUR")
    assert second.reserve(much, FACTS) is not None
    assert second.reserve(replace(much, bet_id="b3", stake_minor=100), FACTS) is None


def test_copies_removed_under_a_running_session_are_made_anew(home: Home) -> None:
    book = with_limits(home)
    armed = arms(home, book)
    for path in home.files()[:2]:
        path.unlink()
    assert armed.denial() is None
    other = home.book()
    other.exclude(ExclusionKind.COOL_OFF, HOUR_NS)
    denied = armed.denial()
    assert denied is not None and denied.limit_name == "exclusion"


def test_another_home_is_one_copy_more_and_takes_nothing_away(home: Home, tmp_path: Path) -> None:
    home.book().exclude(ExclusionKind.COOL_OFF, 30 * DAY_NS)
    for name in ("first", "second"):
        assert home.book(tmp_path / name).exclusion() is not None
    for path in home.files():
        path.unlink()
    assert home.book(tmp_path / "second").exclusion() is not None


def test_a_copy_that_is_merely_old_changes_nothing(home: Home, tmp_path: Path) -> None:
    """A home that was not set for a month: its copy knows an exclusion that has ended since."""
    home.book(tmp_path / "stick").exclude(ExclusionKind.COOL_OFF, DAY_NS)
    for day in range(30):
        book = home.book()
        home.machine.pass_(DAY_S)
        book.ask(ACCOUNT, all_bounds(money=100 + day))
    book = home.book(tmp_path / "stick")
    assert book.exclusion() is None
    assert book.bounds(ACCOUNT).pending["stake"].value == 129


def test_of_copies_that_went_their_own_ways_the_stricter_wins(home: Home, tmp_path: Path) -> None:
    with_limits(home, stake=500, day_loss=900).close()
    before = put_by(home)
    one = home.book()
    one.ask(ACCOUNT, {"stake": 100})
    one.exclude(ExclusionKind.COOL_OFF, 3 * DAY_NS)
    one.close()
    aside = tmp_path / "aside" / "live-limits.sqlite3"
    aside.parent.mkdir()
    aside.write_bytes(home.files()[0].read_bytes())
    for path, content in zip(home.files(), before, strict=True):
        path.write_bytes(content)
    two = home.book()
    assert two.exclusion() is None
    two.ask(ACCOUNT, {"day_loss": 200})
    home.machine.pass_(DAY_S)
    two.tick()
    both = home.book(aside.parent)
    bounds = both.bounds(ACCOUNT).bounds
    assert (bounds["stake"], bounds["day_loss"], bounds["week_loss"]) == (100, 200, 5_000)
    holding = both.exclusion()
    assert holding is not None and holding.until_ns is not None
    assert holding.until_ns - both.now_ns() >= 3 * DAY_NS - NS_PER_S


def test_a_book_of_another_machine_lends_no_higher_limit(home: Home, tmp_path: Path) -> None:
    foreign = Home(tmp_path / "foreign", copies=1)
    with_limits(foreign, stake=9_000).close()
    with_limits(home, stake=50).close()
    joined = home.book(foreign.folders[0])
    assert joined.bounds(ACCOUNT).bounds["stake"] == 50
    assert Home(tmp_path / "none", copies=1).book(foreign.folders[0]).limits(ACCOUNT).stake_minor == 50


def test_old_copies_put_back_beside_one_that_knows_more_change_nothing(home: Home) -> None:
    with_limits(home).close()
    before = put_by(home)
    home.book().exclude(ExclusionKind.SELF_EXCLUSION, 30 * DAY_NS)
    put_by(home)
    for path, content in list(zip(home.files(), before, strict=True))[:2]:
        path.write_bytes(content)
    assert home.book().exclusion() is not None


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty pages"])
def test_a_damaged_copy_counts_as_doubt_and_closes_live_play_for_a_day(home: Home, damage: str) -> None:
    with_limits(home).close()
    path = home.files()[1]
    content = path.read_bytes()
    path.write_bytes(
        {
            "garbage": b"\x07" * len(content),
            "truncated": content[: len(content) // 2],
            "empty pages": content[:4_096] + bytes(len(content) - 4_096),
        }[damage]
    )
    book = home.book()
    holding = book.exclusion()
    assert holding is not None and holding.kind is ExclusionKind.DOUBT and "copy1" in holding.reason
    assert path.with_suffix(".damaged").is_file()
    assert book.bounds(ACCOUNT).unset == ()
    home.machine.pass_(DAY_S)
    assert book.exclusion() is None


def digest_in(path: Path) -> str:
    connection = sqlite3.connect(path)
    (digest,) = connection.execute("SELECT digest FROM guard").fetchone()
    connection.close()
    return str(digest)


def edited(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE guard SET state = replace(state, '\"stake\":500', '\"stake\":50000')",
        "DELETE FROM reservations",
        "DELETE FROM guard",
        "UPDATE reservations SET stake_minor = 1",
        "DROP TABLE reservations",
    ],
)
def test_a_copy_edited_by_hand_is_damaged(home: Home, sql: str) -> None:
    book = with_limits(home, stake=500)
    gate = arms(home, book).gate()
    assert gate.reserve(replace(a_bet("b1", 400, "live-1", ACCOUNT), currency="EUR"), FACTS) is None
    book.close()
    for path in home.files():
        edited(path, sql)
    again = home.book()
    holding = again.exclusion()
    assert holding is not None and holding.kind is ExclusionKind.DOUBT
    assert again.limits(ACCOUNT).stake_minor in (0, 500)


def test_one_edited_copy_loses_against_the_others(home: Home) -> None:
    with_limits(home, stake=500).close()
    edited(home.files()[0], "DELETE FROM guard")
    assert home.book().limits(ACCOUNT).stake_minor == 500


def test_with_all_copies_gone_limits_are_zero_and_the_wait_begins_anew(home: Home) -> None:
    with_limits(home).close()
    for path in home.files():
        path.unlink()
    book = home.book()
    assert book.bounds(ACCOUNT).unset == BOUND_NAMES
    book.ask(ACCOUNT, all_bounds())
    home.machine.pass_(DAY_S - 1)
    assert book.confirm(ACCOUNT) == ()


def test_a_copy_that_cannot_be_written_is_said_and_nothing_passes(home: Home, tmp_path: Path) -> None:
    book = with_limits(home)
    armed = arms(home, book)
    home.files()[0].unlink()
    home.folders[0].rename(tmp_path / "elsewhere")
    home.folders[0].write_text("a file where the folder was", encoding="utf-8")
    denied = armed.denial()
    assert denied is not None and denied.limit_name == "store"
    with pytest.raises(StorageError, match="copy0"):
        home.book().state()


def test_a_failed_change_leaves_no_trace(home: Home) -> None:
    book = with_limits(home, stake=500)
    before = book.state()
    with pytest.raises(BadInput, match="whole number"):
        book.ask(ACCOUNT, {"stake": 10, "day_loss": -1})
    with pytest.raises(RuntimeError), book.change():
        GuardLedger(book).add(a_bet("b1", 100, "live-1", ACCOUNT), "live", 5)
        raise RuntimeError("the power fails")
    assert GuardLedger(book).get("b1") is None
    assert home.book().state().decisions == before.decisions


def test_opening_a_book_while_stakes_are_written_takes_no_copy_for_damaged(home: Home) -> None:
    """A look at a whole copy must not see one half before and one half after another's write."""
    home.book().tick()
    script = (
        "import sys\nfrom pathlib import Path\nfrom bot.limits import *\n"
        "from tests.limits.conftest import a_bet\n"
        "book = GuardBook([Path(p) for p in sys.argv[1:]], SystemMachineTime(), 30)\n"
        "for number in range(150):\n"
        "    GuardLedger(book).add(a_bet(f'b{number}'), 'live', number)\n"
        "    print(number, flush=True)\n"
    )
    words = [sys.executable, "-c", script, *map(str, home.folders)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in process.stdout:
            book = GuardBook(home.folders, SystemMachineTime(), busy_timeout_s=30)
            assert book.exclusion() is None
            book.close()
    assert process.returncode == 0
    assert len(GuardLedger(home.book()).open("live")) == 150


def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_kept(home: Home) -> None:
    """Killed again and again while it writes: whole copies, no doubt, and all that was said to be kept."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom bot.limits import *\n"
        "book = GuardBook([Path(p) for p in sys.argv[2:]], SystemMachineTime(), 30)\n"
        "for number in range(10_000):\n"
        "    book.exclude(ExclusionKind.COOL_OFF, 10**9, f'{sys.argv[1]} {number}')\n"
        "    print(f'{sys.argv[1]} {number}', flush=True)\n"
    )
    kept: set[str] = set()
    for run in range(4):
        words = [sys.executable, "-c", script, f"run {run}", *map(str, home.folders)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(3 + run):
                kept.add(process.stdout.readline().strip())
            process.kill()
    book = home.book()
    found = book.state().decisions.exclusions
    assert {exclusion.reason for exclusion in found} >= kept
    assert [exclusion for exclusion in found if exclusion.kind is ExclusionKind.DOUBT] == []
    book.tick()
    assert len({digest_in(path) for path in home.files()}) == 1


def test_two_processes_write_in_turn_and_lose_nothing(home: Home) -> None:
    """Real processes, at the same time, on the same copies."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom bot.limits import *\n"
        "book = GuardBook([Path(p) for p in sys.argv[2:]], SystemMachineTime(), 30)\n"
        "for number in range(8):\n"
        "    book.exclude(ExclusionKind.COOL_OFF, 10**9, f'{sys.argv[1]} {number}')\n"
    )
    words = [sys.executable, "-c", script]
    running = [subprocess.Popen([*words, name, *map(str, home.folders)]) for name in ("one", "two")]
    assert [process.wait(120) for process in running] == [0, 0]
    reasons = {exclusion.reason for exclusion in home.book().state().decisions.exclusions}
    assert reasons == {f"{name} {number}" for name in ("one", "two") for number in range(8)}
    assert len({digest_in(path) for path in home.files()}) == 1
