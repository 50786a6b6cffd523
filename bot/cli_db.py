"""``crashbot db``: making, checking and tending the database."""

from __future__ import annotations

import json as json_module
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.domain.errors import BadInput, StorageError

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.database.maintenance import DatabaseStats

Db = Annotated[
    str | None,
    typer.Option("--db", help="Database URL or SQLite file; without it the one of the settings."),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]

app = typer.Typer(
    help="Make, upgrade, check, measure and clean the database (SQLite or PostgreSQL).", no_args_is_help=True
)


def add_to(app_of_all: typer.Typer) -> None:
    """Add the commands of this module."""
    app_of_all.add_typer(app, name="db")


# -- the commands ---------------------------------------------------------------------------------------


@app.command()
def init(db: Db = None, json: Json = False) -> None:
    """Make the tables in a new database; one that has them is brought up to date."""
    with _opened(db, new=True) as database:
        _tell_version(database, json)


@app.command()
def upgrade(db: Db = None, json: Json = False) -> None:
    """Bring the tables of an older version up to date. Nothing that is stored is lost."""
    with _opened(db) as database:
        _tell_version(database, json)


@app.command()
def check(db: Db = None, json: Json = False) -> None:
    """Look whether all is as it should be: file, tables, indexes, totals. Exit code 1 when it is not."""
    from bot.database.maintenance import check_database

    with _opened(db, as_it_is=True) as database, _steps("Checking") as tell:
        findings = check_database(database=database, progress=tell)
        name = database.name
    good = all(finding.ok for finding in findings)
    if json:
        listed = [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in findings]
        _print_json({"database": name, "ok": good, "findings": listed})
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.name}: {finding.detail}")
        typer.echo("The database is as it should be." if good else "Something is wrong with the database.")
    raise typer.Exit(0 if good else 1)


@app.command()
def stats(db: Db = None, json: Json = False) -> None:
    """How large the database is: rows and bytes of each table, and over which time its rounds reach."""
    from bot.database.maintenance import database_stats

    with _opened(db) as database:
        found = database_stats(database=database)
    if json:
        _print_json(_stats_document(found))
    else:
        _print_stats(found)


