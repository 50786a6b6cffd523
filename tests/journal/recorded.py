"""A record with rounds of every kind, and pictures of some of them on the disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from bot.database import Database
from bot.database.base import Base
from bot.domain.pictures import Moment
from bot.journal.files import encoded, path_of, write_picture

T = Base.metadata.tables
START = 1_767_225_600_000_000
SESSION, WATCHED, STOPPED = "0199-session-played", "0199-session-watched", "0199-session-stopped"
WON, MISSED, SKIPPED, DENIED, LATE, LAST, SEEN = (
    "01a0-won", "01a1-missed", "01a2-skipped", "01a3-denied", "01a4-late", "01a5-last", "01b0-watched",
)  # fmt: skip
FRAME = [100, 50, 320, 240]
BOXES = {"picture": FRAME, "multiplier": [150, 80, 120, 40], "p0_button": [200, 150, 60, 30]}
READ = {
    "phase": {"value": "betting", "confidence": 0.98},
    "multiplier": {"value": None, "reason": "no line of digits"},
    "balance": {"value": "100.00", "confidence": 0.99, "text": "100.00", "by": "engine"},
    "players": {"value": None, "reason": "waiting for the engine"},
    "p0_button": {"value": "bet", "confidence": 0.97},
}


class Rows:
    """Puts rows into a database, with the columns that every row needs filled in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made = 0

    def add(self, table: str, **values: Any) -> None:
        self._made += 1
        if "id" in T[table].columns:
            values.setdefault("id", f"{table}-{self._made:04d}")
        with self._database.writing() as connection:
            connection.execute(insert(T[table]).values(values))

    def session(self, session_id: str, mode: str = "practice", **values: Any) -> None:
        self.add(
            "session_logs", session_id=session_id, bot_id="bot", mode=mode, strategy_name="martingale",
            started_utc_us=START - 9_000_000, **{"status": "ended", **values},
        )  # fmt: skip

    def round(self, round_id: str, number: int, session_id: str = SESSION, **values: Any) -> None:
        at = START + number * 20_000_000
        row = {
            "seen_from": "betting", "betting_utc_us": at, "flying_utc_us": at + 2_000_000,
            "crashed_utc_us": at + 6_000_000, "recorded_utc_us": at + 6_000_000, "crash_multiplier": 245,
            "multiplier_source": "ocr", "confidence": 0.999, "raw_text": "2.45x", "complete": True,
            "table_name": "aviator", "game_name": "aviator",
        }  # fmt: skip
        self.add("rounds", round_id=round_id, session_id=session_id, round_number=number, **{**row, **values})

    def moment(self, round_id: str, moment: Moment, at_utc_us: int, **values: Any) -> None:
        row = {"session_id": SESSION, "table_name": "aviator", "seen": READ, **values}
        self.add("round_pictures", round_id=round_id, moment=moment.value, at_utc_us=at_utc_us, **row)

    def picture(self, folder: Path, round_id: str, moment: Moment, at_utc_us: int, **values: Any) -> str:
        pixels = np.random.default_rng(at_utc_us).integers(0, 255, (240, 320, 3), np.uint8)
        data = encoded(pixels)
        path = path_of(SESSION, round_id, at_utc_us, moment, f"row{at_utc_us}")
        write_picture(folder, path, data)
        sha256 = hashlib.sha256(data).hexdigest()
        kept = {"path": path, "sha256": sha256, "size_bytes": len(data), "boxes": BOXES, **values}
        self.moment(round_id, moment, at_utc_us, **kept)
        return path

    def denial(self, round_id: str, limit: str, reason: str, at_utc_us: int, **values: Any) -> None:
        self.add(
            "denials", session_id=SESSION, account="acc", table_name="aviator", round_id=round_id,
            limit_name=limit, reason=reason, at_utc_us=at_utc_us, **values,
        )  # fmt: skip

    def bet(self, bet_id: str, round_id: str, state: str, at_utc_us: int, **values: Any) -> None:
        row = {
            "session_id": SESSION, "account": "acc", "table_name": "aviator", "panel": 0, "stake_minor": 100,
            "target": 200, "currency": "EUR", "balance_before_minor": 10_000,
        }  # fmt: skip
        self.add(
            "bets", bet_id=bet_id, round_id=round_id, state=state, ordered_utc_us=at_utc_us,
            **{**row, **values},
        )  # fmt: skip

    def events(self, bet_id: str, at_utc_us: int, *states: tuple[str, str, dict[str, Any]]) -> None:
        before = None
        for number, (state, reason, detail) in enumerate(states):
            self.add(
                "bet_events", bet_id=bet_id, from_state=before, to_state=state, reason=reason, detail=detail,
                at_utc_us=at_utc_us + number * 100_000,
            )  # fmt: skip
            before = state


