"""Time as the casino uses it: UTC for the ledger, a monotonic clock for phases. Injected everywhere."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class HouseClock(Protocol):
    """Where the time comes from."""

    def utc_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        ...

    def mono_s(self) -> float:
        """Seconds on a clock that never jumps."""
        ...

    async def sleep_until(self, mono_s: float) -> None:
        """Come back at ``mono_s`` or later; at least one other task gets a turn."""
        ...


class SystemHouseClock:
    """The machine's own clocks."""

    def utc_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def mono_s(self) -> float:
        return time.monotonic()

    async def sleep_until(self, mono_s: float) -> None:
        await asyncio.sleep(max(0.0, mono_s - time.monotonic()))


class JumpingClock:
    """A clock that jumps to the time asked for: rounds without waiting, for tests of one table."""

    def __init__(self, utc_ms: int = 1_767_225_600_000) -> None:
        self._start_ms = utc_ms
        self._mono_s = 100.0

    def utc_ms(self) -> int:
        return self._start_ms + round((self._mono_s - 100.0) * 1000)

    def mono_s(self) -> float:
        return self._mono_s

    async def sleep_until(self, mono_s: float) -> None:
        self._mono_s = max(self._mono_s, mono_s)
        await asyncio.sleep(0)
