"""One display and one browser for all tests of this folder that need them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control import desktop


@pytest.fixture(scope="session")
def control_display() -> Iterator[str]:
    """A private X display with a window manager."""
    with desktop.display() as name:
        yield name


@pytest.fixture
def house() -> Iterator[desktop.House]:
    """The server of the page with two panels."""
    with desktop.house() as state:
        yield state
