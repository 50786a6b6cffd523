"""What no strategy may exceed: limits kept for the user, and the gate that every bet passes.

Live play goes through these names, in this order::

    book = GuardBook.open(clock)            # guarded limits of this user, all copies; clock: SystemClock()
    check = TableCheck(table, account, currency, passed=True, at_ns=book.now_ns())
    armed = arm(                            # asks the person; raises NotArmed with what is missing
        book, session_id, checks=[check], odds={table: "words of the odds"},
        terminal=TtyTerminal(), clock=clock, confirm_round=None,
    )
    gate = armed.gate(switch)               # the only way to a Gate of mode live; give it to the Desk
    gate.heartbeat()                        # every few seconds
    armed.denial()                          # None, or why the session must stop now: ask every turn
    armed.words()                           # "armed for 42 more minutes; may still lose 12.00 of 20.00 …"
    armed.limits(account)                   # the Limits in force now, the accepted loss among them
    armed.end("all rounds played")          # at the end; the 15 minutes begin

    check = RealityCheck(clock, currency, minutes=15)
    check.due(result_minor, turnover_minor, rtp=Decimal("0.97"))    # None, or the words to show

``book.exclusion()`` is the cool-off or self-exclusion that holds (or ``None``); ``book.settle(bet)`` tells
the guarded ledger what became of a live bet without a session (``crashbot settle``).
"""

from bot.limits.gate import Gate, Recovery
from bot.limits.rules import Denied, Figures, GateFacts, Limits, PeriodLimits
from bot.limits.stop import StopSwitch
from bot.limits.store import LimitStore, Reservation

__all__ = [
    "Denied",
    "Figures",
    "Gate",
    "GateFacts",
    "LimitStore",
    "Limits",
    "PeriodLimits",
    "Recovery",
    "Reservation",
    "StopSwitch",
]
