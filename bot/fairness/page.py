"""One page about an audit: the verdict in words, and pictures. HTML that needs nothing else, or one PNG."""

from __future__ import annotations

import base64
import textwrap
from html import escape
from pathlib import Path

from matplotlib.figure import Figure

from bot.domain.errors import BadInput, StorageError
from bot.fairness.audit import WARNING, AuditResult
from bot.fairness.findings import Judgement, Verdict
from bot.fairness.pictures import GREY, INK, panel_png, panels_of, png_of, style
from bot.fairness.recordings import Recording

COLOURS = {
    Verdict.SOUND: "#1e7d4f",
    Verdict.INCOMPLETE: "#c0392b",
    Verdict.UNLAWFUL: "#8e2a8b",
    Verdict.UNDECIDED: "#8a6d1a",
}
MEANING = {
    Verdict.SOUND: "The rounds fit the law, and enough of them are there to have shown it if they did not.",
    Verdict.INCOMPLETE: "Rounds are missing. Profit figures from this recording are wrong.",
    Verdict.UNLAWFUL: "The rounds do not follow the game's law. Figures from this recording mean nothing.",
    Verdict.UNDECIDED: "There are too few rounds to tell.",
}
_ERROR = (
    "Of sound recordings at most 1 % are ever called anything but sound or undecided, however often one "
    "looks while they grow."
)
_STYLE = """
:root { color-scheme: light }
* { box-sizing: border-box }
body { margin: 0; background: #f3f5f8; color: #1d2733; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 1060px; margin: 0 auto; padding: 28px 20px 40px }
header { background: #fff; border-radius: 12px; padding: 24px 28px; border-left: 10px solid var(--verdict) }
h1 { margin: 0 0 4px; font-size: 30px; color: var(--verdict) }
h2 { margin: 0 0 2px; font-size: 18px }
p { margin: 6px 0 } .quiet { color: #5d6b7a; font-size: 14px } code { overflow-wrap: anywhere }
ul { margin: 10px 0 0; padding-left: 20px } li { margin: 6px 0 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px
0 } .tile, figure { background: #fff; border-radius: 12px; padding: 14px 18px; margin: 0 }
.tile b { display: block; font-size: 21px } .tile span { color: #5d6b7a; font-size: 13px }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 14px }
.charts + * { margin-top: 16px }
img { width: 100%; height: auto; display: block }
table { border-collapse: collapse; width: 100%; font-size: 14px } td { border-top: 1px solid #dfe5ec;
padding: 4px 8px }
"""


def write_report(path: Path, recording: Recording, result: AuditResult) -> None:
    """Write ``path`` by its ending, ``.html`` or ``.png``. Raises ``BadInput``, ``StorageError``."""
    ending = path.suffix.lower()
    if ending not in (".html", ".htm", ".png"):
        raise BadInput(f"--report {path}: name a file that ends in .html or .png")
    if not path.resolve().parent.is_dir() or path.is_dir():
        raise BadInput(f"--report {path}: name a file in a folder that exists")
    content = one_png(recording, result) if ending == ".png" else html_page(recording, result).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"--report {path} cannot be written: {error.strerror}") from error


def _tiles(result: AuditResult) -> list[tuple[str, str]]:
    parts: list[Judgement] = [result.values, result.order, result.times]
    rtp = result.rtp
    return [
        (f"{result.n:,}", "rounds"),
        *((part.verdict.value, part.part.value) for part in parts),
        (f"{1 - rtp.estimate:.2%}", f"house edge ({1 - rtp.high:.2%} to {1 - rtp.low:.2%})"),
        ("not known" if result.known.rtp is None else f"{result.known.rtp:.2f}",
         "return judged by" + ("" if result.known.rtp is None else f", from {result.known.source}")),
    ]  # fmt: skip


def html_page(recording: Recording, result: AuditResult) -> str:
    """The page, with its pictures inside it."""
    figures = []
    for title, text, draw in panels_of(result):
        data = base64.b64encode(panel_png(draw, recording, result)).decode()
        figures.append(
            f'<figure><h2>{escape(title)}</h2><p class="quiet">{escape(text)}</p>'
            f'<img alt="{escape(title)}" src="data:image/png;base64,{data}"></figure>'
        )
    tiles = "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for value, name in _tiles(result)
    )
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in result.reasons)
    name = escape(result.name)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Audit of {name}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}'
        f":root {{ --verdict: {COLOURS[result.verdict]} }}</style></head><body><main>"
        f"<header><h1>{result.verdict.value.capitalize()}</h1><p>{escape(MEANING[result.verdict])}</p>"
        f'<p class="quiet"><code>{name}</code></p><ul>{reasons}</ul></header>'
        f'<section class="tiles">{tiles}</section><section class="charts">{"".join(figures)}</section>'
        f'{_refused(result)}<p class="quiet">{_ERROR} {WARNING}</p></main></body></html>\n'
    )


def _refused(result: AuditResult) -> str:
    if not result.refused:
        return ""
    rows = "".join(
        f"<tr><td>{each.line}</td><td><code>{escape(each.text)}</code></td><td>{escape(each.why)}</td></tr>"
        for each in result.refused[:20]
    )
    return f"<figure><h2>{len(result.refused):,} lines that are no round</h2><table>{rows}</table></figure>"


def one_png(recording: Recording, result: AuditResult) -> bytes:
    """All of it as one picture."""
    panels = panels_of(result)
    lines = [line for reason in result.reasons[:6] for line in textwrap.wrap(f"• {reason}", 150, max_lines=2)]
    head = 1.35 + 0.22 * len(lines)
    rows = (len(panels) + 1) // 2
    figure = Figure(figsize=(13, head + 0.3 + 3.7 * rows))
    height = figure.get_figheight()
    figure.text(0.03, 1 - 0.38 / height, result.verdict.value.capitalize(), fontsize=24, weight="bold",
                color=COLOURS[result.verdict], va="center")  # fmt: skip
    about = f"{result.name} · {MEANING[result.verdict]}"[:170]
    figure.text(0.03, 1 - 0.78 / height, about, fontsize=10, color=GREY, va="center")
    said = "\n".join(lines)
    figure.text(0.03, 1 - 1.02 / height, said, fontsize=9.5, color=INK, va="top", linespacing=1.45)
    top = 1 - (head + 0.35) / height
    grid = figure.add_gridspec(
        rows, 2, left=0.06, right=0.98, bottom=0.85 / height, top=top, hspace=0.38, wspace=0.16
    )
    for place, (title, _, draw) in enumerate(panels):
        axes = figure.add_subplot(grid[place // 2, place % 2])
        draw(axes, recording, result)
        style(axes)
        axes.set_title(title, fontsize=12, color=INK, loc="left", weight="bold")
    figure.text(0.03, 0.15 / height, WARNING, fontsize=9, color=GREY)
    return png_of(figure, 110)
