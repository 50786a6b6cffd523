"""Watching the first rounds of a user's own table: what is read, what was learned, and the verdict.

The learning happens in the table's eye while it looks; here it is watched, told in lines and ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_S, Clock
from bot.domain.words import MultiplierSource, Phase, Reading
from bot.runtime.own_fields import FieldSeen, fields_seen, label_of
from bot.screen.own.definition import FIELDS, OwnTable
from bot.screen.own.eye import FieldLearning
from bot.table.events import RoundEnded, RoundOpened, RoundsMissed, SeenFrom, TrackerEvent
from bot.table.tracker import RoundTracker, TrackerSettings

LOOK_EVERY_S, WATCH_EVERY_S = 0.02, 0.005
#: A line about where things stand, at least this often.
TELL_EVERY_S = 15.0
#: After the last round it is watched on for so long at most, until all that was wanted is learned.
GRACE_S = 40.0
#: Out of sight, or without a number, for so long: the person is told what to do.
PATIENCE_S = 8.0


class LearningEye(Protocol):
    """The eye of a user's own table, as far as watching its first rounds needs it."""

    def look(self) -> Reading: ...
    def wait_for_change(self, at_most_s: float, every_s: float) -> bool: ...
    def learning(self) -> Sequence[FieldLearning]: ...


@dataclass(frozen=True, slots=True)
class LessonView:
    """Where the watching stands. ``ended``: crash points seen, oldest first, hundredths.

    ``never_read``: fields of which no look gave a value.
    """

    wanted: int
    ended: tuple[int, ...]
    phase: Phase
    in_sight: bool
    reason: str
    fields: tuple[FieldSeen, ...]
    learning: tuple[FieldLearning, ...]
    elapsed_s: float
    at_most_s: float
    since_complete_s: float = 0.0
    never_read: tuple[FieldSeen, ...] = ()

    @property
    def complete(self) -> bool:
        """All rounds that were wanted were read to their end."""
        return len(self.ended) >= self.wanted

    @property
    def over(self) -> bool:
        """Nothing more is watched: complete and all learned that can be soon, or the time is up."""
        if self.elapsed_s >= self.at_most_s:
            return True
        learned = all(field.trusted for field in self.learning)
        return self.complete and (learned or self.since_complete_s >= GRACE_S)


