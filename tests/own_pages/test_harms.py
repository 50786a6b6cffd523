"""The same table after everything that happens to a window: read right, or noticed within a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.domain.clock import SystemClock
from bot.domain.words import Box, Phase, Reading
from bot.runtime.own_eye import open_eye
from bot.screen.capture import ScreenCapture
from bot.screen.own.definition import OwnTables
from tests.own_pages.conftest import Bring, Brought
from tests.own_pages.looking import Looker

pytestmark = pytest.mark.e2e
LOOK_S, FOUND_WITHIN_S = 2.5, 15.0


@contextmanager
def looking(brought: Brought, page: str) -> Iterator[Looker]:
    """An eye on the calibrated table, as a session has it."""
    tables = OwnTables(brought.tables)
    capture = ScreenCapture(brought.stage.display)
    eye = open_eye(tables.load(page), tables, capture, SystemClock())
    try:
        yield Looker(brought.stage, eye)
    finally:
        eye.close()
        capture.close()


def sees(reading: Reading) -> bool:
    return reading.placement is not None and reading.phase is not Phase.UNKNOWN


def tells_apart(looker: Looker) -> bool:
    """Whether the eye knows by now what tells a number left standing from the end of a round."""
    return looker.eye.judge.moments.apart(Phase.BETTING, Phase.CRASHED)


def after(looker: Looker, what: str, must_be_found: bool = True) -> None:
    """After a harm: nothing wrong is said, and (where it must be) the table is found again and read."""
    account = looker.look_for(LOOK_S)
    assert account.lies == [], f"{what}: {account.lies[:5]}"
    if must_be_found:
        assert looker.look_until(sees, FOUND_WITHIN_S), f"{what}: not found again"
        account = looker.look_for(LOOK_S)
        assert account.lies == [], f"{what}, found again: {account.lies[:5]}"


def test_read_right_or_noticed_whatever_happens_to_the_window(bring: Bring) -> None:
    """One session through everything, so that the page is calibrated once."""
    brought = bring("papel", seed=31, screen=(1700, 1200), size=(1000, 760))
    house, stage = brought.stage.house, brought.stage
    with looking(brought, "papel") as looker:
        assert looker.look_until(lambda reading: sees(reading) and tells_apart(looker), 90)
        stage.move(333, 217)
        after(looker, "moved")
        for percent in (67, 80, 110, 125, 150):
            stage.set_zoom(percent)
            after(looker, f"zoom {percent}", must_be_found=False)
        stage.set_zoom(100)
        after(looker, "zoom 100 again")
        house.command("reload")
        after(looker, "reloaded")
        house.command("scroll", 600)
        after(looker, "scrolled away", must_be_found=False)
        house.command("scroll", 0)
        after(looker, "scrolled back")
        house.command("skin", "b")
        after(looker, "another dress", must_be_found=False)
        house.command("skin", "a")
        after(looker, "its own dress again")
        _covered(looker)
    assert house.clicks == []


def _covered(looker: Looker) -> None:
    """Half of the number covered; then the whole window behind another one."""
    stage = looker.stage
    number = stage.boxes()["multiplier"]
    half = Box(number.x + number.width // 2, number.y - 40, number.width, number.height + 80)
    x, y, width, height = stage.page()
    whole = Box(x - 10, y - 10, width + 20, height + 20)
    for what, box in (("half of the number covered", half), ("behind another window", whole)):
        cover = stage.cover(box)
        account = looker.look_for(LOOK_S, hidden=True)
        assert account.lies == [], f"{what}: {account.lies[:5]}"
        stage.windows.uncover(cover)
        after(looker, f"no longer {what}")
