"""A casino that says to a page exactly what a test wants said, and writes down what the page says to it."""

from __future__ import annotations

import asyncio
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

import bot.practice

PAGES = Path(bot.practice.__file__).parent / "pages"
NONCE = 0xA5C3F1
INDEX = {"aviator": 0, "aviatrix": 1, "jetx": 2}
Message = dict[str, Any]


def mark_of(nonce: int, index: int) -> int:
    """The 40 bits of the session's mark, after the written rule."""
    head = nonce << 4 | index
    return head << 12 | (zlib.crc32(head.to_bytes(4, "big")) & 0xFFF)


def hello(game: str, **changes: Any) -> Message:
    """A table between rounds with a full history."""
    message: Message = {
        "t": "hello", "table": game, "game": game, "index": INDEX[game], "nonce": NONCE,
        "mark": mark_of(NONCE, INDEX[game]), "currency": "USD", "lang": "en", "speed": 1, "growth": 0.0858,
        "min_stake": 10, "max_stake": 50_000, "min_target": 101, "max_target": 10_000, "balance": 1_234_567,
        "history": [245, 104, 1217, 189, 100, 346, 131, 777, 159, 1803, 122, 205], "phase": "pause",
        "phase_started_ms_ago": 0, "betting_ms": 60_000, "multiplier_now": 100, "round": 41,
        "seed_hash": "ab" * 32, "bets": {}, "faults": {}, "players": 321, "players_total": 1_234_567,
    }  # fmt: skip
    return message | changes


class ScriptedCasino:
    """Serves the real page files; the rest is up to the test. Runs in a thread of its own."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.greeting: Message = hello("aviator")
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/table/{name}", self._page), web.get("/ws/{name}", self._socket)])
        app.router.add_static("/pages", PAGES)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGES / "table.html", headers={"Cache-Control": "no-store"})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(self.greeting)
        self._sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.heard.append(message.json())
        self._sockets.remove(socket)
        return socket

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def say(self, kind: str, /, **content: Any) -> None:
        """Sends a message to every open page."""

        async def send() -> None:
            for socket in list(self._sockets):
                await socket.send_json({"t": kind, **content})

        self._do(send())

    def fault(self, kind: str, /, on: bool = True, **detail: Any) -> None:
        self.say("fault", kind=kind, on=on, detail=detail)

    def hang_up(self) -> None:
        """Drops every connection; the page will come back."""

        async def drop() -> None:
            for socket in list(self._sockets):
                await socket.close()

        self._do(drop())

    def wait_heard(self, wanted: Callable[[Message], bool], seconds: float = 15.0) -> Message:
        """The newest message that fits, as soon as there is one."""
        end = time.monotonic() + seconds
        pause = threading.Event()
        while time.monotonic() < end:
            for message in reversed(self.heard):
                if wanted(message):
                    return message
            pause.wait(0.02)
        raise AssertionError(f"not heard; last: {[message['t'] for message in self.heard[-10:]]}")

    def close(self) -> None:
        async def stop() -> None:
            for socket in list(self._sockets):
                await socket.close()
            await self._runner.cleanup()

        self._do(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
