"""Opening X connections with the Xlib that comes with pyautogui."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path


@contextmanager
def without_authority_file() -> Iterator[None]:
    """Let Xlib connect where nobody ever wrote an ``~/.Xauthority`` (a fresh machine, a private display).

    This version of Xlib refuses to try without that file. An empty one says what is true: there is no
    cookie. The environment is as before when the block ends.
    """
    named = os.environ.get("XAUTHORITY")
    path = Path(named) if named else Path(os.environ.get("HOME", os.devnull)) / ".Xauthority"
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
