"""Alerts while a session runs: looked for now and then, in a thread of their own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from bot.analytics.alert_rules import AlertRules
from bot.analytics.alerts import Raised, check_alerts
from bot.database import Database
from bot.domain.clock import Clock
from bot.domain.errors import CrashbotError
from bot.domain.ports import Record, RecordSink

LOOK_EVERY_S = 15.0
_SHOWN = 20


class AlertWatch:
    """Looks at the record every ``LOOK_EVERY_S`` seconds, and once more at the end.

    A thread of its own: a user's command may take its time, and no bet waits for it. ``trouble`` hears of a
    look that failed; it never ends the session.
    """

    def __init__(
        self,
        database: Database,
        sink: RecordSink,
        clock: Clock,
        rules: AlertRules,
        command: str | None,
        trouble: Callable[[str], None],
    ) -> None:
        self._database, self._sink, self._clock = database, sink, clock
        self._rules, self._command, self._trouble = rules, command, trouble
        self._over = threading.Event()
        self._words: deque[str] = deque(maxlen=_SHOWN)
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._thread.start()

    @property
    def words(self) -> list[str]:
        """The newest alerts, oldest first, a line each."""
        return list(self._words)

    def close(self, timeout_s: float = 30.0) -> None:
        """Look once more, at everything that is written by now, and end."""
        self._over.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._look()
        self._look()

    def _look(self) -> None:
        try:
            raised = check_alerts(
                self._rules,
                command=self._command,
                database=self._database,
                clock=self._clock,
                keep=self._keep,
            )
        except CrashbotError as error:
            self._trouble(str(error))
            return
        self._words.extend(f"{alert.severity}: {alert.message}" for alert in raised)

    def _keep(self, alerts: Sequence[Raised]) -> None:
        for alert in alerts:
            values: dict[str, object] = {name: getattr(alert, name) for name in alert.__dataclass_fields__}
            self._sink.put(Record("alerts", values))
