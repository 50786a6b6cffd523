"""The pictures of a story made ready to be shown: loaded, and the fields that a moment was about cut out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain.pictures import Moment
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.journal.files import decoded, read_picture
from bot.journal.story import Picture, Story
from bot.journal.words import field_words, sureness, value_words

#: What each moment was about, most important first; ``p_`` stands for the bet's own panel.
FOCUS = {
    Moment.DECIDED: ("p_button", "balance", "p_stake", "p_target", "p_switch", "history"),
    Moment.BEFORE_CLICK: ("p_stake", "p_target", "p_switch", "p_button"),
    Moment.AFTER_CLICK: ("p_button",),
    Moment.ROUND_END: ("multiplier", "balance", "history"),
    Moment.SETTLED: ("balance", "multiplier", "p_button"),
}
_MARGIN_PX = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a picture. ``box`` is in pixels of the picture; ``crop`` its pixels, with a little around.

    ``value`` and ``sure`` are words; ``read`` is false when the reader refused.
    """

    name: str
    title: str
    value: str
    sure: str
    read: bool
    box: Box
    crop: Image


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment to be shown. ``image`` is ``None`` when there is no picture; ``missing`` says why."""

    picture: Picture
    data: bytes | None
    image: Image | None
    missing: str
    fields: tuple[Field, ...]


def ready(story: Story, folder: Path) -> list[Shown]:
    """All moments of a story, in their order."""
    panels = {picture.bet_id: panel for picture in story.pictures if (panel := _panel_of(picture))}
    return [_loaded(picture, panels.get(picture.bet_id, "p0"), folder) for picture in story.pictures]


def _panel_of(picture: Picture) -> str:
    """The panel that the controller looked at; it reads no other."""
    if picture.moment not in (Moment.BEFORE_CLICK, Moment.AFTER_CLICK):
        return ""
    return next((name[:2] for name in picture.seen if name.endswith("_button")), "")


def _loaded(picture: Picture, panel: str, folder: Path) -> Shown:
    if picture.path is None:
        return Shown(picture, None, None, picture.lost or "no picture was wanted", ())
    data, missing = read_picture(folder, picture.path, picture.sha256)
    image = None if data is None else decoded(data)
    if image is None:
        return Shown(picture, None, None, missing or "the file is no picture", ())
    return Shown(picture, data, image, "", tuple(_fields(picture, panel, image)))


def _fields(picture: Picture, panel: str, image: Image) -> Iterator[Field]:
    frame = picture.boxes.get("picture")
    if frame is None:
        return
    for wanted in FOCUS[picture.moment]:
        name = f"{panel}_{wanted[2:]}" if wanted.startswith("p_") else wanted
        place = picture.boxes.get(name)
        if place is None:
            continue
        box = Box(*place).shifted(-frame[0], -frame[1])
        crop = _crop(image, box)
        if not crop.size:
            continue
        read = picture.seen.get(name, {})
        value = value_words(name, read) if read else ""
        yield Field(name, field_words(name), value, sureness(read), read.get("value") is not None, box, crop)


def _crop(image: Image, box: Box) -> Image:
    top, left = max(0, box.y - _MARGIN_PX), max(0, box.x - _MARGIN_PX)
    return image[top : box.bottom + _MARGIN_PX, left : box.right + _MARGIN_PX]
