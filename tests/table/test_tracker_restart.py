"""A table that was blind across the end of a round does not give the next flight to that round."""

from __future__ import annotations

from bot.domain.clock import ManualClock
from bot.domain.words import Box, FieldValue, Phase, Placement, Reading
from bot.table.events import RoundEnded, SeenFrom
from bot.table.tracker import RoundTracker

PLACE = Placement(Box(0, 0, 640, 520), 1.0)


def reading(
    clock: ManualClock, number: int, phase: Phase, value: int | None, strip: tuple[int, ...] | None
) -> Reading:
    refused: FieldValue[int] = FieldValue.refused("not read")
    return Reading(
        table="aviatrix",
        number=number,
        at=clock.now(),
        placement=PLACE,
        phase=phase,
        phase_confidence=1.0,
        multiplier=refused if value is None else FieldValue(value, 1.0, "", ""),
        balance=refused,
        players=refused,
        players_total=refused,
        history=FieldValue.refused("waiting") if strip is None else FieldValue(strip, 1.0),
        panels=(),
        changed=clock.now(),
    )


def test_a_flight_seen_after_a_restart_is_not_given_to_a_round_that_ended_unseen() -> None:
    clock, names = ManualClock(), iter(f"new-{n}" for n in range(9))
    tracker = RoundTracker(lambda: next(names), (122, 164, 751), ("bet-round", 6, SeenFrom.BETTING), 7)
    events, number = [], 0
    before, after = None, (1058, 173, 105, 122, 164, 751)

    def watch(phase: Phase, values: list[int | None], strip: tuple[int, ...] | None) -> None:
        nonlocal number
        for value in values:
            number += 1
            clock.advance(0.1)
            events.extend(tracker.see(reading(clock, number, phase, value, strip)))

    watch(Phase.FLYING, [100 + 9 * n for n in range(100)], before)
    watch(Phase.CRASHED, [1058] * 5, before)
    watch(Phase.BETTING, [None] * 10, after)
    ended = {event.round_id: event.crash for event in events if isinstance(event, RoundEnded)}
    assert ended["bet-round"] == 105
    assert sorted(ended.values()) == [105, 173, 1058]
