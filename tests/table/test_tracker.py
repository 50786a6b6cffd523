"""The round tracker on computed readings: whole rounds, equal neighbours, holes, restarts."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.words import FieldValue, MultiplierSource, Phase
from bot.table.events import (
    RoundDoubted,
    RoundEnded,
    RoundFlying,
    RoundOpened,
    RoundsMissed,
    SeenFrom,
    TrackerEvent,
)
from bot.table.tracker import RoundTracker, TrackerSettings
from tests.table.flown import Flown, at, draw, fly, reading_at, readings


def new_tracker(**known: object) -> RoundTracker:
    counter = itertools.count(1)
    return RoundTracker(lambda: f"r{next(counter)}", **known)  # type: ignore[arg-type]


def follow(tracker: RoundTracker, rounds: list[Flown], **how: object) -> list[TrackerEvent]:
    events: list[TrackerEvent] = []
    for reading in readings(rounds, **how):  # type: ignore[arg-type]
        events += tracker.see(reading)
    return events


def ends(events: list[TrackerEvent]) -> list[RoundEnded]:
    return [event for event in events if isinstance(event, RoundEnded)]


def test_every_round_is_recorded_once_with_its_exact_end() -> None:
    crashes = draw(random.Random(7), 40)
    events = ends(follow(new_tracker(), fly(crashes)))
    assert [e.crash for e in events] == crashes
    assert {e.source for e in events} == {MultiplierSource.OCR}
    assert [e.complete for e in events] == [False] + [True] * 39  # of the first the beginning was not seen
    assert [e.number for e in events] == list(range(1, 41))


def test_equal_neighbours_are_two_rounds() -> None:
    crashes = [150, 150, 150, 100, 100, 237]
    assert [e.crash for e in ends(follow(new_tracker(), fly(crashes)))] == crashes


def test_the_last_value_in_flight_is_not_the_crash_point() -> None:
    rounds = fly([500, 200])
    tracker = new_tracker()
    events: list[TrackerEvent] = []
    for reading in readings(rounds):
        if reading.phase in (Phase.BETTING, Phase.FLYING) and reading.at.mono_ns < at(rounds[0].ends).mono_ns:
            events += tracker.see(reading)
    assert [type(e) for e in events] == [RoundOpened, RoundFlying]


def test_a_round_hidden_in_its_end_is_filled_from_its_chip() -> None:
    rounds = fly([180, 240, 320, 150])
    hidden = rounds[1]
    blind = lambda s: hidden.crashes - 1 <= s <= hidden.crashes + 2.8  # noqa: E731
    events = ends(follow(new_tracker(), rounds, blind=blind))
    assert [e.crash for e in events] == [180, 240, 320, 150]
    assert events[1].source is MultiplierSource.BACKFILL


def test_rounds_hidden_whole_are_filled_in_order() -> None:
    crashes = draw(random.Random(3), 12)
    rounds = fly(crashes)
    blind = lambda s: rounds[3].opens + 1 <= s <= rounds[7].opens + 2  # noqa: E731
    events = ends(follow(new_tracker(), rounds, blind=blind))
    assert [e.crash for e in events] == crashes
    filled = [e.number for e in events if e.source is MultiplierSource.BACKFILL]
    assert filled == [4, 5, 6, 7]


def test_more_hidden_rounds_than_chips_are_declared() -> None:
    crashes = draw(random.Random(5), 30)
    rounds = fly(crashes)
    blind = lambda s: rounds[3].opens + 1 <= s <= rounds[24].opens + 2  # noqa: E731
    events = follow(new_tracker(), rounds, blind=blind)
    assert any(isinstance(e, RoundsMissed) and e.count is None for e in events)
    assert set(crashes[:3] + crashes[25:]) <= {e.crash for e in ends(events)}


def test_coming_in_the_middle_of_a_flight_records_that_round_but_not_as_complete() -> None:
    rounds = fly([400, 150, 200])
    events = ends(follow(new_tracker(), rounds, start=rounds[0].flies + 2))
    assert [e.crash for e in events] == [400, 150, 200]
    assert [e.complete for e in events] == [False, True, True]
    assert events[0].seen_from is SeenFrom.FLYING


def test_coming_at_an_end_leaves_that_round_out() -> None:
    rounds = fly([400, 150, 200])
    events = ends(follow(new_tracker(), rounds, start=rounds[0].crashes + 1))
    assert [e.crash for e in events] == [150, 200]


def test_a_restart_goes_on_where_the_dead_process_stopped() -> None:
    crashes = draw(random.Random(11), 8)
    rounds = fly(crashes)
    first = new_tracker()
    events: list[TrackerEvent] = []
    stop = rounds[2].opens + 2.0
    for reading in readings(rounds):
        if reading.at.mono_ns < (100 + stop) * 10**9:
            events += first.see(reading)
    opened = [e for e in events if isinstance(e, RoundOpened)][-1]
    second = new_tracker(
        known=tuple(reversed(crashes[:2])),
        open_round=(opened.round_id, opened.number, SeenFrom.BETTING),
        next_number=opened.number + 1,
    )
    later = follow(second, rounds, start=rounds[4].flies + 0.1)
    assert [e.crash for e in ends(events) + ends(later)] == crashes
    assert ends(later)[0].round_id == opened.round_id


def test_a_chip_that_contradicts_the_end_is_said() -> None:
    rounds = fly([250, 150, 180])
    tracker = new_tracker()
    events: list[TrackerEvent] = []
    for number in range(int(rounds[-1].ends / 0.05)):
        seconds = number * 0.05
        reading = reading_at(rounds, seconds, number)
        if reading.phase is Phase.CRASHED and reading.multiplier.value == 250:
            reading = replace(reading, multiplier=FieldValue(260, 1.0))
        events += tracker.see(reading)
    assert any(isinstance(e, RoundDoubted) and e.chip == 250 and e.crash == 260 for e in events)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), holes=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.35)), max_size=4))
def test_whatever_is_hidden_nothing_wrong_is_recorded_and_nothing_is_lost_silently(
    seed: int, holes: list[tuple[float, float]]
) -> None:
    crashes = draw(random.Random(seed), 14)
    rounds = fly(crashes)
    total = rounds[-1].ends

    def blind(seconds: float) -> bool:
        return seconds < total - 4 and any(a * total <= seconds <= (a + b) * total for a, b in holes)

    events = follow(new_tracker(), rounds, blind=blind)
    recorded = [e.crash for e in ends(events)]
    declared = any(isinstance(e, RoundsMissed) for e in events)
    late = next((i for i, r in enumerate(rounds) if not blind(r.opens + 0.1)), 0)
    assert is_subsequence(recorded, crashes), (recorded, crashes)
    assert declared or len(recorded) >= len(crashes) - late, (recorded, crashes)
    numbers = [e.number for e in ends(events)]
    assert len(set(numbers)) == len(numbers)


def is_subsequence(part: list[int], whole: list[int]) -> bool:
    rest = iter(whole)
    return all(value in rest for value in part)


def test_a_value_misread_in_flight_neither_splits_the_round_nor_raises_its_top() -> None:
    rounds = fly([260, 150])
    tracker = new_tracker()
    events: list[TrackerEvent] = []
    for number, seen in enumerate(readings(rounds)):
        misread = seen.phase is Phase.FLYING and number % 40 == 7
        events += tracker.see(replace(seen, multiplier=FieldValue(270, 0.9)) if misread else seen)
    assert [e.crash for e in ends(events)] == [260, 150]
    assert len([e for e in events if isinstance(e, RoundOpened)]) == 2


def test_on_a_new_table_a_hole_does_not_join_two_rounds() -> None:
    rounds = fly([118, 153, 200, 140])
    tracker = new_tracker()
    events: list[TrackerEvent] = []
    for seen in readings(rounds):
        seconds = seen.at.mono_ns / 1e9 - 100
        if rounds[0].crashes - 0.5 <= seconds <= rounds[1].flies + 2.0:
            continue  # nothing was looked at: the end of one round and the betting phase of the next
        shown = tuple(r.crash for r in reversed(rounds) if r.crashes + 0.3 <= seconds)
        events += tracker.see(replace(seen, history=FieldValue(shown, 1.0)))
    assert [e.crash for e in ends(events)] == [118, 153, 200, 140]


def test_a_look_that_errs_in_a_betting_phase_opens_no_second_round() -> None:
    """Only where signs were learned from an unknown page: elsewhere a phase that was left is left."""
    rounds = fly([214, 150, 187])
    opened = {}
    for patience_ms in (0, 700):
        tracker = new_tracker(settings=TrackerSettings(false_start_ms=patience_ms))
        events: list[TrackerEvent] = []
        for place, reading in enumerate(readings(rounds)):
            wrong = reading.phase is Phase.BETTING and place % 40 == 7
            events += tracker.see(replace(reading, phase=Phase.CRASHED) if wrong else reading)
        opened[patience_ms] = sum(isinstance(event, RoundOpened) for event in events)
    assert opened[700] == 3 < opened[0]
    assert [end.crash for end in ends(events)] == [214, 150, 187]
