"""What no strategy may exceed: limits kept for the user, and the gate that every bet passes."""

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
