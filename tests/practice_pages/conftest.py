"""One browser for all tests of the pages, one scripted casino a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.practice_pages.chrome import Chrome, browser_path
from tests.practice_pages.scripted import ScriptedCasino, hello


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if browser_path() is None:
        pytest.fail("there is no Chromium on this machine: run make setup")
    browser = Chrome(tmp_path_factory.mktemp("chrome"))
    yield browser
    browser.close()


@pytest.fixture
def casino(chrome: Chrome) -> Iterator[ScriptedCasino]:
    scripted = ScriptedCasino()
    yield scripted
    chrome.open("about:blank", 640, 480)
    scripted.close()


@dataclass
class Desk:
    """A page of a table that is open and ready."""

    chrome: Chrome
    casino: ScriptedCasino

    def open(self, game: str = "aviator", width: int = 640, height: int = 520, **changes: Any) -> None:
        self.casino.heard.clear()
        self.casino.greeting = hello(game, **changes)
        language = changes.get("lang", "en")
        self.chrome.open(f"{self.casino.url}/table/{game}?lang={language}", width, height)
        self.casino.wait_heard(lambda message: message["t"] == "boxes")
        self.chrome.wait("document.fonts.status === 'loaded' && document.readyState === 'complete'")

    def button(self, panel: int = 0) -> str:
        return str(
            self.chrome.evaluate(f"document.querySelector('[data-name=p{panel}_button]').dataset.state")
        )

    def wait_button(self, state: str, panel: int = 0) -> None:
        self.chrome.wait(f"document.querySelector('[data-name=p{panel}_button]').dataset.state === '{state}'")

    def text(self, element: str) -> str:
        return str(self.chrome.evaluate(f"document.getElementById('{element}').textContent"))

    def field(self, name: str) -> str:
        return str(self.chrome.evaluate(f"document.querySelector('[data-name={name}]').value"))

    def painted(self) -> None:
        """Waits until what the page has decided is on the screen."""
        self.chrome.evaluate(
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))"
        )


@pytest.fixture
def desk(chrome: Chrome, casino: ScriptedCasino) -> Desk:
    return Desk(chrome, casino)
