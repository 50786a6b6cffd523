"""``crashbot calibrate``, ``check`` and ``tables``: a user's own tables. ``bot.cli`` wires the commands."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import BadInput

if TYPE_CHECKING:  # what knows tables takes numpy along: only the commands that need it pay
    from bot.screen.own.definition import OwnTable

tables_app = typer.Typer(
    help="Your own tables: list, export, import, copy, remove.", no_args_is_help=False, rich_markup_mode=None
)


def calibrate(
    name: Annotated[str | None, typer.Argument(help="What the table is to be called.")] = None,
    layout: Annotated[
        Path | None, typer.Option(help="A TOML file with its boxes: no page is opened.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="With --layout: rounds to watch; 0 only keeps it.")] = 2,
    minutes: Annotated[float, typer.Option(help="With --layout: watch this long at most.")] = 5.0,
    game: Annotated[str | None, typer.Option(help="aviator, aviatrix, jetx or other.")] = None,
    currency: Annotated[str | None, typer.Option(help="As in EUR.")] = None,
    account: Annotated[
        str | None, typer.Option(help="The wallet it draws on; limits are kept by it.")
    ] = None,
    bookmaker: Annotated[str | None, typer.Option(help="The site that shows it.")] = None,
    rtp: Annotated[str | None, typer.Option(help="Return to player, as in 0.97.")] = None,
    port: Annotated[int, typer.Option(help="Of the page; 0: a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in your browser.")] = True,
) -> None:
    """Bring a table of yours: draw its boxes on a local page, or name them in a layout file."""
    given = {"game": game, "currency": currency, "account": account, "bookmaker": bookmaker, "rtp": rtp}
    said = {key: value for key, value in given.items() if value is not None}
    if layout is None:
        from bot.calibration.run import run_page

        run_page(name, said, port, browser, typer.echo)
        return
    if name is None:
        raise BadInput("--layout needs the table's name, as in `crashbot calibrate desk --layout desk.toml`")
    from bot.runtime.calibrate_run import calibrate_from_layout

    raise typer.Exit(0 if calibrate_from_layout(name, layout, said, rounds, minutes, _line) else 1)


def check(
    table: Annotated[str, typer.Argument(help="A table of yours.")],
    picture: Annotated[
        Path | None, typer.Option(help="Write the table with its boxes drawn to this PNG.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="Look this long at most: a round must be seen flying.")
    ] = 30.0,
    pointer: Annotated[
        bool, typer.Option(help="Move the pointer over a stake field, without a click.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Is the table there, is it the same, does everything read, would a click land? Nothing is clicked."""
    from bot.runtime.check_run import run_check, write_picture

    if not 0 < seconds <= 600:
        raise BadInput(f"--seconds takes more than 0 and at most 600, not {seconds:g}")
    if picture is not None and not picture.resolve().parent.is_dir():
        raise BadInput(f"--picture {picture}: name a file in a folder that exists")
    result = run_check(table, seconds, pointer)
    if picture is not None and result.picture is not None:
        write_picture(picture, result.picture)
    if json:
        typer.echo(json_module.dumps(result.to_json(), indent=2, ensure_ascii=False))
    else:
        for line in result.lines:
            typer.echo(str(line))
        if picture is not None:
            drawn = f"picture: {picture}" if result.picture is not None else "no picture: it is out of sight"
            typer.echo(f"      {drawn}")
        typer.echo(f"{table}: {'ready' if result.ok else 'not ready, see above'}")
    raise typer.Exit(0 if result.ok else 1)


def _line(text: str) -> None:
    """A line at once, also into a pipe."""
    typer.echo(text)
    sys.stdout.flush()


