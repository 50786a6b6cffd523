"""The steps of a placement on a scripted page: never on doubt, never twice, unknown stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.control.controller import Controller, ControllerState
from bot.control.placement import BetPlacement, PlacementSettings, Tools
from bot.control.watch import WatchedHand
from bot.domain.bets import Bet, BetState
from bot.domain.errors import IllegalTransition, ProgrammerError, StorageError
from bot.domain.ports import Patch
from bot.domain.words import Box, ButtonState, Placement
from tests.control.scripted import (
    PLACE,
    Book,
    Denial,
    ScriptedHand,
    ScriptedTable,
    bet_on,
    no_refusal,
    sight_of,
)

ACCEPTED = [(5.0, ButtonState.DISABLED), (15.0, ButtonState.ACCEPTED)]
S = BetState


def placed(table: ScriptedTable, bet: Bet | None = None, book: Book | None = None, **given: Any) -> Bet:
    """Run one placement on ``table``."""
    tools = Tools(
        hand=WatchedHand(ScriptedHand(table), table.clock),
        clock=table.clock,
        confirm=given.get("confirm", no_refusal),
        record=Book() if book is None else book,
        hindrance=given.get("hindrance", lambda: ""),
        others_wait=given.get("others_wait", lambda: False),
        settings=given.get("settings", PlacementSettings()),
    )
    return BetPlacement(bet or bet_on(table.clock), sight_of(table), tools).run()


def test_a_bet_is_typed_verified_written_clicked_and_seen_accepted() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    clicks_when_written: dict[BetState, int] = {}
    book.on_record = lambda bet: clicks_when_written.update({bet.state: table.clicks})
    bet = placed(table, book=book)
    assert bet.state is S.PLACED
    assert book.states == [S.TYPED, S.VERIFIED, S.CLICKED, S.PLACED]
    assert clicks_when_written[S.VERIFIED] == 0
    assert clicks_when_written[S.CLICKED] == 1
    assert table.texts == {"stake": "1.50", "target": "2.00"}
    assert "click target" not in table.events


def test_a_target_that_differs_and_a_switch_that_is_off_are_set_first() -> None:
    table = ScriptedTable(after_click=ACCEPTED, switch_on=False)
    bet = placed(table, bet_on(table.clock, target=345))
    assert bet.state is S.PLACED
    assert table.texts["target"] == "3.45"
    assert table.switch_on is True
    order = [event for event in table.events if event.startswith("click")]
    assert order == ["click switch", "click target", "click stake", "click button"]


def test_typing_that_goes_wrong_is_repeated_at_most_twice() -> None:
    table = ScriptedTable(after_click=ACCEPTED, typed_wrong=2)
    assert placed(table).state is S.PLACED
    table = ScriptedTable(after_click=ACCEPTED, typed_wrong=3)
    bet = placed(table)
    assert bet.state is S.MISSED
    assert "ordered 1.50" in bet.reason
    assert table.events.count("type") == 3
    assert table.clicks == 0


def _moves(table: ScriptedTable) -> None:
    table.place = Placement(Box(9, 0, 640, 480), 1.0)


def _vanishes(table: ScriptedTable) -> None:
    table.place = None


def _button_goes(table: ScriptedTable) -> None:
    table.objections = ["the pixels under the click are not those of the bet button"]


def _person(table: ScriptedTable) -> None:
    table.pointer = (333, 77)


def _time_passes(table: ScriptedTable) -> None:
    table.clock.advance(2.95)


def _field_changes(table: ScriptedTable) -> None:
    table.texts["stake"] = "9.00"


@pytest.mark.parametrize("trouble", [_moves, _vanishes, _person, _time_passes])
@pytest.mark.parametrize("event", ["click stake", "select", "type", "press tab", "move"])
def test_trouble_between_any_two_steps_misses_the_bet_without_a_click(event: str, trouble: Any) -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    table.on_event = lambda happened: trouble(table) if happened == event else None
    bet = placed(table, book=book)
    assert bet.state is S.MISSED
    assert bet.reason
    assert table.clicks == 0
    assert book.states[-1] is S.MISSED


@pytest.mark.parametrize("trouble", [_moves, _vanishes, _button_goes, _person, _time_passes, _field_changes])
@pytest.mark.parametrize("state", [S.TYPED, S.VERIFIED])
def test_trouble_while_a_step_is_written_down_misses_the_bet(state: BetState, trouble: Any) -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    book = Book(on_record=lambda bet: trouble(table) if bet.state is state else None)
    bet = placed(table, book=book)
    if (state, trouble) == (S.TYPED, _field_changes):
        assert bet.state is S.PLACED  # seen in the read-back, and typed again
        assert table.texts["stake"] == "1.50"
        return
    assert bet.state is S.MISSED
    assert table.clicks == 0


def test_a_field_painted_anew_with_the_same_value_is_read_again_and_accepted() -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    table.on_event = lambda event: table.texts.update(stake="1.5") if event == "move" else None
    assert placed(table).state is S.PLACED


def test_a_raised_minimum_shows_in_the_read_back() -> None:
    table = ScriptedTable(after_click=ACCEPTED, minimum=500)
    bet = placed(table)
    assert bet.state is S.MISSED
    assert "reads 5.00, ordered 1.50" in bet.reason


def test_a_field_that_cannot_be_read_is_doubt() -> None:
    table = ScriptedTable(after_click=ACCEPTED, reads=lambda which, text: None)
    assert placed(table).state is S.MISSED
    assert table.clicks == 0


def test_a_field_without_focus_is_never_typed_into() -> None:
    table = ScriptedTable(gains_focus=False)
    assert placed(table).state is S.MISSED
    assert "type" not in table.events


def test_a_ring_that_was_there_before_is_first_taken_away() -> None:
    table = ScriptedTable(after_click=ACCEPTED, focus="stake")
    assert placed(table).state is S.PLACED
    assert table.events[:3] == ["click stake", "press tab", "click stake"]


def test_a_switch_that_does_not_go_on_is_clicked_once() -> None:
    table = ScriptedTable(switch_on=False, switch_works=False)
    assert placed(table).state is S.MISSED
    assert table.events == ["click switch"]


@pytest.mark.parametrize("button", [ButtonState.ACCEPTED, ButtonState.CASH_OUT, ButtonState.DISABLED])
def test_a_button_that_does_not_invite_a_bet_is_left_alone(button: ButtonState) -> None:
    table = ScriptedTable(button=button)
    assert placed(table).state is S.MISSED
    assert table.events == []


def test_the_gate_is_asked_after_the_read_back_and_its_no_is_the_reason() -> None:
    table = ScriptedTable()
    asked: list[dict[str, str]] = []

    def confirm(bet: Bet) -> Denial:
        asked.append(dict(table.texts))
        return Denial("loss", "the loss of this session")

    bet = placed(table, confirm=confirm)
    assert bet.state is S.MISSED
    assert bet.reason == "loss: the loss of this session"
    assert asked == [{"stake": "1.50", "target": "2.00"}]


def test_a_button_that_never_moves_leaves_the_bet_unknown() -> None:
    table = ScriptedTable()
    bet = placed(table)
    assert bet.state is S.UNKNOWN
    assert table.clicks == 1


def test_a_bet_on_its_way_that_comes_back_to_an_open_button_is_refused() -> None:
    table = ScriptedTable(after_click=[(5.0, ButtonState.DISABLED), (40.0, ButtonState.BET)])
    assert placed(table).state is S.REFUSED


def test_a_page_that_comes_back_with_an_open_button_has_not_refused_the_bet() -> None:
    seen = [
        (5.0, ButtonState.DISABLED),
        (20.0, ButtonState.UNKNOWN),
        (120.0, ButtonState.DISABLED),
        (160.0, ButtonState.BET),
    ]
    assert placed(ScriptedTable(after_click=seen)).state is S.UNKNOWN


def test_an_open_button_after_the_table_was_out_of_sight_proves_nothing() -> None:
    seen = [(5.0, ButtonState.DISABLED), (20.0, ButtonState.UNKNOWN), (40.0, ButtonState.BET)]
    assert placed(ScriptedTable(after_click=seen)).state is S.UNKNOWN


def test_an_open_button_of_the_next_round_proves_nothing() -> None:
    table = ScriptedTable(after_click=[(5.0, ButtonState.DISABLED), (900.0, ButtonState.BET)])
    assert placed(table, bet_on(table.clock, in_s=0.6)).state is S.UNKNOWN


def test_a_bet_accepted_late_is_placed_when_nothing_else_waits() -> None:
    late = [(5.0, ButtonState.DISABLED), (1_500.0, ButtonState.ACCEPTED)]
    assert placed(ScriptedTable(after_click=late)).state is S.PLACED
    assert placed(ScriptedTable(after_click=late), others_wait=lambda: True).state is S.UNKNOWN


def test_a_bet_seen_in_flight_is_placed() -> None:
    table = ScriptedTable(after_click=[(10.0, ButtonState.CASH_OUT)])
    assert placed(table).state is S.PLACED


def test_a_table_that_moves_after_the_click_is_followed_by_eye_only() -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    table.on_event = lambda event: _moves(table) if event == "click button" else None
    assert placed(table).state is S.PLACED


@pytest.mark.parametrize("event", ["click stake", "select", "type", "press tab", "move"])
def test_a_stop_acts_between_any_two_steps(event: str) -> None:
    table, stopped = ScriptedTable(after_click=ACCEPTED), [""]
    table.on_event = lambda happened: stopped.__setitem__(0, "stop key") if happened == event else None
    bet = placed(table, hindrance=lambda: stopped[0])
    assert (bet.state, bet.reason) == (S.MISSED, "stop key")
    assert table.clicks == 0


def test_a_disk_that_does_not_take_the_intent_prevents_the_click() -> None:
    def full(bet: Bet) -> None:
        if bet.state is S.VERIFIED:
            raise StorageError("the disk is full")

    table, book = ScriptedTable(after_click=ACCEPTED), Book(on_record=full)
    with pytest.raises(StorageError):
        placed(table, book=book)
    assert table.clicks == 0
    assert book.states[-1] is S.MISSED


def test_an_error_of_the_click_itself_leaves_the_bet_unknown() -> None:
    class Broken(ScriptedHand):
        def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
            clicked = super().click(x, y, still)
            if self.table.clicks:
                raise ConnectionError("the display went away")
            return clicked

    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    controller = Controller(
        lambda: Broken(table), lambda name: sight_of(table), no_refusal, book, table.clock
    )
    controller.begin()
    assert controller.place(bet_on(table.clock)).state is S.UNKNOWN
    assert isinstance(controller.failed, ConnectionError)
    assert controller.state is ControllerState.STOPPED


def test_a_bet_that_is_not_ordered_any_more_cannot_be_placed() -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    with pytest.raises(IllegalTransition):
        placed(table, bet_on(table.clock).to(S.TYPED).to(S.VERIFIED))
    assert table.events == []


def test_no_bet_is_served_twice() -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    controller = Controller(
        lambda: ScriptedHand(table), lambda name: sight_of(table), no_refusal, Book(), table.clock
    )
    controller.begin()
    bet = bet_on(table.clock)
    controller.place(bet)
    with pytest.raises(ProgrammerError):
        controller.place(bet)
    assert table.clicks == 1


def test_the_hint_of_the_next_bet_is_where_the_table_was_seen() -> None:
    table = ScriptedTable(after_click=ACCEPTED)
    tools = Tools(
        WatchedHand(ScriptedHand(table), table.clock),
        table.clock,
        no_refusal,
        Book(),
        lambda: "",
        lambda: False,
        PlacementSettings(),
    )
    placement = BetPlacement(bet_on(table.clock), sight_of(table), tools)
    placement.run()
    assert placement.placement == PLACE
    assert {"find", "target", "stake_focus", "stake_read", "gate", "click", "accept"} <= set(
        placement.step_ms
    )


TROUBLES = [_moves, _vanishes, _button_goes, _person, _time_passes, _field_changes]


@given(
    troubles=st.lists(st.tuples(st.integers(0, 14), st.sampled_from(TROUBLES)), max_size=3),
    answers=st.lists(st.tuples(st.floats(1.0, 2_500.0), st.sampled_from(list(ButtonState))), max_size=5).map(
        sorted
    ),
    typed_wrong=st.integers(0, 4),
    switch_on=st.booleans(),
    target=st.integers(101, 10_000),
)
def test_whatever_happens_no_second_click_and_no_click_before_its_record(
    troubles: list[tuple[int, Any]],
    answers: list[tuple[float, ButtonState]],
    typed_wrong: int,
    switch_on: bool,
    target: int,
) -> None:
    table = ScriptedTable(after_click=answers, typed_wrong=typed_wrong, switch_on=switch_on)
    book, fields_at_click = Book(), []

    def happens(event: str) -> None:
        if event == "click button":
            assert book.states[-1] is S.VERIFIED
            fields_at_click.append((dict(table.texts), table.switch_on, table.place))
        for at, trouble in troubles:
            if len(table.events) == at:
                trouble(table)

    table.on_event = happens
    bet = placed(table, bet_on(table.clock, target=target), book)
    assert table.clicks <= 1
    assert (table.clicks == 1) == (bet.state in (S.PLACED, S.REFUSED, S.UNKNOWN))
    assert [before for before, _, _ in book.rows] == [S.ORDERED, *book.states[:-1]]
    if table.clicks:
        texts, switch, place = fields_at_click[0]
        assert texts == {"stake": "1.50", "target": f"{target / 100:.2f}"}
        assert switch is True
        assert place == PLACE


def test_a_screen_that_changes_at_the_very_click_is_not_clicked() -> None:
    table, book = ScriptedTable(after_click=ACCEPTED), Book()
    table.disturbed = True
    bet = placed(table, book=book)
    assert bet.state is S.MISSED
    assert table.clicks == 0
    assert "last moment" in bet.reason
