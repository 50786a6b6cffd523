"""The desk: every bet of every table passes here, from the order to the settlement.

It keeps the accounts, asks the limits, hands bets to the controller and settles them: placed because
the button showed it, won or lost because the round's exact crash point says so *and* the balance comes
out, unknown until both agree. One lock: the main loop and the controller's thread both come here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.domain.amounts import format_hundredths, payout
from bot.domain.bets import BEFORE_CLICK, FINAL_STATES, TRANSITIONS, Bet, BetState
from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock, Instant
from bot.domain.ports import Record
from bot.limits import Denied, GateFacts
from bot.runtime.accounts import LAG_BOUND_S, Account, Doubt, explain, is_doubted, ready_to_conclude
from bot.runtime.bet_records import bet_records
from bot.runtime.messages import AccountNews, BetDenied, BetNews, BetSeen, BetWanted, Sight, ToTable
from bot.runtime.money import TableMoney

#: A won or lost bet whose balance does not come out within this time is called unknown.
SETTLE_WITHIN_S = 12.0


class Book(Protocol):
    """Where the desk writes. ``put_and_wait`` returns when the row is on the disk."""

    def put(self, record: Record) -> None: ...

    def put_and_wait(self, record: Record, timeout_s: float = 5.0) -> None: ...


class Gatekeeper(Protocol):
    """Who decides about bets: ``bot.limits.Gate``, where there are any."""

    def reserve(self, bet: Bet, facts: GateFacts) -> Denied | None: ...

    def confirm(self, bet: Bet, facts: GateFacts) -> Denied | None: ...

    def update(self, bet: Bet) -> None: ...


class DeskTools(NamedTuple):
    """What ``Desk`` is made of, for whoever makes one of its kinds."""

    session_id: str
    gate: Gatekeeper
    book: Book
    clock: Clock
    make_id: Callable[[], str]
    tell: Callable[[str, ToTable], None]
    queue_bet: Callable[[Bet], bool]
    rtp: Callable[[str], float]


@dataclass(slots=True)
class OpenBet:
    """A bet that is not final, and what is known of its round.

    ``over``: the round has ended, whether or not its crash point is known. ``booked``: the account's
    expected balance counts the stake as taken. ``claim``: the outcome that follows from the crash point,
    a settlement once the balance shows it.
    """

    bet: Bet
    since_mono_ns: int
    crash: int | None = None
    over: bool = False
    booked: bool = False
    claim: BetState | None = None
    claimed_mono_ns: int = 0


class Desk:
    """Keeps accounts and open bets. ``tell`` sends a message to a table, ``queue_bet`` hands over a bet.

    ``queue_bet`` returns whether the controller took the bet; when its queue is full the bet is missed.
    """

    #: What a settlement rests on, besides the crash point.
    witness = "balance agrees"

    def __init__(
        self,
        session_id: str,
        gate: Gatekeeper,
        book: Book,
        clock: Clock,
        make_id: Callable[[], str],
        tell: Callable[[str, ToTable], None],
        queue_bet: Callable[[Bet], bool],
        rtp: Callable[[str], float] = lambda _table: 0.97,
    ) -> None:
        self._session_id, self._gate, self._book = session_id, gate, book
        self._clock, self._make_id, self._tell, self._queue_bet = clock, make_id, tell, queue_bet
        self._rtp = rtp
        self._lock = threading.RLock()
        self._accounts: dict[str, Account] = {}
        self._open: dict[str, OpenBet] = {}
        self._told: dict[str, AccountNews] = {}
        self._tables: dict[str, str] = {}
        self._reading_ns: dict[str, int] = {}
        self._mismatch_since: dict[str, int] = {}
        self.money: dict[str, TableMoney] = {}
        self.recent: list[Bet] = []

    # -- set-up ---------------------------------------------------------------------------------------

    def add_table(self, table: str, account: str, currency: str) -> None:
        """Make a table and the account it draws on known, before anything of it is heard."""
        with self._lock:
            self._tables[table] = account
            self.money.setdefault(table, TableMoney())
            self._accounts.setdefault(account, self._new_account(account, currency))

    def _new_account(self, name: str, currency: str) -> Account:
        return Account(name, currency)

    def recover(self, bets: list[Bet], crash_of: Callable[[str], int | None]) -> None:
        """Take over bets that a session before left open. Their tables do not bet until they are settled."""
        with self._lock:
            now = self._clock.now().mono_ns
            for bet in bets:
                crash = crash_of(bet.round_id)
                open_bet = OpenBet(bet, now, crash=crash, over=crash is not None)
                self._open[bet.bet_id] = open_bet
                if bet.state in BEFORE_CLICK:
                    self._advance(open_bet, BetState.MISSED, "the bot stopped before the click")
                elif bet.state in (BetState.VERIFIED, BetState.CLICKED):
                    self._advance(open_bet, BetState.UNKNOWN, "the bot stopped around the click")

    def open_bets(self, table: str | None = None) -> list[Bet]:
        """Bets that are not final, of one table or of all."""
        with self._lock:
            return [o.bet for o in self._open.values() if table in (None, o.bet.table)]

    def account_of(self, table: str) -> Account:
        """The account that a table draws on."""
        return self._accounts[self._tables[table]]

    # -- from the tables ------------------------------------------------------------------------------

    def wanted(self, message: BetWanted) -> None:
        """A strategy's order: written down, asked at the gate, handed to the controller."""
        with self._lock:
            bet = message.bet
            self._reading_ns[bet.table] = message.reading_mono_ns
            denied = self._gate.reserve(bet, self._facts(bet.table))
            if denied is not None:
                self.deny(bet.table, bet.round_id, denied)
                self._tell(bet.table, BetDenied(bet.bet_id, denied.limit_name, denied.reason))
                return
            open_bet = OpenBet(bet, self._clock.now().mono_ns)
            self._open[bet.bet_id] = open_bet
            self._write_bet(bet, None, {"note": message.note}, wait=True)
            if not self._queue_bet(bet):
                self._advance(open_bet, BetState.MISSED, "the queue of bets is full")

    def deny(self, table: str, round_id: str | None, denied: Denied) -> None:
        """No bet, and why: a record of its own."""
        with self._lock:
            self.money[table].denied_one(denied.limit_name)
            values: dict[str, object] = {
                "id": self._make_id(),
                "session_id": self._session_id,
                "account": self._tables[table],
                "table_name": table,
                "round_id": round_id,
                "limit_name": denied.limit_name,
                "reason": denied.reason,
                "figure": denied.figure,
                "bound": denied.bound,
                "at_utc_us": self._clock.now().utc_ns // 1_000,
            }
            self._book.put(Record("denials", values))

    def reading(self, table: str, mono_ns: int) -> None:
        """When the table last saw its live pixels move: for the gate's question after stale readings."""
        self._reading_ns[table] = max(mono_ns, self._reading_ns.get(table, 0))

    def balance_seen(self, table: str, amount_minor: int, at: Instant) -> None:
        """A balance on the screen. The first of an account is compared with what the record ended with."""
        with self._lock:
            account = self.account_of(table)
            account.see(amount_minor, at.mono_ns)
            self._settle(account)

    def bet_seen(self, message: BetSeen) -> None:
        """The button showed a bet in flight, or cashed out before the end."""
        with self._lock:
            open_bet = self._open.get(message.bet_id)
            if open_bet is None:
                return
            if message.sight is Sight.IN_FLIGHT and is_doubted(open_bet.bet):
                if open_bet.bet.state is BetState.VERIFIED:
                    self._advance(open_bet, BetState.UNKNOWN, "seen in flight before the click was written")
                self._placed(open_bet, "the button shows it in flight")
            if message.sight is Sight.CASHED and open_bet.bet.state is BetState.PLACED:
                self._claim(open_bet, BetState.WON)

    def round_over(self, round_id: str, crash: int | None, why: str = "") -> None:
        """A round has ended: its exact crash point, or ``None`` when it was missed, and why.

        The crash point says what a placed bet comes to; without it only the balance can.
        """
        with self._lock:
            for open_bet in [o for o in self._open.values() if o.bet.round_id == round_id]:
                open_bet.crash, open_bet.over = crash, True
                if open_bet.bet.state is BetState.PLACED:
                    self._claim_end(open_bet)
                self._settle(self._accounts[open_bet.bet.account])

    def tick(self) -> None:
        """What time alone decides: settlements that do not come out, doubts that may be concluded."""
        with self._lock:
            for account in self._accounts.values():
                self._settle(account)

    # -- from the controller --------------------------------------------------------------------------

    def confirm(self, bet: Bet) -> Denied | None:
        """The gate's second answer, immediately before the click."""
        with self._lock:
            return self._gate.confirm(bet, self._facts(bet.table))

    def step(self, bet: Bet, from_state: BetState, detail: dict[str, object]) -> None:
        """A transition that the controller made. On the disk before this returns.

        When the table saw the bet in flight before the controller saw it accepted, the desk is ahead and
        the controller's word is history.
        """
        with self._lock:
            open_bet = self._open.get(bet.bet_id)
            if open_bet is not None and open_bet.bet.state is from_state:
                self._follow(open_bet, bet, from_state, detail)

    def missed(self, bet: Bet, reason: str) -> None:
        """The controller dropped the bet before it touched anything."""
        with self._lock:
            open_bet = self._open.get(bet.bet_id)
            if open_bet is not None and BetState.MISSED in TRANSITIONS[open_bet.bet.state]:
                self._advance(open_bet, BetState.MISSED, reason)

    def decide(self, bet_id: str, state: BetState, who: str) -> None:
        """A person settles what the machine cannot (rule 11)."""
        with self._lock:
            open_bet = self._open[bet_id]
            account = self._accounts[open_bet.bet.account]
            if state is BetState.WON:
                self._advance(open_bet, state, f"settled by {who}", self._payout(open_bet.bet))
            else:
                self._advance(open_bet, state, f"settled by {who}")
            if account.seen_minor is not None:
                account.accept(account.seen_minor)

    # -- states ---------------------------------------------------------------------------------------

    def _placed(self, open_bet: OpenBet, reason: str) -> None:
        self._advance(open_bet, BetState.PLACED, reason)
        self._claim_end(open_bet)

    def _claim_end(self, open_bet: OpenBet) -> None:
        """What a placed bet comes to, when its round is over."""
        if open_bet.crash is not None:
            won = open_bet.crash >= open_bet.bet.target
            self._claim(open_bet, BetState.WON if won else BetState.LOST)
        elif open_bet.over:
            self._advance(open_bet, BetState.UNKNOWN, "the end of its round was missed")

    def _claim(self, open_bet: OpenBet, claim: BetState) -> None:
        """Book the outcome as expected; it becomes a settlement when the balance shows it."""
        if open_bet.claim is not None:
            return
        open_bet.claim, open_bet.claimed_mono_ns = claim, self._clock.now().mono_ns
        if claim is BetState.WON:
            account = self._accounts[open_bet.bet.account]
            account.move(self._payout(open_bet.bet), open_bet.claimed_mono_ns)
        self._settle(self._accounts[open_bet.bet.account])

    def _settle(self, account: Account) -> None:
        """Turn claims into settlements and doubts into knowledge, as far as the balance allows."""
        now = self._clock.now().mono_ns
        mine = [o for o in self._open.values() if o.bet.account == account.name]
        if account.expected_minor is None:
            self._first_balance(account, mine)
        doubts = [_doubt(o) for o in mine if o.bet.state is BetState.UNKNOWN and o.claim is None]
        if doubts and account.expected_minor is not None:
            self._conclude(account, doubts, now)
        for open_bet in [o for o in mine if o.claim is not None and o.bet.bet_id in self._open]:
            late = now - open_bet.claimed_mono_ns > SETTLE_WITHIN_S * NS_PER_S
            if account.settled_exactly():
                self._settled(open_bet)
            elif late and open_bet.bet.state is BetState.PLACED:
                self._advance(open_bet, BetState.UNKNOWN, "the balance does not come out")
        self._tell_account(account, now)

    def _settled(self, open_bet: OpenBet) -> None:
        claim = open_bet.claim
        if claim is BetState.WON:
            self._advance(open_bet, claim, f"target reached, {self.witness}", self._payout(open_bet.bet))
        elif claim is BetState.LOST:
            self._advance(open_bet, claim, f"ended before the target, {self.witness}", 0)

    def _conclude(self, account: Account, doubts: list[Doubt], now: int) -> None:
        """Ask the balance about bets whose placement, or whose end, is unknown."""
        expected, seen = account.expected_minor, account.seen_minor
        if expected is None or seen is None:
            return
        truth = explain(expected, seen, doubts)
        if truth is None:
            return
        since = max(self._open[d.bet.bet_id].since_mono_ns for d in doubts)
        patient = ready_to_conclude(account, doubts, now, since)
        moving = account.moving(now) or any(
            o.claim is not None for o in self._open.values() if o.bet.account == account.name
        )
        # A display that lags looks like "refused", and like "lost" while a payout is under way.
        clear = all(o == "won" or (o == "lost" and d.crash is not None) for d, o in _told(doubts, truth))
        if patient or (clear and not moving):
            # One at a time: what was learned changes what the balance must explain.
            first = doubts[0].bet.bet_id
            self._know(self._open[first], truth[first])

    def _know(self, open_bet: OpenBet, outcome: str) -> None:
        if outcome == "refused":
            self._advance(open_bet, BetState.REFUSED, f"no stake left the balance in {LAG_BOUND_S:.0f} s")
            return
        if not open_bet.booked:
            self._advance(open_bet, BetState.PLACED, "the balance shows the stake was taken")
        if outcome in ("won", "lost"):
            self._claim(open_bet, BetState.WON if outcome == "won" else BetState.LOST)

    def _first_balance(self, account: Account, mine: list[OpenBet]) -> None:
        """Where an account's record begins: at the balance seen, or before bets that were left open."""
        seen = account.seen_minor
        if seen is None:
            return
        if not mine:
            account.accept(seen)
            self._reconciliation(account, seen, "opened")
            return
        first = min(mine, key=lambda o: o.bet.ordered_utc_ns)
        account.accept(first.bet.balance_before_minor)
        for open_bet in mine:
            if open_bet.bet.state is BetState.PLACED:
                account.accept((account.expected_minor or 0) - open_bet.bet.stake_minor)
                open_bet.booked = True
                self._claim_end(open_bet)

    def accept_balance(self, name: str, note: str) -> None:
        """Take the balance seen as the account's truth, with a record of the difference and why."""
        with self._lock:
            account = self._accounts[name]
            if account.seen_minor is not None:
                self._reconciliation(account, account.expected_minor, "accepted", note)
                account.accept(account.seen_minor)

    def _advance(
        self, open_bet: OpenBet, state: BetState, reason: str, payout_minor: int | None = None
    ) -> None:
        before = open_bet.bet.state
        self._follow(open_bet, open_bet.bet.to(state, reason, payout_minor), before, {})

    def _follow(self, open_bet: OpenBet, bet: Bet, from_state: BetState, detail: dict[str, object]) -> None:
        """Take a bet's new state: money, limits, records, and word to the table."""
        now = self._clock.now().mono_ns
        if bet.state is BetState.PLACED and not open_bet.booked:
            open_bet.booked = True
            self._book_placed(bet, now)
        open_bet.bet = bet
        if bet.state is BetState.UNKNOWN:
            open_bet.since_mono_ns = now
        self._gate.update(bet)
        self._write_bet(bet, from_state, detail, wait=bet.state in (BetState.VERIFIED, BetState.CLICKED))
        if bet.state in FINAL_STATES:
            self._close(bet)
        self._tell(bet.table, BetNews(bet))

    def _book_placed(self, bet: Bet, now: int) -> None:
        self._accounts[bet.account].move(-bet.stake_minor, now)
        self.money[bet.table].placed_one(bet, self._rtp(bet.table))

    def _close(self, bet: Bet) -> None:
        self._open.pop(bet.bet_id, None)
        self.recent = [*self.recent[-9:], bet]
        self.money[bet.table].closed_one(bet)

    # -- facts, records, news ---------------------------------------------------------------------------

    def _facts(self, table: str) -> GateFacts:
        now = self._clock.now().mono_ns
        account = self.account_of(table)
        read_ns = self._reading_ns.get(table)
        age = None if read_ns is None else (now - read_ns) / NS_PER_MS
        return GateFacts(account.seen_minor, account.reconciled(now), age)

    def _payout(self, bet: Bet) -> int:
        return payout(bet.stake_minor, bet.target)

    def _write_bet(
        self, bet: Bet, from_state: BetState | None, detail: dict[str, object], wait: bool
    ) -> None:
        now_us = self._clock.now().utc_ns // 1_000
        balance_after = self._accounts[bet.account].seen_minor
        row, event = bet_records(bet, from_state, detail, self._make_id(), now_us, balance_after)
        self._book.put(row)
        if wait:
            self._book.put_and_wait(event)
        else:
            self._book.put(event)

    def _reconciliation(self, account: Account, expected: int | None, verdict: str, note: str = "") -> None:
        seen = account.seen_minor
        table = next((t for t, name in self._tables.items() if name == account.name), "")
        difference = None if seen is None or expected is None else seen - expected
        values: dict[str, object] = {
            "id": self._make_id(),
            "session_id": self._session_id,
            "account": account.name,
            "table_name": table,
            "at_utc_us": self._clock.now().utc_ns // 1_000,
            "expected_minor": expected,
            "seen_minor": seen,
            "difference_minor": difference,
            "verdict": verdict,
            "settled_by": "machine",
            "note": note,
        }
        self._book.put(Record("reconciliations", values, urgent=True))

    def _tell_account(self, account: Account, now: int) -> None:
        reconciled = account.reconciled(now)
        news = AccountNews(reconciled, account.expected_minor)
        if self._told.get(account.name) == news:
            return
        previous = self._told.get(account.name)
        self._told[account.name] = news
        for table, name in self._tables.items():
            if name == account.name:
                self._tell(table, news)
        if previous is not None and previous.reconciled and not reconciled:
            self._mismatch_since[account.name] = now
        elif reconciled:
            self._mismatch_since.pop(account.name, None)

    def close_accounts(self) -> None:
        """The last word of a session on each account: what the record expects beside what is seen."""
        with self._lock:
            for account in self._accounts.values():
                verdict = "agrees" if account.settled_exactly() else "differs"
                self._reconciliation(account, account.expected_minor, verdict)

    def mismatches(self) -> list[str]:
        """Accounts whose balance has not come out for longer than a display may lag, in words."""
        with self._lock:
            now = self._clock.now().mono_ns
            return [
                f"{name}: expected {_amount(self._accounts[name].expected_minor)}, "
                f"seen {_amount(self._accounts[name].seen_minor)}"
                for name, since in self._mismatch_since.items()
                if now - since > LAG_BOUND_S * NS_PER_S
            ]

    def retell(self, table: str) -> None:
        """Tell a restarted table how its account stands."""
        with self._lock:
            news = self._told.get(self._tables[table])
            if news is not None:
                self._tell(table, news)


def _told(doubts: list[Doubt], truth: dict[str, str]) -> list[tuple[Doubt, str]]:
    return [(doubt, truth[doubt.bet.bet_id]) for doubt in doubts]


def _doubt(open_bet: OpenBet) -> Doubt:
    return Doubt(open_bet.bet, open_bet.crash, open_bet.over, open_bet.booked)


def _amount(value: int | None) -> str:
    return "unknown" if value is None else format_hundredths(value)
