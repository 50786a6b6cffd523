"""A table by hand: phases, bets, fields, formats, as a person at the page meets them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.practice_pages.conftest import Desk

pytestmark = pytest.mark.e2e

RED = {"aviator": (0x1B, 0x02, 0xD0), "aviatrix": (0x55, 0x4B, 0xFF), "jetx": (0x30, 0x3B, 0xFF)}


def shown(desk: Desk) -> str:
    """The multiplier on the page."""
    return str(desk.chrome.evaluate("window.page.stage.face.text"))


def count_pixels(desk: Desk, colour: tuple[int, int, int], box: str) -> int:
    """Pixels of exactly ``colour`` in a named box of the page."""
    desk.painted()
    x, y, w, h = (round(v) for v in desk.chrome.evaluate(f"window.page.view.boxes.{box}"))
    return int((desk.chrome.screenshot()[y : y + h, x : x + w] == colour).all(axis=2).sum())


@pytest.mark.parametrize("game", ["aviator", "aviatrix", "jetx"])
def test_a_round_is_shown_from_waiting_to_its_red_end(desk: Desk, game: str) -> None:
    desk.open(game)
    desk.casino.say("betting", round=42, seed_hash="cd" * 32, ms=60_000, players=77, players_total=123_450)
    desk.wait_button("BET")
    assert shown(desk) == ""
    assert count_pixels(desk, (255, 255, 255), "multiplier") == 0
    assert desk.text("players") == "77"
    assert desk.text("players_total") == "1,234.50"
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.wait_button("DISABLED")
    assert shown(desk).startswith("1.0")
    assert count_pixels(desk, (255, 255, 255), "multiplier") > 500
    desk.chrome.wait("window.page.stage.face.text >= '1.02x'")
    desk.casino.say("crash", round=42, m=103, reveal={})
    desk.chrome.wait("window.page.stage.face.text === '1.03x'")
    assert count_pixels(desk, RED[game], "multiplier") > 500
    assert count_pixels(desk, (255, 255, 255), "multiplier") == 0
    desk.casino.say("pause")
    desk.chrome.wait("window.page.stage.face.text === ''")
    assert count_pixels(desk, RED[game], "multiplier") == 0


def test_a_one_x_round_shows_one_x_in_red(desk: Desk) -> None:
    desk.open(growth=0.4)
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.casino.say("crash", round=42, m=100, reveal={})
    desk.chrome.wait("window.page.table.phase === 'crashed'")
    assert shown(desk) == "1.00x"


def test_a_very_high_multiplier_is_grouped_and_fits_its_box(desk: Desk) -> None:
    for game in ("aviator", "aviatrix", "jetx"):
        desk.open(game, 640, 400, phase="crashed", multiplier_now=123_456)
        desk.chrome.wait("window.page.stage.face.text === '1,234.56x'")
        desk.painted()
        x, y, w, h = (round(v) for v in desk.chrome.evaluate("window.page.view.boxes.multiplier"))
        red = (desk.chrome.screenshot() == RED[game]).all(axis=2)
        rows, columns = np.nonzero(red[70:, :])
        assert x < columns.min()
        assert columns.max() < x + w - 1
        assert y < rows.min() + 70
        assert rows.max() + 70 < y + h - 1


def test_progress_bar_drains_to_the_left(desk: Desk) -> None:
    desk.open(phase="betting", betting_ms=60_000, phase_started_ms_ago=30_000)
    desk.painted()
    desk.wait_button("BET")
    bar = count_pixels(desk, (0x39, 0x05, 0xE5), "progress")
    track = count_pixels(desk, (0x30, 0x28, 0x26), "progress")
    assert 0.40 < bar / (bar + track) < 0.51


def test_a_bet_by_hand_from_the_field_to_the_payout(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.wait_button("BET")
    desk.chrome.click_on("p0_stake")
    desk.chrome.replace_text("12.5")
    desk.chrome.click_on("p0_switch")
    desk.chrome.click_on("p0_target")
    desk.chrome.replace_text("3,75")
    desk.chrome.press_enter()
    assert (desk.field("p0_stake"), desk.field("p0_target")) == ("12.50", "3.75")
    desk.chrome.click_on("p0_button")
    bet = desk.casino.wait_heard(lambda message: message["t"] == "bet")
    assert bet == {"t": "bet", "panel": 0, "stake": 1250, "target": 375}
    assert desk.button() == "DISABLED"
    desk.casino.say("bet_ok", panel=0, stake=1250, target=375)
    desk.casino.say("balance", balance=1_233_317)
    desk.wait_button("ACCEPTED")
    assert desk.text("balance_amount") == "12,333.17"
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.casino.say("bet_open", panel=0, stake=1250, target=375)
    desk.wait_button("CASH_OUT")
    desk.chrome.wait("document.querySelector('[data-name=p0_button] i').textContent > '12.50 USD'")
    desk.chrome.click_on("p0_button")
    desk.casino.wait_heard(lambda message: message == {"t": "cash_out", "panel": 0})
    desk.casino.say("bet_won", panel=0, m=110, payout=1375)
    desk.chrome.wait("document.getElementById('toast0').classList.contains('shown')")
    assert desk.text("toast0") == "Cashed out at 1.10x · +13.75 USD"
    assert desk.button() == "DISABLED"
    assert desk.button(1) == "DISABLED"


def test_an_accepted_bet_can_be_cancelled_and_a_refused_one_can_be_tried_again(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.wait_button("BET", 1)
    desk.chrome.click_on("p1_button")
    bet = desk.casino.wait_heard(lambda message: message["t"] == "bet")
    assert bet == {"t": "bet", "panel": 1, "stake": 100, "target": None}
    desk.casino.say("bet_refused", panel=1, reason="late")
    desk.wait_button("BET", 1)
    assert desk.text("toast1") == "Too late for this round"
    desk.chrome.click_on("p1_button")
    desk.casino.say("bet_ok", panel=1, stake=100, target=None)
    desk.wait_button("ACCEPTED", 1)
    desk.chrome.click_on("p1_button")
    desk.casino.wait_heard(lambda message: message == {"t": "cancel", "panel": 1})
    desk.casino.say("cancel_ok", panel=1)
    desk.wait_button("BET", 1)


@pytest.mark.parametrize(
    ("typed", "stands"),
    [("0.01", "0.10"), ("900", "500.00"), ("7,4", "7.40"), ("abc", "1.00"), ("2.999", "2.99"), ("", "1.00")],
)
def test_a_stake_is_normalised_when_the_field_is_left(desk: Desk, typed: str, stands: str) -> None:
    desk.open(phase="betting")
    desk.chrome.click_on("p0_stake")
    desk.chrome.replace_text(typed)
    desk.chrome.press_enter()
    assert desk.field("p0_stake") == stands


def test_a_focused_field_has_its_ring_at_once_and_nothing_moves(desk: Desk) -> None:
    desk.open(phase="betting")
    ring, border = (0xFF, 0xA3, 0x4A), (0x3F, 0x3B, 0x3A)
    assert count_pixels(desk, ring, "p0_stake") == 0
    assert count_pixels(desk, border, "p0_stake") > 150
    white = count_pixels(desk, (255, 255, 255), "p0_stake")
    desk.chrome.click_on("p0_stake")
    assert count_pixels(desk, ring, "p0_stake") > 350
    assert count_pixels(desk, (255, 255, 255), "p0_stake") == white


def test_the_switch_shows_its_state_in_flat_colours(desk: Desk) -> None:
    desk.open()
    on, off = (0x09, 0xA9, 0x28), (0x50, 0x4B, 0x4A)
    assert count_pixels(desk, off, "p0_switch") > 200
    desk.chrome.click_on("p0_switch")
    assert count_pixels(desk, on, "p0_switch") > 200
    assert count_pixels(desk, off, "p0_switch") == 0


@pytest.mark.parametrize(
    ("state", "colour"),
    [("BET", (0x09, 0xA9, 0x28)), ("ACCEPTED", (0x27, 0x27, 0xBB)), ("CASH_OUT", (0x01, 0x74, 0xDA)),
     ("DISABLED", (0x42, 0x3D, 0x3A))],
)  # fmt: skip
def test_every_state_of_the_button_has_its_colour(
    desk: Desk, state: str, colour: tuple[int, int, int]
) -> None:
    bet = {"0": {"stake": 100, "target": None, "state": "open"}}
    phase = {"BET": "betting", "ACCEPTED": "betting", "CASH_OUT": "flying", "DISABLED": "flying"}[state]
    desk.open(phase=phase, bets=bet if state in ("ACCEPTED", "CASH_OUT") else {})
    desk.wait_button(state)
    _, _, w, h = (int(v) for v in desk.chrome.evaluate("window.page.view.boxes.p0_button"))
    assert count_pixels(desk, colour, "p0_button") > 0.7 * w * h


def test_history_shows_whole_chips_only_newest_at_the_left(desk: Desk) -> None:
    desk.open(history=[1234, 245, 104, 1217, 189, 1000, 346, 131, 2777, 159, 1803, 122, 205, 301])
    chips = "[...document.querySelectorAll('.chip')]"
    assert desk.chrome.evaluate(f"{chips}.map(c => c.textContent).slice(0, 3)") == [
        "12.34x",
        "2.45x",
        "1.04x",
    ]
    assert desk.chrome.evaluate(f"{chips}.length") >= 10
    assert desk.chrome.evaluate(f"Math.max(...{chips}.map(c => c.getBoundingClientRect().right)) <= 632")
    desk.casino.say("history", values=[150, 1234, 245, 104, 1217, 189, 1000, 346, 131, 2777, 159, 1803])
    desk.chrome.wait(
        f"{chips}[0].textContent === '1.50x' && !document.getElementById('chips').style.transform"
    )


def test_equal_neighbours_in_the_history_are_two_chips(desk: Desk) -> None:
    desk.open(history=[104, 245])
    desk.casino.say("history", values=[104, 104, 245])
    desk.chrome.wait("document.querySelectorAll('.chip').length === 3")


def test_a_serbian_table_speaks_serbian_and_writes_commas(desk: Desk) -> None:
    desk.open("aviatrix", lang="sr", currency="RSD", phase="betting")
    desk.wait_button("BET")
    assert desk.text("balance_amount") == "12.345,67"
    assert desk.text("balance_currency") == "RSD"
    assert desk.text("waiting") == "ČEKA SE SLEDEĆA RUNDA"
    assert desk.field("p0_stake") == "1,00"
    desk.chrome.click_on("p0_stake")
    desk.chrome.replace_text("2.5")
    desk.chrome.press_enter()
    assert desk.field("p0_stake") == "2,50"
    assert desk.chrome.evaluate("document.querySelector('.chip').textContent") == "2.45x"


def test_a_lost_connection_dims_the_page_and_comes_back_with_the_bet(desk: Desk) -> None:
    desk.open(phase="betting")
    desk.casino.greeting |= {"bets": {"0": {"stake": 700, "target": 150, "state": "open"}}}
    desk.casino.hang_up()
    desk.chrome.wait("!document.getElementById('overlay').hidden")
    desk.chrome.wait("document.getElementById('overlay').hidden")
    desk.wait_button("ACCEPTED")
    assert "7.00 USD" in str(
        desk.chrome.evaluate("document.querySelector('[data-name=p0_button]').innerText")
    )


def test_the_shown_flight_never_runs_ahead_of_the_casino(desk: Desk) -> None:
    desk.open(growth=0.8)
    desk.casino.say("fly", round=42, at_ms_ago=0)
    desk.casino.say("tick", m=150)
    ahead = desk.chrome.evaluate(
        "(() => { const t = window.page.table, now = performance.now();"
        " return t.shownMultiplier(now) - 100 * Math.exp(t.growth * (now - t.origin) / 1000); })()"
    )
    assert ahead <= 0
