"""How often the audit errs: sound sets called out while they grow, spoilt sets caught within 3,000 rounds.

    python -m benchmarks.audit                    the full thousand of each
    python -m benchmarks.audit --sets 200 --only unknown

Sound sets: a return drawn from 0.95 to 0.99, 6,000 rounds; a call at any time on the way counts, since
what was called out stays called out. Spoilt sets: short rounds dropped, every third of them or each with a
chance of a third.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bot.fairness.audit import quality_of
from bot.games.law import crash_point

Crashes = NDArray[np.int64]
RETURNS = (0.95, 0.99)
CAUGHT_WITHIN = 3_000


def drawn(rounds: int, rtp: float, draw: np.random.Generator) -> Crashes:
    """Crash points in hundredths by the law; the vectorised form of ``bot.games.law.crash_point``."""
    assert crash_point(0.5, 0.97) == 194
    points = np.floor(100.0 * rtp / (1.0 - draw.random(rounds)))
    return np.maximum(100, np.minimum(points, 1e12)).astype(np.int64)


def every_third(crashes: Crashes, draw: np.random.Generator, below: int = 105) -> Crashes:
    """Every third of the rounds below 1.05x is not there, beginning with any of the first three."""
    short = np.flatnonzero(crashes < below)
    return np.delete(crashes, short[int(draw.integers(3)) :: 3])


def a_third(crashes: Crashes, draw: np.random.Generator, below: int = 105) -> Crashes:
    """Each of the rounds below 1.05x is missing with a chance of a third."""
    return crashes[~((crashes < below) & (draw.random(len(crashes)) < 1 / 3))]


Spoil = Callable[[Crashes, np.random.Generator], Crashes]


def one_sound(known: bool, rounds: int, seed: int) -> tuple[str, tuple[str, ...]]:
    draw = np.random.default_rng([7, seed])
    rtp = float(draw.uniform(*RETURNS))
    found = quality_of(drawn(rounds, rtp, draw), rtp=rtp if known else None)
    tests = tuple(each.test for part in (found.values, found.order) for each in part.findings)
    return found.verdict.value, tests


def one_spoilt(known: bool, spoil: Spoil, returns: tuple[float, float], seed: int) -> str:
    draw = np.random.default_rng([8, seed])
    rtp = float(draw.uniform(*returns))
    crashes = spoil(drawn(CAUGHT_WITHIN + 400, rtp, draw), draw)[:CAUGHT_WITHIN]
    return quality_of(crashes, rtp=rtp if known else None).verdict.value


def sound_sets(sets: int, rounds: int, known: bool, workers: int = 2) -> dict[str, object]:
    """Share of sound sets of which anything at all was called out at any time (values, order)."""
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(partial(one_sound, known, rounds), range(sets), chunksize=10))
    return {
        "sets": sets,
        "anything_called": sum(bool(tests) for _, tests in found) / sets,
        "verdicts": dict(Counter(verdict for verdict, _ in found)),
        "tests": dict(Counter(test for _, tests in found for test in tests)),
    }


def spoilt_sets(
    sets: int, known: bool, spoil: Spoil, returns: tuple[float, float] = RETURNS, workers: int = 2
) -> dict[str, object]:
    """Share of spoilt sets that were caught within 3,000 rounds."""
    with ProcessPoolExecutor(workers) as pool:
        found = Counter(pool.map(partial(one_spoilt, known, spoil, returns), range(sets), chunksize=10))
    return {"sets": sets, "caught": (found["incomplete"] + found["unlawful"]) / sets, "verdicts": dict(found)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=1_000, help="sets of each kind")
    parser.add_argument("--rounds", type=int, default=6_000, help="rounds of a sound set")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--only", choices=("known", "unknown"), help="whether the audit is told the return")
    options = parser.parse_args()
    for known in {"known": (True,), "unknown": (False,), None: (True, False)}[options.only]:
        what = "R known" if known else "R unknown"
        began = time.perf_counter()
        runs = {"sound": partial(sound_sets, options.sets, options.rounds, known, options.workers)}
        for spoil in (every_third, a_third):
            for returns in ((0.97, 0.97), RETURNS):
                name = f"{spoil.__name__}, R {returns[0]} to {returns[1]}"
                runs[name] = partial(spoilt_sets, options.sets, known, spoil, returns, options.workers)
        for name, run in runs.items():
            print(json.dumps({"judged with": what, "sets are": name, **run()}), flush=True)
        print(f"# {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