def won_round(rows: Rows, folder: Path) -> None:
    """A whole bet, from its order to the balance that settled it, with all its pictures."""
    at = START + 20_000_000
    rows.round(WON, 1)
    for number, (phase, multiplier) in enumerate(
        [("betting", None), ("flying", 100), ("flying", 210), ("crashed", 245)]
    ):
        rows.add(
            "round_snapshots", round_id=WON, at_utc_us=at + number * 1_900_000, phase=phase,
            multiplier=multiplier, balance_minor=10_000 if number == 0 else 9_900, players=312,
            players_total_minor=50_080, confidence=0.99,
        )  # fmt: skip
    rows.bet("02a0-bet", WON, "won", at, payout_minor=200, profit_minor=100, balance_after_minor=10_100)
    rows.events(
        "02a0-bet",
        at,
        ("ordered", "", {"note": "first stake"}),
        ("typed", "", {"step_ms": {"find": 5.2, "stake_keys": 30.0}, "clicks": []}),
        ("verified", "", {"step_ms": {"find": 5.2, "stake_keys": 30.0, "gate": 1.4}, "clicks": []}),
        ("clicked", "", {"step_ms": {"find": 5.2, "stake_keys": 30.0, "gate": 1.4, "click": 17.0},
                         "clicks": [{"element": "p0_button", "x": 230, "y": 165, "at_ms": 1}]}),
        ("placed", "the button shows it accepted", {}),
        ("won", "target reached, balance agrees", {}),
    )  # fmt: skip
    said = {"bet_id": "02a0-bet"}
    rows.picture(folder, WON, Moment.DECIDED, at, said="ordered 1.00 at 2.00x", **said)
    looked = {"p0_stake": {"value": "1.00", "confidence": 0.99}, "p0_button": {"value": "bet"}}
    rows.picture(folder, WON, Moment.BEFORE_CLICK, at + 300_000, said="clicked", seen=looked, **said)
    rows.moment(WON, Moment.AFTER_CLICK, at + 400_000, lost="left out: the disk was slower", **said)
    crash = {"multiplier": {"value": "2.45", "confidence": 0.999, "by": "both"}}
    rows.picture(folder, WON, Moment.ROUND_END, at + 6_000_000, said="ended at 2.45x", seen=crash, **said)
    rows.picture(folder, WON, Moment.SETTLED, at + 500_000, said="won", **said)
    rows.add(
        "reconciliations", session_id=SESSION, account="acc", table_name="aviator", at_utc_us=at + 6_500_000,
        expected_minor=10_100, seen_minor=10_100, difference_minor=0, verdict="agrees", settled_by="machine",
    )  # fmt: skip
    rows.add(
        "odds", session_id=SESSION, table_name="aviator", parameters={}, at_utc_us=START,
        result={"words": ["martingale", "On average it ends -0.12.", "Chance of ruin: 1 %."]},
    )  # fmt: skip


def fill(database: Database, folder: Path) -> None:
    """Rounds of every kind: won, missed, skipped, denied, seen late, after a stop, only watched."""
    rows = Rows(database)
    rows.add("bot_vm_registration", bot_id="bot")
    rows.session(SESSION, ended_utc_us=START + 130_000_000, notes="stop: crashbot stop")
    rows.session(WATCHED, "watch", ended_utc_us=START + 20_000_000)
    won_round(rows, folder)
    at = START + 40_000_000
    rows.round(MISSED, 2)
    rows.bet(
        "02a1-bet", MISSED, "missed", at, reason="the stake field reads 1.50, ordered 1.00", profit_minor=0
    )
    rows.events(
        "02a1-bet", at, ("ordered", "", {}), ("missed", "the stake field reads 1.50, ordered 1.00", {})
    )
    rows.round(SKIPPED, 3)
    rows.denial(SKIPPED, "button", "the button is disabled, not ready for a bet", START + 60_000_000)
    rows.picture(
        folder, SKIPPED, Moment.DECIDED, START + 60_000_000,
        said="no bet: the button is disabled, not ready for a bet",
    )  # fmt: skip
    rows.round(DENIED, 4)
    rows.denial(DENIED, "day_loss", "the loss of any 24 hours would reach 21.00", START + 80_000_000,
                figure=2_100, bound=2_000)  # fmt: skip
    rows.add("error_logs", session_id=SESSION, table_name="aviator", error_type="StaleFrame",
             message="the picture stood still", reaction="retry", at_utc_us=START + 81_000_000)  # fmt: skip
    rows.round(LATE, 5, seen_from="flying", betting_utc_us=None, complete=False, multiplier_source="backfill")
    rows.round(LAST, 6, crash_multiplier=None, multiplier_source=None, crashed_utc_us=None, complete=False)
    rows.round(SEEN, 1, WATCHED, table_name="mine")
