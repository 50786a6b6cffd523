# ruff: noqa: E501
"""PostgreSQL's own plans say that the indexes answer the questions that are asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from bot.database import Database, open_database
from bot.database.base import Base
from bot.database.maintenance import refresh_aggregates, vacuum
from bot.database.schema import run_statements
from tests.servers import PostgresServer

T = Base.metadata.tables
ROUNDS, OTHERS, DAYS, BOTS = 60_000, 20_000, 60, 12


DAY_US = 86_400_000_000
START = 20_000 * DAY_US
SPACING = DAYS * DAY_US // ROUNDS
AT = f"{START} + n * {SPACING}::bigint"
BOT, SESSION, GAME, STRATEGY = f"'b' || n % {BOTS}", "'s' || n / 100", "'g' || n % 3", "'x' || n % 4"
#: What is put into each table: columns and their values for the number n.
FILL = {
    "crash_game_rounds": {
        "round_id": "n::text", "bot_id": BOT, "session_id": SESSION, "game_name": GAME, "strategy_name": STRATEGY,
        "metadata": "jsonb_build_object('tag', n)", "round_start_timestamp": AT, "round_outcome": "'WIN'",
        "stake_value": "100", "profit_loss_amount": "n % 500", "crash_multiplier_detected": "100 + n % 900",
    },
    "session_logs": {
        "session_id": "'s' || n", "bot_id": BOT, "mode": "'paper'", "strategy_name": STRATEGY,
        "started_utc_us": AT, "status": "'ended'",
    },
    "rounds": {
        "round_id": "n::text", "session_id": SESSION, "table_name": "'t' || n % 3", "game_name": GAME,
        "round_number": "n", "seen_from": "'betting'", "recorded_utc_us": AT, "complete": "true",
    },
    "round_snapshots": {"id": "n::text", "round_id": "(n / 4)::text", "at_utc_us": AT, "phase": "'flying'"},
    "bets": {
        "bet_id": "n::text", "session_id": SESSION, "account": "'acc' || n % 5", "table_name": "'t'",
        "round_id": "n::text", "panel": "0", "stake_minor": "100", "currency": "'EUR'",
        "state": "CASE WHEN n % 500 = 0 THEN 'unknown' ELSE 'won' END", "ordered_utc_us": AT,
    },
    "round_pictures": {
        "id": "n::text", "session_id": SESSION, "table_name": "'t'", "round_id": "(n / 4)::text",
        "moment": "'decided'", "at_utc_us": AT,
    },
    "bet_events": {"id": "n::text", "bet_id": "(n / 4)::text", "to_state": "'won'", "at_utc_us": AT},
    "analytics_round_multipliers": {
        "id": "n::text", "round_id": "(n / 4)::text", "bot_id": BOT, "game_name": GAME, "multiplier": "150",
        "timestamp": AT, "is_crash_multiplier": "false", "is_cashout": "false",
    },
    "analytics_round_signals": {
        "id": "n::text", "round_id": "n::text", "bot_id": BOT, "signal_type": "'pre_flight'", "timestamp": AT,
    },
    "analytics_round_outcomes": {
        "id": "n::text", "round_id": "n::text", "bot_id": BOT, "session_id": SESSION, "outcome": "'WIN'",
        "timestamp": AT,
    },
    "ocr_validation_logs": {"id": "n::text", "round_id": "n::text", "bot_id": BOT, "timestamp": AT},
    "error_logs": {
        "id": "n::text", "session_id": SESSION, "bot_id": BOT, "error_type": "'e'", "message": "'m'",
        "at_utc_us": AT,
    },
    "alerts": {
        "id": "n::text", "bot_id": BOT, "kind": "'k'", "severity": "'s'", "message": "'m'", "at_utc_us": AT,
    },
    "denials": {
        "id": "n::text", "session_id": SESSION, "account": "'acc' || n % 5", "table_name": "'t'",
        "round_id": "n::text", "limit_name": "'stake'", "reason": "'r'", "at_utc_us": AT,
    },
    "odds": {"id": "n::text", "session_id": SESSION, "parameters": "'{}'", "result": "'{}'", "at_utc_us": AT},
    "limits": {
        "id": "n::text", "account": "'acc' || n / 100", "name": "'stake'", "set_utc_us": AT, "set_by": "'me'",
    },
    "reconciliations": {
        "id": "n::text", "session_id": SESSION, "account": "'acc' || n / 100", "at_utc_us": AT,
        "verdict": "'agrees'",
    },
    "watched_intervals": {
        "id": "n::text", "session_id": SESSION, "bot_id": BOT, "game_name": GAME, "strategy_name": STRATEGY,
        "from_utc_us": AT, "to_utc_us": f"{AT} + 5",
    },
    "round_gaps": {
        "id": "n::text", "session_id": SESSION, "bot_id": BOT, "game_name": GAME, "strategy_name": STRATEGY,
        "at_utc_us": AT, "rounds": "1", "reason": "'r'",
    },
}  # fmt: skip


def fill(table: str, columns: dict[str, str]) -> str:
    count = ROUNDS if table == "crash_game_rounds" else OTHERS
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
        f"FROM generate_series(0, {count - 1}) n"
    )


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> Iterator[Database]:
    """A database in which reading an index is worth it."""
    name = postgres.create_database()
    database = open_database(postgres.url(name))
    with database.writing() as connection:
        for n in range(BOTS):
            connection.execute(insert(T["bot_vm_registration"]).values(bot_id=f"b{n}", vm_name=f"v{n}"))
        run_statements(connection, [fill(table, columns) for table, columns in FILL.items()])
    refresh_aggregates(database=database)
    vacuum(database=database)
    yield database
    database.close()
    postgres.drop_database(name)


def plan(database: Database, question: str) -> str:
    """The planner's choice. The totals are as small here as they should be: reading all of them is
    forbidden, to see which index would answer when there are years of them."""
    whole = "off" if "_totals" in question or "histogram" in question else "on"
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL enable_seqscan = {whole}")
        rows = connection.execution_options(no_parameters=True).exec_driver_sql(f"EXPLAIN {question}")
        return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("ix_wide_bot", "SELECT * FROM crash_game_rounds WHERE bot_id = 'b1' "
         "ORDER BY date_bucket DESC, round_start_timestamp DESC LIMIT 100"),
        ("ix_wide_game", "SELECT crash_multiplier_detected FROM crash_game_rounds WHERE game_name = 'g1' "
         "ORDER BY date_bucket DESC, round_start_timestamp DESC LIMIT 100"),
        ("ix_wide_session", "SELECT MIN(profit_loss_amount) FROM crash_game_rounds WHERE session_id = 's7'"),
        ("ix_wide_day", "SELECT round_id FROM crash_game_rounds WHERE date_bucket = 20003 LIMIT 10000"),
        ("ix_wide_metadata", "SELECT * FROM crash_game_rounds WHERE metadata @> '{\"tag\": 17}'"),
        ("crash_game_rounds_pkey", "SELECT * FROM crash_game_rounds WHERE round_id = '17'"),
        ("ix_rounds_table_time", "SELECT * FROM rounds WHERE table_name = 't1' ORDER BY recorded_utc_us DESC LIMIT 9"),
        ("uq_rounds_natural", "SELECT MAX(round_number) FROM rounds WHERE session_id = 's7' AND table_name = 't1'"),
        ("round_totals_daily_pkey", "SELECT * FROM round_totals_daily WHERE bot_id = 'b1' AND day > 20003"),
        ("ix_daily_day", "SELECT * FROM round_totals_daily WHERE day BETWEEN 20003 AND 20005"),
        ("round_totals_game_pkey", "SELECT * FROM round_totals_game WHERE game_name = 'g1' AND platform_code = ''"),
        ("ix_game_totals_strategy", "SELECT * FROM round_totals_game WHERE strategy_name = 'x1'"),
        ("round_totals_session_pkey", "SELECT * FROM round_totals_session WHERE session_id = 's7'"),
        ("multiplier_histogram_pkey", "SELECT * FROM multiplier_histogram WHERE game_name = 'g1' ORDER BY bucket"),
        ("signal_totals_pkey", "SELECT * FROM signal_totals WHERE bot_id = 'b1' AND signal_type = 'pre_flight'"),
        ("ix_signals_round", "SELECT * FROM analytics_round_signals WHERE round_id = '5'"),
        ("ix_signals_bot", "SELECT * FROM analytics_round_signals WHERE bot_id = 'b1' AND signal_type = 'x'"),
        ("ix_multipliers_round", "SELECT * FROM analytics_round_multipliers WHERE round_id = '5' ORDER BY timestamp"),
        ("ix_multipliers_game", "SELECT * FROM analytics_round_multipliers WHERE game_name = 'g' AND date_bucket = 5"),
        ("ix_multipliers_bot", "SELECT * FROM analytics_round_multipliers WHERE bot_id = 'b' AND date_bucket = 5"),
        ("ix_outcomes_round", "SELECT * FROM analytics_round_outcomes WHERE round_id = '5'"),
        ("ix_outcomes_bot", "SELECT * FROM analytics_round_outcomes WHERE bot_id = 'b' AND date_bucket > 5"),
        ("ix_outcomes_session", "SELECT * FROM analytics_round_outcomes WHERE session_id = 's'"),
        ("ix_ocr_bot", "SELECT * FROM ocr_validation_logs WHERE bot_id = 'b' ORDER BY timestamp DESC LIMIT 9"),
        ("ix_ocr_round", "SELECT * FROM ocr_validation_logs WHERE round_id = '5'"),
        ("ix_error_logs_bot", "SELECT * FROM error_logs WHERE bot_id = 'b' AND at_utc_us > 5"),
        ("ix_error_logs_session", "SELECT * FROM error_logs WHERE session_id = 's' ORDER BY at_utc_us"),
        ("ix_alerts_bot", "SELECT * FROM alerts WHERE bot_id = 'b' AND at_utc_us > 5"),
        ("ix_alerts_time", "SELECT * FROM alerts ORDER BY at_utc_us DESC LIMIT 20"),
        ("ix_session_logs_bot", "SELECT * FROM session_logs WHERE bot_id = 'b' ORDER BY started_utc_us DESC LIMIT 1"),
        ("ix_watched_bot", "SELECT * FROM watched_intervals WHERE bot_id = 'b' ORDER BY from_utc_us"),
        ("ix_watched_session", "SELECT * FROM watched_intervals WHERE session_id = 's' ORDER BY from_utc_us"),
        ("ix_watched_game", "SELECT * FROM watched_intervals WHERE game_name = 'g' ORDER BY from_utc_us"),
        ("ix_gaps_bot", "SELECT * FROM round_gaps WHERE bot_id = 'b' AND at_utc_us > 5"),
        ("ix_gaps_session", "SELECT * FROM round_gaps WHERE session_id = 's'"),
        ("ix_gaps_game", "SELECT * FROM round_gaps WHERE game_name = 'g' AND at_utc_us > 5"),
        ("ix_bets_round", "SELECT * FROM bets WHERE round_id = 'r' ORDER BY panel"),
        ("ix_bets_account_state", "SELECT * FROM bets WHERE account = 'a' AND state = 'placed'"),
        ("ix_bets_session", "SELECT * FROM bets WHERE session_id = 's' ORDER BY table_name, ordered_utc_us"),
        ("ix_bet_events_bet", "SELECT * FROM bet_events WHERE bet_id = 'b' ORDER BY at_utc_us"),
        ("ix_round_snapshots_round", "SELECT * FROM round_snapshots WHERE round_id = 'r' ORDER BY at_utc_us"),
        ("ix_round_pictures_round", "SELECT * FROM round_pictures WHERE round_id = 'r' ORDER BY at_utc_us"),
        ("ix_watched_strategy", "SELECT * FROM watched_intervals WHERE strategy_name = 'x1' ORDER BY from_utc_us LIMIT 50"),
        ("ix_watched_time", "SELECT from_utc_us, to_utc_us FROM watched_intervals ORDER BY from_utc_us LIMIT 500"),
        ("ix_gaps_strategy", "SELECT id FROM round_gaps WHERE strategy_name = 'x1' ORDER BY at_utc_us LIMIT 50"),
        ("ix_gaps_time", f"SELECT SUM(rounds) FROM round_gaps WHERE at_utc_us > {START + 50 * DAY_US}"),
        ("ix_daily_game", "SELECT MAX(largest_win) FROM round_totals_daily WHERE game_name = 'g1' AND platform_code = '' AND day = 20003"),
        ("ix_game_totals_day", "SELECT * FROM round_totals_game WHERE day BETWEEN 20003 AND 20005"),
        ("ix_denials_session", "SELECT * FROM denials WHERE session_id = 's7' ORDER BY at_utc_us"),
        ("ix_denials_round", "SELECT * FROM denials WHERE round_id = '7'"),
        ("ix_odds_session", "SELECT * FROM odds WHERE session_id = 's7'"),
        ("ix_limits_account", "SELECT * FROM limits WHERE account = 'acc7' ORDER BY set_utc_us"),
        ("ix_reconciliations_account", "SELECT * FROM reconciliations WHERE account = 'acc7' ORDER BY at_utc_us"),
        ("uq_mv_daily_bot_stats", "SELECT * FROM mv_daily_bot_stats WHERE bot_id = 'b1' AND date_bucket > 20003"),
        ("ix_mv_daily_bot_stats_day", "SELECT * FROM mv_daily_bot_stats WHERE day = '2026-01-01'"),
    ],
)  # fmt: skip
def test_the_planner_answers_from_the_index(filled: Database, index: str, question: str) -> None:
    assert index in plan(filled, question)


def test_every_index_answers_a_question(filled: Database) -> None:
    marks = next(m for m in test_the_planner_answers_from_the_index.pytestmark if m.name == "parametrize")  # type: ignore[attr-defined]
    asked = {index for index, _ in marks.args[1]}
    ours = {str(index.name) for table in T.values() for index in table.indexes}
    assert not ours - asked, "an index that no question needs only costs"
    assert len(asked) >= 20
