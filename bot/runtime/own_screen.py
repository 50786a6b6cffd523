"""The person's own screen, on which their tables are: which it is, and whether it can be pictured."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot.control.x11 import connect, hang_up
from bot.domain.errors import MissingPart
from bot.screen.capture import ScreenCapture

WAYLAND_ADVICE = (
    "this session is of type Wayland, where pictures of other windows are empty: log in to a session of type "
    "X11 (Xorg), or run the browser on a private X display and set DISPLAY to it"
)


def own_display(environment: Mapping[str, str] | None = None) -> str | None:
    """The X display with the person's tables; ``None`` where there is no X (Windows, macOS).

    Raises ``MissingPart`` when there is none, or when it is one that shows no pictures of windows.
    """
    if not sys.platform.startswith("linux"):
        return None
    given = os.environ if environment is None else environment
    display = given.get("DISPLAY", "").strip()
    wayland = bool(given.get("WAYLAND_DISPLAY")) or given.get("XDG_SESSION_TYPE") == "wayland"
    if not display:
        if wayland:
            raise MissingPart(WAYLAND_ADVICE)
        raise MissingPart(
            "there is no screen to look at (DISPLAY is not set): run this in the session where the table is "
            "shown; over ssh set DISPLAY to that session's, as in DISPLAY=:0"
        )
    connection = connect(display)
    try:
        if serves_wayland(connection):
            raise MissingPart(WAYLAND_ADVICE)
    finally:
        hang_up(connection)
    return display


def serves_wayland(connection: Any) -> bool:
    """Whether an X server is the one inside a Wayland session: it names itself so, or its outputs."""
    with suppress(Exception):  # Xlib has a class of its own for everything
        if connection.query_extension("XWAYLAND") is not None:
            return True
    with suppress(Exception):
        outputs = connection.screen().root.xrandr_get_screen_resources()
        for output in outputs.outputs:
            told = connection.xrandr_get_output_info(output, outputs.config_timestamp)
            if str(told.name).startswith("XWAYLAND"):
                return True
    return False


def open_screen(environment: Mapping[str, str] | None = None) -> tuple[str | None, ScreenCapture]:
    """The display and a capture of it that works. Raises ``MissingPart`` with what to do.

    The capture belongs to the thread that called this.
    """
    display = own_display(environment)
    capture = ScreenCapture(display)
    width, height = capture.size()
    if width < 1 or height < 1:
        raise MissingPart("the screen has no size: is a monitor connected?")
    return display, capture
