"""Plays that touch nothing: watching, and bets on paper. See ``bot.runtime.play``."""

from __future__ import annotations

from pathlib import Path

from bot.control.lock import HandsLock
from bot.domain.bets import Bet
from bot.limits import Gate, LimitStore, StopSwitch
from bot.runtime.desk import Desk
from bot.runtime.desk_paper import ClosedGate, PaperDesk, WatchDesk
from bot.runtime.plan import SessionPlan
from bot.runtime.play import PlayTools


class NewStops(StopSwitch):
    """The stop of somebody who holds no hands: what was there before them does not concern them.

    They may run beside a player, so they never take a stop back; and a stop of yesterday, that the next
    player will take back, must not end them.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._old = self._mark()

    def check(self) -> str | None:
        """See ``StopSwitch``: a stop that was made or renewed since."""
        reason = super().check()
        return None if reason is None or self._mark() == self._old else reason

    def _mark(self) -> tuple[int, int] | None:
        try:
            found = self.path.lstat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


class Watched:
    """Nothing is staked."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan

    def locks(self) -> list[HandsLock]:
        """See ``Play``. Any number may watch."""
        return []

    def stops(self) -> StopSwitch:
        """See ``Play``."""
        return NewStops(self._plan.state_folder)

    def open(self, tools: PlayTools) -> Desk:
        """See ``Play``."""
        return WatchDesk(*tools.for_desk(ClosedGate(), _no_hands))

    def gate(self) -> Gate | None:
        """See ``Play``."""
        return None

    def start(self) -> None:
        """See ``Play``."""

    def stop(self, reason: str) -> None:
        """See ``Play``."""

    def stopped(self) -> str:
        """See ``Play``."""
        return ""

    def orderly(self) -> bool:
        """See ``Play``."""
        return True

    def beat(self) -> None:
        """See ``Play``."""

    def queued(self) -> int:
        """See ``Play``."""
        return 0

    def allowed(self) -> list[str]:
        """See ``Play``."""
        return ["watching only: nothing is clicked, nothing is staked"]

    def news(self) -> list[str]:
        """See ``Play``."""
        return []

    def let_go(self) -> None:
        """See ``Play``."""

    def close(self) -> None:
        """See ``Play``."""


class OnPaper(Watched):
    """Bets are written down and settled by what is seen, under the settings' limits."""

    def __init__(self, plan: SessionPlan) -> None:
        super().__init__(plan)
        self._store: LimitStore | None = None
        self._gate: Gate | None = None

    def locks(self) -> list[HandsLock]:
        """See ``Play``. A table is played on paper once at a time: its open bets belong to one session."""
        folder = self._plan.state_folder / "paper"
        return [HandsLock(folder / table, f"plays {table} on paper") for table in sorted(self._plan.tables)]

    def open(self, tools: PlayTools) -> Desk:
        """See ``Play``."""
        plan = self._plan
        self._store = LimitStore(plan.data_folder / "limits.db")
        self._gate = Gate(self._store, plan.limits, tools.clock, tools.session_id, plan.mode, tools.switch)
        return PaperDesk(tools.for_desk(self._gate, _no_hands), plan.bankroll_minor)

    def gate(self) -> Gate | None:
        """See ``Play``."""
        return self._gate

    def stop(self, reason: str) -> None:
        """See ``Play``."""
        if self._gate is not None:
            self._gate.stop(reason)

    def beat(self) -> None:
        """See ``Play``."""
        if self._gate is not None:
            self._gate.heartbeat()

    def allowed(self) -> list[str]:
        """See ``Play``."""
        return ["on paper: nothing is clicked, no money is staked"]

    def close(self) -> None:
        """See ``Play``."""
        store, self._store = self._store, None
        if store is not None:
            store.close()


def _no_hands(bet: Bet) -> bool:
    """Nobody is there to click."""
    return False
