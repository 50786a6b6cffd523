"""What runs in a table's own process: its eye, its strategy, its loop."""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
from multiprocessing.connection import Connection

import cv2

from bot.domain.clock import SystemClock
from bot.domain.errors import CrashbotError
from bot.domain.ids import IdMaker
from bot.runtime.eyes import eye_for
from bot.runtime.messages import TableSpec, TableTrouble
from bot.runtime.recording_eye import RecordingEye
from bot.runtime.table_loop import TableLoop
from bot.screen.own.eye import OwnEye
from bot.staking import build


def run_table(spec: TableSpec, up: Connection, down: Connection) -> None:
    """Entry point of a table's process. Ends when the table is done or the main process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the main process's; it tells us to quit
    cv2.setNumThreads(1)  # two cores, three tables and a browser: one thread each
    try:
        _run(spec, up, down)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        sys.exit(1)  # the main process is gone: nobody is left to report to
    except Exception as error:
        reaction = error.reaction if isinstance(error, CrashbotError) else "report it"
        trouble = TableTrouble(type(error).__name__, str(error), reaction, traceback.format_exc())
        with contextlib.suppress(OSError):
            up.send(trouble)
        sys.exit(70)


def _run(spec: TableSpec, up: Connection, down: Connection) -> None:
    clock = SystemClock()
    eye, strategy = eye_for(spec, clock), build(spec.strategy, spec.options)
    if isinstance(eye, RecordingEye):
        eye.tell = lambda problem: up.send(TableTrouble("StorageError", problem, "the recording ended"))
    try:
        TableLoop(spec, eye, strategy, up, down, clock, IdMaker(clock)).run()
    finally:
        if isinstance(eye, RecordingEye):
            eye.close()
        seeing = eye.eye if isinstance(eye, RecordingEye) else eye
        if isinstance(seeing, OwnEye):
            seeing.close()  # what it learned is kept
