"""With a database on a server the moments travel there, and the story can be told from it."""

from __future__ import annotations

from pathlib import Path

from bot.database import SpooledDatabase, open_database
from bot.database.deriving import derive
from bot.domain.clock import SystemClock
from bot.domain.pictures import Moment
from bot.journal.gathering import find_round, gather
from bot.journal.keeper import Keeper
from bot.journal.rules import Pictures
from bot.journal.shown import ready
from bot.journal.story import tell
from tests.journal.pictured import happened, numbers, shot


def test_a_moment_and_its_picture_are_delivered_as_one_row(postgres_url: str, tmp_path: Path) -> None:
    clock = SystemClock()
    folder = tmp_path / "journal"
    with SpooledDatabase.open(postgres_url, tmp_path, clock, derive, None) as spooled:
        writer = spooled.writer()
        keeper = Keeper(folder, Pictures.ALL, numbers(), writer.put)
        keeper.keep(happened(round_id="round-1", picture=shot()))
        keeper.keep(happened(Moment.ROUND_END, round_id="round-1", picture=shot(1)))
        keeper.close()
        writer.close()
        assert spooled.flush(30)
    central = open_database(postgres_url)
    told = tell(gather(central, find_round(central, "round-1")))
    central.close()
    assert [picture.moment for picture in told.pictures] == [Moment.DECIDED, Moment.ROUND_END]
    assert told.pictures[0].seen["multiplier"]["value"] == "2.45"
    assert all(each.image is not None for each in ready(told, folder))
    elsewhere = ready(told, tmp_path / "another machine")
    assert [each.missing for each in elsewhere] == ["not on this disk"] * 2
