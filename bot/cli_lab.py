"""``crashbot odds``, ``simulate``, ``backtest``, ``sweep`` and ``strategies``."""

from __future__ import annotations

import json as json_module
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.errors import BadInput

if TYPE_CHECKING:
    from bot.simulation.backtest import Rounds
    from bot.simulation.inputs import Chosen
    from bot.simulation.requests import Start
    from bot.simulation.tables import Rows

HONEST = "Every strategy loses on average: the games pay back less than is staked."

One = Annotated[
    str | None, typer.Option(help="A name or your file, with parameters: martingale,target=1.5,max_steps=10.")
]
Several = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy", help="As often as you like; with parameters: martingale,target=1.5,max_steps=10."
    ),
]
Base = Annotated[str | None, typer.Option(help="First stake, as in 1.00.")]
Target = Annotated[str | None, typer.Option(help="Cash-out multiplier, as in 2.00.")]
Bankroll = Annotated[str, typer.Option(help="Balance at the start, as in 1000.00.")]
Goal = Annotated[str | None, typer.Option(help="Balance at which the session ends, as in 1200.00.")]
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", help="As in session.loss=50.00, balance_floor=10.00, day.rounds=500."),
]
Configured = Annotated[
    bool, typer.Option("--as-configured", help="Start from strategy and limits of your settings.")
]
RoundsOption = Annotated[int, typer.Option(help="Rounds of a session.")]
GameOption = Annotated[str, typer.Option(help="Whose return and speed: aviator, aviatrix or jetx.")]
Rtp = Annotated[str | None, typer.Option(help="Return to player, as in 0.97; else the game's.")]
Seed = Annotated[int, typer.Option(help="The same seed draws the same rounds.")]
Plot = Annotated[Path | None, typer.Option(help="A picture to this file: .png or .html.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]
File = Annotated[Path | None, typer.Option(help="Recorded rounds: CSV with round_id,timestamp,multiplier.")]
Db = Annotated[str | None, typer.Option(help="Database URL with recorded rounds.")]
RecordedGame = Annotated[str | None, typer.Option(help="The game in the database, or whose law to judge by.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (odds, simulate, backtest, sweep, strategies):
        app.command()(command)


# -- odds -----------------------------------------------------------------------------------------------


def odds(
    strategy: One = None,
    base_stake: Base = None,
    target: Target = None,
    bankroll: Bankroll = "1000.00",
    goal: Goal = None,
    rounds: Annotated[int | None, typer.Option(help="How many rounds to look ahead (1000).")] = None,
    hours: Annotated[float | None, typer.Option(help="The same in hours of play.")] = None,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="No number of rounds: until goal, ruin or a limit.")
    ] = False,
    limit: LimitOption = None,
    as_configured: Configured = False,
    game: GameOption = "aviator",
    rtp: Rtp = None,
    rounds_per_hour: Annotated[
        float | None, typer.Option(help="Speed of the table; else the game's.")
    ] = None,
    words: Annotated[bool, typer.Option("--words", help="In sentences instead of a table.")] = False,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="By simulation even where an exact answer is possible.")
    ] = False,
    json: Json = False,
) -> None:
    """What to expect of a session before its first bet: ruin, goal, loss per hour, final balance."""
    from bot.games.law import game as game_of
    from bot.games.law import rounds_per_hour as speed_of
    from bot.simulation.odds import DEFAULT_HORIZON, session_odds
    from bot.simulation.tables import limits_line, odds_rows

    start = _start(as_configured, base_stake, target, bankroll, goal, limit)
    one = start.all_chosen(None if strategy is None else [strategy])[0]
    of = game_of(game)
    speed = speed_of(of) if rounds_per_hour is None else rounds_per_hour
    if sum((rounds is not None, hours is not None, until_end)) > 1:
        raise BadInput("give one of --rounds, --hours and --until-end")
    horizon: int | None = DEFAULT_HORIZON if rounds is None else rounds
    if hours is not None:
        if not hours > 0 or not hours * speed < 1e9:
            raise BadInput(f"--hours must be above 0, not {hours:g}")
        horizon = max(1, round(hours * speed))
    found = session_odds(
        one.name,
        one.options,
        start.bankroll,
        start.limits,
        None if until_end else horizon,
        rtp or str(of.return_to_player),
        speed,
        goal_minor=start.goal,
        simulated=simulated,
        chosen_on=one.chosen_on,
    )
    if json:
        _print_json(found.to_json())
        return
    said = found.words()
    if words:
        for line in said:
            _say(line)
        return
    _say(said[0])
    _say(limits_line(start.limits))
    _print_table(odds_rows(found))
    for line in said[-2 if one.chosen_on is None else -3 :]:
        _say(line)


