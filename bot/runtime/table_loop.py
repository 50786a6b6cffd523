"""One table's loop: look, track, decide, tell. Runs in a process of its own.

The loop holds no socket and touches neither mouse nor database: it looks at the screen, and speaks to the
main process over two pipes. It ends by itself when the main process is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection

from bot.domain.bets import FINAL_STATES, Bet, BetState
from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock
from bot.domain.words import ButtonState, Mode, Phase, Reading
from bot.runtime.eyes import Eye
from bot.runtime.messages import (
    AccountNews,
    BalanceSeen,
    BetDenied,
    BetNews,
    BetSeen,
    BetSkipped,
    BetWanted,
    FromTable,
    Quit,
    RecordNews,
    RoundNews,
    Sight,
    TableDone,
    TableSpec,
    ToTable,
)
from bot.runtime.next_round import AheadIds, NextRound
from bot.runtime.round_records import RoundRecords
from bot.runtime.table_journal import TableJournal
from bot.runtime.table_status import Glance
from bot.staking.orders import Settlement, Strategy
from bot.table.betting_window import BettingWindow
from bot.table.events import RoundEnded, RoundFlying, RoundOpened, RoundsMissed, SeenFrom, TrackerEvent
from bot.table.tracker import RoundTracker, TrackerSettings

#: A look follows a change of the number within WATCH_EVERY_S, and comes without one after LOOK_EVERY_S.
WATCH_EVERY_S = 0.004
LOOK_EVERY_S = 0.040
BALANCE_EVERY_S = 1.0
#: An order must leave this share of the betting window to the hands; later the round is skipped.
LATEST_ORDER_SHARE = 0.25
PANEL = 0
#: A look that took longer than this is too old to order on, milliseconds.
LONG_LOOK_MS = 400.0
#: An own table: a gap between two looks that can hide no end and no beginning, and how long its history strip
#: may take to be read after one that can, milliseconds.
OWN_BLIND_MS, OWN_STRIP_MS = 1_500, 5_000
#: And may seem to have left its betting phase for so long (milliseconds) when it has not.
OWN_FALSE_START_MS = 700
#: How long a table that has finished its rounds waits for the end of a bet that is unknown.
UNKNOWN_WAIT_S = 45.0
#: And how long a bet on paper is waited for whose table is out of sight.
PAPER_WAIT_S = 10.0
#: A bet on paper for a round whose take-off cannot be foretold stands at once: its time is not over.
NO_DEADLINE_NS = 3_600 * NS_PER_S
#: Out of sight for less than this, a table without a history strip still shows the round that it showed.
JOINED_S = 1.5
AHEAD = "for the next round, placed when the round before had ended: no betting phase is seen here"


def tracker_settings(spec: TableSpec) -> TrackerSettings:
    """How the rounds of a table are told apart. A user's own takes longer to look at and to read."""
    if spec.own_folder is None:
        return TrackerSettings()
    return TrackerSettings(
        blind_ms=OWN_BLIND_MS,
        strip_wait_ms=OWN_STRIP_MS,
        strip=spec.history_shown,
        false_start_ms=OWN_FALSE_START_MS,
    )


