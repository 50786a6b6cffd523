"""The wide row of a round, derived from what the bot itself wrote down (architecture rule 9).

``derive`` is called in the transaction that wrote rounds or bets, at the bot's own database and again where
its records are delivered to; ``derive_all`` does it for everything and must find nothing to change. The
wide row is never a source: whatever it says can be computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Insert, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.models import BetRow, Denial, Round, SessionLog, SessionTable
from bot.database.wide import BotRegistration, CrashGameRound, ErrorType, RoundOutcome
from bot.domain.amounts import format_hundredths
from bot.domain.bets import BetState

_IN_ONE_QUESTION = 400
_STAKED = frozenset({BetState.PLACED, BetState.WON, BetState.LOST, BetState.UNKNOWN})
_SETTLED = frozenset({BetState.WON, BetState.LOST})
_NEVER_PLACED = frozenset({BetState.REFUSED, BetState.MISSED})

Values = dict[str, Any]


class _Sources(NamedTuple):
    """All rows that the wide rows of some rounds come from."""

    rounds: dict[str, RowMapping]
    bets: dict[str, list[RowMapping]]
    denials: dict[str, RowMapping]
    sessions: dict[str, RowMapping]
    tables: dict[tuple[str, str], RowMapping]
    bots: dict[str, RowMapping]


def derive(connection: Connection, round_ids: Collection[str]) -> int:
    """Write the wide rows of these rounds as they stand now; the number of rows written.

    A round has one once its end, its loss, or a bet on it is known. A bet whose round was never recorded
    (the bot was killed) has one too: its money counts.
    """
    rows: list[Values] = []
    wanted = sorted(round_ids)
    for start in range(0, len(wanted), _IN_ONE_QUESTION):
        part = wanted[start : start + _IN_ONE_QUESTION]
        sources = _read(connection, part)
        rows += [row for round_id in part if (row := _wide(round_id, sources)) is not None]
    if rows:
        connection.execute(_upsert(connection.dialect.name), rows)
    return len(rows)


def derive_all(connection: Connection) -> int:
    """Derive the wide rows of all rounds and bets that the bot wrote down itself; their number."""
    known = set(connection.scalars(select(Round.round_id)))
    return derive(connection, known | set(connection.scalars(select(BetRow.round_id))))


def _upsert(dialect: str) -> Insert:
    table = CrashGameRound.__table__
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(cast(Any, table))
    names = [name for name in _COLUMNS if name != "round_id"]
    return statement.on_conflict_do_update(
        index_elements=["round_id"], set_={name: statement.excluded[name] for name in names}
    )


# -- reading --------------------------------------------------------------------------------------------


def _read(connection: Connection, round_ids: Sequence[str]) -> _Sources:
    rounds = {row["round_id"]: row for row in _rows(connection, Round, Round.round_id.in_(round_ids))}
    bets: dict[str, list[RowMapping]] = defaultdict(list)
    for row in _rows(connection, BetRow, BetRow.round_id.in_(round_ids)):
        bets[row["round_id"]].append(row)
    denials = {row["round_id"]: row for row in _rows(connection, Denial, Denial.round_id.in_(round_ids))}
    named = {row["session_id"] for row in rounds.values()}
    named |= {row["session_id"] for many in bets.values() for row in many}
    sessions = {
        row["session_id"]: row for row in _rows(connection, SessionLog, SessionLog.session_id.in_(named))
    }
    tables = {
        (row["session_id"], row["table_name"]): row
        for row in _rows(connection, SessionTable, SessionTable.session_id.in_(named))
    }
    names = {row["bot_id"] for row in sessions.values()}
    bots = {
        row["bot_id"]: row for row in _rows(connection, BotRegistration, BotRegistration.bot_id.in_(names))
    }
    return _Sources(rounds, bets, denials, sessions, tables, bots)


def _rows(connection: Connection, model: Any, where: Any) -> Iterator[RowMapping]:
    return iter(connection.execute(select(model.__table__).where(where)).mappings().all())


# -- one round ------------------------------------------------------------------------------------------


def _wide(round_id: str, sources: _Sources) -> Values | None:
    """The wide row of a round, or ``None`` while there is nothing to say about it."""
    seen = sources.rounds.get(round_id)
    bets = sorted(sources.bets.get(round_id, []), key=lambda bet: (bet["ordered_utc_us"], bet["panel"]))
    any_row = seen or (bets[0] if bets else None)
    if any_row is None:
        return None
    over = seen is None or seen["crash_multiplier"] is not None or seen["missed_reason"] is not None
    if not over and not any(BetState(bet["state"]) in _NEVER_PLACED | _SETTLED for bet in bets):
        return None
    session = sources.sessions.get(any_row["session_id"])
    table = sources.tables.get((any_row["session_id"], any_row["table_name"]))
    game = seen["game_name"] if seen else (table["game_name"] if table else None)
    if session is None or session["bot_id"] not in sources.bots or game is None:
        return None
    values: Values = dict.fromkeys(_COLUMNS)
    values |= {"round_id": round_id, "game_name": game, "table_name": any_row["table_name"]}
    values |= _identity(session, table, sources.bots[session["bot_id"]])
    values |= _flight(seen)
    values |= _money(bets, seen, _edge(session, any_row["table_name"]))
    values |= _outcome(bets, seen, sources.denials.get(round_id))
    values["metadata"] = _extras(bets, seen, sources.denials.get(round_id))
    return values


def _identity(session: RowMapping, table: RowMapping | None, bot: RowMapping) -> Values:
    values = {name: bot[name] for name in ("bot_id", "bot_name", "vm_name", "vm_provider", "region")}
    values |= {name: session[name] for name in ("session_id", "strategy_name", "mode")}
    values["platform_code"] = (table["platform_code"] if table else None) or session["platform_code"]
    values["currency"] = table["currency"] if table else session["currency"]
    return values


def _flight(seen: RowMapping | None) -> Values:
    if seen is None:
        return {}
    flying, crashed = seen["flying_utc_us"], seen["crashed_utc_us"]
    start = seen["betting_utc_us"] if flying is None else flying
    # A round known from its chip ended a little before the chip was read; clocks may have been set back.
    end = crashed if crashed is not None else seen["recorded_utc_us"]
    both = flying is not None and crashed is not None and crashed >= flying
    crash = seen["crash_multiplier"]
    return {
        "round_number": seen["round_number"],
        "round_start_timestamp": start,
        "round_end_timestamp": end if start is None else max(start, end),
        "duration_seconds": crashed - flying if both else None,
        "crash_multiplier_detected": crash,
        "final_multiplier": crash,
        "multiplier_source": seen["multiplier_source"],
        "ocr_raw_text": seen["raw_text"],
        "ocr_cleaned_value": None if crash is None else format_hundredths(crash),
        "multiplier_detection_confidence": seen["confidence"],
    }


def _money(bets: Sequence[RowMapping], seen: RowMapping | None, edge: Decimal | None) -> Values:
    """Stakes and results of the bets that reached the house; of none: what was wanted."""
    placed = [bet for bet in bets if BetState(bet["state"]) in _STAKED]
    wanted = placed or list(bets)
    if not wanted:
        return {}
    stake = sum(bet["stake_minor"] for bet in wanted)
    won = [bet for bet in placed if BetState(bet["state"]) is BetState.WON]
    values: Values = {
        "stake_value": stake,
        "stake_after_update": stake if placed else None,
        "target_multiplier": wanted[0]["target"],
        "cashout_multiplier": won[0]["target"] if won else None,
        "running_balance_before": wanted[0]["balance_before_minor"],
        "running_balance_after": wanted[-1]["balance_after_minor"],
        "stake_placement_result": _placement(wanted[0]),
        "manual_override_flag": any((bet["reason"] or "").startswith("settled by ") for bet in bets),
    }
    if seen is None:
        values["round_end_timestamp"] = wanted[0]["ordered_utc_us"]
    if placed and all(BetState(bet["state"]) in _SETTLED for bet in placed):
        values |= _result(placed, stake, edge)
    return values


def _result(placed: Sequence[RowMapping], stake: int, edge: Decimal | None) -> Values:
    profit = sum(bet["profit_minor"] or 0 for bet in placed)
    values: Values = {
        "cashout_amount": sum(bet["payout_minor"] or 0 for bet in placed),
        "profit_loss_amount": profit,
        "roi_percent": _rounded(Decimal(profit * 1_000_000) / stake) if stake else None,
    }
    if edge is not None:
        expected = _rounded(-edge * stake * 100)  # ten-thousandths of the currency
        values |= {"expected_profit": expected, "variance_from_strategy": profit * 100 - expected}
    return values


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_HALF_EVEN))


def _placement(bet: RowMapping) -> str:
    state = BetState(bet["state"])
    if state in _SETTLED:
        return "placed"
    return f"{state.value}: {bet['reason']}" if bet["reason"] else str(state.value)


def _edge(session: RowMapping, table: str) -> Decimal | None:
    """The house edge that the session was told of: 1 - return to player; ``None`` when unknown."""
    parameters = session["parameters"] or {}
    try:
        return 1 - Decimal(str(parameters.get("rtp_of", {}).get(table) or parameters["rtp"]))
    except (KeyError, InvalidOperation, AttributeError):
        return None


def _outcome(bets: Sequence[RowMapping], seen: RowMapping | None, denial: RowMapping | None) -> Values:
    """What the round came to. A bet that may still be open makes it unknown, never won or lost."""
    states = {BetState(bet["state"]) for bet in bets}
    missed = seen["missed_reason"] if seen is not None and seen["crash_multiplier"] is None else None
    values: Values = {"round_outcome": RoundOutcome.SKIP.value}
    if missed is not None:
        values = {"round_outcome": RoundOutcome.ERROR.value, "error_type": ErrorType.NO_MULTIPLIER.value}
        values["error_description"] = missed
    if denial is not None and not states:
        values["stake_placement_result"] = f"denied: {denial['reason']}"
    if states and states <= _NEVER_PLACED:
        values = {"round_outcome": RoundOutcome.ERROR.value, "error_type": ErrorType.BET_FAILED.value}
        values["error_description"] = bets[0]["reason"] or bets[0]["state"]
    elif states and states <= _NEVER_PLACED | _SETTLED:
        profit = sum(bet["profit_minor"] or 0 for bet in bets)
        all_won = BetState.LOST not in states
        values["round_outcome"] = (
            RoundOutcome.WIN if profit > 0 or (profit == 0 and all_won) else RoundOutcome.LOSS
        ).value
    elif states:
        values["round_outcome"] = RoundOutcome.UNKNOWN.value
    return values


def _extras(bets: Sequence[RowMapping], seen: RowMapping | None, denial: RowMapping | None) -> Values:
    extras: Values = {}
    if seen is not None:
        extras = {"seen_from": seen["seen_from"], "complete": bool(seen["complete"])}
        if seen["players"] is not None:
            extras |= {"players": seen["players"], "players_total_minor": seen["players_total_minor"]}
    if denial is not None:
        extras["denied_by"] = denial["limit_name"]
    if len(bets) > 1:
        names = ("bet_id", "panel", "stake_minor", "target", "state", "profit_minor")
        extras["bets"] = [{name: bet[name] for name in names} for bet in bets]
    elif bets:
        extras["bet_id"] = bets[0]["bet_id"]
    return extras


_COLUMNS = tuple(
    column.name
    for column in CrashGameRound.__table__.columns
    if column.computed is None and column.name not in ("created_at", "updated_at")
)
