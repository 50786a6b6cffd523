"""``crashbot verify`` and ``crashbot audit``."""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.domain.amounts import format_hundredths, parse_hundredths
from bot.domain.errors import BadInput

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.fairness.audit import AuditResult
    from bot.fairness.chain import Chain
    from bot.fairness.ledger_proof import LedgerProof
    from bot.fairness.proof import Proof
    from bot.fairness.recordings import Recording

Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]
Claimed = Annotated[
    str | None, typer.Option(help="The crash point that was shown, as in 2.45: is it the one that follows?")
]
SeedHash = Annotated[str | None, typer.Option(help="SHA-256 of the server seed, shown before the round.")]
HONEST = "A fair draw is no good bet: every strategy loses on average."
_SHOWN = 5

app = typer.Typer(
    help="Recompute provably-fair rounds. Exit code 0: all holds, 1: something does not, 2: bad input.",
    no_args_is_help=True,
)


def add_to(app_of_all: typer.Typer) -> None:
    """Add the commands of this module."""
    app_of_all.add_typer(app, name="verify")
    app_of_all.command()(audit)


# -- verify ----------------------------------------------------------------------------------------------


@app.command()
def aviator(
    server_seed: Annotated[str, typer.Option(help="As shown after the round, plain text.")],
    client_seed: Annotated[list[str], typer.Option(help="Of the first three bettors, in order.")],
    multiplier: Claimed = None,
    seed_hash: SeedHash = None,
    json: Json = False,
) -> None:
    """An Aviator round. The last step, from the digest to the multiplier, is reconstructed."""
    from bot.fairness.proof import verify_aviator

    _tell(verify_aviator(server_seed, client_seed, _hundredths(multiplier), seed_hash), json)


@app.command()
def bustabit(
    hash: Annotated[str, typer.Option(help="The game's hash, 64 hexadecimal digits.")],
    game: Annotated[int | None, typer.Option(help="The game's number, for --chain.")] = None,
    chain: Annotated[bool, typer.Option("--chain", help="Every game from here back to the end.")] = False,
    until: Annotated[str | None, typer.Option(help="The end; the published one if none is given.")] = None,
    multiplier: Claimed = None,
    json: Json = False,
) -> None:
    """A bustabit game by its hash, or with --chain every game before it: about 300,000 a second."""
    from bot.fairness.chain import verify_chain
    from bot.fairness.proof import BUSTABIT_END, verify_bustabit

    proof = verify_bustabit(hash, _hundredths(multiplier))
    if not chain:
        if game is not None or until is not None:
            raise BadInput("--game and --until are checked along the chain: add --chain")
        _tell(proof, json)
        return
    with _bar("Rebuilding games", game) as tell:
        found = verify_chain(hash, until or BUSTABIT_END, game, progress=tell)
    _tell_chain(found, proof, json)


@app.command()
def practice(
    server_seed: Annotated[str | None, typer.Option(help="As revealed, 64 hexadecimal digits.")] = None,
    client_seed: Annotated[list[str] | None, typer.Option(help="In order, one option each.")] = None,
    label: Annotated[str | None, typer.Option(help="Table and round there: aviator/12.")] = None,
    rtp: Annotated[int | None, typer.Option(help="R in ten-thousandths, as in 9700.")] = None,
    multiplier: Claimed = None,
    seed_hash: SeedHash = None,
    ledger: Annotated[Path | None, typer.Option(help="Check every round of this ledger instead.")] = None,
    json: Json = False,
) -> None:
    """A round of the practice casino, or every round of its ledger."""
    from bot.fairness.ledger_proof import verify_ledger
    from bot.fairness.proof import verify_practice

    if ledger is not None:
        if server_seed or client_seed or label or multiplier or seed_hash:
            raise BadInput("--ledger checks what the ledger holds: leave out seeds, label and multiplier")
        _tell_ledger(verify_ledger(ledger, rtp), json)
        return
    if not server_seed or not client_seed or not label:
        raise BadInput("give --server-seed, --client-seed and --label, or a --ledger")
    claimed = _hundredths(multiplier)
    _tell(verify_practice(server_seed, client_seed, label, rtp or 9_700, claimed, seed_hash), json)


