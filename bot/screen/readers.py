"""The readers of one table's small fields, with their fonts: shared by the table's eye and the controller."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import StorageError
from bot.domain.ports import Image, OcrEngine
from bot.domain.words import FieldValue
from bot.screen.fields import (
    MULTIPLIER_CHARSET,
    Budget,
    MultiplierField,
    NumberField,
    ReadCounts,
    digit_rules,
)
from bot.screen.fonts import FontStore
from bot.screen.glyphs import GlyphFont
from bot.screen.layout import Layout
from bot.screen.learning import Teacher
from bot.screen.masks import TextColour
from bot.screen.numbers import parse_count, parse_money, parse_multiplier, parse_target
from bot.screen.strip import HistoryField

#: Font sizes of the small fields in layout units.
BALANCE_EM, FIELD_EM, PLAYERS_EM, HISTORY_EM = 16.0, 16.0, 13.0, 14.0


def money_value(text: str) -> int | None:
    """Minor units of an amount without its currency."""
    parsed = parse_money(text)
    return None if parsed is None else parsed[0]


class TableReaders:
    """All readers of one table. ``teach`` is false where fonts are only used (the controller)."""

    def __init__(
        self,
        table: str,
        layout: Layout,
        engine: OcrEngine,
        fonts: FontStore | None,
        *,
        pace: float | None = None,
        teach: bool = True,
    ) -> None:
        self._table, self._fonts, self._teach = table, fonts, teach
        self._layout = layout
        self.counts = ReadCounts()
        self.storage_problem = ""
        self.teachers: dict[str, Teacher] = {}
        self._stamps: dict[str, int] = {}
        self._colours = {
            "balance": TextColour.between("balance", layout.colour("balance"), layout.colour("header")),
            "players": TextColour.between("players", layout.colour("players"), layout.colour("row")),
            "field": TextColour.between("field", layout.colour("field"), layout.colour("field_back")),
        }
        self.multiplier = MultiplierField(
            (
                TextColour.on_dark("flying", layout.colour("flying")),
                TextColour.on_dark("crashed", layout.colour("crashed")),
            ),
            engine,
            self._teacher("multiplier", growth=layout.growth, pace=pace),
            self.counts,
        )
        small: dict[str, tuple[Callable[[str], int | None], str]] = {
            "balance": (money_value, "balance"),
            "players": (parse_count, "players"),
            "players_total": (money_value, "players"),
            "stake": (money_value, "field"),
            "target": (parse_target, "field"),
        }
        self._numbers = {
            name: NumberField(
                name,
                parse,
                engine,
                self._small_teacher(font),
                self.counts,
                whole=font == "players",
            )
            for name, (parse, font) in small.items()
        }
        chips = NumberField(
            "history",
            parse_multiplier,
            engine,
            self._teacher("history", need_x=True),
            self.counts,
            MULTIPLIER_CHARSET,
        )
        self.history = HistoryField(layout.tiers, chips)

    def _small_teacher(self, font: str) -> Teacher:
        return self.teachers.get(font) or self._teacher(font, need_x=False)

    def _teacher(
        self, font: str, *, growth: float | None = None, pace: float | None = None, need_x: bool = True
    ) -> Teacher:
        kept = self._fonts.load(self._table, font) if self._fonts else None
        if self._fonts:
            self._stamps[font] = self._fonts.stamp(self._table, font)
        teacher = Teacher(kept, lambda learned: self._keep(font, learned), growth, pace, need_x)
        self.teachers[font] = teacher
        return teacher

    def _keep(self, font: str, learned: GlyphFont) -> None:
        if self._fonts is None or not self._teach:
            return
        try:
            self._fonts.save(self._table, font, learned)
        except StorageError as error:  # a full disk must not blind the table: it reads on and says so
            self.storage_problem = str(error)

    def refresh(self) -> None:
        """Takes fonts that another process has learned since."""
        if self._fonts is None or self._teach:
            return
        for font, teacher in self.teachers.items():
            stamp = self._fonts.stamp(self._table, font)
            if stamp != self._stamps.get(font):
                self._stamps[font] = stamp
                teacher.replace(self._fonts.load(self._table, font))

    def number(self, name: str, image: Image, scale: float, at_s: float, budget: Budget) -> FieldValue[int]:
        """``balance``, ``players``, ``players_total``, ``stake`` or ``target`` in exactly its box."""
        if name == "balance":
            rules = digit_rules(BALANCE_EM * scale, suffix=False, min_digits=3)
        elif name in ("players", "players_total"):
            rules = digit_rules(PLAYERS_EM * scale, suffix=False, min_digits=1 if name == "players" else 3)
        else:
            inset = max(2, round(3 * scale))
            image = image[inset:-inset, inset:-inset]
            rules = digit_rules(FIELD_EM * scale, suffix=False, min_digits=3, caret=True)
        reader = self._numbers[name]
        colour = self._colours[
            {"players_total": "players", "stake": "field", "target": "field"}.get(name, name)
        ]
        return reader.read(image, colour, rules, at_s, budget)
