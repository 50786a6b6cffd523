"""``crashbot watch`` and ``crashbot paper``: from the user's tables and settings to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bot.domain.clock import SystemClock
from bot.domain.words import Mode
from bot.folders import made
from bot.runtime.floor_own import OwnFloor
from bot.runtime.plan import SessionPlan
from bot.runtime.play_quiet import OnPaper, Watched
from bot.runtime.practice_run import plan_of
from bot.runtime.report import SessionReport, print_report
from bot.runtime.session import Session
from bot.screen.own.definition import OwnTable, OwnTables
from bot.settings import load_settings


@dataclass(frozen=True, slots=True)
class OwnAsk:
    """What is asked of a session at tables of the user's. ``overrides`` are settings of the command line.

    ``rounds`` (at each table) or ``minutes`` end it. ``bankroll_minor``: the money to reckon with; ``None``:
    the balance seen. ``record``: a folder for recordings.
    """

    tables: Sequence[str]
    overrides: Mapping[str, object]
    rounds: int | None = None
    minutes: float | None = None
    bankroll_minor: int | None = None
    record: Path | None = None


def own_plan(ask: OwnAsk, tables: Sequence[OwnTable], mode: Mode) -> SessionPlan:
    """The plan of a session at these tables: the settings', but for all that is the practice casino's."""
    return replace(
        plan_of(load_settings(ask.overrides)),
        tables=tuple(table.name for table in tables),
        mode=mode,
        rounds=ask.rounds,
        minutes=ask.minutes,
        bankroll_minor=ask.bankroll_minor,
        rtp=min(table.rtp for table in tables),
        ledger=None,
        seed=0,
        speed=1.0,
        faults="none",
        show=True,
        one_account=False,
        platform="own",
        record_folder=None if ask.record is None else made(ask.record),
    )


def run_watch(ask: OwnAsk, console: Console) -> SessionReport:
    """Record rounds of the user's tables, touch nothing, print the report and return it."""
    return _run(ask, Mode.WATCH, console)


def run_paper(ask: OwnAsk, console: Console) -> SessionReport:
    """Play on paper at the user's tables, print the report and return it."""
    return _run(ask, Mode.PAPER, console)


def _run(ask: OwnAsk, mode: Mode, console: Console) -> SessionReport:
    kept, clock = OwnTables(), SystemClock()
    tables = kept.all(ask.tables)
    plan = own_plan(ask, tables, mode)
    play = Watched(plan) if mode is Mode.WATCH else OnPaper(plan)
    report = Session(plan, clock, console, OwnFloor(mode, tables, kept), play).run()
    print_report(console, report)
    return report
