"""The stop as a file: anything that can make a file can stop the bot."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bot.domain.errors import StorageError

_MOST_CHARACTERS = 200


class StopSwitch:
    """A file named ``stop`` in a folder of the user's. While it is there, no bet passes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "stop"

    def touch(self, reason: str = "") -> None:
        """Stop. Raises ``StorageError`` when the file cannot be made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()  # acts at once, and on a full disk too; the reason comes second
        except OSError as error:
            raise StorageError(f"the stop file cannot be made: {error}") from error
        with contextlib.suppress(OSError):
            self.path.write_text(reason, encoding="utf-8")

    def clear(self) -> None:
        """Allow bets again. Raises ``StorageError`` when the file cannot be removed."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"the stop file cannot be removed: {error}") from error

    def check(self) -> str | None:
        """The reason while stopped, else ``None``. Not being able to look counts as stopped."""
        try:
            self.path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return f"the stop file cannot be checked: {error}"
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            text = ""
        return text[:_MOST_CHARACTERS] or f"the stop file {self.path.name!r} is there"