# -- audit -----------------------------------------------------------------------------------------------


def audit(
    file: Annotated[
        Path | None, typer.Argument(help="CSV: round_id,timestamp,multiplier; none: the database.")
    ] = None,
    db: Annotated[str | None, typer.Option(help="Rounds of this database (URL).")] = None,
    game: Annotated[str | None, typer.Option(help="The game, whose return is judged by.")] = None,
    bot: Annotated[str | None, typer.Option(help="Only this bot's rounds (--db).")] = None,
    session: Annotated[str | None, typer.Option(help="Only this session's rounds (--db).")] = None,
    rtp: Annotated[float | None, typer.Option(help="The return, if it is known and no game's: 0.97.")] = None,
    report: Annotated[Path | None, typer.Option(help="A page with pictures: .html or .png.")] = None,
    json: Json = False,
) -> None:
    """Is a recording complete, does the law hold, and what is the house edge? Values, order and times.

    Without a return (from --rtp, --game, or the beginning of the file's name) only what holds for every
    return is tested; more rounds are needed then. Exit code 0: sound or undecided, 1: neither, 2: bad input.
    """
    from bot.fairness.audit import audit as audited
    from bot.fairness.known import known_of
    from bot.fairness.page import write_report

    if report is not None:
        _check_report(report)
    if file is not None and db is not None:
        raise BadInput("name a file, or a database with --db, and not both")
    if file is not None and (bot is not None or session is not None):
        raise BadInput("--bot and --session choose rounds of a database: name it with --db")
    recording = _recording(file, db, game, bot, session)
    named = _game_of(recording) if file is None else game
    result = audited(recording, known_of(named, rtp, None if file is None else str(file)))
    if report is not None:
        write_report(report, recording, result)
    if json:
        _print_json(result.to_json())
    else:
        _tell_audit(result, report)
    raise typer.Exit(1 if result.unsound else 0)


def _check_report(report: Path) -> None:
    """Refuse at once a report that could not be written in the end."""
    if report.suffix.lower() not in (".html", ".htm", ".png"):
        raise BadInput(f"--report {report}: name a file that ends in .html or .png")
    if report.is_dir() or not report.resolve().parent.is_dir():
        raise BadInput(f"--report {report}: name a file in a folder that exists")


def _recording(
    file: Path | None, db: str | None, game: str | None, bot: str | None, session: str | None
) -> Recording:
    from bot.fairness.recordings import from_database, read_csv

    if file is not None:
        return read_csv(file)
    with _opened(db) as database:
        return from_database(database, game, bot, session)


@contextmanager
def _opened(url: str | None) -> Iterator[Database]:
    """The database of ``--db`` or of the settings, up to date."""
    from bot.database.engine import bring_up_to_date, connect
    from bot.settings import load_settings

    database = connect(load_settings({"database.url": url}).database.resolved() if url is None else url)
    try:
        file = database.engine.url.database or ""
        if database.engine.dialect.name == "sqlite" and not Path(file).is_file():
            raise BadInput(f"there is no database {database.name}; to audit a file, name it")
        bring_up_to_date(database)
        yield database
    finally:
        database.close()


def _game_of(recording: Recording) -> str | None:
    """The game of a recording from the database, if its law is known."""
    from bot.games import GAMES

    name = recording.game or ""
    return name if name in GAMES else None


# -- words -----------------------------------------------------------------------------------------------


def _hundredths(text: str | None) -> int | None:
    """A multiplier that a person typed. Raises ``BadInput``."""
    if text is None:
        return None
    try:
        value = parse_hundredths(re.sub(r"[xX]$", "", text.strip()))
    except ValueError as error:
        raise BadInput(f"--multiplier: {error}") from error
    if value < 100:
        raise BadInput(f"--multiplier is at least 1.00, not {text}")
    return value


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json_module.dumps(document, indent=2, ensure_ascii=False))


