"""A user's own table: its name, its money, the boxes of its fields; and the folder that keeps it.

``<user data>/tables/NAME/table.toml`` is for people (boxes, currency); ``learned.json`` and ``anchors.npz``
beside it are what the product learned. The glyphs lie with those of all tables (``FontStore``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bot.domain.errors import BadInput, StorageError
from bot.domain.words import Box
from bot.folders import read_toml, user_data_dir

VERSION = 1
TABLE_FILE = "table.toml"
#: Fields of a table. ``p0`` and ``p1`` are the first and the second bet panel.
PLAIN_FIELDS = ("multiplier", "balance", "players", "players_total", "history")
PANEL_FIELDS = ("stake", "target", "switch", "button")
FIELDS = PLAIN_FIELDS + tuple(f"p{panel}_{name}" for panel in (0, 1) for name in PANEL_FIELDS)
#: Other names by which people call a field.
_ALIASES = {
    "score": "multiplier",
    "history_strip": "history",
    "strip": "history",
    "my_money": "balance",
    "player_count": "players",
    "total": "players_total",
    "players_money": "players_total",
    "auto_cash_out": "target",
    "auto_cashout": "target",
    "cash_out": "target",
    "cashout": "target",
    "auto": "target",
    "bet_button": "button",
    "amount": "stake",
    "bet": "stake",
    "auto_switch": "switch",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
#: Smallest side of a box in pixels.
LEAST_SIDE = 6
OTHER_GAME = "other"


def field_name(name: str) -> str | None:
    """The field that people mean: ``button_2``, ``auto-cashout``, ``panel1_stake``; else ``None``."""
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    if plain in FIELDS:
        return plain
    panel = 0
    if found := re.fullmatch(r"(.+?)_?([12])", plain):
        plain, panel = found[1], int(found[2]) - 1
    elif found := re.fullmatch(r"(?:panel|p)_?([12])_(.+)", plain):
        plain, panel = found[2], int(found[1]) - 1
    plain = _ALIASES.get(plain, plain)
    if plain in PLAIN_FIELDS and panel == 0:
        return plain
    return f"p{panel}_{plain}" if plain in PANEL_FIELDS else None


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table of the user's. ``fields``: boxes in pixels of a screen of ``screen``, as calibrated.

    ``game`` names the law and the look to start from; ``other`` is any crash game. ``rtp`` is the return to
    player that odds are computed with. ``auto_cash_out_on``: a person said that the automatic cash-out was on
    when the table was calibrated, so that its switch, as it looked then, is on.
    """

    name: str
    fields: Mapping[str, Box]
    screen: tuple[int, int]
    game: str = OTHER_GAME
    bookmaker: str = ""
    account: str = ""
    currency: str = "XXX"
    rtp: Decimal = Decimal("0.97")
    auto_cash_out_on: bool = False

    @property
    def account_name(self) -> str:
        """The wallet that it draws on: named, or the table's own."""
        return self.account or self.name

    @property
    def panels(self) -> tuple[int, ...]:
        """The bet panels with all that a bet needs: stake, target and button."""
        needed = ("stake", "target", "button")
        return tuple(p for p in (0, 1) if all(f"p{p}_{name}" in self.fields for name in needed))

    def moved(self, dx: int, dy: int) -> OwnTable:
        """The same table at another place of the screen."""
        return replace(self, fields={name: box.shifted(dx, dy) for name, box in self.fields.items()})

    def bounds(self) -> Box:
        """The smallest box around all fields."""
        boxes = self.fields.values()
        x, y = min(box.x for box in boxes), min(box.y for box in boxes)
        return Box(x, y, max(box.right for box in boxes) - x, max(box.bottom for box in boxes) - y)


