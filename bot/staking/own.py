"""A user's own strategy, run as Python in a process that is killed when it takes too long."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from typing import IO, Any

from bot.domain.errors import BadInput
from bot.staking.orders import Order, Settlement, StakingOptions
from bot.staking.own_child import options_to_json
from bot.staking.own_loading import OwnFile, checked_order

#: Seconds that the child may take to start; that a user's code may take to load, and for one answer.
START_S = 60.0
LOAD_S = 5.0
ANSWER_S = 3.0


class Child:
    """A process that answers JSON lines with JSON lines, each within a time; beyond it is killed."""

    def __init__(self, module: str, name: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],  # -P: no file of the current folder shadows ours
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        self._stdin = stdin
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(stdout, self._answers), daemon=True)
        self._reader.start()
        self.close = weakref.finalize(self, _end, self._process, self._reader)

    def load(self, file: OwnFile, options: StakingOptions) -> dict[str, Any]:
        """Have it load a file, which is also its trial. Raises ``BadInput``."""
        self.hear(START_S)
        self.tell(_load_request(file, options))
        return self.hear(LOAD_S)

    def tell(self, request: Mapping[str, Any]) -> None:
        """Send a request; its answer, if it has one, comes with :meth:`hear`."""
        with contextlib.suppress(OSError, ValueError):  # its end is noticed where an answer is awaited
            self._stdin.write(json.dumps(request) + "\n")
            self._stdin.flush()

    def hear(self, within_s: float) -> dict[str, Any]:
        """The next answer. Raises ``BadInput`` for an error, a death, or when it takes too long (killed)."""
        try:
            line = self._answers.get(timeout=within_s)
        except queue.Empty:
            self.close()
            raise BadInput(f"{self._name}: no answer within {within_s:g} s; it was ended") from None
        if not line:
            self.close()
            raise BadInput(f"{self._name}: its process ended by itself")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self.close()
            raise BadInput(str(answer["error"]))
        return answer


def _read(stream: IO[str], answers: queue.SimpleQueue[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            answers.put(line)
    answers.put("")


def _end(process: subprocess.Popen[str], reader: threading.Thread) -> None:
    process.kill()
    process.wait()
    if reader is not threading.current_thread():
        reader.join(1.0)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


class OwnStrategy:
    """A strategy from a file (:mod:`bot.staking.own_loading` says in which forms). Raises ``BadInput``.

    ``steps``: whether it is made of step functions, which can be compiled.
    """

    def __init__(self, file: OwnFile, options: StakingOptions, answer_s: float = ANSWER_S) -> None:
        self.file, self.options = file, options
        self.name = file.name
        self._answer_s = answer_s
        self._child = Child("bot.staking.own_child", file.name)
        try:
            answer = self._child.load(file, options)
        except BaseException:
            self._child.close()
            raise
        self.steps = bool(answer["steps"])
        self._parameters: dict[str, object] = answer["parameters"]

    @property
    def parameters(self) -> Mapping[str, object]:
        return self._parameters

    @property
    def state(self) -> Mapping[str, int]:
        self._child.tell({"call": "state"})
        state: Mapping[str, int] = self._child.hear(self._answer_s)["state"]
        return state

    def restore(self, state: Mapping[str, int]) -> None:
        self._child.tell({"call": "restore", "state": dict(state)})
        self._child.hear(self._answer_s)

    def order(self, balance_minor: int) -> Order:
        """The next order. A fault in what it was told before shows here, too."""
        self._child.tell({"call": "order", "balance": balance_minor})
        order = checked_order(self.file, self._child.hear(self._answer_s)["order"])
        if order.stake_minor > balance_minor:
            return Order(0, order.target, "no bet: the stake is more than the balance")
        if order.stake_minor == 0 and not order.note:
            return order._replace(note="the strategy stakes nothing")
        return order

    def settled(self, settlement: Settlement) -> None:
        self._child.tell({"call": "settled", "settlement": list(settlement)})

    def observed(self, crash_multiplier: int) -> None:
        self._child.tell({"call": "observed", "crash": crash_multiplier})

    def close(self) -> None:
        """End its process; it also ends with this object."""
        self._child.close()


def _load_request(file: OwnFile, options: StakingOptions) -> dict[str, Any]:
    """What a child is asked first."""
    path = str(file.path.absolute())
    return {"call": "load", "path": path, "wanted": file.wanted, "options": options_to_json(options)}
