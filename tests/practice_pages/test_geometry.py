"""Elements stand where the games' layout files say, at any size and zoom; the marks' colours are exact."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.practice_pages.conftest import Desk
from tests.practice_pages.scripted import NONCE, mark_of

GAMES = Path(__file__).resolve().parents[2] / "config" / "games"
SIZES = [(640, 400), (640, 520), (1280, 800), (853, 611)]
GUARD_A, GUARD_B = (0x95, 0x2D, 0xFF), (0xB3, 0xFF, 0x2D)
ONE, ZERO = (255, 255, 255), (0x14, 0x12, 0x10)


def expected_boxes(game: str, width: float, height: float) -> dict[str, list[float]]:
    """The layout file read on its own: edges are sums in W, H, cx, cy, F and the panel's P, PW, T."""
    data = tomllib.loads((GAMES / f"{game}.toml").read_text(encoding="utf-8"))
    names: dict[str, Any] = {"W": width, "H": height}

    def edges(texts: list[str], more: dict[str, float]) -> list[float]:
        return [eval(text, {"__builtins__": {}}, names | more) for text in texts]  # noqa: S307 (our own file)

    left, top, right, bottom = edges(data["boxes"]["canvas"], {})
    shares = data["multiplier_font"]
    names["cx"], names["cy"] = (left + right) / 2, (top + bottom) / 2
    names["F"] = min(shares["width_share"] * width, shares["height_share"] * (bottom - top))
    result = {name: edges(texts, {}) for name, texts in data["boxes"].items()}
    for panel in (0, 1):
        place = {"P": 8 + panel * (width - 8) / 2, "PW": (width - 24) / 2, "T": height - 144}
        for name, texts in data["panel"].items():
            result[f"p{panel}_{name}"] = edges(texts, place)
    return result


def compare(reported: dict[str, list[float]], game: str, width: float, height: float, off: float) -> None:
    wanted = expected_boxes(game, width, height)
    assert set(wanted) <= set(reported)
    for name, (left, top, right, bottom) in wanted.items():
        x, y, w, h = reported[name]
        assert np.allclose([x, y, x + w, y + h], [left, top, right, bottom], atol=off), name


@pytest.mark.e2e
@pytest.mark.parametrize("game", ["aviator", "aviatrix", "jetx"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_elements_stand_where_the_layout_says(desk: Desk, game: str, width: int, height: int) -> None:
    desk.open(game, width, height)
    message = desk.casino.wait_heard(lambda heard: heard["t"] == "boxes")
    compare(message["css"], game, width, height, 0.51)


@pytest.mark.e2e
@pytest.mark.parametrize("zoom", [0.8, 0.9, 1.1, 1.25])
@pytest.mark.parametrize("game", ["aviator", "aviatrix"])
def test_zoom_lays_the_page_out_for_the_smaller_or_larger_window(desk: Desk, game: str, zoom: float) -> None:
    desk.open(game, 800, 600)
    desk.casino.fault("zoom", zoom=zoom)
    message = desk.casino.wait_heard(lambda heard: heard["t"] == "boxes" and heard["zoom"] == zoom)
    assert message["width"] == pytest.approx(800 / zoom)
    compare(message["css"], game, 800 / zoom, 600 / zoom, 0.7 / zoom)
    on_screen = np.array(message["screen"]["p1_button"]) / zoom
    offset = np.array([*message["offset"], 0, 0]) / zoom
    assert np.allclose(on_screen - offset, message["css"]["p1_button"], atol=0.05)
    desk.casino.fault("zoom", on=False)
    desk.casino.wait_heard(lambda heard: heard["t"] == "boxes" and heard["zoom"] == 1)


def cells(picture: Any, zoom: float) -> Any:
    """The 4 x 24 cells of the mark, each of one colour over its middle."""
    rows, columns = [], []
    for row in range(4):
        rows.append(int((8 + 5 * (row + 0.5)) * zoom))
    for column in range(24):
        columns.append(int((8 + 5 * (column + 0.5)) * zoom))
    return picture[np.ix_(rows, columns)]


@pytest.mark.e2e
@pytest.mark.parametrize("zoom", [1.0, 0.8, 1.25])
@pytest.mark.parametrize(("game", "index"), [("aviator", 0), ("aviatrix", 1), ("jetx", 2)])
def test_mark_decodes_from_the_pixels(desk: Desk, game: str, index: int, zoom: float) -> None:
    desk.open(game, 640, 520, faults={"zoom": {"zoom": zoom}} if zoom != 1 else {})
    desk.painted()
    picture = desk.chrome.screenshot()
    seen = cells(picture, zoom)
    assert (seen[:, :2] == GUARD_A).all()
    assert (seen[:, 22:] == GUARD_B).all()
    inner = seen[:, 2:22]
    ones = (inner == ONE).all(axis=2)
    assert (ones | (inner == ZERO).all(axis=2)).all()
    assert (ones[0] == ones[1]).all()
    assert (ones[2] == ones[3]).all()
    bits = int("".join("1" if one else "0" for one in [*ones[0], *ones[2]]), 2)
    assert bits == mark_of(NONCE, index)
    cell = round(6 * zoom) - 1  # the middle of the far cells
    corner = [picture[-1 - far, -1 - side] for far in (cell, 0) for side in (cell, 0)]
    colours = [GUARD_A, GUARD_B, GUARD_B, GUARD_A]
    assert all(tuple(pixel) == colour for pixel, colour in zip(corner, colours, strict=True))


@pytest.mark.e2e
def test_a_dialog_takes_the_marks_colours_away(desk: Desk) -> None:
    desk.open()
    desk.casino.fault("dialog", ms=60_000)
    desk.chrome.wait("!document.getElementById('overlay').hidden")
    desk.painted()
    seen = cells(desk.chrome.screenshot(), 1)
    for colour in (GUARD_A, GUARD_B, ONE):
        assert not (np.abs(seen.astype(int) - np.array(colour)).max(axis=2) < 40).any()
    desk.casino.fault("dialog", on=False)
    desk.chrome.wait("document.getElementById('overlay').hidden")
    desk.painted()
    assert (cells(desk.chrome.screenshot(), 1)[:, :2] == GUARD_A).all()


@pytest.mark.e2e
def test_a_click_is_reported_with_its_element_and_the_boxes(desk: Desk) -> None:
    desk.open()
    desk.chrome.click_on("p1_switch")
    click = desk.casino.wait_heard(lambda heard: heard["t"] == "click")
    assert click["element"] == "p1_switch"
    assert click["trusted"] is True
    x, y, width, height = click["boxes"]["p1_switch"]
    assert x <= click["screen_x"] < x + width
    assert y <= click["screen_y"] < y + height
    desk.chrome.click(320, 230)
    desk.casino.wait_heard(lambda heard: heard["t"] == "click" and heard["element"] == "page")
