"""The simulated crowd: how many others play a round, and with how much, while betting is open."""

from __future__ import annotations

import random


class Crowd:
    """One round's crowd. Joins over the betting window; totals in minor units. All of it from the seed."""

    def __init__(self, seed: str, label: str) -> None:
        draw = random.Random(f"crowd|{seed}|{label}")
        self._players = draw.randint(60, 900)
        stakes = [draw.choice((10, 50, 100, 100, 200, 500, 1000, 2500)) for _ in range(self._players)]
        self._sums = [0]
        for stake in stakes:
            self._sums.append(self._sums[-1] + stake)

    def at(self, share: float) -> tuple[int, int]:
        """Players and their total (minor units) when ``share`` (0..1) of the betting window has passed."""
        players = min(self._players, int(self._players * (0.15 + 0.85 * min(1.0, max(0.0, share)))))
        return players, self._sums[players]
