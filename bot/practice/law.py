"""How a crash point is drawn, and how anybody can check it afterwards (commit and reveal).

Before betting opens the house fixes a 32-byte server seed and publishes its SHA-256. At take-off it names
the client seeds, at the crash it reveals the server seed. With ``h`` = the first 53 bits of
HMAC-SHA256(server seed, "client|seeds|label") and U = (h + 1) / 2^53 in (0, 1], the crash point is

    M = max(1.00, floor(100 R / U) / 100)

so that P(M >= x) = R / x for every target x from 1.01 on: each loses the same share 1 - R in expectation.
The label is the table and its own round number ("aviator/12"). All of it is integer arithmetic, so a browser
finds the same number.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

BITS = 53
BASIS_POINTS = 10_000
LAW_TEXT = (
    "key = the 32 bytes of server_seed (hex); message = client_seeds joined by '|', then '|' and the label; "
    "h = first 53 bits of HMAC-SHA256(key, message); "
    "crash in hundredths = max(100, floor(rtp_basis_points * 2^53 / (100 * (h + 1)))). "
    "The seed hash shown before betting opened is the SHA-256 of the key. "
    "In a round with the practice fault one_x or very_high the house searched for a seed with such "
    "an outcome: the commitment holds, the draw is not free."
)


@dataclass(frozen=True, slots=True)
class Draw:
    """One committed round: seeds and the crash point (hundredths) that follows from them."""

    server_seed: str
    client_seeds: tuple[str, ...]
    crash: int

    @property
    def seed_hash(self) -> str:
        return seed_hash(self.server_seed)


def seed_hash(server_seed: str) -> str:
    """The commitment: hex SHA-256 of the server seed's bytes."""
    return hashlib.sha256(bytes.fromhex(server_seed)).hexdigest()


def uniform_bits(server_seed: str, client_seeds: tuple[str, ...], label: str) -> int:
    """The 53-bit number of a round."""
    message = "|".join((*client_seeds, label)).encode()
    digest = hmac.new(bytes.fromhex(server_seed), message, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - BITS)


def crash_point(bits: int, rtp_basis_points: int) -> int:
    """Hundredths, at least 100. ``rtp_basis_points`` is R in ten-thousandths (9700 is 0.97)."""
    return max(100, (rtp_basis_points << BITS) // (100 * (bits + 1)))


def verify(server_seed: str, client_seeds: tuple[str, ...], label: str, rtp_basis_points: int) -> int:
    """The crash point (hundredths) that revealed seeds give."""
    return crash_point(uniform_bits(server_seed, client_seeds, label), rtp_basis_points)


class Dealer:
    """Draws rounds from one secret seed: the same seed and label always give the same draw."""

    def __init__(self, seed: str, rtp_basis_points: int) -> None:
        self._key = hashlib.sha256(f"crash practice|{seed}".encode()).digest()
        self.rtp_basis_points = rtp_basis_points

    def _derive(self, *parts: object) -> bytes:
        return hmac.new(self._key, "|".join(str(part) for part in parts).encode(), hashlib.sha256).digest()

    def draw(self, label: str, wanted: Callable[[int], bool] | None = None) -> Draw:
        """The round's draw; with ``wanted`` the first of its seeds whose crash point is wanted (a fault)."""
        clients = tuple(self._derive("client", label, n).hex()[:16] for n in range(3))
        attempt = 0
        while True:
            server = self._derive("server", label, attempt).hex()
            crash = verify(server, clients, label, self.rtp_basis_points)
            if wanted is None or wanted(crash):
                return Draw(server, clients, crash)
            attempt += 1
            if attempt > 1_000_000:
                raise RuntimeError(f"no seed with the wanted crash point for round {label}")