class Lesson:
    """Watches ``rounds`` whole rounds at a table, ``at_most_s`` seconds. Belongs to the eye's thread.

    A round that was under way when it began does not count. ``tell`` takes lines for the person.
    """

    def __init__(
        self,
        eye: LearningEye,
        table: OwnTable,
        clock: Clock,
        make_id: Callable[[], str],
        rounds: int,
        at_most_s: float,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._eye, self._table, self._clock, self._tell = eye, table, clock, tell
        self._tracker = RoundTracker(make_id, settings=TrackerSettings(strip="history" in table.fields))
        self._rounds, self._at_most_s = rounds, at_most_s
        self._began_ns = clock.now().mono_ns
        self._told_ns = self._began_ns
        self._trouble_since_ns: int | None = None
        self._trouble_told = False
        self._told_all = False
        self._read: set[str] = set()
        self._ended: list[int] = []
        self._complete_ns: int | None = None
        self._late: str | None = None
        self._opened = 0
        self._phase = Phase.UNKNOWN
        self._states: dict[str, str] = {}
        self.reading: Reading | None = None

    def step(self) -> None:
        """One look, and what follows from it."""
        reading = self.reading = self._eye.look()
        self._read |= {seen.name for seen in fields_seen(reading, self._table) if seen.value is not None}
        for event in self._tracker.see(reading):
            self._note(event)
        self._tell_phase(reading)
        self._tell_learning()
        self._tell_trouble(reading)
        if self._seconds_since(self._told_ns) >= TELL_EVERY_S:
            self._tell_fields(reading)
        self._eye.wait_for_change(LOOK_EVERY_S, WATCH_EVERY_S)

    def run(self) -> LessonView:
        """To the end: the rounds, or the time."""
        while not self.view().over:
            self.step()
        return self.view()

    def view(self) -> LessonView:
        """Where it stands now."""
        reading = self.reading
        seen = () if reading is None else fields_seen(reading, self._table)
        return LessonView(
            wanted=self._rounds,
            ended=tuple(self._ended),
            phase=Phase.UNKNOWN if reading is None else reading.phase,
            in_sight=reading is not None and reading.placement is not None,
            reason="" if reading is None else reading.reason,
            fields=seen,
            learning=tuple(self._eye.learning()),
            elapsed_s=self._seconds_since(self._began_ns),
            at_most_s=self._at_most_s,
            since_complete_s=0.0 if self._complete_ns is None else self._seconds_since(self._complete_ns),
            never_read=tuple(field for field in seen if field.name not in self._read),
        )

    def _seconds_since(self, mono_ns: int) -> float:
        return (self._clock.now().mono_ns - mono_ns) / NS_PER_S

    def _note(self, event: TrackerEvent) -> None:
        if isinstance(event, RoundOpened):
            self._opened += 1
            if self._opened == 1 and event.seen_from is not SeenFrom.BETTING:
                self._late = event.round_id  # it was under way already
        elif isinstance(event, RoundEnded):
            if event.source is not MultiplierSource.OCR or event.round_id == self._late:
                self._tell(f"a round that was not seen whole ended at {format_hundredths(event.crash)}x")
                return
            self._ended.append(event.crash)
            if len(self._ended) == self._rounds:
                self._complete_ns = self._clock.now().mono_ns
            count = f"round {len(self._ended)} of {self._rounds}"
            self._tell(f"{count}: ended at {format_hundredths(event.crash)}x")
        elif isinstance(event, RoundsMissed):
            self._tell(f"a round was missed: {event.reason}")

    def _tell_phase(self, reading: Reading) -> None:
        if reading.phase is self._phase or reading.phase is Phase.UNKNOWN:
            return
        self._phase = reading.phase
        self._tell(f"phase: {reading.phase.value}")
        if not self._told_all and reading.phase is Phase.FLYING:
            self._tell_fields(reading)

    def _tell_fields(self, reading: Reading) -> None:
        self._told_ns = self._clock.now().mono_ns
        if reading.placement is None:
            return
        seen = fields_seen(reading, self._table)
        if not self._told_all:
            self._told_all = True
            for field in seen:
                self._tell(f"  {field.line()}")
            return
        self._tell("  read: " + ", ".join(field.short() for field in seen))

    def _tell_learning(self) -> None:
        for field in self._eye.learning():
            if self._states.get(field.name) != field.state:
                self._states[field.name] = field.state
                self._tell(learned_line(field))

    def _tell_trouble(self, reading: Reading) -> None:
        fine = reading.placement is not None and reading.phase is not Phase.UNKNOWN
        if fine:
            self._trouble_since_ns, self._trouble_told = None, False
        elif self._trouble_since_ns is None:
            self._trouble_since_ns = reading.at.mono_ns
        elif not self._trouble_told and self._seconds_since(self._trouble_since_ns) >= PATIENCE_S:
            self._trouble_told = True
            self._tell(f"waiting: {trouble(reading)}")


def trouble(reading: Reading) -> str:
    """Why nothing can be learned now, and what the person can do."""
    if reading.placement is None:
        return f"{reading.reason or 'the table is not in sight'}: bring its window to the front, whole"
    why = reading.reason or reading.multiplier.reason or "no number was seen"
    return f"no phase can be told ({why}): is the box of the multiplier round the number, with a little room?"


def learned_line(field: FieldLearning) -> str:
    """One field's learning, for people."""
    name = label_of(field.name) if field.name in FIELDS else field.name
    return f"learning: {name}: {field.state}" + (f", still wanted: {field.wants}" if field.wants else "")


def verdict(view: LessonView) -> tuple[bool, list[str]]:
    """Whether the table can be used, and lines that say so and what is to be done."""
    if not view.complete:
        return False, [_unfinished(view)]
    trusted = [field for field in view.learning if field.trusted]
    more = [field for field in view.learning if not field.trusted]
    lines = [f"The multiplier was read over {len(view.ended)} rounds: " + _crashes(view.ended) + "."]
    if trusted:
        lines.append("Learned: " + ", ".join(_named(field) for field in trusted) + ".")
    for field in more:
        lines.append(f"{_named(field)} needs more ({field.wants}): it is learned on while you watch.")
    for seen in view.never_read:
        lines.append(f"{label_of(seen.name)} was never read: {seen.reason}. Is its box right?")
    return True, lines


def _unfinished(view: LessonView) -> str:
    minutes = f"{view.at_most_s / 60:g} minutes"
    if view.ended:
        return (
            f"Only {len(view.ended)} of {view.wanted} rounds ended within {minutes}: run it again with more "
            "--minutes; what was learned is kept."
        )
    if not view.in_sight:
        return (
            f"The table was not in sight for {minutes}: bring its window to the front, or calibrate it anew "
            "with boxes where it is now."
        )
    return (
        f"No round flew within {minutes}: is the game running, and is the box of the multiplier round the "
        f"number with a little room ({view.reason or 'nothing was read in it'})? Then run it again."
    )


def _named(field: FieldLearning) -> str:
    return label_of(field.name) if field.name in FIELDS else field.name


def _crashes(ended: Sequence[int]) -> str:
    return ", ".join(f"{format_hundredths(crash)}x" for crash in ended)
