"""Asking a person about one bet while everything else goes on: a line is read only when it is there."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_MS, Clock
from bot.runtime.messages import BetWanted

#: What the hands need at least after the answer, milliseconds; a later answer is none.
HANDS_NEED_MS = 1_200.0
YES = ("y", "yes")


class TypedLines:
    """Lines typed at a terminal, without waiting for them."""

    def __init__(self, source: TextIO | None = None) -> None:
        self._source = sys.stdin if source is None else source
        self._begun = ""

    def forget(self) -> None:
        """What was typed before a question is no answer to it."""
        while self.line() is not None:
            continue
        self._begun = ""

    def line(self) -> str | None:
        """One line, if it was typed to its end; ``None``: not yet."""
        while "\n" not in self._begun:
            typed = self._typed()
            if not typed:
                return None
            self._begun += typed.replace("\r", "\n")
        line, _, self._begun = self._begun.partition("\n")
        return line.strip()

    if sys.platform == "win32":

        def _typed(self) -> str:
            import msvcrt

            return msvcrt.getwche() if msvcrt.kbhit() else ""

    else:

        def _typed(self) -> str:
            import select

            with contextlib.suppress(OSError, ValueError):
                ready, _, _ = select.select([self._source.fileno()], [], [], 0)
                if ready:
                    return os.read(self._source.fileno(), 1_024).decode("utf-8", "replace")
            return ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An order, and whether the person agreed to it in time."""

    wanted: BetWanted
    agreed: bool
    reason: str = ""


class Questions:
    """One question at a time, each answered by ``y`` and Enter before its round takes off, or not at all."""

    def __init__(self, lines: TypedLines, clock: Clock, say: Callable[[str], None]) -> None:
        self._lines, self._clock, self._say = lines, clock, say
        self._waiting: deque[BetWanted] = deque()
        self._shown: BetWanted | None = None
        self._agreed: set[str] = set()

    def put(self, wanted: BetWanted) -> None:
        """Ask about this order."""
        self._waiting.append(wanted)

    def agreed(self, bet_id: str) -> bool:
        """Whether the person said yes to this bet."""
        return bet_id in self._agreed

    def answers(self) -> list[Answered]:
        """What was decided since the last call, by the person or by time."""
        decided = [Answered(w, False, "no answer in time") for w in self._waiting if self._late(w)]
        for answer in decided:
            self._waiting.remove(answer.wanted)
        if self._shown is not None and self._shown not in self._waiting:
            self._say("no answer in time: no bet")
            self._shown = None
        if self._shown is None and self._waiting:
            self._show(self._waiting[0])
        line = None if self._shown is None else self._lines.line()
        if self._shown is not None and line is not None:
            decided.append(self._answer(self._shown, line))
        return decided

    def _show(self, wanted: BetWanted) -> None:
        bet, left_ms = wanted.bet, self._left_ms(wanted)
        self._lines.forget()
        self._shown = wanted
        self._say(
            f"{bet.table}: bet {format_hundredths(bet.stake_minor)} {bet.currency} at "
            f"{format_hundredths(bet.target)}x? Type y and Enter within {left_ms / 1_000:.0f} s; "
            "anything else, or nothing, is no bet."
        )

    def _answer(self, wanted: BetWanted, line: str) -> Answered:
        self._shown = None
        self._waiting.remove(wanted)
        if line.lower() not in YES:
            return Answered(wanted, False, "the person said no")
        self._agreed.add(wanted.bet.bet_id)
        return Answered(wanted, True)

    def _left_ms(self, wanted: BetWanted) -> float:
        left = (wanted.bet.deadline_mono_ns - self._clock.now().mono_ns) / NS_PER_MS
        return left - HANDS_NEED_MS

    def _late(self, wanted: BetWanted) -> bool:
        return self._left_ms(wanted) <= 0
