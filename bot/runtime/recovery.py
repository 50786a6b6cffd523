"""Start and recovery are one path: bets that an earlier session left open are taken over first of all."""

from __future__ import annotations

from collections.abc import Collection

from bot.database import Database, find_bets, last_rounds, open_bets, session_ids
from bot.domain.bets import FINAL_STATES, Bet
from bot.domain.words import Mode
from bot.limits import Gate
from bot.runtime.desk import Desk
from bot.runtime.messages import KnownHistory
from bot.table.events import SeenFrom

#: How many rounds of a table are looked through for the one of a bet that was left open.
LOOKED_BACK = 200
#: How many crash points a table is told of the time before.
TOLD_BACK = 60


class Recovery:
    """What earlier sessions of the same mode left open at these tables."""

    def __init__(self, database: Database, mode: Mode, tables: Collection[str]) -> None:
        self._database, self._tables = database, tables
        self._sessions = session_ids(database, mode)
        self._everywhere = [bet for bet in open_bets(database) if bet.session_id in self._sessions]
        self.left: list[Bet] = [bet for bet in self._everywhere if bet.table in tables]

    def hand_over(self, gate: Gate, desk: Desk) -> None:
        """Bring the limits in line with the record, then give the open bets to the desk."""
        kept = {reservation.bet_id for reservation in gate.reservations()}
        settled = [b for b in find_bets(self._database, kept).values() if b.state in FINAL_STATES]
        gate.recover(self._everywhere, settled, self._sessions)
        desk.recover(self.left, self._crash_of)

    def _crash_of(self, round_id: str) -> int | None:
        for table in self._tables:
            for row in last_rounds(self._database, table, limit=LOOKED_BACK):
                if row.round_id == round_id:
                    return row.crash_multiplier
        return None

    def known_before(self, table: str) -> KnownHistory | None:
        """What an earlier session knew of the table: needed only to settle the bets that it left open."""
        bets = [bet for bet in self.left if bet.table == table]
        if not bets:
            return None
        rows = last_rounds(self._database, table, limit=TOLD_BACK, session_id=bets[-1].session_id)
        crashes: list[int] = []
        open_round = None
        for row in rows:
            if row.crash_multiplier is not None:
                crashes.append(row.crash_multiplier)
            elif row.round_id == bets[-1].round_id and not crashes:
                open_round = (row.round_id, row.round_number, SeenFrom(row.seen_from))
        return KnownHistory(tuple(crashes), open_round, 1, (), earlier_session=True)
