"""A record with rounds of every kind, once a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database, open_database
from tests.journal.recorded import fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The journal's folder."""
    return tmp_path / "home" / "data" / "journal"


@pytest.fixture
def recorded(tmp_path: Path, folder: Path) -> Iterator[Database]:
    """On SQLite."""
    database = open_database(tmp_path / "rounds.db")
    fill(database, folder)
    yield database
    database.close()


@pytest.fixture
def either(database_url: str, folder: Path) -> Iterator[Database]:
    """On each engine."""
    database = open_database(database_url)
    fill(database, folder)
    yield database
    database.close()
