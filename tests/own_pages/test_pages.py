"""Three pages that the readers were not written for: calibrated with boxes only, then watched."""

from __future__ import annotations

import pytest

from tests.own_pages.compare import compare_record, true_rounds, whole_rounds
from tests.own_pages.conftest import Bring, Brought

pytestmark = pytest.mark.e2e
ROUNDS = 5


def watch(brought: Brought, page: str, rounds: int = ROUNDS) -> None:
    """Watch some rounds into the record of the home."""
    told = brought.home.run(
        "watch", page, "--rounds", str(rounds), "--minutes", "5", "--db", brought.home.url, within_s=400
    )
    assert told.returncode == 0, told.stdout + told.stderr


def watched_span(brought: Brought) -> tuple[int, int]:
    """First and last snapshot of the record, microseconds UTC."""
    rows = brought.home.query("SELECT min(at_utc_us), max(at_utc_us) FROM round_snapshots")
    return int(rows[0][0]), int(rows[0][1])


@pytest.mark.parametrize(
    ("page", "screen", "at"),
    [
        ("nordlicht", (1600, 1000), (120, 60)),
        ("papel", (1600, 1000), (310, 95)),
        ("wyskok", (3840, 2160), (1730, 1111)),
    ],
)
def test_every_crash_point_and_phase_of_an_unknown_page_is_right(
    bring: Bring, page: str, screen: tuple[int, int], at: tuple[int, int]
) -> None:
    """Nothing is told but where the fields are; the page's own log is the truth."""
    brought = bring(page, seed=21, screen=screen, at=at)
    watch(brought, page)
    truth = whole_rounds(true_rounds(brought.stage.house), *watched_span(brought))
    assert len(truth) >= ROUNDS - 2
    found = compare_record(brought.home.url, truth, page)
    assert found.faultless, str(found)
    assert found.right == len(truth)
    assert brought.stage.house.clicks == []
