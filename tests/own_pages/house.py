"""The server of the test pages: hands out pages and plan, hears what was shown and clicked, commands."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.own_pages.plan import Pace, PlannedRound, as_json, past_crashes, plan_rounds

PAGES = Path(__file__).with_name("pages")
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
#: What a page shows longer than any test looks.
MANY_ROUNDS = 400
FIRST_ROUND_AFTER_US = 1_500_000


@dataclass
class House:
    """One server for one page. ``heard`` is what the page told, in the order of its own clock's stamps."""

    seed: int
    pace: Pace
    root: Path = PAGES
    begins_utc_us: int = 0
    address: str = ""
    rounds: list[PlannedRound] = field(default_factory=list)
    _heard: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listeners: list[queue.Queue[str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def plan(self) -> dict[str, Any]:
        """The plan; the first page that asks starts the clock."""
        with self._lock:
            if not self.begins_utc_us:
                self.begins_utc_us = time.time_ns() // 1000 + FIRST_ROUND_AFTER_US
                self.rounds = plan_rounds(self.seed, MANY_ROUNDS, self.pace)
        return as_json(self.rounds, past_crashes(self.seed, 20), self.pace, self.begins_utc_us)

    def hear(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._heard.append(message)

    def heard(self, kind: str = "") -> list[dict[str, Any]]:
        """Everything of a kind (or everything) that the page told so far."""
        with self._lock:
            found = [message for message in self._heard if not kind or message["kind"] == kind]
        return sorted(found, key=lambda message: int(message["at_us"]))

    @property
    def clicks(self) -> list[dict[str, Any]]:
        """Every click on the page, with the box it fell into."""
        return self.heard("click")

    def command(self, name: str, value: object = None, bound_s: float = 20.0) -> None:
        """Have the page do something (skin, scroll, reload) and wait until it has drawn it."""
        kind = "ready" if name == "reload" else "done"
        before = len(self.heard(kind))
        for listener in list(self._listeners):
            listener.put(json.dumps({"name": name, "value": value}))
        wait_for(lambda: len(self.heard(kind)) > before, bound_s)

    def listen(self) -> queue.Queue[str]:
        listener: queue.Queue[str] = queue.Queue()
        self._listeners.append(listener)
        return listener

    def forget(self, listener: queue.Queue[str]) -> None:
        self._listeners.remove(listener)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, house: House, *rest: Any) -> None:
        self.house = house
        super().__init__(*rest)

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/plan":
            self._send(json.dumps(self.house.plan()).encode(), "application/json")
        elif path == "/commands":
            self._stream()
        else:
            self._send_file(path)

    def _send_file(self, path: str) -> None:
        name = path.removeprefix("/table/").strip("/")
        file = self.house.root / (name if "." in name else f"{name}.html")
        inside = file.resolve().is_relative_to(self.house.root.resolve())
        found = inside and file.is_file()
        body = file.read_bytes() if found else b""
        self._send(body, KINDS.get(file.suffix, "application/octet-stream"), 200 if found else 404)

    def do_POST(self) -> None:
        self.house.hear(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._send(b"", "text/plain")

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    def _stream(self) -> None:
        """Commands as they are given, one event each, for as long as the page listens."""
        listener = self.house.listen()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            while not self.house.closing.is_set():
                with suppress(queue.Empty):
                    self.wfile.write(f"data: {listener.get(timeout=0.2)}\n\n".encode())
                    self.wfile.flush()
        except ConnectionError:
            pass
        finally:
            self.house.forget(listener)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def open_house(seed: int, pace: Pace, root: Path = PAGES) -> Iterator[House]:
    """A server on a free port of this machine."""
    house = House(seed, pace, root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, house))
    server.daemon_threads = True
    house.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield house
    finally:
        house.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def wait_for(happened: Callable[[], bool], bound_s: float = 20.0) -> None:
    """Wait until ``happened``; fail after ``bound_s``."""
    end = time.monotonic() + bound_s
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)
