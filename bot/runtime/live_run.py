"""``crashbot live``: check each table, tell the odds, let a person arm at a terminal, then play.

Nothing here reads a file or a variable that could arm: the question at the terminal is the only way, and what
it gives lives in this process alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.console import Console

from bot.control.hand import PyAutoGuiHand
from bot.control.lock import HandsLock
from bot.control.sight import TableSight
from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet
from bot.domain.clock import NS_PER_S, Clock, SystemClock
from bot.domain.errors import BadInput, MissingPart, NotArmed
from bot.domain.ids import IdMaker
from bot.domain.words import Mode
from bot.limits import Armed, GuardBook, RealityCheck, StopSwitch, TableCheck, TtyTerminal, arm, refuse_early
from bot.limits.strictest import strictest
from bot.runtime.asking import Questions, TypedLines
from bot.runtime.checking import check_table
from bot.runtime.floor import Place
from bot.runtime.floor_own import OwnFloor, floor_table
from bot.runtime.odds_before import odds_of
from bot.runtime.own_eye import known_layout, open_eye
from bot.runtime.own_run import OwnAsk, own_plan
from bot.runtime.own_screen import open_screen
from bot.runtime.plan import SessionPlan
from bot.runtime.play_live import Live
from bot.runtime.report import SessionReport, print_report
from bot.runtime.session import Session
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.sight import OwnSight

#: How long the balance is looked for before the odds, seconds; and between two looks.
BALANCE_WITHIN_S, LOOK_EVERY_S = 20.0, 0.1
#: Equal looks that make a balance.
BALANCE_LOOKS = 2
PANEL = 0


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What live play is built from. ``book`` opens the guarded limits.

    ``confirm_each``: the person confirms every round. ``reality_minutes``: how often the facts are told.
    """

    terminal: TtyTerminal
    book: Callable[[], GuardBook] = GuardBook.open
    confirm_each: bool = False
    reality_minutes: int = 15


def run_live(ask: OwnAsk, parts: LiveParts, console: Console) -> SessionReport:
    """Arm, play, report. Raises ``NotArmed`` with what is missing; then nothing was touched."""
    if not parts.terminal.is_a_terminal():
        raise NotArmed("live play is armed by a person at a terminal: run the command in one, without pipes")
    kept, clock = OwnTables(), SystemClock()
    tables = kept.all(ask.tables)
    for table in tables:
        _check_playable(table)
    plan = own_plan(ask, tables, Mode.LIVE)
    plan.check()
    with HandsLock(plan.state_folder) as lock:  # from before the question: nobody else takes the hands
        switch = StopSwitch(plan.state_folder)
        switch.clear()  # a person starts this now: an old stop has done its work
        book = parts.book()
        try:
            refuse_early(book, (table.account_name for table in tables))  # before a table is touched
            return _armed_session(_Live(plan, tables, kept, clock, console, parts, book, lock, switch))
        finally:
            book.close()


def _check_playable(table: OwnTable) -> None:
    """Raise ``BadInput`` for a table on which a bet could not be placed, or not be settled."""
    if PANEL not in table.panels:
        raise BadInput(
            f"{table.name} has no bet panel: calibrate its stake, target and button (p{PANEL}_stake, ...)"
        )
    if "balance" not in table.fields:
        raise BadInput(f"{table.name} has no box for the balance: without it no bet could be settled")
    if f"p{PANEL}_switch" not in table.fields and not table.auto_cash_out_on:
        raise BadInput(
            f"{table.name}: nothing says that its automatic cash-out is on: calibrate p{PANEL}_switch, or "
            "say that it is on"
        )


@dataclass(frozen=True, slots=True)
class _Live:
    plan: SessionPlan
    tables: list[OwnTable]
    kept: OwnTables
    clock: Clock
    console: Console
    parts: LiveParts
    book: GuardBook
    lock: HandsLock
    switch: StopSwitch


