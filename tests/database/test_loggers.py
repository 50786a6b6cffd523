"""The loggers of single records, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.database import (
    BatchRefused,
    Database,
    Round,
    SessionLog,
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
from bot.database.logged_ids import identifier_of
from bot.domain.clock import ManualClock
from bot.domain.errors import BadInput
from tests.database.logged import BOT, START, count, lost, register, stored

WIDE = "crash_game_rounds"
Logger = Callable[..., str]
#: Each logger of single records, its table, and the least it must be told.
LOGGERS: list[tuple[Logger, str, dict[str, Any]]] = [
    (
        log_round_multiplier_analytics,
        "analytics_round_multipliers",
        {"round_id": "r1", "game_name": "aviator", "multiplier": Decimal("1.50")},
    ),
    (log_round_signal, "analytics_round_signals", {"round_id": "r1", "signal_type": "pre_flight"}),
    (log_round_outcome, "analytics_round_outcomes", {"round_id": "r1"}),
    (log_ocr_validation, "ocr_validation_logs", {"raw_text": "2.45x"}),
    (log_error, "error_logs", {"error_type": "timeout", "message": "no picture"}),
    (
        log_watched_interval,
        "watched_intervals",
        {"session_id": "s1", "game_name": "aviator", "start": START, "end": START + timedelta(hours=1)},
    ),
    (log_round_gap, "round_gaps", {"session_id": "s1", "game_name": "aviator", "reason": "out of sight"}),
]


def log(database: Database, **columns: Any) -> dict[str, Any]:
    """Log a round and read it back."""
    round_id = log_crash_round(database=database, **columns)
    (row,) = stored(database, WIDE, round_id=round_id)
    return row


# -- rounds -------------------------------------------------------------------------------------------------


def test_a_round_is_stored_under_short_names_and_long_ones(either: Database) -> None:
    register(either)
    short = {
        "crash_multiplier": Decimal("2.45"),
        "profit_loss": Decimal("-1.00"),
        "running_balance": Decimal("99.00"),
        "metadata": {"seen": "whole"},
        "ocr_confidence": 0.5,
    }
    row = log(either, bot_id=BOT, game_name="aviator", stake_value=1, **short)
    assert row["crash_multiplier_detected"] == Decimal("2.45")
    assert row["profit_loss_amount"] == Decimal("-1.00")
    assert row["running_balance_after"] == Decimal("99.00")
    assert row["metadata"] == {"seen": "whole"}
    assert row["multiplier_detection_confidence"] == 0.5


def test_a_round_logged_twice_is_stored_once(either: Database) -> None:
    register(either)
    natural = [
        {"round_id": "given"},
        {"round_external_id": "8812", "platform_code": "22bet"},
        {"session_id": "s1", "round_number": 1},
        {"session_id": "s1", "round_start_timestamp": START, "crash_multiplier": Decimal("2.45")},
    ]
    for said in natural:
        one, two = (
            log_crash_round(bot_id=BOT, game_name="aviator", database=either, **said) for _ in range(2)
        )
        assert one == two
    assert count(either) == len(natural)


def test_rounds_without_a_number_or_time_are_all_stored(either: Database) -> None:
    register(either)
    same = {"bot_id": BOT, "game_name": "aviator", "crash_multiplier": Decimal("1.00")}
    assert len({log_crash_round(database=either, **same) for _ in range(3)}) == 3
    assert count(either) == 3


def test_numbers_that_begin_again_every_day_without_a_session_hide_no_round(either: Database) -> None:
    register(either)
    for day in range(3):
        log(either, **lost(1, session_id=None, round_start_timestamp=START + timedelta(days=day)))
    assert count(either) == 3


def test_identifiers_are_those_of_the_agreed_rule(either: Database) -> None:
    register(either)
    said = {"bot_id": BOT, "game_name": "aviator", "session_id": "s1", "table_name": "t", "round_number": 7}
    expected = identifier_of([BOT, "s1", "aviator", None, "t", 7])
    assert log_crash_round(database=either, **said) == expected
    assert expected == "6c648759-06c9-527f-affd-28ff204ede34"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"stake_value": 1, "profit_loss": Decimal("0.50")}, "WIN"),
        ({"stake_value": 1, "profit_loss": -1}, "LOSS"),
        ({"stake_value": 1}, "UNKNOWN"),
        ({"stake_value": 1, "profit_loss": 0}, "UNKNOWN"),
        ({}, "SKIP"),
        ({"stake_value": 0, "profit_loss": 0}, "SKIP"),
        ({"stake_value": 1, "profit_loss": 0, "round_outcome": "WIN"}, "WIN"),
        ({"round_outcome": "ERROR", "error_type": "bet_failed"}, "ERROR"),
    ],
)
def test_the_outcome_follows_from_stake_and_profit(
    either: Database, said: dict[str, Any], outcome: str
) -> None:
    register(either)
    assert log(either, bot_id=BOT, game_name="aviator", **said)["round_outcome"] == outcome


def test_what_follows_from_the_rest_is_filled_in(either: Database) -> None:
    register(either, bot_name="Ann", vm_provider="local", strategy_name="martingale", currency="KES")
    configure_game_platform("aviator", house_edge_percent=Decimal("3"), database=either)
    row = log(either, **lost(stake_value=Decimal("2.50"), profit_loss=Decimal("-2.50")))
    assert (row["bot_name"], row["vm_provider"], row["strategy_name"]) == ("Ann", "local", "martingale")
    assert row["currency"] == "KES"
    assert row["roi_percent"] == -100
    assert row["expected_profit"] == Decimal("-0.0750")
    assert row["variance_from_strategy"] == Decimal("-2.4250")
    timed = log(either, **lost(2, round_end_timestamp=START + timedelta(seconds=49.5), strategy_name="kelly"))
    assert timed["duration_seconds"] == Decimal("9.5")
    assert timed["strategy_name"] == "kelly"


def test_terms_of_the_platform_go_before_those_of_the_game(either: Database) -> None:
    register(either)
    configure_game_platform("aviator", house_edge_percent=3, database=either)
    configure_game_platform("aviator", "22bet", house_edge_percent="1.5", database=either)
    assert log(either, **lost(1, platform_code="22bet"))["expected_profit"] == Decimal("-0.0150")
    assert log(either, **lost(2, platform_code="betika"))["expected_profit"] == Decimal("-0.0300")
    assert log(either, **lost(3, game_name="jetx"))["expected_profit"] is None


def test_a_skipped_round_expects_and_returns_nothing(either: Database) -> None:
    register(either)
    configure_game_platform("aviator", house_edge_percent=3, database=either)
    row = log(either, bot_id=BOT, game_name="aviator", crash_multiplier=Decimal("1.00"))
    assert (row["expected_profit"], row["roi_percent"], row["stake_value"]) == (None, None, None)


def test_an_outcome_against_its_money_is_refused(either: Database) -> None:
    register(either)
    for outcome, profit in (("WIN", -1), ("LOSS", 1)):
        with pytest.raises(BadInput, match=f"round_outcome must agree .*profit_loss_amount, not '{outcome}'"):
            log_crash_round(database=either, **lost(round_outcome=outcome, profit_loss=profit))


def test_an_end_before_the_start_is_refused(either: Database) -> None:
    register(either)
    end = START + timedelta(seconds=19)
    with pytest.raises(BadInput, match="round_end_timestamp must not be less than round_start_timestamp"):
        log_crash_round(database=either, **lost(1, round_end_timestamp=end))


def test_an_unknown_bot_is_refused_and_the_message_says_what_to_do(either: Database) -> None:
    known_bot = [(logger, least) for logger, table, least in LOGGERS if table != "error_logs"]
    for logger, least in [*known_bot, (log_session_start, {}), (log_crash_round, {"game_name": "aviator"})]:
        with pytest.raises(BadInput, match=r"bot_id.* 'nobody' .*register_bot\('nobody'\)"):
            logger(bot_id="nobody", database=either, **least)
    assert count(either) == 0


def test_an_unknown_keyword_is_refused_with_the_nearest_known_name(either: Database) -> None:
    register(either)
    with pytest.raises(BadInput, match="no column 'crash_multiplyer': did you mean 'crash_multiplier'"):
        log_crash_round(database=either, **lost(), crash_multiplyer=2)
    with pytest.raises(BadInput, match="date_bucket is kept by the database"):
        log_crash_round(database=either, **lost(), date_bucket=1)
    with pytest.raises(BadInput, match="crash_multiplier_detected is given twice"):
        log_crash_round(database=either, **lost(), crash_multiplier_detected=2)
    with pytest.raises(BadInput, match="game_name must be given"):
        log_crash_round(database=either, bot_id=BOT)


# -- corrections --------------------------------------------------------------------------------------------


def test_a_late_correction_changes_the_round_its_rates_and_the_totals(either: Database) -> None:
    register(either)
    configure_game_platform("aviator", house_edge_percent=3, database=either)
    round_id = log_crash_round(database=either, **lost(profit_loss=None))
    (before,) = stored(either, WIDE)
    assert (before["round_outcome"], before["roi_percent"]) == ("UNKNOWN", None)
    update_round(round_id, profit_loss=Decimal("1.00"), crash_multiplier=Decimal("2.01"), database=either)
    (after,) = stored(either, WIDE)
    assert (after["round_outcome"], after["roi_percent"]) == ("WIN", 100)
    assert after["expected_profit"] == Decimal("-0.0300")
    (totals,) = stored(either, "round_totals_session")
    assert (totals["wins"], totals["unknowns"], totals["profit_total"]) == (1, 0, Decimal("1.00"))
    update_round(round_id, error_description=None, round_outcome="LOSS", profit_loss="-1", database=either)
    assert stored(either, "round_totals_session")[0]["losses"] == 1


def test_a_correction_that_is_wrong_changes_nothing(either: Database) -> None:
    register(either)
    round_id = log_crash_round(database=either, **lost())
    before = stored(either, WIDE)
    with pytest.raises(BadInput, match="must be of a stored round, not 'other'"):
        update_round("other", profit_loss=1, database=either)
    with pytest.raises(BadInput, match="round_id must be a text without NUL"):
        update_round("a\0", profit_loss=1, database=either)
    for wrong in (
        {"bot_id": "nobody"},
        {"stake_value": -1},
        {"game_name": None},
        {"round_end_timestamp": START},
        {"round_outcome": "WIN"},
        {},
    ):
        with pytest.raises(BadInput):
            update_round(round_id, database=either, **wrong)
    assert stored(either, WIDE) == before


def test_a_round_that_the_bot_wrote_itself_is_not_corrected_beside_its_record(either: Database) -> None:
    register(either)
    round_id = log_crash_round(database=either, **lost())
    with either.session() as session:
        session.add(
            SessionLog(session_id="s1", bot_id=BOT, mode="watch", strategy_name="none", started_utc_us=0)
        )
        session.add(
            Round(
                round_id=round_id, session_id="s1", table_name="t", game_name="aviator", round_number=1,
                seen_from="betting", recorded_utc_us=0,
            )
        )  # fmt: skip
    with pytest.raises(BadInput, match="wrote down itself"):
        update_round(round_id, profit_loss=1, database=either)


# -- other records ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("logger", "table", "least"), LOGGERS, ids=lambda part: str(part)[:40])
def test_a_record_with_a_time_logged_twice_is_stored_once(
    either: Database, logger: Logger, table: str, least: dict[str, Any]
) -> None:
    register(either)
    clock = ManualClock()
    timed = least if "start" in least else {**least, "at": START}
    one, two = (logger(bot_id=BOT, database=either, clock=clock, **timed) for _ in range(2))
    assert one == two
    if "start" not in least:
        clock.advance(1)
        untimed = {logger(bot_id=BOT, database=either, clock=clock, **least) for _ in range(2)}
        assert len(untimed) == 2
    assert logger(bot_id=BOT, database=either, id="given", **timed) == "given"
    assert count(either, table) == (2 if "start" in least else 4)


def test_a_record_without_a_time_happened_now(either: Database) -> None:
    register(either)
    clock = ManualClock()
    log_round_signal(
        bot_id=BOT, round_id="r1", signal_type="pre_flight", features=[1, 2.5], database=either, clock=clock
    )
    (row,) = stored(either, "analytics_round_signals")
    assert row["timestamp"].timestamp() * 1e9 == clock.now().utc_ns
    assert row["feature_vector"] == [1, 2.5]


def test_a_signal_is_judged_later_and_the_totals_follow(either: Database) -> None:
    register(either)
    signal = log_round_signal(
        bot_id=BOT, round_id="r1", signal_type="pre_flight", confidence=0.5, at=START, database=either
    )
    update_round_signal(
        signal, correct=True, actual_multiplier="2.45", prediction_error="-0.45", database=either
    )
    (row,) = stored(either, "analytics_round_signals")
    assert (row["signal_correctness"], row["actual_multiplier"]) == (True, Decimal("2.45"))
    (totals,) = stored(either, "signal_totals")
    assert (totals["signals"], totals["evaluated"], totals["correct"]) == (1, 1, 1)
    for wrong in ({"round_id": "r2"}, {}, {"signal_type": None}, {"actual_multiplier": "0.5"}):
        with pytest.raises(BadInput):
            update_round_signal(signal, database=either, **wrong)
    with pytest.raises(BadInput, match="must be of a stored signal, not 'none'"):
        update_round_signal("none", correct=True, database=either)


def test_an_error_may_come_before_its_bot_is_known(either: Database) -> None:
    log_error(
        bot_id="not yet",
        error_type="timeout",
        error_message="no picture",
        stack_trace="line 1",
        recovery_action_taken="reload",
        database=either,
    )
    (row,) = stored(either, "error_logs")
    assert (row["message"], row["trace"], row["reaction"]) == ("no picture", "line 1", "reload")


@pytest.mark.parametrize(
    ("profit", "category"),
    [
        ("1.00", "big_win"),
        ("0.99", "small_win"),
        ("-7.99", "small_loss"),
        ("-8", "catastrophic_loss"),
        ("0", None),
    ],
)
def test_an_outcome_is_judged_by_its_stake_and_the_base_stake(
    either: Database, profit: str, category: str | None
) -> None:
    register(either, base_stake=Decimal("1.00"))
    bet = max(Decimal(1), -Decimal(profit))
    log_round_outcome(
        bot_id=BOT,
        round_id="r1",
        stake=bet,
        profit_loss=profit,
        target="2",
        crash_multiplier="1.99",
        database=either,
    )
    (row,) = stored(either, "analytics_round_outcomes")
    assert row["outcome_category"] == category
    assert (row["hit_target"], row["multiplier_error"]) == (False, Decimal("-0.01"))
    assert row["winnings"] == bet + Decimal(profit)
    assert row["loss_amount"] == max(Decimal(0), -Decimal(profit))


# -- bots, games, sessions ----------------------------------------------------------------------------------


def test_registering_again_changes_what_is_given_and_nothing_else(either: Database) -> None:
    register_bot(BOT, strategy="martingale", initial_balance=Decimal("100"), database=either)
    register_bot(BOT, max_stake=Decimal("5.00"), is_active=False, strategy=None, database=either)
    register_bot(BOT, database=either)
    (row,) = stored(either, "bot_vm_registration")
    assert (row["strategy_name"], row["initial_balance"], row["max_stake"]) == ("martingale", 100, 5)
    assert row["is_active"] is False


def test_terms_of_a_game_are_checked_with_those_there(either: Database) -> None:
    configure_game_platform("aviator", "22bet", max_multiplier=100, database=either)
    with pytest.raises(BadInput, match="max_multiplier must not be less than min_multiplier"):
        configure_game_platform("aviator", "22bet", min_multiplier=101, database=either)
    (row,) = stored(either, "game_platform_config")
    assert (row["min_multiplier"], row["is_active"]) == (None, True)


def test_the_result_of_a_session_follows_from_its_rounds(either: Database) -> None:
    register(either, strategy_name="martingale")
    clock = ManualClock()
    session = create_session_log(bot_id=BOT, initial_balance=Decimal("100"), database=either, clock=clock)
    rounds = [lost(1), lost(2, stake_value=2, profit_loss=-2), lost(3, stake_value=4, profit_loss=4)]
    log_batch_rounds([{**row, "session_id": session} for row in rounds], database=either)
    update_session_log(session, ended_at=START + timedelta(days=1), final_balance=101, database=either)
    (row,) = stored(either, "session_logs")
    expected = {
        "strategy_name": "martingale",
        "mode": "practice",
        "status": "ended",
        "total_rounds": 3,
        "rounds_won": 1,
        "rounds_lost": 2,
        "win_rate_percent": Decimal("33.3333"),
        "total_staked": Decimal("7.00"),
        "total_profit": Decimal("1.00"),
        "roi_percent": Decimal("14.2857"),
        "largest_win": Decimal("4.00"),
        "largest_loss": Decimal("-2.00"),
        "average_win": Decimal("4.0000"),
        "average_loss": Decimal("-1.5000"),
        "starting_balance": Decimal("100.00"),
        "ending_balance": Decimal("101.00"),
    }
    assert {name: row[name] for name in expected} == expected


def test_money_of_a_session_in_two_currencies_is_that_of_its_own(either: Database) -> None:
    register(either)
    session = log_session_start(bot_id=BOT, database=either)
    rounds = [lost(1, currency="KES"), lost(2, currency="EUR"), lost(3, currency="EUR")]
    log_batch_rounds([{**row, "session_id": session} for row in rounds], database=either)
    update_session_log(session, database=either)
    (row,) = stored(either, "session_logs")
    assert (row["total_rounds"], row["total_profit"]) == (3, None)
    update_session_log(session, currency="EUR", database=either)
    assert stored(either, "session_logs")[0]["total_profit"] == Decimal("-2.00")


def test_what_a_session_is_told_goes_before_what_is_computed(either: Database) -> None:
    register(either)
    session = log_session_start(bot_id=BOT, session_id="mine", database=either)
    assert session == "mine"
    update_session_log(session, wins=3, notes="by hand", database=either)
    log_crash_round(database=either, **lost(session_id=session))
    update_session_log(session, profit=Decimal("-5.00"), database=either)
    (row,) = stored(either, "session_logs")
    assert (row["total_profit"], row["rounds_won"], row["notes"]) == (Decimal("-5.00"), 0, "by hand")


def test_a_session_that_ends_before_it_began_is_refused(either: Database) -> None:
    register(either)
    with pytest.raises(BadInput, match="ended_utc_us must not be less than started_utc_us"):
        log_session_start(
            bot_id=BOT, start_time=START, end_time=START - timedelta(seconds=1), database=either
        )
    session = log_session_start(bot_id=BOT, start_time=START, database=either)
    with pytest.raises(BadInput, match="ended_utc_us must not be less than started_utc_us"):
        update_session_log(session, ended_at=START - timedelta(seconds=1), database=either)
    with pytest.raises(BadInput, match="cannot be changed"):
        update_session_log(session, session="other", database=either)
    with pytest.raises(BadInput, match="must be of a stored session, not 'none'"):
        update_session_log("none", notes="x", database=either)


def test_a_batch_that_was_refused_says_how_much_is_stored(either: Database) -> None:
    register(either)
    with pytest.raises(BatchRefused, match=r"row 1: .*stake_value must be at least 0.00.*1 stored"):
        log_batch_rounds([lost(1), lost(2, stake_value=-1)], database=either)
