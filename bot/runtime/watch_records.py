"""When a table was really in sight: one row a session and table, and one an unbroken interval."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.clock import NS_PER_S, Instant
from bot.domain.ports import Record
from bot.domain.words import Reading
from bot.runtime.messages import TableSpec

#: How often an interval is written on (a kill loses at most this).
WATCHED_EVERY_S = 1.0
#: Out of sight for longer than this, and a new interval begins: a round may have gone by unseen.
SIGHT_BREAK_S = 2.0


def utc_us(at: Instant) -> int:
    """Microseconds since the Unix epoch, as the database keeps times."""
    return at.utc_ns // 1_000


def where(spec: TableSpec) -> dict[str, object]:
    """The columns that say which table of which session this is."""
    return {
        "session_id": spec.session_id,
        "bot_id": spec.bot_id,
        "table_name": spec.table,
        "game_name": spec.game,
        "platform_code": spec.platform,
    }


class WatchRecords:
    """Follows the sight of one table."""

    def __init__(self, spec: TableSpec, make_id: Callable[[], str]) -> None:
        self._spec, self._make_id = spec, make_id
        self._watch_id: str | None = None
        self._last_watched = 0
        self._interval: str | None = None
        self._last_sight = 0

    def seen(self, reading: Reading) -> list[Record]:
        """The rows that a reading writes in which the table was in sight."""
        now = utc_us(reading.at)
        spec = self._spec
        broken = reading.at.mono_ns - self._last_sight > SIGHT_BREAK_S * NS_PER_S
        self._last_sight = reading.at.mono_ns
        if self._interval is not None and broken:
            self._interval = None
        opened = self._open_interval(now) if self._interval is None else []
        if self._watch_id is None:
            # One row a session and table: a table that was restarted goes on with it.
            self._watch_id = f"{spec.session_id}/{spec.table}"
            self._last_watched = reading.at.mono_ns
            values: dict[str, object] = {
                "id": self._watch_id,
                "session_id": spec.session_id,
                "table_name": spec.table,
                "game_name": spec.game,
                "account": spec.account,
                "currency": spec.currency,
                "platform_code": spec.platform,
                "first_sight_utc_us": now,
                "last_sight_utc_us": now,
                "first_balance_minor": reading.balance.value,
                "last_balance_minor": reading.balance.value,
            }
            return [*opened, Record("session_tables", values)]
        if reading.at.mono_ns - self._last_watched < WATCHED_EVERY_S * NS_PER_S:
            return opened
        self._last_watched = reading.at.mono_ns
        values = {"id": self._watch_id, "last_sight_utc_us": now}
        if reading.balance.value is not None:
            values["last_balance_minor"] = reading.balance.value
        until: dict[str, object] = {"id": self._interval, "to_utc_us": now}
        return [
            *opened,
            Record("session_tables", values, update=True),
            Record("watched_intervals", until, update=True),
        ]

    def _open_interval(self, now: int) -> list[Record]:
        """A time in which the table is in sight without a break begins."""
        self._interval = self._make_id()
        spec = self._spec
        values = where(self._spec) | {"id": self._interval, "from_utc_us": now, "to_utc_us": now}
        return [Record("watched_intervals", values | {"strategy_name": spec.strategy_name})]
