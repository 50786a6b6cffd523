"""The eye: every field, the phases from their signs, the page followed, the frozen picture noticed."""

from __future__ import annotations

import pytest
from screen_eye import Table
from screen_page import Page, screen_with

from bot.domain.ports import OcrEngine
from bot.domain.words import Box, ButtonState, Phase, Reading

GAMES = ("aviator", "aviatrix", "jetx")


def _values(reading: Reading) -> dict[str, object]:
    return {
        "multiplier": reading.multiplier.value,
        "balance": reading.balance.value,
        "players": reading.players.value,
        "total": reading.players_total.value,
        "history": reading.history.value,
        "stakes": tuple(panel.stake.value for panel in reading.panels),
        "targets": tuple(panel.target.value for panel in reading.panels),
        "switches": tuple(panel.switch.value for panel in reading.panels),
        "buttons": tuple(panel.button for panel in reading.panels),
    }


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("scale", [0.8, 0.9, 1.0, 1.1, 1.25])
def test_all_fields_are_read_at_every_zoom(engine: OcrEngine, game: str, scale: float) -> None:
    page = Page(game=game, scale=scale, number="12.48x", stake="2.50", target="10.00", switch=False)
    reading = Table(engine, page).settled()
    assert reading.phase is Phase.FLYING
    assert _values(reading) == {
        "multiplier": 1248,
        "balance": 100_000,
        "players": 123,
        "total": 456_780,
        "history": (245, 100, 1307, 198),
        "stakes": (250, 250),
        "targets": (1000, 1000),
        "switches": (False, False),
        "buttons": (ButtonState.DISABLED, ButtonState.DISABLED),
    }


@pytest.mark.parametrize("game", GAMES)
def test_comma_and_thousands_are_read(engine: OcrEngine, game: str) -> None:
    page = Page(
        game=game, number="1.234,56x", balance="12.345,67", currency="RSD", history=("1.234,56x", "2,00x")
    )
    reading = Table(engine, page).settled()
    assert reading.multiplier.value == 123_456
    assert reading.balance.value == 1_234_567
    assert reading.history.value == (123_456, 200)


@pytest.mark.parametrize("game", GAMES)
def test_phases_by_their_signs(engine: OcrEngine, game: str) -> None:
    table = Table(engine, Page(game=game))
    betting = Page(game=game, phase=Phase.BETTING, button=ButtonState.BET)
    assert table.look(betting).phase is Phase.BETTING
    assert table.look(betting.but(time_left=0.0)).phase is Phase.BETTING
    assert table.look(Page(game=game, phase=Phase.CRASHED, number="1.00x")).phase is Phase.CRASHED
    pause = table.look(Page(game=game, phase=Phase.UNKNOWN))
    assert pause.phase is Phase.UNKNOWN and pause.multiplier.value is None
    flying = table.look(Page(game=game, button=ButtonState.CASH_OUT))
    assert flying.phase is Phase.FLYING and flying.phase_confidence > 0.95


def test_contradicting_signs_are_no_phase(table: Table) -> None:
    page = Page(phase=Phase.BETTING, button=ButtonState.CASH_OUT)
    assert table.look(page).phase is Phase.UNKNOWN


@pytest.mark.parametrize("state", [s for s in ButtonState if s is not ButtonState.UNKNOWN])
def test_buttons_by_colour(table: Table, state: ButtonState) -> None:
    assert [panel.button for panel in table.look(Page(button=state)).panels] == [state, state]


def test_moved_page_is_followed(table: Table) -> None:
    assert table.look(Page()).placement is not None
    table.show(at=(700, 300))
    lost = table.look(seconds=0.3)
    assert lost.placement is not None and lost.placement.page == Box(700, 300, 640, 520)
    assert lost.multiplier.value == 124


def test_page_is_not_searched_in_every_look(table: Table) -> None:
    table.capture.image = screen_with([])
    for _ in range(10):
        table.eye.look()
        table.clock.advance(0.05)
    assert table.eye.stats.searches == 2


def test_zoomed_page_is_followed(table: Table) -> None:
    assert table.settled(Page()).balance.value == 100_000
    reading = table.settled(Page(scale=1.25, balance="998.00"))
    assert reading.placement is not None and reading.placement.scale == 1.25
    assert reading.balance.value == 99_800


@pytest.mark.parametrize("hidden", [(8, 8), (100, 20), (638, 518)])
def test_covered_mark_refuses_everything(table: Table, hidden: tuple[int, int]) -> None:
    table.settled(Page())
    x, y = table.at[0] + hidden[0], table.at[1] + hidden[1]
    table.capture.image[y - 4 : y + 4, x - 4 : x + 4] = 77
    reading = table.look()
    assert reading.placement is None and reading.phase is Phase.UNKNOWN
    assert reading.multiplier.value is None and reading.balance.value is None
    assert reading.history.value is None and reading.panels[0].button is ButtonState.UNKNOWN


def test_dimmed_page_is_refused(table: Table) -> None:
    table.settled(Page())
    assert table.look(Page(dimmed=True), seconds=0.3).placement is None


def test_frozen_picture_stops_changed(table: Table) -> None:
    first = table.look(Page(moment=0.0))
    still = table.look(seconds=1.0, looks=5)
    assert still.changed == first.changed and still.at.mono_ns > first.at.mono_ns
    assert table.look(Page(moment=1.0)).changed.mono_ns > first.changed.mono_ns


def test_page_outside_the_screen_is_lost_not_misread(table: Table) -> None:
    table.look(Page())
    table.show(at=(1500, 50))
    assert table.look(seconds=0.3).placement is None


def test_unchanged_fields_are_read_once(table: Table) -> None:
    table.settled(Page())
    before = dict(table.eye.stats.fields)
    table.look(looks=20)
    assert dict(table.eye.stats.fields) == before


def test_chip_that_does_not_fit_its_colour_is_refused(table: Table) -> None:
    table.show(Page(history=("1.50x",)))
    picture = table.capture.image
    strip = picture[108:132, 108:400]
    blue = (strip == (0xFF, 0xB4, 0x34)).all(axis=2)
    assert blue.any()
    reach = abs(strip.astype(int) - 0).max(axis=2) > 0
    strip[reach] = (strip[reach][:, [0, 2, 1]] * 0.97).astype("uint8")
    assert table.look(looks=8).history.value in (None, ())


def test_longer_history_is_cut_only_at_its_end(table: Table) -> None:
    texts = tuple(f"{n}.{n}0x" for n in range(1, 9)) + tuple(f"{n}.05x" for n in range(10, 30))
    reading = table.look(Page(history=texts), looks=30)
    assert reading.history.value is not None and len(reading.history.value) >= 10
    expected = [int(text.replace(".", "").rstrip("x")) for text in texts]
    assert list(reading.history.value) == expected[: len(reading.history.value)]


def test_chip_that_slides_in_is_never_read_short(table: Table) -> None:
    shown = Page(history=("123.45x", "2.00x"))
    assert table.look(shown, looks=8).history.value == (12345, 200)
    whole = table.capture.image.copy()
    seen = set()
    for hidden in range(1, 70):
        table.capture.image[108:132, 108:732] = 0
        table.capture.image[108:132, 108 : 732 - hidden] = whole[108:132, 108 + hidden : 732]
        seen.add(table.look(looks=3).history.value)
    assert seen <= {None, (12345, 200), (200,)}
