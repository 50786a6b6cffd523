"""The private display: Xvfb on the first free number, with a window manager."""

from __future__ import annotations

import contextlib
import io
import os
import select
import shutil
import subprocess
import warnings
from pathlib import Path

from Xlib import display as xdisplay
from Xlib import error as xerror

from bot.practice.stage import processes
from bot.practice.stage.options import StageError

START_S = 15.0
#: No frames: a window is where it was put, to the pixel. Windows get the focus when they are clicked.
_OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <theme><keepBorder>no</keepBorder></theme>
  <placement><policy>Smart</policy></placement>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""


class PrivateDisplay:
    """Xvfb and openbox as children of the stage. ``name`` is like ``:77``."""

    def __init__(self, width: int, height: int, folder: Path) -> None:
        for program, package in (("Xvfb", "xvfb"), ("openbox", "openbox")):
            if shutil.which(program) is None:
                raise StageError(
                    "no_display", f"{program} is not installed: apt install {package} (or use --show)"
                )
        self._log = folder / "display.log"
        self.server, self.name = self._start_server(width, height)
        environment = {**os.environ, "DISPLAY": self.name}
        settings = folder / "openbox.xml"
        settings.write_text(_OPENBOX)
        self.manager = processes.start(
            ["openbox", "--sm-disable", "--config-file", str(settings)],
            environment=environment,
            log=self._log,
        )

    def _start_server(self, width: int, height: int) -> tuple[subprocess.Popen[str], str]:
        reader, writer = os.pipe()
        try:
            server = processes.start(
                [
                    "Xvfb",
                    "-displayfd",
                    str(writer),
                    "-screen",
                    "0",
                    f"{width}x{height}x24",
                    "-noreset",
                    "-nolisten",
                    "tcp",
                ],
                log=self._log,
                pass_fds=(writer,),
            )
            os.close(writer)
            number = _read_line(reader)
        finally:
            os.close(reader)
        if not number:
            processes.end(server)
            raise StageError("no_display", "Xvfb did not start: see whether /tmp/.X11-unix can be written")
        return server, f":{number}"

    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name}

    def close(self) -> None:
        processes.end(self.manager)
        processes.end(self.server)


def is_gone(error: Exception) -> bool:
    """Whether an error of python-xlib means that the display went away.

    Its own report of a broken socket fails with a ``TypeError`` in Python 3.
    """
    if isinstance(error, TypeError):
        return "is not subscriptable" in str(error)
    return isinstance(error, (xerror.ConnectionClosedError, OSError, AssertionError))


def _read_line(reader: int) -> str:
    """What the server says, up to its newline: it writes the number in pieces. Empty when it says nothing."""
    text = b""
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([reader], [], [], START_S)
        piece = os.read(reader, 32) if ready else b""
        if not piece:
            return ""
        text += piece
    return text.decode().strip()


def connect(name: str) -> xdisplay.Display:
    """A connection to an X display. Raises ``StageError`` when there is none."""
    named = os.environ.get("XAUTHORITY")
    if not (Path(named) if named else Path.home() / ".Xauthority").exists():
        os.environ["XAUTHORITY"] = os.devnull  # python-xlib fails without the file although none is needed
    try:
        # It also prints warnings on standard output, which belongs to the stage's JSON lines, and leaves
        # the file open.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            return xdisplay.Display(name)
    except (xerror.DisplayError, xerror.XauthError, OSError) as error:
        raise StageError("no_display", f"there is no X display {name}: {error}") from error
