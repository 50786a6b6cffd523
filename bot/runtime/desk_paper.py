"""Desks that touch nothing: bets on paper, and watching alone.

On paper a bet is placed the moment it is ordered, and settled by the crash point that was seen; its money is
a bankroll that was stated, or the first balance seen. What was not seen is not guessed: a round whose end
was missed makes its bet void.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.bets import Bet, BetState
from bot.domain.clock import Instant
from bot.domain.errors import ProgrammerError
from bot.limits import Denied, GateFacts
from bot.runtime.accounts import Account, Doubt
from bot.runtime.desk import Desk, DeskTools, OpenBet
from bot.runtime.messages import BetSeen, BetWanted

NOT_SEEN = "the end of its round was not seen"


class PaperAccount(Account):
    """Money that exists only here: what is expected is what there is."""

    def move(self, amount_minor: int, mono_ns: int) -> None:
        """See ``Account``."""
        super().move(amount_minor, mono_ns)
        if self.expected_minor is not None:
            self.see(self.expected_minor, mono_ns)


class PaperDesk(Desk):
    """``bankroll_minor`` of each table; ``None``: the first balance that is seen there."""

    witness = "settled on paper"

    def __init__(self, tools: DeskTools, bankroll_minor: int | None) -> None:
        super().__init__(*tools)
        self._queue_bet = self._put_on_paper
        self._bankroll_minor = bankroll_minor
        self._why: dict[str, str] = {}

    def _new_account(self, name: str, currency: str) -> Account:
        account = PaperAccount(name, currency)
        if self._bankroll_minor is not None:
            account.see(self._bankroll_minor, self._clock.now().mono_ns)
        return account

    def recover(self, bets: list[Bet], crash_of: Callable[[str], int | None]) -> None:
        """Close what a session before left open: its bankroll is gone, so nothing of it moves this one."""
        with self._lock:
            for bet in bets:
                open_bet = OpenBet(bet, self._clock.now().mono_ns, booked=True)
                self._open[bet.bet_id] = open_bet
                crash = crash_of(bet.round_id)
                if bet.state is BetState.ORDERED:
                    self._advance(open_bet, BetState.MISSED, "the bot stopped before it was placed")
                elif crash is not None and bet.state is BetState.PLACED:
                    won = crash >= bet.target
                    open_bet.claim = BetState.WON if won else BetState.LOST
                    self._settled(open_bet)
                else:
                    self._void(open_bet, "void: the bot stopped before the end of its round")

    def _put_on_paper(self, bet: Bet) -> bool:
        """Place a bet, if the gate says so once more and its time is not over."""
        open_bet = self._open[bet.bet_id]
        denied = self._gate.confirm(bet, self._facts(bet.table))
        if denied is not None:
            self._advance(open_bet, BetState.MISSED, f"{denied.limit_name}: {denied.reason}")
        elif self._clock.now().mono_ns >= bet.deadline_mono_ns:
            self._advance(open_bet, BetState.MISSED, "too late: the betting phase was over")
        else:
            self._advance(open_bet, BetState.PLACED, "on paper, before the flight")
        return True

    def balance_seen(self, table: str, amount_minor: int, at: Instant) -> None:
        """The page's balance is not this one; its first value is taken where no bankroll was stated."""
        with self._lock:
            account = self.account_of(table)
            if account.expected_minor is None:
                account.see(amount_minor, at.mono_ns)
                self._settle(account)

    def bet_seen(self, message: BetSeen) -> None:
        """The page's buttons show what a person does there."""

    def round_over(self, round_id: str, crash: int | None, why: str = "") -> None:
        """See ``Desk``. Without a crash point its bet is void."""
        with self._lock:
            self._why[round_id] = why
            super().round_over(round_id, crash, why)
            del self._why[round_id]

    def _conclude(self, account: Account, doubts: list[Doubt], now: int) -> None:
        """No balance tells what became of a bet on paper: without the end of its round it is void."""
        for doubt in doubts:
            open_bet = self._open[doubt.bet.bet_id]
            account.move(doubt.bet.stake_minor, now)
            self.money[doubt.bet.table].voided_one(doubt.bet, self._rtp(doubt.bet.table))
            why = self._why.get(doubt.bet.round_id) or NOT_SEEN
            self._advance(open_bet, BetState.REFUSED, f"void: {why}")

    def _void(self, open_bet: OpenBet, reason: str) -> None:
        if open_bet.bet.state is not BetState.UNKNOWN:
            self._advance(open_bet, BetState.UNKNOWN, NOT_SEEN)
        self._advance(open_bet, BetState.REFUSED, reason)

    def close_accounts(self) -> None:
        """What is still open will not be seen any more."""
        with self._lock:
            for open_bet in list(self._open.values()):
                account = self._accounts[open_bet.bet.account]
                if open_bet.bet.state is BetState.ORDERED:
                    self._advance(open_bet, BetState.MISSED, "the session ended before it was placed")
                    continue
                account.move(open_bet.bet.stake_minor, self._clock.now().mono_ns)
                self.money[open_bet.bet.table].voided_one(open_bet.bet, self._rtp(open_bet.bet.table))
                self._void(open_bet, "void: the session ended before its round did")
        super().close_accounts()


class ClosedGate:
    """No bet passes, because none is wanted."""

    def reserve(self, bet: Bet, facts: GateFacts) -> Denied | None:
        """See ``Gatekeeper``."""
        return Denied("mode", "watching only: nothing is staked")

    def confirm(self, bet: Bet, facts: GateFacts) -> Denied | None:
        """See ``Gatekeeper``."""
        return self.reserve(bet, facts)

    def update(self, bet: Bet) -> None:
        """See ``Gatekeeper``."""


class WatchDesk(Desk):
    """No bets: a balance is shown as it is seen, and compared with nothing."""

    def wanted(self, message: BetWanted) -> None:
        """A table that watches orders nothing."""
        raise ProgrammerError(f"{message.bet.table} ordered a bet while it only watches")

    def balance_seen(self, table: str, amount_minor: int, at: Instant) -> None:
        """A person may play there by hand: whatever is seen is right."""
        with self._lock:
            account = self.account_of(table)
            account.see(amount_minor, at.mono_ns)
            account.accept(amount_minor)

    def close_accounts(self) -> None:
        """Nothing was reckoned with, so there is nothing to compare."""
