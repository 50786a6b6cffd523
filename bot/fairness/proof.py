"""Provably-fair rounds, recomputed: Aviator (reconstructed), bustabit, the practice casino.

Every check gives a ``Proof``: the crash point that follows from the seeds, and whether all that was claimed
holds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput

#: The block hash that bustabit fixed as salt before its chain was used.
BUSTABIT_SALT = "0000000000000000004d6ec16dafe9d8370958664c1dc422f452892264c59526"
#: Game 2,729,956 and the published end of its chain, 2,729,956 hashes further back.
BUSTABIT_GAME = 2_729_956
BUSTABIT_HASH = "79f6bbae758befa1e06f0ecb3722458144610de4bb72fd548b9709120618e54f"
BUSTABIT_END = "86728f5fc3bd99db94d3cdaf105d67788194e9701bf95d049ad0e1ee3d004277"
AVIATOR_RECONSTRUCTED = (
    "reconstructed: Spribe does not publish the step from the digest to the multiplier. The digest is "
    "checked by a "
    "published test vector, the step after it by two known rounds only"
)
PRACTICE_BITS = 53


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was claimed: what, what was found, and whether that is it."""

    what: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """The crash point in hundredths and the checks. ``note``: what weakens the proof."""

    game: str
    crash: int
    checks: tuple[Check, ...]
    details: dict[str, str]
    note: str | None = None

    @property
    def verified(self) -> bool:
        return all(each.holds for each in self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "game": self.game,
            "verified": self.verified,
            "multiplier": format_hundredths(self.crash),
            "checks": [{"what": c.what, "found": c.found, "holds": c.holds} for c in self.checks],
            "claimed": len(self.checks),
            "note": self.note,
            **self.details,
        }


def claim(multiplier: int | None, crash: int) -> tuple[Check, ...]:
    """The check of a claimed multiplier (hundredths), if one was claimed."""
    if multiplier is None:
        return ()
    what = f"the multiplier is {format_hundredths(multiplier)}x"
    return (Check(what, f"{format_hundredths(crash)}x", multiplier == crash),)


def hexadecimal(name: str, text: str, digits: int | None = None) -> str:
    """A hexadecimal text in small letters. Raises ``BadInput`` that names it."""
    bare = text.strip().lower()
    if not re.fullmatch(r"([0-9a-f]{2})+", bare) or (digits is not None and len(bare) != digits):
        size = f"{digits} hexadecimal digits" if digits else "hexadecimal digits, two a byte"
        raise BadInput(f"{name} must be {size}, not {text.strip()!r:.80}")
    return bare


# -- Aviator ---------------------------------------------------------------------------------------------


def aviator_digest(server_seed: str, client_seeds: Sequence[str]) -> str:
    """SHA-512 over the server seed and the first three bettors' seeds, plain texts with nothing between."""
    return hashlib.sha512("".join((server_seed, *client_seeds)).encode()).hexdigest()