# -- simulate -------------------------------------------------------------------------------------------


def simulate(
    strategy: Several = None,
    base_stake: Base = None,
    target: Target = None,
    bankroll: Bankroll = "1000.00",
    goal: Goal = None,
    rounds: RoundsOption = 1_000,
    sessions: Annotated[int, typer.Option(help="Sessions of each strategy, on the same rounds.")] = 100_000,
    limit: LimitOption = None,
    as_configured: Configured = False,
    rtp: Rtp = None,
    seed: Seed = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Millions of sessions on drawn rounds, the same for all strategies. Ruin is kept in."""
    from bot.simulation.inputs import MOST_SESSIONS
    from bot.simulation.plots import check_plot, plot_simulation
    from bot.simulation.running import simulate as run
    from bot.simulation.summary import WARNING, summarised
    from bot.simulation.tables import limits_line, simulation_rows
    from bot.staking import build

    start = _start(as_configured, base_stake, target, bankroll, goal, limit)
    if not 1 <= sessions <= MOST_SESSIONS:
        raise BadInput(f"--sessions must be 1 to {MOST_SESSIONS:,}, not {sessions}")
    if plot is not None:
        check_plot(plot)
    summaries = []
    some = start.all_chosen(strategy)
    for one in some:
        with _closing(build(one.name, one.options)) as played:
            result = run(
                played,
                bankroll_minor=start.bankroll,
                rounds=rounds,
                sessions=sessions,
                seed=seed,
                rtp=rtp or "0.97",
                limits=start.limits,
                goal_minor=start.goal,
            )
            summaries.append(summarised(result, played.parameters, one.label))
    if plot is not None:
        plot_simulation(summaries, plot, simulation_rows(summaries))
    if json:
        told = [
            {**each.to_json(), "chosen_on": one.chosen_on} for one, each in zip(some, summaries, strict=True)
        ]
        _print_json({"strategies": told, "warning": WARNING})
        return
    print(f"{sessions:,} sessions of {rounds:,} drawn rounds each, the same rounds for every strategy.")
    _say(limits_line(start.limits))
    for columns in _fitting(summaries):
        _print_table(simulation_rows(columns))
    for each in summaries:
        if each.result.how != "lanes":
            _say(f"{each.label} ran slower than it could: {each.result.how}.")
    _print_choices(some)
    _print_end(plot)


# -- backtest -------------------------------------------------------------------------------------------


def backtest(
    strategy: Several = None,
    file: File = None,
    db: Db = None,
    game: RecordedGame = None,
    base_stake: Base = None,
    target: Target = None,
    bankroll: Bankroll = "1000.00",
    goal: Goal = None,
    limit: LimitOption = None,
    as_configured: Configured = False,
    rtp: Rtp = None,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Strategies on recorded rounds. Missed rounds are missing; an unsound recording is called so."""
    from bot.simulation.backtest import backtest as run
    from bot.simulation.backtest import rounds_to_json
    from bot.simulation.plots import check_plot, plot_backtests
    from bot.simulation.requests import recording_lines
    from bot.simulation.summary import WARNING
    from bot.simulation.tables import backtest_rows, limits_line

    start = _start(as_configured, base_stake, target, bankroll, goal, limit)
    if plot is not None:
        check_plot(plot)
    some = start.all_chosen(strategy)
    rounds = _recorded(file, db, game, rtp)
    tests = [run(one.name, one.options, rounds, start.bankroll, start.limits, start.goal) for one in some]
    labels = [one.label for one in some]
    if plot is not None:
        plot_backtests(tests, labels, plot, backtest_rows(tests, labels))
    if json:
        told = [
            {**test.to_json(), "label": one.label, "chosen_on": one.chosen_on}
            for test, one in zip(tests, some, strict=True)
        ]
        _print_json({"recording": rounds_to_json(rounds), "strategies": told, "warning": WARNING})
        return
    for line in recording_lines(rounds):
        _say(line)
    _say(limits_line(start.limits))
    for places in _fitting(list(range(len(tests)))):
        _print_table(backtest_rows([tests[n] for n in places], [labels[n] for n in places]))
    _print_choices(some)
    _print_flag(rounds.quality.flag)
    _print_end(plot)


# -- sweep ----------------------------------------------------------------------------------------------


def sweep(
    vary: Annotated[list[str], typer.Option(help="A parameter: target=1.5,2,3 or target=1.2:5:0.2.")],
    strategy: One = None,
    out: Annotated[Path, typer.Option(help="Folder of the results; the same one continues.")] = Path("sweep"),
    file: File = None,
    db: Db = None,
    game: RecordedGame = None,
    base_stake: Base = None,
    target: Target = None,
    bankroll: Bankroll = "1000.00",
    goal: Goal = None,
    rounds: RoundsOption = 1_000,
    sessions: Annotated[int, typer.Option(help="Sessions at each point, on the same rounds.")] = 10_000,
    random: Annotated[int | None, typer.Option(help="So many random points instead of all.")] = None,
    limit: LimitOption = None,
    as_configured: Configured = False,
    rtp: Rtp = None,
    seed: Seed = 0,
    processes: Annotated[int | None, typer.Option(help="Processes; else one a core.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="A Dask scheduler, as in tcp://10.0.0.5:8786, or local:2.")
    ] = None,
    plot: Plot = None,
    top: Annotated[int, typer.Option(help="How many of the best to show.")] = 10,
    json: Json = False,
) -> None:
    """A grid or random search over parameters; the best stands beside the best of useless ones."""
    from bot.simulation.choices import BEST
    from bot.simulation.plots import check_plot
    from bot.simulation.requests import recording_lines, sweep_plan
    from bot.simulation.running import usable_cores
    from bot.simulation.sweep import TABLE, run_sweep
    from bot.simulation.sweep_picture import sweep_picture
    from bot.simulation.tables import sweep_rows, sweep_words

    start = _start(as_configured, base_stake, target, bankroll, goal, limit)
    picture = out / "sweep.png" if plot is None else plot
    if plot is not None:
        check_plot(plot)
    if processes is not None and not 1 <= processes <= 256:
        raise BadInput(f"--processes must be 1 to 256, not {processes}")
    recorded = _recorded(file, db, game, rtp) if file is not None or db is not None else None
    plan = sweep_plan(start, strategy, vary, random, recorded, (rounds, sessions, seed, rtp))
    with _progress(len(plan.points), json) as done:
        result = run_sweep(plan, out, processes or usable_cores(), cluster, done)
    sweep_picture(result, picture, sweep_rows(result, top))
    if json:
        _print_json(result.to_json(top) | {"table": str(out / TABLE), "picture": str(picture)})
        return
    for line in [] if recorded is None else recording_lines(recorded):
        _say(line)
    _print_table(sweep_rows(result, top))
    for line in sweep_words(result):
        _say(line)
    _say(f"Table: {out / TABLE}. The best as --strategy {out / BEST}.")
    _print_flag(plan.flag)
    _print_end(picture)


# -- strategies -----------------------------------------------------------------------------------------


def strategies(json: Json = False) -> None:
    """All strategies with their parameters and what they mean, and how to use one of your own."""
    from bot.staking import strategies as shipped

    if json:
        listed = [
            {
                "name": info.name,
                "aliases": list(info.aliases),
                "summary": info.summary,
                "meaning": info.text,
                "parameters": [
                    {
                        "name": p.name,
                        "kind": p.kind,
                        "meaning": p.meaning,
                        "range": p.range,
                        "default": p.default,
                    }
                    for p in info.parameters
                ],
            }
            for info in shipped()
        ]
        _print_json({"strategies": listed, "warning": "every strategy loses on average"})
        return
    for info in shipped():
        other = f" (also {', '.join(info.aliases)})" if info.aliases else ""
        print(f"\n{info.name}{other}")
        print(textwrap.fill(info.text, 78, initial_indent="  ", subsequent_indent="  "))
        rows = [[f"  {p.name}", p.meaning, p.range, p.default or "-"] for p in info.parameters]
        _print_table([["  parameter", "meaning", "range", "default"], *rows], numbers=False)
    _say("\nYour own: --strategy my_strategy.py, or my_strategy.py:Name for one of several classes in it.")
    print(HONEST)


# -- what they share ------------------------------------------------------------------------------------


def _recorded(file: Path | None, db: str | None, game: str | None, rtp: str | None) -> Rounds:
    from bot.settings import load_settings
    from bot.simulation.requests import recorded

    if file is not None and db is not None:
        raise BadInput("give --file or --db, not both")
    url = "" if file is not None else db or load_settings().database.resolved()
    return recorded(file, url, game, rtp)


def _start(
    as_configured: bool,
    base_stake: str | None,
    target: str | None,
    bankroll: str,
    goal: str | None,
    limit: list[str] | None,
) -> Start:
    from bot.limits import Limits
    from bot.simulation.inputs import limits_of, money, multiplier
    from bot.simulation.requests import Start
    from bot.staking import StakingOptions

    options, limits, name = StakingOptions(), Limits(), None
    if as_configured:
        from bot.settings import load_settings

        settings = load_settings()
        options, limits, name = settings.strategy.options(), settings.limits.limits(), settings.strategy.name
    if base_stake is not None:
        options = replace(options, base_stake_minor=money(base_stake, "--base-stake"))
    if target is not None:
        options = replace(options, target=multiplier(target, "--target"))
    wanted = None if goal is None else money(goal, "--goal")
    return Start(options, limits_of(limit or [], limits), money(bankroll, "--bankroll"), wanted, name)


class _closing:
    """A strategy that may hold a process."""

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy

    def __enter__(self) -> Any:
        return self._strategy

    def __exit__(self, *_: object) -> None:
        close = getattr(self._strategy, "close", None)
        if close is not None:
            close()


class _progress:
    """A bar on standard error; none for programs."""

    def __init__(self, total: int, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True)
        self._total = total

    def __enter__(self) -> Any:
        self._bar.start()
        task = self._bar.add_task("points", total=self._total)
        return lambda count: self._bar.update(task, completed=count)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _fitting(columns: Sequence[Any]) -> list[list[Any]]:
    """As many columns beside one another as 80 characters hold."""
    return [list(columns[place : place + 3]) for place in range(0, len(columns), 3)]


def _print_table(rows: Rows, numbers: bool = True) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, title in enumerate(rows[0]):
        right = numbers and place > 0
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


def _print_choices(some: Sequence[Chosen]) -> None:
    for one in some:
        if one.chosen_on is not None:
            _say(f"{one.label} was chosen as {one.chosen_on}.")


def _print_flag(flag: str | None) -> None:
    """The first reason: ``crashbot audit`` and --json tell all."""
    if flag is not None:
        _say(f"NOT TO BE RELIED ON: {flag.split(';')[0].rstrip('.')}.")


def _say(line: str) -> None:
    """A sentence, broken between words at the terminal's width."""
    from rich.console import Console

    Console(highlight=False, markup=False).print(line)


def _print_end(picture: Path | None) -> None:
    if picture is not None:
        print(f"Picture: {picture}")
    print(HONEST)


def _print_json(document: dict[str, Any]) -> None:
    print(json_module.dumps(document, indent=2, ensure_ascii=False))
