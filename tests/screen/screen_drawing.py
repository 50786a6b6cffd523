"""Pictures of numbers as a game would draw them: fonts, sizes, animated backgrounds, glow, outline."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFilter, ImageFont

from bot.domain.ports import Image

_FOLDER = Path("/usr/share/fonts")
FONTS = {
    "inter": "opentype/inter/Inter-Bold.otf",
    "roboto": "truetype/roboto/unhinted/RobotoTTF/Roboto-Bold.ttf",
    "open-sans": "truetype/open-sans/OpenSans-Bold.ttf",
}


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    path = _FOLDER / FONTS[name]
    if not path.is_file():
        pytest.fail(f"the font {name} is not installed: run make setup")
    return ImageFont.truetype(str(path), size)


def background(width: int, height: int, moment: float, tint: tuple[int, int, int]) -> Pictures.Image:
    """Turning rays and a glow in the middle. ``tint`` is red, green, blue."""
    picture = Pictures.new("RGB", (width, height), (6, 6, 8))
    draw = ImageDraw.Draw(picture)
    reach = width + height
    for ray in range(0, 24, 2):
        angles = [(ray + step) * math.pi / 12 + moment * 0.35 for step in (0.0, 1.0)]
        points = [(reach * math.cos(a), height + reach * math.sin(a)) for a in angles]
        draw.polygon([(0.0, float(height)), *points], fill=(14, 14, 16))
    glow = Pictures.new("L", (width, height), 0)
    ImageDraw.Draw(glow).ellipse((width * 0.15, -height * 0.2, width * 0.85, height * 1.2), fill=200)
    glow = glow.filter(ImageFilter.GaussianBlur(height / 4))
    picture.paste(Pictures.new("RGB", (width, height), tint), (0, 0), glow)
    return picture


def number_picture(
    text: str,
    *,
    family: str = "inter",
    size: int = 67,
    colour: tuple[int, int, int] = (255, 255, 255),
    box: tuple[int, int] = (430, 84),
    moment: float = 0.0,
    tint: tuple[int, int, int] = (60, 30, 97),
    outline: int = 0,
    shadow: bool = False,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Image:
    """A number in the middle of a lively background; blue, green, red."""
    width, height = box
    picture = background(width, height, moment, tint)
    face = font(family, size)
    place = (width / 2 + shift[0], height / 2 + shift[1])
    if shadow:
        layer = Pictures.new("RGBA", picture.size, (0, 0, 0, 0))
        ImageDraw.Draw(layer).text(place, text, font=face, fill=(*tint, 255), anchor="mm", stroke_width=3)
        picture.paste(
            layer.filter(ImageFilter.GaussianBlur(6)), (0, 0), layer.filter(ImageFilter.GaussianBlur(6))
        )
    draw = ImageDraw.Draw(picture)
    if outline:
        draw.text(place, text, font=face, fill=(10, 10, 20), anchor="mm", stroke_width=outline)
    draw.text(place, text, font=face, fill=colour, anchor="mm")
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def multiplier_text(value: int, *, comma: bool = False) -> str:
    """``123456`` → ``1,234.56x``, with a decimal comma ``1.234,56x``."""
    text = f"{value // 100:,}.{value % 100:02d}x"
    return text.translate(str.maketrans(",.", ".,")) if comma else text
