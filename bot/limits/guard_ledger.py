"""The reservations of live play, in every copy of the guarded book: the store that a live gate uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bot.domain.bets import FINAL_STATES, Bet
from bot.limits.guard import GuardBook
from bot.limits.rules import Figures
from bot.limits.store import LimitStore, Reservation


class GuardLedger(LimitStore):
    """As ``LimitStore``, but every write goes to all copies in one change, and the files are the book's."""

    def __init__(self, book: GuardBook) -> None:
        self._book = book  # not the base class: there is no file of its own
        self.path = book.paths[0]

    def close(self) -> None:
        """Nothing to let go: the book closes its files."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._book.change():
            yield

    # -- writes -----------------------------------------------------------------------------------------

    def add(self, bet: Bet, mode: str, now_utc_us: int) -> None:
        with self._book.change() as change:
            for copy in change.copies:
                copy.add(bet, mode, now_utc_us)
            change.count(rows=1, stakes_minor=bet.stake_minor)

    def finish(self, kept: Reservation, outcome: str, payout_minor: int, now_utc_us: int) -> None:
        with self._book.change() as change:
            for copy in change.copies:
                copy.finish(kept, outcome, payout_minor, now_utc_us)
            change.count(closed=1, paid_minor=payout_minor)

    def seen(self, session_id: str, mode: str, now_utc_us: int) -> None:
        with self._book.change() as change:
            for copy in change.copies:
                copy.seen(session_id, mode, now_utc_us)
            change.must_write = True
            live = change.state.live
            if live is not None and live.session_id == session_id:
                alive = replace(live, seen_ns=change.state.now_ns)
                change.state = replace(change.state, live=alive)

    def settle(self, bet: Bet) -> None:
        """A person said what became of a live bet: for the limits it counts as lost, whatever they said.

        Else a word would be enough to lose more. A bet that is not open here changes nothing.
        """
        with self._book.change() as change:
            kept = self.get(bet.bet_id)
            if kept is not None and kept.outcome == "open" and bet.state in FINAL_STATES:
                self.finish(kept, "lost", 0, change.state.now_ns // 1_000)

    # -- reads ------------------------------------------------------------------------------------------

    def get(self, bet_id: str) -> Reservation | None:
        return self._book.first().get(bet_id)

    def open(self, mode: str, account: str | None = None) -> list[Reservation]:
        return self._book.first().open(mode, account)

    def session_figures(self, mode: str, account: str, session_id: str, now_utc_us: int) -> Figures:
        return self._book.first().session_figures(mode, account, session_id, now_utc_us)

    def window_figures(self, mode: str, account: str, now_utc_us: int, window_us: int) -> Figures:
        return self._book.first().window_figures(mode, account, now_utc_us, window_us)

    def has_round(self, mode: str, account: str, round_id: str) -> bool:
        return self._book.first().has_round(mode, account, round_id)

    def open_stakes(self, mode: str, account: str) -> int:
        return self._book.first().open_stakes(mode, account)

    def fall_from_best(self, mode: str, account: str, session_id: str) -> int:
        return self._book.first().fall_from_best(mode, account, session_id)
