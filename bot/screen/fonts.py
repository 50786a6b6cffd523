"""Learned fonts on disk: one pair of files a table and field, shared by the processes of the bot."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np

from bot.domain.errors import StorageError
from bot.screen.glyphs import CELL_HEIGHT, CELL_WIDTH, GlyphFont

VERSION = 1


class FontStore:
    """Keeps fonts under a folder of the user: ``<table>/<field>.npz`` and ``.json``.

    Files are replaced whole, so that a reader never meets half of one. Another version, or a damaged
    file, counts as no font: the table learns anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, table: str, name: str, ending: str) -> Path:
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", table).lstrip(".") or "_"
        return self.folder / safe / f"{name}.{ending}"

    def stamp(self, table: str, name: str) -> int:
        """Changes whenever the font is written; 0 when there is none."""
        try:
            return self._path(table, name, "npz").stat().st_mtime_ns
        except OSError:
            return 0

    def load(self, table: str, name: str) -> GlyphFont | None:
        """The kept font, or ``None``."""
        try:
            about = json.loads(self._path(table, name, "json").read_text(encoding="utf-8"))
            if about.get("version") != VERSION:
                return None
            content = self._path(table, name, "npz").read_bytes()
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                templates = np.asarray(kept["templates"], np.float32)
                aspects = np.asarray(kept["aspects"], np.float32)
            characters = str(about["characters"])
            if templates.shape != (len(characters), CELL_HEIGHT * CELL_WIDTH) or len(aspects) != len(
                characters
            ):
                return None
            return GlyphFont(templates, characters, aspects, trusted=bool(about["trusted"]))
        except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile):
            return None

    def save(self, table: str, name: str, font: GlyphFont) -> None:
        """Writes the font. Raises ``StorageError`` when the disk does not take it."""
        target = self._path(table, name, "npz")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            about = {"version": VERSION, "characters": font.characters, "trusted": font.trusted}
            self._replace(self._path(table, name, "json"), json.dumps(about).encode())
            scratch = target.with_suffix(f".{os.getpid()}.tmp.npz")
            np.savez(scratch, templates=font.templates, aspects=font.aspects)
            scratch.replace(target)
        except OSError as error:
            raise StorageError(f"cannot keep the learned font in {self.folder}: {error}") from error

    def _replace(self, path: Path, content: bytes) -> None:
        scratch = path.with_suffix(f".{os.getpid()}.tmp")
        scratch.write_bytes(content)
        scratch.replace(path)
