"""What the gate remembers, in a small SQLite file of the user's, outside ``--db``.

Every reservation is there before its bet is queued, so that a restart, a crash or another database does not
forget a stake. An open reservation counts as lost until it is settled or released.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.bets import OPEN_STATES, Bet, BetState
from bot.domain.errors import IllegalTransition, StorageError
from bot.limits.rules import Figures

_US_PER_S = 1_000_000
DAY_US = 24 * 3600 * _US_PER_S
#: How far back each period looks; the session is bounded by itself.
WINDOWS_US = {"day": DAY_US, "week": 7 * DAY_US, "month": 30 * DAY_US}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reservations (
    bet_id TEXT PRIMARY KEY, mode TEXT NOT NULL, account TEXT NOT NULL, session_id TEXT NOT NULL,
    table_name TEXT NOT NULL, round_id TEXT NOT NULL, stake_minor INTEGER NOT NULL CHECK (stake_minor > 0),
    reserved_utc_us INTEGER NOT NULL, outcome TEXT NOT NULL DEFAULT 'open'
        CHECK (outcome IN ('open', 'won', 'lost', 'released')),
    payout_minor INTEGER NOT NULL DEFAULT 0 CHECK (payout_minor >= 0), closed_utc_us INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS ix_reservations_open ON reservations (mode, account) WHERE outcome = 'open';
CREATE INDEX IF NOT EXISTS ix_reservations_round ON reservations (round_id);
CREATE INDEX IF NOT EXISTS ix_reservations_session ON reservations (session_id, account);
CREATE INDEX IF NOT EXISTS ix_reservations_closed ON reservations (mode, account, closed_utc_us);
CREATE TABLE IF NOT EXISTS results (
    session_id TEXT NOT NULL, account TEXT NOT NULL,
    result_minor INTEGER NOT NULL, best_minor INTEGER NOT NULL,
    PRIMARY KEY (session_id, account)
) STRICT;
CREATE TABLE IF NOT EXISTS runs (
    session_id TEXT PRIMARY KEY, mode TEXT NOT NULL,
    started_utc_us INTEGER NOT NULL, seen_utc_us INTEGER NOT NULL
) STRICT;
"""
#: Sums over reservations: an open or lost stake is gone, a won bet brought its payout.
_SUMS = """
SELECT coalesce(sum(stake_minor - payout_minor), 0), coalesce(sum(stake_minor), 0), count(DISTINCT round_id)
FROM reservations WHERE outcome <> 'released' AND mode = ? AND account = ?
"""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A stake that may be on the table. ``outcome`` is open, won, lost or released."""

    bet_id: str
    account: str
    session_id: str
    table: str
    round_id: str
    stake_minor: int
    outcome: str


class LimitStore:
    """The file. Its methods raise ``StorageError``; those of one thread at a time run, under a lock."""

    #: Fastest for one writer and many readers; the guarded copies keep everything in one file instead.
    journal_mode = "WAL"

    def __init__(self, path: Path | str, busy_timeout_s: float = 2.0) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        with self._faults():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
            )
            self._connection.execute(f"PRAGMA journal_mode = {self.journal_mode}")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise StorageError(f"the limits cannot be kept in {self.path.name}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        with self._lock, self._faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    # -- reservations: call these inside a transaction --------------------------------------------------

    def add(self, bet: Bet, mode: str, now_utc_us: int) -> None:
        """Keep a new reservation."""
        self._connection.execute(
            "INSERT INTO reservations (bet_id, mode, account, session_id, table_name, round_id, stake_minor,"
            " reserved_utc_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bet.bet_id,
                mode,
                bet.account,
                bet.session_id,
                bet.table,
                bet.round_id,
                bet.stake_minor,
                now_utc_us,
            ),
        )

    def get(self, bet_id: str) -> Reservation | None:
        """The reservation of a bet."""
        return next(iter(self._reservations("bet_id = ?", (bet_id,))), None)

    def open(self, mode: str, account: str | None = None) -> list[Reservation]:
        """Open reservations of a mode, of one account or of all."""
        if account is None:
            return self._reservations("outcome = 'open' AND mode = ?", (mode,))
        return self._reservations("outcome = 'open' AND mode = ? AND account = ?", (mode, account))

    def _reservations(self, condition: str, parameters: tuple[str, ...]) -> list[Reservation]:
        with self._lock, self._faults():
            rows = self._connection.execute(
                "SELECT bet_id, account, session_id, table_name, round_id, stake_minor, outcome"
                f" FROM reservations WHERE {condition} ORDER BY reserved_utc_us, bet_id",
                parameters,
            ).fetchall()
        return [Reservation(*row) for row in rows]

    def close_bet(self, bet: Bet, now_utc_us: int) -> None:
        """Settle or release what was reserved for a bet in a final state. Twice changes nothing."""
        outcome = {BetState.WON: "won", BetState.LOST: "lost"}.get(bet.state, "released")
        paid = (bet.payout_minor or 0) if outcome == "won" else 0
        kept = self.get(bet.bet_id)
        assert kept is not None and bet.state not in OPEN_STATES
        if kept.outcome == outcome:
            return
        if kept.outcome != "open":
            raise IllegalTransition(
                f"bet {bet.bet_id}: {kept.outcome} for the limits, cannot become {outcome}"
            )
        self.finish(kept, outcome, paid, now_utc_us)

    def finish(self, kept: Reservation, outcome: str, payout_minor: int, now_utc_us: int) -> None:
        """Close an open reservation and bring the session's result and best up to date."""
        self._connection.execute(
            "UPDATE reservations SET outcome = ?, payout_minor = ?, closed_utc_us = ? WHERE bet_id = ?",
            (outcome, payout_minor, now_utc_us, kept.bet_id),
        )
        profit = 0 if outcome == "released" else payout_minor - kept.stake_minor
        self._connection.execute(
            "INSERT INTO results VALUES (?1, ?2, ?3, max(0, ?3)) ON CONFLICT (session_id, account) DO UPDATE"
            " SET result_minor = result_minor + ?3, best_minor = max(best_minor, result_minor + ?3)",
            (kept.session_id, kept.account, profit),
        )

    # -- figures ----------------------------------------------------------------------------------------

    def session_figures(self, mode: str, account: str, session_id: str, now_utc_us: int) -> Figures:
        """Where the session stands on this account."""
        loss, turnover, rounds = self._one(_SUMS + " AND session_id = ?", (mode, account, session_id))
        started, seen = self._one(
            "SELECT started_utc_us, seen_utc_us FROM runs WHERE session_id = ?", (session_id,)
        )
        return Figures(loss, turnover, rounds, (max(now_utc_us, seen) - started) // _US_PER_S)

    def day_figures(self, mode: str, account: str, now_utc_us: int) -> Figures:
        """Where the last 24 hours stand, as ``window_figures``."""
        return self.window_figures(mode, account, now_utc_us, DAY_US)

    def window_figures(self, mode: str, account: str, now_utc_us: int, window_us: int) -> Figures:
        """Where a window stands. Open stakes count however old; closed ones from when they closed."""
        since = now_utc_us - window_us
        question = _SUMS + " AND (outcome = 'open' OR closed_utc_us > ?)"
        loss, turnover, rounds = self._one(question, (mode, account, since))
        return Figures(loss, turnover, rounds, self._seconds_played(mode, since))

    def has_round(self, mode: str, account: str, round_id: str) -> bool:
        """Whether a stake of the account stands or stood in this round."""
        (found,) = self._one(
            "SELECT count(*) FROM reservations WHERE round_id = ? AND mode = ? AND account = ?"
            " AND outcome <> 'released'",
            (round_id, mode, account),
        )
        return found > 0

    def _seconds_played(self, mode: str, since_utc_us: int) -> int:
        """Length of the union of the runs within the window, so that two at a time count once."""
        with self._lock, self._faults():
            rows = self._connection.execute(
                "SELECT max(started_utc_us, ?1), seen_utc_us FROM runs WHERE mode = ?2 AND seen_utc_us > ?1"
                " ORDER BY 1",
                (since_utc_us, mode),
            ).fetchall()
        total: int = 0
        reached = since_utc_us
        for start, end in rows:
            total += max(0, end - max(start, reached))
            reached = max(reached, end)
        return total // _US_PER_S

    def open_stakes(self, mode: str, account: str) -> int:
        """Sum of the open stakes of an account, minor units."""
        (total,) = self._one(
            "SELECT coalesce(sum(stake_minor), 0) FROM reservations WHERE outcome = 'open' AND mode = ?"
            " AND account = ?",
            (mode, account),
        )
        return int(total)

    def fall_from_best(self, mode: str, account: str, session_id: str) -> int:
        """How far the session lies below its best settled result with its open bets lost, minor units."""
        result, best = self._one(
            "SELECT coalesce(max(result_minor), 0), coalesce(max(best_minor), 0) FROM results"
            " WHERE session_id = ? AND account = ?",
            (session_id, account),
        )
        (open_minor,) = self._one(
            "SELECT coalesce(sum(stake_minor), 0) FROM reservations WHERE outcome = 'open' AND mode = ?"
            " AND account = ? AND session_id = ?",
            (mode, account, session_id),
        )
        return best - result + open_minor

    def _one(self, question: str, parameters: tuple[object, ...]) -> tuple[int, ...]:
        with self._lock, self._faults():
            row: tuple[int, ...] | None = self._connection.execute(question, parameters).fetchone()
        if row is None:
            raise StorageError("the limits do not know this session")
        return row

    # -- time -------------------------------------------------------------------------------------------

    def seen(self, session_id: str, mode: str, now_utc_us: int) -> None:
        """The session runs now; its first call starts it. A clock that goes back takes nothing away."""
        with self._lock, self._faults():
            self._connection.execute(
                "INSERT INTO runs VALUES (?1, ?2, ?3, ?3) ON CONFLICT (session_id) DO UPDATE"
                " SET seen_utc_us = max(seen_utc_us, ?3)",
                (session_id, mode, now_utc_us),
            )
