"""What the main process does with each message of a table: one small answer a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.bets import BetState
from bot.domain.clock import Clock
from bot.domain.ports import Record, RecordSink
from bot.limits import Denied
from bot.runtime.desk import Desk
from bot.runtime.messages import (
    BalanceSeen,
    BetDenied,
    BetNews,
    BetSeen,
    BetSkipped,
    BetWanted,
    FromTable,
    RecordNews,
    RoundNews,
    TableDone,
    TableStatus,
    TableTrouble,
    ToTable,
)
from bot.runtime.odds_before import OddsBefore
from bot.runtime.tables import TableHandle
from bot.staking import Settlement
from bot.table.events import RoundEnded, RoundsMissed


class Listener:
    """Takes the tables' messages to the desk and to the record."""

    def __init__(
        self,
        desk: Desk,
        odds: OddsBefore,
        sink: RecordSink,
        make_id: Callable[[], str],
        session_id: str,
        clock: Clock,
    ) -> None:
        self._desk, self._odds, self._sink, self._make_id = desk, odds, sink, make_id
        self._session_id, self._clock = session_id, clock
        self.stage_events: list[dict[str, Any]] = []

    def hear(self, handle: TableHandle, message: FromTable) -> None:
        """Answer one message."""
        if isinstance(message, TableStatus):
            handle.status = message
            self._desk.reading(handle.name, message.reading_mono_ns)
        elif isinstance(message, RecordNews):
            self._sink.put(message.record)
        elif isinstance(message, RoundNews):
            self._round_news(handle, message)
        elif isinstance(message, BalanceSeen):
            self._odds.balance_seen(handle.name, message.amount_minor)
            self._desk.balance_seen(handle.name, message.amount_minor, message.at)
        elif isinstance(message, BetWanted):
            self._wanted(handle, message)
        elif isinstance(message, BetSeen):
            self._desk.bet_seen(message)
        elif isinstance(message, BetSkipped):
            self._desk.deny(handle.name, message.round_id, Denied(message.limit_name, message.reason))
        elif isinstance(message, TableTrouble):
            self.trouble(handle.name, message.kind, message.message, message.reaction, message.trace)
        elif isinstance(message, TableDone):
            handle.done = True

    def _wanted(self, handle: TableHandle, message: BetWanted) -> None:
        """An order goes to the desk, once the odds of its table were told."""
        denied = self._odds.denial(handle.name)
        if denied is None:
            self._desk.wanted(message)
        else:
            self._desk.deny(handle.name, message.bet.round_id, denied)
            handle.tell(BetDenied(message.bet.bet_id, denied.limit_name, denied.reason))

    def _round_news(self, handle: TableHandle, message: RoundNews) -> None:
        event = message.event
        handle.memory.note(event)
        if isinstance(event, RoundEnded):
            self._odds.no_balance(handle.name)  # a whole round went by: it will not be read
            self._desk.round_over(event.round_id, event.crash)
        elif isinstance(event, RoundsMissed) and event.round_id is not None:
            self._desk.round_over(event.round_id, None, event.reason)

    def told(self, handle: TableHandle, message: ToTable) -> None:
        """Keep what a restarted table must learn again: the settlements its strategy has taken in."""
        if isinstance(message, BetNews) and message.bet.state in (BetState.WON, BetState.LOST):
            bet = message.bet
            won = bet.state is BetState.WON
            if bet.session_id == self._session_id:
                handle.memory.settlements.append(Settlement(won, bet.stake_minor, bet.payout_minor or 0))

    def trouble(self, table: str, kind: str, message: str, reaction: str, trace: str = "") -> None:
        """Something for the error log."""
        values: dict[str, object] = {
            "id": self._make_id(),
            "session_id": self._session_id,
            "table_name": table,
            "error_type": kind,
            "message": message,
            "trace": trace,
            "reaction": reaction,
            "at_utc_us": self._clock.now().utc_ns // 1_000,
        }
        self._sink.put(Record("error_logs", values))

    def stage_news(self, lines: list[dict[str, Any]]) -> None:
        """What the practice stage said: kept for the report, never used to read or to bet."""
        for line in lines:
            self.stage_events.append(line)
            if line.get("event") in ("restarted", "error"):
                what = str(line.get("what"))
                self.trouble(
                    "",
                    "StageRestarted",
                    f"the stage restarted the {what}: {line.get('why', line)}",
                    "waiting for its windows",
                )
