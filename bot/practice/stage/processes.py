"""Children that cannot outlive the stage: the kernel kills them when it dies, however it dies."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Make grandchildren that lose their parent children of this process, so that it can end them too."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with(parent: int) -> Callable[[], None]:
    def set_up() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return set_up


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    output: bool = False,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[str]:
    """Start a child in a session of its own. Call it from the main thread only: the kernel ties it to that.

    ``log`` takes its standard error (and output, unless ``output`` keeps that in a pipe).
    """
    with contextlib.ExitStack() as stack:
        sink: IO[bytes] | int = subprocess.DEVNULL if log is None else stack.enter_context(log.open("ab"))
        return subprocess.Popen(
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if output else sink,
            stderr=sink,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - two system calls, nothing that could hold a lock
            pass_fds=tuple(pass_fds),
        )


def end(process: subprocess.Popen[str], patience_s: float = 3.0) -> None:
    """Ask a child to end, then make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def end_descendants(patience_s: float = 2.0) -> None:
    """Kill and reap whatever this process still has below it."""
    rest = psutil.Process().children(recursive=True)
    for process in rest:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(rest, timeout=patience_s)


def reap_orphans(known: Sequence[int]) -> None:
    """Collect adopted processes that have ended; those in ``known`` are left to their owners."""
    peek = os.WEXITED | os.WNOHANG | os.WNOWAIT
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, peek)) is not None and ended.si_pid not in known:
            os.waitpid(ended.si_pid, os.WNOHANG)
