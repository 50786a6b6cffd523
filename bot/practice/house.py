"""The whole casino without its web server: ledger, accounts, tables and what they share."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable

from bot.practice.clock import HouseClock
from bot.practice.fault_desk import FaultDesk, StageOrder
from bot.practice.faults import FaultPlan
from bot.practice.games import MAX_STAKE_MINOR, MIN_STAKE_MINOR
from bot.practice.law import LAW_TEXT, Dealer
from bot.practice.ledger import Ledger, Round, lock_ledger
from bot.practice.options import CasinoOptions, TableOption
from bot.practice.outlet import Message, Outlet
from bot.practice.table import Table, TableSetup


def mark_code(nonce: int, index: int) -> int:
    """The 40 bits a page draws as its mark: 24 of the nonce, 4 of the table, 12 of their checksum."""
    head = (nonce & 0xFFFFFF) << 4 | (index & 0xF)
    return head << 12 | (zlib.crc32(head.to_bytes(4, "big")) & 0xFFF)


class House:
    """All tables of one casino on one ledger."""

    def __init__(self, options: CasinoOptions, clock: HouseClock, stage_order: StageOrder) -> None:
        self.options = options
        self._clock = clock
        self._lock = lock_ledger(options.ledger)
        self.ledger = Ledger(options.ledger, clock)
        self._same_session = self.ledger.get_meta("nonce") == str(options.nonce)
        self.ledger.end_open_faults()
        self._dealer = Dealer(options.seed, options.rtp_basis_points)
        plan = FaultPlan(options.seed, [table.name for table in options.tables], options.faults)
        self.tables: dict[str, Table] = {}
        for option in options.tables:
            self.tables[option.name] = self._open_table(option, plan, stage_order)
        for key, value in (
            ("nonce", options.nonce),
            ("seed", options.seed),
            ("speed", options.speed),
            ("rtp_basis_points", options.rtp_basis_points),
        ):
            self.ledger.set_meta(key, str(value))

    def _open_table(self, option: TableOption, plan: FaultPlan, stage_order: StageOrder) -> Table:
        ledger, options = self.ledger, self.options
        # A restart within a session must not make money appear that nobody on the screen can explain.
        ledger.open_account(option.account, option.currency, top_up=not self._same_session)
        ledger.open_table(
            option.name,
            option.game.name,
            option.index,
            option.account,
            option.currency,
            option.lang,
            MIN_STAKE_MINOR,
            MAX_STAKE_MINOR,
        )
        key = f"rounds_before/{option.name}"
        if not self._same_session or ledger.get_meta(key) is None:
            ledger.set_meta(key, str(ledger.count_rounds(option.name)))
        outlet = Outlet()
        desk = FaultDesk(
            option.name, plan, ledger, self._clock, options.speed, MIN_STAKE_MINOR, outlet.send, stage_order
        )
        setup = TableSetup(
            option.name,
            option.game,
            option.index,
            option.account,
            option.currency,
            option.lang,
            options.speed,
            options.seed,
        )
        return Table(
            setup,
            ledger,
            self._dealer,
            self._clock,
            outlet,
            desk,
            int(ledger.get_meta(key) or 0),
            self._announce_balance,
        )

    def _announce_balance(self, account: str) -> None:
        balance = self.ledger.balance(account)
        for table in self.tables.values():
            if table.setup.account == account:
                table.outlet.send({"t": "balance", "balance": balance})

    async def run(self) -> None:
        """Play all tables until cancelled; if one fails, all end."""
        try:
            async with asyncio.TaskGroup() as group:
                for table in self.tables.values():
                    group.create_task(table.run(), name=table.setup.name)
        finally:
            for table in self.tables.values():
                table.close()

    def close(self) -> None:
        self.ledger.close()
        self._lock.close()

    def hello(self, name: str) -> Message:
        table = self.tables[name]
        index, account = table.setup.index, table.setup.account
        return table.hello(
            self.options.nonce, mark_code(self.options.nonce, index), self.ledger.balance(account)
        )

    def round_data(self, name: str, round_id: int | None) -> Message | None:
        """What the verify page shows of a round; seeds and crash point only once it has crashed."""
        found = self.ledger.last_crashed(name) if round_id is None else self.ledger.round(round_id)
        if found is None or found.table != name:
            return None
        over = found.state == "crashed"
        return {
            "table": name,
            "round": found.id,
            "label": self._label(found),
            "state": found.state,
            "rtp_basis_points": self.options.rtp_basis_points,
            "seed_hash": found.draw.seed_hash,
            "crash": found.draw.crash if over else None,
            "server_seed": found.draw.server_seed if over else None,
            "client_seeds": list(found.draw.client_seeds) if over else None,
            "law": LAW_TEXT,
        }

    def _label(self, found: Round) -> str:
        return f"{found.table}/{self.ledger.count_rounds(found.table, found.id)}"

    def orders_of(self, name: str) -> dict[str, Callable[[Message], None]]:
        """What a page may ask of its table, by the message's ``t``."""
        table = self.tables[name]
        return {
            "bet": lambda m: table.place(m.get("panel"), m.get("stake"), m.get("target")),
            "cancel": lambda m: table.cancel(m.get("panel")),
            "cash_out": lambda m: table.cash_out(m.get("panel")),
        }
