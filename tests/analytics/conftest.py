"""A database with one registered bot, on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.database import Database, open_database
from tests.database import played


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    played.bot(opened, vm_name="vm-1", vm_provider="local")
    yield opened
    opened.close()
