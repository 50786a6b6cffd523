"""SQL in names, texts and metadata is data, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.database import (
    Base,
    Database,
    configure_game_platform,
    log_batch_rounds,
    log_crash_round,
    log_error,
    log_session_start,
    update_round,
    update_session_log,
)
from bot.domain.errors import BadInput
from tests.database.logged import count, register, stored

ATTACKS = [
    "'; DROP TABLE crash_game_rounds; --",
    "' OR '1'='1",
    '"; DELETE FROM bot_vm_registration; --',
    "x'); INSERT INTO bot_vm_registration (bot_id) VALUES ('evil'); --",
    "%s %(name)s :name ? $1 {} \\",
    "1 UNION SELECT * FROM session_logs",
    "\\'; SELECT pg_sleep(10); --",
    "/* */ -- \n\t\r",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_in_every_text_of_a_round_is_stored_as_it_is(either: Database, attack: str) -> None:
    texts = ("bot_id", "game_name", "platform_code", "session_id", "table_name", "round_external_id")
    values: dict[str, Any] = dict.fromkeys((*texts, "ocr_raw_text", "error_description", "bot_name"), attack)
    values["metadata"] = {attack: [attack, {attack: attack}]}
    register(either, attack, bot_name=attack, region=attack)
    register(either, "bystander")
    configure_game_platform(attack, attack, platform_url=attack, house_edge_percent=3, database=either)
    session = log_session_start(bot_id=attack, session_id=attack, notes=attack, database=either)
    log_crash_round(database=either, **values)
    assert log_batch_rounds([{**values, "round_external_id": "2"}], database=either) == 1
    log_error(error_type=attack, message=attack, trace=attack, database=either)
    update_session_log(session, notes=attack + attack, database=either)
    rows = stored(either, "crash_game_rounds")
    assert [{name: row[name] for name in values} for row in rows if row["round_external_id"] == attack] == [
        values
    ]
    assert len(rows) == 2
    update_round(rows[0]["round_id"], error_description=attack * 2, database=either)
    assert stored(either, "session_logs")[0]["notes"] == attack + attack
    assert count(either, "bot_vm_registration") == 2
    (totals,) = stored(either, "round_totals_session", session_id=attack)
    assert totals["total_rounds"] == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_in_the_name_of_a_column_is_refused(either: Database, attack: str) -> None:
    register(either)
    with pytest.raises(BadInput, match="crash_game_rounds has no column"):
        log_crash_round(database=either, bot_id="bot-1", game_name="aviator", **{attack: 1})
    assert count(either) == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_in_the_arguments_of_a_query_finds_nothing_and_harms_nothing(
    either: Database, attack: str
) -> None:
    from bot.database.statistics import (
        get_bot_statistics,
        get_game_statistics,
        get_multiplier_distribution,
        get_session_summary,
        get_signal_effectiveness,
        get_strategy_performance,
    )

    register(either)
    log_crash_round(
        database=either,
        bot_id="bot-1",
        game_name="aviator",
        session_id="s1",
        round_start_timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )
    questions: list[Any] = [
        lambda: get_bot_statistics(attack, database=either),
        lambda: get_session_summary(attack, database=either),
        lambda: get_strategy_performance(attack, database=either),
        lambda: get_game_statistics(attack, attack, database=either),
        lambda: get_multiplier_distribution(attack, database=either),
        lambda: get_signal_effectiveness(attack, "pre_flight", database=either),
        lambda: get_signal_effectiveness("bot-1", attack, database=either),
    ]
    for ask in questions:
        try:
            found = ask()
        except BadInput:
            continue
        assert found.get("total_rounds", 0) == 0
    assert count(either) == 1
    assert len(Base.metadata.tables) > 20