def _tell(proof: Proof, json: bool) -> None:
    """The result of one round; ends the command with its exit code."""
    if json:
        _print_json({**proof.to_json(), "warning": HONEST})
    else:
        typer.echo(f"crash point: {format_hundredths(proof.crash)}x")
        for check in proof.checks:
            typer.echo(f"{'ok ' if check.holds else 'BAD'} {check.what}: {check.found}")
        if proof.note:
            typer.echo(f"note: {proof.note}")
        nothing = "Recomputed; nothing was claimed that could be checked."
        word = "Verified." if proof.verified else "NOT verified."
        typer.echo(f"{word if proof.checks else nothing} {HONEST}")
    raise typer.Exit(0 if proof.verified else 1)


def _tell_chain(found: Chain, proof: Proof, json: bool) -> None:
    holds = found.verified and proof.verified
    document = found.to_json()
    if json:
        _print_json({**document, "verified": holds, "checks": proof.to_json()["checks"], "warning": HONEST})
        raise typer.Exit(0 if holds else 1)
    typer.echo(
        f"{found.games:,} games rebuilt, the first {document['multiplier']}x, the highest "
        f"{document['highest']}x"
    )
    reached = "the end of the chain was reached" if found.reached else "the end of the chain was NOT reached"
    if found.wanted is not None and found.reached and found.games != found.wanted:
        reached += f", but after {found.games:,} games instead of {found.wanted:,}"
    typer.echo(f"{'ok ' if found.verified else 'BAD'} {reached}: {found.end}")
    for check in proof.checks:
        typer.echo(f"{'ok ' if check.holds else 'BAD'} {check.what}: {check.found}")
    edge = document["house_edge"]
    typer.echo(f"house edge {edge['estimate']:.3%}, between {edge['low']:.3%} and {edge['high']:.3%} (95 %)")
    typer.echo(f"{'Verified.' if holds else 'NOT verified.'} {HONEST}")
    raise typer.Exit(0 if holds else 1)


def _tell_ledger(found: LedgerProof, json: bool) -> None:
    if json:
        _print_json({**found.to_json(), "warning": HONEST})
        raise typer.Exit(0 if found.verified else 1)
    for each in found.failed[:_SHOWN]:
        typer.echo(f"BAD round {each.round_id} ({each.label}): {each.why}")
    typer.echo(
        f"{found.rounds - len(found.failed):,} of {found.rounds:,} rounds hold; {found.open:,} are not over"
    )
    if found.searched:
        typer.echo(
            f"note: in {found.searched:,} of them a practice fault made the house search for its outcome"
        )
    typer.echo(f"{'Verified.' if found.verified else 'NOT verified.'} {HONEST}")
    raise typer.Exit(0 if found.verified else 1)


def _tell_audit(result: AuditResult, report: Path | None) -> None:
    from bot.fairness.audit import WARNING
    from bot.fairness.findings import rounds_of

    console = Console(highlight=False)
    console.print(f"[bold]{result.verdict.value}[/bold]  ({rounds_of(result.n)})")
    for reason in result.reasons:
        console.print(f"- {reason}", markup=False)
    parts = (result.values, result.order, result.times)
    each_part = ", ".join(f"{part.part.value} {part.verdict.value}" for part in parts)
    console.print(f"one at a time: {each_part}", markup=False)
    rtp = result.rtp
    console.print(
        f"return {rtp.estimate:.4f}, between {rtp.low:.4f} and {rtp.high:.4f} (95 %, at any time): "
        f"house edge {1 - rtp.estimate:.2%}",
        markup=False,
    )
    known = result.known
    judged = "no return is known" if known.rtp is None else f"R = {known.rtp:.3f} by {known.source}"
    console.print(f"judged by: {judged}", markup=False)
    for each in result.refused[:_SHOWN]:
        console.print(f"line {each.line}: {each.why}: {each.text}", markup=False)
    if len(result.refused) > _SHOWN:
        console.print(
            f"and {len(result.refused) - _SHOWN:,} more lines that are no round (all counted in --json)"
        )
    if report is not None:
        console.print(f"page: {report}", markup=False)
    console.print(WARNING)


@contextmanager
def _bar(words: str, total: int | None) -> Iterator[Any]:
    """A progress bar on standard error, only where a person sees it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    done = TextColumn("{task.completed:,.0f}")
    columns = (TextColumn("{task.description}"), BarColumn(), done, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(words, total=total)
        yield lambda games: progress.update(task, completed=games)
