"""The gate that every bet passes: it reserves the worst case before a bet is queued, and is asked again
before the last click. What it does not know, it denies."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.amounts import format_hundredths
from bot.domain.bets import FINAL_STATES, Bet, BetState
from bot.domain.clock import Clock
from bot.domain.errors import ProgrammerError, StorageError
from bot.domain.words import Mode
from bot.limits.rules import PERIOD_WORDS, Denied, Figures, GateFacts, Limits, PeriodLimits
from bot.limits.stop import StopSwitch
from bot.limits.store import WINDOWS_US, LimitStore, Reservation

_NS_PER_US = 1000
_NO_BOUND = PeriodLimits()


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the reservations at a start, as bet identifiers.

    ``added``: open bets that had none. ``closed``: settled meanwhile. ``released``: never written down, hence
    never clicked. ``kept``: still counted as lost.
    """

    added: tuple[str, ...]
    closed: tuple[str, ...]
    released: tuple[str, ...]
    kept: tuple[str, ...]


class Gate:
    """Decides for one session which bets may be placed. Safe to call from any thread.

    ``by_account`` holds limits of single accounts (they differ in currency); all others use ``limits``.
    A gate of mode live is made by ``Armed.gate`` alone: without it ``ProgrammerError`` is raised.
    """

    def __init__(
        self,
        store: LimitStore,
        limits: Limits,
        clock: Clock,
        session_id: str,
        mode: Mode,
        switch: StopSwitch | None = None,
        by_account: Mapping[str, Limits] | None = None,
    ) -> None:
        if mode is Mode.LIVE and not self._may_be_live():
            raise ProgrammerError("a gate for live play is made by Armed.gate, after a person has armed it")
        self._store = store
        self._limits = limits
        self._by_account = dict(by_account or {})
        self._clock = clock
        self._session_id = session_id
        self._mode = mode.value
        self._switch = switch
        self._lock = threading.RLock()
        self._stop_reason: str | None = None
        self.heartbeat()

    # -- stop -------------------------------------------------------------------------------------------

    def stop(self, reason: str) -> None:
        """Deny everything from now on, until ``resume``. The first reason is kept."""
        # No lock: the stop acts at once, even while a decision waits for the disk.
        if self._stop_reason is None:
            self._stop_reason = reason or "stopped"

    def resume(self) -> None:
        """A person allows bets again. A stop file stays in force until it is removed."""
        self._stop_reason = None

    @property
    def stopped(self) -> str | None:
        """Why nothing passes, or ``None``."""
        if self._stop_reason is not None:
            return self._stop_reason
        return self._switch.check() if self._switch is not None else None

    # -- decisions --------------------------------------------------------------------------------------

    def reserve(self, bet: Bet, facts: GateFacts) -> Denied | None:
        """Ask for a bet before it is queued. ``None``: its stake is reserved and counts as lost."""
        return self._decide(bet, facts, reserve=True)

    def confirm(self, bet: Bet, facts: GateFacts) -> Denied | None:
        """Ask once more before the last click. A denial keeps the reservation: ``update`` releases it."""
        return self._decide(bet, facts, reserve=False)

    def _decide(self, bet: Bet, facts: GateFacts, reserve: bool) -> Denied | None:
        with self._lock:
            try:
                with self._store.transaction():
                    if reserve:
                        self._store.seen(self._session_id, self._mode, self._now_us())
                    denied = self._first_denial(bet, facts, reserve)
                    if denied is None and reserve:
                        self._store.add(bet, self._mode, self._now_us())
                # The stop may have come while the disk was busy: it has the last word before a click.
                return denied if reserve or denied is not None else self._stop_denial()
            except StorageError as error:
                return Denied("store", f"limits unknown: {error}")

    def _first_denial(self, bet: Bet, facts: GateFacts, reserve: bool) -> Denied | None:
        checks = self._checks(bet, facts, reserve)
        return next((denied for denied in checks if denied is not None), None)

    def _checks(self, bet: Bet, facts: GateFacts, reserve: bool) -> Iterator[Denied | None]:
        limits = self._limits_of(bet.account)
        yield self._stop_denial()
        # At the second question the stake is in the figures already.
        more = bet.stake_minor if reserve else 0
        yield self._bet_denial(bet, reserve)
        yield self._further_denial(bet, more)
        yield _reading_denial(facts, limits)
        yield _over("stake", bet.stake_minor, limits.stake_minor, "the stake")
        yield self._balance_denial(bet, facts, limits, more)
        new_round = reserve and not self._store.has_round(self._mode, bet.account, bet.round_id)
        for period, bounds in limits.periods:
            if bounds != _NO_BOUND:
                figures = self._period_figures(period, bet.account)
                yield from _period_denials(period, figures, bounds, more, new_round)
        fall = self._store.fall_from_best(self._mode, bet.account, self._session_id) + more
        yield _over("give_back", fall, limits.give_back_minor, "the fall from the session's best")

    def _limits_of(self, account: str) -> Limits:
        return self._by_account.get(account, self._limits)

    def _may_be_live(self) -> bool:
        return False

    def _further_denial(self, bet: Bet, more_minor: int) -> Denied | None:
        """What else may speak against a bet: a gate for live play asks whether it is armed."""
        return None

    def _stop_denial(self) -> Denied | None:
        reason = self.stopped
        return None if reason is None else Denied("stop", f"stopped: {reason}")

    def _bet_denial(self, bet: Bet, reserve: bool) -> Denied | None:
        kept = self._store.get(bet.bet_id)
        if bet.session_id != self._session_id:
            return Denied("bet", "the bet belongs to another session")
        if bet.stake_minor <= 0 or bet.target <= 100:
            return Denied("bet", "stake and target must be above 0 and 1.00x", bet.stake_minor)
        if reserve and bet.state is not BetState.ORDERED:
            return Denied("bet", f"the bet is {bet.state.value} already")
        if reserve:
            return None if kept is None else Denied("bet", "the bet has asked before")
        if kept is None or kept.outcome != "open":
            return Denied("bet", "nothing is reserved for the bet")
        if (
            kept.stake_minor != bet.stake_minor
            or kept.account != bet.account
            or kept.round_id != bet.round_id
        ):
            return Denied(
                "bet", "the bet is not the one that was reserved", bet.stake_minor, kept.stake_minor
            )
        return None

    def _balance_denial(self, bet: Bet, facts: GateFacts, limits: Limits, more: int) -> Denied | None:
        if facts.balance_minor is None:
            return Denied("balance", "the balance is not known")
        if not facts.balance_reconciled:
            return Denied("balance", "the balance is not reconciled", facts.balance_minor)
        # Open stakes may have left the shown balance already; in doubt they are taken off again.
        remains = facts.balance_minor - self._store.open_stakes(self._mode, bet.account) - more
        floor = max(0, limits.balance_floor_minor or 0)
        if remains < floor:
            words = (
                f"the balance would fall to {format_hundredths(remains)}, below {format_hundredths(floor)}"
            )
            return Denied("balance_floor", words, remains, floor)
        return None

    # -- what became of it ------------------------------------------------------------------------------

    def update(self, bet: Bet) -> None:
        """Tell where a bet stands: a final state settles or releases its reservation, others keep it.

        Twice changes nothing; a bet without a reservation gets one. Raises ``StorageError`` when it cannot be
        kept (the stake then stays counted as lost), ``IllegalTransition`` for a second, different end.
        """
        with self._lock, self._store.transaction():
            if self._store.get(bet.bet_id) is None:
                if bet.state in (BetState.REFUSED, BetState.MISSED) or bet.stake_minor <= 0:
                    return
                self._store.add(bet, self._mode, self._now_us())
            if bet.state in FINAL_STATES:
                self._store.close_bet(bet, self._now_us())

    def recover(
        self, open_bets: Iterable[Bet], settled: Iterable[Bet] = (), sessions: Collection[str] = ()
    ) -> Recovery:
        """Bring the reservations in line with the database at a start.

        ``open_bets``: all that the database holds in open states: counted as lost until ``update`` says more.
        ``settled``: bets of ``reservations()`` that the database holds in final states. ``sessions``: all
        that the database holds: a reservation of theirs without a bet was never written down, hence never
        clicked, and is released. Other reservations (of another database) stay counted as lost.
        """
        still_open = {bet.bet_id: bet for bet in open_bets if bet.stake_minor > 0}
        ended = {bet.bet_id: bet for bet in settled if bet.state in FINAL_STATES}
        added: list[str] = []
        closed: list[str] = []
        released: list[str] = []
        with self._lock, self._store.transaction():
            for bet in still_open.values():
                if self._store.get(bet.bet_id) is None:
                    self._store.add(bet, self._mode, self._now_us())
                    added.append(bet.bet_id)
            for kept in self._store.open(self._mode):
                if kept.bet_id in ended:
                    self._store.close_bet(ended[kept.bet_id], self._now_us())
                    closed.append(kept.bet_id)
                elif kept.bet_id not in still_open and kept.session_id in sessions:
                    self._store.finish(kept, "released", 0, self._now_us())
                    released.append(kept.bet_id)
            left = tuple(kept.bet_id for kept in self._store.open(self._mode))
        return Recovery(tuple(added), tuple(closed), tuple(released), left)

    def reservations(self) -> list[Reservation]:
        """The open reservations of this mode, all sessions and accounts."""
        return self._store.open(self._mode)

    def heartbeat(self) -> None:
        """The session runs: call it now and then, so that time without bets counts too."""
        self._store.seen(self._session_id, self._mode, self._now_us())

    def figures(self, account: str) -> tuple[Figures, Figures]:
        """Where the session and the last 24 hours stand, for a screen or a report."""
        return self._period_figures("session", account), self._period_figures("day", account)

    def _period_figures(self, period: str, account: str) -> Figures:
        if period == "session":
            return self._store.session_figures(self._mode, account, self._session_id, self._now_us())
        return self._store.window_figures(self._mode, account, self._now_us(), WINDOWS_US[period])

    def _now_us(self) -> int:
        return self._clock.now().utc_ns // _NS_PER_US


