"""The rounds of the simulator: draws that depend on seed, session and round only.

A draw is a number of 53 bits, u in 0 .. 2**53 - 1, with U = (u + 1) / 2**53 uniform on (0, 1]. It is made
from its place alone (a counter-based generator: each session is a stream of splitmix64 from a hashed start,
Steele, Lea and Flood 2014, with the mixing constants of Stafford's variant 13), so any number of threads, any
machine and any strategy sees the same rounds. The compiled kernels hold the same few lines.

The crash point is M = max(100, A // (u + 1)) hundredths with the law's integer A = floor(100 R 2**53),
exactly the floor of 100 R / U; so M reaches x exactly when u < A // x: no division in the fast path.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import BadInput

BITS = 53
_MASK = (1 << 64) - 1
#: 2**64 divided by the golden ratio, odd; and the step from session to session, odd too.
GOLDEN = 0x9E3779B97F4A7C15
SESSION_STEP = 0xD1B54A32D192ED03
MIX_1 = 0xBF58476D1CE4E5B9
MIX_2 = 0x94D049BB133111EB


def mix(x: int) -> int:
    """The finaliser of splitmix64 on an unsigned 64-bit number."""
    x = ((x ^ (x >> 30)) * MIX_1) & _MASK
    x = ((x ^ (x >> 27)) * MIX_2) & _MASK
    return x ^ (x >> 31)


def seed_key(seed: int) -> int:
    """What the kernels take for a seed: 64 hashed bits. Raises ``BadInput`` for a negative seed."""
    if seed < 0:
        raise BadInput(f"a seed is a whole number from 0, not {seed}")
    return mix((seed + GOLDEN) & _MASK)


def draw(seed: int, session: int, round_number: int) -> int:
    """The draw u of one round; sessions and rounds count from 0."""
    start = mix((seed_key(seed) + (session + 1) * SESSION_STEP) & _MASK)
    return mix((start + (round_number + 1) * GOLDEN) & _MASK) >> (64 - BITS)


def draw_block(seed: int, sessions: range, rounds: range) -> NDArray[np.int64]:
    """The draws of a block, one row a session."""
    with np.errstate(over="ignore"):
        places = np.arange(sessions.start + 1, sessions.stop + 1, dtype=np.uint64) * np.uint64(SESSION_STEP)
        starts = _mix(np.uint64(seed_key(seed)) + places)
        steps = np.arange(rounds.start + 1, rounds.stop + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        mixed = _mix(starts[:, None] + steps[None, :])
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(MIX_1)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(MIX_2)
    return x ^ (x >> np.uint64(31))


def law_number(rtp: Decimal | float | str) -> int:
    """A = floor(100 R 2**53) for a return to player R, read as the decimal that it is written as.

    Raises ``BadInput`` unless 0 < R <= 1.
    """
    try:
        exact = Fraction(Decimal(str(rtp)))
    except (InvalidOperation, ValueError, OverflowError):
        exact = Fraction(0)
    if not 0 < exact <= 1:
        raise BadInput(f"the return to player must be above 0 and at most 1, as in 0.97, not {rtp}")
    return int(exact * 100 * 2**BITS)


def threshold(law: int, target: int) -> int:
    """A round reaches ``target`` (hundredths) when its draw u lies below this."""
    return min(law // target, 1 << BITS) if target > 100 else 1 << BITS


def crash_points(drawn: NDArray[np.int64], law: int) -> NDArray[np.int64]:
    """The crash points in hundredths of draws."""
    return np.maximum(law // (drawn + 1), 100)


def crashes(seed: int, session: int, rounds: int, rtp: Decimal | float | str) -> list[int]:
    """The crash points of one session, in hundredths: what ``simulate`` plays its session on."""
    drawn = draw_block(seed, range(session, session + 1), range(rounds))
    points: list[int] = crash_points(drawn, law_number(rtp))[0].tolist()
    return points
