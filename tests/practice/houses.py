"""Small houses and pages for the tests of this folder."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from bot.practice.clock import JumpingClock
from bot.practice.house import House
from bot.practice.options import make_options
from bot.practice.outlet import Message


def open_house(
    ledger: Path,
    *,
    tables: str = "aviator",
    faults: str = "none",
    seed: str = "1",
    nonce: int = 7,
    one_account: bool = False,
    clock: JumpingClock | None = None,
) -> House:
    """A house at speed 1 on a clock that jumps."""
    options = make_options(
        port=0, ledger=str(ledger), seed=seed, speed=1.0, tables=tables, faults=faults,
        one_account=one_account, nonce=nonce, rtp="0.97",
    )  # fmt: skip
    return House(options, clock or JumpingClock(), lambda *_: None)


class ListeningPage:
    """A page that keeps what it hears and may act on it (in a later turn, as a real one would)."""

    def __init__(self, act: Callable[[Message], None] | None = None) -> None:
        self.heard: list[Message] = []
        self._act = act

    def put(self, message: Message) -> None:
        self.heard.append(message)
        if self._act is not None:
            asyncio.get_running_loop().call_soon(self._act, message)

    def kinds(self) -> list[str]:
        return [str(message["t"]) for message in self.heard]

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.heard if message["t"] == kind]


def play(
    house: House, rounds: int, act: Callable[[Message], None] | None = None, table: str = "aviator"
) -> ListeningPage:
    """Play rounds of one table and return what its page heard."""
    page = ListeningPage(act)
    house.tables[table].outlet.join(page)

    async def play_rounds() -> None:
        for _ in range(rounds):
            await house.tables[table].play_round()
        house.tables[table].close()

    asyncio.run(play_rounds())
    return page


def rows(ledger: Path, query: str, *values: object) -> list[sqlite3.Row]:
    """What is in the file, read with a connection of its own."""
    db = sqlite3.connect(ledger)
    db.row_factory = sqlite3.Row
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def assert_book_balances(ledger: Path) -> None:
    """Every account is the sum of its entries, and every entry continues the one before."""
    for account in rows(ledger, "SELECT * FROM accounts"):
        balance = 0
        for entry in rows(ledger, "SELECT * FROM entries WHERE account_id=? ORDER BY id", account["id"]):
            balance += entry["amount_minor"]
            assert entry["balance_after_minor"] == balance
        assert balance == account["balance_minor"]
    for bet in rows(ledger, "SELECT * FROM bets"):
        moved = rows(ledger, "SELECT kind, amount_minor FROM entries WHERE bet_id=? ORDER BY id", bet["id"])
        expected = [("stake", -bet["stake_minor"])]
        if bet["state"] == "won":
            expected.append(("payout", bet["stake_minor"] * bet["cash_multiplier"] // 100))
        if bet["state"] == "cancelled":
            expected.append(("refund", bet["stake_minor"]))
        assert [tuple(entry) for entry in moved] == expected
