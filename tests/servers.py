"""A real PostgreSQL server, and a proxy that cuts the way to it: for tests, benchmarks and the soak.

Started as a program (``python tests/servers.py DATA FOLDER``) this file is a server's guard, see
``_stand_guard``.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self, TypeVar

import psutil
import psycopg
from psycopg import sql

OLDEST_MAJOR = 15
LOOPBACK = "127.0.0.1"
USER = "crashbot_tests"
#: Below the range that systems take ports of outgoing connections from, so that a port stays free while its
#: server is down.
PORTS = range(20_000, 32_000)
START_S, STOP_S, CALL_S = 60.0, 20.0, 10.0
POLL_S = 0.01
PROGRAMS = ("postgres", "initdb")
ANY_SERVER: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # Shared memory in the data directory: nothing is left in /dev/shm when the server is killed.
    "dynamic_shared_memory_type": "mmap",
}
NOT_DURABLE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

T = TypeVar("T")


class ServerError(RuntimeError):
    """There is no server program, or the server did not do what it was asked to; one clear message."""


def wait_until(happened: Callable[[], bool], within_s: float) -> bool:
    """Wait for a condition for at most so many seconds; whether it came true."""
    end = time.monotonic() + within_s
    while not happened():
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_S)
    return True


def free_port() -> int:
    """A loopback TCP port that nothing listens on now. Raises ServerError when none is found."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    raise ServerError(f"no free TCP port was found from {PORTS.start} to {PORTS.stop}")


# -- finding the programs -------------------------------------------------------------------------------


