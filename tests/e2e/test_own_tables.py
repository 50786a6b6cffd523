"""A user's own table, end to end: the practice casino's page as somebody's, watched, on paper, and live."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import pytest

from benchmarks.drive import until
from bot.database import open_database
from bot.domain.amounts import format_hundredths
from bot.runtime.reconcile import reconcile
from bot.screen.own.definition import layout_text
from tests.e2e.at_a_terminal import at_a_terminal
from tests.e2e.live_process import mature
from tests.e2e.somebody import PLAYED, WATCHED, Somebody, somebody

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1_500)]
#: How long a busy machine may take to place a handful of bets, seconds.
PATIENCE_S = 700

#: The wallet has the name that the casino's ledger gives it, so that both can be compared by name.
TABLE, PURSE = "aviator", "practice-aviator"


def calibrate(house: Somebody, fields: tuple[str, ...], **more: str) -> None:
    """As a person would with a layout file: the boxes, and two rounds to learn."""
    table = house.bring(TABLE, fields, account=PURSE, **more)
    layout = house.home.folder / "layout.toml"
    layout.write_text(layout_text(table), encoding="utf-8")
    done = house.home.run("calibrate", TABLE, "--layout", str(layout), "--minutes", "4", within_s=300)
    assert done.returncode == 0, done.stdout + done.stderr


def count_bets(house: Somebody, moment: str) -> int:
    """Bets on the record that have reached a moment."""
    rows = house.home.query(f"SELECT COUNT(*) FROM bets WHERE {moment} IS NOT NULL")
    return int(rows[0][0]) if rows else 0


def explain(house: Somebody) -> object:
    """Why there were no more bets, for a failed test."""
    bets = house.home.query("SELECT state, reason FROM bets")
    return bets, house.home.query("SELECT limit_name, reason FROM denials")


def flown(house: Somebody) -> list[str]:
    """The casino's crash points, oldest first, as decimal strings."""
    rows = house.house("SELECT crash_multiplier FROM rounds WHERE crashed_ms IS NOT NULL ORDER BY crashed_ms")
    return [format_hundredths(row[0]) for row in rows]


def is_part_of(part: list[str], whole: list[str]) -> bool:
    """Whether these rounds follow one another there without a gap."""
    return any(whole[start : start + len(part)] == part for start in range(len(whole) - len(part) + 1))


def test_watching_records_every_crash_point_and_stakes_nothing(tmp_path: Path) -> None:
    with somebody(tmp_path, speed=2.0, seed=559) as house:
        house.bring(TABLE, WATCHED, game="other", account=PURSE)
        report = tmp_path / "report.json"
        done = house.home.run(
            *("watch", TABLE, "--rounds", "4", "--minutes", "6", "--db", house.home.url),
            *("--json", str(report)),
            within_s=500,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (table,) = json.loads(report.read_text())["tables"]
        assert table["rounds_recorded"] >= 4, table
        assert is_part_of(table["crashes"], flown(house)), (table["crashes"], flown(house))
        assert table["rounds_missed"] == table["gaps_of_unknown_length"] == 0
        assert house.home.query("SELECT mode, status FROM session_logs") == [("watch", "ended")]
        assert house.home.query("SELECT COUNT(*) FROM bets") == [(0,)]
        assert house.house("SELECT COUNT(*) FROM bets") == [(0,)]
        assert house.house("SELECT COUNT(*) FROM display_clicks") == [(0,)]
        assert len(house.home.query("SELECT 1 FROM odds")) == 1


def test_on_paper_bets_are_settled_by_what_was_seen_and_nothing_is_clicked(tmp_path: Path) -> None:
    with somebody(tmp_path, speed=2.0, seed=559) as house:
        house.bring(TABLE, ("multiplier",), game="other", account=PURSE)  # one box is enough
        report = tmp_path / "report.json"
        command = house.home.command("paper", TABLE, "--bankroll", "200.00", "--strategy", "martingale")
        command += ["--target", "2.00", "--db", house.home.url, "--json", str(report)]
        with at_a_terminal(command, house.home.environment()) as terminal:
            assert until(lambda: count_bets(house, "settled_utc_us") >= 3, PATIENCE_S), explain(house)
            terminal.interrupt()
            assert terminal.wait(150) == 0, terminal.said
        (table,) = json.loads(report.read_text())["tables"]
        assert is_part_of(table["crashes"], flown(house)), (table["crashes"], flown(house))
        settled = house.home.query(
            "SELECT b.stake_minor, b.target, b.state, b.profit_minor, r.crash_multiplier FROM bets b"
            " JOIN rounds r USING (round_id) WHERE b.state IN ('won', 'lost') ORDER BY b.ordered_utc_us"
        )
        assert len(settled) >= 2, explain(house)
        for stake, target, state, profit, crash in settled:
            assert state == ("won" if crash >= target else "lost")
            assert profit == (stake * target // 100 - stake if crash >= target else -stake)
        for before, after in itertools.pairwise(settled):  # a martingale, on what was settled
            assert after[0] == (100 if before[2] == "won" else 2 * before[0])
        assert house.house("SELECT COUNT(*) FROM bets") == house.house("SELECT COUNT(*) FROM display_clicks")
        assert house.house("SELECT COUNT(*) FROM bets") == [(0,)]
        assert house.home.query("SELECT mode FROM session_logs") == [("paper",)]


def test_a_person_arms_live_play_and_ledger_and_record_agree_for_every_bet(tmp_path: Path) -> None:
    with somebody(tmp_path, speed=1.0, seed=559) as house:
        calibrate(house, PLAYED)
        house.person_clicks(house.boxes(TABLE)["p0_switch"].centre)
        guard = tmp_path / "guard"
        mature([guard / "one", guard / "two"], PURSE)
        report = tmp_path / "report.json"
        command = [
            *(sys.executable, "-m", "tests.e2e.live_process", str(guard), house.home.url),
            *(str(report), "1000", TABLE),
        ]
        with at_a_terminal(command, house.home.environment()) as terminal:
            assert terminal.sees("that you accept to lose", 120), terminal.said
            assert "Every strategy loses" in terminal.said  # the odds came first
            terminal.types("20.00")
            assert terminal.sees("may still lose 20.00 of 20.00 USD", 60), terminal.said
            assert until(lambda: count_bets(house, "placed_utc_us") >= 5, PATIENCE_S), explain(house)
            terminal.interrupt()
            assert terminal.wait(150) == 0, terminal.said
        told = json.loads(report.read_text())
        assert told["mode"] == "live"
        database = open_database(house.home.url)
        try:
            compared = reconcile(database.engine, house.ledger, told["session_id"])
        finally:
            database.close()
        assert compared.clicks_outside == compared.double_bets == 0, compared.complaints
        (table,) = compared.tables
        assert table.bets_ledger == table.bets_recorded == table.settled_exact >= 5, table.complaints
        assert table.balance_casino == table.balance_bot, table.complaints
        assert not [words for words in table.complaints if "bet" in words], table.complaints
