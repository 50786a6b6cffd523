"""A table and a hand that follow a script, for cases of doubt. The code that places bets is the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.control.hand import FailSafe
from bot.control.placement import Refusal
from bot.control.sight import FIELDS_CHANGED, MARK_GONE, ElementLook, TableSight
from bot.domain.bets import Bet, BetState
from bot.domain.clock import ManualClock
from bot.domain.ports import Patch
from bot.domain.words import Box, ButtonState, FieldValue, PanelReading, Placement

PLACE = Placement(Box(0, 0, 640, 480), 1.0)
BOXES = {
    "p0_stake": Box(100, 400, 90, 32),
    "p0_target": Box(100, 440, 90, 30),
    "p0_switch": Box(20, 444, 38, 22),
    "p0_button": Box(200, 400, 120, 100),
}
POINT = (212, 450)
CLICKED_POINT = "button"


@dataclass
class ScriptedTable:
    """A page without pixels: one panel that takes clicks and keys, and whatever the test bends.

    ``deaf``: keys that do not arrive, per typing. ``on_event`` is called after each thing the hand does.
    """

    clock: ManualClock = field(default_factory=ManualClock)
    place: Placement | None = PLACE
    texts: dict[str, str] = field(default_factory=lambda: {"stake": "1.00", "target": "2.00"})
    switch_on: bool | None = True
    switch_works: bool = True
    focus: str = ""
    gains_focus: bool = True
    button: ButtonState = ButtonState.BET
    after_click: list[tuple[float, ButtonState]] = field(default_factory=list)
    reads: Callable[[str, str], int | None] = field(default=lambda which, text: round(float(text) * 100))
    objections: list[str] = field(default_factory=list)
    minimum: int = 10
    typed_wrong: int = 0
    events: list[str] = field(default_factory=list)
    on_event: Callable[[str], None] = field(default=lambda event: None)
    pointer: tuple[int, int] = (5, 5)
    fail_safe: bool = False
    disturbed: bool = False
    clicked_ns: int | None = None
    released: int = 0

    def happened(self, event: str) -> None:
        self.events.append(event)
        self.on_event(event)

    @property
    def clicks(self) -> int:
        """Clicks on the bet button."""
        return self.events.count(f"click {CLICKED_POINT}")


class ScriptedView:
    """Implements ``TableView``."""

    def __init__(self, table: ScriptedTable) -> None:
        self.table = table

    def locate(self, hint: Placement | None = None) -> Placement | None:
        return self.table.place

    def target(self, panel: int) -> FieldValue[int]:
        return self._read("target")

    def switch(self, panel: int) -> FieldValue[bool]:
        return FieldValue(self.table.switch_on, 1.0)

    def button(self, panel: int) -> ButtonState:
        table = self.table
        if table.clicked_ns is None:
            return table.button
        state = table.button
        for after_ms, shown in table.after_click:
            if table.clock.now().mono_ns - table.clicked_ns >= after_ms * 1e6:
                state = shown
        return state

    def panel(self, panel: int) -> PanelReading | None:
        if self.table.place is None:
            return None
        return PanelReading(
            self._read("stake"), self._read("target"), self.switch(panel), self.button(panel), 1.0
        )

    def _read(self, which: str) -> FieldValue[int]:
        text = self.table.texts[which]
        return FieldValue(self.table.reads(which, text), 1.0, text)


class ScriptedLook:
    """Implements ``LastLook``."""

    def __init__(self, table: ScriptedTable) -> None:
        self.table = table

    def element(self, placement: Placement, panel: int, name: str) -> ElementLook:
        point = BOXES[f"p0_{name}"].centre
        if self.table.place != placement:
            return ElementLook(MARK_GONE, point, False)
        if name == "switch" and self.table.switch_on is not False:
            return ElementLook("the switch is not clearly off", point, False)
        return ElementLook("", point, self.table.focus == name)

    def focused(self, placement: Placement, panel: int, name: str) -> bool:
        return self.table.focus == name

    def fields(self, placement: Placement, panel: int) -> bytes | None:
        if self.table.place != placement:
            return None
        return repr((sorted(self.table.texts.items()), self.table.switch_on, self.table.focus)).encode()

    def objection(self, placement: Placement, panel: int, fields: bytes) -> str:
        if self.table.objections:
            return self.table.objections.pop(0)
        if self.table.place != placement:
            return MARK_GONE
        return "" if self.fields(placement, panel) == fields else FIELDS_CHANGED

    def point(self, placement: Placement, panel: int) -> tuple[int, int]:
        return POINT

    def patches(self, placement: Placement, point: tuple[int, int]) -> tuple[Patch, ...]:
        return ()


class ScriptedHand:
    """Implements ``Hand`` on a ``ScriptedTable``."""

    def __init__(self, table: ScriptedTable) -> None:
        self.table = table
        self._selected = False

    def position(self) -> tuple[int, int]:
        if self.table.fail_safe:
            raise FailSafe
        return self.table.pointer

    def move(self, x: int, y: int) -> None:
        self.table.pointer = (x, y)
        self.table.happened("move")

    def click(self, x: int, y: int, still: Sequence[Patch] = ()) -> bool:
        table = self.table
        if table.fail_safe:
            raise FailSafe
        if table.disturbed:
            return False
        table.pointer = (x, y)
        name = next((name[3:] for name, box in BOXES.items() if box.contains(x, y)), "nothing")
        if name == "button":
            table.clicked_ns = table.clock.now().mono_ns
        elif name == "switch" and table.switch_works:
            table.switch_on = not table.switch_on
        elif name in table.texts and table.gains_focus:
            table.focus = name
        table.happened(f"click {name}")
        return True

    def select_all(self) -> None:
        self._selected = True
        self.table.happened("select")

    def type_text(self, text: str) -> None:
        table = self.table
        if table.typed_wrong > 0:
            table.typed_wrong -= 1
            text = "1" + text
        if table.focus:
            table.texts[table.focus] = text if self._selected else table.texts[table.focus] + text
        self._selected = False
        table.happened("type")

    def press(self, key: str) -> None:
        table = self.table
        if key == "tab" and table.focus:
            low = table.minimum if table.focus == "stake" else 101
            table.texts[table.focus] = f"{max(low / 100, float(table.texts[table.focus])):.2f}"
            table.focus = ""
        table.happened(f"press {key}")

    def release_all(self) -> None:
        self.table.released += 1


@dataclass(frozen=True)
class Denial:
    """The gate's no."""

    limit_name: str
    reason: str


