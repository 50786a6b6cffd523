"""The controller's turns: order, lateness, pause, stop, shutdown, what happens on errors."""

from __future__ import annotations

from collections.abc import Callable

from bot.control.controller import Controller, ControllerState
from bot.control.sight import TableSight
from bot.domain.bets import BetState
from bot.domain.errors import MissingPart
from bot.domain.words import ButtonState
from tests.control.desktop import wait_for
from tests.control.scripted import Book, ScriptedHand, ScriptedTable, bet_on, no_refusal, sight_of

ACCEPTED = [(5.0, ButtonState.DISABLED), (15.0, ButtonState.ACCEPTED)]
S = BetState


def made(table: ScriptedTable, book: Book, on_stop: Callable[[str], None] | None = None) -> Controller:
    """A controller on ``table`` that has taken the hands."""
    controller = Controller(
        lambda: ScriptedHand(table),
        lambda name: sight_of(table),
        no_refusal,
        book,
        table.clock,
        on_stop=on_stop,
    )
    controller.begin()
    return controller


def again(table: ScriptedTable) -> None:
    """The page invites the next bet."""
    table.clicked_ns = None


def test_the_bet_whose_window_closes_first_is_served_first() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    for number, in_s in ((1, 4.0), (2, 2.0), (3, 3.0)):
        assert controller.submit(bet_on(table.clock, number, in_s))
    served = []
    for _ in range(3):
        bet = controller.turn()
        assert bet is not None
        served.append((bet.bet_id, bet.state))
        again(table)
    assert served == [("bet-2", S.PLACED), ("bet-3", S.PLACED), ("bet-1", S.PLACED)]


def test_a_bet_too_late_to_begin_is_missed_and_says_so() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    controller.submit(bet_on(table.clock, in_s=0.1))
    assert controller.turn() is None
    assert book.states == [S.MISSED]
    assert "too late" in book.rows[0][2]
    assert table.events == []


def test_keys_left_down_are_released_at_the_start_and_at_the_end() -> None:
    table, book = ScriptedTable(), Book()
    controller = made(table, book)
    assert table.released == 1
    controller.start()
    assert controller.shutdown()
    assert table.released == 3  # the thread takes the hands anew, and lets go at its end


def test_a_person_at_the_mouse_pauses_until_the_mouse_has_been_still() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    table.pointer = (500, 500)
    controller.submit(bet_on(table.clock, 1, in_s=30.0))
    assert controller.turn() is None
    assert controller.state is ControllerState.PAUSED
    table.clock.advance(6.0)
    table.pointer = (510, 500)
    assert controller.turn() is None
    table.clock.advance(6.0)
    assert controller.turn() is None
    table.clock.advance(5.0)
    bet = controller.turn()
    assert bet is not None
    assert bet.state is S.PLACED
    assert controller.stats.pauses == 1


def test_a_person_may_resume_before_that() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    table.pointer = (500, 500)
    controller.submit(bet_on(table.clock))
    assert controller.turn() is None
    controller.resume()
    bet = controller.turn()
    assert bet is not None
    assert bet.state is S.PLACED


def test_a_bet_whose_window_closes_in_the_pause_is_missed() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    table.pointer = (500, 500)
    controller.submit(bet_on(table.clock, in_s=3.0))
    controller.turn()
    table.clock.advance(5.0)
    controller.turn()
    assert book.states == [S.MISSED]
    assert "a person had the mouse" in book.rows[0][2]


def test_a_person_who_moves_in_the_middle_of_a_bet_pauses_what_follows() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    table.on_event = lambda event: setattr(table, "pointer", (7, 9)) if event == "type" else None
    controller.submit(bet_on(table.clock, 1))
    bet = controller.turn()
    assert bet is not None
    assert (bet.state, bet.reason) == (S.MISSED, "a person moved the mouse")
    controller.submit(bet_on(table.clock, 2))
    assert controller.turn() is None
    assert controller.state is ControllerState.PAUSED
    assert table.clicks == 0


def test_a_stop_misses_all_waiting_bets_and_touches_nothing() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book)
    for number in (1, 2):
        controller.submit(bet_on(table.clock, number))
    controller.stop_now("stop key")
    assert controller.turn() is None
    assert book.rows == [(S.ORDERED, S.MISSED, "stop key")] * 2
    controller.submit(bet_on(table.clock, 3))
    controller.resume()
    assert controller.turn() is None
    assert controller.state is ControllerState.STOPPED
    assert book.states == [S.MISSED] * 3
    assert table.events == []


def test_the_fail_safe_corner_stops_everything() -> None:
    heard: list[str] = []
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = made(table, book, heard.append)
    table.on_event = lambda event: setattr(table, "fail_safe", True) if event == "type" else None
    controller.submit(bet_on(table.clock))
    bet = controller.turn()
    assert bet is not None
    assert bet.state is S.MISSED
    assert controller.state is ControllerState.STOPPED
    assert len(heard) == 1
    assert table.clicks == 0


def test_an_error_before_a_bet_is_begun_misses_it_and_stops() -> None:
    def no_screen(name: str) -> TableSight:
        raise MissingPart("cannot capture the display")

    table, book = ScriptedTable(), Book()
    controller = Controller(lambda: ScriptedHand(table), no_screen, no_refusal, book, table.clock)
    controller.begin()
    controller.submit(bet_on(table.clock))
    controller.turn()
    assert book.states == [S.MISSED]
    assert isinstance(controller.failed, MissingPart)
    assert controller.state is ControllerState.STOPPED


def test_hands_that_cannot_be_had_are_told_and_waiting_bets_missed() -> None:
    def no_hands() -> ScriptedHand:
        raise MissingPart("no X display")

    table, book = ScriptedTable(), Book()
    controller = Controller(no_hands, lambda name: sight_of(table), no_refusal, book, table.clock)
    controller.submit(bet_on(table.clock))
    controller.start()
    wait_for(lambda: controller.state is ControllerState.ENDED)
    assert controller.shutdown()
    assert isinstance(controller.failed, MissingPart)
    assert book.states == [S.MISSED]
    assert not controller.submit(bet_on(table.clock, 2))


def test_shutdown_finishes_the_bet_in_hand_and_misses_the_rest() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = Controller(
        lambda: ScriptedHand(table), lambda name: sight_of(table), no_refusal, book, table.clock
    )

    def end(event: str) -> None:
        if event == "type":
            controller.submit(bet_on(table.clock, 2))
            controller.end()

    table.on_event = end
    controller.submit(bet_on(table.clock, 1))
    controller.start()
    wait_for(lambda: controller.state is ControllerState.ENDED)
    assert controller.shutdown()
    assert book.states == [S.TYPED, S.VERIFIED, S.CLICKED, S.PLACED, S.MISSED]
    assert book.rows[-1][2] == "the bot is shutting down"
