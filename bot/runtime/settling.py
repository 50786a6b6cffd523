"""``crashbot settle``: a person decides what the machine could not, with a record of who said so."""

from __future__ import annotations

import json as json_module

from rich.console import Console
from rich.table import Table

from bot.control.lock import HandsLock
from bot.database import Database, open_bets, session_ids
from bot.domain.amounts import format_hundredths, payout
from bot.domain.bets import Bet, BetState
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput
from bot.domain.ids import IdMaker
from bot.domain.words import Mode
from bot.folders import made, user_data_dir, user_state_dir
from bot.limits import Gate, GuardBook, GuardLedger, Limits, LimitStore
from bot.runtime.bet_records import bet_records, reconciliation_record
from bot.runtime.open_record import OpenRecord
from bot.settings import load_settings

OUTCOMES = {"won": BetState.WON, "lost": BetState.LOST, "refused": BetState.REFUSED}


def list_open(url: str | None, json: bool) -> None:
    """Print the bets whose end is not known."""
    record = _open(url)
    try:
        bets = open_bets(record.database)
    finally:
        record.close()
    if json:
        print(json_module.dumps([_row(bet) for bet in bets], indent=2))
        return
    if not bets:
        print("Every bet is settled.")
        return
    table = Table("bet", "table", "stake", "target", "state", "why", title="Bets that are not settled")
    for bet in bets:
        row = _row(bet)
        table.add_row(*(str(row[name]) for name in ("bet", "table", "stake", "target", "state", "reason")))
    Console().print(table)
    print("Decide one with: crashbot settle BET won|lost|refused")


def settle_bet(url: str | None, start: str, outcome: str | None, who: str, json: bool) -> None:
    """Settle the one open bet whose identifier begins so. Raises ``BadInput`` when there is no such."""
    if outcome not in OUTCOMES:
        raise BadInput(f"say what became of it: won, lost or refused, not {outcome or 'nothing'}")
    with HandsLock(made(user_state_dir())):  # a running bot settles its bets itself
        record = _open(url)
        try:
            bet = _the_bet(record.database, start)
            settled = _decided(bet, OUTCOMES[outcome], f"settled by {who}")
            _write(record, bet, settled, who)
        finally:
            record.close()
    print(json_module.dumps(_row(settled)) if json else f"{settled.bet_id}: {settled.state.value}")


def _open(url: str | None) -> OpenRecord:
    """The record as the bot holds it: open bets are on this disk, whatever server is behind it."""
    resolved = load_settings({"database.url": url}).database.resolved()
    return OpenRecord(resolved, made(user_data_dir()), SystemClock())


def _the_bet(database: Database, start: str) -> Bet:
    bets = [bet for bet in open_bets(database) if bet.bet_id.startswith(start)]
    if len(bets) != 1:
        raise BadInput(f"{len(bets)} open bets begin with {start!r}; `crashbot settle` lists them")
    return bets[0]


def _decided(bet: Bet, state: BetState, reason: str) -> Bet:
    paid = payout(bet.stake_minor, bet.target) if state is BetState.WON else 0
    return _as_unknown(bet).to(state, reason, None if state is BetState.REFUSED else paid)


def _as_unknown(bet: Bet) -> Bet:
    return bet if bet.state is BetState.UNKNOWN else bet.to(BetState.UNKNOWN, "left open")


def _write(record: OpenRecord, before: Bet, settled: Bet, who: str) -> None:
    clock = SystemClock()
    make_id = IdMaker(clock)
    now_us = clock.now().utc_ns // 1_000
    live = settled.session_id in session_ids(record.database, Mode.LIVE)
    writer = record.writer()
    try:
        detail: dict[str, object] = {"settled_by": who}
        for row in bet_records(settled, before.state, detail, make_id(), now_us, None):
            writer.put(row)
        verdict = f"bet {settled.bet_id} {settled.state.value}"
        writer.put(reconciliation_record(make_id(), settled, now_us, verdict, who))
        writer.flush()
        if live:
            _tell_guarded_limits(settled)
        else:
            _tell_limits(settled, clock)
    finally:
        writer.close()


def _tell_limits(settled: Bet, clock: Clock) -> None:
    store = LimitStore(made(user_data_dir()) / "limits.db")
    try:
        Gate(store, Limits(), clock, settled.session_id, Mode.PRACTICE).update(settled)
    finally:
        store.close()


def _tell_guarded_limits(settled: Bet) -> None:
    book = GuardBook.open()
    try:
        GuardLedger(book).settle(settled)
    finally:
        book.close()


def _row(bet: Bet) -> dict[str, object]:
    return {
        "bet": bet.bet_id,
        "table": bet.table,
        "account": bet.account,
        "stake": format_hundredths(bet.stake_minor),
        "target": format_hundredths(bet.target),
        "state": bet.state.value,
        "reason": bet.reason,
    }
