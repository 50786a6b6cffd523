"""The child in which whole sessions of a user's strategy run: ``python -m bot.simulation.own_child``.

It speaks the JSON lines of ``bot.staking.own_child`` and gives a sign of life between rounds, so that
its parent can tell a long simulation from a strategy that loops.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.limits import Limits, PeriodLimits
from bot.limits.rules import PERIODS
from bot.simulation.draws import crashes
from bot.simulation.sessions import Session, figures_of, replay
from bot.staking.orders import Strategy
from bot.staking.own_child import loaded, serve

Answer = Callable[[dict[str, Any]], None]
_SIGN_S = 0.5


class _Signs:
    """Says that it lives, at most every ``_SIGN_S`` seconds."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self._last = answer, time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last > _SIGN_S:
            self._last = now
            self._answer({"alive": True})


class _Desk:
    def __init__(self) -> None:
        self._make: Callable[[], Strategy] | None = None

    def handle(self, request: dict[str, Any], answer: Answer) -> None:
        call = request["call"]
        if call == "load":
            self._make = loaded(request)
            answer({"loaded": True})
            return
        assert self._make is not None
        limits = _limits(request["limits"])
        bankroll, goal, alive = request["bankroll"], request["goal"], _Signs(answer)
        if call == "replay":
            played = replay(
                self._make(), request["crashes"], bankroll, limits, goal, request["missed"], alive
            )
            session = played.session
            rows = {"stakes": played.stakes, "targets": played.targets, "balances": played.balances}
            answer({**rows, "figures": figures_of(session), "stop": session.stop})
        elif call == "sessions":
            rows_of = []
            for number in range(request["first"], request["first"] + request["sessions"]):
                session = Session(self._make(), bankroll, limits, goal)
                for crash in crashes(request["seed"], number, request["rounds"], request["rtp"]):
                    session.play(crash)
                    alive()
                rows_of.append(figures_of(session))
            answer({"figures": rows_of})


def _limits(values: dict[str, Any]) -> Limits:
    taken = dict(values)
    for name in PERIODS:
        taken[name] = PeriodLimits(**taken[name])
    return Limits(**taken)


if __name__ == "__main__":
    serve(_Desk().handle)
