"""The real hand, screen and browser: exact typing, windows that move, are covered or dimmed, the stop key."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.control.controller import Controller
from bot.control.hand import FailSafe, PyAutoGuiHand
from bot.control.hotkey import StopHotkey, parse_keys
from bot.control.sight import PageLook, TableSight
from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S, SystemClock
from bot.domain.errors import BadInput, MissingPart
from bot.domain.ports import Patch
from bot.domain.words import Box
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.layout import load_layout
from bot.screen.panel import PanelView
from tests.control import desktop
from tests.control.desktop import INDEX, NONCE, House, Windows, wait_for

pytestmark = pytest.mark.screen
S = BetState
ALLOWED = {f"p{panel}_{part}" for panel in (0, 1) for part in ("stake", "target", "switch", "button")}


class Desk:
    """A controller with real hands and eyes on one display, and the records it made."""

    def __init__(self, display: str) -> None:
        self.clock = SystemClock()
        self.capture = ScreenCapture(display)
        self.layout = load_layout("aviator")
        self.view = PanelView(
            "table", self.layout, self.capture, default_engine(), None, NONCE, INDEX, self.clock
        )
        self.rows: list[tuple[Bet, dict[str, object]]] = []
        self.on_record: Callable[[Bet], None] = lambda bet: None
        self.controller = Controller(
            lambda: PyAutoGuiHand(display),
            lambda name: TableSight(self.view, PageLook(self.capture, self.layout, NONCE, INDEX)),
            lambda bet: None,
            self._record,
            self.clock,
        )
        PyAutoGuiHand(display).release_all()
        self.controller.begin()
        wait_for(lambda: self.view.locate() is not None)
        self._number = 0

    def _record(self, bet: Bet, before: BetState, detail: dict[str, object]) -> None:
        self.rows.append((bet, detail))
        self.on_record(bet)

    def place(self, stake_minor: int, target: int = 200, panel: int = 0, in_s: float = 8.0) -> Bet:
        """Place one bet now."""
        self._number += 1
        now = self.clock.now()
        deadline = now.mono_ns + round(in_s * NS_PER_S)
        number = str(self._number)
        bet = Bet(
            number, "s", "a", "table", number, panel, stake_minor, target, "USD", 10**6, deadline, now.utc_ns
        )
        return self.controller.place(bet)

    def box(self, name: str) -> Box:
        """A named element of the page now."""
        return self.view.box(name)


@pytest.fixture
def desk(control_display: str) -> Iterator[Callable[[], Desk]]:
    """Makes a ``Desk``; its connections are closed after the test."""
    with ExitStack() as stack:

        def make() -> Desk:
            made = Desk(control_display)
            stack.callback(made.capture.close)
            stack.callback(made.controller._end)
            return made

        yield make


@pytest.mark.e2e
def test_fifty_random_amounts_are_typed_exactly(
    control_display: str, house: House, desk: Callable[[], Desk]
) -> None:
    rng = random.Random(7)
    house.again_ms = 150  # shown long enough to be seen on a machine that does other things too
    with desktop.browser(control_display, house, switch="off"):
        hands = desk()
        for number in range(50):
            stake, target, panel = rng.randint(10, 50_000), rng.randint(101, 10_000), number % 2
            wait_for(lambda p=panel: hands.view.button(p).value == "bet")  # type: ignore[misc]
            bet = hands.place(stake, target if number % 5 == 0 else 200 + 5 * panel, panel)
            assert bet.state is S.PLACED, bet.reason
            assert house.bets[-1] == {
                "panel": panel,
                "stake": format_hundredths(stake),
                "target": format_hundredths(bet.target),
                "auto": "true",
            }
        assert len(house.bets) == 50
        assert {click["element"] for click in house.clicks} <= ALLOWED


@pytest.mark.e2e
def test_refused_and_unanswered_bets_are_told_apart(
    control_display: str, house: House, desk: Callable[[], Desk]
) -> None:
    with desktop.browser(control_display, house):
        hands = desk()
        house.answer, house.delay_s = "BET", 0.1
        assert hands.place(150).state is S.REFUSED
        house.answer = "DISABLED"
        assert hands.place(150).state is S.UNKNOWN
        assert len(house.bets) == 2


@pytest.mark.e2e
def test_a_minimum_above_the_order_is_seen_in_the_read_back(
    control_display: str, house: House, desk: Callable[[], Desk]
) -> None:
    with desktop.browser(control_display, house, min=5):
        bet = desk().place(150)
        assert bet.state is S.MISSED
        assert "5.00" in bet.reason
        assert house.bets == []


@pytest.mark.e2e
@pytest.mark.parametrize("state", [S.TYPED, S.VERIFIED])
@pytest.mark.parametrize("trouble", ["moved", "covered"])
def test_a_window_moved_or_covered_between_steps_gets_no_click(
    control_display: str, house: House, desk: Callable[[], Desk], state: BetState, trouble: str
) -> None:
    with desktop.browser(control_display, house), Windows(control_display) as windows:
        hands = desk()
        place = hands.view.placement
        assert place is not None

        def strike(bet: Bet) -> None:
            if bet.state is not state:
                return
            if trouble == "moved":
                windows.move_browser(dx=130, dy=35)
                wait_for(lambda: not hands.view.verify())
            else:
                windows.cover(place.page)
                wait_for(lambda: not hands.view.verify())

        hands.on_record = strike
        bet = hands.place(150)
        assert hands.controller.failed is None
        assert bet.state is S.MISSED
        assert house.bets == []
        assert "p0_button" not in {click["element"] for click in house.clicks}
        assert windows.clicks_on_cover == 0


@pytest.mark.e2e
def test_a_moved_window_is_found_again_for_the_next_bet(
    control_display: str, house: House, desk: Callable[[], Desk]
) -> None:
    house.again_ms = 150  # shown long enough to be seen on a machine that does other things too
    with desktop.browser(control_display, house), Windows(control_display) as windows:
        hands = desk()
        assert hands.place(150).state is S.PLACED
        windows.move_browser(dx=210, dy=120)
        wait_for(lambda: not hands.view.verify())
        assert hands.place(275).state is S.PLACED
        assert [bet["stake"] for bet in house.bets] == ["1.50", "2.75"]


@pytest.mark.e2e
def test_a_dimmed_page_is_never_touched(control_display: str, house: House) -> None:
    with desktop.browser(control_display, house, dimmed=1):
        capture = ScreenCapture(control_display)
        view = PanelView("table", load_layout("aviator"), capture, default_engine(), None, NONCE, INDEX)
        assert view.locate() is None
        capture.close()
        assert house.clicks == []


def test_keys_and_buttons_left_down_are_released(control_display: str) -> None:
    hand = PyAutoGuiHand(control_display)
    hand.release_all()
    gui = hand._gui
    gui.keyDown("ctrl", _pause=False)
    gui.keyDown("7", _pause=False)
    gui.mouseDown(400, 300, _pause=False)
    assert set(hand.keys_down()) == {"ctrl", "7"}
    assert hand._buttons_down() == ["left"]
    hand.release_all()
    assert hand.keys_down() == ()
    assert hand._buttons_down() == []


def test_the_fail_safe_corner_raises_and_release_still_works(control_display: str) -> None:
    hand = PyAutoGuiHand(control_display)
    hand.move(0, 0)
    try:
        for action in (
            lambda: hand.click(300, 300),
            hand.position,
            lambda: hand.type_text("1"),
            hand.select_all,
        ):
            with pytest.raises(FailSafe):
                action()
        hand.release_all()
        assert hand.keys_down() == ()
    finally:
        hand._without_fail_safe(lambda: hand._gui.moveTo(600, 600, _pause=False))


def test_a_click_happens_only_if_the_screen_is_what_it_was(control_display: str) -> None:
    hand, capture = PyAutoGuiHand(control_display), ScreenCapture(control_display)
    box = Box(300, 300, 20, 10)
    seen = capture.grab(box).copy()
    other = seen ^ 255
    hand.move(500, 500)
    assert hand.click(310, 305, [Patch(box, other)]) is False
    assert hand.position() == (500, 500)
    assert hand.click(310, 305, [Patch(box, seen)]) is True
    assert hand.position() == (310, 305)
    capture.close()


def test_a_display_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(MissingPart, match=":9987"):
        PyAutoGuiHand(":9987")


def test_hands_whose_display_dies_say_so_and_do_not_hang(control_display: str) -> None:
    with desktop.display() as name:
        hand, pressed = PyAutoGuiHand(name), []
        key = StopHotkey(lambda: pressed.append(1), display=name)
        assert key.start(), key.reason
    for action in (hand.position, lambda: hand.click(5, 5), lambda: hand.type_text("1"), hand.select_all):
        with pytest.raises(MissingPart, match="gone"):
            action()
    hand.release_all()
    wait_for(lambda: not key.available)
    key.stop()
    assert PyAutoGuiHand(control_display).position()


def test_hands_reach_a_new_display_of_an_old_name() -> None:
    with desktop.display() as name:
        PyAutoGuiHand(name).move(300, 200)
    with desktop.display(name=name) as again:
        hand = PyAutoGuiHand(again)
        hand.move(250, 240)
        assert hand.position() == (250, 240)


def test_the_stop_key_works_with_and_without_num_lock(control_display: str) -> None:
    pressed: list[int] = []
    hand = PyAutoGuiHand(control_display)
    key = StopHotkey(lambda: pressed.append(1), display=control_display)
    try:
        assert key.start(), key.reason
        hand._gui.hotkey("ctrl", "alt", "s", _pause=False)
        wait_for(lambda: len(pressed) == 1)
        hand._gui.press("numlock", _pause=False)
        hand._gui.hotkey("ctrl", "alt", "s", _pause=False)
        wait_for(lambda: len(pressed) == 2)
        hand._gui.press("numlock", _pause=False)
    finally:
        key.stop()
    assert not key.available


def test_a_stop_key_that_is_taken_or_has_no_display_says_so(control_display: str) -> None:
    first = StopHotkey(lambda: None, display=control_display)
    second = StopHotkey(lambda: None, display=control_display)
    try:
        assert first.start(), first.reason
        assert not second.start()
        assert "another program" in second.reason
    finally:
        first.stop()
    nowhere = StopHotkey(lambda: None, display=":9987")
    assert not nowhere.start()
    assert ":9987" in nowhere.reason


@pytest.mark.parametrize("text", ["", "s", "ctrl+", "hyper+s"])
def test_a_malformed_hotkey_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput, match="hotkey"):
        parse_keys(text)
