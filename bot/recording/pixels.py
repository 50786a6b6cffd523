"""Pictures without loss: a PNG now and then, and between two of them only the tiles that changed.

A tile that changed is stored as its difference from the picture before, which packs better than its pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image

#: Side of a tile in pixels.
TILE = 16
#: Kinds of a stored picture: whole, the same as before, changed in some tiles.
WHOLE, SAME, TILES = "png", "same", "tiles"
#: From this share of changed tiles the whole picture is stored.
MOST_CHANGED = 0.7
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]
#: No screen has more pixels.
MOST_PIXELS = 120_000_000


class Damaged(ValueError):
    """A stored picture that does not fit the one before."""


def encode(image: Image, before: Image | None) -> tuple[str, bytes]:
    """How ``image`` is stored behind ``before`` (the last one of the same place): its kind and its bytes."""
    if before is None or before.shape != image.shape:
        return WHOLE, _png(image)
    height, width = image.shape[:2]
    if height == 0 or width == 0:
        return SAME, b""
    changed = _changed_tiles(image, before)
    count = int(np.count_nonzero(changed))
    if count == 0:
        return SAME, b""
    if count > MOST_CHANGED * changed.size:
        return WHOLE, _png(image)
    pieces = [np.packbits(changed.ravel()).tobytes()]
    for row, column in np.argwhere(changed).tolist():
        top, left = row * TILE, column * TILE
        now = image[top : top + TILE, left : left + TILE]
        pieces.append((now - before[top : top + TILE, left : left + TILE]).tobytes())
    return TILES, b"".join(pieces)


def decode(kind: str, content: bytes, size: tuple[int, int], before: Image | None) -> Image:
    """The picture of ``size`` (width, height) that was stored. Raises ``Damaged``."""
    width, height = size
    if not 0 <= width * height <= MOST_PIXELS or min(width, height) < 0:
        raise Damaged(f"a picture of {width}x{height} pixels")
    if kind == WHOLE:
        return _of_png(content, width, height)
    if before is None or before.shape != (height, width, 3):
        raise Damaged("the picture before is missing")
    if kind == SAME:
        return before
    if kind != TILES:
        raise Damaged(f"a picture of the kind {kind!r}")
    return _with_tiles(content, before)


def _png(image: Image) -> bytes:
    if image.size == 0:
        return b""
    return bytes(cv2.imencode(".png", image, _PNG)[1].tobytes())


def _of_png(content: bytes, width: int, height: int) -> Image:
    if width == 0 or height == 0:
        return np.zeros((height, width, 3), np.uint8)
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None or image.shape != (height, width, 3):
        raise Damaged("a picture that cannot be unpacked")
    return np.asarray(image, np.uint8)


def _changed_tiles(image: Image, before: Image) -> NDArray[np.bool_]:
    """Which tiles differ, rows x columns."""
    height, width = image.shape[:2]
    # Whole rows of bytes first: most of a page stands still, and that is told at the speed of memory.
    rows = np.array(
        [
            not np.array_equal(image[top : top + TILE], before[top : top + TILE])
            for top in range(0, height, TILE)
        ]
    )
    columns = -(-width // TILE)
    changed = np.zeros((len(rows), columns), bool)
    starts = np.arange(columns) * TILE * 3
    for row in np.flatnonzero(rows).tolist():
        top, bottom = row * TILE, min(height, (row + 1) * TILE)
        unlike = image[top:bottom] != before[top:bottom]
        differs = unlike.reshape(bottom - top, -1).any(axis=0)  # all channels in a line: many times faster
        changed[row] = np.logical_or.reduceat(differs, starts)
    return changed


def _with_tiles(content: bytes, before: Image) -> Image:
    height, width = before.shape[:2]
    rows, columns = -(-height // TILE), -(-width // TILE)
    packed = -(-rows * columns // 8)
    flags = np.unpackbits(np.frombuffer(content[:packed], np.uint8), count=rows * columns)
    image, place = before.copy(), packed
    for row, column in np.argwhere(flags.reshape(rows, columns)).tolist():
        tile = image[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        difference = np.frombuffer(content[place : place + tile.size], np.uint8)
        if difference.size != tile.size:
            raise Damaged("a picture whose end is missing")
        tile += difference.reshape(tile.shape)
        place += tile.size
    return image
