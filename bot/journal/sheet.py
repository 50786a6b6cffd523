"""The story of a round as one picture: a contact sheet of its moments, each with the fields it was about."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from bot.domain.ports import Image
from bot.journal.shown import Field, Shown, ready
from bot.journal.story import Story
from bot.journal.telling import moment_words, since, title_of

WIDTH, PAD, GAP = 1500, 32, 20
_PICTURE_WIDTH, _PICTURE_HEIGHT = 480, 420
_CROP_HEIGHT, _ROW_HEIGHT = 58, 116
_COLUMNS = 3
#: Crops that are so many times wider than high are strips.
_WIDE = 8
_PAPER, _CARD, _INK, _QUIET, _LINE = "#eef1f5", "#ffffff", "#1d2733", "#5d6b7a", "#d5dce4"
_READ, _REFUSED = "#e0218a", "#e08a21"
_SMALL, _TEXT, _HEAD, _TITLE = 15, 17, 21, 30


@cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A font that comes with matplotlib, so that the sheet looks the same everywhere."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def sheet_png(story: Story, folder: Path) -> bytes:
    """The sheet as PNG. ``folder`` is the journal's."""
    shown = ready(story, folder)
    cards = [_card(story, each) for each in shown] or [_empty()]
    head = _head(story)
    height = PAD + head.height + sum(card.height + GAP for card in cards) + PAD
    sheet = Pictures.new("RGB", (WIDTH, height), _PAPER)
    sheet.paste(head, (PAD, PAD))
    y = PAD + head.height + GAP
    for card in cards:
        sheet.paste(card, (PAD, y))
        y += card.height + GAP
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def _head(story: Story) -> Pictures.Image:
    width = WIDTH - 2 * PAD
    verdict = [line for sentence in story.verdict for line in textwrap.wrap(sentence, 110)]
    crash = [line.text for line in story.lines if line.text.startswith("ended at")]
    about = ", ".join(part for part in (story.mode, story.strategy, *crash) if part)
    height = 44 + 28 * len(verdict) + 54
    head = Pictures.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(head)
    draw.text((0, 0), title_of(story), font=_font(_TITLE, True), fill=_INK)
    y = 46
    for line in verdict:
        draw.text((0, y), line, font=_font(_HEAD, True), fill=_INK)
        y += 28
    draw.text((0, y + 2), about, font=_font(_TEXT), fill=_QUIET)
    draw.text((0, y + 26), f"round {story.round_id}", font=_font(_SMALL), fill=_QUIET)
    return head


def _empty() -> Pictures.Image:
    card = Pictures.new("RGB", (WIDTH - 2 * PAD, 70), _CARD)
    words = "No moment of this round was kept."
    ImageDraw.Draw(card).text((20, 22), words, font=_font(_TEXT), fill=_QUIET)
    return card


def _card(story: Story, shown: Shown) -> Pictures.Image:
    """One moment: the page on the left with its fields outlined, the fields on the right, enlarged."""
    width = WIDTH - 2 * PAD
    page = None if shown.image is None else _page(shown)
    left = 20 if page is None else 20 + _PICTURE_WIDTH + 28
    said = textwrap.wrap(shown.picture.said, 60 if page else 120)
    words_height = 50 + 24 * len(said) + (30 if page is None else 0)
    height = max(
        words_height + 16 + len(_rows(shown.fields)) * _ROW_HEIGHT, 0 if page is None else page.height + 40
    )
    card = Pictures.new("RGB", (width, height), _CARD)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, width - 1, height - 1), outline=_LINE)
    if page is not None:
        card.paste(page, (20, 20))
    time = f"{since(story, shown.picture.at_utc_us)} s"
    draw.text((left, 18), moment_words(shown.picture), font=_font(_HEAD, True), fill=_INK)
    draw.text((width - 20, 20), time, font=_font(_TEXT), fill=_QUIET, anchor="ra")
    y = 50
    for line in said:
        draw.text((left, y), line, font=_font(_TEXT), fill=_INK)
        y += 24
    if page is None:
        draw.text((left, y), f"no picture: {shown.missing}", font=_font(_TEXT), fill=_REFUSED)
    _crops(card, draw, shown.fields, left, y + 12)
    return card


def _page(shown: Shown) -> Pictures.Image:
    assert shown.image is not None
    page = _picture(shown.image)
    draw = ImageDraw.Draw(page)
    for field in shown.fields:
        box = field.box
        corners = (box.x - 2, box.y - 2, box.right + 1, box.bottom + 1)
        draw.rectangle(corners, outline=_READ if field.read else _REFUSED, width=2)
    page.thumbnail((_PICTURE_WIDTH, _PICTURE_HEIGHT), Pictures.Resampling.LANCZOS)
    return page


def _rows(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields side by side; a strip, being wide, has a row of its own."""
    rows: list[list[Field]] = []
    for field in fields:
        alone = field.crop.shape[1] > _WIDE * field.crop.shape[0]
        if alone or not rows or len(rows[-1]) == _COLUMNS or _is_wide(rows[-1]):
            rows.append([])
        rows[-1].append(field)
    return rows


def _is_wide(row: Sequence[Field]) -> bool:
    return any(field.crop.shape[1] > _WIDE * field.crop.shape[0] for field in row)


def _crops(
    card: Pictures.Image, draw: ImageDraw.ImageDraw, fields: Sequence[Field], left: int, top: int
) -> None:
    whole = card.width - left - 20
    for number, row in enumerate(_rows(fields)):
        column = whole if _is_wide(row) else whole // _COLUMNS
        for place, field in enumerate(row):
            x, y = left + place * column, top + number * _ROW_HEIGHT
            crop = _fitted(_picture(field.crop), column - 20)
            card.paste(crop, (x, y + _CROP_HEIGHT - crop.height))
            corners = (x - 1, y + _CROP_HEIGHT - crop.height - 1, x + crop.width, y + _CROP_HEIGHT)
            draw.rectangle(corners, outline=_LINE)
            words = f"{field.title}: {field.value}" if field.value else field.title
            fill = _INK if field.read or not field.value else _REFUSED
            below = y + _CROP_HEIGHT + 5
            draw.text((x, below), _cut(words, column - 20), font=_font(_SMALL, True), fill=fill)
            draw.text((x, below + 20), _sure(field, column - 20), font=_font(_SMALL), fill=_QUIET)


def _fitted(crop: Pictures.Image, most: int) -> Pictures.Image:
    scale = min(3.0, most / crop.width, _CROP_HEIGHT / crop.height)
    size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
    return crop.resize(size, Pictures.Resampling.LANCZOS)


def _cut(words: str, most: int, bold: bool = True) -> str:
    """Words that are not wider than ``most`` pixels."""
    if _font(_SMALL, bold).getlength(words) <= most:
        return words
    while words and _font(_SMALL, bold).getlength(words + "…") > most:
        words = words[:-1]
    return words + "…"


def _sure(field: Field, most: int) -> str:
    words = f"confidence {field.sure}" if field.sure else ""
    fits = _font(_SMALL).getlength(words) <= most
    return words if fits else _cut(field.sure, most, bold=False)


def _picture(image: Image) -> Pictures.Image:
    return Pictures.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
