"""A headless Chromium steered through its debugging port: real pages, real (trusted) clicks, real pixels."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import cv2
import numpy as np
from numpy.typing import NDArray

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-lcd-text", "--no-first-run",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-default-browser-check",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip
START_S = 40.0
ANSWER_S = 30.0
Answer = TypeVar("Answer")


def browser_path() -> str | None:
    """The Chromium of this machine, or ``None``."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


class Chrome:
    """One headless browser with one page at a time."""

    def __init__(self, profile: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        browser = browser_path()
        assert browser is not None
        self._process = subprocess.Popen(
            [browser, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._port = self._read_port(profile / "DevToolsActivePort")

    def _read_port(self, path: Path) -> int:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError("the browser ended at once")
            if path.exists() and (lines := path.read_text().splitlines()):
                return int(lines[0])
            self._idle(0.05)
        raise RuntimeError("the browser did not open its debugging port")

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self._loop.run_until_complete(asyncio.wait_for(work, ANSWER_S + 5))

    def _idle(self, seconds: float) -> None:
        self._loop.run_until_complete(asyncio.sleep(seconds))

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None:
            self._session = aiohttp.ClientSession()
            async with self._session.get(f"http://127.0.0.1:{self._port}/json/list") as answer:
                pages = [page for page in await answer.json() if page["type"] == "page"]
            self._socket = await self._session.ws_connect(
                pages[0]["webSocketDebuggerUrl"], max_msg_size=1 << 27
            )
        return self._socket

    async def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        socket = await self._connect()
        number = next(self._numbers)
        await socket.send_json({"id": number, "method": method, "params": arguments})
        while True:
            answer = json.loads((await socket.receive(ANSWER_S)).data)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One command of the debugging protocol and its answer."""
        return self._run(self._call(method, arguments))

    def open(self, url: str, width: int, height: int) -> None:
        """Opens ``url`` in a viewport of ``width`` x ``height`` pixels."""
        self.resize(width, height)
        self.call("Page.navigate", url=url)

    def resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def evaluate(self, script: str) -> Any:
        """Value of a script in the page; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = 20.0) -> Any:
        """Waits until ``script`` is truthy in the page and gives its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(AssertionError):  # the page may be between two documents
                if value := self.evaluate(script):
                    return value
            self._idle(0.03)
        raise AssertionError(f"never came true in {seconds} s: {script}")

    def screenshot(self) -> NDArray[np.uint8]:
        """The viewport as blue, green, red."""
        data = self.call("Page.captureScreenshot", format="png", fromSurface=True)["data"]
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return np.asarray(picture, np.uint8)

    def click(self, x: float, y: float) -> None:
        """A trusted click at a place of the viewport."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def click_on(self, name: str) -> None:
        """A click in the middle of the element with ``data-name`` ``name``."""
        x, y = self.evaluate(
            f"(() => {{ const b = document.querySelector('[data-name=\"{name}\"]').getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self.click(x, y)

    def replace_text(self, text: str) -> None:
        """Replaces what stands in the focused field."""
        self.evaluate("document.activeElement.select()")
        self.call("Input.insertText", text=text)

    def press_enter(self) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Enter",
                code="Enter",
                windowsVirtualKeyCode=13,
                text="\r",
            )

    def close(self) -> None:
        """Ends the browser and everything it started."""

        async def leave() -> None:
            if self._socket is not None:
                await self._socket.close()
            if self._session is not None:
                await self._session.close()

        with contextlib.suppress(Exception):
            self._run(leave())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._loop.close()
