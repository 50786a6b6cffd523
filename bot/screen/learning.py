"""A table's font, learned by looking: the engine's labels, checked by the flight's curve and by likeness.

States of a ``Teacher``: *learning* (the engine reads, labels are collected), *checking* (a font is built; the
engine still reads and must agree with it on new frames), *trusted* (the font reads; about once a second
the engine reads too). A disagreement takes trust away, a second one starts the learning anew.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bot.screen.glyphs import ALPHABET, CELL_HEIGHT, CELL_WIDTH, DIGITS, Features, GlyphFont, SoundLine

#: Fewest frames of a flight that a curve is laid through.
MIN_CHAIN = 8
#: A label may be this late or early against the curve (seconds), besides one hundredth.
CHAIN_SLACK_S = 0.12
#: Slope of the curve against the game's growth when the pace of the table is not known.
PACES = (0.5, 80.0)
MIN_LIKENESS = 0.80
MAX_TWIN_LIKENESS = 0.965
MAX_SAMPLES = 48
#: More labels in dispute than this share: the whole collection is not worth trusting.
MAX_DISPUTED = 0.25
#: A font under check that refuses this many lines the engine can read is no use.
MAX_REFUSED = 40


class LearnState(StrEnum):
    """How far a font is."""

    LEARNING = "learning"
    CHECKING = "checking"
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled line: characters of its digits and x, their features and shapes; when, what value."""

    characters: str
    features: Features
    aspects: tuple[float, ...]
    at_s: float
    value: int


def sample_of(found: SoundLine, text: str, at_s: float, value: int) -> Sample:
    """A sample from a sound line and its text; ``text`` has one character a piece."""
    pieces = [piece for piece in found.line.pieces if piece.kind in "dx"]
    characters = "".join(c for c in text if c in ALPHABET)
    if len(characters) != len(pieces):
        raise ValueError(f"{text!r} does not fit {len(pieces)} pieces")
    aspects = tuple(piece.width / piece.height for piece in pieces)
    return Sample(characters, found.features(), aspects, at_s, value)


def on_curve(samples: Sequence[Sample], growth: float | None, pace: float | None) -> list[Sample]:
    """The samples of one flight that lie on one exponential curve and never fall.

    ``growth`` is the game's (per second), ``pace`` the table's speed; ``None``: found from the samples
    themselves. Without ``growth`` every sample passes (fields that do not fly). Too few samples: none.
    """
    if growth is None:
        return list(samples)
    if len(samples) < MIN_CHAIN:
        return []
    at = np.array([sample.at_s for sample in samples])
    logs = np.log(np.array([sample.value + 0.5 for sample in samples]) / 100.0)
    slope, start = _robust_line(at, logs)
    expected = growth * (pace or 1.0)
    lowest, highest = (0.8 * expected, 1.25 * expected) if pace else (PACES[0] * growth, PACES[1] * growth)
    if not lowest <= slope <= highest:
        return []
    fitted = np.exp(start + slope * at) * 100.0 - 0.5
    kept = []
    for sample, value in zip(samples, fitted.tolist(), strict=True):
        if abs(sample.value - value) <= 1.0 + value * slope * CHAIN_SLACK_S:
            kept.append(sample)
    kept = _never_falling(kept)
    return kept if 4 * len(kept) >= 3 * len(samples) else []


def on_rise(samples: Sequence[Sample]) -> list[Sample]:
    """The samples of one flight of an unknown law: they never fall and none leaps ahead of its neighbours.

    A value that the next one falls below is not kept, nor one that rises much faster than the flight does.
    Too few samples, or too many out of line: none.
    """
    if len(samples) < MIN_CHAIN:
        return []
    kept = _never_falling(samples)
    if 4 * len(kept) < 3 * len(samples):
        return []
    logs = np.log(np.array([sample.value + 0.5 for sample in kept]))
    at = np.array([sample.at_s for sample in kept])
    slopes = np.diff(logs) / np.maximum(np.diff(at), 0.02)
    usual = max(float(np.median(slopes)), 1e-6)
    # Floored hundredths make steps: only leaps of more than that count.
    leaps = (slopes > 4 * usual) & (np.diff([sample.value for sample in kept]) > 3)
    fair = [sample for place, sample in enumerate(kept) if place == 0 or not leaps[place - 1]]
    return fair if 4 * len(fair) >= 3 * len(samples) else []


