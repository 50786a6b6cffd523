"""What else on the page tells a phase: a caption, a bar, the button, a message, wherever it stands.

A number that stands may be the end of a round, may have been left standing while bets are taken, or may be
the 1.00x before a take-off; the number itself does not say. But the page nearly always changes elsewhere too.
Coarse colours of the whole table are kept from the moments that are beyond doubt: while the number rises
(flying), just after it stopped for good (crashed), just before it rises anew (betting). Cells whose colour
keeps apart two of these phases, round after round, are the signs that tell them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box, Phase

#: Colours of the cells of a table: rows x columns x 3, NaN where it is beyond the edge of the screen.
Cells = NDArray[np.float32]

#: Side of a cell in pixels at the size of the calibration.
CELL_PX = 20
MOST_CELLS = 96
#: Seconds between two samples; how long they are remembered.
EVERY_S, REMEMBERED_S = 0.08, 2.5
#: Which samples are beyond doubt: seconds after the number stopped, and before it rose.
AFTER_END_S, BEFORE_RISE_S = (0.10, 0.50), (0.65, 0.15)
#: Rounds after which a phase is known: from the first on its signs are heard, if they nearly all agree.
KNOWN_ROUNDS, SURE_ROUNDS = 1, 2
#: A sign: its colours differ by so much (0..255), and by so many times what they vary.
DIFFERS, TIMES = 9.0, 3.0
#: Least spread of a cell that is assumed (0..255).
LEAST_SPREAD = 2.0
#: A cell further than this (0..255; share of what lies between two phases) from both is like neither.
STRANGE, STRANGE_SHARE = 24.0, 0.75
#: Where so many cells are strange the page has another dress.
OTHER_SHARE = 0.5
#: Without a look for so long, nobody knows what was in between.
HOLE_S = 0.7
#: Fewer cells than this are no sign.
LEAST_SIGNS = 3
#: Least share of the signs that speak, and of those that speak the same (while few rounds are known).
SPEAK, AGREE, AGREE_EARLY = 0.5, 0.75, 0.9
PHASES = (Phase.BETTING, Phase.FLYING, Phase.CRASHED)


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table: ``area`` in pixels from its origin at the size of the calibration."""

    area: Box
    columns: int
    rows: int

    @classmethod
    def over(cls, area: Box) -> Grid:
        """Cells over an area."""
        columns = min(MOST_CELLS, max(1, round(area.width / CELL_PX)))
        rows = min(MOST_CELLS, max(1, round(area.height / CELL_PX)))
        return cls(area, columns, rows)

    def cells(self, image: Image, area: Box) -> Cells:
        """The colours of the cells; ``area`` is where they are in ``image``, parts of it may be outside."""
        height, width = image.shape[:2]
        left, top = max(0, -area.x), max(0, -area.y)
        right, bottom = max(0, area.right - width), max(0, area.bottom - height)
        seen = image[max(0, area.y) : area.bottom, max(0, area.x) : area.right]
        if not seen.size:
            return np.full((self.rows, self.columns, 3), np.nan, np.float32)
        if not (left or top or right or bottom):
            seen = seen[::2, ::2] if min(seen.shape[:2]) > 4 * CELL_PX else seen
            return cv2.resize(seen, (self.columns, self.rows), interpolation=cv2.INTER_AREA).astype(
                np.float32
            )
        whole = np.full((area.height, area.width, 3), np.nan, np.float32)
        whole[top : area.height - bottom, left : area.width - right] = seen
        shrunk = cv2.resize(whole, (self.columns, self.rows), interpolation=cv2.INTER_AREA)
        return np.asarray(shrunk, np.float32)


