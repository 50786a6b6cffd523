"""``crashbot record TABLE``: watches a table of the user's, tells its rounds, and puts every look on tape."""

from __future__ import annotations

import signal
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, cast

from rich.console import Console

from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_S, Clock, Instant, SystemClock
from bot.domain.errors import BadInput, StorageError
from bot.domain.ids import IdMaker
from bot.domain.words import Mode
from bot.folders import user_data_dir
from bot.recording import RecordingCapture
from bot.runtime.messages import Quit, RoundNews, TableSpec
from bot.runtime.own_eye import open_eye
from bot.runtime.own_screen import open_screen
from bot.runtime.plan import GAMES, MOST_MINUTES
from bot.runtime.recording_eye import RecordingEye, recording_path, start_recording
from bot.runtime.table_loop import LOOK_EVERY_S, WATCH_EVERY_S, TableLoop
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.eye import OwnEye
from bot.settings import load_settings
from bot.staking import build
from bot.table.events import RoundEnded, RoundsMissed


@dataclass(frozen=True, slots=True)
class RecordAsk:
    """Which table, into which file (``None``: one of the user's data folder), until when."""

    table: str
    output: Path | None = None
    rounds: int | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was put on tape."""

    path: Path
    looks: int
    rounds: int
    seconds: float
    size_bytes: int

    @property
    def bytes_per_minute(self) -> float:
        """Size of a minute."""
        return self.size_bytes / self.seconds * 60 if self.seconds > 0 else 0.0


class _News:
    """Where the loop speaks to: rounds are told, the rest is on tape."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.rounds = 0

    def send(self, message: Any) -> None:
        event = message.event if isinstance(message, RoundNews) else None
        if isinstance(event, RoundEnded):
            self.rounds += 1
            self._console.print(f"round {event.number}: {format_hundredths(event.crash)}x", highlight=False)
        elif isinstance(event, RoundsMissed):
            self._console.print(f"missed: {event.reason}", highlight=False)


class _Orders:
    """Where the loop hears from: the end, and nothing else."""

    def __init__(self) -> None:
        self._waiting: deque[Any] = deque()

    def quit(self, finish_round: bool) -> None:
        self._waiting.append(Quit(finish_round))

    def poll(self) -> bool:
        return bool(self._waiting)

    def recv(self) -> Any:
        return self._waiting.popleft()


def run_record(ask: RecordAsk, console: Console) -> Recorded:
    """Record until the rounds or minutes are over, or Ctrl+C. Nothing is clicked.

    Raises ``BadInput`` for a table that is not calibrated, ``StorageError`` when the disk takes no more.
    """
    if ask.rounds is not None and ask.rounds < 1:
        raise BadInput(f"--rounds must be 1 or more, not {ask.rounds}")
    if ask.minutes is not None and not 0 < ask.minutes <= MOST_MINUTES:
        raise BadInput(f"--minutes must be above 0 and at most {MOST_MINUTES}, not {ask.minutes:g}")
    kept, clock = OwnTables(), SystemClock()
    if ask.table in GAMES and ask.table not in kept.names():
        raise BadInput(
            f"{ask.table} is a practice table: `crashbot practice --record FOLDER` records those; "
            "`crashbot record` is for tables of yours"
        )
    table = kept.load(ask.table)
    display, screen = open_screen()
    spec = record_spec(table, kept, display, ask.rounds)
    path = ask.output or recording_path(user_data_dir() / "recordings", table.name, clock)
    capture = RecordingCapture(screen)
    recorder = start_recording(spec, capture, clock, path)
    eye = RecordingEye(open_eye(table, kept, capture, clock), capture, recorder)
    console.print(f"recording {table.name} into {path}; Ctrl+C ends it", highlight=False)
    return _record(spec, eye, path, ask.minutes, clock, console)


def record_spec(table: OwnTable, kept: OwnTables, display: str | None, rounds: int | None) -> TableSpec:
    """A table that is watched. The strategy goes on tape for a replay: that of the settings."""
    strategy = load_settings({}).strategy
    return TableSpec(
        table=table.name,
        game=table.game,
        account=table.account_name,
        currency=table.currency,
        session_id="recording",
        nonce=0,
        index=0,
        display=display,
        fonts_folder=str(kept.folder),
        speed=1.0,
        strategy=strategy.name,
        options=strategy.options(),
        rounds=rounds,
        mode=Mode.WATCH,
        own_folder=str(kept.folder),
        history_shown="history" in table.fields,
    )


def _record(
    spec: TableSpec, eye: RecordingEye, path: Path, minutes: float | None, clock: Clock, console: Console
) -> Recorded:
    news, orders, started = _News(console), _Orders(), clock.now()
    loop = TableLoop(
        spec,
        eye,
        build(spec.strategy, spec.options),
        cast("Connection", news),
        cast("Connection", orders),
        clock,
        IdMaker(clock),
    )
    interrupts: list[int] = []

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        interrupts.append(1)
        orders.quit(finish_round=False)

    previous = signal.signal(signal.SIGINT, interrupted)
    try:
        while loop.step() and not eye.problem:
            if minutes is not None and _seconds(clock, started) >= minutes * 60:
                break
            eye.wait_for_change(LOOK_EVERY_S, WATCH_EVERY_S)
    finally:
        signal.signal(signal.SIGINT, previous)
        eye.close()
        if isinstance(eye.eye, OwnEye):
            eye.eye.close()
    if eye.problem:
        raise StorageError(eye.problem)
    recorder = eye.recorder
    return Recorded(path, recorder.looks, news.rounds, _seconds(clock, started), recorder.size_bytes)


def _seconds(clock: Clock, since: Instant) -> float:
    return (clock.now().mono_ns - since.mono_ns) / NS_PER_S