@app.command()
def purge(
    older_than: Annotated[
        str | None, typer.Option("--older-than", help="An age in days, weeks or years, as in 90d, 12w, 1y.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="A date (UTC), as in 2026-01-31: it stays.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Db = None,
    json: Json = False,
) -> None:
    """Delete old rounds, whole days (UTC), with all that belongs to them; the totals follow.

    Rounds with an open bet stay. Interrupted, it has deleted the oldest days.
    """
    from bot.database.purge import purge_older_than

    limit = _purge_limit(older_than, before)
    with _opened(db) as database:
        found = purge_older_than(limit, database=database, dry_run=True)
        if not dry_run:
            if found.total and not yes:
                _ask(f"Delete {found.total:,} rows from before {found.before} in {database.name}?", json)
            with _bar("Purging rounds") as tell:
                found = purge_older_than(limit, database=database, progress=tell)
    if json:
        _print_json({"before": str(found.before), "dry_run": dry_run, "rows": dict(found.rows)})
        return
    for table, rows in found.rows.items():
        typer.echo(f"{rows:>14,} {table}")
    word = "would be deleted" if dry_run else "deleted"
    typer.echo(f"{found.total:>14,} rows from before {found.before} {word}.")
    if found.total and not dry_run:
        typer.echo("`crashbot db vacuum` gives their space back to the disk.")


@app.command()
def refresh(db: Db = None, json: Json = False) -> None:
    """Compare the totals with all rounds, mend what differs, and refresh mv_daily_bot_stats."""
    from bot.database.maintenance import refresh_aggregates

    with _opened(db) as database, _steps("Comparing") as tell:
        found = refresh_aggregates(database=database, progress=tell)
    if json:
        _print_json({"mended": dict(found.differences)})
    elif found.total:
        for table, groups in found.differences.items():
            typer.echo(f"{table}: {groups} groups were wrong and are mended")
    else:
        typer.echo("All totals are as the rounds make them.")


@app.command("vacuum")
def vacuum_command(db: Db = None, json: Json = False) -> None:
    """Give freed space back and renew the planner's statistics. SQLite: nobody else may write meanwhile."""
    from bot.database.maintenance import vacuum

    with _opened(db) as database, _steps("Vacuuming") as tell:
        tell(0, 0, "")
        before, after = vacuum(database=database)
    if json:
        _print_json({"bytes_before": before, "bytes_after": after})
    else:
        typer.echo(f"{_size(before)} before, {_size(after)} now.")


@app.command()
def deliver(
    within: Annotated[float, typer.Option(help="Give up after so many seconds; nothing is lost.")] = 60.0,
    db: Db = None,
    json: Json = False,
) -> None:
    """Deliver what a bot kept on this disk while its server was away. Exit code 1 while some waits."""
    from bot.database.deriving import derive
    from bot.database.spool import deliver_left_over, is_elsewhere, left_over
    from bot.domain.clock import SystemClock
    from bot.folders import user_data_dir
    from bot.settings import load_settings

    url = db or load_settings().database.resolved()
    folder, clock = user_data_dir(), SystemClock()
    done = not is_elsewhere(url) or deliver_left_over(url, folder, clock, derive, within)
    waiting = [] if done else left_over(folder, clock)
    if json:
        listed = [{"database": e.url, "waiting": e.waiting, "refused": e.rejected} for e in waiting]
        _print_json({"delivered": done, "left": listed})
    else:
        typer.echo("Nothing waits." if done else "Not everything could be delivered; it stays on this disk:")
        for each in waiting:
            typer.echo(f"{each.waiting:>14,} records for {each.url} ({each.rejected:,} were refused)")
    raise typer.Exit(0 if done else 1)


@app.command()
def schema(
    write: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    db: Annotated[
        str | None, typer.Option("--db", help="A URL of the engine meant; without it PostgreSQL.")
    ] = None,
    json: Json = False,
) -> None:
    """The whole schema as SQL: tables, indexes, triggers, views and the stored procedure."""
    from bot.database.engine import connect
    from bot.database.schema import schema_sql

    dialect = "postgresql"
    if db is not None:
        database = connect(db)
        dialect = database.engine.dialect.name
        database.close()
    text = schema_sql(dialect)
    if write is not None:
        try:
            write.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StorageError(f"--write {write} cannot be written: {error.strerror}") from error
    if json:
        _print_json({"engine": dialect, "sql": text, "file": None if write is None else str(write)})
    elif write is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(f"Written: {write}")


# -- the database ---------------------------------------------------------------------------------------


@contextmanager
def _opened(url: str | None, *, new: bool = False, as_it_is: bool = False) -> Iterator[Database]:
    """The database of ``--db`` or of the settings, up to date unless it is wanted ``as_it_is``."""
    from bot.database.engine import bring_up_to_date, connect
    from bot.settings import load_settings

    database = connect(load_settings({"database.url": url}).database.resolved() if url is None else url)
    try:
        file = database.engine.url.database or ""
        if database.engine.dialect.name == "sqlite" and not new and not Path(file).is_file():
            raise BadInput(f"there is no database {database.name}: make it with crashbot db init")
        if not as_it_is:
            bring_up_to_date(database)
        yield database
    finally:
        database.close()


def _tell_version(database: Database, json: bool) -> None:
    from bot.database.schema import REVISION

    if json:
        _print_json({"database": database.name, "revision": REVISION})
    else:
        typer.echo(f"{database.name} is up to date (tables {REVISION}).")


def _purge_limit(older_than: str | None, before: str | None) -> date | timedelta:
    if (older_than is None) == (before is None):
        raise BadInput("say either --older-than, as in 90d, or --before, as in 2026-01-31")
    if before is not None:
        try:
            return date.fromisoformat(before)
        except ValueError:
            raise BadInput(f"--before {before!r} is not a date: write it as in 2026-01-31") from None
    match = re.fullmatch(r"(\d{1,5})([dwy])", older_than or "")
    if match is None:
        raise BadInput(f"--older-than {older_than!r} is not an age: write it as in 90d, 12w or 1y")
    return timedelta(days=int(match[1]) * {"d": 1, "w": 7, "y": 365}[match[2]])


def _ask(question: str, json: bool) -> None:
    if json or not sys.stdin.isatty():
        raise BadInput("nobody can be asked here: say --yes to delete, or --dry-run to look")
    typer.confirm(question, abort=True, err=True)


# -- what is shown --------------------------------------------------------------------------------------


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json_module.dumps(document, indent=2, ensure_ascii=False))


def _size(size: int | None) -> str:
    if size is None:
        return "?"
    if size < 1_000:
        return f"{size} B"
    power = min(4, (len(str(size)) - 1) // 3)
    return f"{size / 1_000**power:.1f} {'kMGT'[power - 1]}B"


def _stats_document(found: DatabaseStats) -> dict[str, Any]:
    return {
        "database": found.name,
        "engine": found.engine,
        "version": found.version,
        "revision": found.revision,
        "bytes": found.size_bytes,
        "rounds": found.rounds,
        "bots": found.bots,
        "first_round": None if found.first is None else found.first.isoformat(),
        "last_round": None if found.last is None else found.last.isoformat(),
        "tables": [{"name": each.name, "rows": each.rows, "bytes": each.size_bytes} for each in found.tables],
    }


def _print_stats(found: DatabaseStats) -> None:
    from rich.table import Table

    console = Console()
    console.print(found.name, style="bold", soft_wrap=True, highlight=False)
    console.print(f"{found.engine} {found.version}, tables {found.revision}, {_size(found.size_bytes)}")
    span = f", {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}" if found.first and found.last else ""
    console.print(f"{found.rounds:,} rounds of {found.bots:,} bots{span}")
    table = Table("table", box=None, pad_edge=False)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for each in found.tables:
        if each.rows:
            table.add_row(each.name, f"{each.rows:,}", _size(each.size_bytes))
    empty = [each.name for each in found.tables if not each.rows]
    if table.row_count:
        console.print(table)
    if empty:
        console.print(f"Empty: {', '.join(empty)}")


def _progress() -> Progress:
    """On a terminal alone, and never on standard output."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    with _progress() as progress:
        task = progress.add_task(what, total=None, said="")
        yield lambda done, of: progress.update(task, completed=done, total=of, said=f"{done:,}/{of:,}")


@contextmanager
def _steps(what: str) -> Iterator[Callable[[int, int, str], None]]:
    with _progress() as progress:
        task = progress.add_task(what, total=None, said="")
        yield lambda done, of, now: progress.update(task, completed=done, total=of or None, said=now)