@tables_app.callback(invoke_without_command=True)
def tables(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Your own tables: without a further word, the list of them."""
    if context.invoked_subcommand is not None:
        return
    from bot.screen.own.definition import OwnTables

    known = OwnTables()
    found, damaged = [], []
    for name in known.names():
        try:
            found.append(known.load(name))
        except BadInput as error:
            damaged.append(str(error))
    for line in damaged:
        typer.echo(f"crashbot: {line}", err=True)
    if json:
        typer.echo(json_module.dumps({"tables": [_as_json(table) for table in found]}, indent=2))
    elif not found:
        typer.echo("No table of yours yet: make one with `crashbot calibrate NAME`.")
    else:
        for table in found:
            typer.echo(_as_line(table))


@tables_app.command("export")
def export_command(
    name: Annotated[str, typer.Argument(help="The table.")],
    file: Annotated[Path, typer.Argument(help="The file to make, as in mine.zip.")],
) -> None:
    """Pack a table with all that was learned into one file, for another machine or person."""
    from bot.runtime.own_files import TableFiles

    inside = TableFiles().export(name, file)
    typer.echo(
        f"{file}: the table {name}, {len(inside)} files. It holds small pieces of the page's picture "
        "and the names you gave (bookmaker, account); no money, no limits, no records."
    )


@tables_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file that `crashbot tables export` made.")],
    name: Annotated[str | None, typer.Option("--as", help="Call the table so.")] = None,
) -> None:
    """Take in a packed table, after checking it."""
    from bot.runtime.own_files import TableFiles

    table = TableFiles().unpack(file, name)
    typer.echo(f"Table {table.name} taken in. Is it on your screen? `crashbot check {table.name}` says it.")


@tables_app.command("copy")
def copy_command(
    name: Annotated[str, typer.Argument(help="The table.")],
    new: Annotated[str, typer.Argument(help="The name of the copy.")],
    to: Annotated[
        str | None, typer.Option(help="X,Y of the top left corner of its boxes, in screen pixels.")
    ] = None,
) -> None:
    """The same table under another name, at another place of the screen."""
    from bot.runtime.own_files import TableFiles

    table = TableFiles().copy(name, new, None if to is None else _place(to))
    place = table.bounds()
    typer.echo(f"Table {new}: like {name}, at {place.x},{place.y}. Check it with `crashbot check {new}`.")


@tables_app.command("remove")
def remove_command(
    name: Annotated[str, typer.Argument(help="The table.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a table and what was learned of it. Records and limits stay."""
    from bot.runtime.own_files import TableFiles

    TableFiles().need(name)
    if not yes:
        if not sys.stdin.isatty():
            raise BadInput(f"nobody is there to ask: `crashbot tables remove {name} --yes` does it unasked")
        if not typer.confirm(f"Delete the table {name} and all that was learned of it?"):
            typer.echo("Nothing was deleted.")
            raise typer.Exit(1)
    TableFiles().remove(name)
    typer.echo(f"Table {name} deleted. What was recorded at it stays in the database.")


def _place(text: str) -> tuple[int, int]:
    parts = text.split(",")
    try:
        x, y = (int(part) for part in parts)
    except ValueError as error:
        raise BadInput(f"--to takes a place on the screen, X,Y in whole pixels, not {text!r}") from error
    return x, y


def _as_json(table: OwnTable) -> dict[str, object]:
    place = table.bounds()
    return {
        "name": table.name,
        "game": table.game,
        "bookmaker": table.bookmaker,
        "account": table.account_name,
        "currency": table.currency,
        "rtp": str(table.rtp),
        "screen": list(table.screen),
        "place": [place.x, place.y, place.width, place.height],
        "fields": {name: [box.x, box.y, box.width, box.height] for name, box in table.fields.items()},
        "panels": len(table.panels),
        "auto_cash_out_on": table.auto_cash_out_on,
    }


def _as_line(table: OwnTable) -> str:
    place = table.bounds()
    can = f"{len(table.panels)} bet panel(s)" if table.panels else "to watch and to play on paper"
    return (
        f"{table.name}: {table.game} at {table.bookmaker or 'a bookmaker without a name'}, account "
        f"{table.account_name} in {table.currency}, return {table.rtp}, {len(table.fields)} fields at "
        f"{place.x},{place.y} of a screen of {table.screen[0]}x{table.screen[1]}, {can}"
    )


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(calibrate)
    app.command()(check)
    app.add_typer(tables_app, name="tables")
