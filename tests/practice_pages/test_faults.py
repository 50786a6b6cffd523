"""Faults that the page performs: each shows what a real page would show, and ends."""

from __future__ import annotations

import numpy as np
import pytest

from tests.practice_pages.conftest import Desk

pytestmark = pytest.mark.e2e


def test_frozen_stops_the_picture_but_not_the_fields(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.wait_button("BET")
    desk.casino.fault("frozen", ms=60_000)
    desk.chrome.wait("window.page.faults.frozen")
    desk.painted()
    before = desk.chrome.screenshot()
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.casino.say("balance", balance=5)
    desk.chrome.wait("window.page.table.balance === 5")
    desk.painted()
    assert np.array_equal(before, desk.chrome.screenshot())
    desk.chrome.click_on("p0_stake")
    desk.chrome.replace_text("3")
    assert desk.field("p0_stake") == "3"
    assert desk.button() == "BET"
    desk.casino.fault("frozen", on=False)
    desk.wait_button("DISABLED")
    assert desk.text("balance_amount") == "0.05"
    desk.chrome.wait("window.page.stage.face.text !== ''")


def test_frozen_ends_by_itself(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.casino.fault("frozen", ms=200)
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.wait_button("DISABLED")


def test_balance_lag_holds_the_shown_balance(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.casino.fault("balance_lag", ms=60_000)
    desk.casino.say("balance", balance=100)
    desk.casino.say("crowd", players=9, players_total=100)
    desk.chrome.wait("document.getElementById('players').textContent === '9'")
    assert desk.text("balance_amount") == "12,345.67"
    desk.casino.fault("balance_lag", on=False)
    desk.chrome.wait("document.getElementById('balance_amount').textContent === '1.00'")


def test_comma_changes_multiplier_and_chips(desk: Desk) -> None:
    desk.open(phase="crashed", multiplier_now=123_456, faults={"comma": {}})
    desk.chrome.wait("window.page.stage.face.text === '1.234,56x'")
    assert desk.chrome.evaluate("document.querySelector('.chip').textContent") == "2,45x"
    desk.casino.fault("comma", on=False)
    desk.chrome.wait("window.page.stage.face.text === '1,234.56x'")
    assert desk.chrome.evaluate("document.querySelector('.chip').textContent") == "2.45x"


def test_a_raised_minimum_lifts_the_stake(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.casino.fault("min_stake", min_stake=250)
    desk.chrome.wait("document.querySelector('[data-name=p0_stake]').value === '2.50'")
    desk.chrome.click_on("p0_stake")
    desk.chrome.replace_text("1")
    desk.chrome.press_enter()
    assert desk.field("p0_stake") == "2.50"
    desk.casino.fault("min_stake", on=False, min_stake=10)
    desk.chrome.wait("window.page.table.minStake === 10")


@pytest.mark.parametrize("game", ["aviator", "aviatrix", "jetx"])
def test_mid_change_shows_mixed_digits_and_then_whole_ones(desk: Desk, game: str) -> None:
    desk.open(game, growth=0.4, faults={"mid_change": {}})
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.chrome.wait("window.page.stage.face.old !== null")
    desk.chrome.wait("window.page.stage.face.old === null")
    desk.chrome.wait("window.page.stage.face.old !== null")
    desk.casino.say("crash", round=42, m=777, reveal={})
    desk.chrome.wait("window.page.stage.face.text === '7.77x' && window.page.stage.face.old === null")


def test_connection_lost_reloads_the_page(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.chrome.evaluate("window.before = true")
    desk.casino.heard.clear()
    desk.casino.fault("connection_lost", ms=300)
    desk.chrome.wait(
        "!document.getElementById('overlay').hidden && document.getElementById('dialog_title').textContent"
    )
    desk.casino.wait_heard(lambda message: message["t"] == "hello")
    desk.chrome.wait("window.before === undefined && document.getElementById('overlay').hidden")
    desk.wait_button("BET")


def test_what_the_button_shows_is_what_a_press_does(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.wait_button("BET")
    desk.casino.fault("frozen", ms=60_000)
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.chrome.wait("window.page.table.phase === 'flying'")
    desk.chrome.click_on("p0_button")
    desk.casino.wait_heard(lambda message: message["t"] == "bet")
    desk.casino.say("bet_refused", panel=0, reason="late")
    desk.casino.fault("frozen", on=False)
    desk.wait_button("DISABLED")
