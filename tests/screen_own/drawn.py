"""Numbers as strangers' pages show them: any font, colours, form and place; small pages to anchor on."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from bot.domain.ports import Image

_FOLDER = Path("/usr/share/fonts")
FONTS = {
    "serif": "truetype/dejavu/DejaVuSerif.ttf",
    "mono": "truetype/dejavu/DejaVuSansMono.ttf",
    "condensed": "truetype/dejavu/DejaVuSansCondensed.ttf",
    "bold": "truetype/dejavu/DejaVuSans-Bold.ttf",
    "inter": "opentype/inter/Inter-Bold.otf",
}
Rgb = tuple[int, int, int]


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    path = _FOLDER / FONTS[name]
    if not path.is_file():
        pytest.fail(f"the font {name} is not installed: run make setup")
    return ImageFont.truetype(str(path), size)


def written(
    text: str,
    family: str = "serif",
    size: int = 60,
    ink: Rgb = (20, 24, 30),
    ground: Rgb = (246, 244, 238),
    box: tuple[int, int] = (460, 130),
    shift: tuple[int, int] = (0, 0),
    below: str = "",
) -> Image:
    """A text in the middle of a box (blue, green, red), with a small line ``below`` it."""
    picture = Pictures.new("RGB", box, ground)
    draw = ImageDraw.Draw(picture)
    place = (box[0] / 2 + shift[0], box[1] / 2 + shift[1] - (12 if below else 0))
    draw.text(place, text, font=font(family, size), fill=ink, anchor="mm")
    if below:
        draw.text((box[0] / 2, box[1] - 18), below, font=font(family, 20), fill=ink, anchor="mm")
    return bgr(picture)


def bgr(picture: Pictures.Image) -> Image:
    """The pixels of a picture in the order of the screen's."""
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def page(seed: int = 1, size: tuple[int, int] = (900, 620), ground: Rgb = (24, 26, 34)) -> Image:
    """A page with words and panels around an empty middle."""
    rng = random.Random(seed)
    picture = Pictures.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    words = (
        "Balance",
        "History",
        "Players",
        "Rules",
        "Fair",
        "Menu",
        "Round",
        "Stake",
        "Limits",
        "Table",
        "Help",
    )
    for place in range(22):
        x = rng.randrange(10, size[0] - 110)
        y = rng.choice([rng.randrange(8, 120), rng.randrange(size[1] - 150, size[1] - 30)])
        if place % 3 == 0:
            draw.rectangle((x - 6, y - 4, x + 96, y + 22), outline=(90, 100, 120), fill=(40, 44, 60))
        shade = rng.randrange(120, 250)
        draw.text((x, y), rng.choice(words), font=font("condensed", 15), fill=(shade, shade, 180))
    return bgr(picture)
