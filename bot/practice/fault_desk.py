"""Performs one table's faults: tells the page, orders the stage, spoils a bet, and notes all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.practice.clock import HouseClock
from bot.practice.faults import (
    BET_KINDS,
    LASTING_KINDS,
    ROUND_KINDS,
    STAGE_KINDS,
    FaultKind,
    FaultPlan,
    PlannedFault,
)
from bot.practice.ledger import Ledger
from bot.practice.outlet import Message

#: Given to the stage: fault id, table, kind, milliseconds it lasts, particulars.
StageOrder = Callable[[int, str, str, int, dict[str, object]], None]

_WANTED: dict[FaultKind, Callable[[int], bool]] = {
    FaultKind.ONE_X: lambda crash: crash == 100,
    FaultKind.VERY_HIGH: lambda crash: 100_000 <= crash < 200_000,
}


@dataclass(slots=True)
class _Running:
    """A fault under way. ``until_round`` for lasting ones, ``ends_mono_s`` for timed ones."""

    row: int
    fault: PlannedFault
    until_round: int = 0
    ends_mono_s: float = 0.0


class FaultDesk:
    """The faults of one table."""

    def __init__(
        self,
        table: str,
        plan: FaultPlan,
        ledger: Ledger,
        clock: HouseClock,
        speed: float,
        usual_min_minor: int,
        send: Callable[[Message], None],
        order: StageOrder,
    ) -> None:
        self._table, self._plan, self._ledger, self._clock, self._speed = table, plan, ledger, clock, speed
        self._usual_min_minor = usual_min_minor
        self._send, self._order = send, order
        self._round_id: int | None = None
        self._running: dict[FaultKind, _Running] = {}
        self._armed: list[PlannedFault] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def min_stake_minor(self) -> int:
        """The minimum stake that holds now."""
        running = self._running.get(FaultKind.MIN_STAKE)
        return self._usual_min_minor if running is None else int(str(running.fault.detail["min_stake"]))

    def active(self) -> dict[str, dict[str, object]]:
        """The faults a page must know of when it (re)loads, with the milliseconds that remain."""
        known: dict[str, dict[str, object]] = {}
        for kind, running in self._running.items():
            if kind in LASTING_KINDS:
                known[kind.value] = dict(running.fault.detail)
            elif kind is not FaultKind.CONNECTION_LOST and kind not in ROUND_KINDS | STAGE_KINDS:
                left_s = running.ends_mono_s - self._clock.mono_s()
                known[kind.value] = {"ms": max(0, round(left_s * 1000))}
        return known

    def wanted_crash(self, ordinal: int) -> Callable[[int], bool] | None:
        """What a planned fault wants of this round's crash point, if anything."""
        for fault in self._plan.for_round(self._table, ordinal):
            if fault.kind in ROUND_KINDS:
                return _WANTED[fault.kind]
        return None

    def betting_opens(self, ordinal: int, round_id: int) -> None:
        """End lasting faults that are due, begin this round's."""
        self._round_id = round_id
        for running in list(self._running.values()):
            if running.until_round and ordinal >= running.until_round:
                self._end(running.fault.kind)
        for fault in self._plan.for_round(self._table, ordinal):
            if fault.kind in BET_KINDS:
                self._armed.append(fault)
            elif fault.kind in ROUND_KINDS:
                self._begin(fault)
            elif fault.kind in LASTING_KINDS and fault.after_s == 0.0:
                self._begin(fault, until_round=ordinal + fault.rounds)
            else:
                self._later(fault, ordinal)

    def round_over(self) -> None:
        for kind in ROUND_KINDS:
            self._end(kind)

    def spoil_bet(self) -> PlannedFault | None:
        """The armed fault that the next bet suffers, noted; ``None`` for an honest acceptance."""
        if not self._armed:
            return None
        fault = self._armed.pop(0)
        row = self._ledger.fault_started(self._table, self._round_id, fault.kind.value, dict(fault.detail))
        self._ledger.fault_ended(row)
        return fault

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    # --- performing -------------------------------------------------------------------------------

    def _later(self, fault: PlannedFault, ordinal: int) -> None:
        task = asyncio.get_running_loop().create_task(self._perform(fault, ordinal, self._clock.mono_s()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, fault: PlannedFault, ordinal: int, betting_opened_s: float) -> None:
        await self._clock.sleep_until(betting_opened_s + fault.after_s / self._speed)
        if fault.kind in self._running:
            return
        if fault.kind in LASTING_KINDS:
            self._begin(fault, until_round=ordinal + fault.rounds)
            return
        duration_s = fault.ms / 1000 / self._speed
        self._begin(fault, ends_mono_s=self._clock.mono_s() + duration_s)
        await self._clock.sleep_until(self._clock.mono_s() + duration_s)
        self._end(fault.kind)

    def _begin(self, fault: PlannedFault, until_round: int = 0, ends_mono_s: float = 0.0) -> None:
        ms = round(fault.ms / self._speed)
        detail: dict[str, object] = {**fault.detail, "ms": ms} if fault.ms else dict(fault.detail)
        row = self._ledger.fault_started(self._table, self._round_id, fault.kind.value, detail)
        self._running[fault.kind] = _Running(row, fault, until_round, ends_mono_s)
        if fault.kind in STAGE_KINDS:
            self._order(row, self._table, fault.kind.value, ms, detail)
        elif fault.kind not in ROUND_KINDS:
            self._send({"t": "fault", "kind": fault.kind.value, "on": True, "detail": detail})

    def _end(self, kind: FaultKind) -> None:
        running = self._running.pop(kind, None)
        if running is None:
            return
        if kind in STAGE_KINDS:
            return  # the stage notes when it has taken it back
        self._ledger.fault_ended(running.row)
        if kind not in ROUND_KINDS:
            detail: dict[str, object] = (
                {"min_stake": self._usual_min_minor} if kind is FaultKind.MIN_STAKE else {}
            )
            self._send({"t": "fault", "kind": kind.value, "on": False, "detail": detail})