class TableLoop:
    """Everything one table does, one look at a time. ``make_id`` makes identifiers of bets and rounds."""

    def __init__(
        self,
        spec: TableSpec,
        eye: Eye,
        strategy: Strategy,
        up: Connection,
        down: Connection,
        clock: Clock,
        make_id: Callable[[], str],
    ) -> None:
        self._spec, self._eye, self._strategy = spec, eye, strategy
        self._up, self._down, self._clock, self._make_id = up, down, clock, make_id
        known = spec.known
        self._round_ids, self._next = AheadIds(make_id), NextRound()
        self._tracker = RoundTracker(
            self._round_ids,
            known.crashes,
            known.open_round,
            known.next_number,
            tracker_settings(spec),
        )
        for crash in reversed(known.crashes):
            strategy.observed(crash)
        for settlement in known.settlements:
            strategy.settled(settlement)
        self._records = RoundRecords(spec, make_id)
        self._journal = TableJournal(spec, eye, eye.readers.counts.last, make_id)
        self._window = BettingWindow()
        self._glance = Glance(spec, clock, eye.stats)
        self._opened: RoundOpened | None = None
        self._decided: str | None = None
        self._flying: str | None = None
        #: When the last order was made, and the last look that showed no flight; monotonic ns.
        self._ordered_ns = self._grounded_ns = 0
        #: The round in hand and what an order of it still waits for: round, limit name, reason.
        self._waits: tuple[str, str, str] | None = None
        self._bet: Bet | None = next(iter(spec.open_bets), None)
        self._seen_in_flight: str | None = None
        self._cashed_looks = 0
        self._account = AccountNews(reconciled=False, expected_minor=None)
        self._ended_rounds = 0
        self._closing = False
        self._closing_since = 0
        self._last_round: str | None = None
        self._finish_round = True
        self._last_balance: tuple[int, int] = (-1, 0)
        self._tracking = True

    def run(self) -> None:
        """Look until the rounds are done or the main process says so (or is gone)."""
        while self.step():
            self._eye.wait_for_change(LOOK_EVERY_S, WATCH_EVERY_S)
        self._journal.close()
        self._tell_journal()
        self._tell(TableDone(self._ended_rounds))

    def step(self) -> bool:
        """One look and what follows from it. False when there is nothing left to do."""
        while self._down.poll():
            self._hear(self._down.recv())
        reading = self._eye.look()
        self._glance.see(reading)
        self._journal.look(reading)
        if self._tracking:
            for event in self._tracker.see(reading):
                self._handle(event, reading)
            for record in self._records.see(reading, self._tracker.current_id):
                self._tell(RecordNews(record))
        self._tell_balance(reading)
        if self._spec.mode is Mode.PAPER:
            if reading.phase in (Phase.BETTING, Phase.CRASHED):
                self._grounded_ns = reading.at.mono_ns
            self._doubt_unseen(reading)
            self._consider_next_round(reading)
        elif self._spec.mode is not Mode.WATCH:
            self._watch_bet(reading)
        self._consider_bet(reading)
        self._tell_journal()
        status = self._glance.due(reading, self._ended_rounds)
        if status is not None:
            self._tell(status)
        return not self._finished(reading)

    # -- what was heard -------------------------------------------------------------------------------

    def _hear(self, message: ToTable) -> None:
        if isinstance(message, BetNews):
            self._hear_bet(message.bet)
        elif isinstance(message, BetDenied):
            if self._bet is not None and self._bet.bet_id == message.bet_id:
                self._bet = None
            self._glance.note = f"no bet: {message.reason}"
        elif isinstance(message, AccountNews):
            self._account = message
        elif isinstance(message, Quit):
            self._closing = True
            self._finish_round = message.finish_round

    def _hear_bet(self, bet: Bet) -> None:
        if self._bet is None or bet.bet_id != self._bet.bet_id:
            return
        self._bet = bet
        failed = bet.state in (BetState.MISSED, BetState.REFUSED, BetState.UNKNOWN)
        self._glance.note = f"bet {bet.state.value}" + (f": {bet.reason}" if failed else "")
        if bet.state in (BetState.WON, BetState.LOST) and bet.session_id == self._spec.session_id:
            won = bet.state is BetState.WON
            self._strategy.settled(Settlement(won, bet.stake_minor, bet.payout_minor or 0))
        if bet.state in FINAL_STATES:
            self._journal.settled(bet)
            self._bet = None

    # -- rounds ---------------------------------------------------------------------------------------

    def _between_sessions(self, event: TrackerEvent) -> bool:
        """A round that flew before this session began, known only from its chip."""
        fresh = self._spec.known.earlier_session and self._opened is None
        return fresh and isinstance(event, RoundEnded) and event.seen_from is SeenFrom.HISTORY

    def _handle(self, event: TrackerEvent, reading: Reading) -> None:
        if self._between_sessions(event):
            return
        for record in self._records.of_event(event, reading):
            self._tell(RecordNews(record))
        if isinstance(event, RoundFlying | RoundEnded):
            self._doubt_late(event)
        self._tell(RoundNews(event))
        self._next.note(event)
        if isinstance(event, RoundsMissed):
            self._forget_next_round(event)
        elif isinstance(event, RoundOpened):
            self._opened = event
            self._seen_in_flight, self._cashed_looks = None, 0
        elif isinstance(event, RoundFlying):
            self._skip_undecided(event.round_id, reading)
            opened, self._flying = self._opened, event.round_id
            if opened and opened.round_id == event.round_id and opened.from_start:
                self._window.learn(opened.at, event.at)
        elif isinstance(event, RoundEnded):
            self._skip_undecided(event.round_id, reading)
            self._journal.ended(event)
            self._strategy.observed(event.crash)
            if self._opened is None and self._spec.known.earlier_session:
                return  # the last round of the session before: settled now, but not one of this session
            self._ended_rounds += 1
            if self._spec.rounds is not None and self._ended_rounds >= self._spec.rounds:
                self._closing = True
                self._tracking = False

    # -- betting --------------------------------------------------------------------------------------

    def _consider_bet(self, reading: Reading) -> None:
        """Order once per round, in its betting phase, when everything before it is settled."""
        opened, round_id = self._opened, self._tracker.current_id
        if self._spec.mode is Mode.WATCH or self._closing or reading.phase is not Phase.BETTING:
            return
        if opened is None or round_id is None or round_id != opened.round_id or round_id == self._decided:
            return
        if self._tracker.resyncing:
            self._waits = (round_id, "resyncing", "after a hole the strip has to tell where it is")
            return
        deadline = self._window.deadline(opened.at)
        if opened.seen_from is not SeenFrom.BETTING or deadline is None:
            self._skip(round_id, "first_whole_round", "no round was seen whole yet", reading)
            return
        waiting = self._waiting_for(reading)
        window_ns = deadline - opened.at.mono_ns
        if waiting is None:
            self._order(round_id, deadline, reading)
        elif deadline - reading.at.mono_ns < window_ns * LATEST_ORDER_SHARE:
            self._skip(round_id, *waiting, reading)
        else:
            self._waits = (round_id, *waiting)

    def _skip_undecided(self, round_id: str, reading: Reading) -> None:
        """A round that took off while its order still waited, with no look in the last part of its window."""
        waits, self._waits = self._waits, None
        if waits is not None and waits[0] == round_id and round_id != self._decided:
            self._skip(*waits, reading)

    def _waiting_for(self, reading: Reading) -> tuple[str, str] | None:
        """What must come true before an order, as (limit name, reason), or ``None``."""
        if self._bet is not None:
            return "bet_open", f"the bet before is still {self._bet.state.value}"
        if self._spec.mode is Mode.PAPER:
            known = self._account.reconciled and self._account.expected_minor is not None
            return None if known else ("balance_unknown", "the bankroll is not known yet")
        took_ms = (self._clock.now().mono_ns - reading.at.mono_ns) / NS_PER_MS
        if took_ms > LONG_LOOK_MS:  # the gate would find it old: the next one will be fresher
            return "reading_age", f"the look took {took_ms:.0f} ms"
        if not self._account.reconciled:
            return "balance_not_reconciled", "the balance seen does not follow from the record"
        if reading.balance.value is None:
            return "balance_unknown", f"the balance is not legible: {reading.balance.reason}"
        button = reading.panels[PANEL].button if len(reading.panels) > PANEL else ButtonState.UNKNOWN
        if button is not ButtonState.BET:
            return "button", f"the button is {button.value}, not ready for a bet"
        return None

    def _consider_next_round(self, reading: Reading) -> None:
        """On paper, where no betting phase is seen: order for the next round once this one has ended."""
        if self._closing or not self._next.open or self._tracker.current_id is not None:
            return
        if reading.phase is not Phase.CRASHED:
            return
        round_id = self._round_ids.peek()
        if round_id != self._decided and self._waiting_for(reading) is None:
            self._order(round_id, reading.at.mono_ns + NO_DEADLINE_NS, reading, AHEAD)

    def _doubt_unseen(self, reading: Reading) -> None:
        """On paper, without a history strip: hidden before its take-off, the round may be another one."""
        bet, away_s = self._bet, self._glance.just_away_s
        if bet is None or self._spec.history_shown or away_s < JOINED_S or bet.round_id == self._flying:
            return
        why = f"out of sight for {away_s:.1f} s before its take-off"
        self._tell(RoundNews(RoundsMissed(1, why, reading.at, bet.round_id)))

    def _doubt_late(self, event: RoundFlying | RoundEnded) -> None:
        """On paper: a bet counts only if a look after its order showed that the flight had not begun."""
        bet = self._bet
        if bet is None or self._spec.mode is not Mode.PAPER or bet.round_id != event.round_id:
            return
        if event.round_id != self._flying and self._grounded_ns <= self._ordered_ns:
            why = "no look showed that it was placed before the take-off"
            self._tell(RoundNews(RoundsMissed(1, why, event.at, bet.round_id)))

    def _forget_next_round(self, missed: RoundsMissed) -> None:
        """Rounds went by unseen: the next one seen is not the one that a bet was placed for."""
        ahead = self._round_ids.peek()
        self._round_ids.drop()
        if missed.round_id is None and self._bet is not None and self._bet.round_id == ahead:
            self._tell(RoundNews(RoundsMissed(1, missed.reason, missed.at, ahead)))

    def _order(self, round_id: str, deadline: int, reading: Reading, note: str = "") -> None:
        self._decided = round_id
        paper = self._spec.mode is Mode.PAPER
        balance = (self._account.expected_minor if paper else reading.balance.value) or 0
        order = self._strategy.order(balance)
        if order.stake_minor <= 0:
            self._skip(round_id, "strategy", order.note or "the strategy stakes nothing", reading)
            return
        spec = self._spec
        self._bet = Bet(
            bet_id=self._make_id(),
            session_id=spec.session_id,
            account=spec.account,
            table=spec.table,
            round_id=round_id,
            panel=PANEL,
            stake_minor=order.stake_minor,
            target=order.target,
            currency=spec.currency,
            balance_before_minor=balance,
            deadline_mono_ns=deadline,
            ordered_utc_ns=reading.at.utc_ns,
        )
        note = "; ".join(filter(None, (order.note, note)))
        self._journal.ordered(self._bet, note)
        # On paper nothing is clicked: an old picture is no danger. That the order was in time is seen later.
        self._ordered_ns = self._clock.now().mono_ns
        self._tell(BetWanted(self._bet, self._ordered_ns if paper else reading.changed.mono_ns, note))

    def _skip(self, round_id: str, limit_name: str, reason: str, reading: Reading) -> None:
        self._decided = round_id
        self._glance.note = f"no bet: {reason}"
        self._journal.skipped(round_id, reason)
        self._tell(BetSkipped(round_id, limit_name, reason, reading.at))

    def _watch_bet(self, reading: Reading) -> None:
        """Say once when the button shows the bet in flight, and once when it shows it cashed out."""
        bet = self._bet
        if bet is None or reading.phase is not Phase.FLYING or bet.round_id != self._tracker.current_id:
            return
        if bet.state not in (BetState.CLICKED, BetState.UNKNOWN, BetState.PLACED, BetState.VERIFIED):
            return
        button = reading.panels[bet.panel].button if len(reading.panels) > bet.panel else ButtonState.UNKNOWN
        if button is ButtonState.CASH_OUT and self._seen_in_flight != bet.bet_id:
            self._seen_in_flight = bet.bet_id
            self._tell(BetSeen(bet.bet_id, Sight.IN_FLIGHT, reading.at))
        value = reading.multiplier.value
        past_target = value is not None and value >= bet.target
        if self._seen_in_flight == bet.bet_id and past_target and button is not ButtonState.CASH_OUT:
            self._cashed_looks += 1
            if self._cashed_looks == 2:
                self._tell(BetSeen(bet.bet_id, Sight.CASHED, reading.at))

    # -- telling --------------------------------------------------------------------------------------

    def _tell_journal(self) -> None:
        for record in self._journal.records():
            self._tell(RecordNews(record))

    def _tell_balance(self, reading: Reading) -> None:
        value = reading.balance.value
        if value is None:
            return
        amount, told = self._last_balance
        if value != amount or reading.at.mono_ns - told >= BALANCE_EVERY_S * NS_PER_S:
            self._last_balance = (value, reading.at.mono_ns)
            self._tell(BalanceSeen(value, reading.at))

    def _tell(self, message: FromTable) -> None:
        self._up.send(message)

    def _finished(self, reading: Reading) -> bool:
        if not self._closing:
            return False
        if self._closing_since == 0:
            self._closing_since, self._last_round = reading.at.mono_ns, self._tracker.current_id
        if self._bet is not None:
            waited_s = (reading.at.mono_ns - self._closing_since) / NS_PER_S
            if self._spec.mode is Mode.PAPER:  # out of sight, nothing tells what it comes to: it is void
                return reading.placement is None and waited_s > PAPER_WAIT_S
            # An unknown bet may stay unknown: then a person decides (`crashbot settle`).
            return self._bet.state is BetState.UNKNOWN and waited_s > UNKNOWN_WAIT_S
        # A round whose end is not read is over at the latest when the next one is there.
        same = self._tracker.current_id in (self._last_round, None)
        in_round = self._tracker.busy and self._tracking and same
        return not (self._finish_round and in_round and reading.placement is not None)
