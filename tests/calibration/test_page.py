"""The calibration page in a real browser, against the real server and a painted table on a private screen."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

from bot.domain.words import Box
from bot.screen.own.definition import OwnTables
from tests.calibration.painted import PaintedTable, painted
from tests.practice_pages.chrome import Chrome

pytestmark = pytest.mark.screen
ROUNDS = [212, 134, 187, 160, 245, 118, 171, 143, 226, 155, 139, 204] * 4
SLOW_S = 120.0


@dataclass
class Served:
    """A running ``crashbot calibrate``, and what it has said."""

    process: subprocess.Popen[str]
    home: Path
    lines: list[str] = field(default_factory=list)

    def address(self) -> str:
        """What it printed for the browser."""
        until(lambda: any("http://" in line for line in self.lines) or self.process.poll() is not None)
        found = re.search(r"http://\S+", "\n".join(self.lines))
        assert found, self.lines
        return found[0]

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def interrupted(self) -> int:
        """Ctrl+C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def until(happened: Callable[[], bool], bound_s: float = SLOW_S) -> None:
    end = time.monotonic() + bound_s
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


@contextmanager
def served(environment: dict[str, str], *words: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "bot.cli", "calibrate", *words, "--no-browser"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        stdin=subprocess.DEVNULL, cwd=environment["CRASHBOT_TEST_FOLDER"],
    )  # fmt: skip
    running = Served(process, Path(environment["CRASHBOT_HOME"]))
    listener = Thread(target=running.listen, daemon=True)
    listener.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        listener.join(10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def user(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment with a repository to import from, started in a folder of its own."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    root = str(Path(__file__).resolve().parents[2])
    return environment | {"CRASHBOT_TEST_FOLDER": str(folder), "PYTHONPATH": root}


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    browser = Chrome(tmp_path_factory.mktemp("profile"))
    try:
        yield browser
    finally:
        browser.close()


def opened(chrome: Chrome, running: Served) -> None:
    """The page, with its first picture."""
    chrome.open(running.address(), 1280, 800)
    picture = "document.querySelector('.cb-picture')"
    chrome.wait(f"!!{picture} && {picture}.naturalWidth > 1", SLOW_S)


def step(chrome: Chrome, number: int) -> None:
    """One of the four steps on the right."""
    chrome.evaluate(f"document.querySelectorAll('.q-tab')[{number - 1}].click()")


def at(chrome: Chrome, x: int, y: int) -> tuple[float, float]:
    """The place in the browser at which a screen pixel is shown."""
    left, top, scale = chrome.evaluate(
        "(() => { const s = document.querySelector('.cb-boxes'); const b = s.getBoundingClientRect();"
        " return [b.x, b.y, b.width / s.viewBox.baseVal.width]; })()"
    )
    return left + x * scale, top + y * scale


def drag(chrome: Chrome, start: tuple[float, float], end: tuple[float, float]) -> None:
    for kind, (x, y), buttons in (
        ("mouseMoved", start, 0),
        ("mousePressed", start, 1),
        ("mouseMoved", end, 1),
        ("mouseReleased", end, 0),
    ):
        chrome.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons, clickCount=1
        )


def row(name: str) -> str:
    """The script that finds the row of a field."""
    return f"document.querySelector('[data-name=\"field-{name}\"]')"


def box_of(name: str) -> str:
    """The script that finds a box on the picture."""
    return f"document.querySelector('[data-box=\"{name}\"]')"


def draw(chrome: Chrome, name: str, box: Box) -> None:
    chrome.wait(f"!!{row(name)}")
    chrome.evaluate(f"{row(name)}.click()")
    chrome.wait("document.querySelector('.cb-boxes').classList.contains('drawing')")
    drag(chrome, at(chrome, box.x, box.y), at(chrome, box.right, box.bottom))
    chrome.wait(f"!!{box_of(name)}")


def key(chrome: Chrome, name: str, modifiers: int = 0) -> None:
    codes = {"ArrowRight": 39, "ArrowDown": 40, "Delete": 46}
    for kind in ("keyDown", "keyUp"):
        chrome.call(
            "Input.dispatchKeyEvent", type=kind, key=name, code=name, modifiers=modifiers,
            windowsVirtualKeyCode=codes[name],
        )  # fmt: skip


def shown_box(chrome: Chrome, name: str) -> list[int]:
    found: list[int] = chrome.evaluate(
        f"['x', 'y', 'width', 'height'].map(k => +{box_of(name)}.getAttribute(k))"
    )
    return found


def test_boxes_are_drawn_moved_and_kept_when_the_page_dies(
    user: dict[str, str], screen: str, chrome: Chrome
) -> None:
    with painted(screen, ROUNDS) as table, served(user, "desk") as running:
        opened(chrome, running)
        step(chrome, 2)
        chrome.wait("document.querySelectorAll('.cb-box.guess').length >= 1", SLOW_S)
        remove_all(chrome)
        number = table.box("multiplier")
        draw(chrome, "multiplier", number)
        drawn = shown_box(chrome, "multiplier")
        assert all(
            abs(a - b) <= 3
            for a, b in zip(drawn, (number.x, number.y, number.width, number.height), strict=True)
        )
        chrome.evaluate("document.querySelector('.cb-boxes').focus()")
        key(chrome, "ArrowRight")
        key(chrome, "ArrowDown", modifiers=8)
        wanted = [drawn[0] + 1, drawn[1], drawn[2], drawn[3] + 1]
        chrome.wait(f"+{box_of('multiplier')}.getAttribute('height') == {wanted[3]}")
        draw(chrome, "balance", table.box("balance"))
        chrome.wait(f"{row('balance')}.querySelector('.cb-value').textContent == '1000.00'", SLOW_S)
        chrome.click_on("hold")
        chrome.wait("document.querySelector('.cb-seen').textContent == 'picture held'")
        chrome.wait(f"{row('balance')}.querySelector('.cb-value').textContent == '1000.00'", SLOW_S)
        chrome.click_on("hold")
        chrome.wait("document.querySelector('.cb-seen').textContent == 'live'")
        draw(chrome, "p0_stake", table.box("p0_stake"))
        chrome.evaluate("document.querySelector('.cb-boxes').focus()")
        key(chrome, "Delete")
        chrome.wait(f"!{box_of('p0_stake')}")
        running.process.kill()
        running.process.wait(30)
    with painted(screen, ROUNDS), served(user, "desk") as running:
        opened(chrome, running)
        step(chrome, 2)
        chrome.wait(f"!!{box_of('balance')}")
        assert shown_box(chrome, "multiplier") == wanted
        assert running.interrupted() == 0
        until(lambda: "kept as a draft" in running.lines[-1])


def remove_all(chrome: Chrome) -> None:
    """Guesses may have been drawn: a test draws its own."""
    chrome.evaluate(
        "document.querySelectorAll('[data-name^=\"drop-\"]').forEach(b => b.offsetParent && b.click())"
    )
    chrome.wait("!document.querySelector('[data-box]')")


def test_the_page_is_for_one_browser_of_this_machine_and_asks_nothing_outside(
    user: dict[str, str], screen: str, chrome: Chrome
) -> None:
    with painted(screen, []), served(user) as running:
        address = running.address()
        opened(chrome, running)
        with pytest.raises(HTTPError, match="403"):  # the key was used
            urlopen(address, timeout=30)
        origin = address.split("/?")[0]
        for path in ("/picture", "/", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
            with pytest.raises(HTTPError, match="403"):
                urlopen(Request(origin + path), timeout=30)
        assert chrome.evaluate("location.href") == origin + "/"
        asked = chrome.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
        assert asked and all(name.startswith((origin + "/", "data:", "blob:")) for name in asked)
        sockets = psutil.Process(running.process.pid).net_connections(kind="inet")
        listening = [each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN]
        assert listening == ["127.0.0.1"]
        assert "expected result of play is a loss" in chrome.evaluate(
            "document.querySelector('footer').textContent"
        )
        assert chrome.evaluate("document.documentElement.scrollWidth") <= 1280
        assert chrome.evaluate("document.documentElement.scrollHeight") <= 800
        assert running.interrupted() == 0
        assert list(Path(user["CRASHBOT_TEST_FOLDER"]).iterdir()) == []


def test_a_table_is_saved_two_rounds_are_watched_and_the_hand_is_tested(
    user: dict[str, str], screen: str, chrome: Chrome
) -> None:
    with painted(screen, ROUNDS) as table, served(user, "desk", "--currency", "EUR") as running:
        opened(chrome, running)
        step(chrome, 2)
        chrome.wait("!document.querySelector('.cb-seen').textContent.includes('looking')", SLOW_S)
        remove_all(chrome)
        for name in ("multiplier", "balance", "p0_stake"):
            draw(chrome, name, table.box(name))
        step(chrome, 3)
        chrome.wait("!!document.querySelector('[data-name=\"watch\"]')")
        chrome.click_on("watch")
        chrome.wait(
            "document.querySelector('[data-name=\"notes\"]').textContent.includes('was read over')", 300
        )
        assert OwnTables(running.home / "data" / "tables").load("desk").currency == "EUR"
        assert chrome.evaluate("document.querySelectorAll('.cb-swatch').length") >= 1
        assert chrome.evaluate("document.querySelectorAll('.cb-chip.done').length") >= 1
        hand_test(chrome, table)
        chrome.click_on("finish")
        assert running.process.wait(60) == 0
        until(lambda: running.lines[-1] == "The table desk is kept. Next: crashbot check desk")


def hand_test(chrome: Chrome, table: PaintedTable) -> None:
    """Only after yes, only into the stake field, and its value stands there again."""
    step(chrome, 4)
    chrome.wait("!!document.querySelector('[data-name=\"hand\"]:not([disabled])')")
    chrome.click_on("hand")
    chrome.wait("!!document.querySelector('[data-name=\"hand-yes\"]')")
    assert table.clicks == []
    chrome.wait("document.querySelector('.q-dialog__inner').getAnimations({subtree: true}).length == 0")
    chrome.click_on("hand-yes")
    chrome.wait("document.querySelector('[data-name=\"hand-answer\"]').textContent.length > 5", SLOW_S)
    answer = chrome.evaluate("document.querySelector('[data-name=\"hand-answer\"]').textContent")
    assert answer.startswith("The hand works"), answer
    assert len(table.clicks) == 1 and table.box("p0_stake").contains(*table.clicks[0])
    assert table.stake == "1.00"