def _reading_denial(facts: GateFacts, limits: Limits) -> Denied | None:
    age = facts.reading_age_ms
    if age is None:
        return Denied("reading_age", "the age of the reading is not known")
    if not 0 <= age <= limits.reading_age_ms:  # also refuses NaN, and a reading from the future
        figure = int(age) if abs(age) < 1e15 else None
        return Denied("reading_age", f"the reading is {age:.0f} ms old", figure, limits.reading_age_ms)
    return None


def _period_denials(
    period: str, figures: Figures, limits: PeriodLimits, more: int, new_round: bool
) -> Iterator[Denied | None]:
    words = PERIOD_WORDS[period]
    yield _over(f"{period}_loss", figures.loss_minor + more, limits.loss_minor, f"the loss {words}")
    yield _over(
        f"{period}_turnover", figures.turnover_minor + more, limits.turnover_minor, f"the stakes {words}"
    )
    rounds = figures.rounds + (1 if new_round else 0)
    if limits.rounds is not None and rounds > limits.rounds:
        yield Denied(f"{period}_rounds", f"{limits.rounds} rounds {words} are played", rounds, limits.rounds)
    if limits.minutes is not None and figures.seconds >= limits.minutes * 60:
        minutes = figures.seconds // 60
        yield Denied(
            f"{period}_time", f"the {limits.minutes} minutes {words} are over", minutes, limits.minutes
        )


def _over(name: str, figure: int, bound: int | None, words: str) -> Denied | None:
    """A denial when money, all open bets lost, would exceed its bound."""
    if bound is None or figure <= bound:
        return None
    amounts = f"would be {format_hundredths(figure)}, the limit is {format_hundredths(bound)}"
    return Denied(name, f"{words} {amounts}", figure, bound)
