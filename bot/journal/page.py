"""The story of a round as one page: HTML that needs nothing else, with its pictures inside it."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from bot.domain.bets import BetState
from bot.journal.files import encoded
from bot.journal.shown import Field, Shown, ready
from bot.journal.story import Kind, Line, Story
from bot.journal.telling import moment_words, since, title_of
from bot.journal.words import seen_words

_STYLE = """
:root { color-scheme: light }
* { box-sizing: border-box }
body { margin: 0; background: #eef1f5; color: #1d2733; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 48px }
header, section { background: #fff; border-radius: 12px; padding: 22px 26px; margin-bottom: 18px }
header { border-left: 10px solid var(--verdict) }
h1 { margin: 0 0 4px; font-size: 28px } h2 { margin: 0; font-size: 19px }
p { margin: 6px 0 } .verdict { font-size: 20px; font-weight: 600; color: var(--verdict) }
.quiet { color: #5d6b7a; font-size: 14px } code { overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #e3e8ee; padding: 7px 12px 7px 0; vertical-align: top }
tr:first-child td { border: 0 }
td.time { text-align: right; color: #5d6b7a; font-variant-numeric: tabular-nums }
td.time, td.kind { white-space: nowrap; width: 1% }
td.kind { font-weight: 600 }
.session { color: #5d6b7a } .seen { color: #14708f } .decided { color: #1d2733 } .denied { color: #8a6d1a }
.bet { color: #2455b8 } .settled { color: #1e7d4f } .balance { color: #7a2a8b } .trouble { color: #c0392b }
.moment { display: grid; grid-template-columns: minmax(0, 9fr) minmax(0, 10fr); gap: 8px 28px }
.moment > .head { grid-column: 1 / -1; display: flex; justify-content: space-between; align-items: baseline }
.page { position: relative; align-self: start } .page img { width: 100%; height: auto; display: block }
.page i { position: absolute; border: 2px solid #e0218a } .page i.refused { border-color: #e08a21 }
.fields { display: flex; flex-wrap: wrap; gap: 14px 22px; align-content: flex-start; align-items: flex-end }
figure { margin: 0; max-width: 100% }
figure img { display: block; max-width: 100%; border: 1px solid #d5dce4 }
figcaption { font-size: 14px; line-height: 1.35; padding-top: 4px } figcaption b { display: block }
.refusal { color: #a85f08 }
@media (max-width: 760px) { .moment { grid-template-columns: minmax(0, 1fr) } }
"""
_COLOURS = {"good": "#1e7d4f", "bad": "#c0392b", "doubt": "#8a6d1a", "none": "#4a5868"}
#: Crops are shown this many times their size, but no higher.
_ZOOM, _CROP_HEIGHT = 1.5, 64


def page_html(story: Story, folder: Path) -> str:
    """The page. ``folder`` is the journal's."""
    shown = ready(story, folder)
    title = escape(title_of(story))
    about = ", ".join(part for part in (story.game, story.mode, story.strategy) if part)
    verdict = "".join(f'<p class="verdict">{escape(sentence)}</p>' for sentence in story.verdict)
    rows = "".join(_row(story, line) for line in story.lines)
    moments = "".join(_moment(story, each) for each in shown)
    if not shown:
        moments = "<section><p>No moment of this round was kept.</p></section>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}'
        f":root {{ --verdict: {_COLOURS[_tone(story)]} }}</style></head><body><main>"
        f"<header><h1>{title}</h1>{verdict}<p class='quiet'>{escape(about)}</p>"
        f'<p class="quiet">round <code>{escape(story.round_id)}</code>, '
        f"session <code>{escape(story.session_id)}</code></p></header>"
        f"<section><table>{rows}</table></section>{moments}</main></body></html>\n"
    )


def _tone(story: Story) -> str:
    text = " ".join(story.verdict)
    if text.startswith("No bet"):
        return "none"
    if any(f": {state.value}" in text for state in (BetState.UNKNOWN, BetState.MISSED)):
        return "doubt"
    won, lost = f": {BetState.WON.value}" in text, f": {BetState.LOST.value}" in text
    if won == lost:
        return "doubt"
    return "good" if won else "bad"


def _row(story: Story, line: Line) -> str:
    details = "".join(f'<br><span class="quiet">{escape(each)}</span>' for each in line.details)
    strong = ("<b>", "</b>") if line.kind in (Kind.DECIDED, Kind.SETTLED) else ("", "")
    return (
        f'<tr><td class="time">{since(story, line.at_utc_us)} s</td>'
        f'<td class="kind {line.kind.value}">{line.kind.value}</td>'
        f"<td>{strong[0]}{escape(line.text)}{strong[1]}{details}</td></tr>"
    )


def _moment(story: Story, shown: Shown) -> str:
    picture = shown.picture
    head = (
        f'<div class="head"><h2>{escape(moment_words(picture).capitalize())}</h2>'
        f'<span class="quiet">{since(story, picture.at_utc_us)} s</span></div>'
    )
    words = f"<p>{escape(picture.said)}</p>" if picture.said else ""
    if shown.data is None:
        seen = "".join(f'<p class="quiet">{escape(line)}</p>' for line in seen_words(picture.seen))
        missing = f'<p class="refusal">No picture: {escape(shown.missing)}.</p>'
        return f'<section class="moment">{head}<div>{words}{missing}</div><div>{seen}</div></section>'
    fields = "".join(_field(field) for field in shown.fields)
    return (
        f'<section class="moment">{head}<div class="page">{_page(shown)}</div>'
        f'<div>{words}<div class="fields">{fields}</div></div></section>'
    )


def _page(shown: Shown) -> str:
    assert shown.image is not None and shown.data is not None
    height, width = shown.image.shape[:2]
    frames = "".join(
        f'<i class="{"" if field.read else "refused"}" title="{escape(field.title)}" style="'
        f"left:{field.box.x / width:.3%};top:{field.box.y / height:.3%};"
        f'width:{field.box.width / width:.3%};height:{field.box.height / height:.3%}"></i>'
        for field in shown.fields
    )
    return f'<img alt="{escape(moment_words(shown.picture))}" src="{_data(shown.data)}">{frames}'


def _field(field: Field) -> str:
    height, width = field.crop.shape[:2]
    zoom = min(_ZOOM, _CROP_HEIGHT / height)
    value = f"{field.title}: {field.value}" if field.value else field.title
    refused = "" if field.read or not field.value else ' class="refusal"'
    sure = f"confidence {escape(field.sure)}" if field.sure else ""
    return (
        f'<figure><img width="{width * zoom:.0f}" alt="{escape(field.title)}" '
        f'src="{_data(encoded(field.crop))}"><figcaption><b{refused}>{escape(value)}</b>{sure}</figcaption></figure>'
    )


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
