"""One page at the end of a session: what happened, what was to be expected, and whether the books agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.database import WriterStats
from bot.domain.amounts import format_hundredths
from bot.domain.words import Mode
from bot.runtime.live_view import signed
from bot.runtime.money import TableMoney
from bot.runtime.own_report import RecordedTable, print_recorded
from bot.runtime.reconcile import Reconciliation

#: Two standard deviations either way: about 95 of 100 sessions end in the band.
BAND = 2.0


@dataclass(frozen=True, slots=True)
class SessionReport:
    """All that is said at the end, as the terminal and the JSON show it. Money in minor units.

    ``rtp``: return to player of each table. ``orderly``: it ended as asked, not by a fault. ``recorded``: the
    rounds of the user's own tables, where no ledger tells them. ``refused``: why looks said nothing.
    """

    session_id: str
    mode: Mode
    seconds: float
    strategy: str
    rtp: dict[str, float]
    seed: int
    money: dict[str, TableMoney]
    currencies: dict[str, str]
    reads: dict[str, dict[str, float]]
    writer: WriterStats
    reconciliation: Reconciliation | None
    ended_by: str
    orderly: bool = True
    notes: tuple[str, ...] = ()
    compared: str = "the database"
    recorded: tuple[RecordedTable, ...] = ()
    refused: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether record and ledger agree."""
        return self.reconciliation is not None and self.reconciliation.agrees

    def to_json(self) -> dict[str, Any]:
        """The report as ``--json`` writes it: money and multipliers are decimal strings."""
        own: dict[str, Any] = {"tables": [table.to_json() for table in self.recorded]}
        base = self.reconciliation.to_json() if self.reconciliation else own
        for row in base["tables"]:
            name = row["table"]
            row.update(money_json(self.money[name], self.rtp[name], self.currencies[name]))
            row["reading"] = self.reads.get(name, {})
            row["refused"] = self.refused.get(name, {})
            row["out_of_sight_s"] = row["reading"].get("out_of_sight_s", 0.0)
        return base | {
            "session_id": self.session_id,
            "mode": self.mode.value,
            "seconds": round(self.seconds, 1),
            "strategy": self.strategy,
            "seed": self.seed,
            "ended_by": self.ended_by,
            "orderly": self.orderly,
            "compared": self.compared,
            "notes": list(self.notes),
            "writer": {name: getattr(self.writer, name) for name in self.writer.__dataclass_fields__},
            "odds": expected_words(self.rtp.values()),
        }


def expected_words(rtps: Iterable[float]) -> str:
    """What is to be expected of play, in one sentence."""
    worst = min(rtps, default=0.97)
    return (
        "the expected result of every strategy is a loss of "
        f"{format_hundredths(round((1 - worst) * 10_000))} for each 100.00 staked"
    )


def band(money: TableMoney, rtp: float) -> tuple[float, float, float]:
    """Expected result and its band of two standard deviations, minor units.

    The expectation of a bet is -(1 - R) times the stake for any target; its variance R (x - R) times the
    stake squared, for a cash-out at x (facts: maths.md).
    """
    mean = -(1 - rtp) * money.turnover_minor
    spread = BAND * math.sqrt(money.variance_minor2)
    return mean, mean - spread, mean + spread


def money_json(money: TableMoney, rtp: float, currency: str) -> dict[str, Any]:
    mean, low, high = band(money, rtp)
    return {
        "currency": currency,
        "bets_placed": money.placed,
        "bets_won": money.won,
        "bets_lost": money.lost,
        "bets_refused": money.refused,
        "denials": money.denied,
        "reasons": money.reasons,
        "turnover": format_hundredths(money.turnover_minor),
        "result": format_hundredths(money.result_minor),
        "expected_result": format_hundredths(round(mean)),
        "expected_band": [format_hundredths(round(low)), format_hundredths(round(high))],
    }


def print_report(console: Console, report: SessionReport) -> None:
    """Statistics (row D6), reconciliation, result against the band."""
    console.rule("session report")
    console.print(
        f"session {report.session_id}, {report.seconds:.0f} s, strategy {report.strategy}, "
        f"ended by {report.ended_by}"
    )
    console.print()
    staked = report.mode is not Mode.WATCH
    if report.recorded:
        print_recorded(console, report.recorded, report.money, report.reads, report.refused, staked)
    if staked:
        console.print(_result_table(report))
        worse = "95 of 100 sessions with these bets end in the band. Its middle is a loss for every strategy."
        console.print(Text(worse, style="dim"))
    _print_statistics(console, report)
    if report.reconciliation is not None:
        _print_reconciliation(console, report.reconciliation, report.compared)
    for note in report.notes:
        console.print(Text(note, style="yellow"))


def _result_table(report: SessionReport) -> Table:
    table = _table("result against what was to be expected")
    for name in ("bets", "won/lost", "missed", "turnover", "result", "expected", "95 % band", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for name, money in report.money.items():
        mean, low, high = band(money, report.rtp[name])
        inside = low <= money.result_minor <= high
        table.add_row(
            name,
            str(money.placed),
            f"{money.won}/{money.lost}",
            str(money.missed + money.refused),
            format_hundredths(money.turnover_minor),
            Text(signed(money.result_minor), style="green" if money.result_minor >= 0 else "red"),
            f"{mean / 100:.2f}",
            f"{low / 100:.2f}..{high / 100:+.2f}",
            Text("in", style="green") if inside else Text("OUT", style="yellow"),
        )
    return table


def _table(title: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("table", no_wrap=True)
    return table


def _print_statistics(console: Console, report: SessionReport) -> None:
    writer = report.writer
    console.print(
        f"records: {writer.processed} written at {writer.rate_per_s:.1f}/s in {writer.batches} batches of "
        f"{writer.mean_batch:.1f} ({writer.batch_ms:.1f} ms each), queue {writer.queue} now, "
        f"{writer.queue_max} at most, {writer.errors} errors"
    )
    for name, figures in report.reads.items():
        words = ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in figures.items())
        console.print(f"reading {name}: {words}")


def _print_reconciliation(console: Console, result: Reconciliation, compared: str) -> None:
    where = "" if compared == "the database" else f" ({compared})"
    table = _table(f"record against the casino's ledger{where}")
    for name in ("flown", "exact", "missed", "filled", "bets", "right", "casino", "bot", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in result.tables:
        table.add_row(
            row.table,
            str(row.rounds_flown),
            str(row.crash_exact),
            str(row.rounds_missed),
            str(row.rounds_backfilled),
            f"{row.bets_ledger}/{row.bets_recorded}",
            str(row.settled_exact),
            "-" if row.balance_casino is None else format_hundredths(row.balance_casino),
            "-" if row.balance_bot is None else format_hundredths(row.balance_bot),
            Text("ok", style="green") if row.agrees else Text("NO", style="bold red"),
        )
    console.print()
    console.print(table)
    console.print(
        f"clicks {result.clicks}, outside their element {result.clicks_outside}, "
        f"double bets {result.double_bets}: "
        + ("record and ledger agree to the cent" if result.agrees else "record and ledger DIFFER")
    )
    for complaint in [*result.complaints, *(c for row in result.tables for c in row.complaints)][:20]:
        console.print(Text(f"  {complaint}", style="red"))
