"""Compiled kernels of the tests are kept in a folder of the run, not in the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def cache_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One home for all tests of the simulator, so that each kernel is compiled once."""
    before = os.environ.get("CRASHBOT_HOME")
    os.environ["CRASHBOT_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        del os.environ["CRASHBOT_HOME"]
    else:
        os.environ["CRASHBOT_HOME"] = before
