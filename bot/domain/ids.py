"""Identifiers: UUIDv7 (RFC 9562), made where a thing is born, so that they sort by time of birth."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable

from bot.domain.clock import NS_PER_MS, Clock


def uuid7(utc_ns: int, random_bytes: bytes) -> uuid.UUID:
    """The UUIDv7 of a time and ten random bytes (RFC 9562, section 5.7)."""
    if len(random_bytes) != 10:
        raise ValueError(f"a UUIDv7 takes 10 random bytes, not {len(random_bytes)}")
    value = (utc_ns // NS_PER_MS) & ((1 << 48) - 1)
    value = (value << 80) | int.from_bytes(random_bytes, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


class IdMaker:
    """Makes identifiers from an injected clock and source of random bytes."""

    def __init__(self, clock: Clock, random_source: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._random_source = random_source

    def __call__(self) -> str:
        return str(uuid7(self._clock.now().utc_ns, self._random_source(10)))
