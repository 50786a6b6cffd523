"""The rows that a bet's transition writes: the bet as it stands, and one event."""

from __future__ import annotations

from bot.domain.bets import FINAL_STATES, Bet, BetState
from bot.domain.ports import Record


def bet_records(
    bet: Bet,
    from_state: BetState | None,
    detail: dict[str, object],
    event_id: str,
    now_utc_us: int,
    balance_after_minor: int | None,
) -> tuple[Record, Record]:
    """A bet's row (new when ``from_state`` is ``None``) and the event of its transition.

    ``balance_after_minor`` is the balance seen when the bet came to its end.
    """
    values = _columns(bet)
    if bet.state is BetState.PLACED:
        values["placed_utc_us"] = now_utc_us
    if bet.state in FINAL_STATES:
        values["settled_utc_us"] = now_utc_us
        values["balance_after_minor"] = balance_after_minor
    row = Record("bets", values, key="bet_id", update=from_state is not None, urgent=True)
    event: dict[str, object] = {
        "id": event_id,
        "bet_id": bet.bet_id,
        "from_state": from_state.value if from_state else None,
        "to_state": bet.state.value,
        "at_utc_us": now_utc_us,
        "reason": bet.reason,
        "detail": detail,
    }
    return row, Record("bet_events", event, urgent=True)


def reconciliation_record(record_id: str, bet: Bet, now_utc_us: int, verdict: str, settled_by: str) -> Record:
    """A person's word on a bet, beside the machine's comparisons."""
    values: dict[str, object] = {
        "id": record_id,
        "session_id": bet.session_id,
        "account": bet.account,
        "table_name": bet.table,
        "at_utc_us": now_utc_us,
        "verdict": verdict,
        "settled_by": settled_by,
    }
    return Record("reconciliations", values, urgent=True)


def _columns(bet: Bet) -> dict[str, object]:
    return {
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
        "ordered_utc_us": bet.ordered_utc_ns // 1_000,
        "balance_before_minor": bet.balance_before_minor,
        "payout_minor": bet.payout_minor,
        "profit_minor": bet.profit_minor,
        "reason": bet.reason,
    }
