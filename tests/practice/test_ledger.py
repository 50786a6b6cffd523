"""The casino's book: money adds up whatever happens, and a file is used by one casino only."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.practice.clock import JumpingClock
from bot.practice.law import Dealer
from bot.practice.ledger import Ledger, LedgerError, Refused, connect, lock_ledger
from tests.practice.houses import assert_book_balances, rows


def new_ledger(path: Path) -> Ledger:
    ledger = Ledger(path, JumpingClock())
    ledger.open_account("a", "USD", top_up=True)
    ledger.open_table("aviator", "aviator", 0, "a", "USD", "en", 10, 50_000)
    return ledger


def open_round(ledger: Ledger) -> int:
    round_id = ledger.next_round_id()
    ledger.open_round(round_id, "aviator", Dealer("1", 9700).draw(f"aviator/{round_id}"))
    return round_id


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["place", "cancel", "cash_out", "crash"]),
        st.integers(0, 1),
        st.integers(1, 400_000),
        st.one_of(st.none(), st.integers(101, 1_000)),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_entries_add_up_to_the_balance_after_any_orders(
    steps: list[tuple[str, int, int, int | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = new_ledger(path)
        round_id = open_round(ledger)
        for kind, panel, stake_minor, target in steps:
            open_bets = [bet for bet in ledger.bets(round_id) if bet.panel == panel and bet.state == "open"]
            try:
                if kind == "place":
                    ledger.place(round_id, "aviator", "a", panel, stake_minor, target)
                elif kind == "crash":
                    ledger.crash(round_id)
                    round_id = open_round(ledger)
                elif kind == "cancel" and open_bets:
                    ledger.cancel(open_bets[0].id)
                elif kind == "cash_out" and open_bets:
                    ledger.cash_out(open_bets[0].id, 100 + stake_minor % 300)
            except Refused:
                pass
        ledger.close()
        assert_book_balances(path)


def test_a_bet_above_the_balance_is_refused_and_moves_nothing(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "l.db")
    round_id = open_round(ledger)
    with pytest.raises(Refused, match="balance"):
        ledger.place(round_id, "aviator", "a", 0, 1_000_001, 200)
    assert ledger.balance("a") == 1_000_000
    assert ledger.bets(round_id) == []


def test_one_bet_a_panel_and_a_new_one_after_cancelling(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "l.db")
    round_id = open_round(ledger)
    first = ledger.place(round_id, "aviator", "a", 0, 100, 200)
    with pytest.raises(Refused, match="panel_taken"):
        ledger.place(round_id, "aviator", "a", 0, 100, 200)
    ledger.place(round_id, "aviator", "a", 1, 100, 200)
    ledger.cancel(first.id)
    again = ledger.place(round_id, "aviator", "a", 0, 300, 200)
    assert again.id != first.id
    assert ledger.balance("a") == 1_000_000 - 100 - 300


def test_crash_pays_reached_targets_and_takes_the_rest(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "l.db")
    round_id = ledger.next_round_id()
    ledger.open_round(round_id, "aviator", Dealer("1", 9700).draw("aviator/1", lambda crash: crash == 245))
    reached = ledger.place(round_id, "aviator", "a", 0, 333, 245)
    missed = ledger.place(round_id, "aviator", "a", 1, 500, 246)
    assert [bet.id for bet in ledger.crash(round_id)] == [missed.id]
    states = {bet.id: (bet.state, bet.payout_minor) for bet in ledger.bets(round_id)}
    assert states == {reached.id: ("won", 333 * 245 // 100), missed.id: ("lost", 0)}


def test_no_bet_is_taken_after_take_off(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "l.db")
    round_id = open_round(ledger)
    ledger.take_off(round_id)
    with pytest.raises(Refused, match="late"):
        ledger.place(round_id, "aviator", "a", 0, 100, 200)


def test_the_file_itself_forbids_a_second_bet_on_a_panel(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "l.db")
    bet = ledger.place(open_round(ledger), "aviator", "a", 0, 100, 200)
    ledger.close()
    with pytest.raises(sqlite3.IntegrityError):
        db = connect(tmp_path / "l.db")
        try:
            db.execute(
                "INSERT INTO bets SELECT 'copy', round_id, table_name, account_id, panel, stake_minor, "
                "target, placed_ms, state, NULL, NULL, NULL FROM bets WHERE id=?",
                (bet.id,),
            )
        finally:
            db.close()


def test_every_movement_is_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    ledger = new_ledger(path)
    bet = ledger.place(open_round(ledger), "aviator", "a", 0, 100, 200)
    assert rows(path, "SELECT state FROM bets")[0]["state"] == "open"
    ledger.cash_out(bet.id, 150)
    assert rows(path, "SELECT balance_minor FROM accounts")[0]["balance_minor"] == 1_000_050
    ledger.close()


def test_only_one_casino_may_use_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with lock_ledger(path), pytest.raises(LedgerError, match="another casino"):
        lock_ledger(path)
    lock_ledger(path).close()


def test_a_ledger_in_no_folder_or_of_another_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="missing"):
        connect(tmp_path / "missing" / "l.db")
    (tmp_path / "text.db").write_text("not a database, certainly not one\n" * 50)
    with pytest.raises(LedgerError, match=r"text\.db"):
        connect(tmp_path / "text.db")
