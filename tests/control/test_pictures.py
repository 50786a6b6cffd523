"""The looks around a click are handed over: the one before it and the one that judged the answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.control.controller import Controller
from bot.control.sight import TableSight
from bot.domain.bets import Bet, BetState
from bot.domain.pictures import Moment, Shot
from bot.domain.ports import Image
from bot.domain.words import Box, ButtonState, PanelReading
from tests.control.scripted import (
    BOXES,
    PLACE,
    Book,
    ScriptedHand,
    ScriptedLook,
    ScriptedTable,
    ScriptedView,
    bet_on,
    no_refusal,
)

ACCEPTED = [(5.0, ButtonState.DISABLED), (15.0, ButtonState.ACCEPTED)]
Kept = tuple[BetState, Moment, Shot | None, Mapping[str, object]]


def frame(table: ScriptedTable, who: int) -> tuple[Box, Image]:
    """A picture that tells who looked, and how often the button had been clicked by then."""
    return PLACE.page, np.full((480, 640, 3), 100 * who + table.clicks, np.uint8)


class PicturedView(ScriptedView):
    """A view that can show its last look."""

    def __init__(self, table: ScriptedTable) -> None:
        super().__init__(table)
        self.last: tuple[Box, Image] | None = None

    def panel(self, panel: int) -> PanelReading | None:
        found = super().panel(panel)
        self.last = None if found is None else frame(self.table, 1)
        return found

    def button(self, panel: int) -> ButtonState:
        self.last = frame(self.table, 1)
        return super().button(panel)

    def picture(self) -> tuple[Box, Image] | None:
        return self.last

    def boxes(self) -> Mapping[str, Box]:
        return BOXES


class PicturedLook(ScriptedLook):
    """A last look that can be shown."""

    def picture(self) -> tuple[Box, Image] | None:
        return frame(self.table, 2)

    def boxes(self) -> Mapping[str, Box]:
        return BOXES


def place(table: ScriptedTable, pictured: bool = True) -> tuple[Bet, list[Kept]]:
    kept: list[Kept] = []

    def keep(bet: Bet, moment: Moment, at_utc_ns: int, shot: Shot | None, seen: Mapping[str, object]) -> None:
        assert at_utc_ns <= table.clock.now().utc_ns
        kept.append((bet.state, moment, shot, seen))

    view, look = (PicturedView, PicturedLook) if pictured else (ScriptedView, ScriptedLook)
    controller = Controller(
        lambda: ScriptedHand(table),
        lambda name: TableSight(view(table), look(table)),
        no_refusal,
        Book(),
        table.clock,
        keep=keep,
    )
    controller.begin()
    return controller.place(bet_on(table.clock)), kept


def value(seen: Mapping[str, object], name: str) -> object:
    read = seen[name]
    assert isinstance(read, Mapping)
    return read["value"]


def test_the_look_before_the_click_and_the_one_that_judged_the_answer_are_kept() -> None:
    bet, kept = place(ScriptedTable(after_click=ACCEPTED))
    assert bet.state is BetState.PLACED
    (clicked, before, last_look, read), (answered, after, answer, button) = kept
    assert (clicked, before) == (BetState.CLICKED, Moment.BEFORE_CLICK)
    assert (answered, after) == (BetState.PLACED, Moment.AFTER_CLICK)
    assert last_look is not None and answer is not None
    assert int(last_look.pixels[0, 0, 0]) // 100 == 2
    assert int(answer.pixels[0, 0, 0]) == 101
    assert last_look.boxes["p0_stake"] == BOXES["p0_stake"]
    assert (value(read, "p0_stake"), value(read, "p0_target"), value(read, "p0_switch")) == (
        "1.50",
        "2.00",
        True,
    )
    assert value(button, "p0_button") == "accepted"


def test_a_bet_that_is_not_clicked_shows_why() -> None:
    table = ScriptedTable(
        after_click=ACCEPTED, objections=["the pixels under the click are not the button's"]
    )
    bet, kept = place(table)
    assert bet.state is BetState.MISSED and table.clicks == 0
    ((state, moment, shot, _),) = kept
    assert (state, moment) == (BetState.MISSED, Moment.BEFORE_CLICK)
    assert shot is not None and int(shot.pixels[0, 0, 0]) == 200


def test_a_doubt_about_a_field_shows_the_panel_that_was_read() -> None:
    table = ScriptedTable(button=ButtonState.DISABLED)
    bet, kept = place(table)
    assert bet.state is BetState.MISSED
    ((_, _, shot, seen),) = kept
    assert shot is not None and int(shot.pixels[0, 0, 0]) == 100
    assert value(seen, "p0_button") == "disabled"


def test_a_table_out_of_sight_is_kept_without_pixels() -> None:
    table = ScriptedTable(place=None)
    bet, kept = place(table)
    assert bet.state is BetState.MISSED
    assert [(moment, shot) for _, moment, shot, _ in kept] == [(Moment.BEFORE_CLICK, None)]


def test_eyes_that_cannot_show_their_look_are_no_hindrance() -> None:
    bet, kept = place(ScriptedTable(after_click=ACCEPTED), pictured=False)
    assert bet.state is BetState.PLACED
    assert [(moment, shot) for _, moment, shot, _ in kept] == [
        (Moment.BEFORE_CLICK, None),
        (Moment.AFTER_CLICK, None),
    ]