@dataclass(slots=True)
class _Known:
    """Mean and spread of the cells in one phase, of ``rounds`` rounds; ``weight`` is what they count for."""

    mean: Cells
    square: Cells
    weight: float = 0.0
    rounds: int = 0

    def take(self, samples: list[Cells]) -> None:
        """The samples of one more round."""
        stack = np.nan_to_num(np.stack(samples))
        # A look too early or too late, at a change, must not blur what the others say.
        sample = np.median(stack, axis=0)
        within = 1.48 * np.median(np.abs(stack - sample), axis=0)
        self.weight += 1.0
        share = np.float32(1.0 / self.weight)
        apart = sample - self.mean
        self.mean += share * apart
        self.square += share * (apart * (sample - self.mean) + within**2 - self.square)
        self.rounds += 1
        # A page may change its dress: what was seen lately counts for more.
        self.weight = min(self.weight, 12.0)

    def is_other(self, sample: Cells) -> bool:
        """Whether the page looks altogether different now: another dress, another size."""
        if self.mean.shape != sample.shape:
            return True
        apart = np.nan_to_num(np.abs(sample - self.mean).max(axis=2))
        return float((apart > STRANGE).mean()) > OTHER_SHARE

    def spread(self) -> Cells:
        """How much the cells vary within the phase."""
        few = 1.0 + 1.0 / self.rounds
        return np.asarray(np.sqrt(np.maximum(self.square, 0)) * few + LEAST_SPREAD, np.float32)


