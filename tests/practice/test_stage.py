"""The stage with a real display and browser: ready, clicks logged, window faults, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.protocol.event import ClientMessage

from bot.practice.stage.display import connect
from bot.practice.stage.windows import Windows, part_of, screen_for, slots
from tests.practice.casinos import Event, Running, alive, running, wait_until
from tests.practice.houses import assert_book_balances, rows

pytestmark = pytest.mark.screen


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def stage(ledger: Path) -> Iterator[Running]:
    """A stage with one fast table."""
    with running(*arguments(ledger)) as started:
        yield started


def arguments(ledger: Path, *more: str) -> tuple[str, ...]:
    return (
        "stage",
        "--ledger",
        str(ledger),
        "--tables",
        "aviator",
        "--speed",
        "10",
        "--seed",
        "254",
        "--clicks",
        *more,
    )


def press(display_name: str, x: int, y: int) -> None:
    """One real click at a place of the display."""
    display = connect(display_name)
    xtest.fake_input(display, X.MotionNotify, x=x, y=y)
    xtest.fake_input(display, X.ButtonPress, 1)
    xtest.fake_input(display, X.ButtonRelease, 1)
    display.sync()
    display.close()


def settles(condition: Callable[[], bool], bound_s: float) -> bool:
    """Whether a condition comes true within the bound."""
    try:
        wait_until(condition, bound_s)
    except AssertionError:
        return False
    return True


def close_politely(display: Display, window_id: int) -> None:
    """What a click on a window's close button does."""
    window = display.create_resource_object("window", window_id)
    delete = display.get_atom("WM_DELETE_WINDOW")
    window.send_event(
        ClientMessage(
            window=window, client_type=display.get_atom("WM_PROTOCOLS"), data=(32, [delete, 0, 0, 0, 0])
        )
    )
    display.sync()


def table_rect(ready: Event) -> tuple[int, int, int, int]:
    """Where the table's window is now."""
    windows = Windows(connect(str(ready["display"])))
    rect = windows.rect(windows.tables()["aviator"])
    windows.close()
    assert rect is not None
    return rect


def all_gone(processes: list[psutil.Process]) -> None:
    wait_until(lambda: not any(alive(process) for process in processes), 10, "all processes ended")


def test_clicks_are_logged_by_display_and_page_alike_and_restarts_keep_the_table(
    ledger: Path, stage: Running
) -> None:
    ready = stage.wait_for("ready")
    assert table_rect(ready) == (0, 0, 640, 520)

    def first_click_heard() -> bool:
        # A browser that has just opened its window may let the very first press go by.
        press(str(ready["display"]), 60, 390)
        return settles(lambda: bool(rows(ledger, "SELECT * FROM page_clicks")), 3.0)

    wait_until(first_click_heard)
    on_display = rows(ledger, "SELECT * FROM display_clicks")
    on_page = rows(ledger, "SELECT * FROM page_clicks")
    assert {(row["root_x"], row["root_y"], row["button"]) for row in on_display} == {(60, 390, 1)}
    assert {(row["screen_x"], row["screen_y"], row["trusted"]) for row in on_page} == {(60, 390, 1)}
    assert on_page[0]["element"] == "p0_stake"
    assert min(abs(on_page[0]["at_ms"] - row["at_ms"]) for row in on_display) < 2_000
    x, y, width, height = json.loads(on_page[0]["boxes"])["p0_stake"]
    assert x <= 60 < x + width and y <= 390 < y + height

    casino = next(process for process in stage.below() if "casino" in process.cmdline())
    casino.kill()
    assert stage.wait_for("restarted")["what"] == "casino"
    browser = next(
        p for p in stage.below() if "--user-data-dir" in str(p.cmdline()) and "--type" not in str(p.cmdline())
    )
    browser.kill()
    assert stage.wait_for("restarted")["what"] == "browser"
    after = len(rows(ledger, "SELECT * FROM page_clicks"))

    def click_until_heard() -> bool:
        press(str(ready["display"]), 60, 390)
        return len(rows(ledger, "SELECT * FROM page_clicks")) > after

    wait_until(click_until_heard, 30, "the page of the new browser hears clicks")
    below = stage.below()
    assert stage.process.stdin is not None
    stage.process.stdin.write('{"cmd": "quit"}\n')
    stage.process.stdin.flush()
    assert stage.process.wait(20) == 0
    all_gone(below)
    assert_book_balances(ledger)


