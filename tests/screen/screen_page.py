"""A whole page of a table as a picture, drawn from the layout: for tests that need no browser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw
from screen_drawing import background, font

from bot.domain.ports import Image
from bot.domain.words import Box, ButtonState, Phase, Placement
from bot.screen.layout import Layout, load_layout
from bot.screen.mark import COLUMNS, mark_bits

Rgb = tuple[int, int, int]
FAMILIES = {"aviator": "inter", "aviatrix": "open-sans", "jetx": "roboto"}


def rgb(layout: Layout, name: str) -> Rgb:
    blue, green, red = layout.colour(name)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Page:
    """What a drawn page shows; texts as they stand on it."""

    game: str = "aviator"
    width: int = 640
    height: int = 520
    scale: float = 1.0
    nonce: int = 0xABCDEF
    index: int = 1
    phase: Phase = Phase.FLYING
    number: str = "1.24x"
    time_left: float = 0.6
    balance: str = "1,000.00"
    currency: str = "USD"
    players: str = "123"
    total: str = "4,567.80"
    history: tuple[str, ...] = ("2.45x", "1.00x", "13.07x", "1.98x")
    stake: str = "1.00"
    target: str = "2.00"
    focus: str = ""
    switch: bool = True
    button: ButtonState = ButtonState.DISABLED
    moment: float = 0.0
    dimmed: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def but(self, **changes: object) -> Page:
        return replace(self, **changes)  # type: ignore[arg-type]


def draw_mark(draw: ImageDraw.ImageDraw, page: Page, s: float) -> None:
    bits = mark_bits(page.nonce, page.index)
    for column in range(COLUMNS):
        for double in range(2):
            if column < 2:
                colour = "#ff2d95"
            elif column >= COLUMNS - 2:
                colour = "#2dffb3"
            else:
                place = 39 - (double * 20 + column - 2)
                colour = "#ffffff" if bits >> place & 1 else "#101214"
            left, top = round((8 + 5 * column) * s), round((8 + 10 * double) * s)
            right, bottom = round((13 + 5 * column) * s), round((18 + 10 * double) * s)
            draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _end_mark(draw: ImageDraw.ImageDraw, width: int, height: int, s: float) -> None:
    xs = [width - round(8 * s), width - round(4 * s), width]
    ys = [height - round(8 * s), height - round(4 * s), height]
    for i in range(2):
        for j in range(2):
            colour = "#ff2d95" if i == j else "#2dffb3"
            draw.rectangle((xs[i], ys[j], xs[i + 1] - 1, ys[j + 1] - 1), fill=colour)


def _text(draw: ImageDraw.ImageDraw, box: Box, text: str, size: float, fill: object, anchor: str) -> float:
    face = font("inter", max(6, round(size)))
    x = {"l": box.x, "r": box.right, "m": box.x + box.width / 2}[anchor]
    draw.text((x, box.y + box.height / 2), text, font=face, fill=fill, anchor=f"{anchor}m")
    return face.getlength(text)


def _chips(draw: ImageDraw.ImageDraw, page: Page, layout: Layout, box: Box, s: float) -> None:
    x = float(box.x)
    for text in page.history:
        value = int("".join(c for c in text if c.isdigit()))
        blue, green, red = next(c for start, c in reversed(layout.tiers) if value >= start)
        width = font("inter", round(14 * s)).getlength(text) + 16 * s
        if x + width > box.right:
            break
        pill = (round(x), box.y, round(x + width), box.bottom - 1)
        draw.rounded_rectangle(pill, radius=box.height // 2, fill="#000000")
        _text(draw, Box(round(x + 8 * s), box.y, 10, box.height), text, 14 * s, (red, green, blue), "l")
        x += width + 4 * s


def _panel(
    draw: ImageDraw.ImageDraw, page: Page, layout: Layout, boxes: dict[str, Box], n: int, s: float
) -> None:
    for name, text in (("stake", page.stake), ("target", page.target)):
        box = boxes[f"p{n}_{name}"]
        focused = page.focus == f"p{n}_{name}"
        colour = rgb(layout, "focus_ring" if focused else "field_border")
        draw.rectangle(
            (box.x, box.y, box.right - 1, box.bottom - 1),
            fill=rgb(layout, "field_back"),
            outline=colour,
            width=max(1, round((2 if focused else 1) * s)),
        )
        _text(draw, Box(box.x + round(8 * s), box.y, 10, box.height), text, 16 * s, "#ffffff", "l")
    box = boxes[f"p{n}_switch"]
    draw.rounded_rectangle(
        (box.x, box.y, box.right - 1, box.bottom - 1),
        radius=box.height // 2,
        fill=rgb(layout, "switch_on" if page.switch else "switch_off"),
    )
    left = box.right - box.height + 3 if page.switch else box.x + 3
    draw.ellipse((left, box.y + 3, left + box.height - 7, box.bottom - 4), fill="#ffffff")
    box = boxes[f"p{n}_button"]
    draw.rectangle((box.x, box.y, box.right - 1, box.bottom - 1), fill=rgb(layout, f"button_{page.button}"))
    _text(draw, box, page.button.value.upper(), 18 * s, "#ffffff", "m")


def _canvas(picture: Pictures.Image, page: Page, layout: Layout, boxes: dict[str, Box], s: float) -> None:
    box = boxes["canvas"]
    tint = (28, 97, 137) if page.phase is Phase.FLYING else (20, 20, 24)
    picture.paste(background(box.width, box.height, page.moment, tint), (box.x, box.y))
    draw = ImageDraw.Draw(picture)
    if page.phase in (Phase.FLYING, Phase.CRASHED):
        placement = Placement(Box(0, 0, page.width, page.height), s)
        face = font(FAMILIES[page.game], round(layout.font_px(placement)))
        colour = rgb(layout, "flying" if page.phase is Phase.FLYING else "crashed")
        middle = boxes["multiplier"]
        place = (middle.x + middle.width / 2, middle.y + middle.height / 2)
        draw.text(place, page.number, font=face, fill=colour, anchor="mm")
    elif page.phase is Phase.BETTING:
        bar = boxes["progress"]
        _text(
            draw,
            Box(bar.x, bar.y - round(30 * s), bar.width, round(20 * s)),
            "WAITING FOR NEXT ROUND",
            16 * s,
            "#fff",
            "m",
        )
        draw.rectangle((bar.x, bar.y, bar.right - 1, bar.bottom - 1), fill=rgb(layout, "progress_track"))
        filled = round(bar.width * page.time_left)
        if filled:
            draw.rectangle((bar.x, bar.y, bar.x + filled - 1, bar.bottom - 1), fill=rgb(layout, "progress"))


def page_picture(page: Page) -> Image:
    """The page as pixels (blue, green, red), ``width`` x ``height``."""
    layout = load_layout(page.game)
    s = page.scale
    boxes = layout.boxes(Placement(Box(0, 0, page.width, page.height), s))
    picture = Pictures.new("RGB", (page.width, page.height), "#0e0e0e")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, page.width, round(36 * s) - 1), fill=rgb(layout, "header"))
    draw.rectangle((0, round(36 * s), page.width, round(56 * s) - 1), fill=rgb(layout, "row"))
    draw_mark(draw, page, s)
    box = boxes["balance"]
    used = _text(draw, box, page.currency, 12 * s, "#9b9da3", "r")
    left = Box(box.x, box.y, round(box.width - used - 5 * s), box.height)
    _text(draw, left, page.balance, 16 * s, rgb(layout, "balance"), "r")
    _text(draw, boxes["players"], page.players, 13 * s, rgb(layout, "players"), "r")
    _text(draw, boxes["players_total"], page.total, 13 * s, rgb(layout, "players"), "l")
    _canvas(picture, page, layout, boxes, s)
    draw = ImageDraw.Draw(picture)
    _chips(draw, page, layout, boxes["history"], s)
    for n in (0, 1):
        _panel(draw, page, layout, boxes, n, s)
    _end_mark(draw, page.width, page.height, s)
    pixels = np.asarray(picture, np.uint8)[:, :, ::-1]
    if page.dimmed:
        pixels = (pixels * 0.45).astype(np.uint8)
    return np.ascontiguousarray(pixels)


def screen_with(pages: list[tuple[Page, int, int]], width: int = 1920, height: int = 1080) -> Image:
    """A screen with pages at places (x, y)."""
    screen = np.full((height, width, 3), 40, np.uint8)
    for page, x, y in pages:
        picture = page_picture(page)
        bottom, right = min(height, y + picture.shape[0]), min(width, x + picture.shape[1])
        screen[y:bottom, x:right] = picture[: bottom - y, : right - x]
    return screen
