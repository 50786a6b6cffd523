"""The queries of row A5 on both engines: right figures, honest frames, clear refusals, quick plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.database import (
    Base,
    Database,
    get_bot_statistics,
    get_game_statistics,
    get_multiplier_distribution,
    get_session_summary,
    get_signal_effectiveness,
    get_strategy_performance,
    open_database,
)
from bot.domain.errors import BadInput
from tests.database import played
from tests.database.played import a_round, at

D = Decimal
EXPECTED = {"total_rounds", "wins", "losses", "win_rate_percent", "total_profit", "roi_percent"}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    played.bot(opened)
    yield opened
    opened.close()


@pytest.fixture
def played_database(database: Database) -> Database:
    played.rounds(
        database,
        a_round(1, "WIN", 210, session_id="session-1", platform_code="fun88"),
        a_round(2, "LOSS", 130, session_id="session-1", platform_code="fun88"),
        a_round(3, "LOSS", 100, session_id="session-1", stake_value=300, profit_loss_amount=-300),
        a_round(4, "SKIP", 1_234),
        a_round(5, "ERROR", None),
        a_round(6, "UNKNOWN", 170, stake_value=500),
    )
    played.session(database)
    return database


def every_answer(database: Database) -> list[dict[str, Any]]:
    return [
        get_bot_statistics("bot-1", database=database),
        get_session_summary("session-1", database=database),
        get_strategy_performance("fixed_stake", database=database),
        get_game_statistics("aviator", database=database),
        get_multiplier_distribution("aviator", database=database),
        get_signal_effectiveness("bot-1", database=database),
    ]


def test_every_answer_has_the_figures_that_users_expect(played_database: Database) -> None:
    for answer in every_answer(played_database):
        assert {"total_rounds", "wins", "losses", "win_rate_percent", "total_profit", "roi_percent"} <= set(
            answer
        )
        assert {"watched", "notice", "modes", "currencies"} <= set(answer)
        assert (answer["wins"], answer["losses"]) == (1, 2)
        assert answer["total_profit"] == D("-3.00")


def test_figures_of_a_bot(played_database: Database) -> None:
    said = get_bot_statistics("bot-1", database=played_database)
    assert (said["total_rounds"], said["skips"], said["errors"], said["unknown"]) == (6, 1, 1, 1)
    assert said["win_rate_percent"] == D("33.3333")
    assert (said["total_staked"], said["roi_percent"]) == (D("5.00"), D("-60.0000"))
    assert (said["average_win"], said["average_loss"]) == (D("1.0000"), D("-2.0000"))
    assert (said["largest_win"], said["largest_loss"]) == (D("1.00"), D("-3.00"))
    assert (said["profit_factor"], said["average_stake"]) == (D("0.2500"), D("1.6667"))
    assert said["expected_profit_by_law"] == D("-0.1500")
    assert (said["average_multiplier"], said["highest_multiplier"]) == (D("3.6880"), D("12.34"))
    assert said["stake_undecided"] == D("5.00")
    assert said["expected_profit"] is None  # nobody wrote it down


def test_a_bot_without_rounds_has_zeros_and_no_rates(database: Database) -> None:
    said = get_bot_statistics("bot-1", database=database)
    assert (said["total_rounds"], said["total_profit"], said["total_staked"]) == (0, D("0.00"), D("0.00"))
    assert said["roi_percent"] is said["win_rate_percent"] is said["average_win"] is None
    assert said["watched"]["missed_share"] is None


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda db: get_bot_statistics("nobody", database=db), "no such bot: 'nobody'"),
        (lambda db: get_signal_effectiveness("nobody", database=db), "no such bot: 'nobody'"),
        (lambda db: get_session_summary("nothing", database=db), "no such session: 'nothing'"),
        (lambda db: get_strategy_performance("luck", database=db), "no such strategy: 'luck'"),
        (lambda db: get_game_statistics("chess", database=db), "no such game: 'chess'"),
        (lambda db: get_multiplier_distribution("aviator", "mars", database=db), "'aviator' at 'mars'"),
        (lambda db: get_signal_effectiveness("bot-1", "hunch", database=db), "signal_type must be one of"),
        (lambda db: get_bot_statistics("x\0y", database=db), "bot_id must be a text"),
        (lambda db: get_bot_statistics(7, database=db), "bot_id must be a text"),  # type: ignore[arg-type]
        (lambda db: get_bot_statistics("bot-1", datetime(2026, 1, 1), database=db), "no timezone"),  # noqa: DTZ001
        (lambda db: get_bot_statistics("bot-1", "2026-01-01", database=db), "start_date must be a date"),  # type: ignore[arg-type]
        (
            lambda db: get_bot_statistics("bot-1", date(2026, 2, 1), date(2026, 1, 1), database=db),
            "end_date 2026-01-01 lies before",
        ),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_by_name(
    database: Database, ask: Callable[[Database], object], words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        ask(database)
    assert words in str(caught.value)


def test_an_sql_injection_is_a_name_like_any_other(played_database: Database) -> None:
    with pytest.raises(BadInput, match="no such bot"):
        get_bot_statistics("bot-1' OR '1'='1", database=played_database)
    assert get_bot_statistics("bot-1", database=played_database)["total_rounds"] == 6


def test_a_known_game_without_rounds_is_no_error(database: Database) -> None:
    said = get_multiplier_distribution("jetx", database=database)
    assert (said["total_rounds"], said["quantiles"], said["return_to_player"]) == (0, [], D("0.97"))


def test_dates_are_whole_days_and_the_end_is_included(database: Database) -> None:
    for day in range(3):
        played.rounds(database, a_round(day, round_start_timestamp=at(day, 23.9)))
    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)
    assert get_bot_statistics("bot-1", monday, tuesday, database=database)["total_rounds"] == 2
    assert get_bot_statistics("bot-1", tuesday, tuesday, database=database)["total_rounds"] == 1
    assert get_bot_statistics("bot-1", tuesday, database=database)["total_rounds"] == 2


def test_times_bound_exactly_in_any_timezone(database: Database) -> None:
    for number, hour in enumerate((1, 2, 3)):
        played.rounds(database, a_round(number, round_start_timestamp=at(0, hour)))
    east = timezone(timedelta(hours=5))
    start, end = datetime(2026, 1, 5, 7, tzinfo=east), datetime(2026, 1, 5, 3, tzinfo=UTC)
    assert get_bot_statistics("bot-1", start, end, database=database)["total_rounds"] == 1
    later = start + timedelta(microseconds=1)
    assert get_bot_statistics("bot-1", later, end, database=database)["total_rounds"] == 0


def test_a_round_without_a_time_counts_only_without_bounds(database: Database) -> None:
    played.rounds(database, a_round(1, round_start_timestamp=None))
    assert get_bot_statistics("bot-1", database=database)["total_rounds"] == 1
    assert get_bot_statistics("bot-1", None, date(2030, 1, 1), database=database)["total_rounds"] == 0


def test_currencies_are_never_added_up(database: Database) -> None:
    played.rounds(
        database, a_round(1, "WIN"), a_round(2, "WIN", currency="USD"), a_round(3, "WIN", currency=None)
    )
    said = get_bot_statistics("bot-1", database=database)
    assert said["total_profit"] is said["total_staked"] is said["roi_percent"] is None
    assert {name: part["total_profit"] for name, part in said["currencies"].items()} == dict.fromkeys(
        ("unknown", "EUR", "USD"), D("1.00")
    )
    assert "currencies" in said["notes"][0]


def test_practice_money_and_real_money_are_never_added_up(database: Database) -> None:
    played.rounds(
        database, a_round(1, "WIN"), a_round(2, "LOSS", mode="live"), a_round(3, "SKIP", mode="watch")
    )
    said = get_bot_statistics("bot-1", database=database)
    assert said["total_profit"] is None and said["wins"] == 1
    assert said["modes"]["practice"]["total_profit"] == D("1.00")
    assert said["modes"]["live"]["total_profit"] == D("-1.00")
    assert said["modes"]["watch"]["total_rounds"] == 1


def test_skipped_rounds_of_another_mode_do_not_hide_the_money(database: Database) -> None:
    played.rounds(database, a_round(1, "WIN"), a_round(2, "SKIP", mode="watch", currency=None))
    assert get_bot_statistics("bot-1", database=database)["total_profit"] == D("1.00")


def test_the_platform_narrows_a_game(played_database: Database) -> None:
    said = get_game_statistics("aviator", "fun88", database=played_database)
    assert (said["total_rounds"], said["wins"]) == (2, 1)
    assert get_multiplier_distribution("aviator", "fun88", database=played_database)["total_rounds"] == 2


def test_a_house_edge_that_is_configured_replaces_the_law(database: Database) -> None:
    game = {"game_name": "aviator", "platform_code": "fun88", "house_edge_percent": 50_000}
    played.store(database, "game_platform_config", game)
    played.rounds(database, a_round(1, "LOSS", platform_code="fun88"))
    said = get_game_statistics("aviator", "fun88", database=database)
    assert (said["return_to_player"], said["expected_profit_by_law"]) == (D("0.95"), D("-0.0500"))


def test_a_session_says_what_it_wrote_of_itself(played_database: Database) -> None:
    said = get_session_summary("session-1", database=played_database)
    assert said["total_rounds"] == 3
    assert said["session"]["started_utc_us"] == datetime(2026, 1, 5, tzinfo=UTC)
    assert list(said["modes"]) == ["practice"]


def test_distribution_counts_every_round_once_and_stands_beside_the_law(database: Database) -> None:
    crashes = [100] * 4 + [101, 149, 150, 199, 200, 499, 500, 999, 1_000, 4_999, 5_000, 9_999, 10_000]
    played.rounds(database, *(a_round(n, "SKIP", crash) for n, crash in enumerate(crashes)))
    said = get_multiplier_distribution("aviator", database=database)
    assert [band["rounds"] for band in said["bands"]] == [4, 2, 2, 2, 2, 2, 2, 1]
    assert sum(band["law_percent"] for band in said["bands"]) == 100
    ones = said["bands"][0]
    assert ones["law_percent"] == D("3.9604") and ones["z_score"] == pytest.approx(4.14, abs=0.01)
    half = next(one for one in said["quantiles"] if one["percent"] == 50)
    assert (half["multiplier"], half["resolution"]) == (D("2.00"), D("0.00"))
    top = said["quantiles"][-1]
    assert top["multiplier"] <= D("100.00") <= top["multiplier"] + top["resolution"]
    two = next(chance for chance in said["chances"] if chance["at_least"] == 2)
    assert two["rounds"] == 9 and two["law_percent"] == D("48.5000")


def test_signals_stand_beside_what_no_skill_reaches(played_database: Database) -> None:
    for number in range(10):
        signal = {"id": f"s-{number}", "round_id": "r", "bot_id": "bot-1", "timestamp": at(0, 1)}
        signal |= {"signal_type": "pre_flight", "signal_correctness": number < 6, "confidence_score": 0.5}
        played.store(played_database, "analytics_round_signals", signal)
    said = get_signal_effectiveness("bot-1", "pre_flight", database=played_database)
    assert (said["total_signals"], said["evaluated"], said["correct"]) == (10, 10, 6)
    assert (said["accuracy_percent"], said["no_skill_percent"]) == (D("60.0000"), D("66.6667"))
    assert said["accuracy_low_percent"] < 60 < said["accuracy_high_percent"]
    assert said["z_score"] < 0
    assert said["average_confidence"] == D("0.500000")


# -- plans ----------------------------------------------------------------------------------------------


def statements_of(database: Database, ask: Callable[[], object]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        found.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    return found


def test_no_query_but_the_edge_of_a_day_reads_rounds(played_database: Database) -> None:
    read = statements_of(played_database, lambda: every_answer(played_database))
    assert len(read) > 15
    assert not [statement for statement, _ in read if "crash_game_rounds" in statement]


def test_the_edge_of_a_day_is_found_by_an_index(played_database: Database) -> None:
    start = datetime(2026, 1, 5, 0, 0, 30, tzinfo=UTC)
    asked = statements_of(
        played_database, lambda: get_bot_statistics("bot-1", start, database=played_database)
    )
    edges = [(statement, values) for statement, values in asked if "crash_game_rounds" in statement]
    assert len(edges) == 1
    lines = plan(played_database, *edges[0])
    assert "ix_wide_" in lines  # by bot and day; PostgreSQL takes the day's alone while there are few rounds
    assert "Seq Scan" not in lines and "SCAN" not in lines


def test_totals_are_found_by_their_keys(played_database: Database) -> None:
    for answer in (
        lambda: get_bot_statistics("bot-1", database=played_database),
        lambda: get_strategy_performance("fixed_stake", database=played_database),
        lambda: get_game_statistics("aviator", database=played_database),
        lambda: get_signal_effectiveness("bot-1", database=played_database),
    ):
        for statement, values in statements_of(played_database, answer):
            if "game_platform_config" not in statement:
                lines = plan(played_database, statement, values)
                assert "Seq Scan" not in lines, lines
                assert not tables_scanned(lines), lines


def tables_scanned(lines: str) -> set[str]:
    """SQLite calls going through the rows of a subquery a scan too; of a table it must not be one."""
    scans = [line.split()[1] for line in lines.splitlines() if line.startswith("SCAN")]
    return set(scans) & Base.metadata.tables.keys()


def plan(database: Database, statement: str, values: Any) -> str:
    """The plan of a statement; PostgreSQL is not to prefer reading all of a table because it is small."""
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            return "\n".join(str(row[3]) for row in rows)
        connection.execute(text("SET enable_seqscan = off"))
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        return "\n".join(str(row[0]) for row in rows)
