"""Statistics, summaries, comparisons, status and alerts on the command line."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.errors import BadInput, StorageError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.database import Database

Db = Annotated[str | None, typer.Option("--db", help="Database URL, as in sqlite:///rounds.db.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document on standard output.")]
From = Annotated[str | None, typer.Option("--from", help="First day (2026-01-31, UTC), or an ISO time.")]
To = Annotated[str | None, typer.Option("--to", help="Last day, included; or an ISO time, not included.")]
Platform = Annotated[str | None, typer.Option("--platform", help="Only rounds of this platform.")]
Plot = Annotated[
    str | None, typer.Option("--plot", help="Draw it: a file that ends in .png, or the word terminal.")
]
TERMINAL = "terminal"

stats = typer.Typer(
    help="Statistics of a bot, a session, a strategy, a game, its multipliers, or a bot's signals.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@contextmanager
def _opened(url: str | None) -> Iterator[Database]:
    """The database that is meant, which must be there: a mistyped name makes no new one."""
    from sqlalchemy import inspect

    from bot.database import GameTotals
    from bot.database.engine import connect, storage_errors
    from bot.settings import load_settings

    database = connect(load_settings({"database.url": url}).database.resolved())
    try:
        address = database.engine.url
        file = address.database
        if address.get_backend_name() == "sqlite" and file and not Path(file).is_file():
            raise StorageError(f"there is no database {file}: name another one with --db")
        with storage_errors(database.name):
            if not inspect(database.engine).has_table(GameTotals.__tablename__):
                raise StorageError(
                    f"{database.name} lacks the tables of this software: run crashbot db upgrade"
                )
        yield database
    finally:
        database.close()


def _console() -> Console:
    from rich.console import Console

    return Console()


def _print_json(answer: Any) -> None:
    from bot.analytics.jsons import jsonable

    print(json_module.dumps(jsonable(answer), indent=2, ensure_ascii=False))


def _when(option: str, text: str | None) -> date | datetime | None:
    """A day or a time of an option. Raises ``BadInput``."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{option} takes a day like 2026-01-31 or a time like 2026-01-31T12:00Z, not {text!r}"
        ) from None
    if moment.tzinfo is None:
        raise BadInput(f"{option} {text}: a time needs its timezone, as in 2026-01-31T12:00Z")
    return moment


def _day(option: str, text: str | None) -> date | None:
    """A day of an option. Raises ``BadInput`` for a time."""
    found = _when(option, text)
    if isinstance(found, datetime):
        raise BadInput(f"{option} takes a day here, like 2026-01-31, not {text!r}")
    return found


def _answer(answer: Mapping[str, Any], json: bool, show: Callable[[Console], None]) -> None:
    if json:
        _print_json(answer)
    else:
        show(_console())


def _believed(
    answer: dict[str, Any], database: Database, games: Iterable[str | None], bot_id: str | None = None
) -> dict[str, Any]:
    """The answer with a note for each game whose newest rounds fail the audit (row F4)."""
    from bot.analytics.quality import quality_notes

    named = [game for game in games if game]
    return {**answer, "notes": [*answer.get("notes", ()), *quality_notes(database, named, bot_id)]}


def _figures(answer: Mapping[str, Any], title: str, json: bool) -> None:
    from bot.analytics.tables import print_figures

    _answer(answer, json, lambda console: print_figures(console, title, answer))


def _check_plot(plot: str | None, json: bool) -> None:
    """Refuse a plot that cannot be, before anything is read. Raises ``BadInput``."""
    from bot.analytics.plots import check_file

    if plot == TERMINAL and json:
        raise BadInput("--plot terminal and --json do not go together: give a file")
    if plot is not None and plot != TERMINAL:
        check_file(Path(plot))


def _drawn(plot: str | None, json: bool, draw: Callable[[Path | None], str]) -> None:
    """Draw when asked; with ``--json`` only into a file, without a word."""
    if plot is None:
        return
    said = draw(None if plot == TERMINAL else Path(plot))
    if not json:
        print(said if plot == TERMINAL else f"Drawn: {said}")


