"""A person settles a live bet: the record takes their word, the guarded limits count the stake as lost."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.folders
from bot.database import open_bets, open_database
from bot.limits import GuardBook, GuardLedger
from bot.runtime.settling import settle_bet
from tests.journal.recorded import START, Rows

LIVE_SESSION = "0199-session-live"
BET = "01a9-unknown"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another account's home, as far as this process can tell."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "CRASHBOT_HOME", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(bot.folders, "account_home", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize("outcome", ["won", "lost", "refused"])
def test_a_settled_live_bet_counts_as_lost_for_the_guarded_limits(home: Path, outcome: str) -> None:
    url = f"sqlite:///{home / 'rounds.db'}"
    database = open_database(home / "rounds.db")
    rows = Rows(database)
    rows.session(LIVE_SESSION, mode="live")
    rows.round("01a9-round", 1, session_id=LIVE_SESSION)
    rows.bet(BET, "01a9-round", "unknown", START, session_id=LIVE_SESSION)
    bets = open_bets(database)
    database.close()
    book = GuardBook.open()
    GuardLedger(book).add(bets[0], "live", 0)
    book.close()

    settle_bet(url, "01a9", outcome, "Ana", json=True)

    book = GuardBook.open()
    kept = GuardLedger(book).get(BET)
    assert all(path.is_relative_to(home) for path in book.paths)
    book.close()
    assert kept is not None and (kept.outcome, kept.stake_minor) == ("lost", 100)
    database = open_database(home / "rounds.db")
    assert open_bets(database) == []
    database.close()
