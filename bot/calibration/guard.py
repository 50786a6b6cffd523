"""Who may talk to the page: one browser of the person who started it.

The page listens on this machine only, where other users and other pages in the same browser can reach it too.
The address that is printed carries a key that opens it once; that browser gets a cookie for the rest of the
run. A page of another site that talks to it is told by its ``Origin``, a name that was bent to this machine
by its ``Host``.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

KEY = "key"
#: Everything comes from the page's own server; the framework compiles its templates in the browser.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
CLOSED = "This page opens once, with the address that crashbot calibrate printed. Start it again for another."


class Guard:
    """ASGI middleware. ``key`` opens the page once; ``secret`` is the cookie's value from then on.

    ``app`` keeps its name: the framework looks for its application through it.
    """

    def __init__(self, app: App, port: int, key: str, secret: str) -> None:
        self.app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"crashbot_{port}"  # cookies do not tell ports apart: the name does
        self._key, self._secret = key, secret
        self._used = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, open the page with its key, or refuse."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        if not self._from_here(headers):
            await _refuse(scope, send, "not from this page")
        elif self._known(headers):
            await self.app(scope, receive, _with_policy(send))
        elif scope["type"] == "http" and scope["path"] == "/" and self._opens(scope):
            self._used = True
            await _welcome(send, f"{self._cookie}={self._secret}; HttpOnly; SameSite=Strict; Path=/")
        else:
            await _refuse(scope, send, CLOSED)

    def _from_here(self, headers: MutableMapping[str, str]) -> bool:
        origin = headers.get("origin")
        return headers.get("host", "") in self._hosts and (
            origin is None or origin.removeprefix("http://") in self._hosts
        )

    def _known(self, headers: MutableMapping[str, str]) -> bool:
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return False
        found = cookies.get(self._cookie)
        return found is not None and _same(found.value, self._secret)

    def _opens(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get(KEY, [""])[0]
        return not self._used and _same(given, self._key)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _headers(scope: Scope) -> dict[str, str]:
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}


def _with_policy(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_POLICY_HEADERS]
        await send(message)

    return sending


_POLICY_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


async def _welcome(send: Send, cookie: str) -> None:
    """On to the page without the key, so that it stays in no history and no bookmark."""
    headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": [*headers, *_POLICY_HEADERS]})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": reason})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": [*headers, *_POLICY_HEADERS]})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
