"""Where a session's tables come from: the practice stage that it starts, or the user's own screen.

A session knows its tables only through this door. What differs between the two (a mark, a ledger, a life of
its own) stays behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from bot.control.sight import TableSight
from bot.domain.ports import Hand
from bot.runtime.open_record import OpenRecord
from bot.runtime.reconcile import Reconciliation


@dataclass(frozen=True, slots=True)
class Place:
    """How a table's process finds its page: by the mark of a practice session, or by what was calibrated.

    ``own_folder`` keeps the user's own tables; without it ``nonce`` and ``index`` make up the mark.
    """

    nonce: int = 0
    index: int = 0
    own_folder: str | None = None


@dataclass(frozen=True, slots=True)
class FloorTable:
    """One table of the session. ``rtp``: return to player that its odds are computed with.

    ``balance_shown``, ``history_shown``: its page shows them to the bot.
    """

    name: str
    game: str
    account: str
    currency: str
    rtp: Decimal
    platform: str
    place: Place = Place()
    balance_shown: bool = True
    history_shown: bool = True


class Floor(Protocol):
    """Opened once, closed once. ``display`` is the X display to look at; ``None``: the environment's."""

    @property
    def display(self) -> str | None: ...

    def start(self) -> None:
        """Begin what takes a while; ``open`` waits for it."""
        ...

    def open(self) -> tuple[FloorTable, ...]:
        """The tables, once they can be looked at. Raises ``MissingPart`` when they cannot."""
        ...

    def sights(self) -> Callable[[str], TableSight]:
        """What the controller sees of a table. The function it gives is called in the controller's thread."""
        ...

    def hand(self) -> Hand:
        """Mouse and keyboard of that display. Called in the controller's thread."""
        ...

    def news(self) -> list[dict[str, Any]]:
        """What happened to the floor itself since the last call, for the error log."""
        ...

    def gone(self) -> str | None:
        """Why no table can be seen any more; ``None`` while they can."""
        ...

    def compare(self, record: OpenRecord, session_id: str) -> tuple[Reconciliation | None, str]:
        """The record against the house's own ledger, where there is one, and what was compared in words."""
        ...

    def close(self) -> None:
        """Let go of everything that ``start`` and ``open`` took. Twice changes nothing."""
        ...
