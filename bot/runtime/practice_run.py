"""``crashbot practice``: from settings to a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.clock import SystemClock
from bot.domain.errors import BadInput
from bot.folders import made, user_data_dir, user_state_dir
from bot.runtime.floor_practice import PracticeFloor
from bot.runtime.plan import BotIdentity, SessionPlan
from bot.runtime.play import Clicked
from bot.runtime.report import SessionReport, print_report
from bot.runtime.session import Session
from bot.settings import Settings, load_settings


def plan_of(settings: Settings) -> SessionPlan:
    """The plan that the settings of a run come to. Makes the user's folders."""
    practice, data = settings.practice, made(user_data_dir())
    url = settings.database.resolved()
    return SessionPlan(
        tables=practice.tables,
        strategy=settings.strategy.name,
        options=settings.strategy.options(),
        limits=settings.limits.limits(),
        database_url=url,
        ledger=ledger_beside(url, data),
        data_folder=data,
        state_folder=made(user_state_dir()),
        seed=practice.seed or 0,
        speed=float(practice.speed),
        rtp=practice.rtp,
        faults=practice.faults,
        rounds=practice.rounds,
        show=practice.show,
        one_account=practice.one_account,
        person_pause_s=float(settings.hands.person_pause_s),
        stop_key=settings.hands.stop_key,
        bot=identity_of(settings),
        alerts=settings.alerts.rules(),
        alert_command=settings.alerts.command,
        chosen_on=settings.strategy.chosen_on,
        journal=settings.journal.rules(),
    )


def identity_of(settings: Settings) -> BotIdentity:
    """Which bot the settings say this is."""
    bot = settings.bot
    return BotIdentity(bot.resolved_id(), bot.name, bot.machine(), bot.provider, bot.region)


def ledger_beside(url: str, data: Path) -> Path:
    """The casino's ledger belongs to a record: it lies beside its file, else in the data folder."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadInput(f"--db {url!r} is not a database URL; use one like sqlite:///rounds.db") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        path = Path(str(parsed.database))
        return path.with_name(path.name + ".casino")
    return data / "casino.db"


def run_practice(
    overrides: Mapping[str, object], console: Console, record: Path | None = None
) -> SessionReport:
    """Run a practice session, print its report and return it. ``record``: a folder for recordings."""
    plan, clock = plan_of(load_settings(overrides)), SystemClock()
    if record is not None:
        plan = replace(plan, record_folder=made(record))
    report = Session(plan, clock, console, PracticeFloor(plan, clock), Clicked(plan)).run()
    print_report(console, report)
    return report
