"""``crashbot live`` as the command runs it, but for the folders of the guarded limits: they are a test's own.

No option and no variable names these folders, so the command itself would use the real ones of this account.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from bot.cli import guarded
from bot.limits import GuardBook, MachineReading, TtyTerminal
from bot.runtime.live_run import LiveParts, run_live
from bot.runtime.own_run import OwnAsk
from bot.runtime.report_file import write_report
from tests.limits.guarded import DAY_S, all_bounds


class PastTime:
    """A machine that was watched for as long as it is told, before the real one is asked."""

    def __init__(self) -> None:
        self.passed_s = 0

    def read(self) -> MachineReading:
        return MachineReading("a boot of the test", (1 + self.passed_s) * 10**9)


def mature(folders: list[Path], account: str, **changes: int) -> None:
    """Limits that were set a day ago and confirmed."""
    machine = PastTime()
    book = GuardBook.open(folders, machine)
    try:
        book.ask(account, all_bounds(**changes))
        machine.passed_s += DAY_S + 3_600
        book.confirm(account)
    finally:
        book.close()


def main() -> None:
    """``FOLDER URL REPORT ROUNDS TABLE [--confirm-each]``."""
    folder, url, report, rounds, table = sys.argv[1:6]
    parts = LiveParts(
        TtyTerminal(),
        book=lambda: GuardBook.open([Path(folder) / "one", Path(folder) / "two"]),
        confirm_each="--confirm-each" in sys.argv,
    )
    ask = OwnAsk([table], {"database.url": url, "strategy.base_stake": "1.00"}, rounds=int(rounds))

    def run() -> None:
        told = run_live(ask, parts, Console())
        write_report(Path(report), told.to_json())
        sys.exit(0 if told.orderly else 1)

    sys.exit(guarded(run))


if __name__ == "__main__":
    main()
