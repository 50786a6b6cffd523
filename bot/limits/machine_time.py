"""How long this machine has run, from sources that setting the clock does not move.

Waiting times and the windows of live limits count time that was *observed*: between two looks at one and the
same boot of the machine. The wall clock is not asked.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.clock import NS_PER_MS

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UPTIME = Path("/proc/uptime")
_TIME_NAMESPACE = Path("/proc/self/ns/time")
_TIME_OFFSETS = Path("/proc/self/timens_offsets")
_NS_PER_CENTISECOND = 10_000_000


@dataclass(frozen=True, slots=True)
class MachineReading:
    """``boot_id`` names a stretch without a restart; ``since_boot_ns`` grows within it, asleep too."""

    boot_id: str
    since_boot_ns: int


class MachineTime(Protocol):
    """Says how long the machine has run. Readings of different boots cannot be compared."""

    def read(self) -> MachineReading: ...


class SystemMachineTime:
    """This machine's own. Where its boots cannot be told apart, each process counts as a boot of its own."""

    def __init__(self) -> None:
        self._boot_id = _boot_id() or f"process/{secrets.token_hex(8)}"

    def read(self) -> MachineReading:
        return MachineReading(self._boot_id, _since_boot_ns())


if sys.platform == "linux":

    def _boot_id() -> str | None:
        with contextlib.suppress(OSError, ValueError):
            boot = _BOOT_ID.read_text(encoding="ascii").strip()
            return f"linux/{boot}{_time_namespace()}" if boot else None
        return None

    def _time_namespace() -> str:
        """A time namespace shifts the clock of the processes in it: each is a boot of its own."""
        with contextlib.suppress(OSError, ValueError):
            name = _TIME_NAMESPACE.readlink()
            offsets = " ".join(_TIME_OFFSETS.read_text(encoding="ascii").split())
            return f" {name} {offsets}"
        return ""

    def _since_boot_ns() -> int:
        since = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        with contextlib.suppress(OSError, ValueError, IndexError):
            # A second witness: a library that makes up clocks for a program leaves files alone.
            uptime = int(_UPTIME.read_text(encoding="ascii").split()[0].replace(".", ""))
            return min(since, (uptime + 1) * _NS_PER_CENTISECOND)
        return since

elif sys.platform == "win32":

    def _boot_id() -> str | None:
        import winreg

        path = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
            return f"windows/{winreg.QueryValueEx(key, 'BootId')[0]}"
        return None

    def _since_boot_ns() -> int:
        import ctypes

        ticks_ms = ctypes.windll.kernel32.GetTickCount64
        ticks_ms.restype = ctypes.c_uint64
        return int(ticks_ms()) * NS_PER_MS

elif sys.platform == "darwin":

    def _boot_id() -> str | None:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            words = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
            boot = subprocess.run(words, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
            return f"macos/{boot}" if boot else None
        return None

    def _since_boot_ns() -> int:
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)

else:

    def _boot_id() -> str | None:
        return None

    def _since_boot_ns() -> int:
        return time.monotonic_ns()
