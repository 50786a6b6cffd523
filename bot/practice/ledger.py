"""The casino's own book: accounts, rounds, bets and every movement of money, in one SQLite file.

Each method that moves money is one transaction, on disk when it returns: the casino may be killed at any
moment and goes on from the file. Money in minor units, multipliers in hundredths, times UTC milliseconds.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.practice.clock import HouseClock
from bot.practice.law import Draw
from bot.practice.schema import SCHEMA

OPENING_BALANCE_MINOR = 1_000_000
TOP_UP_BELOW_MINOR = 100_000


class LedgerError(Exception):
    """The ledger file cannot be used; the message says what to do."""


class Refused(Exception):
    """The house does not take an order. ``reason`` is one of the words of the protocol."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Round:
    """A row of ``rounds``."""

    id: int
    table: str
    draw: Draw
    state: str
    betting_ms: int | None
    flying_ms: int | None
    crashed_ms: int | None


@dataclass(frozen=True, slots=True)
class Bet:
    """A row of ``bets``. ``target`` is ``None`` when the player cashes out by hand."""

    id: str
    round_id: int
    table: str
    account: str
    panel: int
    stake_minor: int
    target: int | None
    state: str
    cash_multiplier: int | None
    payout_minor: int | None


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a ledger file as all its writers use it: WAL, durable commits, foreign keys.

    Raises ``LedgerError`` when the file cannot be opened or written.
    """
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.executescript(SCHEMA)
    except sqlite3.Error as error:
        raise LedgerError(
            f"cannot use the casino's ledger {path}: {error}; check that its folder exists, is "
            "writable and has room, and that no other casino uses it"
        ) from error
    db.row_factory = sqlite3.Row
    return db


def lock_ledger(path: Path) -> IO[bytes]:
    """Keep other casinos off this ledger until the file returned is closed or this process ends.

    Raises ``LedgerError`` when another casino has it or the folder cannot be written.
    """
    try:
        lock = path.with_name(path.name + ".lock").open("ab")
    except OSError as error:
        raise LedgerError(
            f"cannot use the casino's ledger {path}: {error}; choose a folder to write in"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise LedgerError(f"another casino uses the ledger {path}: end it or choose another file") from error
    return lock


class Ledger:
    """All reading and writing of the book by the casino process (one thread)."""

    def __init__(self, path: Path, clock: HouseClock) -> None:
        self._db = connect(path)
        self._clock = clock

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- session, accounts, tables -------------------------------------------------------------

    def get_meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        self._db.execute(
            "INSERT INTO meta VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value", (key, value)
        )

    def open_account(self, account: str, currency: str, top_up: bool) -> None:
        """Open an account with its first deposit; an old one is topped up if it is low and ``top_up``."""
        with self._transaction():
            row = self._db.execute("SELECT balance_minor FROM accounts WHERE id=?", (account,)).fetchone()
            if row is None:
                self._db.execute(
                    "INSERT INTO accounts VALUES(?,?,0,?)", (account, currency, self._clock.utc_ms())
                )
                self._move(account, None, "deposit", OPENING_BALANCE_MINOR)
            elif top_up and row["balance_minor"] < TOP_UP_BELOW_MINOR:
                self._move(account, None, "deposit", OPENING_BALANCE_MINOR - int(row["balance_minor"]))

    def open_table(
        self,
        name: str,
        game: str,
        index: int,
        account: str,
        currency: str,
        lang: str,
        min_stake_minor: int,
        max_stake_minor: int,
    ) -> None:
        self._db.execute(
            "INSERT INTO tables VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET game=excluded.game, "
            "idx=excluded.idx, account_id=excluded.account_id, currency=excluded.currency, "
            "lang=excluded.lang, min_stake_minor=excluded.min_stake_minor, "
            "max_stake_minor=excluded.max_stake_minor",
            (name, game, index, account, currency, lang, min_stake_minor, max_stake_minor),
        )

    def balance(self, account: str) -> int:
        return int(
            self._db.execute("SELECT balance_minor FROM accounts WHERE id=?", (account,)).fetchone()[0]
        )

    def _move(self, account: str, bet_id: str | None, kind: str, amount_minor: int) -> None:
        """One movement of money, inside the caller's transaction."""
        after = self.balance(account) + amount_minor
        self._db.execute("UPDATE accounts SET balance_minor=? WHERE id=?", (after, account))
        self._db.execute(
            "INSERT INTO entries(account_id,bet_id,kind,amount_minor,balance_after_minor,at_ms) "
            "VALUES(?,?,?,?,?,?)",
            (account, bet_id, kind, amount_minor, after, self._clock.utc_ms()),
        )

    # --- rounds -------------------------------------------------------------------------------

    def next_round_id(self) -> int:
        return int(self._db.execute("SELECT COALESCE(MAX(id),0)+1 FROM rounds").fetchone()[0])

    def count_rounds(self, table: str, up_to_id: int | None = None) -> int:
        """How many rounds a table has had; with ``up_to_id`` the table's own number of that round."""
        row = self._db.execute(
            "SELECT COUNT(*) FROM rounds WHERE table_name=? AND (? IS NULL OR id<=?)",
            (table, up_to_id, up_to_id),
        ).fetchone()
        return int(row[0])

    def open_round(self, round_id: int, table: str, draw: Draw) -> None:
        """Commit a round: from here on its crash point stands, whatever happens to the casino."""
        self._db.execute(
            "INSERT INTO rounds VALUES(?,?,?,?,?,?,?,NULL,NULL,'betting')",
            (
                round_id,
                table,
                draw.seed_hash,
                draw.server_seed,
                json.dumps(draw.client_seeds),
                draw.crash,
                self._clock.utc_ms(),
            ),
        )

    def take_off(self, round_id: int) -> None:
        self._db.execute(
            "UPDATE rounds SET state='flying', flying_ms=? WHERE id=? AND state='betting'",
            (self._clock.utc_ms(), round_id),
        )

    def crash(self, round_id: int) -> list[Bet]:
        """End a round: open bets that had reached their targets win, the others lose. Returns the lost."""
        with self._transaction():
            now = self._clock.utc_ms()
            crash = int(
                self._db.execute("SELECT crash_multiplier FROM rounds WHERE id=?", (round_id,)).fetchone()[0]
            )
            for bet in self.bets(round_id):
                if bet.state == "open" and bet.target is not None and bet.target <= crash:
                    self._pay(bet, bet.target)
            lost = [bet.id for bet in self.bets(round_id) if bet.state == "open"]
            self._db.executemany(
                "UPDATE bets SET state='lost', payout_minor=0, settled_ms=? WHERE id=?",
                [(now, bet) for bet in lost],
            )
            self._db.execute(
                "UPDATE rounds SET state='crashed', flying_ms=COALESCE(flying_ms,?), crashed_ms=? WHERE id=?",
                (now, now, round_id),
            )
        return [bet for bet in self.bets(round_id) if bet.id in lost]

    def unfinished(self, table: str) -> list[Round]:
        rows = self._db.execute(
            "SELECT * FROM rounds WHERE table_name=? AND state<>'crashed' ORDER BY id", (table,)
        ).fetchall()
        return [_round(row) for row in rows]

    def round(self, round_id: int) -> Round | None:
        row = self._db.execute("SELECT * FROM rounds WHERE id=?", (round_id,)).fetchone()
        return None if row is None else _round(row)

    def last_crashed(self, table: str) -> Round | None:
        row = self._db.execute(
            "SELECT * FROM rounds WHERE table_name=? AND state='crashed' ORDER BY id DESC LIMIT 1", (table,)
        ).fetchone()
        return None if row is None else _round(row)

    def history(self, table: str, length: int) -> list[int]:
        """Crash points of the last rounds, newest first."""
        rows = self._db.execute(
            "SELECT crash_multiplier FROM rounds WHERE table_name=? AND state='crashed' "
            "ORDER BY id DESC LIMIT ?",
            (table, length),
        ).fetchall()
        return [int(row[0]) for row in rows]

    # --- bets -----------------------------------------------------------------------------------

    def bets(self, round_id: int) -> list[Bet]:
        rows = self._db.execute(
            "SELECT * FROM bets WHERE round_id=? ORDER BY placed_ms, id", (round_id,)
        ).fetchall()
        return [_bet(row) for row in rows]

    def place(
        self, round_id: int, table: str, account: str, panel: int, stake_minor: int, target: int | None
    ) -> Bet:
        """Take a bet and its stake. Raises ``Refused`` (panel_taken, balance, late): nothing moved."""
        with self._transaction():
            state = self._db.execute("SELECT state FROM rounds WHERE id=?", (round_id,)).fetchone()
            if state is None or state[0] != "betting":
                raise Refused("late")
            earlier = [bet for bet in self.bets(round_id) if bet.panel == panel]
            if any(bet.state != "cancelled" for bet in earlier):
                raise Refused("panel_taken")
            if stake_minor > self.balance(account):
                raise Refused("balance")
            bet_id = f"{table}-{round_id}-{panel}-{len(earlier) + 1}"
            self._db.execute(
                "INSERT INTO bets VALUES(?,?,?,?,?,?,?,?,'open',NULL,NULL,NULL)",
                (bet_id, round_id, table, account, panel, stake_minor, target, self._clock.utc_ms()),
            )
            self._move(account, bet_id, "stake", -stake_minor)
        return self._bet(bet_id)

    def cancel(self, bet_id: str) -> Bet:
        """Give a stake back while betting. Raises ``Refused`` (no_bet, late)."""
        with self._transaction():
            bet = self._bet(bet_id)
            if bet.state != "open":
                raise Refused("no_bet")
            state = self._db.execute("SELECT state FROM rounds WHERE id=?", (bet.round_id,)).fetchone()[0]
            if state != "betting":
                raise Refused("late")
            self._db.execute(
                "UPDATE bets SET state='cancelled', payout_minor=0, settled_ms=? WHERE id=?",
                (self._clock.utc_ms(), bet_id),
            )
            self._move(bet.account, bet_id, "refund", bet.stake_minor)
        return self._bet(bet_id)

    def cash_out(self, bet_id: str, multiplier: int) -> Bet:
        """Pay an open bet at ``multiplier``. Raises ``Refused`` (no_bet)."""
        with self._transaction():
            bet = self._bet(bet_id)
            if bet.state != "open":
                raise Refused("no_bet")
            self._pay(bet, multiplier)
        return self._bet(bet_id)

    def _pay(self, bet: Bet, multiplier: int) -> None:
        payout = bet.stake_minor * multiplier // 100
        self._db.execute(
            "UPDATE bets SET state='won', cash_multiplier=?, payout_minor=?, settled_ms=? WHERE id=?",
            (multiplier, payout, self._clock.utc_ms(), bet.id),
        )
        self._move(bet.account, bet.id, "payout", payout)

    def _bet(self, bet_id: str) -> Bet:
        row = self._db.execute("SELECT * FROM bets WHERE id=?", (bet_id,)).fetchone()
        if row is None:
            raise Refused("no_bet")
        return _bet(row)

    # --- what is noted besides the money ----------------------------------------------------------

    def refusal(
        self,
        round_id: int | None,
        table: str,
        panel: int | None,
        stake_minor: int | None,
        target: int | None,
        reason: str,
    ) -> None:
        self._db.execute(
            "INSERT INTO refusals(round_id,table_name,panel,stake_minor,target,reason,at_ms) "
            "VALUES(?,?,?,?,?,?,?)",
            (round_id, table, panel, stake_minor, target, reason, self._clock.utc_ms()),
        )

    def fault_started(self, table: str, round_id: int | None, kind: str, detail: dict[str, object]) -> int:
        cursor = self._db.execute(
            "INSERT INTO faults(table_name,round_id,kind,started_ms,detail) VALUES(?,?,?,?,?)",
            (table, round_id, kind, self._clock.utc_ms(), json.dumps(detail)),
        )
        return int(cursor.lastrowid or 0)

    def fault_ended(self, fault_id: int) -> None:
        self._db.execute(
            "UPDATE faults SET ended_ms=? WHERE id=? AND ended_ms IS NULL", (self._clock.utc_ms(), fault_id)
        )

    def end_open_faults(self) -> None:
        """A restarted casino performs none of the faults that were under way."""
        self._db.execute("UPDATE faults SET ended_ms=? WHERE ended_ms IS NULL", (self._clock.utc_ms(),))

    def page_click(
        self, table: str, at_ms: int, x: float, y: float, element: str, trusted: bool, boxes: str
    ) -> None:
        self._db.execute(
            "INSERT INTO page_clicks(table_name,at_ms,screen_x,screen_y,element,trusted,boxes) "
            "VALUES(?,?,?,?,?,?,?)",
            (table, at_ms, x, y, element, int(trusted), boxes),
        )


def _round(row: sqlite3.Row) -> Round:
    draw = Draw(row["server_seed"], tuple(json.loads(row["client_seeds"])), row["crash_multiplier"])
    return Round(
        row["id"],
        row["table_name"],
        draw,
        row["state"],
        row["betting_ms"],
        row["flying_ms"],
        row["crashed_ms"],
    )


def _bet(row: sqlite3.Row) -> Bet:
    return Bet(
        row["id"],
        row["round_id"],
        row["table_name"],
        row["account_id"],
        row["panel"],
        row["stake_minor"],
        row["target"],
        row["state"],
        row["cash_multiplier"],
        row["payout_minor"],
    )
