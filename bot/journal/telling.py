"""The story of a round for a terminal, and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.domain.amounts import format_hundredths
from bot.journal.files import read_picture
from bot.journal.story import Kind, Line, Picture, Story

_COLOURS = {
    Kind.SESSION: "dim",
    Kind.SEEN: "cyan",
    Kind.DECIDED: "bold",
    Kind.DENIED: "yellow",
    Kind.BET: "blue",
    Kind.SETTLED: "bold green",
    Kind.BALANCE: "magenta",
    Kind.TROUBLE: "red",
}
_US_PER_S = 1_000_000


def title_of(story: Story) -> str:
    """The round in a few words: its table, number and start."""
    number = "" if story.number is None else f" round {story.number}"
    return f"{story.table}{number}, {shown_time(story.began_utc_us)} UTC"


def shown_time(utc_us: int) -> str:
    """Date and time (UTC) to the second."""
    return f"{datetime.fromtimestamp(utc_us // _US_PER_S, UTC):%Y-%m-%d %H:%M:%S}"


def since(story: Story, utc_us: int) -> str:
    """Seconds from the round's first moment, as ``+1.234``."""
    return f"{(utc_us - story.began_utc_us) / _US_PER_S:+.3f}"


def moment_words(picture: Picture) -> str:
    """The moment's name for people."""
    return picture.moment.value.replace("_", " ")


def print_story(console: Console, story: Story, folder: Path) -> None:
    """The whole story: verdict, what happened, and where the pictures lie."""
    console.print(f"[bold]{escape(title_of(story))}[/bold]", highlight=False)
    about = [f"round {story.round_id}", f"session {story.session_id}"]
    about += [part for part in (story.game, story.mode, story.strategy) if part]
    console.print(escape(", ".join(about)), style="dim", highlight=False)
    console.print()
    for sentence in story.verdict:
        console.print(escape(sentence), style="bold", highlight=False)
    console.print()
    console.print(_lines_table(story))
    _print_pictures(console, story, folder)


def _lines_table(story: Story) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in story.lines:
        colour = _COLOURS[line.kind]
        details = "".join(f"\n[dim]{escape(each)}[/dim]" for each in line.details)
        words = f"[{colour}]{line.kind.value}[/{colour}]"
        table.add_row(since(story, line.at_utc_us), words, escape(line.text) + details)
    return table


def _print_pictures(console: Console, story: Story, folder: Path) -> None:
    if not story.pictures:
        console.print("\nNo pictures are recorded of this round.", style="dim")
        return
    console.print()
    for parent in dict.fromkeys(Path(p.path).parent for p in story.pictures if p.path):
        console.print(f"Pictures in {folder / parent}:", soft_wrap=True, highlight=False)
    for picture in story.pictures:
        state = picture_state(picture, folder)
        words = Path(picture.path).name if picture.path and not state else f"none: {state or 'not wanted'}"
        head = f"{since(story, picture.at_utc_us):>9} {moment_words(picture):<13}"
        console.print(f"{head}{escape(words)}", soft_wrap=True, highlight=False)


def picture_state(picture: Picture, folder: Path) -> str:
    """Why a picture cannot be shown; empty when it can, or when none was wanted."""
    if picture.path is None:
        return picture.lost
    return read_picture(folder, picture.path, picture.sha256)[1]


def story_json(story: Story, folder: Path) -> dict[str, Any]:
    """The story for programs: money and multipliers as decimal texts, times as ISO 8601, UTC."""
    return {
        "round": story.round_id,
        "table": story.table,
        "game": story.game,
        "number": story.number,
        "session": story.session_id,
        "mode": story.mode,
        "strategy": story.strategy,
        "began": iso(story.began_utc_us),
        "crash_point": None if story.crash is None else format_hundredths(story.crash),
        "verdict": list(story.verdict),
        "lines": [_line_json(story, line) for line in story.lines],
        "pictures": [_picture_json(picture, folder) for picture in story.pictures],
    }


def _line_json(story: Story, line: Line) -> dict[str, Any]:
    return {
        "at": iso(line.at_utc_us),
        "ms": (line.at_utc_us - story.began_utc_us) / 1_000,
        "kind": line.kind.value,
        "text": line.text,
        "details": list(line.details),
    }


def _picture_json(picture: Picture, folder: Path) -> dict[str, Any]:
    state = picture_state(picture, folder)
    return {
        "moment": picture.moment.value,
        "at": iso(picture.at_utc_us),
        "bet": picture.bet_id,
        "said": picture.said,
        "seen": picture.seen,
        "boxes": {name: list(box) for name, box in picture.boxes.items()},
        "file": str(folder / picture.path) if picture.path and not state else None,
        "sha256": picture.sha256,
        "missing": state or None,
    }


def iso(utc_us: int) -> str:
    """The moment as ISO 8601, UTC, exact to the microsecond."""
    at = datetime.fromtimestamp(utc_us // _US_PER_S, UTC).replace(microsecond=utc_us % _US_PER_S)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
