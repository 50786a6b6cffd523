"""The casino's web server: pages, data for the verify page, and one WebSocket a page."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import WSCloseCode, WSMsgType, web

from bot.practice.house import House
from bot.practice.outlet import Message

PAGES = Path(__file__).parent / "pages"
#: A page this many messages behind has stopped reading: it is dropped and will reload.
MAX_QUEUED = 2_000
#: Told when a page of a table is ready (laid out) or gone: table, how many are open.
PageNews = Callable[[str, int], None]


class _Socket:
    """One open page: messages queue here and a task writes them, so that no page can slow a table."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[Message] = asyncio.Queue(MAX_QUEUED)
        self.stalled = asyncio.Event()

    def put(self, message: Message) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.stalled.set()

    async def write(self) -> None:
        while not self.stalled.is_set():
            await self._socket.send_str(json.dumps(await self._queue.get()))
        await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)


class CasinoServer:
    """Serves one house on the loopback."""

    def __init__(self, house: House, page_news: PageNews) -> None:
        self._house = house
        self._page_news = page_news
        self._sockets: set[web.WebSocketResponse] = set()
        self.app = web.Application(middlewares=[_no_store])
        self.app.add_routes(
            [
                web.get("/", self._lobby),
                web.get("/table/{name}", self._table),
                web.get("/verify", self._verify),
                web.get("/api/lobby", self._lobby_data),
                web.get("/api/round", self._round_data),
                web.get("/ws/{name}", self._websocket),
                web.get("/favicon.ico", self._nothing),
                web.static("/pages", PAGES),
            ]
        )
        self.app.on_shutdown.append(self._close_sockets)

    async def _lobby(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGES / "lobby.html")

    async def _verify(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGES / "verify.html")

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    async def _table(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] not in self._house.tables:
            raise web.HTTPNotFound(text="there is no such table; see / for those that are open")
        return web.FileResponse(PAGES / "table.html")

    async def _lobby_data(self, request: web.Request) -> web.StreamResponse:
        tables = [
            {
                "name": option.name,
                "game": option.game.name,
                "index": option.index,
                "lang": option.lang,
                "currency": option.currency,
                "account": option.account,
            }
            for option in self._house.options.tables
        ]
        return web.json_response({"tables": tables, "speed": self._house.options.speed})

    async def _round_data(self, request: web.Request) -> web.StreamResponse:
        text = request.query.get("round", "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            raise web.HTTPBadRequest(text="round is a number")
        data = self._house.round_data(request.query.get("table", ""), int(text) if text else None)
        if data is None:
            raise web.HTTPNotFound(text="no such round at this table")
        return web.json_response(data)

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        table = self._house.tables.get(name)
        if table is None:
            raise web.HTTPNotFound(text="there is no such table")
        if not _same_origin(request):
            raise web.HTTPForbidden(text="only pages of this casino may play here")
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        page = _Socket(socket)
        page.put(self._house.hello(name))
        table.outlet.join(page)
        self._sockets.add(socket)
        writer = asyncio.create_task(page.write())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(name, message.data)
        finally:
            table.outlet.leave(page)
            self._sockets.discard(socket)
            writer.cancel()
            self._page_news(name, table.outlet.pages)
        return socket

    def _hear(self, name: str, text: str) -> None:
        """One message of a page. What is not understood is ignored: a page cannot stop its table."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        kind = message.get("t")
        if kind == "hello":
            self._page_news(name, self._house.tables[name].outlet.pages)
        elif kind == "click":
            self._note_click(name, message)
        elif (order := self._house.orders_of(name).get(str(kind))) is not None:
            order(message)

    def _note_click(self, name: str, message: Message) -> None:
        try:
            x, y, at_ms = (float(str(message[key])) for key in ("screen_x", "screen_y", "at_ms"))
        except (KeyError, ValueError):
            return
        if not (math.isfinite(x) and math.isfinite(y) and abs(at_ms) < 1e15):
            return
        boxes = json.dumps(message.get("boxes", {}))
        self._house.ledger.page_click(
            name,
            round(at_ms),
            x,
            y,
            str(message.get("element", ""))[:60],
            bool(message.get("trusted")),
            boxes,
        )

    async def _close_sockets(self, app: web.Application) -> None:
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def _same_origin(request: web.Request) -> bool:
    """A web page of somebody else open in the same browser must not be able to play here."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


@web.middleware
async def _no_store(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    if not isinstance(response, web.WebSocketResponse):
        response.headers["Cache-Control"] = "no-store"
    return response
