"""How long pictures stay: the oldest go first, when they are too old or when all of them take too much room.

Only files are deleted; what was read and decided stays in the record until ``crashbot db purge``.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from bot.domain.clock import Clock
from bot.journal.files import StoredPicture, stored_pictures
from bot.journal.rules import JournalRules

US_PER_DAY = 86_400_000_000
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a tidying deleted (or would), and what is left."""

    deleted: int
    deleted_bytes: int
    left: int
    left_bytes: int
    dry_run: bool = False


def doomed(pictures: list[StoredPicture], rules: JournalRules, now_utc_us: int) -> list[StoredPicture]:
    """The pictures that have to go, oldest first."""
    oldest_first = sorted(pictures, key=lambda each: (each.at_utc_us, each.path))
    bound = None if rules.keep_mb is None else rules.keep_mb * BYTES_PER_MB
    oldest = None if rules.keep_days is None else now_utc_us - rules.keep_days * US_PER_DAY
    left = sum(each.size_bytes for each in oldest_first)
    gone = []
    for each in oldest_first:
        too_old = oldest is not None and each.at_utc_us < oldest
        too_much = bound is not None and left > bound
        if not (too_old or too_much):
            break
        gone.append(each)
        left -= each.size_bytes
    return gone


def tidy(folder: Path, rules: JournalRules, clock: Clock, dry_run: bool = False) -> Tidied:
    """Delete what is too old or too much; folders that became empty go, too.

    A file that cannot be deleted stays and counts as left. Several bots may tidy at once.
    """
    pictures = list(stored_pictures(folder))
    gone = doomed(pictures, rules, clock.now().utc_ns // 1_000)
    if not dry_run:
        gone = [each for each in gone if _deleted(folder, each)]
    deleted_bytes = sum(each.size_bytes for each in gone)
    total = sum(each.size_bytes for each in pictures)
    return Tidied(len(gone), deleted_bytes, len(pictures) - len(gone), total - deleted_bytes, dry_run)


def _deleted(folder: Path, picture: StoredPicture) -> bool:
    file = folder / picture.path
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return False
    for parent in (file.parent, file.parent.parent):
        with contextlib.suppress(OSError):
            parent.rmdir()  # only when nothing is left in it
    return True
