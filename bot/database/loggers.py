"""The loggers: what programs call to store rounds and what surrounds them. See ``docs/database.md``."""

from bot.database.logged_events import (
    log_error,
    log_ocr_validation,
    log_round_gap,
    log_round_multiplier_analytics,
    log_round_outcome,
    log_round_signal,
    log_watched_interval,
    update_round_signal,
)
from bot.database.logged_faults import BatchRefused, BatchResult, RefusedValue
from bot.database.logged_rounds import log_batch_rounds, log_crash_round, update_round
from bot.database.logged_sessions import create_session_log, log_session_start, update_session_log
from bot.database.logged_setup import configure_game_platform, register_bot

__all__ = [
    "BatchRefused",
    "BatchResult",
    "RefusedValue",
    "configure_game_platform",
    "create_session_log",
    "log_batch_rounds",
    "log_crash_round",
    "log_error",
    "log_ocr_validation",
    "log_round_gap",
    "log_round_multiplier_analytics",
    "log_round_outcome",
    "log_round_signal",
    "log_session_start",
    "log_watched_interval",
    "register_bot",
    "update_round",
    "update_round_signal",
    "update_session_log",
]
