"""What a stage is started with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.practice.options import CasinoOptions


@dataclass(frozen=True, slots=True)
class StageOptions:
    """``display`` is an X display that exists already; with neither it nor ``show`` a private one is started.

    ``width`` and ``height`` are those of one window, in pixels.
    """

    casino: CasinoOptions
    display: str | None
    show: bool
    width: int
    height: int
    clicks: bool
    browser: str | None


class StageError(Exception):
    """The stage cannot go on. ``kind`` is a word for programs, the message one line for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
