"""Says when a table goes out of sight for longer than a moment, and when it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.domain.clock import NS_PER_S, Clock
from bot.runtime.tables import TableHandle

#: A window that is dragged or reloaded is away for a moment: not worth a line.
SAID_AFTER_S = 5.0


class SightWatch:
    """Follows the last status of every table. ``say`` prints one line."""

    def __init__(self, clock: Clock, say: Callable[[str], None]) -> None:
        self._clock, self._say = clock, say
        self._away_since: dict[str, int] = {}
        self._said: set[str] = set()

    def look(self, handles: Iterable[TableHandle]) -> None:
        """Call it every turn."""
        now = self._clock.now().mono_ns
        for handle in handles:
            status = handle.status
            if status is None or handle.done:
                continue
            if status.window_seen:
                self._away_since.pop(handle.name, None)
                if handle.name in self._said:
                    self._said.discard(handle.name)
                    self._say(f"{handle.name} is in sight again")
                continue
            since = self._away_since.setdefault(handle.name, now)
            if handle.name not in self._said and now - since >= SAID_AFTER_S * NS_PER_S:
                self._said.add(handle.name)
                self._say(
                    f"{handle.name} is out of sight: {status.note}; it is recorded again once it is back"
                )
