"""Names under which values may be given to the loggers: the columns', and short ones."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from bot.database.logged_faults import shown_value
from bot.database.values import table_named
from bot.domain.errors import BadInput

#: Kept by the database alone.
_ITS_OWN = frozenset({"created_at", "updated_at"})
_EVERYWHERE = {
    "bot": "bot_id",
    "session": "session_id",
    "game": "game_name",
    "platform": "platform_code",
    "strategy": "strategy_name",
    "table": "table_name",
    "at": "timestamp",
    "time": "timestamp",
}
_AT = dict.fromkeys(("timestamp", "at", "time"), "at_utc_us")
#: Short names by table; those of ``_EVERYWHERE`` hold besides, where the table has the column.
SHORT_NAMES: Mapping[str, Mapping[str, str]] = {
    "crash_game_rounds": {
        "crash_multiplier": "crash_multiplier_detected",
        "profit_loss": "profit_loss_amount",
        "running_balance": "running_balance_after",
        "extra": "metadata",
        "ocr_confidence": "multiplier_detection_confidence",
        "stake": "stake_value",
        "target": "target_multiplier",
        "outcome": "round_outcome",
        "start_time": "round_start_timestamp",
        "end_time": "round_end_timestamp",
        "external_id": "round_external_id",
    },
    "analytics_round_multipliers": {
        "crash_multiplier": "multiplier",
        "confidence": "ocr_confidence",
        "quality": "data_quality_score",
        "is_crash": "is_crash_multiplier",
        "is_cash_out": "is_cashout",
    },
    "analytics_round_signals": {
        "confidence": "confidence_score",
        "strength": "signal_strength",
        "correct": "signal_correctness",
        "features": "feature_vector",
        "volatility": "volatility_measure",
        "momentum": "momentum_score",
        "pattern": "pattern_type",
    },
    "analytics_round_outcomes": {
        "round_outcome": "outcome",
        "profit_loss_amount": "profit_loss",
        "stake": "bet_amount",
        "stake_value": "bet_amount",
        "target": "target_multiplier",
        "crash_multiplier": "actual_multiplier",
        "win_streak": "win_streak_length",
        "loss_streak": "loss_streak_length",
        "category": "outcome_category",
        "duration": "duration_seconds",
    },
    "ocr_validation_logs": {
        "field": "field_name",
        "ocr_raw_text": "raw_text",
        "ocr_cleaned_value": "cleaned_value",
        "ocr_confidence": "confidence",
        "validation_status": "status",
    },
    "error_logs": {
        "type": "error_type",
        "error_message": "message",
        "error_description": "message",
        "stack_trace": "trace",
        "traceback": "trace",
        "recovery": "reaction",
        "recovery_action": "reaction",
        "recovery_action_taken": "reaction",
        **_AT,
    },
    "session_logs": {
        "start_time": "started_utc_us",
        "started_at": "started_utc_us",
        "session_start": "started_utc_us",
        "end_time": "ended_utc_us",
        "ended_at": "ended_utc_us",
        "session_end": "ended_utc_us",
        "last_seen_at": "last_seen_utc_us",
        "initial_balance": "starting_balance",
        "start_balance": "starting_balance",
        "final_balance": "ending_balance",
        "end_balance": "ending_balance",
        "profit": "total_profit",
        "profit_loss": "total_profit",
        "stake_total": "total_staked",
        "roi": "roi_percent",
        "rounds": "total_rounds",
        "wins": "rounds_won",
        "losses": "rounds_lost",
        "win_rate": "win_rate_percent",
    },
    "watched_intervals": {
        "start": "from_utc_us",
        "start_time": "from_utc_us",
        "from_time": "from_utc_us",
        "end": "to_utc_us",
        "end_time": "to_utc_us",
        "to_time": "to_utc_us",
    },
    "round_gaps": {"missed": "rounds", "missed_rounds": "rounds", **_AT},
    "bot_vm_registration": {"name": "bot_name", "provider": "vm_provider", "vm": "vm_name"},
    "game_platform_config": {"house_edge": "house_edge_percent", "url": "platform_url"},
}


@cache
def _known(table: str) -> dict[str, str]:
    columns = {c.name for c in table_named(table).columns if c.computed is None} - _ITS_OWN
    short = {name: column for name, column in _EVERYWHERE.items() if column in columns}
    return {**short, **SHORT_NAMES.get(table, {}), **{name: name for name in columns}}


def column_named(table: str, given: object) -> str:
    """The column that a keyword or key means. Raises ``BadInput`` that says the nearest known name."""
    known = _known(table)
    found = known.get(given) if isinstance(given, str) else None
    if found is not None:
        return found
    name = str(given)[:80]
    if name in table_named(table).columns:
        raise BadInput(f"{table}.{name} is kept by the database and cannot be given")
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f": did you mean {near[0]!r}?" if near else ""
    raise BadInput(f"{table} has no column {shown_value(given)}{hint}")
