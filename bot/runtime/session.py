"""The main loop of a session: start everything, hear the tables, end everything in order (row D5)."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.live import Live

from bot.control.controller import Controller
from bot.control.hand import PyAutoGuiHand
from bot.control.hotkey import DEFAULT_KEYS, StopHotkey
from bot.control.lock import HandsLock
from bot.control.placement import PlacementSettings
from bot.control.queue import BetQueue
from bot.control.sight import PageLook, TableSight
from bot.database import find_bets, last_rounds, open_bets, session_ids
from bot.domain.bets import FINAL_STATES
from bot.domain.clock import NS_PER_S, Clock, Instant
from bot.domain.ids import IdMaker
from bot.limits import Gate, LimitStore, StopSwitch
from bot.runtime.alert_watch import AlertWatch
from bot.runtime.books import Books, PlayedTable
from bot.runtime.desk import Desk
from bot.runtime.listening import Listener
from bot.runtime.live_view import Machinery, TableView, render
from bot.runtime.messages import KnownHistory, Quit, TableSpec, ToTable
from bot.runtime.odds_before import OddsBefore
from bot.runtime.plan import SessionPlan
from bot.runtime.reconcile import reconcile
from bot.runtime.report import SessionReport
from bot.runtime.stage import Stage, StageOptions, StageReady
from bot.runtime.tables import TableHandle
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.panel import PanelView
from bot.table.events import SeenFrom

PUMP_S = 0.05
SHOW_EVERY_S = 0.25
STATISTICS_EVERY_S = 60.0
#: The longest flight a shutdown waits for (a 1,234.56x round takes 83 s), and what settling takes.
LONGEST_FLIGHT_S = 90.0
SETTLING_S = 20.0


class Session:
    """One session from start to report. ``run`` is all a caller needs."""

    def __init__(self, plan: SessionPlan, clock: Clock, console: Console) -> None:
        self._plan, self._clock, self._console = plan, clock, console
        self._make_id = IdMaker(clock)
        self.session_id = self._make_id()
        self._handles: dict[str, TableHandle] = {}
        self._notes: list[str] = []
        self._interrupts = 0
        self._ended_by = "all rounds played"
        self._stopping: str | None = None
        self._shown = 0
        self._statistics_at = 0
        self._started = clock.now()

    # -- from start to end ----------------------------------------------------------------------------

    def run(self) -> SessionReport:
        """Play until every table has its rounds, a stop, or Ctrl+C; then shut down in order and report."""
        plan = self._plan
        plan.check()
        with HandsLock(plan.state_folder):
            self._switch = StopSwitch(plan.state_folder)
            self._switch.clear()  # a person starts this session now: an old stop has done its work
            self._books = Books(plan, self._clock, self.session_id)
            self._database = self._books.database
            previous = signal.signal(signal.SIGINT, self._on_interrupt)
            # Listens on the person's display: DISPLAY becomes the private one later.
            hotkey = StopHotkey(lambda: self._switch.touch("the stop key"), plan.stop_key or DEFAULT_KEYS)
            stage = Stage(self._stage_options())
            try:
                if plan.stop_key is not None and hotkey.start():
                    self._notes.append(f"{hotkey.keys} stops the bot from anywhere on this desktop")
                return self._play(stage)
            finally:
                hotkey.stop()
                stage.close()
                signal.signal(signal.SIGINT, previous)
                self._books.close()

    def _play(self, stage: Stage) -> SessionReport:
        ready = stage.wait_ready()
        if ready.display is not None:
            os.environ["DISPLAY"] = ready.display
        played = [
            PlayedTable(table.name, table.game, table.account, table.currency) for table in ready.tables
        ]
        self._books.open(played, self._started.utc_ns // 1_000)
        self._writer = self._books.writer
        self._alerts = AlertWatch(
            self._database,
            self._writer,
            self._clock,
            self._plan.alerts,
            self._plan.alert_command,
            self._notes.append,
        )
        store = LimitStore(self._plan.data_folder / "limits.db")
        try:
            self._open_books(store, ready)
            self._start_controller(ready)
            self._start_tables(ready)
            self._loop(stage)
            self._shut_down()
            self._odds.close()
            self._writer.flush()
            self._alerts.close()
            self._close_books()
        finally:
            self._end_processes()
            self._alerts.close()
            store.close()
            self._writer.close()
        stage.close()
        return self._report(ready)

    def _stage_options(self) -> StageOptions:
        plan = self._plan
        return StageOptions(
            tables=plan.tables,
            ledger=str(plan.ledger),
            seed=plan.seed,
            speed=plan.speed,
            faults=plan.faults,
            show=plan.show,
            one_account=plan.one_account,
            rtp=str(plan.rtp),
        )

    def _open_books(self, store: LimitStore, ready: StageReady) -> None:
        plan = self._plan
        self._gate = Gate(store, plan.limits, self._clock, self.session_id, plan.mode, self._switch)
        self._queue = BetQueue()
        self._desk = Desk(
            self.session_id,
            self._gate,
            self._writer,
            self._clock,
            self._make_id,
            self._tell,
            self._queue.put,
            lambda _table: float(plan.rtp),
        )
        for table in ready.tables:
            self._desk.add_table(table.name, table.account, table.currency)
        self._odds = OddsBefore(plan, self._writer, self._make_id, self._clock, self.session_id)
        self._listener = Listener(
            self._desk, self._odds, self._writer, self._make_id, self.session_id, self._clock
        )
        self._recover()

    def _recover(self) -> None:
        """Start and recovery are one path: bets that are still open are taken over before anything else."""
        everywhere = open_bets(self._database)
        left = [bet for bet in everywhere if bet.table in self._plan.tables]
        kept = {reservation.bet_id for reservation in self._gate.reservations()}
        settled = [b for b in find_bets(self._database, kept).values() if b.state in FINAL_STATES]
        self._gate.recover(everywhere, settled, session_ids(self._database))
        self._open_before = left
        self._desk.recover(left, self._crash_of)
        if left:
            self._notes.append(f"{len(left)} bets were left open by an earlier session: settling them first")

    def _crash_of(self, round_id: str) -> int | None:
        for table in self._plan.tables:
            for row in last_rounds(self._database, table, limit=200):
                if row.round_id == round_id:
                    return row.crash_multiplier
        return None

    def _start_controller(self, ready: StageReady) -> None:
        engine = default_engine()
        fonts = FontStore(self._plan.data_folder / "fonts")
        tables = {table.name: table for table in ready.tables}
        captures: list[ScreenCapture] = []

        def sight_for(name: str) -> TableSight:
            # Called in the controller's thread: a capture belongs to the thread that uses it.
            if not captures:
                captures.append(ScreenCapture(ready.display))
            table, layout = tables[name], load_layout(tables[name].game)
            view = PanelView(name, layout, captures[0], engine, fonts, ready.nonce, table.index, self._clock)
            return TableSight(view, PageLook(captures[0], layout, ready.nonce, table.index))

        self._controller = Controller(
            make_hand=lambda: PyAutoGuiHand(ready.display),
            sight_for=sight_for,
            confirm=self._desk.confirm,
            record=self._desk.step,
            clock=self._clock,
            settings=PlacementSettings(person_pause_s=self._plan.person_pause_s),
            on_stop=self._gate.stop,
            queue=self._queue,
        )
        self._controller.start()

    def _start_tables(self, ready: StageReady) -> None:
        plan = self._plan
        for table in ready.tables:
            spec = TableSpec(
                table=table.name,
                game=table.game,
                account=table.account,
                currency=table.currency,
                session_id=self.session_id,
                nonce=ready.nonce,
                index=table.index,
                display=ready.display,
                fonts_folder=str(plan.data_folder / "fonts"),
                speed=plan.speed,
                strategy=plan.strategy,
                options=plan.options,
                rounds=plan.rounds,
                bot_id=plan.bot.bot_id,
                platform=plan.platform,
                strategy_name=plan.strategy_name,
            )
            handle = TableHandle(spec, self._clock)
            self._handles[table.name] = handle
            handle.start(self._known_before(table.name), tuple(self._desk.open_bets(table.name)))

    def _known_before(self, table: str) -> KnownHistory | None:
        """What an earlier session knew of the table: needed only to settle the bets that it left open."""
        bets = [bet for bet in self._open_before if bet.table == table]
        if not bets:
            return None
        session = bets[-1].session_id
        rows = last_rounds(self._database, table, limit=60, session_id=session)
        crashes: list[int] = []
        open_round = None
        for row in rows:
            if row.crash_multiplier is not None:
                crashes.append(row.crash_multiplier)
            elif row.round_id == bets[-1].round_id and not crashes:
                open_round = (row.round_id, row.round_number, SeenFrom(row.seen_from))
        return KnownHistory(tuple(crashes), open_round, 1, (), earlier_session=True)

    # -- the loop -------------------------------------------------------------------------------------

    def _loop(self, stage: Stage) -> None:
        with Live(console=self._console, auto_refresh=False, screen=False, transient=True) as live:
            self._live = live if self._console.is_terminal else None
            while not self._over():
                self._turn(stage)
                if self._stopping is not None:
                    return

    def _turn(self, stage: Stage | None) -> None:
        """One turn: hear, tick, watch, show."""
        self._hear(PUMP_S)
        self._desk.tick()
        if stage is not None:
            self._listener.stage_news(stage.news())
            if not stage.alive():
                self._stop("the practice casino has ended")
        for table, odds in self._odds.told():
            self._console.print(f"[bold]odds of {table}[/bold]: {odds}", highlight=False)
        self._watch_stops()
        self._beat()
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
            self._listener.trouble(handle.name, "TableDied", "the table died too often", "given up")
            self._notes.append(f"{handle.name} died too often and was given up; see error_logs")

    def _watch_stops(self) -> None:
        reason = self._switch.check()
        if reason is not None:
            self._stop(f"stop: {reason}")
        if self._interrupts:
            self._stop("Ctrl+C")
        if self._writer.failed is not None:
            self._stop(f"the database does not take records: {self._writer.failed}")
        if self._controller.stop_reason:
            self._stop(self._controller.stop_reason)

    def _stop(self, reason: str) -> None:
        """No bet from now on. The gate acts first, words come second."""
        if self._stopping is None:
            self._gate.stop(reason)
            self._controller.stop_now(reason)
            self._stopping = self._ended_by = reason

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._interrupts += 1

    def _tell(self, table: str, message: ToTable) -> None:
        handle = self._handles.get(table)
        if handle is not None:
            self._listener.told(handle, message)
            handle.tell(message)

    # -- shutdown, in the order of row D5 ---------------------------------------------------------------

    def _shut_down(self) -> None:
        """Controller (finish the bet in hand, free the mouse), then tables (finish the round)."""
        for bet in self._queue.drain():
            self._desk.missed(bet, "the bot is stopping")
        self._controller.shutdown()
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

    def _close_books(self) -> None:
        """A last word per account, and the end of the session."""
        self._desk.close_accounts()
        self._books.end(self._ended_by)

    def _end_processes(self) -> None:
        controller = getattr(self, "_controller", None)
        if controller is not None:
            controller.shutdown()
        for handle in self._handles.values():
            handle.join(3.0)

    def _report(self, ready: StageReady) -> SessionReport:
        truth, compared = self._books.record.truth()
        try:
            result = reconcile(truth.engine, Path(ready.ledger), self.session_id)
        finally:
            if truth is not self._database:
                truth.close()
        return SessionReport(
            session_id=self.session_id,
            seconds=self._seconds_since(self._started),
            strategy=self._plan.strategy_name,
            rtp=float(self._plan.rtp),
            seed=self._plan.seed,
            money=self._desk.money,
            currencies={table.name: table.currency for table in ready.tables},
            reads={name: dict(h.status.figures) for name, h in self._handles.items() if h.status},
            writer=self._writer.stats(),
            reconciliation=result,
            compared=compared,
            ended_by=self._ended_by,
            notes=(
                *self._notes,
                *self._left_open(),
                *self._desk.mismatches(),
                *self._rejected(),
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
            self._gate.heartbeat()

    def _show(self) -> None:
        now = self._clock.now().mono_ns
        if now - self._statistics_at >= STATISTICS_EVERY_S * NS_PER_S:
            if self._statistics_at:
                self._print_statistics()
            self._statistics_at = now
        if self._live is None or now - self._shown < SHOW_EVERY_S * NS_PER_S:
            return
        self._shown = now
        self._live.update(self._picture(), refresh=True)

    def _print_statistics(self) -> None:
        stats = self._writer.stats()
        self._console.print(
            f"records {stats.processed} at {stats.rate_per_s:.1f}/s, batch {stats.mean_batch:.1f} in "
            f"{stats.batch_ms:.1f} ms, queue {stats.queue} (at most {stats.queue_max}), errors {stats.errors}"
        )

    def _picture(self) -> Any:
        stats = self._writer.stats()
        machinery = Machinery(len(self._queue), stats.queue, stats.processed, stats.batch_ms, stats.errors)
        tables = [self._table_view(handle) for handle in self._handles.values()]
        title = f"crashbot {self._plan.mode.value}: {self._plan.strategy_name}"
        notes = [*self._notes[-3:], *self._desk.mismatches(), *self._alerts.words[-2:]]
        return render(title, tables, machinery, self._desk.recent, notes, self._stopping)

    def _table_view(self, handle: TableHandle) -> TableView:
        account = self._desk.account_of(handle.name)
        money = self._desk.money[handle.name]
        bets = self._desk.open_bets(handle.name)
        return TableView(
            name=handle.name,
            currency=account.currency,
            status=handle.status,
            money=money,
            expected_loss_minor=float(1 - self._plan.rtp) * money.turnover_minor,
            balance_minor=account.seen_minor,
            reconciled=account.reconciled(self._clock.now().mono_ns),
            open_bet=bets[0] if bets else None,
            restarts=handle.restarts,
        )

    def _seconds_since(self, start: Instant) -> float:
        return (self._clock.now().mono_ns - start.mono_ns) / NS_PER_S
