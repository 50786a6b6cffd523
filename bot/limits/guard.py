"""The guarded book of live play: its copies, the time it has observed, and what a person decided.

It is kept several times, in folders of the user that no option names. Every change is one transaction over
all copies, which first makes them agree: a missing one is made anew, a damaged one is put aside and counts as
doubt, and of copies that differ the stricter wins (``bot.limits.guard_merge``).
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bot.domain.clock import NS_PER_S, Clock, Instant
from bot.domain.errors import StorageError
from bot.folders import guard_folders
from bot.limits import guard_rules as rules
from bot.limits.guard_copy import FILE_NAME, DamagedCopy, GuardCopy
from bot.limits.guard_merge import merged
from bot.limits.guard_state import (
    AccountBounds,
    Exclusion,
    ExclusionKind,
    GuardState,
    LedgerSums,
    ObservedClock,
    digest_of,
)
from bot.limits.machine_time import MachineTime, SystemMachineTime
from bot.limits.outside_time import OutsideTime
from bot.limits.rules import Limits

#: Time alone is written down in steps of this; what lies between is lost at a restart of the machine.
_CLOCK_STEP_NS = NS_PER_S


@dataclass(slots=True)
class Change:
    """A change under way: put the new state into ``state``; it is kept when the change ends well."""

    state: GuardState
    copies: Sequence[GuardCopy]
    must_write: bool = False

    def count(self, rows: int = 0, stakes_minor: int = 0, closed: int = 0, paid_minor: int = 0) -> None:
        """What was just added to the reservations of every copy."""
        before = self.state.sums
        sums = LedgerSums(
            before.rows + rows,
            before.stakes_minor + stakes_minor,
            before.closed + closed,
            before.paid_minor + paid_minor,
        )
        self.state, self.must_write = replace(self.state, sums=sums), True


class GuardBook:
    """The book. Safe to call from any thread; raises ``StorageError`` when a copy cannot be kept."""

    def __init__(
        self,
        folders: Sequence[Path],
        machine: MachineTime,
        busy_timeout_s: float = 5.0,
        make_key: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self.paths = tuple(dict.fromkeys(folder.absolute() / FILE_NAME for folder in folders))
        self._machine, self._busy_timeout_s, self._make_key = machine, busy_timeout_s, make_key
        self._lock = threading.RLock()
        self._copies: list[GuardCopy] = []
        self._doubts: list[str] = []
        self._known: tuple[str, GuardState] | None = None
        self._change: Change | None = None
        self._latest_ns = 0
        #: What was mended while the copies were made to agree, in words for a person.
        self.notes: list[str] = []

    @classmethod
    def open(cls, folders: Sequence[Path] | None = None, machine: MachineTime | None = None) -> Self:
        """The book of this user; a new one when there is none. ``folders`` and ``machine`` are for tests."""
        book = cls(guard_folders() if folders is None else folders, machine or SystemMachineTime())
        book.state()
        return book

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._close_copies()

    # -- changes ----------------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[Change]:
        """All or nothing, in all copies; a change inside a change is part of it."""
        with self._lock:
            if self._change is not None:
                yield self._change
                return
            with self._begun() as change:
                before = change.state
                self._change = change
                try:
                    yield change
                finally:
                    self._change = None
                self._write(change, before)

    @contextmanager
    def _begun(self) -> Iterator[Change]:
        change, stack = self._begin()
        try:
            with stack:
                yield change
        except BaseException:
            self._known = None
            raise
        text = change.state.to_text()
        self._known = (digest_of(text), change.state)
        self._doubts.clear()

    def _begin(self) -> tuple[Change, ExitStack]:
        """Transactions on all copies, which agree; twice, when a copy turns out to be damaged."""
        try:
            return self._try_to_begin()
        except DamagedCopy:
            self._close_copies()
            return self._try_to_begin()

    def _try_to_begin(self) -> tuple[Change, ExitStack]:
        self._open_copies()
        with ExitStack() as stack:
            for copy in self._copies:
                stack.enter_context(copy.transaction())
            change = self._agree()
            return change, stack.pop_all()

    def _write(self, change: Change, before: GuardState) -> None:
        state = change.state
        known = self._known[1] if self._known is not None and not change.must_write else None
        if known is not None and state == before and not _worth_writing(known.clock, state.clock):
            change.state = known  # nothing happened: what is on the disk stays
            return
        change.state = replace(state, number=state.number + 1)
        text = change.state.to_text()
        for copy in change.copies:
            copy.save(text, digest_of(text))

    # -- copies -----------------------------------------------------------------------------------------

    def _open_copies(self) -> None:
        if self._copies and all(copy.in_place() for copy in self._copies):
            return
        self._close_copies()
        for path in self.paths:
            self._copies.append(self._opened(path))

    def _opened(self, path: Path) -> GuardCopy:
        for _attempt in range(2):
            try:
                copy = GuardCopy(path, self._busy_timeout_s)
            except DamagedCopy:
                self._put_aside(path)
                continue
            try:
                copy.check()
                return copy
            except DamagedCopy:
                copy.close()
                self._put_aside(path)
            except BaseException:
                copy.close()
                raise
        raise StorageError(f"{path} is damaged and cannot be replaced: remove it")

    def _put_aside(self, path: Path) -> None:
        """Make room for a whole copy; the damaged one stays beside it for a person to look at."""
        self._doubts.append(f"{path} was damaged")
        try:
            path.replace(path.with_suffix(".damaged"))
            path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path} is damaged and cannot be moved ({error.strerror})") from error

    def _close_copies(self) -> None:
        for copy in self._copies:
            with contextlib.suppress(StorageError):
                copy.close()
        self._copies, self._known = [], None

    def _agree(self) -> Change:
        """The one state of all copies at this moment. Copies that lack or differ are brought in line."""
        digests = [copy.digest() for copy in self._copies]
        if self._known is not None and all(digest == self._known[0] for digest in digests):
            state, mended = self._known[1], False
        else:
            state, mended = self._made_to_agree([copy.load() for copy in self._copies])
        ticked = replace(state, clock=state.clock.at(self._machine.read()))
        return Change(ticked, tuple(self._copies), must_write=mended)

    def _made_to_agree(self, states: Sequence[GuardState | None]) -> tuple[GuardState, bool]:
        found = [(copy, state) for copy, state in zip(self._copies, states, strict=True) if state is not None]
        if not found:
            self._known = None
            return self._with_doubts(GuardState(book_id=self._make_key())), True
        best, base = max(found, key=lambda pair: (pair[1].now_ns, pair[1].number))
        others = [(copy, state) for copy, state in found if state != base]
        if not others and len(found) == len(states) and not self._doubts:
            text = base.to_text()
            self._known = (digest_of(text), base)
            return base, False
        state = base
        for copy, other in others:
            state = merged(state, other)
            best.take_from(copy, base.now_ns - other.now_ns)
        for copy, before in zip(self._copies, states, strict=True):
            if copy is not best:
                copy.become(best)
            if before != base:
                self.notes.append(f"{copy.path} was {'missing' if before is None else 'behind'}: made anew")
        state = replace(state, number=max(other.number for _, other in found), sums=best.sums())
        self._known = None
        return self._with_doubts(state), True

    def _with_doubts(self, state: GuardState) -> GuardState:
        for doubt in self._doubts:
            state = rules.excluded(state, ExclusionKind.DOUBT, rules.DOUBT_NS, self._make_key(), doubt)
        return state

    # -- looking ----------------------------------------------------------------------------------------

    def state(self) -> GuardState:
        """How the book stands now, on the disk and by the clock."""
        with self._lock:
            if self._change is not None:
                return self._change.state
            known = self._known
            if known is not None and self._unchanged(known[0]):
                return replace(known[1], clock=known[1].clock.at(self._machine.read()))
            with self.change() as change:
                return change.state

    def _unchanged(self, digest: str) -> bool:
        try:
            return all(copy.in_place() and copy.digest() == digest for copy in self._copies)
        except DamagedCopy:
            return False

    def now_ns(self) -> int:
        """Observed time, from 0 at the book's start. It never falls, and no clock of the desktop moves it."""
        with self._lock:
            known = self._known[1] if self._known is not None else self.state()
            now = known.clock.at(self._machine.read()).observed_ns
            self._latest_ns = max(self._latest_ns, now)
            return self._latest_ns

    def tick(self) -> None:
        """Write down that time has passed. Any command may do it: what nobody observes does not count."""
        with self.change():
            pass

    def first(self) -> GuardCopy:
        """A copy to read reservations from, after all were made to agree."""
        with self._lock:
            if self._change is None:
                self.state()
            return self._copies[0]

    # -- decisions --------------------------------------------------------------------------------------

    def bounds(self, account: str) -> AccountBounds:
        """What was set for an account and what waits."""
        return self.state().decisions.accounts.get(account, AccountBounds())

    def limits(self, account: str) -> Limits:
        """What holds for an account now. Unset is zero."""
        return self.bounds(account).limits()

    def ask(self, account: str, wanted: Mapping[str, int]) -> AccountBounds:
        """Lower bounds at once and let raises wait for 24 hours and a confirmation. Raises ``BadInput``."""
        with self.change() as change:
            change.state = rules.asked(change.state, account, wanted)
            return change.state.decisions.accounts.get(account, AccountBounds())

    def confirm(self, account: str) -> tuple[str, ...]:
        """Put raises in force that have waited; the names of their bounds. Raises ``BadInput``."""
        with self.change() as change:
            change.state, names = rules.confirmed(change.state, account)
            return names

    def exclude(self, kind: ExclusionKind, lasts_ns: int | None, reason: str = "") -> Exclusion:
        """Close live play from now on; ``None``: for good. Nothing opens it early. What holds then."""
        with self.change() as change:
            change.state = rules.excluded(change.state, kind, lasts_ns, self._make_key(), reason)
            holding = change.state.exclusion()
        assert holding is not None
        return holding

    def exclusion(self) -> Exclusion | None:
        """The cool-off, self-exclusion or doubt that holds now."""
        return self.state().exclusion()

    # -- time from outside ------------------------------------------------------------------------------

    def name_time_server(self, server: str | None) -> None:
        """Believe this server after 24 hours and a confirmation; ``None``: none, at once."""
        with self.change() as change:
            change.state = rules.server_asked(change.state, server)

    def confirm_time_server(self) -> bool:
        """Believe the named server from now on, if it has waited; whether it is new."""
        with self.change() as change:
            change.state, new = rules.server_confirmed(change.state)
            return new

    def hear(self, outside: OutsideTime) -> int:
        """Ask the confirmed server for the time; the nanoseconds that were gained. 0 without a server."""
        server = self.state().decisions.time_server
        if server is None:
            return 0
        before = self._machine.read()
        told_ns = outside.ask(server)
        with self.change() as change:
            after = self._machine.read()
            if after.boot_id != before.boot_id:
                return 0
            ago_ns = max(0, after.since_boot_ns - before.since_boot_ns)
            start = change.state
            change.state = rules.told_by_server(start, server, told_ns, told_ns + ago_ns)
            return change.state.now_ns - start.now_ns


def _worth_writing(before: ObservedClock, now: ObservedClock) -> bool:
    return now.boot_id != before.boot_id or now.observed_ns - before.observed_ns >= _CLOCK_STEP_NS


class TrustedClock:
    """A clock whose ``utc_ns`` is the book's observed time: windows and waits by it cannot be shortened.

    It is no time of the day: records keep ``SystemClock``. ``mono_ns`` and ``sleep`` are the inner clock's.
    """

    def __init__(self, book: GuardBook, inner: Clock) -> None:
        self._book, self._inner = book, inner

    def now(self) -> Instant:
        return Instant(utc_ns=self._book.now_ns(), mono_ns=self._inner.now().mono_ns)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)
