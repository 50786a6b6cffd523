"""``crashbot watch``, ``paper`` and ``live``: sessions at a user's own tables. ``bot.cli`` wires them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.domain.errors import BadInput

if TYPE_CHECKING:  # what plays takes numpy along: only the commands that need it pay
    from bot.runtime.own_run import OwnAsk
    from bot.runtime.report import SessionReport

#: The bankroll of a watcher or a paper player who states none.
BANKROLL, SEEN = "1000.00", "seen"

Tables = Annotated[list[str], typer.Argument(help="Tables of yours (crashbot tables).")]
Rounds = Annotated[int | None, typer.Option(help="End after N rounds at each table.")]
Minutes = Annotated[float | None, typer.Option(help="End after so many minutes.")]
Strategy = Annotated[str | None, typer.Option(help="A name (crashbot strategies) or your own file.")]
BaseStake = Annotated[str | None, typer.Option(help="First stake, as in 1.00.")]
Target = Annotated[str | None, typer.Option(help="Cash-out multiplier, as in 2.00.")]
Bankroll = Annotated[str, typer.Option(help="Money to reckon with, or `seen`: the balance seen.")]
Db = Annotated[str | None, typer.Option(help="Database URL, as in sqlite:///rounds.db.")]
Record = Annotated[Path | None, typer.Option(help="Record what is seen of each table in this folder.")]
Json = Annotated[Path | None, typer.Option(help="Write the report to this file.")]


def watch(
    tables: Tables,
    rounds: Rounds = None,
    minutes: Minutes = None,
    strategy: Strategy = None,
    base_stake: BaseStake = None,
    target: Target = None,
    bankroll: Bankroll = BANKROLL,
    db: Db = None,
    record: Record = None,
    json: Json = None,
) -> None:
    """Record the rounds of your tables. Nothing is clicked, nothing is staked."""
    from bot.runtime.own_run import run_watch
    from bot.runtime.report_file import check_writable

    check_writable(json)
    ask = _ask(tables, rounds, minutes, strategy, base_stake, target, bankroll, db, record)
    _finish(run_watch(ask, Console()), json)


def paper(
    tables: Tables,
    rounds: Rounds = None,
    minutes: Minutes = None,
    strategy: Strategy = None,
    base_stake: BaseStake = None,
    target: Target = None,
    bankroll: Bankroll = BANKROLL,
    db: Db = None,
    record: Record = None,
    json: Json = None,
) -> None:
    """Play a strategy on the rounds of your tables, on paper: nothing is clicked, no money is staked."""
    from bot.runtime.own_run import run_paper
    from bot.runtime.report_file import check_writable

    check_writable(json)
    ask = _ask(tables, rounds, minutes, strategy, base_stake, target, bankroll, db, record)
    _finish(run_paper(ask, Console()), json)


def live(
    tables: Tables,
    rounds: Rounds = None,
    strategy: Strategy = None,
    base_stake: BaseStake = None,
    target: Target = None,
    confirm_each: Annotated[
        bool, typer.Option("--confirm-each", help="Ask about every bet; no answer is no bet.")
    ] = False,
    reality_check: Annotated[
        int, typer.Option(min=1, max=30, help="Minutes between two looks at the facts.")
    ] = 15,
    db: Db = None,
    record: Record = None,
    json: Json = None,
) -> None:
    """Stake real money at your tables, once you have armed it at this terminal: for 60 minutes at most."""
    from bot.limits import TtyTerminal
    from bot.runtime.live_run import LiveParts, run_live
    from bot.runtime.report_file import check_writable

    check_writable(json)
    ask = _ask(tables, rounds, None, strategy, base_stake, target, SEEN, db, record)
    parts = LiveParts(TtyTerminal(), confirm_each=confirm_each, reality_minutes=reality_check)
    _finish(run_live(ask, parts, Console()), json)


def _ask(
    tables: list[str],
    rounds: int | None,
    minutes: float | None,
    strategy: str | None,
    base_stake: str | None,
    target: str | None,
    bankroll: str,
    db: str | None,
    record: Path | None,
) -> OwnAsk:
    from bot.runtime.own_run import OwnAsk
    from bot.settings import strategy_file

    found: dict[str, object] = {"strategy.name": strategy}
    if strategy is not None and strategy.endswith(".toml"):
        found = strategy_file(Path(strategy))
    given = {"strategy.base_stake": base_stake, "strategy.target": target, "database.url": db}
    said = found | {key: value for key, value in given.items() if value is not None}
    return OwnAsk(tables, said, rounds, minutes, _money(bankroll), record)


def _money(text: str) -> int | None:
    from bot.domain.amounts import parse_hundredths

    if text.strip().lower() == SEEN:
        return None
    try:
        return parse_hundredths(text)
    except ValueError as error:
        raise BadInput(f"--bankroll {text}: an amount like 1000.00, or the word {SEEN}") from error


def _finish(report: SessionReport, json: Path | None) -> None:
    from bot.runtime.report_file import write_report

    write_report(json, report.to_json())
    raise typer.Exit(0 if report.orderly else 1)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (watch, paper, live):
        app.command()(command)
