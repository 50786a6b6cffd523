"""Finds the lines of text in a whole picture, for stills and calibration; far too slow for the live path.

The detection model of PP-OCR, from the same wheel as the recognition model, straight through onnxruntime; the
steps behind it are those of the paper on differentiable binarization (Liao et al. 2020): threshold, contours,
boxes grown back by the margin that training shrank them by.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.engines import open_model

DETECTION_MODEL = "PP-OCRv6_det_small.onnx"
#: Longest side given to the model, and the shortest: smaller pictures are enlarged, at most this many times.
LONGEST, SHORTEST, MOST_ENLARGED = 1600, 320, 3.0
_STEP = 32
_PIXEL_THRESHOLD, _BOX_THRESHOLD, _GROW, _MIN_SIDE = 0.3, 0.5, 1.6, 3.0


@dataclass(frozen=True, slots=True)
class TextRegion:
    """Where a line of text stands: its upright box, its tilt in degrees, the model's score 0..1."""

    box: Box
    tilt: float
    score: float


class TextDetector:
    """The detection model; about 0.3 s for a full-HD picture with one thread."""

    def __init__(self) -> None:
        self._session = open_model(DETECTION_MODEL)
        self._input = self._session.get_inputs()[0].name

    def find(self, image: Image, longest: int = LONGEST, shortest: int = SHORTEST) -> list[TextRegion]:
        """The lines of ``image`` in no particular order.

        ``longest`` and ``shortest`` are the sides in pixels to which it is brought: smaller is faster, and
        enough for large text.
        """
        height, width = image.shape[:2]
        if min(height, width) < 4:
            return []
        scale = min(1.0, longest / max(height, width))
        if min(height, width) * scale < shortest:
            scale = min(MOST_ENLARGED, shortest / min(height, width), longest / max(height, width))
        new_size = (max(1, round(width * scale)), max(1, round(height * scale)))
        scaled = cv2.resize(image, new_size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        # The border lets text at the very edge be found; replicated, as black would look like a panel's edge.
        pad = _STEP
        bottom = pad + (-(new_size[1] + 2 * pad)) % _STEP
        right = pad + (-(new_size[0] + 2 * pad)) % _STEP
        padded = cv2.copyMakeBorder(scaled, pad, bottom, pad, right, cv2.BORDER_REPLICATE)
        batch = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32)
        batch = batch * (1 / 127.5) - 1.0
        heat: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0][0, 0]
        return _regions(heat, pad, scale, width, height)


def _regions(heat: NDArray[np.float32], pad: int, scale: float, width: int, height: int) -> list[TextRegion]:
    binary = cv2.dilate((heat > _PIXEL_THRESHOLD).astype(np.uint8), np.ones((2, 2), dtype=np.uint8))
    contours, _ = cv2.findContours(binary, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    regions = []
    for contour in contours:
        (centre_x, centre_y), (side_a, side_b), angle = cv2.minAreaRect(contour)
        if min(side_a, side_b) < _MIN_SIDE:
            continue
        x, y, w, h = cv2.boundingRect(contour)
        inside = np.zeros((h, w), dtype=np.uint8)
        cv2.drawContours(inside, [contour], -1, 1, thickness=-1, offset=(-x, -y))
        score = float(cv2.mean(heat[y : y + h, x : x + w], mask=inside)[0])
        if score < _BOX_THRESHOLD:
            continue
        grow = 2 * side_a * side_b * _GROW / (2 * (side_a + side_b))
        grown = cv2.boxPoints(((centre_x, centre_y), (side_a + grow, side_b + grow), angle))
        corners = (grown - pad) / scale
        left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
        left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
        if right - left < 2 or bottom - top < 2:
            continue
        tilt = angle % 90
        regions.append(TextRegion(Box(left, top, right - left, bottom - top), min(tilt, 90 - tilt), score))
    return regions


@cache
def default_detector() -> TextDetector:
    """One per process. Raises ``MissingPart`` when the wheel that holds the model is not installed."""
    return TextDetector()