def _armed_session(live: _Live) -> SessionReport:
    plan, parts, clock = live.plan, live.parts, live.clock
    session_id = IdMaker(clock)()
    questions = Questions(TypedLines(), clock, live.console.print) if parts.confirm_each else None
    checks = [_checked(live, table) for table in live.tables]
    passed = all(check.passed for check in checks)  # else it is refused, with all that is missing
    odds = {table.name: _odds(live, table) for table in live.tables} if passed else {}
    armed = arm(
        live.book,
        session_id,
        checks,
        odds,
        parts.terminal,
        clock,
        below=plan.limits,
        confirm_round=None if questions is None else _agreed(questions),
    )
    try:
        return _play(live, armed, session_id, questions)
    finally:
        armed.end("the session has ended")


def _play(live: _Live, armed: Armed, session_id: str, questions: Questions | None) -> SessionReport:
    live.console.print(armed.words(), highlight=False)
    accounts = {account: armed.limits(account) for account in armed.accounts}
    plan = replace(live.plan, limits=accounts[armed.accounts[0]], account_limits=accounts)
    floor = OwnFloor(Mode.LIVE, live.tables, live.kept, _sights(live.tables, live.kept, live.clock))
    reality = RealityCheck(live.clock, armed.currency, live.parts.reality_minutes)
    play = Live(plan, armed, live.lock, live.switch, reality, questions)
    report = Session(plan, live.clock, live.console, floor, play, session_id).run()
    print_report(live.console, report)
    return report


def _agreed(questions: Questions) -> Callable[[Bet], bool]:
    return lambda bet: questions.agreed(bet.bet_id)


def _checked(live: _Live, table: OwnTable) -> TableCheck:
    """Look the table over now, and tell what was found."""
    live.console.print(f"checking {table.name} ...", highlight=False)
    display, capture = open_screen()
    try:
        hand = PyAutoGuiHand(display)
        result = check_table(table, live.kept, capture, live.clock, hand, display)
    finally:
        capture.close()
    for line in result.lines:
        live.console.print(f"  {line}", highlight=False, markup=False)
    return TableCheck(table.name, table.account_name, table.currency, result.ok, live.book.now_ns())


def _odds(live: _Live, table: OwnTable) -> str:
    """The odds of the strategy at this table, from its balance, under the limits in force."""
    _, capture = open_screen()
    try:
        balance = first_balance(table, live.kept, capture, live.clock)
    finally:
        capture.close()
    limits = strictest(live.book.limits(table.account_name), live.plan.limits)
    floor = floor_table(table, Mode.LIVE, Place())
    told = odds_of(replace(live.plan, limits=limits), floor, balance)
    return f"balance {format_hundredths(balance)} {table.currency}\n{told.words()}"


def first_balance(table: OwnTable, kept: OwnTables, capture: ScreenCapture, clock: Clock) -> int:
    """The balance on the page, minor units. Raises ``MissingPart`` when it is not read within a while."""
    eye = open_eye(table, kept, capture, clock, learn=False)
    end = clock.now().mono_ns + round(BALANCE_WITHIN_S * NS_PER_S)
    seen, equal, reason = None, 0, "the table is not in sight"
    try:
        while clock.now().mono_ns < end:
            value = eye.look().balance
            equal = equal + 1 if value.value is not None and value.value == seen else 1
            seen, reason = value.value, value.reason or reason
            if seen is not None and equal >= BALANCE_LOOKS:
                return seen
            clock.sleep(LOOK_EVERY_S)
    finally:
        eye.close()
    raise MissingPart(f"the balance of {table.name} is not read ({reason}): crashbot check {table.name}")


def _sights(
    tables: Sequence[OwnTable], kept: OwnTables, clock: Clock
) -> Callable[[str | None], Callable[[str], TableSight]]:
    """What the controller sees of the user's tables, on a display that is known once the floor stands."""
    by_name: Mapping[str, OwnTable] = {table.name: table for table in tables}

    def on(display: str | None) -> Callable[[str], TableSight]:
        capture, engine = ScreenCapture(display), default_engine()

        def sight(name: str) -> TableSight:
            table = by_name[name]
            own = OwnSight(table, kept, capture, engine, clock, known_layout(table.game))
            return TableSight(own, own)

        return sight

    return on
