"""What was recorded at each table of a session, read from the database and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from bot.database import Database
from bot.database.models import Round
from bot.database.watching import RoundGap
from bot.domain.amounts import format_hundredths
from bot.runtime.live_view import signed
from bot.runtime.money import TableMoney

#: So many of the newest crash points are printed; all of them are in the JSON.
SHOWN = 12


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """One table. ``rounds`` in their order; ``gaps``: rounds of which nothing was seen.

    ``open_gaps``: times at which an unknown number of rounds went by.
    """

    table: str
    rounds: tuple[Round, ...]
    gaps: int
    open_gaps: int

    @property
    def recorded(self) -> int:
        """Rounds with a crash point."""
        return sum(r.crash_multiplier is not None for r in self.rounds)

    @property
    def backfilled(self) -> int:
        """Rounds whose crash point came from the history strip."""
        return sum(r.multiplier_source == "backfill" for r in self.rounds)

    @property
    def missed(self) -> int:
        """Rounds that were declared missed, the ones of which nothing was seen among them."""
        return (
            sum(r.missed_reason is not None and r.crash_multiplier is None for r in self.rounds) + self.gaps
        )

    def crashes(self) -> list[str]:
        """The crash points, oldest first, as decimal strings."""
        return [format_hundredths(r.crash_multiplier) for r in self.rounds if r.crash_multiplier is not None]

    def to_json(self) -> dict[str, Any]:
        """Counts as numbers, multipliers as decimal strings, times in UTC."""
        return {
            "table": self.table,
            "rounds_recorded": self.recorded,
            "rounds_missed": self.missed,
            "rounds_backfilled": self.backfilled,
            "gaps_of_unknown_length": self.open_gaps,
            "crashes": self.crashes(),
            "rounds": [_round_json(row) for row in self.rounds],
        }


def recorded_tables(database: Database, session_id: str, tables: Iterable[str]) -> list[RecordedTable]:
    """What one session recorded at its tables."""
    rounds = select(Round).where(Round.session_id == session_id).order_by(Round.round_number)
    gaps = select(RoundGap).where(RoundGap.session_id == session_id)
    with database.session() as session:
        seen, missed = list(session.scalars(rounds)), list(session.scalars(gaps))
    return [
        RecordedTable(
            name,
            tuple(row for row in seen if row.table_name == name),
            sum(gap.rounds or 0 for gap in missed if gap.table_name == name),
            sum(gap.rounds is None for gap in missed if gap.table_name == name),
        )
        for name in tables
    ]


def _round_json(row: Round) -> dict[str, Any]:
    crash = row.crash_multiplier
    return {
        "round_id": row.round_id,
        "number": row.round_number,
        "crash": None if crash is None else format_hundredths(crash),
        "source": row.multiplier_source,
        "confidence": row.confidence,
        "complete": bool(row.complete),
        "seen_from": row.seen_from,
        "betting_at": _time(row.betting_utc_us),
        "flying_at": _time(row.flying_utc_us),
        "crashed_at": _time(row.crashed_utc_us),
        "missed": row.missed_reason,
    }


def _time(utc_us: int | None) -> str | None:
    return None if utc_us is None else datetime.fromtimestamp(utc_us / 1e6, UTC).isoformat()


def print_recorded(
    console: Console,
    tables: Sequence[RecordedTable],
    money: Mapping[str, TableMoney],
    reads: Mapping[str, Mapping[str, float]],
    refused: Mapping[str, Mapping[str, int]],
    staked: bool,
) -> None:
    """Rounds of each table, what was missed, how long it was out of sight; money where there was any."""
    table = Table(title="what was recorded", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    names = ["rounds", "filled", "missed", "out of sight", *(["bets", "won/lost", "void", "result"] * staked)]
    table.add_column("table", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("newest crash points", justify="left", overflow="fold")
    for row in tables:
        missed = str(row.missed) + (f" and {row.open_gaps} gaps" if row.open_gaps else "")
        away = f"{reads.get(row.table, {}).get('out_of_sight_s', 0):.0f} s"
        cells = [row.table, str(row.recorded), str(row.backfilled), missed, away]
        if staked:
            kept = money[row.table]
            cells += [
                str(kept.placed),
                f"{kept.won}/{kept.lost}",
                str(kept.refused),
                signed(kept.result_minor),
            ]
        table.add_row(*cells, " ".join(row.crashes()[-SHOWN:]))
    console.print(table)
    for name, reasons in refused.items():
        worst = sorted(reasons.items(), key=lambda item: -item[1])[:4]
        if worst:
            words = "; ".join(f"{reason} ({count} looks)" for reason, count in worst)
            console.print(Text(f"not read at {name}: {words}", style="dim"))
