"""The eye of a user's own table with everything it needs, for calibration, checks and sessions."""

from __future__ import annotations

from bot.domain.clock import Clock
from bot.domain.ports import Capture
from bot.screen.engines import default_engine
from bot.screen.fonts import FontStore
from bot.screen.layout import Layout, games_folder, load_layout
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye


def own_fonts(tables: OwnTables) -> FontStore:
    """Where the glyphs of own tables lie: in each table's own folder, so that they go where it goes.

    Not with those of the practice tables: a table of the user's may be called ``aviator``, too.
    """
    return FontStore(tables.folder)


def known_layout(game: str) -> Layout | None:
    """The look of a game that ships with this software; ``None`` for any other."""
    return load_layout(game) if (games_folder() / f"{game}.toml").is_file() else None


def open_eye(
    table: OwnTable, tables: OwnTables, capture: Capture, clock: Clock, learn: bool = True
) -> OwnEye:
    """An eye for ``table``. With ``learn`` false nothing is written, and what was learned is only used."""
    return OwnEye(
        table=table,
        tables=tables,
        capture=capture,
        engine=default_engine(),
        fonts=own_fonts(tables),
        clock=clock,
        layout=known_layout(table.game),
        learn=learn,
    )
