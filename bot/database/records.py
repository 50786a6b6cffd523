"""The bot's words as records: one function a thing that is written down."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.bets import FINAL_STATES, Bet, BetState
from bot.domain.ports import Record

_NS_PER_US = 1000


def bet_ordered(bet: Bet, event_id: str) -> tuple[Record, Record]:
    """A new bet and its first event. Written down before anything is touched; urgent."""
    at_us = bet.ordered_utc_ns // _NS_PER_US
    row: dict[str, object] = {
        "bet_id": bet.bet_id,
        "session_id": bet.session_id,
        "account": bet.account,
        "table_name": bet.table,
        "round_id": bet.round_id,
        "panel": bet.panel,
        "stake_minor": bet.stake_minor,
        "target": bet.target,
        "currency": bet.currency,
        "state": bet.state.value,
        "ordered_utc_us": at_us,
        "balance_before_minor": bet.balance_before_minor,
        "reason": bet.reason or None,
    }
    event = _event(bet, None, event_id, at_us, {})
    return Record("bets", row, key="bet_id", urgent=True), event


def bet_moved(
    before: BetState,
    bet: Bet,
    event_id: str,
    at_utc_ns: int,
    detail: Mapping[str, object] | None = None,
    balance_after_minor: int | None = None,
) -> tuple[Record, Record]:
    """A transition of a bet: the bet's new state and the event. Urgent."""
    at_us = at_utc_ns // _NS_PER_US
    change: dict[str, object] = {"bet_id": bet.bet_id, "state": bet.state.value}
    if bet.reason:
        change["reason"] = bet.reason
    if bet.state is BetState.PLACED:
        change["placed_utc_us"] = at_us
    if bet.state in FINAL_STATES:
        change["settled_utc_us"] = at_us
        change["payout_minor"] = bet.payout_minor if bet.state is BetState.WON else 0
        change["profit_minor"] = bet.profit_minor
    if balance_after_minor is not None:
        change["balance_after_minor"] = balance_after_minor
    row = Record("bets", change, key="bet_id", update=True, urgent=True)
    return row, _event(bet, before, event_id, at_us, detail or {})


def _event(
    bet: Bet, before: BetState | None, event_id: str, at_us: int, detail: Mapping[str, object]
) -> Record:
    values: dict[str, object] = {
        "id": event_id,
        "bet_id": bet.bet_id,
        "from_state": None if before is None else before.value,
        "to_state": bet.state.value,
        "at_utc_us": at_us,
        "reason": bet.reason or None,
        "detail": dict(detail) or None,
    }
    return Record("bet_events", values, urgent=True)
