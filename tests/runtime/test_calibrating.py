"""Watching the first rounds of a table: what counts, what is told, when it is over. The eye is scripted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.domain.clock import ManualClock
from bot.domain.words import Box, FieldValue, Phase, Placement, Reading
from bot.runtime.calibrating import GRACE_S, PATIENCE_S, Lesson, LessonView, verdict
from bot.screen.own.definition import OwnTable
from bot.screen.own.eye import FieldLearning

TABLE = OwnTable("desk", {"multiplier": Box(10, 10, 200, 80), "balance": Box(300, 10, 90, 20)}, (800, 600))
PLACE = Placement(Box(0, 0, 800, 600), 1.0)
STEP_S = 0.05


@dataclass
class ScriptedEye:
    """Shows phases and numbers one after the other; the last for ever."""

    clock: ManualClock
    script: list[tuple[Phase, int | None]]
    fields: list[FieldLearning] = field(default_factory=list)
    in_sight: bool = True
    balance: int | None = 100_000
    looks: int = 0

    def look(self) -> Reading:
        phase, value = self.script[min(self.looks, len(self.script) - 1)]
        self.looks += 1
        at = self.clock.now()
        none: FieldValue[int] = FieldValue.refused("nothing there")
        number = none if value is None else FieldValue(value, 0.99, str(value))
        return Reading(
            table="desk", number=self.looks, at=at, placement=PLACE if self.in_sight else None,
            phase=phase if self.in_sight else Phase.UNKNOWN, phase_confidence=0.9, multiplier=number,
            balance=none if self.balance is None else FieldValue(self.balance, 0.9), players=none,
            players_total=none, history=FieldValue.refused("none"), panels=(), changed=at,
            reason="" if self.in_sight else "the table is not in sight",
        )  # fmt: skip

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        self.clock.advance(STEP_S)
        return True

    def learning(self) -> Sequence[FieldLearning]:
        return self.fields


def round_of(crash: int) -> list[tuple[Phase, int | None]]:
    """One whole round as it is seen."""
    flight = [(Phase.FLYING, value) for value in range(100, crash, 10)]
    return [(Phase.BETTING, None)] * 6 + flight + [(Phase.CRASHED, crash)] * 10


def watched(
    script: list[tuple[Phase, int | None]], rounds: int = 2, at_most_s: float = 120.0, **changes: object
) -> tuple[LessonView, list[str], ScriptedEye]:
    clock = ManualClock()
    eye = ScriptedEye(clock, script)
    for name, value in changes.items():
        setattr(eye, name, value)
    lines: list[str] = []
    numbers = count()
    lesson = Lesson(eye, TABLE, clock, lambda: f"round-{next(numbers)}", rounds, at_most_s, lines.append)
    return lesson.run(), lines, eye


def test_two_whole_rounds_end_it_when_all_is_learned() -> None:
    view, lines, eye = watched(round_of(180) + round_of(130) + round_of(500))
    assert view.ended == (180, 130)
    assert "round 2 of 2: ended at 1.30x" in lines
    assert eye.looks < len(round_of(180) + round_of(130)) + 1
    good, told = verdict(view)
    assert good and told[0] == "The multiplier was read over 2 rounds: 1.80x, 1.30x."


def test_a_round_under_way_at_the_start_does_not_count() -> None:
    late = round_of(180)[10:]
    view, lines, _ = watched(late + round_of(130) + round_of(150))
    assert view.ended == (130, 150)
    assert "a round that was not seen whole ended at 1.80x" in lines


def test_it_watches_on_for_a_while_until_all_is_learned() -> None:
    wanting = [FieldLearning("anchor", "no pieces yet", False, "a round in sight")]
    view, lines, _ = watched(round_of(180) + round_of(130), fields=wanting)
    assert view.complete and view.over and view.since_complete_s >= GRACE_S
    good, told = verdict(view)
    assert good and "anchor needs more (a round in sight): it is learned on while you watch." in told
    assert "learning: anchor: no pieces yet, still wanted: a round in sight" in lines


def test_a_field_that_was_never_read_is_doubted() -> None:
    view, _, _ = watched(round_of(180) + round_of(130), balance=None)
    assert "balance was never read: nothing there. Is its box right?" in verdict(view)[1]


def test_a_table_out_of_sight_is_told_once_and_at_the_end() -> None:
    view, lines, _ = watched(round_of(180), in_sight=False, at_most_s=3 * PATIENCE_S)
    assert sum(line.startswith("waiting: the table is not in sight") for line in lines) == 1
    good, told = verdict(view)
    assert not good and "was not in sight" in told[0]


def test_a_table_that_never_flies_ends_in_time_with_what_to_do() -> None:
    view, lines, _ = watched([(Phase.BETTING, None)], at_most_s=30)
    assert view.over and view.ended == () and view.elapsed_s < 31
    good, told = verdict(view)
    assert not good and told[0].startswith("No round flew within 0.5 minutes")
    assert "phase: betting" in lines


def test_too_few_rounds_in_time_keep_what_was_learned() -> None:
    view, _, _ = watched(round_of(180), at_most_s=20)
    good, told = verdict(view)
    assert not good and told[0].startswith("Only 1 of 2 rounds ended")
