"""The child in which a user's strategy runs: ``python -m bot.staking.own_child``, spoken to in JSON lines.

It ends when its parent does, whatever the user's code is doing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from bot.domain.errors import BadInput
from bot.staking.orders import Settlement, StakingOptions, Strategy
from bot.staking.own_loading import OwnFile, OwnSteps, maker

#: Rounds on which a file's strategy is tried before it is used.
_TRIAL_ROUNDS = 200
_TRIAL_BALANCE = 1_000_000


def options_to_json(options: StakingOptions) -> dict[str, Any]:
    """Options as a JSON object; exact decimals as text."""
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(options).items()}


def options_from_json(values: dict[str, Any]) -> StakingOptions:
    """The reverse of :func:`options_to_json`."""
    taken = dict(values)
    for name in ("share", "kelly_part", "confidence"):
        taken[name] = Decimal(taken[name])
    for name in ("line", "stakes_minor"):
        taken[name] = tuple(taken[name])
    taken["own"] = tuple((name, value) for name, value in taken["own"])
    return StakingOptions(**taken)


def loaded(request: dict[str, Any]) -> Callable[[], Strategy]:
    """What makes the strategy that a request names, tried on a first order. Raises ``BadInput``."""
    make = maker(OwnFile(Path(request["path"]), request["wanted"]), options_from_json(request["options"]))
    tried = make()
    tried.order(_TRIAL_BALANCE)
    if isinstance(tried, OwnSteps):
        _try(tried)
    return make


def _try(strategy: Strategy) -> None:
    """Some rounds, so that step functions that raise or loop are found before they are compiled."""
    balance = _TRIAL_BALANCE
    for number in range(_TRIAL_ROUNDS):
        order = strategy.order(balance)
        crash = 10_000_000 // (1 + number * 7_919 % 99_991)
        strategy.observed(max(100, crash))
        if 0 < order.stake_minor <= balance:
            won = crash >= order.target
            paid = order.stake_minor * order.target // 100 if won else 0
            balance += paid - order.stake_minor
            strategy.settled(Settlement(won, order.stake_minor, paid))


def serve(handle: Callable[[dict[str, Any], Callable[[dict[str, Any]], None]], None]) -> None:
    """Answer requests until the parent closes the pipe. What the user's code prints goes nowhere."""
    answers = _own_stdout()
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()

    def answer(values: dict[str, Any]) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    answer({"ready": True})
    for line in sys.stdin:
        try:
            handle(json.loads(line), answer)
        except BadInput as error:
            answer({"error": str(error)})
    os._exit(0)  # the user's code may have left threads behind


def _own_stdout() -> TextIO:
    """The pipe to the parent, moved to where the user's ``print`` does not reach it."""
    kept = os.dup(1)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.close(silent)
    return os.fdopen(kept, "w", encoding="utf-8")


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


class _Desk:
    """One strategy, and the calls to it."""

    def __init__(self) -> None:
        self._strategy: Strategy | None = None

    def handle(self, request: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
        call = request["call"]
        if call == "load":
            self._strategy = loaded(request)()
            steps = isinstance(self._strategy, OwnSteps)
            answer({"parameters": dict(self._strategy.parameters), "steps": steps})
            return
        strategy = self._strategy
        assert strategy is not None
        if call == "order":
            answer({"order": list(strategy.order(request["balance"]))})
        elif call == "settled":
            strategy.settled(Settlement(*request["settlement"]))
        elif call == "observed":
            strategy.observed(request["crash"])
        elif call == "state":
            answer({"state": dict(strategy.state)})
        elif call == "restore":
            strategy.restore(request["state"])
            answer({})


if __name__ == "__main__":
    serve(_Desk().handle)
