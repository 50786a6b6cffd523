"""What no strategy may exceed: limits kept for the user, and the gate that every bet passes.

Live play goes through these names, in this order::

    book = GuardBook.open()                 # the guarded limits of this user, all copies
    refuse_early(book, accounts)            # NotArmed: exclusion, pause, limits; nothing is touched yet
    check = TableCheck(table, account, currency, passed=True, at_ns=book.now_ns())
    armed = arm(                            # asks the person; raises NotArmed with all that is missing
        book, session_id, checks=[check], odds={table: "words of the odds"},
        terminal=TtyTerminal(), clock=SystemClock(), below=plan.limits, confirm_round=None,
    )
    gate = armed.gate(switch)               # the only way to a Gate of mode live; give it to the Desk
    gate.heartbeat()                        # every turn: it writes every five seconds
    armed.denial()                          # None, or why the session must stop now: ask every turn
    armed.words()                           # "armed for 42 more minutes; may still lose 12.00 of 20.00 EUR"
    armed.limits(account)                   # the Limits in force now, the accepted loss among them
    armed.end("all rounds played")          # at the end; the 15 minutes begin
    book.close()

    check = RealityCheck(clock, currency, minutes=15)
    check.due(result_minor, turnover_minor, rtp=Decimal("0.97"))    # None, or the words to show

``book.exclusion()`` is the cool-off or self-exclusion that holds, or ``None``. ``book.tick()`` lets a command
count time as observed. ``GuardLedger(book).settle(bet)`` closes a live bet that a person settled without a
session (``crashbot settle``). In tests, ``GuardBook.open(folders=[...])`` keeps it elsewhere.
"""

from bot.limits.arming import Armed, LiveGate, TableCheck, arm, refuse_early
from bot.limits.gate import Gate, Recovery
from bot.limits.guard import GuardBook, TrustedClock
from bot.limits.guard_ledger import GuardLedger
from bot.limits.guard_state import Exclusion, ExclusionKind
from bot.limits.machine_time import MachineReading, MachineTime, SystemMachineTime
from bot.limits.outside_time import OutsideTime, SntpClient
from bot.limits.reality import RealityCheck
from bot.limits.rules import Denied, Figures, GateFacts, Limits, PeriodLimits
from bot.limits.stop import StopSwitch
from bot.limits.store import LimitStore, Reservation
from bot.limits.terminal import TtyTerminal

__all__ = [
    "Armed",
    "Denied",
    "Exclusion",
    "ExclusionKind",
    "Figures",
    "Gate",
    "GateFacts",
    "GuardBook",
    "GuardLedger",
    "LimitStore",
    "Limits",
    "LiveGate",
    "MachineReading",
    "MachineTime",
    "OutsideTime",
    "PeriodLimits",
    "RealityCheck",
    "Recovery",
    "Reservation",
    "SntpClient",
    "StopSwitch",
    "SystemMachineTime",
    "TableCheck",
    "TrustedClock",
    "TtyTerminal",
    "arm",
    "refuse_early",
]
