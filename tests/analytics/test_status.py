"""How all bots stand."""

from __future__ import annotations

from decimal import Decimal

from bot.analytics.status import status
from bot.database import Database
from bot.domain.clock import ManualClock
from tests.database import played
from tests.database.played import a_round, at

D = Decimal


def now(hour: float) -> ManualClock:
    return ManualClock(utc_ns=at(1, hour) * 1_000)


def test_a_bot_that_plays_is_alive_with_its_result_of_today(database: Database) -> None:
    played.session(
        database, started_utc_us=at(0, 20), last_seen_utc_us=at(1, 1), parameters={"version": "0.1.0"}
    )
    played.rounds(
        database,
        a_round(1, "WIN", round_start_timestamp=at(0, 23)),
        a_round(2, "LOSS", round_start_timestamp=at(1, 0.5)),
    )
    played.watched(database, at(0, 23), at(1, 1))
    (bot,) = status(database=database, clock=now(1.01))["bots"]
    assert (bot["state"], bot["alive"], bot["session_open"], bot["version"]) == ("alive", True, True, "0.1.0")
    assert (bot["today"]["total_profit"], bot["total"]["total_profit"]) == (D("-1.00"), D("0.00"))
    assert bot["watched"]["seconds"] == D(3600)
    assert (bot["vm_name"], bot["vm_provider"]) == ("vm-1", "local")


def test_states_of_bots(database: Database) -> None:
    played.session(database, last_seen_utc_us=at(1, 1))
    assert status(database=database, clock=now(1.5))["bots"][0]["state"] == "silent"
    played.bot(database, "bot-2", last_seen_at=at(1, 1.49))
    played.bot(database, "bot-3")
    states = {bot["bot_id"]: bot["state"] for bot in status(database=database, clock=now(1.5))["bots"]}
    assert states == {"bot-1": "silent", "bot-2": "idle", "bot-3": "ended"}


def test_errors_of_the_last_hour_and_what_is_left_of_limits(database: Database) -> None:
    played.session(database, last_seen_utc_us=at(1, 1))
    table = {"id": "t", "session_id": "session-1", "table_name": "aviator", "game_name": "aviator"}
    played.store(database, "session_tables", table | {"account": "house", "currency": "EUR"})
    for number, hour in enumerate((0.2, 0.9, 0.95)):
        error = {"id": f"e{number}", "error_type": "network_drop", "message": "gone", "bot_id": "bot-1"}
        played.store(database, "error_logs", error | {"at_utc_us": at(1, hour)})
    limit = {"id": "l", "account": "house", "name": "loss_day", "value": 5_000, "set_by": "person"}
    played.store(database, "limits", limit | {"set_utc_us": at(0, 1)})
    denial = {"id": "d", "session_id": "session-1", "account": "house", "table_name": "aviator"}
    denial |= {"limit_name": "loss_day", "reason": "too much", "figure": 4_800, "bound": 5_000}
    played.store(database, "denials", denial | {"at_utc_us": at(1, 0.9)})
    (bot,) = status(database=database, clock=now(1.25))["bots"]
    assert bot["errors_last_hour"] == 2
    assert [(one["limit"], one["value"], one["left"]) for one in bot["limits"]] == [("loss_day", 5_000, 200)]