def checked_name(name: str) -> str:
    """``name`` if a table may be called so. Raises ``BadInput``."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"a table cannot be called {name!r}: letters, digits, - and _, at most 40, "
            "beginning with a letter or digit"
        )
    return name


def fields_of(data: Mapping[str, Any], origin: str) -> dict[str, Box]:
    """The boxes of ``[fields.NAME] box = [x, y, width, height]``. Raises ``BadInput``."""
    sections = data.get("fields")
    if not isinstance(sections, Mapping) or not sections:
        raise BadInput(f"{origin}: no fields: write [fields.multiplier] and box = [x, y, width, height]")
    found: dict[str, Box] = {}
    for given, section in sections.items():
        name = field_name(str(given))
        if name is None:
            raise BadInput(f"{origin}: there is no field {given!r}: known are {', '.join(FIELDS)}")
        if name in found:
            raise BadInput(f"{origin}: the field {name} is given twice")
        found[name] = _box(section, f"{origin}: [fields.{given}]")
    if "multiplier" not in found:
        raise BadInput(f"{origin}: at least the box of the multiplier is needed: [fields.multiplier]")
    return found


def _box(section: object, origin: str) -> Box:
    given: object = section.get("box") if isinstance(section, Mapping) else section
    numbers: list[Any] = list(given) if isinstance(given, (list, tuple)) else []
    if len(numbers) != 4 or not all(type(n) in (int, float, Decimal) for n in numbers):
        raise BadInput(f"{origin}: write box = [x, y, width, height] in screen pixels")
    x, y, width, height = (round(number) for number in numbers)
    if x < 0 or y < 0 or width < LEAST_SIDE or height < LEAST_SIDE:
        raise BadInput(
            f"{origin}: box = [{x}, {y}, {width}, {height}]: x and y from 0, "
            f"width and height from {LEAST_SIDE} pixels"
        )
    return Box(x, y, width, height)


def table_of(data: Mapping[str, Any], name: str, screen: tuple[int, int], origin: str) -> OwnTable:
    """A table from a layout's data. ``screen`` is the size of the screen now, if the data names none.

    Raises ``BadInput`` with the key and what is allowed.
    """
    known = {
        "version",
        "name",
        "fields",
        "screen",
        "game",
        "bookmaker",
        "account",
        "currency",
        "rtp",
        "auto_cash_out_on",
    }
    if unknown := sorted(set(data) - known):
        raise BadInput(f"{origin}: unknown key {unknown[0]!r}: allowed are {', '.join(sorted(known))}")
    if data.get("version", VERSION) != VERSION:
        raise BadInput(f"{origin}: version {data['version']!r} is not known here: calibrate the table again")
    size = data.get("screen", list(screen))
    if (
        not isinstance(size, (list, tuple))
        or len(size) != 2
        or not all(type(n) is int and n > 0 for n in size)
    ):
        raise BadInput(f"{origin}: write screen = [width, height]")
    fields = fields_of(data, origin)
    for field_, box in fields.items():
        if box.right > size[0] or box.bottom > size[1]:
            raise BadInput(
                f"{origin}: the box of {field_} ends at {box.right}, {box.bottom}, outside the screen of "
                f"{size[0]}x{size[1]}"
            )
    on = data.get("auto_cash_out_on", False)
    if not isinstance(on, bool):
        raise BadInput(f"{origin}: auto_cash_out_on must be true or false")
    texts = {}
    for key, fallback in (("game", OTHER_GAME), ("bookmaker", ""), ("account", ""), ("currency", "XXX")):
        value = data.get(key, fallback)
        if not isinstance(value, str) or len(value) > 60:
            raise BadInput(f"{origin}: {key} must be a word of at most 60 characters")
        texts[key] = value
    return OwnTable(
        name=checked_name(name),
        fields=fields,
        screen=(int(size[0]), int(size[1])),
        rtp=_rtp(data.get("rtp", "0.97"), origin),
        auto_cash_out_on=on,
        **texts,
    )


def _rtp(value: object, origin: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not Decimal("0.5") <= number < 1:
        raise BadInput(f"{origin}: rtp (return to player) must be a number from 0.5 to below 1, like 0.97")
    return number


def layout_text(table: OwnTable) -> str:
    """A table as the TOML that ``table_of`` reads."""
    lines = [
        "# A table of yours, as calibrated. Boxes are [x, y, width, height] in screen pixels.",
        f"version = {VERSION}",
        f'name = "{table.name}"',
        *(f"{key} = {_quoted(getattr(table, key))}" for key in ("game", "bookmaker", "account", "currency")),
        f'rtp = "{table.rtp}"',
        f"screen = [{table.screen[0]}, {table.screen[1]}]",
        f"auto_cash_out_on = {'true' if table.auto_cash_out_on else 'false'}",
    ]
    for name in sorted(table.fields, key=FIELDS.index):
        box = table.fields[name]
        lines += ["", f"[fields.{name}]", f"box = [{box.x}, {box.y}, {box.width}, {box.height}]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'


@dataclass(frozen=True, slots=True)
class OwnTables:
    """The folder of all tables of the user."""

    folder: Path = field(default_factory=lambda: user_data_dir() / "tables")

    def path(self, name: str) -> Path:
        """The folder of one table."""
        return self.folder / checked_name(name)

    def names(self) -> list[str]:
        """All tables that were calibrated."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{TABLE_FILE}"))

    def load(self, name: str) -> OwnTable:
        """The table called ``name``. Raises ``BadInput`` that says which there are."""
        path = self.path(name) / TABLE_FILE
        if not path.is_file():
            known = ", ".join(self.names()) or "none yet"
            raise BadInput(
                f"there is no table {name!r} of yours (calibrated: {known}): run `crashbot calibrate {name}`"
            )
        return table_of(read_toml(path), name, (1 << 30, 1 << 30), str(path))

    def save(self, table: OwnTable) -> Path:
        """Keep a table; a file of the same name is replaced whole. Raises ``StorageError``."""
        path = self.path(table.name) / TABLE_FILE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = path.with_suffix(".tmp")
            scratch.write_text(layout_text(table), encoding="utf-8")
            scratch.replace(path)
        except OSError as error:
            raise StorageError(f"the table {table.name} cannot be kept in {path.parent}: {error}") from error
        return path.parent

    def all(self, names: Iterable[str]) -> list[OwnTable]:
        """Several tables, each once. Raises ``BadInput``."""
        wanted = list(names)
        if not wanted:
            raise BadInput("name at least one table of yours (`crashbot tables` lists them)")
        if len(set(wanted)) != len(wanted):
            raise BadInput("name each table once")
        return [self.load(name) for name in wanted]
