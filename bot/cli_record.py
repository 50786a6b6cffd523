"""``crashbot record`` and ``replay``: what a table's eye sees, on tape. ``bot.cli`` wires them."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.domain.errors import BadInput

if TYPE_CHECKING:  # what replays takes numpy along: only the commands that need it pay
    from bot.runtime.replaying import ReplayAsk

#: The bankroll of a replay that is told none.
SEEN = "seen"


def record(
    table: Annotated[str, typer.Argument(help="A table of yours (crashbot tables).")],
    output: Annotated[
        Path | None, typer.Option(help="The new file; without it one in your data folder.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="End after N rounds.")] = None,
    minutes: Annotated[float | None, typer.Option(help="End after so many minutes.")] = None,
) -> None:
    """Record what is seen and read of your table in a file. Nothing is clicked, nothing is staked."""
    from bot.runtime.record_run import RecordAsk, run_record

    found = run_record(RecordAsk(table, output, rounds, minutes), Console())
    print(
        f"{found.looks} looks, {found.rounds} rounds, {found.seconds:.1f} s, {found.size_bytes / 1e6:.2f} MB "
        f"({found.bytes_per_minute / 1e6:.2f} MB a minute): {found.path}"
    )


def replay(
    recording: Annotated[Path, typer.Argument(help="A file that crashbot record or --record made.")],
    strategy: Annotated[
        str | None, typer.Option(help="Another strategy than the recorded one: a name or your own file.")
    ] = None,
    base_stake: Annotated[str | None, typer.Option(help="First stake, as in 1.00.")] = None,
    target: Annotated[str | None, typer.Option(help="Cash-out multiplier, as in 2.00.")] = None,
    bankroll: Annotated[
        str, typer.Option(help="Money to reckon with, or `seen`: the first balance that is read.")
    ] = SEEN,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a reading is not what it was then.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")] = False,
) -> None:
    """Run a recording through reading, tracking, strategy and limits, faster than it was played."""
    from bot.domain.clock import SystemClock
    from bot.runtime.replay_words import print_replay, replay_json
    from bot.runtime.replaying import replay as run_replay

    found = run_replay(_ask(recording, strategy, base_stake, target, bankroll), SystemClock())
    if json:
        typer.echo(json_module.dumps(replay_json(found), ensure_ascii=False))
    else:
        print_replay(Console(), found)
    raise typer.Exit(1 if strict and not found.reads_as_then else 0)


def _ask(
    recording: Path, strategy: str | None, base_stake: str | None, target: str | None, bankroll: str
) -> ReplayAsk:
    from bot.domain.amounts import parse_hundredths
    from bot.runtime.replaying import ReplayAsk
    from bot.settings import load_settings, strategy_file

    found: dict[str, object] = {"strategy.name": strategy}
    if strategy is not None and strategy.endswith(".toml"):
        found = strategy_file(Path(strategy))
    given = {"strategy.base_stake": base_stake, "strategy.target": target}
    settings = load_settings(found | {key: value for key, value in given.items() if value is not None})
    options = settings.strategy.options()
    money: int | None = None
    if bankroll.strip().lower() != SEEN:
        try:
            money = parse_hundredths(bankroll)
        except ValueError as error:
            raise BadInput(f"--bankroll {bankroll}: an amount like 1000.00, or the word {SEEN}") from error
    if strategy is not None:
        return ReplayAsk(recording, settings.limits.limits(), settings.strategy.name, options, money)
    return ReplayAsk(
        recording,
        settings.limits.limits(),
        bankroll_minor=money,
        base_stake_minor=options.base_stake_minor if base_stake is not None else None,
        target=options.target if target is not None else None,
    )


def add_to(app: typer.Typer) -> None:
    """Add ``crashbot record`` and ``crashbot replay``."""
    app.command()(record)
    app.command()(replay)
