"""Arming live play: a person at a terminal types the amount that they accept to lose, for at most an hour.

What is armed is an object of this process and nothing else: no file, variable or call can make one, and a
restart of the bot has lost it. The guarded book only remembers that a session ran.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from bot.domain.amounts import format_hundredths, parse_hundredths
from bot.domain.bets import Bet
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.errors import NotArmed, ProgrammerError, StorageError
from bot.domain.words import Mode
from bot.limits.gate import Gate, Recovery
from bot.limits.guard import GuardBook, TrustedClock
from bot.limits.guard_ledger import GuardLedger
from bot.limits.guard_rules import duration_words, exclusion_words
from bot.limits.guard_state import GuardState, LiveSession
from bot.limits.rules import PERIOD_WORDS, Denied, Figures, GateFacts, Limits
from bot.limits.stop import StopSwitch
from bot.limits.store import WINDOWS_US
from bot.limits.strictest import left_to_lose, strictest
from bot.limits.terminal import TtyTerminal

MINUTE_NS = 60 * NS_PER_S
#: The longest live session, the pause after one, and how old the check of a table may be.
LONGEST_NS = 60 * MINUTE_NS
PAUSE_NS = 15 * MINUTE_NS
CHECK_AGE_NS = 10 * MINUTE_NS
_BEAT_EVERY_NS = 5 * NS_PER_S
_ATTEMPTS = 3
_LIVE = Mode.LIVE.value
_KEY = object()
WARNING = (
    "This stakes real money. The expected result is a loss, with every strategy. Many bookmakers forbid "
    "automated play and may close the account or keep winnings; in some countries it is not allowed."
)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """That a table was checked: whether it passed, and when in observed time (``GuardBook.now_ns``)."""

    table: str
    account: str
    currency: str
    passed: bool
    at_ns: int


def arm(
    book: GuardBook,
    session_id: str,
    checks: Sequence[TableCheck],
    odds: Mapping[str, str],
    terminal: TtyTerminal,
    clock: Clock,
    below: Limits | None = None,
    confirm_round: Callable[[Bet], bool] | None = None,
) -> Armed:
    """Ask a person to arm live play on the checked tables. Raises ``NotArmed`` with all that is missing.

    ``odds``: by table, the words of its odds: they are shown before the question. ``below``: limits of the
    settings, which hold as well where they are lower. ``confirm_round``: whether the person agreed to this
    bet's round; it is asked in the bet's own path and must answer at once.
    """
    if type(terminal) is not TtyTerminal or not terminal.is_a_terminal():
        raise NotArmed("live play is armed by a person at a terminal: run the command in one, without pipes")
    _refuse(book, checks, odds)
    accounts = tuple(dict.fromkeys(check.account for check in checks))
    allowed = sum(may_lose(book, account, below) for account in accounts)
    accepted = _ask_for_amount(terminal, checks[0].currency, allowed, _before_the_question(checks, odds))
    with book.change() as change:
        _refuse(book, checks, odds)  # time has passed at the question, and others may have decided meanwhile
        now = change.state.now_ns
        GuardLedger(book).seen(session_id, _LIVE, now // 1_000)
        change.state = replace(change.state, live=LiveSession(session_id, now, now))
    return Armed(_KEY, book, session_id, accounts, checks[0].currency, accepted, clock, below, confirm_round)


class Armed:
    """Live play is armed, for at most 60 minutes. Made by ``arm`` alone; it ends with its process."""

    def __init__(
        self,
        key: object,
        book: GuardBook,
        session_id: str,
        accounts: tuple[str, ...],
        currency: str,
        accepted_minor: int,
        clock: Clock,
        below: Limits | None,
        confirm_round: Callable[[Bet], bool] | None,
    ) -> None:
        if key is not _KEY:
            raise ProgrammerError("live play is armed by a person: call bot.limits.arm")
        self._book, self._clock, self._below = book, clock, below
        self.session_id, self.accounts, self.currency = session_id, accounts, currency
        self.accepted_minor, self.confirm_round = accepted_minor, confirm_round
        self._ledger = GuardLedger(book)
        self._started, self._started_ns = clock.now(), book.now_ns()
        self._beat_ns = self._started.mono_ns
        self._process = os.getpid()
        self._ended: str | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> NoReturn:
        raise ProgrammerError("what is armed stays in its process")

    def gate(self, switch: StopSwitch | None = None) -> LiveGate:
        """The gate of this session: the only kind that passes a live bet."""
        return LiveGate(self, switch)

    # -- what holds ---------------------------------------------------------------------------------------

    def left_ns(self) -> int:
        """How long it stays armed. By the clock that says least: doubt shortens what is allowed."""
        now = self._clock.now()
        passed = max(
            self._book.now_ns() - self._started_ns,
            now.mono_ns - self._started.mono_ns,
            now.utc_ns - self._started.utc_ns,
        )
        return max(0, LONGEST_NS - passed)

    def denial(self) -> Denied | None:
        """Why no bet may be placed and the session must stop; ``None`` while it is armed."""
        if self._ended is not None or os.getpid() != self._process:
            return Denied("armed", f"live play is not armed any more: {self._ended or 'another process'}")
        if self.left_ns() == 0:
            return Denied("armed", "the 60 minutes of live play are over")
        try:
            return self._told_by(self._book.state())
        except StorageError as error:
            return Denied("store", f"limits unknown: {error}")

    def _told_by(self, state: GuardState) -> Denied | None:
        exclusion = state.exclusion()
        if exclusion is not None:
            return Denied("exclusion", exclusion_words(exclusion, state.now_ns))
        if state.live is None or state.live.session_id != self.session_id or state.live.ended:
            return Denied("armed", "another live session has taken the place of this one")
        return None

    def limits(self, account: str) -> Limits:
        """What holds on an account now: the guarded limits, those of the settings, and the accepted loss."""
        limits = _in_force(self._book, account, self._below)
        session = replace(limits.session, loss_minor=min(self.accepted_minor, limits.session.loss_minor or 0))
        return replace(limits, session=session)

    def lost_minor(self) -> int:
        """The session's loss on all its accounts, open bets lost; below 0 it has won. Minor units."""
        return sum(self._figures(account).loss_minor for account in self.accounts)

    def _figures(self, account: str) -> Figures:
        return self._ledger.session_figures(_LIVE, account, self.session_id, self._book.now_ns() // 1_000)

    def _left(self, account: str) -> int:
        session = left_to_lose(self.limits(account).session, self._figures(account))
        return min(session, *(_left(self._book, account, period, self._below) for period in WINDOWS_US))

    def words(self) -> str:
        """What is still allowed, in one line."""
        denied = self.denial()
        if denied is not None:
            return f"not armed: {denied.reason}"
        lost = self.lost_minor()
        minutes = -(-self.left_ns() // MINUTE_NS)
        left = min(self.accepted_minor - lost, sum(self._left(account) for account in self.accounts))
        words = (
            f"armed for {minutes} more {'minute' if minutes == 1 else 'minutes'}; may still lose "
            f"{format_hundredths(max(0, left))} of {format_hundredths(self.accepted_minor)} {self.currency}"
        )
        return f"{words}; the result so far is {format_hundredths(-lost)}"

    # -- life ---------------------------------------------------------------------------------------------

    def heartbeat(self) -> None:
        """The session lives: the pause before the next one counts from the last of these."""
        now = self._clock.now().mono_ns
        with self._lock:
            if 0 <= now - self._beat_ns < _BEAT_EVERY_NS or self._ended is not None:
                return
            self._beat_ns = now
        with self._book.change() as change:
            self._ledger.seen(self.session_id, _LIVE, change.state.now_ns // 1_000)

    def end(self, reason: str = "it was ended") -> None:
        """Disarm, for good. What is open can still be settled."""
        if self._ended is None:
            self._ended = reason
            with self._book.change() as change:
                self._ledger.seen(self.session_id, _LIVE, change.state.now_ns // 1_000)
                live = change.state.live
                if live is not None and live.session_id == self.session_id:
                    change.state = replace(change.state, live=replace(live, ended=True))


class LiveGate(Gate):
    """The gate of an armed session: it reckons with the guarded book and in observed time.

    It takes no database's word for money: a database can be named, edited and deleted.
    """

    def __init__(self, armed: Armed, switch: StopSwitch | None = None) -> None:
        self._armed = armed
        ledger, clock = armed._ledger, TrustedClock(armed._book, armed._clock)
        super().__init__(ledger, Limits(), clock, armed.session_id, Mode.LIVE, switch)

    def reserve(self, bet: Bet, facts: GateFacts) -> Denied | None:
        """As ``Gate.reserve``; where each round is confirmed by the person, their word is asked first."""
        confirm = self._armed.confirm_round
        if confirm is not None and not confirm(bet):
            return Denied("confirm", "the person has not confirmed this round")
        return super().reserve(bet, facts)

    def update(self, bet: Bet) -> None:
        """As ``Gate.update``; a bet that was closed as lost without this session stays so."""
        with self._lock, self._store.transaction():
            kept = self._store.get(bet.bet_id)
            if kept is None or kept.outcome == "open":
                super().update(bet)

    def recover(
        self, open_bets: Iterable[Bet], settled: Iterable[Bet] = (), sessions: Collection[str] = ()
    ) -> Recovery:
        """Take over the open bets; every other reservation left open is closed as lost.

        ``settled`` and ``sessions`` are what a database says, and change nothing here.
        """
        still_open = {bet.bet_id: bet for bet in open_bets if bet.stake_minor > 0}
        added, closed = [], []
        with self._lock, self._store.transaction():
            for bet in still_open.values():
                if self._store.get(bet.bet_id) is None:
                    self._store.add(bet, _LIVE, self._now_us())
                    added.append(bet.bet_id)
            for kept in self._store.open(_LIVE):
                if kept.bet_id not in still_open:
                    self._store.finish(kept, "lost", 0, self._now_us())
                    closed.append(kept.bet_id)
        return Recovery(tuple(added), tuple(closed), (), tuple(still_open))

    def heartbeat(self) -> None:
        """The session runs: call it every few seconds."""
        self._armed.heartbeat()

    def _may_be_live(self) -> bool:
        return isinstance(self._armed, Armed)

    def _limits_of(self, account: str) -> Limits:
        return self._armed.limits(account)

    def _further_denial(self, bet: Bet, more_minor: int) -> Denied | None:
        armed = self._armed
        denied = armed.denial()
        if denied is not None:
            return denied
        if bet.account not in armed.accounts or bet.currency != armed.currency:
            return Denied("armed", f"live play was not armed for {bet.account} in {bet.currency}")
        lost = armed.lost_minor() + more_minor
        if lost > armed.accepted_minor:
            words = f"the loss would be {format_hundredths(lost)}, accepted were"
            amount = format_hundredths(armed.accepted_minor)
            return Denied("accepted_loss", f"{words} {amount}", lost, armed.accepted_minor)
        return None


# -- what is missing --------------------------------------------------------------------------------------


def refuse_early(book: GuardBook, accounts: Iterable[str]) -> None:
    """Raise ``NotArmed`` when no check of a table could change that: an exclusion, the pause, limits."""
    _raise(_about_book(book, accounts))


def _refuse(book: GuardBook, checks: Sequence[TableCheck], odds: Mapping[str, str]) -> None:
    """Raise ``NotArmed`` with everything that speaks against arming now."""
    about_tables = _about_tables(book.state(), checks, odds)
    _raise([*_about_book(book, (check.account for check in checks)), *about_tables])


def _raise(missing: Sequence[str]) -> None:
    if missing:
        raise NotArmed(f"live play is not armed: {'; '.join(missing)}")


def _about_book(book: GuardBook, accounts: Iterable[str]) -> list[str]:
    missing = _about_time(book.state())
    for account in dict.fromkeys(accounts):
        missing += _about_limits(book, account)
    return missing


def _about_time(state: GuardState) -> list[str]:
    exclusion = state.exclusion()
    missing = [] if exclusion is None else [exclusion_words(exclusion, state.now_ns)]
    live = state.live
    if live is not None and state.now_ns - live.seen_ns < PAUSE_NS:
        left = duration_words(live.seen_ns + PAUSE_NS - state.now_ns)
        what = "the last live session ended" if live.ended else "a live session was seen alive"
        missing.append(f"{what} less than 15 minutes ago: wait {left} of observed time")
    return missing


def _about_tables(state: GuardState, checks: Sequence[TableCheck], odds: Mapping[str, str]) -> list[str]:
    if not checks:
        return ["no table was checked: name one"]
    missing = []
    for check in checks:
        if not check.passed:
            missing.append(f"the table {check.table} did not pass its check: crashbot check {check.table}")
        elif not 0 <= state.now_ns - check.at_ns <= CHECK_AGE_NS:
            missing.append(f"the table {check.table} was not checked in the last 10 minutes")
        if not odds.get(check.table, "").strip():
            missing.append(f"the odds of {check.table} are not known, and are shown before any real stake")
    if len({check.currency for check in checks}) > 1:
        missing.append("the tables' accounts differ in currency: one session plays in one currency")
    return missing


def _about_limits(book: GuardBook, account: str) -> list[str]:
    unset = book.bounds(account).unset
    if unset:
        names = ", ".join(unset[:3]) + (f" and {len(unset) - 3} more" if len(unset) > 3 else "")
        typed = shlex.quote(account)
        return [
            f"limits of {account} are unset or zero ({names}): `crashbot limits set {typed}`, then "
            f"24 hours later `crashbot limits confirm {typed}`"
        ]
    used_up = next((p for p in WINDOWS_US if _left(book, account, p) <= 0), None)
    return [] if used_up is None else [f"the limits of {account} {PERIOD_WORDS[used_up]} are used up"]


# -- the question -----------------------------------------------------------------------------------------


def may_lose(book: GuardBook, account: str, below: Limits | None = None) -> int:
    """The most that a session may lose on an account before one of its limits denies, minor units."""
    bound = _in_force(book, account, below).session
    session = left_to_lose(bound, Figures(0, 0, 0, 0))
    return min(session, *(_left(book, account, period, below) for period in WINDOWS_US))


def _left(book: GuardBook, account: str, period: str, below: Limits | None = None) -> int:
    bounds = dict(_in_force(book, account, below).periods)[period]
    ledger = GuardLedger(book)
    figures = ledger.window_figures(_LIVE, account, book.now_ns() // 1_000, WINDOWS_US[period])
    return left_to_lose(bounds, figures)


def _in_force(book: GuardBook, account: str, below: Limits | None) -> Limits:
    limits = book.limits(account)
    return limits if below is None else strictest(limits, below)


def _before_the_question(checks: Sequence[TableCheck], odds: Mapping[str, str]) -> str:
    shown = dict.fromkeys(check.table for check in checks)
    told = [f"Odds of {table}:\n{odds[table].strip()}" for table in shown]
    return "\n\n".join([WARNING, *told])


def _ask_for_amount(terminal: TtyTerminal, currency: str, allowed_minor: int, introduction: str) -> int:
    terminal.say(introduction)
    most = format_hundredths(allowed_minor)
    for _attempt in range(_ATTEMPTS):
        typed = terminal.ask(f"\nThe amount in {currency} that you accept to lose (at most {most}):")
        if not typed:
            break
        try:
            amount = parse_hundredths(typed)
        except ValueError:
            terminal.say("Type an amount like 20.00, or nothing to leave.")
            continue
        if 0 < amount <= allowed_minor:
            return amount
        terminal.say(f"Your limits allow from 0.01 to {most}.")
    raise NotArmed("live play is not armed: no amount was accepted")
