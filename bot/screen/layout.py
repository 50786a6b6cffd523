"""Where things are on a table's page: edge-relative boxes and colours, one file a game."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import BadInput
from bot.domain.words import Box, Placement
from bot.folders import config_dir

Colour = tuple[int, int, int]
_TERM = re.compile(
    r"\s*([+-]?)\s*(?:(\d+(?:\.\d+)?)\s*\*\s*)?([A-Za-z]+)(?:\s*/\s*(\d+(?:\.\d+)?))?|"
    r"\s*([+-]?)\s*(\d+(?:\.\d+)?)"
)


def parse_edge(text: str) -> dict[str, float]:
    """``"W/2 - 100"`` → ``{"W": 0.5, "": -100.0}``: a sum of terms in names and layout units.

    Raises ``BadInput`` that quotes the text.
    """
    terms: dict[str, float] = {}
    position = 0
    while position < len(text.rstrip()):
        match = _TERM.match(text, position)
        if match is None or (position and not (match[1] or match[5])):
            raise BadInput(f"layout: cannot read the edge {text!r}: use sums like 'W/2 - 100'")
        if match[3]:
            value = float(match[2] or 1) / float(match[4] or 1) * (-1 if match[1] == "-" else 1)
            terms[match[3]] = terms.get(match[3], 0.0) + value
        else:
            terms[""] = terms.get("", 0.0) + float(match[6]) * (-1 if match[5] == "-" else 1)
        position = match.end()
    return terms


def parse_colour(text: str) -> Colour:
    """``"#d0021b"`` → blue, green, red."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise BadInput(f"layout: not a colour: {text!r}: write it as #rrggbb")
    red, green, blue = (int(text[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


Edges = tuple[dict[str, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Geometry (layout units), colours (blue, green, red) and pace of one game.

    ``growth`` is per second of a flight, ``m = exp(growth t)``, at the speed 1.
    """

    game: str
    growth: float
    font_width_share: float
    font_height_share: float
    edges: Mapping[str, Edges]
    colours: Mapping[str, Colour]
    tiers: tuple[tuple[int, Colour], ...] = field(default_factory=tuple)

    def boxes(self, placement: Placement) -> dict[str, Box]:
        """All named boxes in screen pixels for a page at ``placement``."""
        page, scale = placement.page, placement.scale
        names = self._names(page.width / scale, page.height / scale)
        result = {}
        for name, edges in self.edges.items():
            left, top, right, bottom = (round(_value(edge, names) * scale) for edge in edges)
            result[name] = Box(page.x + left, page.y + top, max(0, right - left), max(0, bottom - top))
        return result

    def colour(self, name: str) -> Colour:
        """The colour called ``name``; raises ``BadInput`` when the file does not give it."""
        try:
            return self.colours[name]
        except KeyError:
            raise BadInput(f"layout of {self.game}: colour {name!r} is missing") from None

    def font_px(self, placement: Placement) -> float:
        """Font size of the multiplier in screen pixels."""
        names = self._names(placement.page.width / placement.scale, placement.page.height / placement.scale)
        return names["F"] * placement.scale

    def _names(self, width: float, height: float) -> dict[str, float]:
        names = {"": 1.0, "W": width, "H": height}
        left, top, right, bottom = (_value(edge, names) for edge in self.edges["canvas"])
        names["cx"], names["cy"] = (left + right) / 2, (top + bottom) / 2
        names["F"] = min(self.font_width_share * width, self.font_height_share * (bottom - top))
        return names


def _value(edge: Mapping[str, float], names: Mapping[str, float]) -> float:
    try:
        return sum(factor * names[name] for name, factor in edge.items())
    except KeyError as error:
        raise BadInput(f"layout: unknown name {error} in an edge: use W, H, F, cx, cy") from None


def games_folder() -> Path:
    """Where the games' files are that ship with the software."""
    return config_dir() / "games"


def layout_from(data: Mapping[str, Any], game: str) -> Layout:
    """A layout from the content of a game's file. Raises ``BadInput`` for anything missing or malformed."""
    try:
        boxes, panel = _edges(data["boxes"]), _edges(data["panel"])
        for number in (0, 1):
            for name, edges in panel.items():
                boxes[f"p{number}_{name}"] = _panel_edges(edges, number)
        if any(len(edges) != 4 for edges in boxes.values()):
            raise BadInput(f"layout of {game}: a box has four edges: left, top, right, bottom")
        return Layout(
            game=game,
            growth=float(data["growth_per_s"]),
            font_width_share=float(data["multiplier_font"]["width_share"]),
            font_height_share=float(data["multiplier_font"]["height_share"]),
            edges=boxes,
            colours={name: parse_colour(text) for name, text in data["colours"].items()},
            tiers=tuple((int(tier["from"]), parse_colour(tier["colour"])) for tier in data["tiers"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"layout of {game}: {error!r} is missing or malformed in its file") from error


def _edges(boxes: Mapping[str, Any]) -> dict[str, Edges]:
    return {name: tuple(parse_edge(str(edge)) for edge in edges) for name, edges in boxes.items()}


def _panel_edges(edges: Edges, number: int) -> Edges:
    """Edges of a panel's part: ``P`` is the panel's left edge, ``PW`` its width, ``T`` its top edge."""
    left = {"": 8.0 - 4.0 * number, "W": 0.5 * number}
    width = {"": -12.0, "W": 0.5}
    top = {"": -144.0, "H": 1.0}
    known = {"P": left, "PW": width, "T": top}
    resolved = []
    for edge in edges:
        total: dict[str, float] = {}
        for name, factor in edge.items():
            for inner, value in known.get(name, {name: 1.0}).items():
                total[inner] = total.get(inner, 0.0) + factor * value
        resolved.append(total)
    return tuple(resolved)


def load_layout(game: str, folder: Path | None = None) -> Layout:
    """The layout of ``game`` from ``<folder>/<game>.toml`` (default: what ships)."""
    path = (folder or games_folder()) / f"{game}.toml"
    if not path.is_file():
        known = sorted(entry.stem for entry in path.parent.glob("*.toml"))
        raise BadInput(f"no layout for the game {game!r}: known are {', '.join(known) or 'none'}")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name} is malformed: {error}") from error
    return layout_from(data, game)