@dataclass(slots=True)
class Moments:
    """The signs of one table. Call ``see`` with every look, then tell what the number did."""

    known: dict[Phase, _Known] = field(default_factory=dict)
    _recent: deque[tuple[float, Cells]] = field(default_factory=deque)
    _end: list[Cells] = field(default_factory=list)
    _stopped_s: float | None = None
    _signs: dict[tuple[Phase, Phase], NDArray[np.bool_]] = field(default_factory=dict)
    _flight: list[Cells] = field(default_factory=list)
    _possible: frozenset[Phase] | None = None

    def due(self, at_s: float) -> bool:
        """Whether a look is wanted now: more often tells nothing more."""
        return not self._recent or not 0 <= at_s - self._recent[-1][0] < EVERY_S

    def see(self, at_s: float, cells: Cells) -> None:
        """One look at the table."""
        if self._recent and not 0 <= at_s - self._recent[-1][0] <= HOLE_S:
            self.lost()
        self._possible = None
        self._recent.append((at_s, cells))
        if self._stopped_s is not None and self._is_end(at_s):
            self._end.append(cells)
        while self._recent and at_s - self._recent[0][0] > REMEMBERED_S:
            self._recent.popleft()

    # -- what the number did ------------------------------------------------------------------------------

    def rose(self, at_s: float) -> None:
        """The number rises at this look."""
        if self._recent and at_s - self._recent[-1][0] < EVERY_S and len(self._flight) < 24:
            self._flight.append(self._recent[-1][1])

    def ended(self, stopped_s: float) -> None:
        """The number stands, since ``stopped_s``, and is held for the end of its round."""
        if self._stopped_s is None:
            self._stopped_s = stopped_s
            self._end = [cells for at, cells in self._recent if self._is_end(at)]

    def _is_end(self, at_s: float) -> bool:
        begin, end = AFTER_END_S
        return self._stopped_s is not None and begin <= at_s - self._stopped_s <= end

    def takes_off(self, at_s: float) -> None:
        """The number begins to rise at about ``at_s``: what was before it was the betting phase."""
        begin, end = BEFORE_RISE_S
        before = [c for at, c in self._recent if at_s - begin <= at <= at_s - end]
        if self._end and before:
            self._take(Phase.CRASHED, self._end)
            self._take(Phase.BETTING, before)
            if len(self._flight) >= 3:
                self._take(Phase.FLYING, self._flight)
            self._signs.clear()
            self._possible = None
        self._forget()

    def lost(self) -> None:
        """The table was out of sight: what was pending is not beyond doubt any more."""
        self._recent.clear()
        self._forget()

    def _forget(self) -> None:
        self._end, self._flight, self._stopped_s = [], [], None

    def _take(self, phase: Phase, samples: list[Cells]) -> None:
        known = self.known.get(phase)
        if known is None or known.is_other(samples[-1]):
            first = np.nan_to_num(samples[0])
            known = self.known[phase] = _Known(first.copy(), np.zeros_like(first))
        known.take(samples)

    # -- what the page says -------------------------------------------------------------------------------

    def possible(self) -> frozenset[Phase]:
        """The phases that the newest look may be: no sign speaks against them. Empty: nothing is known."""
        if self._possible is None:
            self._possible = self._left()
        return self._possible

    def _left(self) -> frozenset[Phase]:
        phases = [p for p in PHASES if p in self.known and self.known[p].rounds >= KNOWN_ROUNDS]
        if len(phases) < 2 or not self._recent:
            return frozenset()
        cells = self._recent[-1][1]
        left = set(phases)
        for one, other in combinations(phases, 2):
            winner = self._between(one, other, cells)
            if winner is not None:
                left.discard(other if winner is one else one)
        return frozenset(left)

    def knows(self, phase: Phase) -> bool:
        """Whether this phase was seen, beyond doubt."""
        return phase in self.known

    def apart(self, one: Phase, other: Phase) -> bool:
        """Whether the page has signs that keep these two apart."""
        if any(p not in self.known or self.known[p].rounds < KNOWN_ROUNDS for p in (one, other)):
            return False
        return int(self._signs_of(one, other).sum()) >= LEAST_SIGNS

    def _signs_of(self, one: Phase, other: Phase) -> NDArray[np.bool_]:
        signs = self._signs.get((one, other))
        if signs is None:
            a, b = self.known[one], self.known[other]
            differs = np.abs(a.mean - b.mean)
            varies = a.spread() + b.spread()
            clear = (differs >= DIFFERS) & (differs >= TIMES * varies)
            signs = self._signs[one, other] = np.asarray(clear.any(axis=2), np.bool_)
        return signs

    def _between(self, one: Phase, other: Phase, cells: Cells) -> Phase | None:
        """Which of two phases the signs speak for; ``None`` when there are none, or they do not agree."""
        signs = self._signs_of(one, other)
        count = int(signs.sum())
        a, b = self.known[one].mean, self.known[other].mean
        if count < LEAST_SIGNS or a.shape != cells.shape:
            return None
        to_one = np.abs(cells - a).max(axis=2)[signs]
        to_other = np.abs(cells - b).max(axis=2)[signs]
        between = np.abs(a - b).max(axis=2)[signs]
        # What is like neither does not speak (something may lie over it), nor does NaN, beyond the screen.
        near = np.minimum(to_one, to_other) <= np.maximum(STRANGE, STRANGE_SHARE * between)
        speaks = near & (np.abs(to_one - to_other) > 0.4 * between)
        for_one = int((speaks & (to_one < to_other)).sum())
        for_other = int((speaks & (to_other < to_one)).sum())
        voices = for_one + for_other
        if voices < SPEAK * count:
            return None
        few = min(self.known[one].rounds, self.known[other].rounds) < SURE_ROUNDS
        agree = (AGREE_EARLY if few else AGREE) * voices
        if for_one >= agree:
            return one
        return other if for_other >= agree else None

    # -- kept ---------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """What was learned, to be kept."""
        return {
            phase.value: {
                "rounds": known.rounds,
                "weight": round(known.weight, 3),
                "mean": np.round(known.mean).astype(int).tolist(),
                "spread": np.round(np.sqrt(np.maximum(known.square, 0)), 1).tolist(),
            }
            for phase, known in self.known.items()
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Moments:
        """What was kept. Raises ``ValueError``, ``KeyError`` or ``TypeError`` when it is not of the form."""
        moments = cls()
        for name, data in kept.items():
            mean, spread = np.array(data["mean"], np.float32), np.array(data["spread"], np.float32)
            if mean.ndim != 3 or mean.shape[2] != 3 or mean.shape != spread.shape:
                raise ValueError("cells of another form")
            known = _Known(
                mean, np.asarray(spread**2, np.float32), float(data["weight"]), int(data["rounds"])
            )
            if known.rounds < 1 or not np.isfinite(known.weight):
                raise ValueError("no rounds")
            moments.known[Phase(name)] = known
        return moments
