"""The pictures on the disk: ``<user data>/journal/<session>/<round>/<time>-<moment>-<row>.png``.

The time in a name is that of the look, in microseconds since 1970 (UTC), so that age never depends on what a
file system says about a copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bot.domain.pictures import Moment, Shot
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.folders import user_data_dir

FOLDER = "journal"
ENDING = ".png"
#: Pixels around the fields that stay in the picture.
MARGIN_PX = 12
#: A picture with more pixels shows its fields alone: the rest is painted over, and then takes no room.
WHOLE_PIXELS = 1_500_000
_PAINT = (32, 28, 26)
_NAME = re.compile(r"(\d{1,19})-([a-z_]+)-[A-Za-z0-9_-]+\.png")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
#: 1 is fast and costs a few percent of size.
_COMPRESSION = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that lies on the disk. ``path`` leads from the journal's folder, with slashes."""

    path: str
    at_utc_us: int
    size_bytes: int


def journal_folder(data_folder: Path | None = None) -> Path:
    """Where the pictures of this user lie. It need not exist."""
    return (data_folder or user_data_dir()) / FOLDER


def path_of(session_id: str, round_id: str, at_utc_us: int, moment: Moment, row_id: str) -> str:
    """Where a picture belongs, from the journal's folder. Identifiers cannot lead out of it."""
    parts = [_UNSAFE.sub("_", part) or "_" for part in (session_id, round_id, row_id)]
    return f"{parts[0]}/{parts[1]}/{max(0, at_utc_us)}-{moment.value}-{parts[2]}{ENDING}"


def is_field(name: str) -> bool:
    """Whether a layout's box is one of a field that is read or clicked."""
    return name in ("multiplier", "balance", "players", "players_total", "history") or bool(
        re.fullmatch(r"p\d_(stake|target|switch|button)", name)
    )


def cut_to_fields(shot: Shot) -> tuple[Box, Image, dict[str, Box]]:
    """The part of a page that holds its fields: its place on the screen, its pixels, the fields' boxes.

    Without a known field it is the whole page.
    """
    place = shot.place
    boxes = {name: box for name, box in shot.boxes.items() if is_field(name) and _inside(box, place)}
    frame = _around(list(boxes.values()), place) if boxes else place
    pixels = _part(shot.pixels, frame, place)
    if frame.width * frame.height > WHOLE_PIXELS and boxes:
        pixels = _fields_alone(pixels, frame, list(boxes.values()))
    return frame, pixels, boxes


def encoded(pixels: Image) -> bytes:
    """The pixels as PNG. Raises ``ValueError`` when there are none."""
    if not pixels.size:
        raise ValueError("a picture without pixels")
    try:
        done, data = cv2.imencode(ENDING, pixels, _COMPRESSION)
    except cv2.error as error:
        raise ValueError("a picture that cannot be encoded") from error
    if not done:
        raise ValueError("a picture that cannot be encoded")
    return bytes(data)


def write_picture(folder: Path, path: str, data: bytes) -> None:
    """Write a picture whole or not at all. Raises ``OSError``."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def read_picture(folder: Path, path: str, sha256: str | None) -> tuple[bytes | None, str]:
    """A picture's bytes, or ``None`` and why they cannot be shown. Never leaves the folder."""
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        return None, "its path leads out of the journal"
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        return None, "not on this disk"
    except OSError as error:
        return None, f"it cannot be read: {error.strerror or error}"
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        return None, "the file is not the one that was written (its checksum differs)"
    return data, ""


def decoded(data: bytes) -> Image | None:
    """The pixels of a PNG, blue, green, red; ``None`` when it is none."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


def stored_pictures(folder: Path) -> Iterator[StoredPicture]:
    """Every picture in the journal, in no order. What is not named like one is left alone."""
    for file in folder.glob(f"*/*/*{ENDING}"):
        match = _NAME.fullmatch(file.name)
        if match is None or file.is_symlink():
            continue
        with contextlib.suppress(OSError):
            size = file.stat().st_size
            yield StoredPicture(file.relative_to(folder).as_posix(), int(match[1]), size)


def boxes_as_json(frame: Box, boxes: Mapping[str, Box]) -> dict[str, object]:
    """Places as a row keeps them: the picture's own, and those of its fields."""
    return {name: [b.x, b.y, b.width, b.height] for name, b in {"picture": frame, **boxes}.items()}


def _inside(box: Box, place: Box) -> bool:
    return (
        box.width > 0
        and box.height > 0
        and place.x <= box.x
        and place.y <= box.y
        and box.right <= place.right
        and box.bottom <= place.bottom
    )


def _around(boxes: list[Box], place: Box) -> Box:
    left = max(place.x, min(box.x for box in boxes) - MARGIN_PX)
    top = max(place.y, min(box.y for box in boxes) - MARGIN_PX)
    right = min(place.right, max(box.right for box in boxes) + MARGIN_PX)
    bottom = min(place.bottom, max(box.bottom for box in boxes) + MARGIN_PX)
    return Box(left, top, right - left, bottom - top)


def _part(pixels: Image, box: Box, place: Box) -> Image:
    inside = box.shifted(-place.x, -place.y)
    return np.ascontiguousarray(pixels[inside.y : inside.bottom, inside.x : inside.right])


def _fields_alone(pixels: Image, frame: Box, boxes: list[Box]) -> Image:
    painted = np.empty_like(pixels)
    painted[:] = _PAINT
    for box in boxes:
        kept = _around([box], frame).shifted(-frame.x, -frame.y)
        rows, columns = slice(kept.y, kept.bottom), slice(kept.x, kept.right)
        painted[rows, columns] = pixels[rows, columns]
    return painted
