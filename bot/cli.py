"""The command line: one thin function a command. What they do lives in the rooms behind."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.domain.errors import CrashbotError

HELP = (
    "An honest workbench and bot for crash games. The games have a negative expectation for every "
    "strategy; the practice casino, which is the default, costs nothing."
)
app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def practice(
    rounds: Annotated[int | None, typer.Option(help="End after N rounds at each table.")] = None,
    tables: Annotated[str | None, typer.Option(help="Tables, as in aviator,aviatrix,jetx.")] = None,
    strategy: Annotated[
        str | None, typer.Option(help="A name (crashbot strategies) or your own file.")
    ] = None,
    base_stake: Annotated[str | None, typer.Option(help="First stake, as in 1.00.")] = None,
    target: Annotated[str | None, typer.Option(help="Cash-out multiplier, as in 2.00.")] = None,
    speed: Annotated[float | None, typer.Option(help="Divide waiting and flight times by this.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same casino.")] = None,
    faults: Annotated[str | None, typer.Option(help="none, all, or a list as in dialog,zoom.")] = None,
    show: Annotated[bool | None, typer.Option("--show", help="Windows on your own screen.")] = None,
    one_account: Annotated[
        bool | None, typer.Option("--one-account", help="All tables draw on one account.")
    ] = None,
    db: Annotated[str | None, typer.Option(help="Database URL, as in sqlite:///rounds.db.")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Record what is seen of each table in this folder.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
) -> None:
    """Let the bot play the practice casino's tables, and compare its record with the ledger."""
    from bot.runtime.practice_run import run_practice
    from bot.runtime.report_file import check_writable, write_report
    from bot.settings import strategy_file

    found: dict[str, object] = {"strategy.name": strategy}
    if strategy is not None and strategy.endswith(".toml"):
        found = strategy_file(Path(strategy))
    given: dict[str, object] = {
        "practice.rounds": rounds,
        "practice.tables": None if tables is None else [t.strip() for t in tables.split(",")],
        "practice.speed": speed,
        "practice.seed": secrets.randbelow(2**31) if seed is None else seed,
        "practice.faults": faults,
        "practice.show": show,
        "practice.one_account": one_account,
        "strategy.base_stake": base_stake,
        "strategy.target": target,
        "database.url": db,
    }
    check_writable(json)
    said = {key: value for key, value in given.items() if value is not None}
    report = run_practice(found | said, Console(), record)
    write_report(json, report.to_json())
    raise typer.Exit(0 if report.agrees else 1)


@app.command()
def stop(reason: Annotated[str, typer.Option(help="Kept in the record.")] = "crashbot stop") -> None:
    """Stop the running bot: no bet passes from now on."""
    from bot.folders import user_state_dir
    from bot.limits import StopSwitch

    switch = StopSwitch(user_state_dir())
    switch.touch(reason)
    print(f"Stopped: no bet passes. The next start takes the stop back ({switch.path}).")


@app.command("show-config")
def show_config_command(
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Every setting in force, and where it comes from."""
    from bot.settings import show_config

    raise typer.Exit(show_config(json=json))


@app.command()
def settle(
    bet: Annotated[str | None, typer.Argument(help="The bet's identifier, or its beginning.")] = None,
    outcome: Annotated[str | None, typer.Argument(help="won, lost or refused.")] = None,
    who: Annotated[str, typer.Option(help="Who says so; kept in the record.")] = "the person at this machine",
    db: Annotated[str | None, typer.Option(help="Database URL.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List bets that nothing could settle, or decide one."""
    from bot.runtime.settling import list_open, settle_bet

    if bet is None:
        list_open(db, json)
    else:
        settle_bet(db, bet, outcome, who, json)


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """What is installed, which display, how fast capture is, whether input works, and what to do."""
    from bot.runtime.doctor import run_doctor

    raise typer.Exit(run_doctor(json=json))


#: Modules that add their commands. They import little before a command is called.
PARTS = (
    "bot.cli_read",
    "bot.cli_db",
    "bot.cli_stats",
    "bot.cli_data",
    "bot.cli_lab",
    "bot.cli_fair",
    "bot.cli_tables",
    "bot.cli_own",
    "bot.cli_limits",
    "bot.cli_why",
    "bot.cli_record",
)


def add_parts() -> None:
    """Add the commands that live in modules of their own."""
    for name in PARTS:
        import_module(name).add_to(app)


def guarded(run: Callable[[], None]) -> int:
    """Run a command; errors that a person can mend become one line and an exit code."""
    try:
        run()
    except CrashbotError as error:
        print(f"crashbot: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("crashbot: interrupted", file=sys.stderr)
        return 130
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    return 0


def main() -> None:
    """Entry point of ``crashbot``."""
    add_parts()
    sys.exit(guarded(app))


if __name__ == "__main__":
    main()
