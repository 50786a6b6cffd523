"""The main job, through real windows: three tables, faults, one account, the stop, Ctrl+C, kill -9."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from benchmarks.drive import Home, Running, kill, until, wait_for_state
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e

TABLE_KEYS = {
    "table",
    "rounds_flown",
    "rounds_recorded",
    "rounds_missed",
    "rounds_backfilled",
    "crash_exact",
    "bets_ledger",
    "bets_recorded",
    "bets_missed",
    "settled_exact",
    "balance_casino",
    "balance_bot",
}


def test_record_and_ledger_agree_to_the_cent(played: Played) -> None:
    assert played.code == 0, played.output
    assert played.report["agrees"] is True
    assert len(played.report["tables"]) == 3
    for table in played.report["tables"]:
        assert table.keys() >= TABLE_KEYS
        assert table["rounds_flown"] == table["rounds_recorded"] == table["crash_exact"] >= 6
        assert table["rounds_missed"] == table["rounds_backfilled"] == 0
        assert table["bets_ledger"] == table["bets_recorded"] == table["settled_exact"]
        assert table["balance_casino"] == table["balance_bot"]
    assert played.report["clicks"] >= played.report["tables"][0]["bets_recorded"]
    assert played.report["clicks_outside"] == played.report["double_bets"] == 0


def test_it_bets_in_rounds_after_the_first_it_saw_whole(played: Played) -> None:
    for table in played.report["tables"]:
        assert table["bets_recorded"] >= 4, table["reasons"]


def test_its_processes_hold_no_socket_but_to_the_screen(played: Played) -> None:
    assert played.processes_seen == 4
    assert played.internet_sockets == []
    assert all(count <= 4 for count in played.local_sockets.values()), played.local_sockets


def test_every_round_can_be_explained_with_what_was_seen(played: Played) -> None:
    home = played.home
    rounds = {row[0] for row in home.query("SELECT round_id FROM rounds WHERE crash_multiplier > 0")}
    whole = "SELECT round_id FROM rounds WHERE seen_from = 'betting' AND crash_multiplier > 0"
    ends = {row[0] for row in home.query("SELECT round_id FROM round_pictures WHERE moment = 'round_end'")}
    decided = {row[0] for row in home.query("SELECT round_id FROM round_pictures WHERE moment = 'decided'")}
    assert rounds == ends
    assert {row[0] for row in home.query(whole)} <= decided
    bets = [row[0] for row in home.query("SELECT bet_id FROM bets WHERE state IN ('won', 'lost')")]
    for bet in bets:
        kept = home.query("SELECT moment, path IS NULL FROM round_pictures WHERE bet_id = ?", bet)
        assert {"decided", "before_click", "after_click", "settled", "round_end"} == {row[0] for row in kept}
    pictures = home.query("SELECT path, size_bytes FROM round_pictures WHERE path IS NOT NULL")
    assert len(pictures) >= len(rounds)
    folder = home.folder / "home" / "data" / "journal"
    assert all((folder / path).stat().st_size == size for path, size in pictures)
    done = home.run("why", bets[-1], "--db", home.url, "--html", str(home.folder / "why.html"))
    assert done.returncode == 0, done.stderr
    assert "decided" in done.stdout and "ended at" in done.stdout
    assert (home.folder / "why.html").stat().st_size > 50_000


def test_nothing_is_left_over_after_the_end(played: Played) -> None:
    assert played.left_over == []


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("record", "UPDATE rounds SET crash_multiplier = crash_multiplier + 1 WHERE round_number = 3"),
        ("record", "UPDATE bets SET payout_minor = 5, state = 'won' WHERE state = 'lost'"),
        ("record", "DELETE FROM rounds WHERE round_number = 4"),
        ("record", "UPDATE bets SET stake_minor = stake_minor + 1"),
        ("ledger", "UPDATE rounds SET crash_multiplier = crash_multiplier + 1"),
        ("ledger", "UPDATE bets SET stake_minor = stake_minor + 1"),
        ("ledger", "UPDATE accounts SET balance_minor = balance_minor + 1"),
        ("ledger", "UPDATE display_clicks SET root_x = root_x + 9"),
    ],
)
def test_a_changed_entry_is_found(played: Played, tmp_path: Path, where: str, change: str) -> None:
    copy = Home(tmp_path)
    for source, target in ((played.home.database, copy.database), (played.home.ledger, copy.ledger)):
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    assert copy.compare().agrees
    with closing(sqlite3.connect(copy.database if where == "record" else copy.ledger)) as connection:
        assert connection.execute(change).rowcount > 0
        connection.commit()
    assert not copy.compare().agrees


def test_all_faults_leave_no_difference(home: Home) -> None:
    running = Running(home, "--rounds", "9", "--speed", "3", "--seed", "21", "--faults", "all")
    try:
        code = running.wait(400)
        assert code == 0, running.said()
        report = running.result()
        assert report["agrees"] and report["clicks_outside"] == report["double_bets"] == 0
        assert home.house("SELECT COUNT(DISTINCT kind) FROM faults")[0][0] >= 5
    finally:
        running.close()


def test_three_tables_on_one_account(home: Home) -> None:
    running = Running(
        home, "--rounds", "4", "--speed", "3", "--one-account", "--seed", "5", "--strategy", "martingale"
    )
    try:
        assert running.wait(240) == 0, running.said()
        assert len({t["balance_casino"] for t in running.result()["tables"]}) == 1
    finally:
        running.close()


def test_ctrl_c_finishes_what_is_in_hand_and_reports(home: Home) -> None:
    running = Running(home, "--speed", "4", "--tables", "aviator", "--seed", "8")
    try:
        assert wait_for_state(home, "placed", 90), running.said()
        running.interrupt()
        assert running.wait(90) == 0, running.said()
        assert running.result()["ended_by"] == "Ctrl+C"
        assert home.query(
            "SELECT COUNT(*) FROM bets WHERE state NOT IN ('won','lost','missed','refused')"
        ) == [(0,)]
        assert until(lambda: not running.left_over(), 10), running.left_over()
    finally:
        running.close()


def test_the_stop_lets_no_further_bet_pass(home: Home) -> None:
    running = Running(home, "--speed", "4", "--tables", "jetx", "--seed", "9")
    try:
        assert wait_for_state(home, "placed", 90), running.said()
        placed = home.query("SELECT COUNT(*) FROM bets WHERE placed_utc_us IS NOT NULL")
        assert home.run("stop").returncode == 0
        assert running.wait(90) == 0, running.said()
        assert home.query("SELECT COUNT(*) FROM bets WHERE placed_utc_us IS NOT NULL") == placed
        assert running.result()["ended_by"].startswith("stop")
    finally:
        running.close()


@pytest.mark.parametrize("state", ["clicked", "placed"])
def test_after_kill_9_of_the_main_process_the_next_session_settles_what_was_open(
    home: Home, state: str
) -> None:
    first = Running(home, "--speed", "4", "--tables", "aviator", "--seed", "12")
    try:
        assert wait_for_state(home, state, 90), first.said()
        first.note_family()
        kill(psutil.Process(first.pid))
        assert until(lambda: not first.left_over(), 15), first.left_over()
    finally:
        first.kill_all()
    second = Running(home, "--speed", "4", "--tables", "aviator", "--seed", "12", "--rounds", "2")
    try:
        assert second.wait(200) == 0, second.said()
        assert second.result()["double_bets"] == 0
        assert home.query("SELECT COUNT(*) FROM bets WHERE state IN ('clicked','placed','unknown')") == [(0,)]
    finally:
        second.close()


@pytest.mark.parametrize("role", ["table", "browser", "casino"])
def test_the_session_survives_the_death_of_a_part(home: Home, role: str) -> None:
    running = Running(home, "--speed", "4", "--tables", "aviator", "--seed", "14")
    try:
        assert wait_for_state(home, "placed", 90), running.said()
        victim = running.member(role)
        assert victim is not None
        kill(victim)
        ended = home.query("SELECT COUNT(*) FROM rounds WHERE crash_multiplier IS NOT NULL")[0][0]
        assert until(
            lambda: (
                home.query("SELECT COUNT(*) FROM rounds WHERE crash_multiplier IS NOT NULL")[0][0]
                >= ended + 3
            ),
            120,
        ), running.said()
        running.interrupt()
        assert running.wait(120) == 0, running.said()
        assert running.result()["agrees"]
    finally:
        running.close()


def test_a_second_instance_is_refused_in_one_line(home: Home) -> None:
    running = Running(home, "--speed", "4", "--tables", "aviator", "--seed", "15")
    try:
        assert until(lambda: bool(home.sessions()), 60), running.said()
        second = home.run("practice", "--db", f"sqlite:///{home.folder / 'other.db'}")
        assert second.returncode == 4
        assert len(second.stderr.strip().splitlines()) == 1
        running.interrupt()
        running.wait(90)
    finally:
        running.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["practice", "--strategy", "sure_win"],
        ["practice", "--base-stake", "-1.00"],
        ["practice", "--target", "0.99"],
        ["practice", "--tables", "roulette"],
        ["practice", "--faults", "earthquake"],
        ["practice", "--speed", "1000"],
        ["practice", "--rounds", "0"],
        ["practice", "--db", "no database"],
        ["practice", "--json", "missing-folder/report.json"],
        ["settle", "nobody", "won"],
        ["read", "no-such-picture.png"],
    ],
)
def test_bad_input_is_one_line_and_a_code(home: Home, arguments: list[str]) -> None:
    done = home.run(*arguments)
    assert done.returncode not in (0, 70), done.stdout
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_no_browser_is_one_line(home: Home, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("Xvfb", "openbox", "xkbcomp"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    home.extra["PATH"] = str(tools)
    done = home.run("practice", "--tables", "aviator", "--db", home.url)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "hromium" in done.stderr


def test_wayland_or_no_display_with_show_is_one_line(home: Home) -> None:
    home.extra |= {"DISPLAY": ":9876"}
    done = home.run("practice", "--tables", "aviator", "--show", "--db", home.url)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_locked_database_is_one_line(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("CREATE TABLE held (x)")
        connection.execute("BEGIN EXCLUSIVE")
        done = home.run("practice", "--tables", "aviator", "--db", home.url)
        connection.rollback()
    assert done.returncode == 5
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
