"""What the person does on the page, without a page: boxes, names, drafts, saving."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bot.calibration.draft import UNNAMED, Drafts
from bot.calibration.run import begin_with, last_word
from bot.calibration.session import Session
from bot.calibration.watcher import Swatch, Watcher
from bot.domain.clock import ManualClock
from bot.domain.ports import Capture, Image
from bot.domain.words import Box
from bot.runtime.calibrating import LearningEye
from bot.runtime.own_files import TableFiles
from bot.screen.own.definition import OwnTable, OwnTables

NUMBER = Box(100, 100, 300, 90)


class NoScreens:
    """A watcher that is never started needs none."""

    def capture(self) -> Capture:
        raise AssertionError

    def preview(self, table: OwnTable, capture: Capture) -> LearningEye:
        raise AssertionError

    def learner(self, table: OwnTable, capture: Capture) -> LearningEye:
        raise AssertionError

    def close(self, eye: LearningEye) -> None:
        raise AssertionError

    def swatches(self, eye: LearningEye) -> tuple[Swatch, ...]:
        raise AssertionError

    def guess(self, image: Image) -> Mapping[str, Box]:
        raise AssertionError


@pytest.fixture
def files(tmp_path: Path) -> TableFiles:
    return TableFiles(OwnTables(tmp_path / "tables"))


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts")


def session_of(files: TableFiles, drafts: Drafts, name: str | None = "desk") -> Session:
    table, _ = begin_with(name, files, drafts, (1280, 900))
    session = Session(table, files, drafts)
    session.watcher = Watcher(NoScreens(), ManualClock(), lambda: "id", table, session.take_guesses)
    return session


@pytest.fixture
def session(files: TableFiles, drafts: Drafts) -> Session:
    return session_of(files, drafts)


def test_what_was_drawn_is_there_again_after_a_crash(
    session: Session, files: TableFiles, drafts: Drafts
) -> None:
    session.draw("multiplier", NUMBER)
    session.describe("currency", "eur")
    session.say_auto_cash_out(True)
    again = session_of(files, drafts)  # nothing was closed in order
    assert again.table == session.table
    assert again.table.currency == "EUR" and again.table.auto_cash_out_on


def test_a_damaged_draft_counts_as_none(session: Session, files: TableFiles, drafts: Drafts) -> None:
    session.draw("multiplier", NUMBER)
    drafts.path("desk").write_text('{"fields": {"multiplier": [1, 2]}}', encoding="utf-8")
    assert session_of(files, drafts).table.fields == {}


def test_saving_keeps_the_table_and_drops_the_draft(session: Session, drafts: Drafts) -> None:
    session.draw("multiplier", NUMBER)
    assert "is kept in" in session.save()
    assert session.files.tables.load("desk").fields == {"multiplier": NUMBER}
    assert drafts.load("desk") is None
    assert last_word(session) == "The table desk is kept. Next: crashbot check desk"


def test_a_table_without_its_number_or_its_name_is_not_saved(files: TableFiles, drafts: Drafts) -> None:
    nameless = session_of(files, drafts, None)
    assert nameless.table.name == UNNAMED
    nameless.draw("multiplier", NUMBER)
    assert nameless.save() == "Not yet: give the table a name."
    assert nameless.rename("desk") == ""
    nameless.drop("multiplier")
    assert nameless.save() == "Not yet: draw the box of the multiplier."
    assert files.tables.names() == []


def test_a_new_name_takes_the_draft_along(files: TableFiles, drafts: Drafts) -> None:
    nameless = session_of(files, drafts, None)
    nameless.draw("balance", NUMBER)
    nameless.rename("desk")
    assert drafts.load(UNNAMED) is None
    assert session_of(files, drafts).table.fields == {"balance": NUMBER}


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "x" * 41])
def test_a_name_that_cannot_be_is_told(session: Session, name: str) -> None:
    assert "cannot be called" in session.rename(name)
    assert session.table.name == "desk"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("currency", "E", "three to five letters"),
        ("rtp", "1.2", "from 0.5 to below 1"),
        ("rtp", "NaN", "from 0.5 to below 1"),
        ("rtp", "much", "a number like"),
        ("bookmaker", "x" * 61, "at most 60"),
    ],
)
def test_a_value_that_cannot_be_is_told(session: Session, key: str, value: str, problem: str) -> None:
    before = session.table
    assert problem in session.describe(key, value)
    assert session.table == before


def test_values_that_can_be_are_taken(session: Session) -> None:
    assert session.describe("rtp", "0,96") == ""
    assert session.describe("account", "wallet") == ""
    assert (session.table.rtp, session.table.account) == (Decimal("0.96"), "wallet")


def test_guesses_come_only_where_nothing_was_drawn(session: Session) -> None:
    session.draw("multiplier", NUMBER)
    session.take_guesses({"multiplier": Box(0, 0, 50, 50), "balance": Box(5, 5, 60, 20), "nonsense": NUMBER})
    assert session.table.fields == {"multiplier": NUMBER, "balance": Box(5, 5, 60, 20)}
    assert session.guessed == {"balance"}
    session.accept("balance")
    assert session.guessed == frozenset()


def test_a_field_without_a_box_is_drawn_next_one_with_a_box_is_chosen(session: Session) -> None:
    session.pick("balance")
    assert (session.chosen, session.drawing) == ("balance", "balance")
    session.draw("balance", NUMBER)
    assert (session.chosen, session.drawing) == ("balance", "")
    session.pick("balance")
    assert session.drawing == ""
    session.pick("")
    assert session.chosen == ""


@pytest.mark.parametrize("box", [Box(-1, 0, 50, 50), Box(0, 0, 3, 50), Box(0, 0, 50, 5)])
def test_a_box_that_cannot_be_is_not_taken(session: Session, box: Box) -> None:
    session.draw("multiplier", box)
    session.draw("nonsense", NUMBER)
    assert session.table.fields == {}
