"""``crashbot limits``, ``cool-off`` and ``self-exclude``: what live play may not exceed, and closing it."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.amounts import parse_hundredths
from bot.domain.errors import BadInput, MissingPart, NotArmed

if TYPE_CHECKING:
    from bot.limits import GuardBook

Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]
Account = Annotated[str, typer.Argument(help="The account, as your tables name it (crashbot tables).")]
Money = Annotated[str | None, typer.Option(help="An amount, as in 20.00.", show_default=False)]
Count = Annotated[int | None, typer.Option(min=0, help="A whole number.", show_default=False)]
FOREVER = "forever"
HELP = (
    "Limits of live play: show, set, confirm. They lie beside no database: kept several times in your user "
    "folders. What is not set is zero. Lowering holds at once; raising waits 24 hours and a confirmation."
)
app = typer.Typer(help=HELP, invoke_without_command=True, no_args_is_help=False)


def add_to(app_of_all: typer.Typer) -> None:
    """Add the commands of this module."""
    app_of_all.add_typer(app, name="limits")
    app_of_all.command("cool-off")(cool_off)
    app_of_all.command("self-exclude")(self_exclude)


@contextmanager
def _book() -> Iterator[GuardBook]:
    from bot.limits import GuardBook

    book = GuardBook.open()
    try:
        yield book
    finally:
        book.close()


# -- limits ----------------------------------------------------------------------------------------------


@app.callback()
def show(context: typer.Context, json: Json = False) -> None:
    """What holds, what waits and how long yet, for every account."""
    if context.invoked_subcommand is not None:
        return
    from bot.limits.listing import listing, listing_words

    with _book() as book:
        gained = _hear(book)
        shown = listing(book)
        if json:
            typer.echo(json_module.dumps(shown, indent=2, ensure_ascii=False))
        else:
            typer.echo("\n".join([*gained, *listing_words(book)]))


@app.command("set")
def set_command(
    account: Account,
    stake: Money = None,
    loss: Money = None,
    turnover: Money = None,
    rounds: Count = None,
    minutes: Count = None,
    session_loss: Money = None,
    session_turnover: Money = None,
    session_rounds: Count = None,
    session_minutes: Count = None,
    day_loss: Money = None,
    day_turnover: Money = None,
    day_rounds: Count = None,
    day_minutes: Count = None,
    week_loss: Money = None,
    week_turnover: Money = None,
    week_rounds: Count = None,
    week_minutes: Count = None,
    month_loss: Money = None,
    month_turnover: Money = None,
    month_rounds: Count = None,
    month_minutes: Count = None,
) -> None:
    """Set limits of an account: lower ones hold at once, higher ones wait.

    --loss, --turnover, --rounds and --minutes hold for session, day, week and month alike, where those are
    not given by themselves.
    """
    given = {name: value for name, value in locals().items() if name != "account"}
    wanted = _wanted(given)
    if not wanted:
        raise BadInput("name at least one limit, as in --day-loss 20.00; --help lists them")
    with _book() as book:
        book.ask(_account(account), wanted)
        _tell(book, account)


@app.command()
def confirm(
    account: Annotated[str | None, typer.Argument(help="The account; without one: the time server.")] = None,
) -> None:
    """Put raises in force that have waited 24 hours of observed time."""
    with _book() as book:
        if account is None:
            new = book.confirm_time_server()
            _say(book, "The time server is believed from now on." if new else "No time server is ready.")
            return
        names = book.confirm(_account(account))
        said = f"In force now: {', '.join(names)}." if names else "Nothing has waited long enough yet."
        typer.echo(said)
        _tell(book, account)


@app.command("time-server")
def time_server(
    server: Annotated[str, typer.Argument(help="An SNTP server by name, or none.")],
) -> None:
    """Name a server that confirms time, also of hours when this machine is off. It waits like a raise."""
    from bot.limits.outside_time import check_server

    with _book() as book:
        book.name_time_server(None if server == "none" else check_server(server.strip()))
        _say(book)


def _wanted(given: dict[str, Any]) -> dict[str, int]:
    """The bounds by name, in minor units or counts; an option for all periods fills those not given."""
    from bot.limits.guard_state import BOUND_NAMES, is_money

    wanted = {}
    for name in BOUND_NAMES:
        _, _, quantity = name.partition("_")
        value = given.get(name) if given.get(name) is not None else given.get(quantity)
        if value is not None:
            wanted[name] = _amount(name, str(value)) if is_money(name) else int(value)
    return wanted


def _amount(name: str, text: str) -> int:
    try:
        value = parse_hundredths(text)
    except ValueError as error:
        raise BadInput(f"--{name.replace('_', '-')}: {error}") from error
    if value < 0:
        raise BadInput(f"--{name.replace('_', '-')} is at least 0.00, not {text}")
    return value


def _account(text: str) -> str:
    if not text.strip() or len(text) > 200:
        raise BadInput("name the account as your tables do: crashbot tables")
    return text.strip()


# -- closing ---------------------------------------------------------------------------------------------


def cool_off(
    length: Annotated[str, typer.Argument(help="How long, as in 24h, 7d or 2w.")],
) -> None:
    """Close live play for a time, at once. Nothing opens it early; a longer one may be added."""
    from bot.limits import ExclusionKind
    from bot.limits.guard_rules import duration_of

    with _book() as book:
        book.exclude(ExclusionKind.COOL_OFF, duration_of(length))
        _say(book)


def self_exclude(
    length: Annotated[str, typer.Argument(help="How long, as in 30d or 12w, or forever.")],
) -> None:
    """Close live play for days or for good. Nothing opens it early: not you, not a new installation."""
    from bot.limits import ExclusionKind, TtyTerminal
    from bot.limits.guard_rules import duration_of, duration_words
    from bot.limits.guard_state import DAY_NS

    lasts_ns = None if length == FOREVER else duration_of(length)
    if lasts_ns is not None and lasts_ns < DAY_NS:
        raise BadInput(f"self-exclusion lasts a day at least: for {length} use crashbot cool-off {length}")
    words = "for good" if lasts_ns is None else f"for {duration_words(lasts_ns)}"
    sentence = f"I close live play {words}"
    terminal = TtyTerminal()
    if not terminal.is_a_terminal():
        raise NotArmed("self-exclusion is typed by a person: run the command in a terminal, without pipes")
    terminal.say(
        f"Live play stays closed {words}. Nobody can take this back. To do it, type:\n\n  {sentence}\n"
    )
    if terminal.ask(">").rstrip(".").casefold() != sentence.casefold():
        raise BadInput("that is not the sentence: nothing was changed")
    with _book() as book:
        book.exclude(ExclusionKind.SELF_EXCLUSION, lasts_ns)
        _say(book)


# -- words -----------------------------------------------------------------------------------------------


def _hear(book: GuardBook) -> list[str]:
    """Ask the time server, where one is believed."""
    from bot.limits import SntpClient
    from bot.limits.guard_rules import duration_words

    try:
        gained = book.hear(SntpClient())
    except MissingPart as error:
        return [str(error)]
    return [f"{duration_words(gained)} confirmed by the time server."] if gained else []


def _tell(book: GuardBook, account: str) -> None:
    from bot.limits.listing import account_words

    typer.echo("\n".join(account_words(book, _account(account))))


def _say(book: GuardBook, first: str | None = None) -> None:
    from bot.limits.listing import general_words

    typer.echo("\n".join([*([first] if first else []), *general_words(book)]))
