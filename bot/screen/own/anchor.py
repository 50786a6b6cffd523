"""Is the table there, where, and is it the same page? Told by pieces of the page that hold still.

A real table carries no mark. While it is watched, small patches around the fields that never change and have
something on them (letters, edges of panels) are kept. At every look they are compared in the very picture
that is read: when too few of them stand, the table is not in sight, whatever its fields seem to say. Then it
is searched for on the whole screen, at its own size and at the sizes that a browser's zoom makes of it.
"""

from __future__ import annotations

import io
import itertools
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import StorageError
from bot.domain.ports import Image
from bot.domain.words import Box

#: Sizes of patches in pixels (the smaller ones where a page has little on it), how many are kept, how many
#: are plenty, and the fewest that make an anchor.
PATCH_SIZES = ((48, 24), (28, 14), (20, 12))
MOST, PLENTY, FEWEST = 18, 8, 4
#: So much of a field's rim (pixels) may be part of a patch.
RIM_PX = 4
#: Strength of edges in both directions at which a patch counts as a corner.
CORNER = 30.0
#: Share of the patches that must stand; while fewer than most do, one of the three nearest to the number too.
STANDING, MOST_STANDING = 0.7, 0.8
NEAREST = 3
#: A patch that was missed so often while most others stood does not hold still after all.
FAILS = 12
#: Mean difference (0..255) up to which a patch is the same, and the spread of a pixel that holds still.
SAME, STILL = 7.0, 6
#: Least texture of a patch: standard deviation of its grey levels.
TEXTURE = 9.0
#: Least correlation of a patch found at another size, and at its own.
ALIKE, ALIKE_UNSCALED = 0.60, 0.80
#: Zooms of browsers and screens, as ratios to the size at calibration.
RATIOS = (
    1.0,
    0.67,
    0.75,
    0.8,
    0.9,
    1.1,
    1.25,
    1.5,
    2.0,
    0.5,
    0.6,
    0.7,
    0.85,
    1.35,
    1.67,
    1.75,
    0.55,
    2.5,
    3.0,
)
#: Ratios that are tried in one search, besides the size it had.
AT_ONCE = 4
LEADERS = 4
#: Mean correlation from which no other place is tried.
CERTAIN = 0.93
#: Measured and supposed size may differ by this share; usual zooms lie further apart.
OTHER_SIZE = 0.02
#: How far around the fields patches are looked for: share of the bounds, and pixels at least.
AROUND, AROUND_PX = 0.35, 140

Grey = NDArray[np.uint8]


