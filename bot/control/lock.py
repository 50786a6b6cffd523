"""One instance per desktop user holds the hands.

The lock is the operating system's own on an open file: it ends with the process that holds it, however
that process ends, so a lock cannot be stale and the file may lie there for ever.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.domain.errors import AlreadyRunning, StorageError

FILE_NAME = "hands.lock"


def _lock(descriptor: int) -> bool:
    """Try to lock the open file for this process alone; ``False`` when another one has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # The byte lies behind the text: on Windows a locked byte cannot be read by others.
            os.lseek(descriptor, 1024, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class HandsLock:
    """Held from ``acquire`` to ``release`` or the end of the process. A context manager, too.

    ``folder`` is the user's own (the same for every instance of this user); the file in it names the
    process that holds the hands, for the message to the second one, which says what that process does
    (``doing``).
    """

    def __init__(self, folder: Path, doing: str = "holds mouse and keyboard") -> None:
        self._doing = doing
        self.path = folder / FILE_NAME
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the hands. Raises ``AlreadyRunning`` when another instance has them."""
        if self._descriptor is not None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}; make it writable") from error
        if not _lock(descriptor):
            holder = os.read(descriptor, 64).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise AlreadyRunning(
                f"another instance (process {holder}) {self._doing}: end it first (crashbot stop)"
            )
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        except OSError as error:
            os.close(descriptor)
            raise StorageError(f"cannot write {self.path}: {error.strerror}; free some space") from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files of one name."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._descriptor is not None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
