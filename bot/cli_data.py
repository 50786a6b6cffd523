"""``crashbot export`` and ``crashbot import``: rounds to files, and files of others to rounds."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.domain.errors import BadInput

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.database.exports import ExportResult
    from bot.database.imports import ImportResult

Db = Annotated[
    str | None,
    typer.Option("--db", help="Database URL or SQLite file; without it the one of the settings."),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]

#: Rejected rows that are listed for a person.
_LISTED = 10


def add_to(app: typer.Typer) -> None:
    """Add ``crashbot export`` and ``crashbot import``."""
    app.command("export")(export_command)
    app.command("import")(import_command)


def export_command(
    to: Annotated[str, typer.Option("--to", help="csv, parquet, xlsx or json.")] = "csv",
    columns: Annotated[
        str | None,
        typer.Option(help="Columns of crash_game_rounds, as in round_id,game_name; all without it."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The file to write; rounds.<format> without it.")
    ] = None,
    bot: Annotated[str | None, typer.Option(help="Only rounds of this bot.")] = None,
    session: Annotated[str | None, typer.Option(help="Only rounds of this session.")] = None,
    game: Annotated[str | None, typer.Option(help="Only rounds of this game.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only rounds of this platform.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First day (2026-01-31), or a time with its zone.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to-date", help="Last day, or the first moment that is not meant.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many of the newest rounds.")] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Write rounds to a file, oldest first, with the time really watched and the share of rounds missed.

    For CSV the latter stand in a second file, NAME.watched.json.
    """
    from bot.database.exports import FORMATS, export_rounds

    if to not in FORMATS:
        raise BadInput(f"--to {to!r}: the formats are {', '.join(FORMATS)}")
    names = None if columns is None else [name.strip() for name in columns.split(",") if name.strip()]
    target = output or Path(f"rounds.{to}")
    with _opened(db, new=False) as database, _bar("Exporting") as tell:
        result = export_rounds(
            target,
            to,
            names,
            bot_id=bot,
            session_id=session,
            game_name=game,
            platform_code=platform,
            start=_moment("--from", start),
            end=_moment("--to-date", end),
            limit=limit,
            progress=tell,
            database=database,
        )
    if json:
        _print_json(_export_document(result))
    else:
        _print_export(result)


def import_command(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header line, or an SQLite file.")],
    timezone: Annotated[
        str | None, typer.Option(help="Zone of times without one, as in Europe/Berlin; UTC without it.")
    ] = None,
    game: Annotated[
        str | None, typer.Option(help="Which game; without it the one that the file's name has in it.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="Which bookmaker, as a short code.")] = None,
    table: Annotated[str | None, typer.Option(help="Which table of an SQLite file.")] = None,
    multiplier_column: Annotated[str, typer.Option(help="Column of the crash points.")] = "multiplier",
    time_column: Annotated[str | None, typer.Option(help="Column of the times (timestamp).")] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column of the house's identifiers (round_id).")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="Decimal mark, . or , where a value leaves it open.")
    ] = None,
    time_format: Annotated[
        str | None, typer.Option(help="Form of the times, as in '%d/%m/%Y %H:%M:%S'.")
    ] = None,
    times_are_ends: Annotated[
        bool, typer.Option("--times-are-ends", help="The times are those of the crashes, not of the starts.")
    ] = False,
    db: Db = None,
    json: Json = False,
) -> None:
    """Take in rounds that others recorded. Run it again as often as you like: each is stored once."""
    from bot.database.imports import import_rounds

    with _opened(db, new=True) as database, _bar("Importing") as tell:
        result = import_rounds(
            file,
            game=game,
            platform=platform,
            timezone=timezone,
            multiplier_column=multiplier_column,
            time_column=time_column,
            identifier_column=id_column,
            table=table,
            decimal=decimal,
            time_format=time_format,
            times_are_ends=times_are_ends,
            progress=tell,
            database=database,
        )
    if json:
        _print_json(result.as_json())
    else:
        _print_import(result)


# -- the database ---------------------------------------------------------------------------------------


@contextmanager
def _opened(url: str | None, *, new: bool) -> Iterator[Database]:
    """The database of ``--db`` or of the settings; made when it is not there and may be ``new``."""
    from bot.database.engine import bring_up_to_date, connect
    from bot.settings import load_settings

    database = connect(load_settings({"database.url": url}).database.resolved() if url is None else url)
    try:
        file = database.engine.url.database or ""
        if database.engine.dialect.name == "sqlite" and not new and not Path(file).is_file():
            raise BadInput(f"there is no database {database.name}: make it with crashbot db init")
        bring_up_to_date(database)
        yield database
    finally:
        database.close()


def _moment(option: str, text: str | None) -> date | datetime | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text!r} is not a day: write it as in 2026-01-31") from None


# -- what is shown --------------------------------------------------------------------------------------


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json_module.dumps(document, indent=2, ensure_ascii=False))


def _export_document(result: ExportResult) -> dict[str, Any]:
    return {
        "file": str(result.path),
        "format": result.format,
        "rounds": result.rounds,
        "columns": list(result.columns),
        "watched": result.watched,
        "watched_file": None if result.companion is None else str(result.companion),
    }


def _print_export(result: ExportResult) -> None:
    watched = result.watched
    typer.echo(f"{result.rounds:,} rounds written to {result.path}")
    if result.companion is not None:
        typer.echo(f"When the tables were watched: {result.companion}")
    share = watched["missed_share"]
    missed = "nothing is known" if share is None else f"{share:.2%} of the rounds were missed"
    hours = float(watched["seconds"]) / 3600
    typer.echo(f"Watched {hours:,.1f} h in {watched['interval_count']:,} intervals; {missed}.")
    typer.echo(str(watched["note"]))


def _print_import(result: ImportResult) -> None:
    typer.echo(
        f"{result.rows:,} rows of {result.file}: {result.stored:,} stored, {result.duplicates:,} there "
        f"already, {len(result.rejected):,} rejected, {result.gaps:,} gaps between them."
    )
    for each in result.rejected[:_LISTED]:
        typer.echo(f"  line {each.line}: {each.reason} ({each.value!r})")
    if len(result.rejected) > _LISTED:
        typer.echo(f"  and {len(result.rejected) - _LISTED:,} more: --json lists all")
    for note in result.notes:
        typer.echo(f"Note: {note}")


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """On a terminal alone, and never on standard output."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None, said="")
        yield lambda done, of: progress.update(task, completed=done, total=of, said=f"{done:,}/{of:,}")
