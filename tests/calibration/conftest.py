"""A private display for each module, and the environment of a user of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control.desktop import display


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """A display of 1280x900 with a window manager."""
    with display() as name:
        yield name


def environment_of(screen: str, home: Path) -> dict[str, str]:
    """What a command is started with: the display, and folders of its own."""
    kept = {key: value for key, value in os.environ.items() if key not in ("WAYLAND_DISPLAY", "DATABASE_URL")}
    return kept | {"DISPLAY": screen, "CRASHBOT_HOME": str(home), "XDG_SESSION_TYPE": "x11"}


@pytest.fixture
def environment(screen: str, tmp_path: Path) -> dict[str, str]:
    """A user's, without any table."""
    return environment_of(screen, tmp_path / "home")
