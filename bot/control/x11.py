"""Opening X connections with the Xlib that comes with pyautogui."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from bot.domain.errors import MissingPart


@contextmanager
def without_authority_file() -> Iterator[None]:
    """Let Xlib connect where nobody ever wrote an ``~/.Xauthority`` (a fresh machine, a private display).

    This version of Xlib refuses to try without that file. An empty one says what is true: there is no
    cookie. The environment is as before when the block ends.
    """
    named = os.environ.get("XAUTHORITY")
    path = Path(named) if named else Path(os.environ.get("HOME", os.devnull)) / ".Xauthority"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file to the garbage collector
        if path.is_file():
            yield
            return
        os.environ["XAUTHORITY"] = os.devnull
        try:
            # It prints a warning about the empty file, to where our JSON goes.
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                yield
        finally:
            if named is None:
                os.environ.pop("XAUTHORITY", None)
            else:
                os.environ["XAUTHORITY"] = named


def connect(display: str | None) -> Any:
    """An ``Xlib.display.Display``. Raises ``MissingPart`` when there is none of this name."""
    from Xlib.display import Display

    problem = ""
    with without_authority_file():
        try:
            return Display(display)
        except Exception as error:  # Xlib has a class of its own for everything
            problem = str(error)
    # Raised out here, so that the failed attempt and its socket are gone by now.
    raise MissingPart(f"cannot connect to X display {display or os.environ.get('DISPLAY')}: {problem}")
