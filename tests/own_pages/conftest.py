"""A home of a user, and a table of theirs that was calibrated with nothing but boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drive import Home
from tests.own_pages.stage import Stage, stage


@dataclass
class Brought:
    """A page on its display and the home of the user who brought it."""

    stage: Stage
    home: Home

    @property
    def tables(self) -> Path:
        """Where the user's tables are kept."""
        return self.home.folder / "home" / "data" / "tables"


Bring = Callable[..., Brought]


@pytest.fixture
def bring(tmp_path: Path) -> Iterator[Bring]:
    """Opens a page and calibrates it: ``bring("papel", rounds=2, fields=(), **of_the_stage)``."""
    with ExitStack() as stack:

        def make(page: str, rounds: int = 2, fields: tuple[str, ...] = (), **options: Any) -> Brought:
            tight = bool(options.pop("tight", False))
            made = stack.enter_context(stage(page, tmp_path, **options))
            home = Home(tmp_path, extra={"DISPLAY": made.display})
            layout = made.layout(tmp_path / "layout.toml", fields, tight)
            told = home.run(
                "calibrate", page, "--layout", str(layout), "--rounds", str(rounds), "--minutes", "4",
                within_s=330,
            )  # fmt: skip
            assert told.returncode == 0, told.stdout + told.stderr
            return Brought(made, home)

        yield make