@stats.command("bot")
def bot_command(
    bot_id: Annotated[str, typer.Argument(help="The bot's identifier.")],
    start: From = None,
    end: To = None,
    plot: Plot = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """What a bot's rounds came to; --plot draws its return on investment."""
    from bot.analytics.plots import plot_trend
    from bot.analytics.trend import roi_trend
    from bot.database import get_bot_statistics

    _check_plot(plot, json)
    first, last = _when("--from", start), _when("--to", end)
    with _opened(db) as database:
        answer = get_bot_statistics(bot_id, first, last, database=database)
        answer = _believed(answer, database, answer["games"], bot_id)
        _figures(answer, f"Bot {bot_id}", json)
        if plot is not None:
            days = _day("--from", start), _day("--to", end)
            trend = roi_trend(bot_id=bot_id, start_date=days[0], end_date=days[1], database=database)
            _drawn(plot, json, lambda path: plot_trend(trend, bot_id, path))


@stats.command("session")
def session_command(
    session_id: Annotated[str, typer.Argument(help="The session's identifier.")],
    db: Db = None,
    json: Json = False,
) -> None:
    """What a session's rounds came to."""
    from bot.database import get_session_summary

    with _opened(db) as database:
        answer = get_session_summary(session_id, database=database)
        answer = _believed(answer, database, [answer["game_name"]], answer["bot_id"])
    _figures(answer, f"Session {session_id}", json)


@stats.command("strategy")
def strategy_command(
    name: Annotated[str, typer.Argument(help="The strategy's name.")],
    plot: Plot = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """What all bots' rounds with a strategy came to; --plot draws its return on investment."""
    from bot.analytics.plots import plot_trend
    from bot.analytics.trend import roi_trend
    from bot.database import get_strategy_performance

    _check_plot(plot, json)
    with _opened(db) as database:
        answer = get_strategy_performance(name, database=database)
        answer = _believed(answer, database, answer["games"])
        _figures(answer, f"Strategy {name}", json)
        if plot is not None:
            trend = roi_trend(strategy_name=name, database=database)
            _drawn(plot, json, lambda path: plot_trend(trend, name, path))


@stats.command("game")
def game_command(
    game: Annotated[str, typer.Argument(help="The game's name.")],
    platform: Platform = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """What all bots' rounds of a game came to."""
    from bot.database import get_game_statistics

    with _opened(db) as database:
        answer = get_game_statistics(game, platform, database=database)
        answer = _believed(answer, database, [game])
    _figures(answer, f"Game {game}" + (f" at {platform}" if platform else ""), json)


@stats.command("multipliers")
def multipliers_command(
    game: Annotated[str, typer.Argument(help="The game's name.")],
    platform: Platform = None,
    plot: Plot = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """How a game's crash points are distributed, beside the law that they should follow."""
    from bot.analytics.plots import plot_multipliers
    from bot.analytics.tables import distribution_tables, print_frame
    from bot.database import get_multiplier_distribution

    _check_plot(plot, json)
    with _opened(db) as database:
        answer = get_multiplier_distribution(game, platform, database=database)
        answer = _believed(answer, database, [game])

    def show(console: Console) -> None:
        for table in distribution_tables(answer):
            console.print(table)
        print_frame(console, answer)

    _answer(answer, json, show)
    _drawn(plot, json, lambda path: plot_multipliers(answer, path))


@stats.command("signals")
def signals_command(
    bot_id: Annotated[str, typer.Argument(help="The bot's identifier.")],
    kind: Annotated[str | None, typer.Option("--type", help="Only signals of this kind.")] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """How often a bot's signals were right, beside what no skill at all would have reached."""
    from bot.analytics.tables import print_frame, signal_table
    from bot.database import get_signal_effectiveness

    with _opened(db) as database:
        answer = get_signal_effectiveness(bot_id, kind, database=database)

    def show(console: Console) -> None:
        console.print(signal_table(answer))
        console.print(f"No skill: {answer['no_skill_basis']}.", highlight=False)
        print_frame(console, answer)

    _answer(answer, json, show)


def summary(
    every: Annotated[str, typer.Option(help="day, week (ISO) or month.")] = "day",
    start: From = None,
    end: To = None,
    bot: Annotated[str | None, typer.Option(help="Only this bot.")] = None,
    game: Annotated[str | None, typer.Option(help="Only this game.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Rounds, bets, result, watched hours and missed share of each day, week or month."""
    from bot.analytics.summaries import summarise
    from bot.analytics.tables import print_notice, summary_table
    from bot.database.statistics_figures import NOTICE

    first, last = _day("--from", start), _day("--to", end)
    with _opened(db) as database:
        found = summarise(
            every, start_date=first, end_date=last, bot_id=bot, game_name=game, strategy_name=strategy,
            database=database,
        )  # fmt: skip
    answer = {"every": every, "summaries": found, "notice": NOTICE}

    def show(console: Console) -> None:
        console.print(summary_table(every, found))
        print_notice(console, answer)

    _answer(answer, json, show)


def compare_command(
    names: Annotated[list[str] | None, typer.Argument(help="Bots (or strategies); none: all.")] = None,
    by: Annotated[str, typer.Option(help="bot or strategy.")] = "bot",
    start: From = None,
    end: To = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Bots or strategies side by side, with how far chance alone may have moved their result."""
    from bot.analytics.comparison import compare
    from bot.analytics.tables import comparison_table, print_notice

    first, last = _day("--from", start), _day("--to", end)
    with _opened(db) as database:
        answer = compare(names or (), by=by, start_date=first, end_date=last, database=database)

    def show(console: Console) -> None:
        console.print(comparison_table(answer))
        console.print(answer["caution"], highlight=False)
        print_notice(console, answer)

    _answer(answer, json, show)


def status_command(db: Db = None, json: Json = False) -> None:
    """All bots and machines that write to this database: alive, result, errors, limits."""
    from bot.analytics.status import status
    from bot.analytics.tables import print_notice, status_table

    with _opened(db) as database:
        answer = status(database=database)

    def show(console: Console) -> None:
        console.print(status_table(answer) if answer["bots"] else "No bot is registered in this database.")
        print_notice(console, answer)

    _answer(answer, json, show)


def alerts_command(
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking until Ctrl+C.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=1.0)] = 30.0,
    command: Annotated[
        str | None, typer.Option(help="A program (with its words) that gets each alert as JSON on its input.")
    ] = None,
    losing_streak: Annotated[int | None, typer.Option(help="Bets lost in a row at one table.")] = None,
    error_percent: Annotated[float | None, typer.Option(help="Failed rounds in a hundred.")] = None,
    error_rounds: Annotated[int | None, typer.Option(help="Among so many of the last rounds.")] = None,
    silence: Annotated[float | None, typer.Option(help="Seconds that a watching bot is not seen.")] = None,
    z: Annotated[float | None, typer.Option(help="Standard deviations from the game's law.")] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Losing streaks, errors, silence and anomalies: each printed, recorded and given to a command once."""
    from bot.analytics.alert_rules import AlertRules
    from bot.analytics.alerts import check_alerts, command_words
    from bot.domain.clock import SystemClock

    given = {
        "losing_streak": losing_streak, "error_percent": error_percent, "error_rounds": error_rounds,
        "silence_s": silence, "z": z,
    }  # fmt: skip
    rules = AlertRules(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    command_words(command)
    clock = SystemClock()
    with _opened(db) as database:
        while True:
            raised = check_alerts(rules, command=command, database=database, clock=clock)
            _print_alerts([alert.to_json() for alert in raised], watch, json)
            if not watch:
                return
            clock.sleep(every)


def _print_alerts(alerts: list[dict[str, Any]], watch: bool, json: bool) -> None:
    """While watching, one JSON document a line for each alert."""
    if json and watch:
        for alert in alerts:
            print(json_module.dumps(alert, ensure_ascii=False), flush=True)
    elif json:
        _print_json({"alerts": alerts})
    else:
        for alert in alerts:
            print(f"{alert['at'][:19]} {alert['severity']}: {alert['message']}", flush=True)
        if not alerts and not watch:
            print("Nothing new.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(stats, name="stats")
    app.command("summary")(summary)
    app.command("compare")(compare_command)
    app.command("status")(status_command)
    app.command("alerts")(alerts_command)
