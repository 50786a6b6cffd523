"""What a running session shows: the live view four times a second, its machinery once a minute."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console, RenderableType
from rich.live import Live

from bot.database import WriterStats
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.words import Mode
from bot.runtime.desk import Desk
from bot.runtime.floor import FloorTable
from bot.runtime.live_view import Machinery, TableView, honest_line, render
from bot.runtime.plan import SessionPlan
from bot.runtime.play import Play, mode_words
from bot.runtime.tables import TableHandle

SHOW_EVERY_S = 0.25
STATISTICS_EVERY_S = 60.0


class Screen:
    """The terminal. Without one (a pipe, a file) only lines are printed."""

    def __init__(
        self,
        console: Console,
        clock: Clock,
        plan: SessionPlan,
        tables: Sequence[FloorTable],
        desk: Desk,
        play: Play,
    ) -> None:
        self._console, self._clock, self._plan = console, clock, plan
        self._tables = {table.name: table for table in tables}
        self._desk, self._play = desk, play
        self._live: Live | None = None
        self._shown = 0
        self._statistics_at = 0

    def attach(self, live: Live) -> None:
        """From now on the live view is drawn, where there is a terminal."""
        self._live = live if self._console.is_terminal else None

    def detach(self) -> None:
        """The live view has ended."""
        self._live = None

    def say(self, line: str) -> None:
        """One line that stays."""
        self._console.print(line, highlight=False)

    def odds(self, table: str, words: str) -> None:
        """The odds of a table, before its first bet."""
        self.say(f"[bold]odds of {table}[/bold]: {words}")

    def show(
        self,
        handles: Collection[TableHandle],
        stats: WriterStats,
        notes: Sequence[str],
        stopping: str | None,
    ) -> None:
        """Draw, when it is time to."""
        now = self._clock.now().mono_ns
        if now - self._statistics_at >= STATISTICS_EVERY_S * NS_PER_S:
            if self._statistics_at:
                self._print_statistics(stats)
            self._statistics_at = now
        if self._live is None or now - self._shown < SHOW_EVERY_S * NS_PER_S:
            return
        self._shown = now
        self._live.update(self._picture(handles, stats, notes, stopping), refresh=True)

    def _print_statistics(self, stats: WriterStats) -> None:
        self._console.print(
            f"records {stats.processed} at {stats.rate_per_s:.1f}/s, batch {stats.mean_batch:.1f} in "
            f"{stats.batch_ms:.1f} ms, queue {stats.queue} (at most {stats.queue_max}), errors {stats.errors}"
        )

    def _picture(
        self,
        handles: Collection[TableHandle],
        stats: WriterStats,
        notes: Sequence[str],
        stopping: str | None,
    ) -> RenderableType:
        machinery = Machinery(self._play.queued(), stats.queue, stats.processed, stats.batch_ms, stats.errors)
        plan = self._plan
        title = f"crashbot {mode_words(plan.mode)}"
        if plan.mode is not Mode.WATCH:
            title += f", {plan.strategy_name}"
        return render(
            title,
            [self._table_view(handle) for handle in handles],
            machinery,
            self._desk.recent,
            [*self._play.allowed(), *notes],
            stopping,
            honest_line([table.rtp for table in self._tables.values()]),
        )

    def _table_view(self, handle: TableHandle) -> TableView:
        account = self._desk.account_of(handle.name)
        money = self._desk.money[handle.name]
        bets = self._desk.open_bets(handle.name)
        edge = float(1 - self._tables[handle.name].rtp)
        return TableView(
            name=handle.name,
            currency=account.currency,
            status=handle.status,
            money=money,
            expected_loss_minor=edge * money.turnover_minor,
            balance_minor=account.seen_minor,
            reconciled=account.reconciled(self._clock.now().mono_ns),
            open_bet=bets[0] if bets else None,
            restarts=handle.restarts,
        )
