"""Shared parts of the screen tests: an engine that knows the truth, a table with time of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from screen_eye import Table

from bot.domain.ports import OcrEngine
from bot.screen.engines import default_engine


@pytest.fixture(scope="session")
def engine() -> OcrEngine:
    """The real recognition model: it is quick enough for tests."""
    return default_engine()


@pytest.fixture
def table(engine: OcrEngine) -> Iterator[Table]:
    yield Table(engine)