@dataclass
class Book:
    """Remembers transitions; ``on_record`` is called with each before it counts as written."""

    rows: list[tuple[BetState, BetState, str]] = field(default_factory=list)
    on_record: Callable[[Bet], None] = field(default=lambda bet: None)

    def __call__(self, bet: Bet, before: BetState, detail: dict[str, object]) -> None:
        self.on_record(bet)
        self.rows.append((before, bet.state, bet.reason))

    @property
    def states(self) -> list[BetState]:
        """The states a bet went through."""
        return [after for _, after, _ in self.rows]


def bet_on(clock: ManualClock, number: int = 1, in_s: float = 3.0, **changes: object) -> Bet:
    """An ordered bet of 1.50 at 2.00x whose window closes in ``in_s`` seconds."""
    now = clock.now()
    values: dict[str, object] = {
        "bet_id": f"bet-{number}",
        "session_id": "session",
        "account": "account",
        "table": "table",
        "round_id": f"round-{number}",
        "panel": 0,
        "stake_minor": 150,
        "target": 200,
        "currency": "USD",
        "balance_before_minor": 100_000,
        "deadline_mono_ns": now.mono_ns + round(in_s * 1e9),
        "ordered_utc_ns": now.utc_ns,
    }
    return Bet(**{**values, **changes})  # type: ignore[arg-type]


def sight_of(table: ScriptedTable) -> TableSight:
    """What the controller sees of ``table``."""
    return TableSight(ScriptedView(table), ScriptedLook(table))


def no_refusal(bet: Bet) -> Refusal | None:
    """A gate that lets everything pass."""
    return None
