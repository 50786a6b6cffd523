"""What the bot writes down and what is asked of it. By topic:

- tables: ``models`` (the bot's own truth), ``wide``, ``watching``, ``totals`` with ``triggers``; ``deriving``
- opening: ``engine``, ``connection``, ``upgrading``, ``migrations``, ``schema`` with ``objects``, ``faults``
- writing: ``writer``, ``batches``, ``copying``; ``spool``, ``outbox`` and ``delivery`` for a server
- logging from Python: ``loggers``, ``logged_*``; asking: ``statistics*``, ``watched``, ``queries``
- in bulk: ``bulk*``, ``exports*``, ``imports*``; tending: ``maintenance``, ``purge``
"""

from typing import TYPE_CHECKING, Any

from bot.database.base import Base
from bot.database.connection import DatabaseConnection, close_db, get_database, init_db, session_scope
from bot.database.copying import Refused, store_rows, store_rows_in, store_what_can
from bot.database.delivery import DeliveryStats
from bot.database.engine import Database, open_database
from bot.database.exports import (
    ExportResult,
    export_multipliers_for_ml,
    export_rounds,
    export_rounds_to_json,
)
from bot.database.loggers import (
    BatchRefused,
    BatchResult,
    RefusedValue,
    configure_game_platform,
    create_session_log,
    log_batch_rounds,
    log_crash_round,
    log_error,
    log_ocr_validation,
    log_round_gap,
    log_round_multiplier_analytics,
    log_round_outcome,
    log_round_signal,
    log_session_start,
    log_watched_interval,
    register_bot,
    update_round,
    update_round_signal,
    update_session_log,
)
from bot.database.maintenance import (
    DatabaseStats,
    Finding,
    Refreshed,
    check_database,
    database_stats,
    refresh_aggregates,
    vacuum,
)
from bot.database.models import (
    BetEvent,
    BetRow,
    Denial,
    ErrorLog,
    LimitRow,
    OddsRow,
    Reconciliation,
    Round,
    RoundSnapshot,
    SeenFrom,
    SessionLog,
    SessionStatus,
    SessionTable,
)
from bot.database.purge import Purged, purge_older_than
from bot.database.queries import (
    bet_events,
    find_bets,
    last_rounds,
    next_round_number,
    open_bets,
    reconciliations,
    session_bets,
    session_ids,
    session_tables,
    sessions,
)
from bot.database.spool import SpooledDatabase, deliver_left_over, is_elsewhere, left_over
from bot.database.statistics import (
    get_bot_statistics,
    get_game_statistics,
    get_multiplier_distribution,
    get_session_summary,
    get_signal_effectiveness,
    get_strategy_performance,
)
from bot.database.totals import DailyTotals, GameTotals, MultiplierHistogram, SessionTotals, SignalTotals
from bot.database.watched import watched
from bot.database.watching import Alert, ImportRow, RoundGap, WatchedInterval
from bot.database.wide import (
    BotRegistration,
    CrashGameRound,
    GamePlatform,
    OcrValidation,
    RoundMultiplier,
    RoundOutcomeRow,
    RoundSignal,
)
from bot.database.writer import Writer, WriterStats

if TYPE_CHECKING:
    from bot.database.imports import import_rounds

__all__ = [
    "Alert",
    "Base",
    "BatchRefused",
    "BatchResult",
    "BetEvent",
    "BetRow",
    "BotRegistration",
    "CrashGameRound",
    "DailyTotals",
    "Database",
    "DatabaseConnection",
    "DatabaseStats",
    "DeliveryStats",
    "Denial",
    "ErrorLog",
    "ExportResult",
    "Finding",
    "GamePlatform",
    "GameTotals",
    "ImportRow",
    "LimitRow",
    "MultiplierHistogram",
    "OcrValidation",
    "OddsRow",
    "Purged",
    "Reconciliation",
    "Refreshed",
    "Refused",
    "RefusedValue",
    "Round",
    "RoundGap",
    "RoundMultiplier",
    "RoundOutcomeRow",
    "RoundSignal",
    "RoundSnapshot",
    "SeenFrom",
    "SessionLog",
    "SessionStatus",
    "SessionTable",
    "SessionTotals",
    "SignalTotals",
    "SpooledDatabase",
    "WatchedInterval",
    "Writer",
    "WriterStats",
    "bet_events",
    "check_database",
    "close_db",
    "configure_game_platform",
    "create_session_log",
    "database_stats",
    "deliver_left_over",
    "export_multipliers_for_ml",
    "export_rounds",
    "export_rounds_to_json",
    "find_bets",
    "get_bot_statistics",
    "get_database",
    "get_game_statistics",
    "get_multiplier_distribution",
    "get_session_summary",
    "get_signal_effectiveness",
    "get_strategy_performance",
    "import_rounds",
    "init_db",
    "is_elsewhere",
    "last_rounds",
    "left_over",
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
    "next_round_number",
    "open_bets",
    "open_database",
    "purge_older_than",
    "reconciliations",
    "refresh_aggregates",
    "register_bot",
    "session_bets",
    "session_ids",
    "session_scope",
    "session_tables",
    "sessions",
    "store_rows",
    "store_rows_in",
    "store_what_can",
    "update_round",
    "update_round_signal",
    "update_session_log",
    "vacuum",
    "watched",
]


def __getattr__(name: str) -> Any:
    """``import_rounds`` needs Polars, which takes a moment: only who asks for it waits."""
    if name == "import_rounds":
        from bot.database.imports import import_rounds

        return import_rounds
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
