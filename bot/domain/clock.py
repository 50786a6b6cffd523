"""Time as the bot uses it: UTC for records, a monotonic clock for durations and deadlines."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks. ``utc_ns`` is nanoseconds since the Unix epoch, ``mono_ns`` monotonic.

    On Linux the monotonic clock is the same for all processes of the machine since boot, so instants
    of different processes may be compared; on other systems only their ``utc_ns`` may.
    """

    utc_ns: int
    mono_ns: int

    @property
    def utc_ms(self) -> int:
        return self.utc_ns // NS_PER_MS


class Clock(Protocol):
    """Where the time comes from. Injected, so that tests and replays decide it."""

    def now(self) -> Instant: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        return Instant(utc_ns=time.time_ns(), mono_ns=time.monotonic_ns())

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that only moves when told to, for tests and replays."""

    def __init__(self, utc_ns: int = 1_767_225_600 * NS_PER_S, mono_ns: int = NS_PER_S) -> None:
        self._now = Instant(utc_ns=utc_ns, mono_ns=mono_ns)

    def now(self) -> Instant:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        step = round(seconds * NS_PER_S)
        self._now = Instant(self._now.utc_ns + step, self._now.mono_ns + step)
