"""An eye at work on a test page, and what is wrong with what it says: compared with the page's own truth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.clock import SystemClock
from bot.domain.words import Box, Phase, Reading
from bot.screen.own.eye import OwnEye
from tests.own_pages.compare import TrueRound, phase_at, phases_at, true_rounds
from tests.own_pages.stage import Stage

#: A harm must be noticed within this time; a number's box may be off by so much (pixels).
NOTICED_US, OFF_PX = 1_000_000, 6


@dataclass
class Account:
    """What an eye said for a while. ``lies`` are readings that were neither right nor refused."""

    looks: int = 0
    refused: int = 0
    right: int = 0
    lies: list[str] = field(default_factory=list)
    last: Reading | None = None


@dataclass
class Looker:
    """Looks at a stage with an eye, in this thread."""

    stage: Stage
    eye: OwnEye

    def look_for(self, seconds: float, hidden: bool = False) -> Account:
        """Look for a while. ``hidden``: the number is out of sight, any number after a second is a lie."""
        account = Account()
        truth = true_rounds(self.stage.house)
        clock = SystemClock()
        begun = clock.now().utc_ns // 1000
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            reading = self.eye.look()
            account.looks += 1
            account.last = reading
            noticed = reading.at.utc_ns // 1000 - begun > NOTICED_US
            if reading.placement is None or reading.phase is Phase.UNKNOWN:
                account.refused += 1
            elif noticed and (lie := self._lie(reading, truth, hidden)):
                account.lies.append(lie)
            elif noticed:
                account.right += 1
            self.eye.wait_for_change(0.04, 0.004)
        return account

    def look_until(self, happened: Callable[[Reading], bool], bound_s: float) -> bool:
        """Look until a reading is as wanted; whether it came."""
        end = time.monotonic() + bound_s
        while time.monotonic() < end:
            if happened(self.eye.look()):
                return True
            self.eye.wait_for_change(0.04, 0.004)
        return False

    def _lie(self, reading: Reading, truth: list[TrueRound], hidden: bool) -> str:
        if not _near(self.eye.boxes()["multiplier"], self.stage.boxes()["multiplier"]):
            return f"sees the number at {self.eye.boxes()['multiplier']}"
        stood = phase_at(truth, reading.at.utc_ns // 1000)
        value = reading.multiplier.value
        if hidden and value is not None:
            return f"reads {value} where the number is hidden"
        if stood is None:
            return ""
        round_, phase = stood
        if reading.phase is Phase.FLYING and phase is Phase.CRASHED and value == round_.crash:
            return ""  # the right number: whether it stands for good is not known yet
        if reading.phase not in phases_at(truth, reading.at.utc_ns // 1000):
            return f"round {round_.number}: {reading.phase} ({reading.phase_confidence}) for {phase}, {value}"
        if reading.phase is not phase or value is None:
            return ""
        if value > round_.crash or (phase is Phase.CRASHED and value != round_.crash):
            return f"round {round_.number} to {round_.crash}: reads {value}, {phase}"
        return ""


def _near(one: Box, other: Box) -> bool:
    pairs = ((one.x, other.x), (one.y, other.y), (one.right, other.right), (one.bottom, other.bottom))
    return all(abs(a - b) <= OFF_PX for a, b in pairs)
