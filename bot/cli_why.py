"""``crashbot why`` and ``crashbot journal``: one round explained, and the pictures looked after."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.errors import BadInput, StorageError

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.journal.rules import JournalRules

Db = Annotated[str | None, typer.Option("--db", help="Database URL, as in sqlite:///rounds.db.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document on standard output.")]

journal = typer.Typer(
    help="The pictures that the bot keeps of what it saw: how many there are, and deleting old ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(why)
    app.add_typer(journal, name="journal")


def why(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ROUND",
            help="last, TABLE:last, TABLE:NUMBER, or how the identifier of a round or bet begins.",
        ),
    ] = "last",
    picture: Annotated[
        Path | None, typer.Option(help="Write a contact sheet of its pictures to this .png file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write one page with everything in it to this .html file.")
    ] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Why did it bet, skip or stop? One round: what was seen, decided and done, with pictures."""
    from bot.journal.files import journal_folder
    from bot.journal.gathering import find_round, gather
    from bot.journal.story import tell

    _check_target("--picture", picture, (".png",))
    _check_target("--html", html, (".html", ".htm"))
    with _opened(db) as database:
        story = tell(gather(database, find_round(database, which)))
    folder = journal_folder()
    if picture is not None:
        from bot.journal.sheet import sheet_png

        _write("--picture", picture, sheet_png(story, folder))
    if html is not None:
        from bot.journal.page import page_html

        _write("--html", html, page_html(story, folder).encode())
    if json:
        from bot.journal.telling import story_json

        print(json_module.dumps(story_json(story, folder), indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    from bot.journal.telling import print_story

    print_story(Console(), story, folder)
    for written in (picture, html):
        if written is not None:
            print(f"Written: {written}")


@journal.command()
def stats(json: Json = False) -> None:
    """How many pictures there are, how much room they take, and how long they stay."""
    from bot.journal.files import journal_folder, stored_pictures
    from bot.journal.telling import iso, shown_time

    folder, rules = journal_folder(), _rules(None, None)
    found = list(stored_pictures(folder))
    size = sum(each.size_bytes for each in found)
    if json:
        _print_json(
            {
                "folder": str(folder),
                "files": len(found),
                "bytes": size,
                "oldest": None if not found else iso(min(each.at_utc_us for each in found)),
                "pictures": rules.pictures.value,
                "keep_days": rules.keep_days,
                "keep_mb": rules.keep_mb,
            }
        )
        return
    print(f"{folder}\n{len(found):,} pictures, {_mb(size)}")
    if found:
        print(f"the oldest of {shown_time(min(each.at_utc_us for each in found))} UTC")
    print(f"kept: {_bounds(rules)}; pictures of {_of(rules)}")


@journal.command()
def purge(
    keep_days: Annotated[
        str | None, typer.Option(help="Delete what is older; without it the setting holds.")
    ] = None,
    keep_mb: Annotated[
        str | None, typer.Option(help="Delete the oldest above so many megabytes; else the setting holds.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    json: Json = False,
) -> None:
    """Delete old pictures. What was read and decided stays in the record (crashbot db purge)."""
    from bot.domain.clock import SystemClock
    from bot.journal.files import journal_folder
    from bot.journal.retention import tidy

    rules = _rules(keep_days, keep_mb)
    done = tidy(journal_folder(), rules, SystemClock(), dry_run)
    if json:
        _print_json(
            {
                "deleted": done.deleted,
                "deleted_bytes": done.deleted_bytes,
                "left": done.left,
                "left_bytes": done.left_bytes,
                "dry_run": dry_run,
            }
        )
        return
    word = "would be deleted" if dry_run else "deleted"
    print(f"{done.deleted:,} pictures ({_mb(done.deleted_bytes)}) {word}; kept: {_bounds(rules)}.")
    print(f"{done.left:,} pictures ({_mb(done.left_bytes)}) {'would stay' if dry_run else 'are left'}.")


# -- the database and the settings ------------------------------------------------------------------------


@contextmanager
def _opened(url: str | None) -> Iterator[Database]:
    """The database that is meant, brought up to date; a mistyped name makes no new one."""
    from bot.database.engine import bring_up_to_date, connect
    from bot.settings import load_settings

    database = connect(load_settings({"database.url": url}).database.resolved())
    try:
        file = database.engine.url.database or ""
        if database.engine.dialect.name == "sqlite" and not Path(file).is_file():
            raise StorageError(f"there is no database {file}: name another one with --db")
        bring_up_to_date(database)
        yield database
    finally:
        database.close()


def _rules(keep_days: str | None, keep_mb: str | None) -> JournalRules:
    """The settings, with what the command line says in their place."""
    from bot.settings import load_settings

    given = {"journal.keep_days": _number(keep_days), "journal.keep_mb": _number(keep_mb)}
    return load_settings(given).journal.rules()


def _number(text: str | None) -> object:
    return int(text) if text is not None and text.isdecimal() else text


def _check_target(option: str, path: Path | None, endings: tuple[str, ...]) -> None:
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise BadInput(f"{option} {path}: name a file that ends in {' or '.join(endings)}")
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise BadInput(f"{option} {path}: name a file in a folder that exists")


def _write(option: str, path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"{option} {path} cannot be written: {error.strerror}") from error


# -- words ------------------------------------------------------------------------------------------------


def _print_json(document: dict[str, Any]) -> None:
    print(json_module.dumps(document, indent=2, ensure_ascii=False))


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _bounds(rules: JournalRules) -> str:
    days = "for ever" if rules.keep_days is None else f"{rules.keep_days:,} days"
    room = "without a bound" if rules.keep_mb is None else f"at most {rules.keep_mb:,} MB"
    return f"{days}, {room}"


def _of(rules: JournalRules) -> str:
    return {"all": "all rounds", "bets": "rounds with bets", "none": "no rounds"}[rules.pictures.value]
