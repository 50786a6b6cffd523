"""The terminal at which a person arms live play or closes it."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO


class TtyTerminal:
    """Standard input and output of this process, or two streams: both must be one terminal."""

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        self._source = sys.stdin if source is None else source
        self._target = sys.stdout if target is None else target

    def is_a_terminal(self) -> bool:
        """Whether what is typed and what is shown go through one and the same terminal."""
        try:
            source, target = self._source.fileno(), self._target.fileno()
            if not (os.isatty(source) and os.isatty(target)):
                return False
            return sys.platform == "win32" or os.ttyname(source) == os.ttyname(target)
        except (OSError, ValueError, AttributeError):
            return False

    def say(self, text: str) -> None:
        """Show a text."""
        print(text, file=self._target, flush=True)

    def ask(self, question: str) -> str:
        """One line typed after the question was shown, without its end; ``""`` when there is nobody."""
        self._forget_what_was_typed()
        print(question, end=" ", file=self._target, flush=True)
        return self._source.readline().strip()

    def _forget_what_was_typed(self) -> None:
        """An answer from before the question is none."""
        if sys.platform != "win32":
            import termios

            with contextlib.suppress(OSError, ValueError, termios.error):
                termios.tcflush(self._source.fileno(), termios.TCIFLUSH)
