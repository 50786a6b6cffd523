"""One run of the page: the table as drawn so far, what is chosen, what each button does. No widgets."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from bot.calibration.draft import UNNAMED, Drafts
from bot.calibration.watcher import Watcher
from bot.domain.errors import BadInput, StorageError
from bot.domain.ports import Capture
from bot.domain.words import Box
from bot.runtime.own_fields import label_of
from bot.runtime.own_files import TableFiles
from bot.screen.own.definition import FIELDS, LEAST_SIDE, OwnTable, checked_name

ROUNDS, AT_MOST_S = 2, 300.0
#: How notes of the hand's test begin.
HAND = "test of the hand"
_CURRENCY = re.compile(r"[A-Za-z]{3,5}")


@dataclass
class Session:
    """What the person is doing. ``watcher`` is set before the page is served."""

    table: OwnTable
    files: TableFiles
    drafts: Drafts
    watcher: Watcher = field(init=False)
    chosen: str = ""
    in_view: Box | None = None
    drawing: str = ""
    guessed: frozenset[str] = frozenset()
    saved: OwnTable | None = None
    told: str = ""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    # -- boxes ----------------------------------------------------------------------------------------------

    def pick(self, name: str) -> None:
        """Choose a field: its box if it has one, else it is drawn next. Empty: nothing is chosen."""
        with self._lock:
            self.chosen = name if name in FIELDS else ""
            self.drawing = self.chosen if self.chosen and self.chosen not in self.table.fields else ""

    def draw(self, name: str, box: Box) -> None:
        """A box was drawn, moved or resized."""
        if name not in FIELDS or box.width < LEAST_SIDE or box.height < LEAST_SIDE or min(box.x, box.y) < 0:
            return
        with self._lock:
            self.guessed -= {name}
            self.chosen, self.drawing = name, ""
            self._become(replace(self.table, fields={**self.table.fields, name: box}))

    def drop(self, name: str) -> None:
        """Remove a box."""
        with self._lock:
            rest = {field_: box for field_, box in self.table.fields.items() if field_ != name}
            self.guessed -= {name}
            self.chosen = self.drawing = ""
            self._become(replace(self.table, fields=rest))

    def accept(self, name: str) -> None:
        """A guessed box is right."""
        with self._lock:
            self.guessed -= {name}

    def take_guesses(self, found: Mapping[str, Box]) -> None:
        """Boxes that were found: where the person has drawn none. Called by the watcher's thread."""
        with self._lock:
            mine = self.table.fields
            fresh = {name: box for name, box in found.items() if name in FIELDS and name not in mine}
            self.guessed |= fresh.keys()
            self.told = (
                f"{len(fresh)} boxes were guessed, with broken lines: accept, move or remove them."
                if fresh
                else "No further field was recognised: draw the boxes by hand."
            )
            self._become(replace(self.table, fields={**self.table.fields, **fresh}), self.told)

    def find(self) -> None:
        """Look for fields in the part of the picture that is in view."""
        self.told = ""
        self.watcher.guess(self.in_view)

    # -- what the table is ----------------------------------------------------------------------------------

    def rename(self, name: str) -> str:
        """Call the table so; what is wrong with the name, or nothing."""
        try:
            checked_name(name)
        except BadInput as error:
            return str(error)
        with self._lock:
            if name != self.table.name:
                self.drafts.drop(self.table.name)
                self._become(replace(self.table, name=name))
        return ""

    def describe(self, key: str, value: str) -> str:
        """``game``, ``bookmaker``, ``account``, ``currency`` or ``rtp``; what is wrong, or nothing."""
        value = value.strip()
        if key == "currency" and not _CURRENCY.fullmatch(value):
            return "three to five letters, as in EUR"
        if key == "rtp":
            try:
                rtp = Decimal(value.replace(",", "."))
            except InvalidOperation:
                return "a number like 0.97"
            if not rtp.is_finite() or not Decimal("0.5") <= rtp < 1:
                return "from 0.5 to below 1, as in 0.97"
            with self._lock:
                self._become(replace(self.table, rtp=rtp))
            return ""
        if len(value) > 60:
            return "at most 60 characters"
        with self._lock:
            changes: dict[str, str] = {key: value.upper() if key == "currency" else value}
            self._become(replace(self.table, **changes))  # type: ignore[arg-type]
        return ""

    def say_auto_cash_out(self, on: bool) -> None:
        """The person's word for how the switch of the automatic cash-out stands now."""
        with self._lock:
            self._become(replace(self.table, auto_cash_out_on=on))

    # -- buttons --------------------------------------------------------------------------------------------

    @property
    def lacking(self) -> str:
        """Why the table cannot be saved yet; empty: it can."""
        if self.table.name == UNNAMED:
            return "give the table a name"
        if "multiplier" not in self.table.fields:
            return "draw the box of the multiplier"
        width, height = self.watcher.view().screen
        for name, box in self.table.fields.items():
            if width and (box.right > width or box.bottom > height):
                return f"the box of {label_of(name)} lies outside this screen: draw it again"
        return ""

    def save(self) -> str:
        """Keep the table; a line that says so, or what is lacking."""
        with self._lock:
            if self.lacking:
                return f"Not yet: {self.lacking}."
            width, height = self.watcher.view().screen
            if width and height:
                self.table = replace(self.table, screen=(width, height))
            try:
                folder = self.files.save(self.table)
                self.drafts.drop(self.table.name)
            except StorageError as error:
                self.told = str(error)
                return self.told
            self.saved = self.table
            self.told = f"The table {self.table.name} is kept in {folder}."
            return self.told

    def watch(self) -> str:
        """Save, and watch two rounds; what is lacking, or nothing."""
        if self.lacking:
            return f"Not yet: {self.lacking}."
        self.save()
        if self.saved != self.table:
            return self.told
        self.watcher.live()
        self.watcher.watch(self.table, ROUNDS, AT_MOST_S)
        return ""

    def test_hand(self, panel: int, work: Callable[[OwnTable, int, Capture], str]) -> None:
        """Test the hand at a stake field; the person has agreed."""
        table = self.table
        self.watcher.errand(HAND, lambda capture: work(table, panel, capture))

    def _become(self, table: OwnTable, told: str = "") -> None:
        if table.fields != self.table.fields and self.watcher.view().watching:
            self.watcher.stop_watching()  # what is learned must belong to the boxes that are kept
        self.table, self.told = table, told
        self.watcher.change(table)
        try:
            self.drafts.save(table)
        except StorageError as error:
            self.told = str(error)
