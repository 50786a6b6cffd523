"""bustabit's whole chain: every game from a hash back to the published end, recomputed.

The hash of a game is SHA-256 of the ASCII hexadecimal of the next game's hash. One process walks and
computes the results as it goes, about 300,000 games a second; more processes would have saved a fifth of
that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.fairness.betting import house_edge_sequence
from bot.fairness.proof import BUSTABIT_SALT, hexadecimal

#: Games between two looks at the progress.
CHUNK = 50_000
#: Without an end no walk goes on for ever.
MOST_GAMES = 20_000_000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """Games of a chain. ``crashes``: hundredths, newest game first; ``reached``: the end came after so
    many.
    """

    start: str
    end: str
    crashes: NDArray[np.int64]
    reached: bool
    wanted: int | None

    @property
    def games(self) -> int:
        return len(self.crashes)

    @property
    def verified(self) -> bool:
        """The published end was reached, after as many games as the game's number says (if it was given)."""
        return self.reached and (self.wanted is None or self.wanted == self.games)

    def to_json(self) -> dict[str, Any]:
        edge = house_edge_sequence(self.crashes[::-1], at=[self.games])
        return {
            "game": "bustabit",
            "verified": self.verified,
            "hash": self.start,
            "until": self.end,
            "games": self.games,
            "end_reached": self.reached,
            "game_number": self.wanted,
            "multiplier": format_hundredths(int(self.crashes[0])),
            "highest": format_hundredths(int(self.crashes.max())),
            "house_edge": {"estimate": 1.0 - float(edge.estimate[0]), "low": 1.0 - float(edge.high[0]),
                           "high": 1.0 - float(edge.low[0]), "coverage": 0.95},
        }  # fmt: skip


def walk(start: bytes, until: bytes | None, most: int) -> Iterator[tuple[bytes, bool]]:
    """Chunks of hashes, 32 bytes each, from ``start`` on; the last one says whether ``until`` came after it.

    ``until`` is the end itself: it is no game, and stands in no chunk.
    """
    sha256, current, left = hashlib.sha256, start, most
    while left > 0:
        found: list[bytes] = []
        add = found.append
        for _ in range(min(CHUNK, left)):
            add(current)
            current = sha256(current.hex().encode()).digest()
            if current == until:
                yield b"".join(found), True
                return
        left -= len(found)
        yield b"".join(found), False


def crashes_of(hashes: bytes, salt: bytes) -> bytes:
    """Crash points (hundredths, int64) of hashes in a row of 32 bytes each.

    HMAC by its definition, with the two keyed states made once: SHA-256 of the outer key and of SHA-256 of
    the inner key and the message.
    """
    key = salt if len(salt) <= 64 else hashlib.sha256(salt).digest()
    key = key.ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))
    starts = bytearray()
    for place in range(0, len(hashes), 32):
        one = inner.copy()
        one.update(hashes[place : place + 32])
        two = outer.copy()
        two.update(one.digest())
        starts += two.digest()[:8]
    bits = np.frombuffer(bytes(starts), dtype=">u8").astype(np.uint64) >> np.uint64(12)
    # floor(99 · 2^52 / (2^52 - x)) exactly: the numerator is below 2^59.
    points = np.uint64(99 << 52) // (np.uint64(1 << 52) - bits)
    return bytes(np.maximum(points, np.uint64(100)).astype(np.int64).tobytes())


def verify_chain(
    start: str,
    until: str,
    game: int | None = None,
    salt: str = BUSTABIT_SALT,
    progress: Progress | None = None,
) -> Chain:
    """Every game from ``start`` back to the end of the chain. ``game``: the number of the first, if it is
    known.

    Stops at the end, after ``game`` games, or after 20 million. ``progress`` hears how many are done. Raises
    ``BadInput``.
    """
    first, last = hexadecimal("--hash", start, 64), hexadecimal("--until", until, 64)
    if game is not None and not 0 < game <= MOST_GAMES:
        raise BadInput(f"--game is a number from 1 to {MOST_GAMES:,}, not {game}")
    chunks = walk(bytes.fromhex(first), bytes.fromhex(last), MOST_GAMES if game is None else game)
    parts, reached = [], False
    for hashes, last_one in chunks:
        reached = last_one
        parts.append(crashes_of(hashes, salt.encode()))
        if progress:
            progress(CHUNK * len(parts))
    return Chain(first, last, np.frombuffer(b"".join(parts), dtype=np.int64), reached, game)