def test_window_faults_are_performed_and_noted(ledger: Path) -> None:
    with running(*arguments(ledger, "--faults", "window_moved,covered")) as stage:
        ready = stage.wait_for("ready")
        moved: Event = {}
        while moved.get("kind") != "window_moved":
            moved = stage.wait_for("fault", 40)
        detail = moved["detail"]
        assert isinstance(detail, dict)
        assert detail["to"] != detail["from"]
        wait_until(lambda: list(table_rect(ready)) == detail["to"], 5, "the window stands where it was put")

        def ended_cover() -> bool:
            found = rows(ledger, "SELECT * FROM faults WHERE kind='covered' AND ended_ms IS NOT NULL")
            return bool(found) and "cover" in json.loads(found[0]["detail"])

        wait_until(ended_cover, 40, "a cover came and went")


def test_nothing_is_left_after_kill_of_the_stage(stage: Running) -> None:
    stage.wait_for("ready")
    below = stage.below()
    assert len(below) >= 8
    stage.process.kill()
    all_gone(below)


def test_nothing_is_left_after_kill_of_its_parent(ledger: Path) -> None:
    program = (
        "import subprocess, sys\n"
        "stage = subprocess.Popen([sys.executable, '-m', 'bot.practice', *sys.argv[1:]], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)\n"
        "print(stage.pid, stage.stdout.readline(), flush=True)\n"
        "stage.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments(ledger)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, _, line = parent.stdout.readline().partition(" ")
        stage = psutil.Process(int(pid))
        assert json.loads(line)["event"] == "ready"
        below = stage.children(recursive=True)
        os.kill(parent.pid, signal.SIGKILL)
        all_gone([stage, *below])


def test_a_window_that_was_closed_is_opened_again(ledger: Path) -> None:
    with running(*arguments(ledger, "--tables", "aviator,jetx")) as stage:
        ready = stage.wait_for("ready")
        display = connect(str(ready["display"]))
        windows = Windows(display)
        first = windows.tables()["jetx"]
        close_politely(display, first)
        wait_until(lambda: windows.tables().get("jetx", first) != first, 30, "a new window for the table")
        windows.close()


def test_a_display_that_dies_ends_the_stage_with_a_clear_line(stage: Running) -> None:
    stage.wait_for("ready")
    below = stage.below()
    next(process for process in below if process.name() == "Xvfb").kill()
    assert stage.wait_for("error")["kind"] == "no_display"
    assert stage.process.wait(20) == 3
    all_gone(below)


@pytest.mark.parametrize(
    ("wrong", "kind", "named"),
    [
        (("--browser", "no-such-browser"), "no_browser", "apt install chromium"),
        (("--display", ":9999"), "no_display", ":9999"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    ledger: Path, wrong: tuple[str, str], kind: str, named: str
) -> None:
    with running(*arguments(ledger, *wrong)) as stage:
        error = stage.wait_for("error")
        assert stage.process.wait(20) == 3
    assert error["kind"] == kind and named in str(error["message"])


def test_a_stage_without_an_x_server_says_what_to_install(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chromium").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with running(*arguments(ledger)) as stage:
        error = stage.wait_for("error")
        assert stage.process.wait(20) == 3
    assert error["kind"] == "no_display" and "apt install xvfb" in str(error["message"])


def test_slots_do_not_overlap_and_hold_a_window_each() -> None:
    for count in (1, 2, 3, 5, 8):
        screen = screen_for(count, 640, 520)
        room = slots(count, 640, 520, screen)
        for number, slot in enumerate(room):
            assert slot.x + slot.width <= screen[0] and slot.y + slot.height <= screen[1]
            assert slot.width >= 640 and slot.height >= 520
            for other in room[number + 1 :]:
                assert (
                    slot.x + slot.width <= other.x
                    or other.x + other.width <= slot.x
                    or slot.y + slot.height <= other.y
                    or other.y + other.height <= slot.y
                )
            x, y = slot.place(640, 520, 1.0, 1.0)
            assert x + 640 <= slot.x + slot.width and y + 520 <= slot.y + slot.height


def test_a_cover_lies_within_its_window() -> None:
    for tenth in range(10):
        x, y, width, height = part_of((100, 50, 640, 520), (tenth / 10, 0.5, 0.5, 0.5))
        assert x >= 100 and y >= 50 and x + width <= 740 and y + height <= 570
        assert width * height >= 0.3 * 640 * 520
