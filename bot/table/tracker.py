"""The round tracker: readings in, round events out.

It holds to four rules. The last value seen in flight is never taken for the crash point: only the end
shown in red, or the round's chip, is. Equal neighbours are two rounds, because rounds are told apart by
phases and not by values. After a time of blindness nothing is concluded before the history strip has
been read again. What neither was seen nor left a chip is declared as missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.clock import NS_PER_MS, NS_PER_S, Instant
from bot.domain.words import MultiplierSource, Phase, Reading
from bot.table.events import (
    RoundDoubted,
    RoundEnded,
    RoundFlying,
    RoundOpened,
    RoundsMissed,
    SeenFrom,
    TrackerEvent,
)
from bot.table.history import new_chips

#: A round with this crash point or a lower one (hundredths) is over within a look or two.
NO_FLIGHT = 101


@dataclass(slots=True)
class _Round:
    """One round as far as it is known. ``crash`` is set once the end or the chip gave it.

    ``top`` is the highest value of the flight that a later one confirmed, ``climbing`` the latest: a single
    misread value never becomes the top. ``hole``: it was out of sight for a while since it began.
    """

    round_id: str
    number: int
    seen_from: SeenFrom
    betting_at: Instant | None = None
    flying_at: Instant | None = None
    top: int = 100
    climbing: int = 100
    hole: bool = False
    stage: Phase = Phase.BETTING
    crash: int | None = None
    complete: bool = True
    votes: dict[int, int] = field(default_factory=dict)
    first_vote: Instant | None = None
    left_at: Instant | None = None

    def climb(self, value: int) -> None:
        """Take in a value of the flight that is not below the top."""
        if value >= self.climbing:
            self.top = max(self.top, self.climbing)
        self.climbing = value


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """When the tracker believes what it sees (milliseconds).

    ``blind_ms``: without a usable reading for this long, the strip is asked first. ``strip_wait_ms``: how
    long it may keep the answer back; ``restart_wait_ms`` the same after a restart, whose hole may have
    swallowed whole rounds: nothing but the strip tells which one is on the screen. ``vote_ms``: two equal
    readings of an end must lie this far apart. ``strip``: the table has a history strip; without one a round
    that ended unseen is missed at once, and after more than ``cycle_ms`` out of sight whole rounds may be.
    ``false_start_ms``: a round that left its betting phase for no longer, without a number above 1.01x or an
    end that was read, has not left it (signs that were learned may err for a look); 0: never.
    """

    blind_ms: int = 700
    strip_wait_ms: int = 2500
    restart_wait_ms: int = 20_000
    vote_ms: int = 40
    unaligned_ms: int = 4000
    strip: bool = True
    cycle_ms: int = 6000
    false_start_ms: int = 0


class RoundTracker:
    """Follows one table. Feed it every reading with :meth:`see`; it answers with events, oldest first.

    ``known`` are the crash points of the rounds recorded before (newest first), given on a restart so
    that the strip can fill the hole; ``open_round`` is the round that had begun and not ended then, as
    ``(round_id, number, seen_from)``. ``make_id`` makes round identifiers.
    """

    def __init__(
        self,
        make_id: Callable[[], str],
        known: Sequence[int] = (),
        open_round: tuple[str, int, SeenFrom] | None = None,
        next_number: int = 1,
        settings: TrackerSettings | None = None,
    ) -> None:
        self._make_id = make_id
        self._settings = settings or TrackerSettings()
        self._strip: tuple[int, ...] | None = tuple(known) or None
        self._candidate: tuple[int, ...] | None = None
        self._unaligned_since: Instant | None = None
        self._next_number = next_number
        self._awaiting_chip: deque[_Round] = deque()
        self._current: _Round | None = None
        self._last_good: Instant | None = None
        self._last_phase: Instant | None = None
        self._unbroken = False
        self._resync_since: Instant | None = None
        self._fall: int = 0
        self._seen_before = False
        self._starting = False
        self._restarted = bool(known) or open_round is not None
        if open_round is not None:
            round_id, number, seen_from = open_round
            self._current = _Round(round_id, number, seen_from, complete=False)

    @property
    def current_id(self) -> str | None:
        """The round whose betting phase or flight is on the screen."""
        current = self._current
        return current.round_id if current and current.stage in (Phase.BETTING, Phase.FLYING) else None

    @property
    def busy(self) -> bool:
        """A round has begun whose crash point is not known yet."""
        return self._current is not None and self._current.crash is None

    @property
    def strip(self) -> tuple[int, ...]:
        """The history strip as last confirmed, newest first."""
        return self._strip or ()

    @property
    def resyncing(self) -> bool:
        """True while it waits for the strip after a time of blindness."""
        return self._resync_since is not None

    def see(self, reading: Reading) -> list[TrackerEvent]:
        """What this reading adds to the story."""
        events: list[TrackerEvent] = []
        if reading.placement is None or (reading.phase is Phase.UNKNOWN and not reading.history.value):
            return events
        self._notice_blindness(reading.at)
        self._see_strip(reading, events)
        if reading.phase is Phase.UNKNOWN:
            return events
        self._notice_hole(reading.at, events)
        if self._resync_since is not None:
            settings = self._settings
            patience_ms = settings.restart_wait_ms if self._starting else settings.strip_wait_ms
            if _ms(self._resync_since, reading.at) < patience_ms:
                return events
            self._give_up_resync(reading.at, events)
        if reading.phase is not Phase.BETTING:
            self._seen_before = True
        if reading.phase is Phase.BETTING:
            self._see_betting(reading, events)
        elif reading.phase is Phase.FLYING:
            self._see_flying(reading, events)
        else:
            self._see_crashed(reading, events)
        return events

    # -- phases ---------------------------------------------------------------------------------

    def _see_betting(self, reading: Reading, events: list[TrackerEvent]) -> None:
        current = self._current
        if current is not None and current.stage is Phase.BETTING:
            return
        if current is not None and self._false_start(current, reading.at):
            current.stage, current.flying_at, current.left_at = Phase.BETTING, None, None
            return
        self._leave_current(reading.at, events)
        self._open(SeenFrom.BETTING, reading.at, events)

    def _false_start(self, current: _Round, at: Instant) -> bool:
        """Whether a round that seemed to have left its betting phase is still in it."""
        nothing_seen = current.crash is None and not current.votes and current.climbing <= NO_FLIGHT
        recent = current.left_at is not None and _ms(current.left_at, at) < self._settings.false_start_ms
        return nothing_seen and current.top <= NO_FLIGHT and recent

    def _see_flying(self, reading: Reading, events: list[TrackerEvent]) -> None:
        current = self._current
        if current is None or current.stage is Phase.CRASHED:
            self._leave_current(reading.at, events)
            current = self._open(SeenFrom.FLYING, reading.at, events)
        value = reading.multiplier.value
        if current.stage is Phase.BETTING:
            current.stage, current.left_at = Phase.FLYING, reading.at
        elif value is not None and value < current.top:
            # After a hole this may be another flight, whose start was hidden: two low values say so.
            self._fall += 1
            if self._fall < 2 or not current.hole:
                return
            self._leave_current(reading.at, events)
            current = self._open(SeenFrom.FLYING, reading.at, events)
        if value is not None and value >= current.top:
            current.climb(value)
            self._fall = 0
        if current.flying_at is None:
            current.flying_at = reading.at
            events.append(RoundFlying(current.round_id, current.number, reading.at))

    def _see_crashed(self, reading: Reading, events: list[TrackerEvent]) -> None:
        current = self._current
        if current is None:
            return  # the first thing ever seen is an end: that round was not watched
        value = reading.multiplier.value
        if value is not None and value < current.top and current.stage is Phase.FLYING and current.hole:
            self._fall += 1
            if self._fall < 2:
                return
            # The end of another flight than the one that was followed.
            self._leave_current(reading.at, events)
            current = self._open(SeenFrom.CRASHED, reading.at, events)
        if current.stage is Phase.BETTING and value is not None and value <= NO_FLIGHT:
            # Over as soon as it began: the betting phase ended here, though no flight was seen.
            current.flying_at = reading.at
            events.append(RoundFlying(current.round_id, current.number, reading.at))
        if current.stage is Phase.BETTING:
            current.left_at = reading.at
        current.stage = Phase.CRASHED
        if value is None or current.crash is not None:
            return
        current.votes[value] = current.votes.get(value, 0) + 1
        if current.first_vote is None:
            current.first_vote = reading.at
        best = max(current.votes, key=lambda v: current.votes[v])
        rest = sum(current.votes.values()) - current.votes[best]
        steady = _ms(current.first_vote, reading.at) >= self._settings.vote_ms
        if steady and current.votes[best] >= 2 and current.votes[best] > 3 * rest:
            confidence = reading.multiplier.confidence
            self._end(
                current, best, MultiplierSource.OCR, confidence, reading.multiplier.text, reading.at, events
            )
            if self._settings.strip:
                self._awaiting_chip.append(current)

    # -- the strip --------------------------------------------------------------------------------

    def _see_strip(self, reading: Reading, events: list[TrackerEvent]) -> None:
        strip = reading.history.value
        if strip is None or (not strip and self._strip is not None):
            return
        if strip != self._candidate:
            self._candidate = strip  # a chip slides in: believe a strip that is seen twice
            return
        if self._strip is None:
            if reading.phase in (Phase.BETTING, Phase.FLYING):
                self._take_baseline(strip, reading.at, events)
            return
        if self._end_is_being_read(reading):
            return
        if self._strip == () and len(strip) > len(self._awaiting_chip) + 2:
            # More chips at once than rounds can have flown: they were there before, and were not seen.
            self._take_baseline(strip, reading.at, events)
            return
        # A table that never showed a chip: whatever is on its strip now has come since.
        fresh = new_chips(self._strip, strip) if self._strip else tuple(reversed(strip))
        if fresh is None:
            self._see_unaligned(strip, reading.at, events)
            return
        self._unaligned_since = None
        self._strip = strip if fresh or len(strip) >= len(self._strip) else self._strip
        for index, chip in enumerate(fresh):
            self._see_chip(chip, len(fresh) - index, reading, events)
        if self._resync_since is not None:
            self._after_resync(reading)

    def _end_is_being_read(self, reading: Reading) -> bool:
        """The number in red comes before the chip: it is the better witness, so the chip waits for it."""
        current = self._current
        if reading.phase is not Phase.CRASHED or self._resync_since is not None:
            return False
        return current is not None and current.crash is None

    def _take_baseline(self, strip: tuple[int, ...], at: Instant, events: list[TrackerEvent]) -> None:
        """The first strip: rounds before our time, and those that ended while it was unread."""
        self._strip = strip
        self._resync_since = None
        for age, round_ in enumerate(reversed(self._awaiting_chip)):
            if round_.crash is None and age < len(strip) and strip[age] >= round_.top:
                self._end(round_, strip[age], MultiplierSource.BACKFILL, 0.9, str(strip[age]), at, events)
        self._awaiting_chip.clear()

    def _see_chip(self, chip: int, left: int, reading: Reading, events: list[TrackerEvent]) -> None:
        """``left`` counts this chip and the newer ones of the same strip."""
        waiting = self._awaiting_chip
        self._drop_before(chip, reading.at, events)
        if waiting and (waiting[0].crash == chip or waiting[0].crash is None):
            round_ = waiting.popleft()
            if round_.crash is None:
                self._end(round_, chip, MultiplierSource.BACKFILL, 0.9, str(chip), reading.at, events)
            return
        if waiting and len(waiting) >= left:
            round_ = waiting.popleft()
            events.append(RoundDoubted(round_.round_id, round_.crash or 0, chip, reading.at))
            return
        current = self._current
        if not waiting and current is not None and current.crash is None and chip >= current.top:
            self._end(current, chip, MultiplierSource.BACKFILL, 0.9, str(chip), reading.at, events)
            # Still on the screen as an end: stay, so that the same red number opens no other round.
            self._current = current if current.stage is Phase.CRASHED else None
            return
        missed = self._new_round(SeenFrom.HISTORY)
        missed.complete = False
        self._end(missed, chip, MultiplierSource.BACKFILL, 0.9, str(chip), reading.at, events)

    def _drop_before(self, chip: int, at: Instant, events: list[TrackerEvent]) -> None:
        """A chip that fits a later round only: the rounds before it have had theirs, or never showed one."""
        waiting = self._awaiting_chip
        if not waiting or waiting[0].crash is None or all(r.crash != chip for r in waiting):
            return
        while waiting[0].crash != chip:
            skipped = waiting.popleft()
            if skipped.crash is None:
                events.append(RoundsMissed(1, "its chip was not seen", at, skipped.round_id))

    def _see_unaligned(self, strip: tuple[int, ...], at: Instant, events: list[TrackerEvent]) -> None:
        """No shift explains the strip: a misread chip, or everything on it is new. Wait, then declare."""
        if self._unaligned_since is None:
            self._unaligned_since = at
        if _ms(self._unaligned_since, at) < self._settings.unaligned_ms:
            return
        self._declare_missed("the history strip shows none of the known rounds", at, events)
        self._strip = strip
        self._unaligned_since = None

    # -- blindness --------------------------------------------------------------------------------

    def _notice_blindness(self, at: Instant) -> None:
        last, self._last_good = self._last_good, at
        self._unbroken = last is not None and _ms(last, at) < self._settings.blind_ms
        if self._strip is None:
            return
        if (last is None and self._restarted) or (
            last is not None and _ms(last, at) >= self._settings.blind_ms and self._resync_since is None
        ):
            self._resync_since = at
            self._starting = last is None
            self._candidate = None

    def _notice_hole(self, at: Instant, events: list[TrackerEvent]) -> None:
        """Whether a phase was seen lately; if not, the round may have ended and another begun unseen."""
        last, self._last_phase = self._last_phase, at
        unseen = not self._settings.strip and last is not None and _ms(last, at) >= self._settings.cycle_ms
        if unseen:
            self._declare_missed("out of sight for longer than a round, and no history strip", at, events)
        if self._current is not None and (last is None or _ms(last, at) >= self._settings.blind_ms):
            self._current.hole = True

    def _after_resync(self, reading: Reading) -> None:
        """The strip was read after a hole and has closed what it shows; what is left is current."""
        self._resync_since = None
        current = self._current
        if current is not None and current.stage is Phase.CRASHED and current.crash is not None:
            if reading.phase is not Phase.CRASHED:
                self._current = None
        elif current is not None and current.stage is Phase.BETTING and reading.phase is Phase.CRASHED:
            current.stage = Phase.FLYING

    def _give_up_resync(self, at: Instant, events: list[TrackerEvent]) -> None:
        self._resync_since = None
        if self._unaligned_since is not None or self._starting:
            self._declare_missed("the history strip could not be read after a hole", at, events)
            self._strip = None

    def _declare_missed(self, reason: str, at: Instant, events: list[TrackerEvent]) -> None:
        lost = [round_ for round_ in self._awaiting_chip if round_.crash is None]
        current = self._current
        if current is not None and current.crash is None and current.stage is not Phase.CRASHED:
            lost.append(current)
            self._current = None
        self._awaiting_chip.clear()
        for round_ in lost:
            events.append(RoundsMissed(1, reason, at, round_.round_id))
        events.append(RoundsMissed(None, reason, at))

    # -- rounds -----------------------------------------------------------------------------------

    def _new_round(self, seen_from: SeenFrom) -> _Round:
        round_ = _Round(self._make_id(), self._next_number, seen_from)
        self._next_number += 1
        return round_

    def _open(self, seen_from: SeenFrom, at: Instant, events: list[TrackerEvent]) -> _Round:
        round_ = self._new_round(seen_from)
        self._fall = 0
        from_start = self._unbroken and self._seen_before and seen_from is SeenFrom.BETTING
        round_.complete = from_start
        self._seen_before = True
        if seen_from is SeenFrom.BETTING:
            round_.betting_at = at
        else:
            round_.stage = Phase.FLYING
        self._current = round_
        events.append(RoundOpened(round_.round_id, round_.number, seen_from, at, from_start))
        return round_

    def _leave_current(self, at: Instant, events: list[TrackerEvent]) -> None:
        """The current round is over on the screen. Without its end it waits for its chip, if any come."""
        current, self._current = self._current, None
        if current is None or current.crash is not None:
            return
        current.complete = False
        if self._settings.strip:
            self._awaiting_chip.append(current)
        else:
            events.append(RoundsMissed(1, "its end was not seen", at, current.round_id))

    def _end(
        self,
        round_: _Round,
        crash: int,
        source: MultiplierSource,
        confidence: float,
        text: str,
        at: Instant,
        events: list[TrackerEvent],
    ) -> None:
        round_.crash = crash
        events.append(
            RoundEnded(
                round_.round_id,
                round_.number,
                round_.seen_from,
                crash,
                source,
                confidence,
                text,
                round_.complete and source is MultiplierSource.OCR,
                round_.betting_at,
                round_.flying_at,
                at,
            )
        )


def _ms(start: Instant, end: Instant) -> float:
    return (end.mono_ns - start.mono_ns) / NS_PER_MS


def seconds_between(start: Instant, end: Instant) -> float:
    """Duration on the monotonic clock, in seconds."""
    return (end.mono_ns - start.mono_ns) / NS_PER_S
