"""Where files lie: what ships beside the code, and what a user makes in the platform's user folders.

``CRASHBOT_HOME`` moves all the user's folders into one: ``config``, ``data`` and ``state`` inside it (but for
the guarded limits of live play, which are kept in the account's own as well: :func:`guard_folders`);
``DATABASE_URL`` names another database than the file in the data folder.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import platformdirs

from bot.domain.errors import BadInput, MissingPart, StorageError

APP = "crashbot"
HOME_VARIABLE = "CRASHBOT_HOME"
SETTINGS_FILE = "bot.toml"
DATABASE_VARIABLE = "DATABASE_URL"
_GUARDED = {
    "darwin": ("Library/Application Support", "Library/Preferences", ".local/state"),
    "win32": ("AppData/Local", "AppData/Roaming"),
}.get(sys.platform, (".local/share", ".config", ".local/state"))


def config_dir() -> Path:
    """The folder ``config`` that ships: in a checkout beside ``bot/``, in an installed wheel inside it.

    It is never written. Raises ``MissingPart`` when the installation lacks it.
    """
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "config", package / "config"):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise MissingPart("the folder `config` is missing from this installation: install crashbot again")


def user_config_dir() -> Path:
    """Where a person's own settings are read from."""
    home = _home()
    return home / "config" if home else platformdirs.user_config_path(APP, appauthor=False)


def user_data_dir() -> Path:
    """Database, limits, learned glyphs: what must not be lost."""
    home = _home()
    return home / "data" if home else platformdirs.user_data_path(APP, appauthor=False)


def user_database() -> Path:
    """The SQLite file that is used when nothing names a database."""
    return user_data_dir() / "crashbot.sqlite3"


def named_database() -> str | None:
    """The database that the environment names (``DATABASE_URL``), if it does."""
    return os.environ.get(DATABASE_VARIABLE, "").strip() or None


def user_state_dir() -> Path:
    """The lock, the stop file, logs: what says how things stand."""
    home = _home()
    return home / "state" if home else platformdirs.user_state_path(APP, appauthor=False)


def user_cache_dir() -> Path:
    """Compiled code and other things that are made again when they are deleted."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(APP, appauthor=False)


def guard_folders() -> tuple[Path, ...]:
    """Where the guarded limits of live play are kept, once in each: no variable moves all of them.

    The folders of the account's home as the system knows it, those that the platform names, and the data
    folder of ``CRASHBOT_HOME`` where it is set.
    """
    named = [
        platformdirs.user_data_path(APP, appauthor=False),
        platformdirs.user_config_path(APP, appauthor=False),
        platformdirs.user_state_path(APP, appauthor=False),
        platformdirs.user_data_path(APP, appauthor=False, roaming=True),
        user_data_dir(),
    ]
    return tuple(dict.fromkeys([*(account_home() / part / APP for part in _GUARDED), *named]))


def account_home() -> Path:
    """The home of this account, from the system's list of accounts rather than the environment."""
    if sys.platform != "win32":
        import pwd

        with contextlib.suppress(KeyError):
            return Path(pwd.getpwuid(os.getuid()).pw_dir)
    return Path.home()


def made(folder: Path) -> Path:
    """``folder``, which exists afterwards. Raises ``StorageError`` that names it when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} cannot be made ({error.strerror}): set {HOME_VARIABLE} to one that can"
        ) from error
    return folder


def read_toml(path: Path) -> dict[str, Any]:
    """A person's file as data, with exact decimals. Raises ``BadInput`` when it is not readable TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}") from error


def _home() -> Path | None:
    text = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(text).expanduser().absolute() if text else None