def aviator_crash(digest: str) -> int:
    """Hundredths from a digest (its first 13 hexadecimal digits): max(1.00, floor(97 · 2^52 / (2^52 - h)) /
    100).
    """
    h = int(hexadecimal_start(digest), 16)
    return max(100, (97 << 52) // ((1 << 52) - h))


def hexadecimal_start(digest: str) -> str:
    """The 13 digits that count. Raises ``BadInput`` for fewer, or others."""
    start = digest.strip().lower()[:13]
    if not re.fullmatch(r"[0-9a-f]{13}", start):
        raise BadInput(f"a digest begins with at least 13 hexadecimal digits, not {digest.strip()!r:.40}")
    return start


def verify_aviator(
    server_seed: str,
    client_seeds: Sequence[str],
    multiplier: int | None = None,
    seed_hash: str | None = None,
) -> Proof:
    """An Aviator round. ``multiplier``: claimed, in hundredths; ``seed_hash``: shown before the round.

    Raises ``BadInput`` for seeds that cannot be.
    """
    if not server_seed.strip():
        raise BadInput("the server seed is empty")
    if len(client_seeds) != 3 or not all(seed.strip() for seed in client_seeds):
        raise BadInput("Aviator takes the seeds of the first three bettors: 3 times --client-seed, not "
                       f"{len(client_seeds)}")  # fmt: skip
    server, clients = server_seed.strip(), [seed.strip() for seed in client_seeds]
    digest = aviator_digest(server, clients)
    crash = aviator_crash(digest)
    checks = claim(multiplier, crash)
    if seed_hash is not None:
        found = hashlib.sha256(server.encode()).hexdigest()
        checks = (
            Check("SHA-256 of the server seed", found, found == hexadecimal("--seed-hash", seed_hash, 64)),
            *checks,
        )
    return Proof("aviator", crash, checks, {"digest": digest}, AVIATOR_RECONSTRUCTED)


# -- bustabit --------------------------------------------------------------------------------------------


def bustabit_crash(game_hash: str, salt: str = BUSTABIT_SALT) -> int:
    """Hundredths from a game's hash: H = HMAC-SHA256(salt, 32 raw bytes), X = 52 bits of it / 2^52,
    max(1.00, floor(99 / (1 - X)) / 100); in integers."""
    digest = hmac.digest(salt.encode(), bytes.fromhex(game_hash), "sha256")
    return max(100, (99 << 52) // ((1 << 52) - (int.from_bytes(digest[:8], "big") >> 12)))


def verify_bustabit(game_hash: str, multiplier: int | None = None, salt: str = BUSTABIT_SALT) -> Proof:
    """One bustabit game by its hash. Raises ``BadInput``."""
    bare = hexadecimal("--hash", game_hash, 64)
    crash = bustabit_crash(bare, salt)
    return Proof("bustabit", crash, claim(multiplier, crash), {"hash": bare, "salt": salt},
                 None if multiplier is not None else "the multiplier follows from the hash; whether the hash "
                 "belongs to the published chain is checked with --chain")  # fmt: skip


# -- the practice casino ---------------------------------------------------------------------------------


def practice_crash(server_seed: str, client_seeds: Sequence[str], label: str, rtp_basis_points: int) -> int:
    """Hundredths by the casino's published rule.

    Key: the 32 bytes of the server seed (hexadecimal); message: the bettors' seeds and the label, joined by
    "|"; h: the first 53 bits of HMAC-SHA256; max(100, floor(rtp_basis_points · 2^53 / (100 (h + 1)))).
    """
    message = "|".join([*client_seeds, label]).encode()
    digest = hmac.digest(bytes.fromhex(server_seed), message, "sha256")
    bits = int.from_bytes(digest[:8], "big") >> (64 - PRACTICE_BITS)
    return max(100, (rtp_basis_points << PRACTICE_BITS) // (100 * (bits + 1)))


def verify_practice(
    server_seed: str,
    client_seeds: Sequence[str],
    label: str,
    rtp_basis_points: int = 9_700,
    multiplier: int | None = None,
    seed_hash: str | None = None,
) -> Proof:
    """A round of the practice casino; ``label`` is table and number there, as in ``aviator/12``."""
    seed = hexadecimal("--server-seed", server_seed, 64)
    if not re.fullmatch(r".+/[1-9]\d*", label):
        raise BadInput(f"--label is table and number of the round there, as in aviator/12; not {label!r:.60}")
    if not 0 < rtp_basis_points < 10_000:
        raise BadInput(f"--rtp is in ten-thousandths, between 1 and 9999, as in 9700; not {rtp_basis_points}")
    crash = practice_crash(seed, client_seeds, label, rtp_basis_points)
    checks = claim(multiplier, crash)
    if seed_hash is not None:
        found = hashlib.sha256(bytes.fromhex(seed)).hexdigest()
        checks = (
            Check("SHA-256 of the server seed", found, found == hexadecimal("--seed-hash", seed_hash, 64)),
            *checks,
        )
    return Proof("practice", crash, checks, {"label": label, "rtp_basis_points": str(rtp_basis_points)})
