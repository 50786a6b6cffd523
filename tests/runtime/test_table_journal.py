"""A table's moments: each is of the frame on which it was decided, and carries what was read there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bot.domain.bets import Bet, BetState
from bot.domain.clock import ManualClock
from bot.domain.ids import IdMaker
from bot.domain.ports import Image
from bot.domain.words import Box, MultiplierSource, Reading
from bot.journal.files import decoded, read_picture
from bot.journal.rules import Pictures
from bot.runtime.messages import TableSpec
from bot.runtime.table_journal import TableJournal
from bot.table.events import RoundEnded, SeenFrom
from tests.table.flown import fly, reading_at

PAGE = Box(0, 0, 64, 48)
READ_BY = {"multiplier": "both", "balance": "engine"}


class Eye:
    """An eye whose picture tells how often it has looked."""

    def __init__(self) -> None:
        self.looks = 0

    def picture(self) -> tuple[Box, Image] | None:
        return PAGE, np.full((48, 64, 3), self.looks, np.uint8)

    def boxes(self) -> Mapping[str, Box]:
        return {"multiplier": Box(20, 15, 24, 12)}


class Table:
    """A journal, with frames that come one after the other."""

    def __init__(self, folder: Path | None, pictures: Pictures = Pictures.ALL) -> None:
        self.folder, self.eye, self.clock = folder, Eye(), ManualClock()
        spec = TableSpec(
            "aviator", "aviator", "acc", "EUR", "session-1", 1, 0, None, "fonts", 1.0, "fixed_stake",
            journal_folder=None if folder is None else str(folder), pictures=pictures,
        )  # fmt: skip
        self.journal = TableJournal(spec, self.eye, READ_BY, IdMaker(self.clock))
        self.rounds = fly([245, 130])

    def look(self, seconds: float) -> Reading:
        self.eye.looks += 1
        reading = reading_at(self.rounds, seconds, self.eye.looks)
        self.journal.look(reading)
        return reading

    def rows(self) -> list[dict[str, object]]:
        self.journal.close()
        merged: dict[str, dict[str, object]] = {}
        for record in self.journal.records():
            merged.setdefault(str(record.values["id"]), {}).update(record.values)
        return list(merged.values())

    def shade(self, row: dict[str, object]) -> int:
        assert self.folder is not None
        data, _ = read_picture(self.folder, str(row["path"]), str(row["sha256"]))
        assert data is not None
        image = decoded(data)
        assert image is not None
        return int(image[0, 0, 0])


def bet(round_id: str = "r1", state: BetState = BetState.ORDERED, reason: str = "") -> Bet:
    return Bet(
        "b1", "session-1", "acc", "aviator", round_id, 0, 100, 200, "EUR", 9_900, 1, 1, state, None, reason
    )


def ended(reading: Reading, round_id: str, source: MultiplierSource = MultiplierSource.OCR) -> RoundEnded:
    return RoundEnded(
        round_id, 1, SeenFrom.BETTING, 245, source, 0.99, "2.45x", True, None, None, reading.at
    )  # fmt: skip


def test_a_bet_is_kept_from_its_order_to_its_settlement(tmp_path: Path) -> None:
    table = Table(tmp_path)
    first = table.look(1.0)
    table.journal.ordered(bet(), "first stake")
    over = table.look(table.rounds[0].crashes + 0.5)
    table.journal.ended(ended(over, "r1"))
    table.look(table.rounds[0].crashes + 0.6)
    table.journal.settled(bet(state=BetState.WON, reason="target reached, balance agrees"))
    decided, end, settled = table.rows()
    assert [row["moment"] for row in (decided, end, settled)] == ["decided", "round_end", "settled"]
    assert {row["bet_id"] for row in (decided, end, settled)} == {"b1"}
    assert decided["said"] == "ordered 1.00 at 2.00x: first stake"
    assert end["said"] == "ended at 2.45x, seen at its end"
    assert settled["said"] == "won: target reached, balance agrees"
    assert decided["at_utc_us"] == first.at.utc_ns // 1_000
    assert [table.shade(row) for row in (decided, end, settled)] == [1, 2, 3]
    seen = end["seen"]
    assert isinstance(seen, dict)
    assert (seen["multiplier"]["value"], seen["multiplier"]["by"]) == ("2.45", "both")
    assert seen["phase"]["value"] == "crashed"


def test_a_round_without_a_bet_says_why_and_has_its_end(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.look(1.0)
    table.journal.skipped("r1", "the strategy stakes nothing")
    table.journal.ended(ended(table.look(12.0), "r1", MultiplierSource.BACKFILL))
    decided, end = table.rows()
    assert decided["said"] == "no bet: the strategy stakes nothing"
    assert (decided["bet_id"], end["bet_id"]) == (None, None)
    assert end["said"] == "ended at 2.45x, from its chip in the strip"


def test_the_end_of_another_round_is_not_one_of_the_bet(tmp_path: Path) -> None:
    table = Table(tmp_path, Pictures.BETS)
    table.look(1.0)
    table.journal.ordered(bet("r1"), "")
    table.journal.ended(ended(table.look(12.0), "r2"))
    decided, end = table.rows()
    assert decided["bet_id"] == "b1" and "path" in decided
    assert end["bet_id"] is None and "path" not in end


def test_of_a_missed_bet_the_controllers_look_is_enough(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.look(1.0)
    table.journal.settled(bet(state=BetState.MISSED, reason="too late"))
    assert table.rows() == []


def test_without_a_folder_nothing_is_kept() -> None:
    table = Table(None)
    table.look(1.0)
    table.journal.ordered(bet(), "")
    assert table.rows() == []
