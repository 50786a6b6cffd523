"""The bet panels of an own table in a picture that was already taken: stake, target, switch, button."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import ButtonState, FieldValue, PanelReading, Phase
from bot.screen.detect import TextDetector
from bot.screen.fields import Budget, ReadCounts
from bot.screen.layout import Layout
from bot.screen.own.buttons import ButtonLooks
from bot.screen.own.definition import OwnTable
from bot.screen.own.small import SmallField
from bot.screen.signs import ButtonSight, switch_state

Cut = Callable[[str], Image | None]
Still = Callable[[str, Image], bool]
#: Looks of the button that are learned from: not all of them, it costs.
LEARN_EVERY = 5


class PanelReader:
    """Reads the panels that the table has boxes for."""

    def __init__(
        self,
        table: OwnTable,
        engine: OcrEngine,
        detector: Callable[[], TextDetector],
        counts: ReadCounts,
        layout: Layout | None,
        looks: Mapping[str, ButtonLooks],
    ) -> None:
        self._table, self._engine, self._layout = table, engine, layout
        self._fields = {
            f"p{panel}_{name}": SmallField(name, engine, detector, counts)
            for panel in (0, 1)
            for name in ("stake", "target")
            if f"p{panel}_{name}" in table.fields
        }
        self.looks = {
            name: looks.get(name, ButtonLooks())
            for name in ("p0_button", "p1_button")
            if name in table.fields
        }
        self._sights: dict[str, tuple[bytes, ButtonSight]] = {}
        self._turn = 0

    def read(self, cut: Cut, still: Still, budget: Budget) -> tuple[PanelReading, ...]:
        """Every panel that has a field; the model is asked about pixels that stand still."""
        return tuple(self._panel(panel, cut, still, budget) for panel in self._numbers())

    def _numbers(self) -> list[int]:
        last = max(
            (int(name[1]) for name in self._table.fields if name.startswith("p") and name[1] in "01"),
            default=-1,
        )
        return list(range(last + 1))

    def _panel(self, panel: int, cut: Cut, still: Still, budget: Budget) -> PanelReading:
        button = self.button(panel, cut(f"p{panel}_button"))
        return PanelReading(
            stake=self._number(f"p{panel}_stake", cut, still, budget),
            target=self._number(f"p{panel}_target", cut, still, budget),
            switch=self.switch(panel, cut(f"p{panel}_switch")),
            button=button.state,
            button_confidence=button.confidence,
        )

    def _number(self, name: str, cut: Cut, still: Still, budget: Budget) -> FieldValue[int]:
        if name not in self._fields:
            return FieldValue.refused("this table has no such field")
        pixels = cut(name)
        if pixels is None:
            return FieldValue.refused("beyond the edge of the screen")
        return self.number(name, pixels, budget if still(name, pixels) else Budget(0))

    def number(self, name: str, pixels: Image, budget: Budget) -> FieldValue[int]:
        """``p0_stake`` or the like in exactly its box."""
        reader = self._fields.get(name)
        if reader is None:
            return FieldValue.refused("this table has no such field")
        return reader.read(np.ascontiguousarray(pixels), budget)

    def button(self, panel: int, pixels: Image | None) -> ButtonSight:
        """The state of a panel's button; pixels seen before are not looked at again."""
        name = f"p{panel}_button"
        looks = self.looks.get(name)
        if looks is None or pixels is None:
            return ButtonSight(ButtonState.UNKNOWN, 0.0)
        key = pixels.tobytes()
        known = self._sights.get(name)
        if known is not None and known[0] == key:
            return known[1]
        sight = looks.state(pixels, self._layout, self._engine)
        self._sights[name] = (key, sight)
        return sight

    def switch(self, panel: int, pixels: Image | None) -> FieldValue[bool]:
        """Whether the automatic cash-out is on: by the game's colours, or because a person said so.

        A table without a box for its switch has none that could be off, if the person said it is on.
        """
        name = f"p{panel}_switch"
        if name not in self._table.fields:
            if self._table.auto_cash_out_on:
                return FieldValue(True, 0.9, "on, as you said when you calibrated it")
            return FieldValue(None, reason="no box for the switch, and nobody said that it is on")
        if pixels is None:
            return FieldValue(None, reason="beyond the edge of the screen")
        if self._layout is not None:
            return switch_state(np.ascontiguousarray(pixels), self._layout)
        return FieldValue(None, reason="how this switch looks when it is on is not known")

    def learn(self, phase: Phase, cut: Cut) -> None:
        """The fills of the buttons in this phase."""
        self._turn += 1
        if self._turn % LEARN_EVERY:
            return
        for name, looks in self.looks.items():
            pixels = cut(name)
            if pixels is not None:
                looks.learn(pixels, phase)

    def learning(self) -> list[tuple[str, str, bool, str]]:
        """Name, state in words, trusted, what is wanted: of every field of the panels."""
        found = [(name, "read by the model, twice", True, "") for name in self._fields]
        for name, looks in self.looks.items():
            known = ", ".join(state.value for state in looks.fills) or "no colour yet"
            trusted = bool(looks.fills) or self._layout is not None
            found.append(
                (name, f"colours learned: {known}", trusted, "" if trusted else "two rounds without a bet")
            )
        return found
