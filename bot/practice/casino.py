"""The casino process: plays its tables and serves its pages until it is told to end.

It prints JSON lines: ``listening`` with the port, ``page`` when a table's page is ready or gone, ``order``
for the faults that only the stage can perform, ``error`` before it gives up.
"""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
import sqlite3
import sys

from aiohttp import web

from bot.practice.clock import SystemHouseClock
from bot.practice.house import House
from bot.practice.ledger import LedgerError
from bot.practice.options import CasinoOptions
from bot.practice.server import CasinoServer

HOST = "127.0.0.1"
EXIT_TROUBLE = 3


def say(**event: object) -> None:
    """One JSON line on standard output, at once."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def say_error(kind: str, message: str) -> int:
    """The one line of a start that failed; returns the exit code."""
    say(event="error", kind=kind, message=message)
    return EXIT_TROUBLE


def _order_stage(row: int, table: str, kind: str, ms: int, detail: dict[str, object]) -> None:
    say(event="order", id=row, table=table, kind=kind, ms=ms, detail=detail)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


async def _serve(house: House, listener: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = CasinoServer(house, lambda table, pages: say(event="page", table=table, pages=pages))
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener, shutdown_timeout=1.0).start()
    play = asyncio.create_task(house.run())
    say(event="listening", port=listener.getsockname()[1], nonce=house.options.nonce)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((play, stopped), return_when=asyncio.FIRST_COMPLETED)
    failed = play.done()
    play.cancel()
    stopped.cancel()
    await runner.cleanup()
    if failed:
        play.result()


def run_casino(options: CasinoOptions) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code."""
    try:
        listener = _listen(options.port)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return say_error(
                "port_taken", f"port {options.port} of {HOST} is taken: choose another, or 0 for a free one"
            )
        raise
    try:
        house = House(options, SystemHouseClock(), _order_stage)
    except LedgerError as error:
        listener.close()
        return say_error("ledger", str(error))
    trouble = ""
    try:
        asyncio.run(_serve(house, listener))
    except* sqlite3.Error as errors:
        trouble = (
            f"cannot go on writing the casino's ledger {options.ledger}: {_first(errors)}; is the disk full?"
        )
    finally:
        house.close()
    return say_error("ledger", trouble) if trouble else 0


def _first(errors: BaseExceptionGroup[sqlite3.Error]) -> BaseException:
    inner: BaseException = errors
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return inner
