"""``crashbot calibrate [NAME]``: the page from its address in the terminal to the last word."""

from __future__ import annotations

import os
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from bot.calibration.draft import UNNAMED, Drafts
from bot.calibration.page import Page
from bot.calibration.server import PageServer, bound, page_address
from bot.calibration.session import Session
from bot.calibration.tools import RealScreens
from bot.calibration.watcher import Watcher
from bot.domain.clock import SystemClock
from bot.domain.errors import BadInput
from bot.domain.ids import IdMaker
from bot.domain.ports import Capture
from bot.folders import made, user_state_dir
from bot.runtime.hand_test import run_hand_test
from bot.runtime.own_files import TableFiles
from bot.runtime.own_screen import open_screen
from bot.screen.own.definition import OwnTable, checked_name

KEY_BYTES = 24


def run_page(
    name: str | None, said: Mapping[str, str], port: int, browser: bool, tell: Callable[[str], None]
) -> None:
    """Serve the page until the person is done. Raises ``BadInput``, ``MissingPart``."""
    clock, files, drafts = SystemClock(), TableFiles(), Drafts()
    display, capture = open_screen()
    size = capture.size()
    capture.close()
    table, where_from = begin_with(name, files, drafts, size)
    session = Session(table, files, drafts)
    session.saved = files.tables.load(table.name) if where_from == "saved" else None
    session.watcher = Watcher(
        RealScreens(files.tables, clock, display, user_state_dir() / "calibration" / "unsaved"),
        clock,
        IdMaker(clock),
        session.table,
        session.take_guesses,
    )

    for option, value in said.items():
        if problem := session.describe(option, value):
            raise BadInput(f"--{option} {value}: {problem}")

    def hand(own: OwnTable, panel: int, pixels: Capture) -> str:
        return run_hand_test(own, panel, pixels, display, clock)

    folder = made(user_state_dir() / "calibration")
    key = secrets.token_urlsafe(KEY_BYTES)
    server: PageServer | None = None

    def stop() -> None:
        if server is not None:
            server.stop()

    with bound(port) as listening:
        number = int(listening.getsockname()[1])
        page = Page(session, hand, stop)
        server = PageServer(
            page.build, session.watcher.picture, listening, folder, key, secrets.token_urlsafe(KEY_BYTES)
        )
        session.watcher.start()
        if not session.table.fields:
            session.watcher.guess()
        try:
            _announce(page_address(number, key), folder, browser, tell)
            server.run()
        finally:
            session.watcher.close()
    tell(last_word(session))


def begin_with(
    name: str | None, files: TableFiles, drafts: Drafts, size: tuple[int, int]
) -> tuple[OwnTable, str]:
    """The table to go on with, and where it comes from: ``draft``, ``saved`` or ``new``."""
    called = UNNAMED if name is None else checked_name(name)
    draft = drafts.load(called)
    if draft is not None:
        return draft, "draft"
    if called in files.tables.names():
        return files.tables.load(called), "saved"
    return OwnTable(called, {}, size), "new"


def last_word(session: Session) -> str:
    """What the person is left with."""
    table = session.table
    if session.saved == table:
        return f"The table {table.name} is kept. Next: crashbot check {table.name}"
    again = "" if table.name == UNNAMED else f" {table.name}"
    return f"What was drawn is kept as a draft; go on with: crashbot calibrate{again}"


def _announce(address: str, folder: Path, browser: bool, tell: Callable[[str], None]) -> None:
    tell(f"Open this address in a browser on this machine; it opens once: {address}")
    tell("Ctrl+C ends it. What is drawn is kept as a draft at once.")
    if browser:
        _open(address, folder)


def _open(address: str, folder: Path) -> None:
    """Open the page by a file that only this user can read: arguments of programs are seen by all."""
    path = folder / "open.html"
    with suppress(OSError, webbrowser.Error):
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f'<meta http-equiv="refresh" content="0; url={address}"><title>crashbot</title>')
        webbrowser.open(path.as_uri())
