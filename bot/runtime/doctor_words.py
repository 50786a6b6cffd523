"""What the doctor's checks speak in: findings, and the machine as they see it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PATIENCE_S = 30.0


class State(StrEnum):
    """Well; there but less than it could be; not there."""

    OK = "ok"
    REDUCED = "reduced"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: what was found, and what a person can do about it when it is not well."""

    name: str
    state: State
    found: str
    advice: str = ""
    necessary: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's edges, so that tests can examine one that lacks things.

    ``which`` finds a command, ``run`` runs one and gives exit code and output, ``free_bytes`` asks a disk.
    """

    system: str
    environment: Mapping[str, str]
    which: Callable[[str], str | None]
    run: Callable[[Sequence[str]], tuple[int, str]]
    free_bytes: Callable[[Path], int]


def this_machine() -> Machine:
    """The machine that we run on."""
    return Machine(
        platform.system(), os.environ, shutil.which, run_briefly, lambda f: shutil.disk_usage(f).free
    )


def run_briefly(command: Sequence[str]) -> tuple[int, str]:
    """Exit code and output of a command that should take a moment; 127 and why when it does not run."""
    try:
        done = subprocess.run(
            list(command),
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return 127, str(error)
    return done.returncode, done.stdout or done.stderr