def _robust_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Median slope over pairs far enough apart (Theil 1950, Sen 1968) and median intercept."""
    first, second = np.triu_indices(len(x), k=1)
    apart = np.abs(x[second] - x[first])
    far = apart >= apart.max() / 3
    if not far.any() or apart.max() <= 0:
        return 0.0, 0.0
    slope = float(np.median((y[second] - y[first])[far] / (x[second] - x[first])[far]))
    return slope, float(np.median(y - slope * x))


def _never_falling(samples: Sequence[Sample]) -> list[Sample]:
    """The longest chain of samples in time order whose values never fall."""
    if not samples:
        return []
    best = [1] * len(samples)
    before = [-1] * len(samples)
    for i, later in enumerate(samples):
        for j in range(i):
            if samples[j].value <= later.value and best[j] + 1 > best[i]:
                best[i], before[i] = best[j] + 1, j
    i = max(range(len(samples)), key=best.__getitem__)
    chain: list[Sample] = []
    while i >= 0:
        chain.append(samples[i])
        i = before[i]
    return chain[::-1]


def build_font(samples: Sequence[Sample], need_x: bool, each: int) -> tuple[GlyphFont | None, list[Sample]]:
    """A font from labelled lines, and the lines that are not in dispute.

    A line is in dispute when a piece is more like another character's mean than like its own; it is left
    out and the means are taken again. No font comes of it while a character is missing (``each`` samples of
    all ten digits are wanted), or when two characters look the same.
    """
    kept = list(samples)
    for _ in range(8):
        characters, means, aspects = _means(kept)
        agreed = [sample for sample in kept if _agrees(sample, characters, means)]
        if len(agreed) == len(kept):
            break
        kept = agreed
    else:
        return None, []
    counts = Counter(character for sample in kept for character in sample.characters)
    wanted = DIGITS + ("x" if need_x else "")
    if any(counts[character] < each for character in wanted):
        return None, kept
    likeness = means @ means.T - np.eye(len(characters), dtype=np.float32)
    shape = np.abs(aspects[:, None] - aspects[None, :])
    if bool(((likeness > MAX_TWIN_LIKENESS) & (shape < 0.1)).any()):
        return None, []
    return GlyphFont(means, characters, aspects), kept


def _means(samples: Sequence[Sample]) -> tuple[str, Features, NDArray[np.float32]]:
    characters = "".join(c for c in ALPHABET if any(c in sample.characters for sample in samples))
    means = np.zeros((len(characters), CELL_HEIGHT * CELL_WIDTH), np.float32)
    aspects = np.zeros(len(characters), np.float32)
    counts = np.zeros(len(characters), np.float32)
    for sample in samples:
        for character, row, aspect in zip(sample.characters, sample.features, sample.aspects, strict=True):
            place = characters.index(character)
            means[place] += row
            aspects[place] += aspect
            counts[place] += 1
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    return characters, means, (aspects / np.maximum(counts, 1)).astype(np.float32)


def _agrees(sample: Sample, characters: str, means: Features) -> bool:
    scores = sample.features @ means.T
    own = np.array([characters.index(character) for character in sample.characters])
    rows = np.arange(len(own))
    return bool((scores.argmax(axis=1) == own).all() and (scores[rows, own] >= MIN_LIKENESS).all())


class Teacher:
    """Leads one font from nothing to trust, and takes trust away again.

    ``growth`` (per second): labels must lie on a flight's curve to count; ``None`` for fields that do not
    fly. ``rising``: they must rise, by a law that nobody knows. ``keep`` is called with the font whenever its
    trust changes.
    """

    def __init__(
        self,
        font: GlyphFont | None,
        keep: Callable[[GlyphFont], None] = lambda font: None,
        growth: float | None = None,
        pace: float | None = None,
        need_x: bool = True,
        each: int = 3,
        checks: int = 12,
        audit_s: float = 1.0,
        rising: bool = False,
    ) -> None:
        self.font = font or GlyphFont()
        self.state = LearnState.LEARNING
        if self.font.characters:
            self.state = LearnState.TRUSTED if self.font.trusted else LearnState.CHECKING
        self._keep = keep
        self._growth, self._pace = growth, pace
        self._flies, self._rising = growth is not None or rising, rising
        self._need_x, self._each, self._checks = need_x, each, checks
        self._audit_s = audit_s
        self._chain: list[Sample] = []
        self._samples: deque[Sample] = deque(maxlen=400)
        self._per_character: Counter[str] = Counter()
        self._agreed = 0
        self._refused = 0
        self._early_audits = 5
        self._next_audit_s = -math.inf
        self.relearned = 0

    @property
    def trusted(self) -> bool:
        return self.state is LearnState.TRUSTED

    def wants_label(self) -> bool:
        """Whether the engine should read the next frame for learning or checking."""
        return self.state is not LearnState.TRUSTED

    def audit_due(self, at_s: float) -> bool:
        """Whether a trusted font is to be held against the engine now."""
        return self._early_audits > 0 or at_s >= self._next_audit_s

    def label(self, found: SoundLine, text: str, value: int, at_s: float) -> None:
        """A line that the engine read. ``text`` has one character a piece."""
        if self.state is not LearnState.LEARNING:
            return
        self._chain.append(sample_of(found, text, at_s, value))
        if not self._flies:
            self._take(self._chain)
            self._chain = []

    def flight_over(self) -> None:
        """The flight ended: its labels are held against its course, and what fits is learned from."""
        chain, self._chain = self._chain, []
        if chain and self.state is LearnState.LEARNING:
            self._take(on_rise(chain) if self._rising else on_curve(chain, self._growth, self._pace))

    def flight_goes_on(self) -> None:
        """Between two frames of a long flight: learn from what is there already."""
        if self._flies and len(self._chain) >= 3 * MIN_CHAIN:
            self.flight_over()

    def _take(self, samples: Sequence[Sample]) -> None:
        fresh = False
        for sample in samples:
            rarest = min(self._per_character[character] for character in sample.characters)
            if rarest < MAX_SAMPLES:
                self._samples.append(sample)
                self._per_character.update(sample.characters)
                fresh = True
        if not fresh or any(self._per_character[digit] < self._each for digit in DIGITS):
            return
        font, kept = build_font(list(self._samples), self._need_x, self._each)
        if len(kept) < (1 - MAX_DISPUTED) * len(self._samples):
            self.forget()
            return
        self._samples = deque(kept, maxlen=400)
        if font is not None:
            self.font, self.state, self._agreed, self._refused = font, LearnState.CHECKING, 0, 0

    def compared(self, agree: bool | None, at_s: float) -> None:
        """The engine read a new frame and the font agreed, did not, or (``None``) refused."""
        if agree is None:
            self._refused += 1
            if self._refused >= MAX_REFUSED and self.state is LearnState.CHECKING:
                self.forget()
            return
        self._next_audit_s = at_s + self._audit_s
        self._early_audits = max(0, self._early_audits - 1)
        if self.state is LearnState.CHECKING:
            if not agree:
                self.forget()
                return
            self._agreed += 1
            if self._agreed >= self._checks:
                self._set_trust(True)
        elif self.state is LearnState.TRUSTED and not agree:
            self._set_trust(False)

    def _set_trust(self, trusted: bool) -> None:
        self.font.trusted = trusted
        self.state = LearnState.TRUSTED if trusted else LearnState.CHECKING
        self._agreed = 0
        self._early_audits = 5 if trusted else 0
        self._keep(self.font)

    def replace(self, font: GlyphFont | None) -> None:
        """Another process has learned: its font is taken as it is."""
        self.font = font or GlyphFont()
        self.state = LearnState.TRUSTED if self.font.trusted else LearnState.CHECKING
        if not self.font.characters:
            self.state = LearnState.LEARNING

    def forget(self) -> None:
        """Learn anew: nothing that was learned is kept."""
        had_font = bool(self.font.characters)
        self.font = GlyphFont()
        self.state = LearnState.LEARNING
        self._samples.clear()
        self._per_character.clear()
        self._chain = []
        self._agreed = self._refused = 0
        self.relearned += 1
        if had_font:
            self._keep(self.font)