def _folders_of_programs() -> Iterator[Path]:
    """Where PostgreSQL's programs may lie: PATH, Debian's and Red Hat's places, what pg_config says."""
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for root, pattern in (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin")):
        yield from sorted(Path(root).glob(pattern), reverse=True)
    config = shutil.which("pg_config")
    if config:
        said = subprocess.run(
            [config, "--bindir"], capture_output=True, text=True, timeout=CALL_S, check=False
        )
        yield Path(said.stdout.strip())


def _major_version(postgres: Path) -> int:
    """The first number of ``postgres --version``; 0 when it says none."""
    said = subprocess.run(
        [str(postgres), "--version"], capture_output=True, text=True, timeout=CALL_S, check=False
    )
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def find_programs(folders: Iterable[Path] | None = None) -> Path:
    """The folder with ``postgres`` and ``initdb`` of a version that will do.

    Raises ServerError, which says what to install.
    """
    too_old: list[str] = []
    for folder in _folders_of_programs() if folders is None else folders:
        if not all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            continue
        major = _major_version(folder / "postgres")
        if major >= OLDEST_MAJOR:
            return folder
        too_old.append(f"{folder} has version {major}")
    found = f" ({'; '.join(too_old)})" if too_old else ""
    raise ServerError(
        f"the tests need the programs of a PostgreSQL server, version {OLDEST_MAJOR} or newer, and found none"
        f"{found}: run make setup, or install them (Debian 12 and newer: sudo apt-get install postgresql)"
    )


# -- processes ------------------------------------------------------------------------------------------


def processes_of(data: Path) -> list[psutil.Process]:
    """All processes of the server with this data directory: PostgreSQL's own all work in that directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(data) and process.name() in PROGRAMS:
                found.append(process)
    return found


def _kill_all(data: Path) -> None:
    """SIGKILL to every process of the server, until none is left. Raises ServerError after ``STOP_S``."""

    def none_left() -> bool:
        left = processes_of(data)
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        return not left

    if not wait_until(none_left, STOP_S):
        raise ServerError(f"processes of {data} do not end: {processes_of(data)}")


def _release_shared_memory(data: Path) -> None:
    """Remove the segment that a killed server left; its id is in the seventh line of postmaster.pid."""
    with suppress(OSError, IndexError):
        segment = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        subprocess.run(["ipcrm", "-m", segment], capture_output=True, timeout=CALL_S, check=False)


def _stand_guard(data: Path, folder: Path | None) -> None:
    """Wait for the end of the process that started us, however it ends, then end its server and its files.

    Our standard input is a pipe that only that process holds: it closes with a SIGKILL as well. (A signal at
    the parent's death, PR_SET_PDEATHSIG, would already come when the *thread* ends that started the server.)
    """
    sys.stdin.buffer.read()
    _kill_all(data)
    _release_shared_memory(data)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Account:
    """The system account that the server runs as; no name means our own."""

    name: str | None

    @classmethod
    def for_server(cls) -> _Account:
        """PostgreSQL refuses to run as root: then another account has to do it."""
        if os.geteuid() != 0:
            return cls(None)
        known = {entry.pw_name for entry in pwd.getpwall()}
        return cls("postgres" if "postgres" in known else "nobody")

    def options(self) -> dict[str, Any]:
        """Options for ``subprocess`` that make the child run as this account."""
        if self.name is None:
            return {}
        return {"user": self.name, "group": pwd.getpwnam(self.name).pw_gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make this account the owner of a file."""
        if self.name is not None:
            entry = pwd.getpwnam(self.name)
            os.chown(path, entry.pw_uid, entry.pw_gid)


# -- the server -----------------------------------------------------------------------------------------


class PostgresServer:
    """A PostgreSQL server of its own, on a loopback port that it keeps through kills and restarts.

    ``durable=False`` turns fsync and its like off: quicker, for tests that look at what is stored and not at
    whether it stays. ``settings`` are further settings of the server. ``folder`` is where the data directory
    and the log go, and is kept; without one a folder is made and removed again. When we are root the folder
    must be reachable for other accounts (a pytest ``tmp_path`` is not).

    Use it as a context manager, or call ``start`` and, at the end, ``close``: it is not started again after
    that. No process of it outlives ours, however ours ends.
    """

    def __init__(
        self, folder: Path | None = None, *, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.programs = find_programs()
        self.port = free_port()
        self._account = _Account.for_server()
        self._made = folder is None
        self.folder = (folder or Path(tempfile.mkdtemp(prefix="crashbot-postgres-"))).resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.settings = {**ANY_SERVER, **({} if durable else NOT_DURABLE), **(settings or {})}
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- addresses --------------------------------------------------------------------------------------

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """SQLAlchemy's address of a database; ``port`` is a proxy's."""
        return self.plain_url(database, port=port).replace("postgresql://", "postgresql+psycopg://", 1)

    def plain_url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """The address in the form that libpq, psycopg and ADBC read."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{port or self.port}/{database}"

    # -- databases --------------------------------------------------------------------------------------

    def create_database(self, name: str | None = None) -> str:
        """Make a fresh, empty database and give its name (a name of its own when none is asked for)."""
        name = name or f"test_{secrets.token_hex(6)}"
        # template0: nobody can be connected to it, which would make the copying fail.
        self._command("CREATE DATABASE {} TEMPLATE template0", name)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, if it is there; whoever is still connected to it is thrown out."""
        self._command("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _command(self, statement: LiteralString, name: str) -> None:
        with psycopg.connect(self.plain_url(), autocommit=True, connect_timeout=int(CALL_S)) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    # -- its life ---------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the server's main process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The main process (the postmaster). Raises ServerError when the server is not running."""
        if self._process is None or self._process.poll() is not None:
            raise ServerError("the PostgreSQL server is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it takes connections, crash recovery included.

        The first start makes the data directory. A running server is left alone. Raises ServerError, with
        the end of the log, when the server ends or is not ready within ``START_S``.
        """
        if self.running:
            return
        if self._guard is None:
            self._start_guard()
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self._end_all()  # children of a main process that somebody else killed would hold the shared memory
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._child_options(),
            )
        self._wait_ready()

    def stop(self) -> None:
        """End the server in good order and keep its data; nothing happens when it is not running."""
        if self.running and self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's «fast» end: no waiting for its clients
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        self._end_all()

    def kill_9(self) -> None:
        """SIGKILL to the main process and to all its children; ``start`` then has to recover.

        When this is back none of them is left, so the port and the shared memory are free. (A child that
        was not killed could finish what it does, and holds the shared memory until then.)
        """
        if self._process is not None:
            self._process.kill()  # first, so that it does not see its children die and start new ones
        self._end_all()

    def close(self) -> None:
        """Stop for good; no process is left and no file of a folder that we made. May be repeated."""
        self.stop()
        _release_shared_memory(self.data)
        if self._made:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait(STOP_S)
            self._guard = None

    def log_tail(self, lines: int = 15) -> str:
        """The end of the server's log."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return "(there is no log)"

    # -- details ----------------------------------------------------------------------------------------

    def _child_options(self) -> dict[str, Any]:
        """How the server's programs run: away from our terminal's Ctrl-C and from settings of our caller."""
        return {
            "cwd": self.data,
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            "start_new_session": True,
            **self._account.options(),
        }

    def _start_guard(self) -> None:
        removed = [str(self.folder)] if self._made else []
        self._guard = subprocess.Popen(
            [sys.executable, "-I", __file__, str(self.data), *removed],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # nobody who reads our output to its end shall wait for the guard
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _make_data(self) -> None:
        """Run initdb. Raises ServerError with its words."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        for path in (self.folder, self.data, secret):
            self._account.own(path)
        options = [
            "--pwfile",
            str(secret),
            "-A",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
        ]
        done = subprocess.run(
            [str(self.programs / "initdb"), "-D", str(self.data), "-U", USER, "--no-sync", *options],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
            **self._child_options(),
        )
        secret.unlink()
        if done.returncode:
            raise ServerError(f"initdb failed in {self.folder}:\n{done.stdout}{done.stderr}")

    def _wait_ready(self) -> None:
        """Wait until a connection is made, or raise ServerError."""

        def answers_or_ended() -> bool:
            if not self.running:
                return True
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.plain_url(), connect_timeout=int(CALL_S)).close()
                return True
            return False

        ready = wait_until(answers_or_ended, START_S)
        if ready and self.running:
            return
        what = "did not start" if ready else f"was not ready within {START_S:.0f} s"
        self._end_all()
        raise ServerError(f"the PostgreSQL server on port {self.port} {what}:\n{self.log_tail()}")

    def _end_all(self) -> None:
        """Whatever is left of the server ends now."""
        _kill_all(self.data)
        self._reap()

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait(STOP_S)
            self._process = None


# -- the proxy ------------------------------------------------------------------------------------------


class CuttableProxy:
    """A TCP proxy on a loopback port of its own, whose connections a test cuts, stalls and lets be again.

    Its methods may be called from any thread and are back when what they say has happened. Use it as a
    context manager, or call ``start`` and ``close``.
    """

    def __init__(self, port: int, host: str = LOOPBACK) -> None:
        self.target = (host, port)
        self.host, self.port = LOOPBACK, free_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._flowing = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begin to listen and to forward."""
        self._thread.start()
        self.restore()

    def cut(self) -> None:
        """Reset all connections (RST, to both ends) and refuse new ones."""
        self._call(self._cut())

    def stall(self) -> None:
        """Take new connections and keep the old ones, but forward nothing until ``restore`` or ``cut``."""
        self._call(self._stall())

    def restore(self) -> None:
        """Listen and forward again; what was held back by ``stall`` goes on its way."""
        self._call(self._restore())

    def close(self) -> None:
        """Cut everything and end the thread. May be repeated."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            self.cut()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CALL_S)
        self._loop.close()

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._tasks)

    def _call(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(CALL_S)

    async def _cut(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in self._open:
            _reset(writer)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the closing of a socket is a call that the loop makes in its next turn

    async def _stall(self) -> None:
        self._flowing.clear()
        await self._listen()

    async def _restore(self) -> None:
        self._flowing.set()
        await self._listen()

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._accepted, self.host, self.port)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._listener is None:  # it was on its way when the proxy was cut
            _reset(writer)
            return
        self._open.add(writer)
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One client's connection, until either end closes or resets it; the other end gets the same."""
        writers = [to_client]
        try:
            await self._flowing.wait()
            from_server, to_server = await asyncio.open_connection(*self.target)
            writers.append(to_server)
            self._open.add(to_server)
            await _first_ended(self._forward(from_client, to_server), self._forward(from_server, to_client))
        except OSError:
            for writer in writers:
                _reset(writer)
        finally:
            for writer in writers:
                writer.close()
                self._open.discard(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()


async def _first_ended(*ways: Coroutine[Any, Any, None]) -> None:
    """Run these side by side until one ends or fails; then the others are cancelled."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection at once, with RST and without what is still to be sent."""
    plug = writer.get_extra_info("socket")
    with suppress(OSError):
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


if __name__ == "__main__":
    _stand_guard(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
