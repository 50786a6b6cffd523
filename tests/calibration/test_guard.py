"""Who may talk to the page: the browser that opened it with its key, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from bot.calibration.guard import Guard

PORT, KEY, SECRET = 4711, "the-key", "the-secret"
HOST = f"127.0.0.1:{PORT}"
COOKIE = f"crashbot_{PORT}={SECRET}"


class Inside:
    """The application behind: counts who came through."""

    def __init__(self) -> None:
        self.came: list[str] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.came.append(scope["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})


def asked(
    guard: Guard, path: str = "/", query: str = "", kind: str = "http", **headers: str
) -> dict[str, Any]:
    """The first message of the answer."""
    sent: list[dict[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    async def receive() -> MutableMapping[str, Any]:
        return {}

    given = {"host": HOST} | headers
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    asyncio.run(guard(scope, receive, send))
    return sent[0]


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def guard(inside: Inside) -> Guard:
    return Guard(inside, PORT, KEY, SECRET)


def test_the_key_opens_the_page_once_and_leaves_the_address(guard: Guard, inside: Inside) -> None:
    first = asked(guard, query=f"key={KEY}")
    headers = dict(first["headers"])
    assert first["status"] == 303
    assert headers[b"location"] == b"/"
    assert headers[b"set-cookie"].startswith(COOKIE.encode())
    assert b"HttpOnly" in headers[b"set-cookie"] and b"SameSite=Strict" in headers[b"set-cookie"]
    assert asked(guard, query=f"key={KEY}")["status"] == 403
    assert inside.came == []


def test_the_cookie_lets_through_with_a_policy_that_allows_nothing_from_outside(
    guard: Guard, inside: Inside
) -> None:
    answer = asked(guard, path="/picture", cookie=f"other=1; {COOKIE}")
    assert inside.came == ["http"]
    policy = dict(answer["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy and "http" not in policy


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": f"crashbot_{PORT}=wrong"},
        {"cookie": f"crashbot_{PORT + 1}={SECRET}"},
        {"cookie": COOKIE, "origin": "http://evil.example"},
        {"cookie": COOKIE, "origin": "null"},
        {"cookie": COOKIE, "origin": f"http://127.0.0.1:{PORT + 1}"},
        {"cookie": COOKIE, "host": f"evil.example:{PORT}"},
        {"cookie": COOKIE, "host": ""},
    ],
)
def test_others_are_refused(guard: Guard, inside: Inside, kind: str, headers: dict[str, str]) -> None:
    answer = asked(guard, kind=kind, **headers)
    assert answer.get("status", answer.get("code")) in (403, 4403)
    assert inside.came == []


def test_a_wrong_key_or_another_path_does_not_open(guard: Guard) -> None:
    assert asked(guard, query="key=wrong")["status"] == 403
    assert asked(guard, path="/picture", query=f"key={KEY}")["status"] == 403
    assert asked(guard, query=f"key={KEY}", origin="http://evil.example")["status"] == 403
    assert asked(guard, query=f"key={KEY}")["status"] == 303
