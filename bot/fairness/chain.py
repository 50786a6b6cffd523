"""bustabit's whole chain: every game from a hash back to the published end, recomputed.

The hash of a game is SHA-256 of the ASCII hexadecimal of the next game's hash: that walk is one after the
other. The results (an HMAC a game) are not: they are made in other processes while the walk goes on.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.fairness.betting import house_edge_sequence
from bot.fairness.proof import BUSTABIT_SALT, hexadecimal

#: Hashes handed over at once.
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
    workers: int | None = None,
    progress: Progress | None = None,
) -> Chain:
    """Every game from ``start`` back to the end of the chain. ``game``: the number of the first, if it is
    known.

    Stops at the end, after ``game`` games, or after 20 million. ``workers``: processes for the results.
    Raises ``BadInput``.
    """
    first, last = hexadecimal("--hash", start, 64), hexadecimal("--until", until, 64)
    if game is not None and not 0 < game <= MOST_GAMES:
        raise BadInput(f"--game is a number from 1 to {MOST_GAMES:,}, not {game}")
    chunks = walk(bytes.fromhex(first), bytes.fromhex(last), MOST_GAMES if game is None else game)
    parts, reached = _results(chunks, salt.encode(), workers or max(os.cpu_count() or 1, 1), progress)
    return Chain(first, last, np.frombuffer(b"".join(parts), dtype=np.int64), reached, game)


def _results(
    chunks: Iterator[tuple[bytes, bool]], salt: bytes, workers: int, progress: Progress | None
) -> tuple[list[bytes], bool]:
    """Results in the order of the walk, with few chunks on their way at a time."""
    head, reached = next(chunks)
    if reached or workers == 1 or len(head) < 32 * CHUNK:
        return _alone(head, reached, chunks, salt, progress)
    parts: list[bytes] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(workers - 1, 1), mp_context=context) as pool:
        under_way: deque[Future[bytes]] = deque([pool.submit(crashes_of, head, salt)])
        for hashes, last in chunks:
            under_way.append(pool.submit(crashes_of, hashes, salt))
            reached = last
            while under_way and under_way[0].done():
                parts.append(under_way.popleft().result())
            if progress:
                progress(CHUNK * len(parts))
        # The walk is over: this process helps with what is left.
        parts += [each.result() for each in under_way]
    return parts, reached


def _alone(
    head: bytes, reached: bool, chunks: Iterator[tuple[bytes, bool]], salt: bytes, progress: Progress | None
) -> tuple[list[bytes], bool]:
    parts = [crashes_of(head, salt)]
    for hashes, last in chunks:
        parts.append(crashes_of(hashes, salt))
        reached = last
        if progress:
            progress(CHUNK * len(parts))
    return parts, reached
