"""Every round of a practice casino's ledger, recomputed from the seeds that it revealed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.fairness.proof import practice_crash

_SHOWN = 20
#: Faults for which the house searched a seed with a wanted outcome; it says so in its law.
_SEARCHED = ("one_x", "very_high")


@dataclass(frozen=True, slots=True)
class Failed:
    """A round that is not what its seeds make of it."""

    round_id: int
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """``rounds`` were checked; ``open`` are not over; in ``searched`` the draw was not free (practice
    faults).
    """

    path: str
    rounds: int
    open: int
    searched: int
    failed: tuple[Failed, ...]
    rtp_basis_points: int

    @property
    def verified(self) -> bool:
        return self.rounds > 0 and not self.failed

    def to_json(self) -> dict[str, Any]:
        return {
            "game": "practice",
            "verified": self.verified,
            "ledger": self.path,
            "rounds": self.rounds,
            "open": self.open,
            "searched_draws": self.searched,
            "rtp_basis_points": self.rtp_basis_points,
            "failed": len(self.failed),
            "failures": [{"round": f.round_id, "label": f.label, "why": f.why} for f in self.failed[:_SHOWN]],
        }


def verify_ledger(path: Path, rtp_basis_points: int | None = None) -> LedgerProof:
    """Check the commitment and the crash point of every round that is over; the file is only read.

    ``rtp_basis_points``: R in ten-thousandths, if it is not the one that the ledger holds. Raises
    ``BadInput``.
    """
    if not path.is_file():
        raise BadInput(f"there is no ledger {path}")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            rtp = rtp_basis_points or _rtp(db, path)
            drawn = "SELECT round_id FROM faults WHERE kind IN (?, ?) AND round_id IS NOT NULL"
            searched = {int(row[0]) for row in db.execute(drawn, _SEARCHED)}
            rows = db.execute(
                "SELECT id, table_name, seed_hash, server_seed, client_seeds, crash_multiplier, state "
                "FROM rounds ORDER BY id"
            ).fetchall()
    except sqlite3.Error as error:
        raise BadInput(f"{path} is not a practice casino's ledger: {error}") from error
    numbers: Counter[str] = Counter()
    failed, over, among = [], 0, 0
    for round_id, table, seed_hash, server_seed, clients, crash, state in rows:
        numbers[table] += 1
        if state != "crashed":
            continue
        over += 1
        among += round_id in searched
        label = f"{table}/{numbers[table]}"
        why = _fault(seed_hash, server_seed, clients, crash, label, rtp)
        if why:
            failed.append(Failed(round_id, label, why))
    return LedgerProof(str(path), over, len(rows) - over, among, tuple(failed), rtp)


def _rtp(db: sqlite3.Connection, path: Path) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = 'rtp_basis_points'").fetchone()
    if row is None or not str(row[0]).isdigit():
        raise BadInput(
            f"{path} does not say by which return it drew: give --rtp, in ten-thousandths, as in 9700"
        )
    return int(row[0])


def _fault(seed_hash: str, server_seed: str, clients: str, crash: int, label: str, rtp: int) -> str | None:
    """What does not hold about a round, or ``None``."""
    try:
        seed = bytes.fromhex(server_seed)
        seeds = [str(each) for each in json.loads(clients)]
    except (ValueError, TypeError):
        return "its seeds cannot be read"
    if hashlib.sha256(seed).hexdigest() != str(seed_hash).lower():
        return "the seed is not the one that was committed to"
    found = practice_crash(server_seed, seeds, label, rtp)
    if found != crash:
        return f"its seeds give {format_hundredths(found)}x, the ledger says {format_hundredths(int(crash))}x"
    return None
