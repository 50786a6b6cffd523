"""The main loop of a session: start everything, hear the tables, end everything in order (row D5)."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

from rich.console import Console
from rich.live import Live

from bot.control.hotkey import DEFAULT_KEYS, StopHotkey
from bot.domain.clock import NS_PER_S, Clock, Instant
from bot.domain.ids import IdMaker
from bot.domain.words import Mode
from bot.journal.files import journal_folder
from bot.runtime.alert_watch import AlertWatch
from bot.runtime.bet_journal import BetJournal
from bot.runtime.books import Books
from bot.runtime.floor import Floor, FloorTable
from bot.runtime.listening import Listener
from bot.runtime.messages import Quit, TableSpec, ToTable
from bot.runtime.odds_before import OddsBefore
from bot.runtime.own_report import recorded_tables
from bot.runtime.plan import SessionPlan
from bot.runtime.play import Play, PlayTools
from bot.runtime.recovery import Recovery
from bot.runtime.report import SessionReport
from bot.runtime.showing import Screen
from bot.runtime.sight_watch import SightWatch
from bot.runtime.tables import TableHandle

PUMP_S = 0.05
#: The longest flight a shutdown waits for (a 1,234.56x round takes 83 s), and what settling takes.
LONGEST_FLIGHT_S = 90.0
SETTLING_S = 20.0
ALL_PLAYED = "all rounds played"


class Session:
    """One session from start to report. ``run`` is all a caller needs.

    ``floor`` is where the tables come from, ``play`` what becomes of their orders.
    """

    def __init__(
        self,
        plan: SessionPlan,
        clock: Clock,
        console: Console,
        floor: Floor,
        play: Play,
        session_id: str = "",
    ) -> None:
        self._plan, self._clock, self._console = plan, clock, console
        self._floor, self._play = floor, play
        self._make_id = IdMaker(clock)
        self.session_id = session_id or self._make_id()
        self._handles: dict[str, TableHandle] = {}
        self._notes: list[str] = []
        self._interrupts = 0
        self._ended_by = ALL_PLAYED
        self._orderly = True
        self._stopping: str | None = None
        self._started = clock.now()

    # -- from start to end ----------------------------------------------------------------------------

    def run(self) -> SessionReport:
        """Play until every table has its rounds, a stop, or Ctrl+C; then shut down in order and report."""
        plan = self._plan
        plan.check()
        with ExitStack() as held:
            for lock in self._play.locks():
                held.enter_context(lock)
            self._switch = self._play.stops()
            self._books = Books(plan, self._clock, self.session_id)
            held.callback(self._books.close)
            previous = signal.signal(signal.SIGINT, self._on_interrupt)
            held.callback(signal.signal, signal.SIGINT, previous)
            # Listens on the person's display: DISPLAY becomes the private one later.
            hotkey = StopHotkey(lambda: self._switch.touch("the stop key"), plan.stop_key or DEFAULT_KEYS)
            held.callback(self._floor.close)
            self._floor.start()
            held.callback(hotkey.stop)
            if plan.stop_key is not None and plan.mode is not Mode.WATCH and hotkey.start():
                self._notes.append(f"{hotkey.keys} stops the bot from anywhere on this desktop")
            return self._play_on(self._floor.open())

    def _play_on(self, tables: tuple[FloorTable, ...]) -> SessionReport:
        self._books.open(tables, self._started.utc_ns // 1_000)
        self._writer = self._books.writer
        plan, notes = self._plan, self._notes
        self._alerts = AlertWatch(
            self._books.database, self._writer, self._clock, plan.alerts, plan.alert_command, notes.append
        )
        self._journal = BetJournal(plan.data_folder, plan.journal, self._writer, self._clock)
        try:
            self._open_desk(tables)
            self._play.start()
            self._start_tables(tables)
            self._loop()
            self._shut_down()
            self._odds.close()
            self._journal.close()
            self._writer.flush()
            self._alerts.close()
            self._desk.close_accounts()  # a last word per account
            self._books.end(self._ended_by)
        finally:
            self._end_processes()
            self._alerts.close()
            self._play.close()
            self._journal.close()
            self._writer.close()
        self._floor.close()
        return self._report(tables)

    def _open_desk(self, tables: tuple[FloorTable, ...]) -> None:
        plan = self._plan
        tools = PlayTools(
            plan=plan,
            session_id=self.session_id,
            clock=self._clock,
            make_id=self._make_id,
            book=self._writer,
            tell=self._tell,
            note=self._notes.append,
            switch=self._switch,
            floor=self._floor,
            tables=tables,
            keep=self._journal.keep,
        )
        self._desk = self._play.open(tools)
        for table in tables:
            self._desk.add_table(table.name, table.account, table.currency)
        self._odds = OddsBefore(plan, tables, self._writer, self._make_id, self._clock, self.session_id)
        self._listener = Listener(
            self._desk, self._odds, self._writer, self._make_id, self.session_id, self._clock
        )
        self._recovery = Recovery(self._books.database, plan.mode, [table.name for table in tables])
        gate = self._play.gate()
        if gate is not None:
            self._recovery.hand_over(gate, self._desk)
            if left := self._recovery.left:
                self._notes.append(
                    f"{len(left)} bets were left open by an earlier session: settling them first"
                )
        self._screen = Screen(self._console, self._clock, plan, tables, self._desk, self._play)
        self._sight = SightWatch(self._clock, self._screen.say)

    def _start_tables(self, tables: tuple[FloorTable, ...]) -> None:
        plan = self._plan
        for table in tables:
            spec = TableSpec(
                table=table.name,
                game=table.game,
                account=table.account,
                currency=table.currency,
                session_id=self.session_id,
                nonce=table.place.nonce,
                index=table.place.index,
                display=self._floor.display,
                fonts_folder=str(plan.data_folder / "fonts"),
                speed=plan.speed,
                strategy=plan.strategy,
                options=plan.options,
                rounds=plan.rounds,
                bot_id=plan.bot.bot_id,
                platform=table.platform,
                strategy_name=plan.strategy_name,
                mode=plan.mode,
                own_folder=table.place.own_folder,
                history_shown=table.history_shown,
                journal_folder=str(journal_folder(plan.data_folder)),
                pictures=plan.journal.pictures,
                record_folder=None if plan.record_folder is None else str(plan.record_folder),
            )
            handle = TableHandle(spec, self._clock)
            self._handles[table.name] = handle
            before = None if self._play.gate() is None else self._recovery.known_before(table.name)
            handle.start(before, tuple(self._desk.open_bets(table.name)))

    # -- the loop -------------------------------------------------------------------------------------

    def _loop(self) -> None:
        with Live(console=self._console, auto_refresh=False, screen=False, transient=True) as live:
            self._screen.attach(live)
            while not self._over() and self._stopping is None:
                self._turn()
        self._screen.detach()

    def _turn(self) -> None:
        """One turn: hear, tick, watch, show."""
        self._hear(PUMP_S)
        self._desk.tick()
        self._listener.stage_news(self._floor.news())
        for table, odds in self._odds.told():
            self._screen.odds(table, odds)
        for line in self._play.news():
            self._screen.say(line)
        self._watch_stops()
        self._beat()
        self._sight.look(self._handles.values())
        self._show()

    def _over(self) -> bool:
        return all(handle.done or handle.given_up for handle in self._handles.values())

    def _hear(self, timeout_s: float) -> None:
        pipes: dict[Any, TableHandle] = {h.up: h for h in self._handles.values() if h.up is not None}
        for pipe in wait(list(pipes), timeout_s):
            handle = pipes[pipe]
            while handle.up is pipe and handle.up.poll():
                message = handle.hear()
                if message is None:
                    self._table_died(handle)
                    break
                self._listener.hear(handle, message)

    def _table_died(self, handle: TableHandle) -> None:
        if handle.done:
            handle.join(2)
            return
        if handle.restart(tuple(self._desk.open_bets(handle.name))):
            self._listener.trouble(handle.name, "TableDied", "the table's process died", "restarted")
            self._desk.retell(handle.name)
        else:
            self._orderly = False
            self._listener.trouble(handle.name, "TableDied", "the table died too often", "given up")
            self._notes.append(f"{handle.name} died too often and was given up; see error_logs")

    def _watch_stops(self) -> None:
        reason = self._switch.check()
        if reason is not None:
            self._stop(f"stop: {reason}")
        if self._interrupts:
            self._stop("Ctrl+C")
        minutes = self._plan.minutes
        if minutes is not None and self._seconds_since(self._started) >= minutes * 60:
            self._stop(f"the {minutes:g} minutes asked for are over")
        gone = self._floor.gone()
        if gone is not None:
            self._stop(gone, orderly=False)
        if self._writer.failed is not None:
            self._stop(f"the database does not take records: {self._writer.failed}", orderly=False)
        if self._play.stopped():
            self._stop(self._play.stopped(), orderly=self._play.orderly())

    def _stop(self, reason: str, orderly: bool = True) -> None:
        """No bet from now on. The gate acts first, words come second."""
        if self._stopping is None:
            self._play.stop(reason)
            self._stopping = self._ended_by = reason
            self._orderly = self._orderly and orderly

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._interrupts += 1

    def _tell(self, table: str, message: ToTable) -> None:
        handle = self._handles.get(table)
        if handle is not None:
            self._listener.told(handle, message)
            handle.tell(message)

    # -- shutdown, in the order of row D5 ---------------------------------------------------------------

    def _shut_down(self) -> None:
        """Hands (finish the bet in hand, free the mouse), then tables (finish the round)."""
        self._play.let_go()
        for handle in self._handles.values():
            if not handle.done:
                handle.tell(Quit(finish_round=self._interrupts < 2))
        bound = LONGEST_FLIGHT_S / self._plan.speed + SETTLING_S
        since = self._clock.now()
        asked = self._interrupts
        while not self._over() and self._seconds_since(since) < bound:
            self._hear(PUMP_S)
            self._desk.tick()
            self._beat()
            if self._interrupts > max(asked, 1):  # once more: do not wait for the flight
                asked = self._interrupts
                for handle in self._handles.values():
                    handle.tell(Quit(finish_round=False))
                bound = min(bound, self._seconds_since(since) + 2.0)

    def _end_processes(self) -> None:
        self._play.let_go()
        for handle in self._handles.values():
            handle.join(3.0)

    def _report(self, tables: tuple[FloorTable, ...]) -> SessionReport:
        names = [table.name for table in tables]
        result, compared = self._floor.compare(self._books.record, self.session_id)
        return SessionReport(
            session_id=self.session_id,
            mode=self._plan.mode,
            seconds=self._seconds_since(self._started),
            strategy=self._plan.strategy_name,
            rtp={table.name: float(table.rtp) for table in tables},
            seed=self._plan.seed,
            money=self._desk.money,
            currencies={table.name: table.currency for table in tables},
            reads={name: dict(h.status.figures) for name, h in self._handles.items() if h.status},
            writer=self._writer.stats(),
            reconciliation=result,
            recorded=() if result else tuple(recorded_tables(self._books.database, self.session_id, names)),
            refused={name: dict(h.status.refused) for name, h in self._handles.items() if h.status},
            compared=compared,
            ended_by=self._ended_by,
            orderly=self._orderly,
            notes=(
                *self._notes,
                *self._left_open(),
                *self._desk.mismatches(),
                *self._rejected(),
                *self._journal.notes(),
                *self._alerts.words,
            ),
        )

    def _left_open(self) -> list[str]:
        """What a person has to decide now."""
        left = self._desk.open_bets()
        return [f"{len(left)} bets could not be settled: see `crashbot settle`"] if left else []

    def _rejected(self) -> list[str]:
        """Records that the database refused for good: kept out, never silently."""
        here = [f"refused {r.table} record: {error}" for r, error in self._writer.rejected[:5]]
        return here + self._books.record.refused()

    # -- now and then -----------------------------------------------------------------------------------

    def _beat(self) -> None:
        if self._books.beat():
            self._play.beat()

    def _show(self) -> None:
        notes = [*self._notes[-3:], *self._desk.mismatches(), *self._alerts.words[-2:]]
        self._screen.show(self._handles.values(), self._writer.stats(), notes, self._stopping)

    def _seconds_since(self, start: Instant) -> float:
        return (self._clock.now().mono_ns - start.mono_ns) / NS_PER_S
