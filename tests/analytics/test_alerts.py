"""Alerts come once, clear once, are recorded, and reach the user's command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.analytics.alert_rules import AlertRules
from bot.analytics.alerts import Raised, check_alerts, command_words
from bot.database import Alert, Database
from bot.domain.clock import ManualClock
from bot.domain.errors import BadInput
from tests.database import played
from tests.database.played import a_round, at

Look = Callable[..., list[Raised]]


@pytest.fixture
def look(database: Database) -> Look:
    clock = ManualClock(utc_ns=at(1) * 1_000)

    def one_look(rules: AlertRules | None = None, **options: Any) -> list[Raised]:
        clock.advance(1.0)
        return check_alerts(rules, database=database, clock=clock, **options)

    return one_look


def kinds(raised: list[Raised]) -> list[tuple[str, str]]:
    return [(alert.kind, alert.severity) for alert in raised]


def recorded(database: Database) -> list[Alert]:
    with database.session() as session:
        return list(session.scalars(select(Alert).order_by(Alert.at_utc_us, Alert.id)))


def test_a_losing_streak_is_raised_once_and_cleared_by_a_win(database: Database, look: Look) -> None:
    played.rounds(database, a_round(0, "WIN"), *(a_round(n) for n in range(1, 10)))
    assert look() == []
    played.rounds(database, a_round(10, "SKIP"), a_round(11))
    raised = look()
    assert kinds(raised) == [("losing_streak", "warning")]
    assert raised[0].message == "bot-1 lost 10 bets in a row at aviator: 10.00 EUR"
    played.rounds(database, a_round(12))
    assert look() == []
    played.rounds(database, a_round(13, "WIN", 250))
    assert kinds(look()) == [("losing_streak", "cleared")]
    assert look() == []
    assert [row.severity for row in recorded(database)] == ["warning", "cleared"]


def test_the_tables_of_a_bot_have_streaks_of_their_own(database: Database, look: Look) -> None:
    played.rounds(database, *(a_round(n, table_name=f"table-{n % 2}") for n in range(12)))
    assert look(AlertRules(losing_streak=7)) == []
    assert kinds(look(AlertRules(losing_streak=6))) == [("losing_streak", "warning")] * 2


def test_many_failed_rounds_are_an_alert(database: Database, look: Look) -> None:
    played.rounds(database, *(a_round(n, "ERROR" if n % 5 == 0 else "WIN", 250) for n in range(50)))
    assert kinds(look()) == [("error_rate", "warning")]


def test_a_bot_with_an_open_session_that_is_not_seen_is_silent(database: Database, look: Look) -> None:
    played.session(database, last_seen_utc_us=at(1) - 250_000_000)
    played.session(database, "session-2", last_seen_utc_us=at(0), status="ended")
    assert look() == []
    raised = look(AlertRules(silence_s=200))
    assert kinds(raised) == [("silence", "critical")] and raised[0].session_id == "session-1"


def test_a_reader_that_misses_1_00x_is_found(database: Database, look: Look) -> None:
    played.rounds(database, *(a_round(n, "SKIP", 200 + n) for n in range(499)))
    raised = look()
    assert kinds(raised) == [("share_of_ones", "critical")]
    assert raised[0].detail["z"] < -4


def test_a_win_rate_far_from_the_law_is_found(database: Database, look: Look) -> None:
    ones = dict.fromkeys(range(0, 100, 25), 100)
    played.rounds(database, *(a_round(n, "WIN", ones.get(n, 250)) for n in range(100)))
    assert ("win_rate", "critical") in kinds(look())


def test_a_profit_that_no_stake_allows_is_found(database: Database, look: Look) -> None:
    played.rounds(database, a_round(1, "WIN", 250), a_round(2, "WIN", 250, profit_loss_amount=101))
    raised = look()
    assert kinds(raised) == [("impossible_profit", "critical")]
    assert raised[0].detail["round_id"] == "bot-1-round-2"


def test_a_balance_that_jumps_between_rounds_is_found(database: Database, look: Look) -> None:
    def row(number: int, before: int, after: int) -> dict[str, Any]:
        balances = {"running_balance_before": before, "running_balance_after": after}
        return a_round(number, session_id="session-1", **balances)

    played.rounds(database, row(1, 1_000, 900), a_round(2, "SKIP"), row(3, 900, 800))
    assert look() == []
    played.rounds(database, row(4, 1_300, 1_200))
    assert kinds(look()) == [("balance_jump", "critical")]


def test_tables_on_one_account_may_change_each_others_balance(database: Database, look: Look) -> None:
    played.session(database, last_seen_utc_us=at(1))
    for table in ("aviator", "jetx"):
        values = {"id": table, "session_id": "session-1", "table_name": table, "game_name": table}
        played.store(database, "session_tables", values | {"account": "house", "currency": "EUR"})
    for number, before in ((1, 1_000), (2, 700)):
        balances = {"running_balance_before": before, "running_balance_after": before - 100}
        played.rounds(database, a_round(number, session_id="session-1", **balances))
    assert look() == []


def losing(database: Database) -> None:
    played.rounds(database, *(a_round(n) for n in range(10)))


def test_the_command_gets_the_alert_on_its_standard_input(
    database: Database, look: Look, tmp_path: Path
) -> None:
    losing(database)
    taken = tmp_path / "it's taken.json"
    program = f"import sys, pathlib; pathlib.Path({str(taken)!r}).write_text(sys.stdin.read())"
    raised = look(command=[sys.executable, "-c", program])
    assert json.loads(taken.read_text()) == raised[0].to_json()


def test_one_text_is_split_into_words_and_no_shell_reads_it(
    database: Database, look: Look, tmp_path: Path
) -> None:
    losing(database)
    look(command=f"{sys.executable} -c pass ; touch {tmp_path / 'shell'}")
    assert not (tmp_path / "shell").exists()
    assert command_words("notify 'two words' $HOME") == ["notify", "two words", "$HOME"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/nowhere/at-all"], "No such file"),
        ([sys.executable, "-c", "import sys; sys.exit('no thanks')"], "ended with 1: no thanks"),
    ],
)
def test_a_command_that_fails_is_recorded(
    database: Database, look: Look, command: list[str], why: str
) -> None:
    losing(database)
    raised = look(command=command)
    assert kinds(raised) == [("losing_streak", "warning"), ("alert_command_failed", "warning")]
    assert why in raised[1].message
    assert raised[1].message in {row.message for row in recorded(database)}
    assert look(command=command) == []


def test_a_command_that_hangs_is_given_up(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.analytics.alerts.COMMAND_TIMEOUT_S", 0.2)
    losing(database)
    raised = look(command=[sys.executable, "-c", "import time; time.sleep(60)"])
    assert "took longer" in raised[1].message


@pytest.mark.parametrize("command", ["", "'open", []])
def test_a_command_without_words_is_refused(command: Any) -> None:
    with pytest.raises(BadInput):
        command_words(command)


@pytest.mark.parametrize("rule", [{"losing_streak": 0}, {"z": float("nan")}, {"silence_s": -1}])
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(rule))):
        AlertRules(**rule)  # type: ignore[arg-type]
