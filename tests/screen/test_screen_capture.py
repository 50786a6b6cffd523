"""Capture: clipped to the screen, one thread per object, a clear line when there is no display."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from bot.domain.errors import MissingPart
from bot.domain.words import Box
from bot.screen.capture import ImageCapture, ScreenCapture, clip


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A display of its own, found free by the server itself."""
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is not installed: run make setup")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "800x600x24", "-noreset"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_boxes_are_clipped_to_the_screen() -> None:
    assert clip(Box(-10, -5, 50, 50), 100, 100) == Box(0, 0, 40, 45)
    assert clip(Box(90, 90, 50, 50), 100, 100) == Box(90, 90, 10, 10)
    assert clip(Box(200, 0, 50, 50), 100, 100).width == 0


def test_image_stands_for_a_screen() -> None:
    image = np.arange(100 * 80 * 3, dtype=np.uint8).reshape(80, 100, 3)
    capture = ImageCapture(image)
    assert capture.size() == (100, 80)
    assert np.array_equal(capture.grab(Box(10, 20, 30, 40)), image[20:60, 10:40])
    assert capture.grab(Box(90, 70, 50, 50)).shape == (10, 10, 3)
    assert capture.grab(Box(300, 300, 50, 50)).size == 0


@pytest.mark.screen
def test_screen_is_captured_and_never_beyond_its_edge(display: str) -> None:
    capture = ScreenCapture(display)
    assert capture.size() == (800, 600)
    assert capture.grab(Box(700, 500, 640, 520)).shape == (100, 100, 3)
    assert capture.grab(Box(-50, -50, 100, 100)).shape == (50, 50, 3)
    assert capture.grab(Box(5000, 0, 10, 10)).size == 0
    assert capture.grab(Box(0, 0, 20, 10)).shape == (10, 20, 3)
    capture.close()


@pytest.mark.screen
def test_capture_belongs_to_one_thread(display: str) -> None:
    capture = ScreenCapture(display)
    capture.grab(Box(0, 0, 10, 10))
    problems: list[Exception] = []

    def other() -> None:
        try:
            capture.grab(Box(0, 0, 10, 10))
        except MissingPart as error:
            problems.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert len(problems) == 1
    capture.close()


def test_missing_display_is_said_in_one_line() -> None:
    with pytest.raises(MissingPart, match="cannot capture display :9187"):
        ScreenCapture(":9187").size()
