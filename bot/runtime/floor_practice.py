"""The practice floor: a stage with a private display, a browser and the casino, started for the session."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.control.hand import PyAutoGuiHand
from bot.control.sight import PageLook, TableSight
from bot.domain.clock import Clock
from bot.domain.ports import Hand
from bot.runtime.floor import FloorTable, Place
from bot.runtime.open_record import OpenRecord
from bot.runtime.plan import SessionPlan
from bot.runtime.reconcile import Reconciliation, reconcile
from bot.runtime.stage import Stage, StageOptions, StageReady
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.panel import PanelView


class PracticeFloor:
    """See ``Floor``. The windows carry the session's mark; nothing else is looked at or clicked."""

    def __init__(self, plan: SessionPlan, clock: Clock) -> None:
        self._plan, self._clock = plan, clock
        self._stage: Stage | None = None
        self._ready: StageReady | None = None
        self._tables: dict[str, FloorTable] = {}

    @property
    def display(self) -> str | None:
        """See ``Floor``."""
        return self._ready.display if self._ready else None

    def start(self) -> None:
        """See ``Floor``."""
        plan = self._plan
        self._stage = Stage(
            StageOptions(
                tables=plan.tables,
                ledger=str(plan.ledger),
                seed=plan.seed,
                speed=plan.speed,
                faults=plan.faults,
                show=plan.show,
                one_account=plan.one_account,
                rtp=str(plan.rtp),
            )
        )

    def open(self) -> tuple[FloorTable, ...]:
        """See ``Floor``."""
        assert self._stage is not None
        ready = self._ready = self._stage.wait_ready()
        if ready.display is not None:
            os.environ["DISPLAY"] = ready.display
        plan = self._plan
        tables = [
            FloorTable(
                t.name, t.game, t.account, t.currency, plan.rtp, plan.platform, Place(ready.nonce, t.index)
            )
            for t in ready.tables
        ]
        self._tables = {table.name: table for table in tables}
        return tuple(tables)

    def sights(self) -> Callable[[str], TableSight]:
        """See ``Floor``."""
        capture, engine = ScreenCapture(self.display), default_engine()
        fonts = FontStore(self._plan.data_folder / "fonts")

        def sight(name: str) -> TableSight:
            table = self._tables[name]
            place, layout = table.place, load_layout(table.game)
            view = PanelView(name, layout, capture, engine, fonts, place.nonce, place.index, self._clock)
            return TableSight(view, PageLook(capture, layout, place.nonce, place.index))

        return sight

    def hand(self) -> Hand:
        """See ``Floor``."""
        return PyAutoGuiHand(self.display)

    def news(self) -> list[dict[str, Any]]:
        """See ``Floor``."""
        return [] if self._stage is None else self._stage.news()

    def gone(self) -> str | None:
        """See ``Floor``."""
        alive = self._stage is not None and self._stage.alive()
        return None if alive else "the practice casino has ended"

    def compare(self, record: OpenRecord, session_id: str) -> tuple[Reconciliation | None, str]:
        """See ``Floor``."""
        if self._ready is None:
            return None, "nothing"
        truth, compared = record.truth()
        try:
            return reconcile(truth.engine, Path(self._ready.ledger), session_id), compared
        finally:
            if truth is not record.database:
                truth.close()

    def close(self) -> None:
        """See ``Floor``."""
        stage, self._stage = self._stage, None
        if stage is not None:
            stage.close()
