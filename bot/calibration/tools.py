"""The real screen, eyes and guesses for the page's watcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.calibration.watcher import Swatch
from bot.domain.clock import Clock
from bot.domain.ports import Capture, Image
from bot.domain.words import Box, ButtonState
from bot.runtime.calibrating import LearningEye
from bot.runtime.own_eye import open_eye
from bot.runtime.own_fields import label_of
from bot.screen.capture import ScreenCapture
from bot.screen.detect import default_detector
from bot.screen.engines import default_engine
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye
from bot.screen.own.guess import guess_fields
from bot.screen.own.phases import Role

#: More colours than this say nothing to a person.
MOST = 14
_MEANINGS = {
    Role.FLIGHT: "flying",
    Role.END: "crashed",
    Role.BOTH: "flying and crashed",
    Role.NEW: "not known yet",
}


@dataclass
class RealScreens:
    """Implements ``bot.calibration.watcher.Screens`` for the person's own display.

    ``display`` was found to be one that can be pictured; ``scratch`` is a folder in which no table is kept.
    """

    tables: OwnTables
    clock: Clock
    display: str | None
    scratch: Path

    def __post_init__(self) -> None:
        self._engine, self._detector = default_engine(), default_detector()

    def capture(self) -> Capture:
        """The person's screen. Raises ``MissingPart``."""
        return ScreenCapture(self.display)

    def preview(self, table: OwnTable, capture: Capture) -> LearningEye:
        """An eye that writes nothing. What was learned is used if it was learned with these boxes."""
        same = table.name in self.tables.names() and self.tables.load(table.name).fields == table.fields
        tables = self.tables if same else OwnTables(self.scratch)
        return open_eye(table, tables, capture, self.clock, learn=False)

    def learner(self, table: OwnTable, capture: Capture) -> LearningEye:
        """The table's own eye, which learns."""
        return open_eye(table, self.tables, capture, self.clock)

    def close(self, eye: LearningEye) -> None:
        """Write down what it learned, and end its thread."""
        if isinstance(eye, OwnEye):
            eye.close()

    def swatches(self, eye: LearningEye) -> tuple[Swatch, ...]:
        """The colours of the number, and the fills of the buttons."""
        if not isinstance(eye, OwnEye):
            return ()
        found = []
        for ink in eye.number.inks:
            found.append(Swatch("number", _MEANINGS[eye.judge.role(ink.key)], _rgb(ink.colour.colour)))
        for name, looks in eye.panels.looks.items():
            for state, fill in looks.fills.items():
                found.append(Swatch(label_of(name), _words(state), _rgb(fill)))
        return tuple(found[:MOST])

    def guess(self, image: Image) -> Mapping[str, Box]:
        """Where the fields may be."""
        return {name: guess.box for name, guess in guess_fields(image, self._engine, self._detector).items()}


def _words(state: ButtonState) -> str:
    return state.value.replace("_", " ")


def _rgb(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    blue, green, red = colour
    return red, green, blue
