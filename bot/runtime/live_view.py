"""What a person sees while the bot runs: one row a table, the money, the machinery, the plain odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet, BetState
from bot.domain.words import Phase
from bot.runtime.messages import TableStatus
from bot.runtime.money import TableMoney

PHASE_STYLES = {
    Phase.BETTING: "green",
    Phase.FLYING: "cyan",
    Phase.CRASHED: "red",
    Phase.UNKNOWN: "dim",
}
BET_STYLES = {
    BetState.WON: "green",
    BetState.LOST: "red",
    BetState.PLACED: "cyan",
    BetState.UNKNOWN: "yellow bold",
    BetState.MISSED: "yellow",
    BetState.REFUSED: "yellow",
}


@dataclass(frozen=True, slots=True)
class TableView:
    """One table's line."""

    name: str
    currency: str
    status: TableStatus | None
    money: TableMoney
    expected_loss_minor: float
    balance_minor: int | None
    reconciled: bool
    open_bet: Bet | None
    restarts: int


@dataclass(frozen=True, slots=True)
class Machinery:
    """Queues and writer."""

    bets_queued: int
    records_queued: int
    records_written: int
    batch_ms: float
    errors: int


def render(
    title: str,
    tables: Sequence[TableView],
    machinery: Machinery,
    recent: Sequence[Bet],
    notes: Sequence[str],
    stopping: str | None,
    honest: str,
) -> RenderableType:
    """The whole screen. ``honest`` is its last line: what every strategy loses."""
    parts: list[RenderableType] = [_tables(tables), _recent(recent), _machinery(tables, machinery)]
    parts += [Text(note, style="yellow") for note in notes]
    if stopping:
        parts.append(Text(f"stopping: {stopping}", style="bold red"))
    return Panel(Group(*parts), title=title, subtitle=honest, border_style="grey50")


def honest_line(rtps: Sequence[Decimal]) -> str:
    """What play costs on average at tables of these returns to player."""
    costs = sorted({(1 - rtp) * 100 for rtp in rtps})
    span = f"{costs[0]:.2f}" if len(costs) == 1 else f"{costs[0]:.2f} to {costs[-1]:.2f}"
    return f"Every strategy loses {span} of each 100.00 staked on average. Ctrl+C stops in order."


def _tables(tables: Sequence[TableView]) -> Table:
    grid = Table(expand=True, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, justify in (
        ("table", "left"),
        ("phase", "left"),
        ("multiplier", "right"),
        ("rounds", "right"),
        ("bet", "left"),
        ("won/lost", "right"),
        ("result", "right"),
        ("expected", "right"),
        ("balance", "right"),
        ("reads/s", "right"),
        ("what", "left"),
    ):
        grid.add_column(name, justify=justify, no_wrap=name != "what")  # type: ignore[arg-type]
    for view in tables:
        grid.add_row(*_row(view))
    return grid


def _row(view: TableView) -> list[RenderableType]:
    status = view.status
    phase = status.phase if status else Phase.UNKNOWN
    multiplier = (
        "" if status is None or status.multiplier is None else f"{format_hundredths(status.multiplier)}x"
    )
    money = view.money
    result = Text(signed(money.result_minor), style="green" if money.result_minor >= 0 else "red")
    expected = Text(
        f"-{view.expected_loss_minor / 100:.2f}" if view.expected_loss_minor else "0.00", style="dim"
    )
    balance = "?" if view.balance_minor is None else format_hundredths(view.balance_minor)
    shown = Text(f"{balance} {view.currency}", style="" if view.reconciled else "yellow")
    rate = f"{status.reads_per_s:.0f}" if status else ""
    note = status.note if status else "starting"
    if view.restarts:
        note = f"{note} (restarted {view.restarts}x)"
    return [
        Text(view.name, style="bold"),
        Text(phase.value, style=PHASE_STYLES[phase]),
        multiplier,
        str(status.rounds if status else 0),
        _bet(view.open_bet),
        f"{money.won}/{money.lost}",
        result,
        expected,
        shown,
        rate,
        Text(note, style="dim", overflow="ellipsis", no_wrap=True),
    ]


def _bet(bet: Bet | None) -> RenderableType:
    if bet is None:
        return Text("-", style="dim")
    words = f"{format_hundredths(bet.stake_minor)} at {format_hundredths(bet.target)}x {bet.state.value}"
    return Text(words, style=BET_STYLES.get(bet.state, "cyan"))


def _recent(recent: Sequence[Bet]) -> RenderableType:
    line = Text("last bets  ", style="dim")
    for bet in recent[-8:]:
        profit = bet.profit_minor
        words = f"{bet.table} {signed(profit) if profit is not None else '?'}"
        line.append(
            words if bet.state in (BetState.WON, BetState.LOST) else f"{bet.table} {bet.state.value}",
            style=BET_STYLES.get(bet.state, "dim"),
        )
        line.append("  ")
    return line


def _machinery(tables: Sequence[TableView], machinery: Machinery) -> Text:
    looks = [view.status.look_ms for view in tables if view.status]
    look = f"{max(looks):.1f} ms" if looks else "-"
    return Text(
        f"slowest look {look}   bets queued {machinery.bets_queued}/100   records queued "
        f"{machinery.records_queued}/10000, written {machinery.records_written}, "
        f"batch {machinery.batch_ms:.1f} ms, errors {machinery.errors}",
        style="dim",
    )


def signed(amount_minor: int) -> str:
    """``+1.00`` or ``-1.00``."""
    return f"+{format_hundredths(amount_minor)}" if amount_minor > 0 else format_hundredths(amount_minor)
