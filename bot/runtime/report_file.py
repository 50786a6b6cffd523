"""A report as a JSON file, refused before the session when it could not be written after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import BadInput, StorageError


def check_writable(path: Path | None) -> None:
    """Raise for a file that could not be written, before an hour is spent on it."""
    if path is None:
        return
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise BadInput(f"--json {path}: name a file in a folder that exists")
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise StorageError(f"--json {path} cannot be written: {error.strerror}") from error


def write_report(path: Path | None, report: Mapping[str, object]) -> None:
    """Write it, when a file was named."""
    if path is not None:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
