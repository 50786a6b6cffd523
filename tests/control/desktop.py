"""A display, a window manager, a browser and a page with two bet panels, for tests of the hands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot.control.x11 import connect, hang_up
from bot.domain.words import Box
from bot.screen.mark import mark_bits

NONCE, INDEX = 0x5AFE42, 3
PAGE = Path(__file__).with_name("page.html")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def wait_for(happened: Callable[[], bool], bound_s: float = 20.0) -> None:
    """Wait until ``happened``; fail after ``bound_s``."""
    end = time.monotonic() + bound_s
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


@contextmanager
def process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is ended with the block, whatever happens in it."""
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(10)


@contextmanager
def display(size: str = "1280x900x24", name: str = "") -> Iterator[str]:
    """A private X display with a window manager (a free one, or of this name); yields its name."""
    receive, send = os.pipe()
    command = [
        "Xvfb",
        *([name] if name else []),
        "-displayfd",
        str(send),
        "-screen",
        "0",
        size,
        "-noreset",
        "-nolisten",
        "tcp",
    ]
    with ExitStack() as stack:
        stack.enter_context(process(command, pass_fds=(send,)))
        os.close(send)
        with os.fdopen(receive) as pipe:
            name = f":{pipe.readline().strip()}"
        assert name != ":", "Xvfb did not start"
        environment = {**os.environ, "DISPLAY": name}
        stack.enter_context(process(["openbox"], env=environment, stdout=subprocess.DEVNULL))
        yield name


@dataclass
class House:
    """What the page's server has seen, and how it answers a bet.

    ``answer`` is the button's state after ``delay_s``; with ``again_ms`` it invites again after that.
    """

    bets: list[dict[str, Any]] = field(default_factory=list)
    clicks: list[dict[str, Any]] = field(default_factory=list)
    answer: str = "ACCEPTED"
    delay_s: float = 0.01
    again_ms: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, house: House, *rest: Any) -> None:
        self.house = house
        super().__init__(*rest)

    def do_GET(self) -> None:
        self._send(PAGE.read_bytes() if self.path.startswith("/page") else b"", "text/html")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, object] = {}
        if self.path == "/bet":
            self.house.bets.append(body)
            time.sleep(self.house.delay_s)
            answer = {"state": self.house.answer, "again_ms": self.house.again_ms}
        elif self.path == "/click":
            self.house.clicks.append(body)
        else:
            self.house.ready.set()
        self._send(json.dumps(answer).encode(), "application/json")

    def _send(self, body: bytes, kind: str) -> None:
        with suppress(ConnectionError):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def house() -> Iterator[House]:
    """The page's server, on a free port of this machine."""
    state = House()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, state))  # type: ignore[arg-type]
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def browser(on: str, state: House, x: int = 40, y: int = 60, **query: object) -> Iterator[None]:
    """A browser window with the page on display ``on``; the block begins when it has been drawn."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert program, "no Chromium found: install the package chromium"
    state.ready.clear()
    query = {"mark": mark_bits(NONCE, INDEX), **query}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            program,
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-features=Translate,MediaRouter,OptimizationHints",
            "--password-store=basic",
            f"--user-data-dir={profile}",
            f"--app={state.address}/page?{urlencode(query)}",
            f"--window-position={x},{y}",
            "--window-size=660,540",
        ]
        with process(command, env={**os.environ, "DISPLAY": on}, stdout=subprocess.DEVNULL):
            assert state.ready.wait(60), "the page was not drawn"
            yield


class Windows:
    """Moves the browser's window and puts another one in front of it, as a person would."""

    def __init__(self, on: str) -> None:
        self._display = connect(on)
        self._cover: Any = None

    def move_browser(self, dx: int, dy: int) -> None:
        """Move the browser's window by some pixels, frame and all."""
        root = self._display.screen().root
        for window in self._named(root):
            frame = window
            while (parent := frame.query_tree().parent).id != root.id:
                frame = parent
            at = frame.get_geometry()
            window.configure(x=at.x + dx, y=at.y + dy)
        self._display.sync()

    def cover(self, box: Box) -> None:
        """A plain window in front of a part of the screen; it counts the clicks it gets."""
        from Xlib import X

        screen = self._display.screen()
        self._cover = screen.root.create_window(
            box.x,
            box.y,
            box.width,
            box.height,
            0,
            screen.root_depth,
            background_pixel=screen.white_pixel,
            event_mask=X.ButtonPressMask,
            override_redirect=True,
        )
        self._cover.map()
        self._display.sync()

    @property
    def clicks_on_cover(self) -> int:
        """How often the covering window was clicked."""
        self._display.sync()
        return sum(self._display.next_event().type == 4 for _ in range(self._display.pending_events()))

    def _named(self, window: Any) -> Iterator[Any]:
        for child in window.query_tree().children:
            name = child.get_wm_class()
            if name and "127.0.0.1" in name[0]:
                yield child
            else:
                yield from self._named(child)

    def __enter__(self) -> Windows:
        return self

    def __exit__(self, *_: object) -> None:
        if self._cover is not None:
            self._cover.destroy()
        hang_up(self._display)
