"""A real frame to do harm to, and one reader for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli_read import load_picture
from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.stills import StillReader

FRAMES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "frames"
#: Where the number stands in the flying frames of the recorded round, and the part that tests cut out.
NUMBER = Box(229, 109, 147, 45)
AROUND = Box(120, 60, 360, 150)


def frame_path(name: str) -> Path:
    """A labelled frame's file; fails with a clear word when the frames are not beside the checkout."""
    path = FRAMES / name
    if not path.is_file():
        pytest.fail(f"the labelled frames are missing: {path} (they lie beside the checkout)")
    return path


@pytest.fixture(scope="session")
def reader() -> StillReader:
    return StillReader()


@pytest.fixture(scope="session")
def flying_125() -> Image:
    return load_picture(frame_path("aviator/suzy311278__aviator__gif_f20_1.25x.png"))


@pytest.fixture(scope="session")
def flying_130() -> Image:
    return load_picture(frame_path("aviator/suzy311278__aviator__gif_f25_1.30x.png"))
