"""What a table says to its open pages, and the one fault that delays it (an acknowledgement held back)."""

from __future__ import annotations

from typing import Protocol

Message = dict[str, object]
_HELD = frozenset({"bet_ok", "bet_open", "bet_won", "bet_lost", "cancel_ok"})


class Page(Protocol):
    """One open page of a table."""

    def put(self, message: Message) -> None: ...


class Outlet:
    """Hands each message to every page of a table; while a panel is held its news and the balance wait."""

    def __init__(self) -> None:
        self._pages: set[Page] = set()
        self._held: dict[int, list[Message]] = {}

    @property
    def pages(self) -> int:
        return len(self._pages)

    def join(self, page: Page) -> None:
        self._pages.add(page)

    def leave(self, page: Page) -> None:
        self._pages.discard(page)

    def send(self, message: Message) -> None:
        queue = self._queue_for(message)
        if queue is not None:
            queue.append(message)
            return
        for page in tuple(self._pages):
            page.put(message)

    def hold(self, panel: int) -> None:
        self._held.setdefault(panel, [])

    def release(self, panel: int) -> None:
        for message in self._held.pop(panel, []):
            self.send(message)

    def _queue_for(self, message: Message) -> list[Message] | None:
        if message["t"] == "balance" and self._held:
            return next(iter(self._held.values()))
        if message["t"] in _HELD:
            return self._held.get(int(str(message["panel"])))
        return None
