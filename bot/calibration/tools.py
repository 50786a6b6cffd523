"""The real screen, eyes and guesses for the page's watcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.calibration.watcher import Swatch
from bot.domain.clock import Clock
from bot.domain.ports import Capture, Image
from bot.domain.words import Box, ButtonState
from bot.runtime.calibrating import LearningEye
from bot.runtime.own_eye import open_eye
from bot.runtime.own_fields import label_of
from bot.runtime.own_screen import open_screen
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye
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
    """Implements ``bot.calibration.watcher.Screens`` for the person's own display."""

    tables: OwnTables
    clock: Clock

    def capture(self) -> Capture:
        """The person's screen. Raises ``MissingPart``."""
        return open_screen()[1]

    def preview(self, table: OwnTable, capture: Capture) -> LearningEye:
        """An eye that uses what was learned and writes nothing."""
        return open_eye(table, self.tables, capture, self.clock, learn=False)

    def learner(self, table: OwnTable, capture: Capture) -> LearningEye:
        """The table's own eye, which learns."""
        return open_eye(table, self.tables, capture, self.clock)

    def keep(self, eye: LearningEye) -> None:
        """Write down what it learned."""
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

    def guess(self, image: Image, game: str) -> Mapping[str, Box]:
        """Where the fields may be."""
        return {}


def _words(state: ButtonState) -> str:
    return state.value.replace("_", " ")


def _rgb(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    blue, green, red = colour
    return red, green, blue
