"""A session's books: which database, its writer, and the rows about bot, session and their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from sqlalchemy import select

from bot import __version__
from bot.database import Database, SessionTotals, Writer
from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.ports import Record
from bot.domain.words import Mode
from bot.runtime.floor import FloorTable
from bot.runtime.open_record import OpenRecord
from bot.runtime.plan import SessionPlan

HEARTBEAT_EVERY_S = 5.0


class Books:
    """Opens the record, keeps the bot's registration and the session's row, and closes them."""

    def __init__(self, plan: SessionPlan, clock: Clock, session_id: str) -> None:
        self._plan, self._clock, self._session_id = plan, clock, session_id
        self.record = OpenRecord(plan.database_url, plan.data_folder, clock)
        self.database: Database = self.record.database
        self._writer: Writer | None = None
        self._beat_at = 0

    @property
    def writer(self) -> Writer:
        """The one writer; only once ``open`` was called."""
        if self._writer is None:
            raise RuntimeError("the books are not open")
        return self._writer

    def open(self, tables: Sequence[FloorTable], started_utc_us: int) -> None:
        """Start writing: who the bot is, where it plays, and that a session began."""
        plan = self._plan
        self._writer = self.record.writer(len(tables))
        self._writer.put(self._registration(tables))
        for table in tables:
            self._writer.put(self._platform(table))
        values: dict[str, object] = {
            "session_id": self._session_id,
            "bot_id": plan.bot.bot_id,
            "mode": plan.mode.value,
            "strategy_name": plan.strategy_name,
            "parameters": self._parameters(tables),
            "seed": str(plan.seed) if plan.mode is Mode.PRACTICE else None,
            "started_utc_us": started_utc_us,
            "last_seen_utc_us": started_utc_us,
            "status": "running",
            "platform_code": _only(table.platform for table in tables),
            "currency": _only(table.currency for table in tables),
        }
        self._writer.put_and_wait(Record("session_logs", values, key="session_id"))
        watched = plan.mode is Mode.WATCH  # nothing is staked: no limit is in force
        for account in () if watched else dict.fromkeys(table.account for table in tables):
            for record in self._limits_of(account):
                self._writer.put(record)

    def beat(self) -> bool:
        """Say that the session is alive, now and then. Whether it was time to."""
        now = self._clock.now()
        if now.mono_ns - self._beat_at < HEARTBEAT_EVERY_S * NS_PER_S:
            return False
        self._beat_at = now.mono_ns
        now_us = now.utc_ns // 1_000
        values: dict[str, object] = {"session_id": self._session_id, "last_seen_utc_us": now_us}
        self.writer.put(Record("session_logs", values, key="session_id", update=True))
        seen: dict[str, object] = {"bot_id": self._plan.bot.bot_id, "last_seen_at": now_us}
        self.writer.put(Record("bot_vm_registration", seen, key="bot_id", update=True))
        return True

    def end(self, ended_by: str) -> None:
        """The session's last row, with what came of it."""
        self.writer.flush()
        now = self._clock.now().utc_ns // 1_000
        values: dict[str, object] = {
            "session_id": self._session_id,
            "ended_utc_us": now,
            "last_seen_utc_us": now,
            "status": "ended",
            "notes": ended_by,
        }
        record = Record("session_logs", values | self._totals(), key="session_id", update=True)
        self.writer.put(record)
        self.writer.flush()

    def close(self) -> None:
        """Store what is queued and let go. Raises ``StorageError`` when some could not be stored."""
        try:
            if self._writer is not None:
                self._writer.close()
        finally:
            self.record.close()

    # -- rows -------------------------------------------------------------------------------------------

    def _registration(self, tables: Sequence[FloorTable]) -> Record:
        plan, bot = self._plan, self._plan.bot
        values: dict[str, object] = {
            "bot_id": bot.bot_id,
            "bot_name": bot.name,
            "vm_name": bot.vm_name,
            "vm_provider": bot.provider,
            "region": bot.region,
            "session_id": self._session_id,
            "strategy_name": plan.strategy_name,
            "currency": _only(table.currency for table in tables),
            "base_stake": plan.options.base_stake_minor,
            "max_stake": plan.options.max_stake_minor,
            "is_active": True,
            "last_seen_at": self._clock.now().utc_ns // 1_000,
        }
        return Record("bot_vm_registration", values, key="bot_id", update=True)

    def _platform(self, table: FloorTable) -> Record:
        values: dict[str, object] = {
            "game_name": table.game,
            "platform_code": table.platform,
            "currency": table.currency,
            "house_edge_percent": int((1 - table.rtp) * 1_000_000),
            "is_active": True,
        }
        return Record("game_platform_config", values, key="game_name")

    def _limits_of(self, account: str) -> Iterator[Record]:
        """The limits in force, by the names under which the gate denies."""
        limits = self._plan.account_limits.get(account, self._plan.limits)
        set_by = "the guarded limits" if account in self._plan.account_limits else "settings"
        named = {"stake": limits.stake_minor, "give_back": limits.give_back_minor}
        named["balance_floor"] = limits.balance_floor_minor
        for period, bounds in limits.periods:
            named[f"{period}_loss"] = bounds.loss_minor
            named[f"{period}_turnover"] = bounds.turnover_minor
            named[f"{period}_rounds"] = bounds.rounds
            named[f"{period}_time"] = bounds.minutes
        now = self._clock.now().utc_ns // 1_000
        for name, value in named.items():
            values: dict[str, object] = {"account": account, "name": name, "value": value}
            values |= {"id": f"{self._session_id}/{account}/{name}", "set_utc_us": now, "set_by": set_by}
            yield Record("limits", values)

    def _parameters(self, tables: Sequence[FloorTable]) -> dict[str, object]:
        """What the session was asked to do; the wide rows take the expected result from ``rtp_of``."""
        plan, options = self._plan, self._plan.options
        target, most = options.target, options.max_stake_minor
        return {
            "version": __version__,
            "rtp": str(min((table.rtp for table in tables), default=Decimal(plan.rtp))),
            "rtp_of": {table.name: str(table.rtp) for table in tables},
            "base_stake": format_hundredths(options.base_stake_minor),
            "target": None if target is None else format_hundredths(target),
            "max_stake": None if most is None else format_hundredths(most),
            "max_steps": options.max_steps,
            "chosen_on": plan.chosen_on,
            "tables": list(plan.tables),
            "speed": plan.speed,
            "faults": plan.faults,
        }

    def _totals(self) -> dict[str, object]:
        """Rounds and money of the session; money only when all of it is of one currency."""
        question = select(SessionTotals).where(SessionTotals.session_id == self._session_id)
        with self.database.session() as session:
            kept = list(session.scalars(question))
        wins, losses = sum(t.wins for t in kept), sum(t.losses for t in kept)
        values: dict[str, object] = {
            "total_rounds": sum(t.total_rounds for t in kept),
            "rounds_won": wins,
            "rounds_lost": losses,
            "win_rate_percent": _share(wins * 1_000_000, wins + losses),
        }
        if len(kept) == 1:
            values |= _money(kept[0])
        return values


def _money(totals: SessionTotals) -> dict[str, object]:
    return {
        "total_profit": totals.profit_total,
        "total_staked": totals.stake_total,
        "roi_percent": _share(totals.profit_total * 1_000_000, totals.stake_total),
        "largest_win": totals.largest_win,
        "largest_loss": totals.largest_loss,
        "average_win": _share(totals.win_total * 100, totals.wins),
        "average_loss": _share(totals.loss_total * 100, totals.losses),
    }


def _share(part: int, whole: int) -> int | None:
    """The quotient, rounded to the nearest whole number; nothing of nothing."""
    return None if whole == 0 else round(part / whole)


def _only(words: Iterable[str]) -> str | None:
    """The one word that all are, else nothing."""
    found = set(words)
    return found.pop() if len(found) == 1 else None
