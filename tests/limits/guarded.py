"""A machine that runs when told to, a person at a real terminal, and the guarded book between them."""

from __future__ import annotations

import os
import pty
import select
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.domain.clock import NS_PER_S, Instant
from bot.limits import Armed, GuardBook, Limits, MachineReading, TableCheck, TtyTerminal, arm
from bot.limits.guard_state import BOUND_NAMES, is_money

DAY_S = 24 * 3_600
ACCOUNT = "ana at the house"
ODDS = "an expected loss of 0.03 for each 1.00"
QUESTION = b"accept to lose"


class Machine:
    """Real time, a wall clock that anybody may set, and boots. Is both the machine's time and the clock."""

    def __init__(self) -> None:
        self.real_s = 0
        self.wall_offset_s = 1_767_225_600
        self.boot = 0
        self.booted_s = -1_000
        self.boots_known = True
        self.processes = 0

    def pass_(self, seconds: int) -> None:
        self.real_s += seconds

    def reboot(self, off_s: int = 0) -> None:
        self.real_s += off_s
        self.boot, self.booted_s = self.boot + 1, self.real_s

    def new_process(self) -> None:
        self.processes += 1

    # as MachineTime
    def read(self) -> MachineReading:
        since_ns = (self.real_s - self.booted_s) * NS_PER_S
        if self.boots_known:
            return MachineReading(f"boot {self.boot}", since_ns)
        return MachineReading(f"process {self.processes}", since_ns)

    # as Clock
    def now(self) -> Instant:
        mono_ns = (self.real_s - self.booted_s) * NS_PER_S
        return Instant(utc_ns=(self.real_s + self.wall_offset_s) * NS_PER_S, mono_ns=mono_ns)

    def sleep(self, seconds: float) -> None:
        self.pass_(round(seconds))


class Outside:
    """A time server beyond the machine: it knows the real time, or lies by ``off_s``."""

    def __init__(self, machine: Machine, takes_s: int = 0) -> None:
        self.machine, self.takes_s, self.off_s = machine, takes_s, 0

    def ask(self, server: str) -> int:
        told = (self.machine.real_s + 5 * 10**8 + self.off_s) * NS_PER_S
        self.machine.pass_(self.takes_s)
        return told


class Home:
    """The folders of one user, and books opened on them as by one process after the other."""

    def __init__(self, folder: Path, copies: int = 3) -> None:
        self.machine = Machine()
        self.folders = [folder / f"copy{number}" for number in range(copies)]
        self.books: list[GuardBook] = []

    def book(self, more: Path | None = None) -> GuardBook:
        self.machine.new_process()
        folders = self.folders if more is None else [*self.folders, more]
        self.books.append(GuardBook(folders, self.machine, busy_timeout_s=0.05))
        return self.books[-1]

    def files(self) -> list[Path]:
        return [folder / "live-limits.sqlite3" for folder in self.folders]

    def close(self) -> None:
        for book in self.books:
            book.close()


def all_bounds(money: int = 5_000, count: int = 500, **changes: int) -> dict[str, int]:
    """A value for every bound, so that something may be staked."""
    return {name: money if is_money(name) else count for name in BOUND_NAMES} | changes


def with_limits(home: Home, account: str = ACCOUNT, **changes: int) -> GuardBook:
    """A book whose limits were set a day ago and confirmed."""
    book = home.book()
    book.ask(account, all_bounds(**changes))
    home.machine.pass_(DAY_S)
    book.confirm(account)
    return book


@contextmanager
def person(
    answers: Sequence[str | Callable[[], str]], seen: bytearray | None = None
) -> Iterator[TtyTerminal]:
    """A terminal with somebody at it who answers each question once it is shown, at last with nothing."""
    master, slave = pty.openpty()
    leave, everything = threading.Event(), bytearray() if seen is None else seen

    def sit() -> None:
        shown, left = b"", list(answers)
        while not leave.is_set():
            if select.select([master], [], [], 0.02)[0]:
                part = os.read(master, 4_096)
                shown += part
                everything.extend(part)
            if QUESTION in shown:
                shown = b""
                answer = left.pop(0) if left else ""
                os.write(master, (answer if isinstance(answer, str) else answer()).encode() + b"\n")

    thread = threading.Thread(target=sit)
    thread.start()
    try:
        with open(slave, closefd=False) as source, open(slave, "w", closefd=False) as target:
            yield TtyTerminal(source, target)
    finally:
        leave.set()
        thread.join()
        os.close(master)
        os.close(slave)


def a_check(
    book: GuardBook, table: str = "mine", account: str = ACCOUNT, currency: str = "EUR"
) -> TableCheck:
    return TableCheck(table, account, currency, True, book.now_ns())


def arms(
    home: Home,
    book: GuardBook,
    amount: str = "20.00",
    session_id: str = "live-1",
    below: Limits | None = None,
) -> Armed:
    """A person arms a session on the one table."""
    with person([amount]) as terminal:
        return arm(book, session_id, [a_check(book)], {"mine": ODDS}, terminal, home.machine, below)