class Place(NamedTuple):
    """Where the table is: the screen pixel of its origin, and its size against that at calibration."""

    x: float
    y: float
    ratio: float

    def box(self, relative: Box) -> Box:
        """A box given relative to the origin, at its place on the screen."""
        left, top = round(self.x + relative.x * self.ratio), round(self.y + relative.y * self.ratio)
        right = round(self.x + relative.right * self.ratio)
        bottom = round(self.y + relative.bottom * self.ratio)
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of the page: its box relative to the table's origin, and its pixels at calibration's size."""

    box: Box
    pixels: Image

    @property
    def grey(self) -> Grey:
        """Its grey levels."""
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY), np.uint8)


class Standing(NamedTuple):
    """How many patches stand at their places, of how many; and whether that is enough."""

    matched: int
    of: int
    enough: bool


@dataclass(slots=True)
class Anchor:
    """The patches of one table. ``centre``: the middle of the number, relative to the origin."""

    patches: list[Patch]
    centre: tuple[float, float]
    _seen: dict[int, Image] = field(default_factory=dict)
    _seen_ratio: float = 1.0
    _fails: dict[int, int] = field(default_factory=dict)
    _turn: int = 0

    @property
    def usable(self) -> bool:
        """Whether there are enough patches to recognise the table by."""
        return len(self.patches) >= FEWEST

    def stands(self, image: Image, box: Box, place: Place) -> Standing:
        """Whether the table is at ``place`` in ``image``, the pixels of ``box`` of the screen."""
        matched = [self._same(number, image, box, place) for number in range(len(self.patches))]
        near = sorted(range(len(self.patches)), key=lambda n: self._from_centre(self.patches[n]))[:NEAREST]
        most = sum(matched) >= MOST_STANDING * len(matched)
        enough = most or (sum(matched) >= STANDING * len(matched) and any(matched[number] for number in near))
        return Standing(sum(matched), len(matched), enough and self.usable)

    def standing_patches(self, image: Image, box: Box, place: Place) -> list[bool]:
        """For each patch whether it stands."""
        return [self._same(number, image, box, place) for number in range(len(self.patches))]

    def weed(self, image: Image, box: Box, place: Place) -> bool:
        """For now and then while the table is in sight: drop what turned out to change; whether any was."""
        standing = self.standing_patches(image, box, place)
        for number, stands in enumerate(standing):
            self._fails[number] = self._fails.get(number, 0) + (not stands)
        out = {number for number, fails in self._fails.items() if fails >= FAILS}
        if not out or len(self.patches) - len(out) < FEWEST:
            return False
        kept = [number for number in range(len(self.patches)) if number not in out]
        self._seen = {place_: self._seen[n] for place_, n in enumerate(kept) if n in self._seen}
        self._fails = {place_: self._fails.get(n, 0) for place_, n in enumerate(kept)}
        self.patches = [self.patches[number] for number in kept]
        return True

    def boxes(self, place: Place) -> list[Box]:
        """Where the patches are on the screen."""
        return [place.box(patch.box) for patch in self.patches]

    def _from_centre(self, patch: Patch) -> float:
        x, y = patch.box.centre
        return math.hypot(x - self.centre[0], y - self.centre[1])

    def _same(self, number: int, image: Image, box: Box, place: Place) -> bool:
        known = self._pixels_at(number, place.ratio)
        if known is None:
            return False
        at = place.box(self.patches[number].box)
        x, y = at.x - box.x, at.y - box.y
        height, width = known.shape[:2]
        if x < 0 or y < 0 or y + height > image.shape[0] or x + width > image.shape[1]:
            return False
        part = image[y : y + height, x : x + width]
        return cv2.norm(part, known, cv2.NORM_L1) <= SAME * known.size

    def _pixels_at(self, number: int, ratio: float) -> Image | None:
        if abs(ratio - 1.0) < 1e-6:
            return self.patches[number].pixels
        return self._seen.get(number) if abs(ratio - self._seen_ratio) < 1e-6 else None

    # -- searching ---------------------------------------------------------------------------------------

    def find(self, screen: Image, last_ratio: float = 1.0, every_ratio: bool = False) -> Place | None:
        """Where the table is on a picture of the whole screen; ``None``: nowhere, or not the same page.

        Each call tries its last size and some of the others in turn; ``every_ratio``: all of them (slow).
        """
        if not self.usable:
            return None
        others = [ratio for ratio in RATIOS if abs(ratio - last_ratio) > 1e-6]
        if not every_ratio:
            start = self._turn % len(others)
            others = [*others[start:], *others[:start]][:AT_ONCE]
            self._turn += AT_ONCE
        grey = np.asarray(cv2.cvtColor(screen, cv2.COLOR_BGR2GRAY), np.uint8)
        half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        best: tuple[float, Place] | None = None
        for ratio in (last_ratio, *others):
            found = self._find_at(grey, np.asarray(half, np.uint8), ratio)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
            if best is not None and best[0] >= CERTAIN:
                break
        return None if best is None else self._settle(screen, best[1])

    def _leaders(self) -> list[int]:
        order = sorted(range(len(self.patches)), key=lambda n: -float(self.patches[n].grey.std()))
        return order[:LEADERS]

    def _find_at(self, grey: Grey, half: Grey, ratio: float) -> tuple[float, Place] | None:
        best: tuple[float, Place] | None = None
        for number in self._leaders():
            patch = self.patches[number]
            small = cv2.resize(patch.grey, None, fx=ratio / 2, fy=ratio / 2, interpolation=cv2.INTER_AREA)
            if min(small.shape) < 5 or small.shape[0] >= half.shape[0] or small.shape[1] >= half.shape[1]:
                continue
            scores = cv2.matchTemplate(half, small, cv2.TM_CCOEFF_NORMED)
            for x, y in _peaks(scores, 0.62):
                guess = Place(2 * x - patch.box.x * ratio, 2 * y - patch.box.y * ratio, ratio)
                judged = self._judge(grey, guess)
                if judged is not None and (best is None or judged[0] > best[0]):
                    best = judged
            if best is not None and best[0] >= CERTAIN:
                break
        return best

    def _judge(self, grey: Grey, guess: Place) -> tuple[float, Place] | None:
        """The share of patches that are found near their places, and the place that fits them best."""
        exact = abs(guess.ratio - 1.0) < 1e-6
        least = ALIKE_UNSCALED if exact else ALIKE
        pairs = []
        for patch in self.patches:
            found = _near(grey, patch, guess, least, reach=4 if exact else 6)
            if found is not None:
                pairs.append((patch.box, found))
        enough = max(FEWEST, STANDING * len(self.patches))
        if len(pairs) < enough:
            return None
        place = _fit(pairs, guess.ratio)
        if place is None:
            return None
        # Asked again at the place that fits: a patch of straight edges is found anywhere along them.
        again = [_near(grey, patch, place, least, reach=2) for patch in self.patches]
        scores = [found[2] for found in again if found is not None]
        return (sum(scores) / len(self.patches), place) if len(scores) >= enough else None

    def _settle(self, screen: Image, place: Place) -> Place:
        """Keep how the patches look at this size: from now on they are compared pixel by pixel."""
        if abs(place.ratio - 1.0) < 1e-6:
            return place
        self._seen, self._seen_ratio = {}, place.ratio
        grey = np.asarray(cv2.cvtColor(screen, cv2.COLOR_BGR2GRAY), np.uint8)
        for number, patch in enumerate(self.patches):
            if _near(grey, patch, place, ALIKE, reach=3) is None:
                continue
            box = place.box(patch.box)
            pixels = screen[box.y : box.bottom, box.x : box.right]
            if pixels.shape[:2] == (box.height, box.width):
                self._seen[number] = np.ascontiguousarray(pixels)
        return place


def _peaks(scores: NDArray[Any], least: float) -> list[tuple[int, int]]:
    """The three best places of a map of scores, apart from one another."""
    found = []
    rest = scores.copy()
    for _ in range(3):
        _, score, _, (x, y) = cv2.minMaxLoc(rest)
        if score < least:
            break
        found.append((int(x), int(y)))
        rest[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7] = -1
    return found


def _near(
    grey: Grey, patch: Patch, place: Place, least: float, reach: int
) -> tuple[float, float, float] | None:
    """Where a patch really is, within ``reach`` pixels of its place, and its correlation; or ``None``."""
    template = patch.grey
    if abs(place.ratio - 1.0) > 1e-6:
        method = cv2.INTER_AREA if place.ratio < 1 else cv2.INTER_LINEAR
        size = (max(4, round(patch.box.width * place.ratio)), max(4, round(patch.box.height * place.ratio)))
        template = np.asarray(cv2.resize(template, size, interpolation=method), np.uint8)
    height, width = template.shape
    x, y = round(place.x + patch.box.x * place.ratio), round(place.y + patch.box.y * place.ratio)
    left, top = max(0, x - reach), max(0, y - reach)
    area = grey[top : max(0, y + height + reach), left : max(0, x + width + reach)]
    if area.shape[0] < height or area.shape[1] < width:
        return None
    scores = cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED)
    _, score, _, (dx, dy) = cv2.minMaxLoc(scores)
    return (float(left + dx), float(top + dy), float(score)) if score >= least else None


def _fit(pairs: Sequence[tuple[Box, tuple[float, float, float]]], ratio: float) -> Place | None:
    """Where the origin is if patches of this size stand where they were found (medians: some may be off).

    ``None`` when the distances between them say that the size is another one.
    """
    slopes = []
    for (one, (x1, y1, _)), (two, (x2, y2, _)) in itertools.combinations(pairs, 2):
        if abs(two.x - one.x) >= 80:
            slopes.append((x2 - x1) / (two.x - one.x))
        if abs(two.y - one.y) >= 80:
            slopes.append((y2 - y1) / (two.y - one.y))
    if slopes and abs(float(np.median(slopes)) / ratio - 1) > OTHER_SIZE:
        return None
    x = float(np.median([x - box.x * ratio for box, (x, _, _) in pairs]))
    y = float(np.median([y - box.y * ratio for box, (_, y, _) in pairs]))
    exact = abs(ratio - 1.0) < 1e-6
    return Place(round(x) if exact else x, round(y) if exact else y, ratio)


def neighbourhood(bounds: Box, screen: tuple[int, int]) -> Box:
    """The part of the screen around the fields in which patches are looked for."""
    side = max(AROUND_PX, round(AROUND * max(bounds.width, bounds.height)))
    left, top = max(0, bounds.x - side), max(0, bounds.y - side)
    right, bottom = min(screen[0], bounds.right + side), min(screen[1], bounds.bottom + side)
    return Box(left, top, right - left, bottom - top)


class StillLearner:
    """Finds what holds still: the lowest and highest value of every pixel over the looks it is given."""

    def __init__(self) -> None:
        self.looks = 0
        self._low: Image | None = None
        self._high: Image | None = None
        self._last: Image | None = None

    def see(self, image: Image) -> None:
        """A picture of the neighbourhood, some time after the last."""
        if self._low is None or self._high is None or self._low.shape != image.shape:
            self._low, self._high, self.looks = image.copy(), image.copy(), 0
        np.minimum(self._low, image, out=self._low)
        np.maximum(self._high, image, out=self._high)
        self._last = image.copy()
        self.looks += 1

    def patches(self, area: Box, origin: tuple[int, int], taken: Iterable[Box]) -> list[Patch]:
        """The best patches that held still, spread over the area and outside the boxes that are ``taken``.

        ``area`` is the screen box of the pictures, ``origin`` the screen pixel of the table's origin.
        """
        if self._low is None or self._high is None or self._last is None:
            return []
        spread = cv2.subtract(self._high, self._low).max(axis=2)
        still = (spread <= STILL).astype(np.uint8)
        for box in taken:  # their rims may serve, what stands in them will change
            left, top = max(0, box.x - area.x + RIM_PX), max(0, box.y - area.y + RIM_PX)
            still[top : max(0, box.bottom - area.y - RIM_PX), left : max(0, box.right - area.x - RIM_PX)] = 0
        grey = cv2.cvtColor(self._last, cv2.COLOR_BGR2GRAY).astype(np.float32)
        found: list[Patch] = []
        for size in PATCH_SIZES:
            if len(found) >= PLENTY:
                break
            for x, y in _spread_out(_worth(grey, still, size), size, MOST - len(found)):
                found.append(self._patch(x, y, size, area, origin))
                left, top = x - size[0] // 2, y - size[1] // 2
                still[top : top + size[1], left : left + size[0]] = 0
        return found

    def _patch(self, x: int, y: int, size: tuple[int, int], area: Box, origin: tuple[int, int]) -> Patch:
        assert self._last is not None
        left, top = x - size[0] // 2, y - size[1] // 2
        pixels = self._last[top : top + size[1], left : left + size[0]].copy()
        return Patch(Box(area.x + left - origin[0], area.y + top - origin[1], *size), pixels)


def _worth(grey: NDArray[Any], still: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """How good a patch of ``size`` is round each pixel; 0 where it does not hold still as a whole.

    Corners and letters count more than straight edges, along which a patch fits in many places.
    """
    mean = cv2.boxFilter(grey, -1, size)
    deviation = np.sqrt(np.maximum(cv2.boxFilter(grey * grey, -1, size) - mean * mean, 0))
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    both = np.minimum(cv2.boxFilter(across * across, -1, size), cv2.boxFilter(down * down, -1, size))
    corner = np.minimum(1.0, np.sqrt(np.maximum(both, 0)) / CORNER)
    whole = cv2.erode(still, np.ones((size[1], size[0]), np.uint8), borderValue=0)
    worth = np.where(whole > 0, deviation * (0.3 + 0.7 * corner), 0)
    half_w, half_h = size[0] // 2, size[1] // 2
    worth[:half_h], worth[-half_h:], worth[:, :half_w], worth[:, -half_w:] = 0, 0, 0, 0
    return np.asarray(worth)


def _spread_out(score: NDArray[Any], size: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """Places of high score, taken in turn from nine parts of the picture, none over another."""
    rest = score.copy()
    rows, columns = rest.shape
    parts = [
        np.s_[rows * r // 3 : rows * (r + 1) // 3, columns * c // 3 : columns * (c + 1) // 3]
        for r, c in itertools.product(range(3), range(3))
    ]
    found: list[tuple[int, int]] = []
    while len(found) < most and parts:
        for part in list(parts):
            view = rest[part]
            if not view.size or float(view.max()) < TEXTURE:
                parts.remove(part)
                continue
            y, x = np.unravel_index(int(view.argmax()), view.shape)
            x, y = int(x) + part[1].start, int(y) + part[0].start
            found.append((x, y))
            rest[max(0, y - size[1]) : y + size[1], max(0, x - size[0]) : x + size[0]] = 0
            if len(found) >= most:
                break
    return found


# -- keeping ---------------------------------------------------------------------------------------------


def save_patches(path: Path, patches: Sequence[Patch]) -> None:
    """Keep patches in a file, replaced whole. Raises ``StorageError``."""
    arrays: dict[str, Any] = {f"p{number}": patch.pixels for number, patch in enumerate(patches)}
    boxes = np.array([[p.box.x, p.box.y, p.box.width, p.box.height] for p in patches], np.int32).reshape(
        -1, 4
    )
    content = io.BytesIO()
    np.savez_compressed(content, boxes=boxes, **arrays)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".tmp")
        scratch.write_bytes(content.getvalue())
        scratch.replace(path)
    except OSError as error:
        raise StorageError(
            f"what was learned of the table cannot be kept in {path.parent}: {error}"
        ) from error


def load_patches(path: Path) -> list[Patch]:
    """Patches from a file; none when there is no usable one."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            boxes = np.asarray(kept["boxes"], np.int32)
            patches = []
            for number, (x, y, width, height) in enumerate(boxes.tolist()):
                pixels = np.asarray(kept[f"p{number}"], np.uint8)
                if pixels.shape != (height, width, 3):
                    return []
                patches.append(Patch(Box(x, y, width, height), pixels))
            return patches
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return []
