"""Numbers drawn as games draw them: page text and canvas text, glow, outline, pulse, over moving backgrounds.

Apart from the code that reads them and from the practice pages, with Pillow: the readers know nothing of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFilter, ImageFont

from bot.domain.errors import MissingPart
from bot.domain.ports import Image

FONT_FOLDERS = (Path("/usr/share/fonts"), Path.home() / ".fonts", Path("/usr/local/share/fonts"))
FONTS = {"Inter": "Inter-Bold.otf", "Roboto": "Roboto-Bold.ttf", "Open Sans": "OpenSans-Bold.ttf"}
PACKAGES = {"Inter": "fonts-inter", "Roboto": "fonts-roboto", "Open Sans": "fonts-open-sans"}
#: Em of the text in pixels; the last two are those of a window of full-HD width.
SIZES = (32, 42, 56, 72, 96)
#: ``page``: plain text as in a web page; ``glow``: canvas text with a soft light behind it; ``outline``:
#: canvas text with a dark rim and a light behind it.
STYLES = ("page", "glow", "outline")
WHITE = (255, 255, 255)
REDS = {"Inter": (208, 2, 27), "Open Sans": (255, 75, 85), "Roboto": (255, 59, 48)}
#: Light behind the number by tier, red, green, blue.
TINTS = ((28, 97, 137), (60, 30, 97), (86, 16, 81))
MOMENTS = 24


@dataclass(frozen=True, slots=True)
class Look:
    """How one number is drawn. ``moment`` picks the background, ``shift`` moves it by parts of a pixel.

    ``hard``: bright particles over the text; curve and full light behind a red number too.
    """

    family: str
    style: str
    size: int
    crashed: bool
    moment: int
    shift: tuple[float, float]
    pulse: float
    hard: bool = False

    @property
    def colour(self) -> tuple[int, int, int]:
        """Red, green, blue."""
        return REDS[self.family] if self.crashed else WHITE


@cache
def font(family: str, size: float) -> ImageFont.FreeTypeFont:
    """A bold face. Raises ``MissingPart`` when the font is not installed."""
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob(FONTS[family])) if folder.is_dir() else []:
            return ImageFont.truetype(str(path), size)
    raise MissingPart(f"the font {family} is not installed: `sudo apt-get install {PACKAGES[family]}`")


def field_size(size: int, text: str) -> tuple[int, int]:
    """Width and height of the field in pixels: 300x100 where that holds the text, else in proportion."""
    width = max(300, 20 * math.ceil((0.68 * len(text) * size + size) / 20))
    return width, max(100, round(1.5 * size))


@cache
def background(width: int, height: int, moment: int, tint: int, curve_up: bool, spark: int) -> Pictures.Image:
    """Turning rays, a glow in the middle, drifting particles of brightness ``spark``.

    ``moment`` is one of ``MOMENTS``; at every third a curve climbs behind the text if ``curve_up``.
    """
    picture = Pictures.new("RGB", (width, height), (6, 6, 8))
    draw = ImageDraw.Draw(picture)
    reach = width + height
    turn = moment / MOMENTS * math.pi / 6
    for ray in range(0, 24, 2):
        angles = [(ray + step) * math.pi / 12 + turn for step in (0.0, 1.0)]
        corners = [(reach * math.cos(angle), height + reach * math.sin(angle)) for angle in angles]
        draw.polygon([(0.0, float(height)), *corners], fill=(14, 14, 16))
    glow = Pictures.new("L", (width, height), 0)
    ImageDraw.Draw(glow).ellipse((width * 0.1, -height * 0.3, width * 0.9, height * 1.3), fill=200)
    picture.paste(TINTS[tint], (0, 0, width, height), glow.filter(ImageFilter.GaussianBlur(height / 4)))
    if curve_up and moment % 3 == 0:
        end = width * (0.4 + 0.6 * moment / MOMENTS)
        curve = [
            (x, height - (x / end) ** 2 * height * (0.3 + 0.5 * moment / MOMENTS))
            for x in np.linspace(0, end, 30)
        ]
        draw.polygon([*curve, (end, float(height)), (0.0, float(height))], fill=(107, 2, 17))
        draw.line(curve, fill=(229, 5, 57), width=3)
    for dot in range(moment % 5):  # particles
        x, y = (dot * 71 + moment * 13) % width, (dot * 37 + moment * 7) % height
        draw.ellipse((x, y, x + 2, y + 2), fill=(spark, spark, spark + 8))
    return picture


def draw_number(text: str, look: Look) -> Image:
    """The field with the number in its middle; blue, green, red."""
    width, height = field_size(look.size, text)
    tint = look.moment % len(TINTS)
    # With the plane the curve flies away: it stands behind white numbers only.
    curve_up, spark = look.hard or not look.crashed, 190 if look.hard else 90
    picture = background(width, height, look.moment, tint, curve_up, spark).copy()
    face = font(look.family, round(look.size * look.pulse * 4) / 4)
    place = (width / 2 + look.shift[0], height / 2 + look.shift[1])
    if look.style != "page":
        light = Pictures.new("L", picture.size, 0)
        ImageDraw.Draw(light).text(place, text, font=face, fill=170, anchor="mm", stroke_width=2)
        picture.paste(
            tuple(min(255, c * 2) for c in TINTS[tint]),
            (0, 0, width, height),
            light.filter(ImageFilter.BoxBlur(5)),
        )
    draw = ImageDraw.Draw(picture)
    if look.style == "outline":
        draw.text(
            place, text, font=face, fill=(10, 10, 20), anchor="mm", stroke_width=max(2, look.size // 24)
        )
    draw.text(place, text, font=face, fill=look.colour, anchor="mm")
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def multiplier_text(value: int, comma: bool) -> str:
    """``123456`` → ``1,234.56x``, with a decimal comma ``1.234,56x``."""
    text = f"{value // 100:,}.{value % 100:02d}x"
    return text.translate(str.maketrans(",.", ".,")) if comma else text
