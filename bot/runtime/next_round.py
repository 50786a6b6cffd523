"""Bets for a round whose betting phase cannot be seen: ordered when the round before has ended.

Some pages leave the last crash point standing until the next flight takes off. On paper a bet can still be
placed there in time: as soon as the end was seen, under the identifier that the next round will have.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.table.events import RoundEnded, RoundOpened, RoundsMissed, SeenFrom, TrackerEvent

#: So many rounds in a row that were followed from their end before and yet opened in flight: there is no more
#: to see of their betting phase.
SURE_AFTER = 2


class AheadIds:
    """Makes identifiers, and can say which one comes next."""

    def __init__(self, make_id: Callable[[], str]) -> None:
        self._make_id = make_id
        self._next: str | None = None

    def __call__(self) -> str:
        made, self._next = self._next or self._make_id(), None
        return made

    def peek(self) -> str:
        """What the next call will give."""
        if self._next is None:
            self._next = self._make_id()
        return self._next

    def drop(self) -> None:
        """The one that was told will not be used."""
        self._next = None


class NextRound:
    """Knows whether betting phases are seen at this table, and whether a round has just ended."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._ended = False

    def note(self, event: TrackerEvent) -> None:
        """Follow the tracker's events."""
        if isinstance(event, RoundOpened):
            if event.seen_from is SeenFrom.BETTING:
                self._in_flight = 0
            elif event.seen_from is SeenFrom.FLYING and self._ended:
                self._in_flight += 1
            self._ended = False
        elif isinstance(event, RoundEnded):
            self._ended = event.seen_from is not SeenFrom.HISTORY
        elif isinstance(event, RoundsMissed):
            self._ended = False

    @property
    def open(self) -> bool:
        """A round has ended, and the next one will be seen only once it flies."""
        return self._ended and self._in_flight >= SURE_AFTER
