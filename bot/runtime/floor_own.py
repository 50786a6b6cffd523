"""The user's own floor: tables that they calibrated, on their own screen. Nothing is started or closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.control.hand import PyAutoGuiHand
from bot.control.sight import TableSight
from bot.domain.errors import ProgrammerError
from bot.domain.ports import Hand
from bot.domain.words import Mode
from bot.runtime.floor import FloorTable, Place
from bot.runtime.open_record import OpenRecord
from bot.runtime.own_screen import open_screen
from bot.runtime.reconcile import Reconciliation
from bot.screen.own.definition import OwnTable, OwnTables

#: A table whose bookmaker nobody named.
NO_BOOKMAKER = "own"


class OwnFloor:
    """See ``Floor``. ``sights`` makes what the controller sees of a table; only live play has one."""

    def __init__(
        self,
        mode: Mode,
        tables: Sequence[OwnTable],
        kept: OwnTables,
        sights: Callable[[str | None], Callable[[str], TableSight]] | None = None,
    ) -> None:
        self._mode, self._own, self._kept, self._sights = mode, tuple(tables), kept, sights
        self._display: str | None = None

    @property
    def display(self) -> str | None:
        """See ``Floor``."""
        return self._display

    def start(self) -> None:
        """See ``Floor``. Raises ``MissingPart`` when there is no screen that can be pictured."""
        self._display, capture = open_screen()
        capture.close()

    def open(self) -> tuple[FloorTable, ...]:
        """See ``Floor``."""
        place = Place(own_folder=str(self._kept.folder))
        return tuple(floor_table(table, self._mode, place) for table in self._own)

    def sights(self) -> Callable[[str], TableSight]:
        """See ``Floor``."""
        if self._sights is None:
            raise ProgrammerError(f"nothing is clicked in the mode {self._mode.value}")
        return self._sights(self._display)

    def hand(self) -> Hand:
        """See ``Floor``."""
        return PyAutoGuiHand(self._display)

    def news(self) -> list[dict[str, Any]]:
        """See ``Floor``. The screen is the user's: what happens to it is not ours to tell."""
        return []

    def gone(self) -> str | None:
        """See ``Floor``. A table that is out of sight may come back."""
        return None

    def compare(self, record: OpenRecord, session_id: str) -> tuple[Reconciliation | None, str]:
        """See ``Floor``. No bookmaker shows its ledger."""
        return None, "nothing: a bookmaker shows no ledger"

    def close(self) -> None:
        """See ``Floor``."""


def floor_table(table: OwnTable, mode: Mode, place: Place) -> FloorTable:
    """A user's table as a session knows it. On paper each has a wallet of its own."""
    return FloorTable(
        name=table.name,
        game=table.game,
        account=table.name if mode is Mode.PAPER else table.account_name,
        currency=table.currency,
        rtp=table.rtp,
        platform=table.bookmaker or NO_BOOKMAKER,
        place=place,
        balance_shown="balance" in table.fields,
        history_shown="history" in table.fields,
    )
