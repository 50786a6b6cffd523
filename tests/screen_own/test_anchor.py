"""A table is found again where it moved to and at the size it was zoomed to, and noticed when it is gone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bot.domain.ports import Image
from bot.domain.words import Box
from bot.screen.own.anchor import Anchor, Place, StillLearner, load_patches, save_patches
from tests.screen_own.drawn import page

AREA = Box(0, 0, 900, 620)
FIELD = Box(300, 200, 300, 160)
HERE = Place(0.0, 0.0, 1.0)


def learned(picture: Image | None = None) -> Anchor:
    learner = StillLearner()
    rng = np.random.default_rng(5)
    for _ in range(6):
        look = (page() if picture is None else picture).copy()
        look[200:360, 300:600] = rng.integers(0, 255, (160, 300, 3))
        learner.see(look)
    return Anchor(learner.patches(AREA, (0, 0), [FIELD]), (450.0, 280.0))


def on_screen(picture: Image, x: int, y: int, size: tuple[int, int] = (1920, 1080)) -> Image:
    screen = np.full((size[1], size[0], 3), 60, np.uint8)
    screen[y : y + picture.shape[0], x : x + picture.shape[1]] = picture[: size[1] - y, : size[0] - x]
    return screen


def test_patches_lie_outside_what_changes() -> None:
    anchor = learned()
    assert anchor.usable
    for patch in anchor.patches:
        assert (
            patch.box.right <= FIELD.x + 4
            or patch.box.x >= FIELD.right - 4
            or (patch.box.bottom <= FIELD.y + 4 or patch.box.y >= FIELD.bottom - 4)
        )


def test_it_stands_where_it_was_whatever_the_fields_show() -> None:
    picture = page()
    picture[200:360, 300:600] = 255
    assert learned().stands(picture, AREA, HERE).enough


@pytest.mark.parametrize("share", [0.55, 0.8, 1.0])
def test_a_cover_is_noticed(share: float) -> None:
    picture = page()
    picture[:, : round(900 * share)] = (200, 200, 200)
    assert not learned().stands(picture, AREA, HERE).enough


@pytest.mark.parametrize("dim", [0.6, 0.85])
def test_a_dimmed_page_is_noticed(dim: float) -> None:
    picture = (page() * dim).astype(np.uint8)
    assert not learned().stands(picture, AREA, HERE).enough


@pytest.mark.parametrize(
    ("x", "y", "size"), [(0, 0, (1920, 1080)), (517, 333, (1920, 1080)), (2800, 1500, (3840, 2160))]
)
def test_a_moved_table_is_found_to_the_pixel(x: int, y: int, size: tuple[int, int]) -> None:
    assert learned().find(on_screen(page(), x, y, size)) == Place(x, y, 1.0)


@pytest.mark.parametrize("zoom", [0.67, 0.8, 1.1, 1.25, 1.5])
def test_a_zoomed_table_is_found_at_its_size(zoom: float) -> None:
    anchor = learned()
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    zoomed = np.asarray(cv2.resize(page(), None, fx=zoom, fy=zoom, interpolation=method), np.uint8)
    screen = on_screen(zoomed, 130, 70)
    found = anchor.find(screen, every_ratio=True)
    assert found is not None
    assert (found.ratio, round(found.x), round(found.y)) == (zoom, 130, 70)
    assert anchor.stands(screen, Box(0, 0, 1920, 1080), found).enough


def test_another_page_is_not_taken_for_it() -> None:
    assert learned().find(on_screen(page(seed=8), 100, 60), every_ratio=True) is None


def test_patches_survive_the_disk_and_a_damaged_file_is_none(tmp_path) -> None:  # type: ignore[no-untyped-def]
    anchor = learned()
    path = tmp_path / "anchors.npz"
    save_patches(path, anchor.patches)
    kept = Anchor(load_patches(path), anchor.centre)
    assert kept.stands(page(), AREA, HERE).matched == len(anchor.patches)
    path.write_bytes(path.read_bytes()[:200])
    assert load_patches(path) == []


def test_what_turns_out_to_change_is_dropped_and_the_table_stays_in_sight() -> None:
    anchor = learned()
    before = len(anchor.patches)
    picture = page()
    changing = anchor.patches[:2]
    for patch in changing:
        picture[patch.box.y : patch.box.bottom, patch.box.x : patch.box.right] = 255
    for _ in range(40):
        assert anchor.stands(picture, AREA, HERE).enough
        anchor.weed(picture, AREA, HERE)
    assert len(anchor.patches) == before - len(changing)
    assert anchor.stands(picture, AREA, HERE).matched == len(anchor.patches)
