"""The queue of bets: earliest deadline first, bounded, nothing lost."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.control.queue import BetQueue
from bot.domain.bets import BetState
from bot.domain.clock import ManualClock
from bot.domain.errors import ProgrammerError
from tests.control.scripted import bet_on

CLOCK = ManualClock()


@given(st.lists(st.integers(0, 20), max_size=60))
def test_bets_come_out_by_deadline_and_equal_ones_by_arrival(deadlines: list[int]) -> None:
    queue = BetQueue()
    for number, deadline in enumerate(deadlines):
        assert queue.put(bet_on(CLOCK, number, float(deadline)))
    out = []
    while (bet := queue.take()) is not None:
        out.append((bet.deadline_mono_ns, int(bet.bet_id.removeprefix("bet-"))))
    assert out == sorted(out)
    assert len(out) == len(deadlines)


@given(
    st.lists(st.one_of(st.integers(0, 20), st.just("take"), st.just("late"), st.just("drain")), max_size=80)
)
def test_every_bet_leaves_the_queue_exactly_once(steps: list[int | str]) -> None:
    queue, out, number, clock = BetQueue(bound=10), [], 0, ManualClock()
    for step in steps:
        if step == "take":
            taken = queue.take()
            out += [taken.bet_id] if taken else []
        elif step == "late":
            clock.advance(1.0)
            late = queue.drop_late(clock.now().mono_ns, 500.0)
            assert all(bet.deadline_mono_ns < clock.now().mono_ns + 500_000_000 for bet in late)
            out += [bet.bet_id for bet in late]
        elif step == "drain":
            out += [bet.bet_id for bet in queue.drain()]
        else:
            full = len(queue) == 10
            assert queue.put(bet_on(clock, number, float(step))) is not full
            number += not full
        assert queue.most <= 10
    out += [bet.bet_id for bet in queue.drain()]
    assert sorted(out) == sorted(f"bet-{i}" for i in range(number))


def test_only_ordered_bets_are_queued() -> None:
    with pytest.raises(ProgrammerError):
        BetQueue().put(bet_on(CLOCK).to(BetState.MISSED))


def test_a_waiting_taker_gets_the_bet_that_comes() -> None:
    queue, got = BetQueue(), []
    thread = threading.Thread(target=lambda: got.append(queue.take(30.0)))
    thread.start()
    bet = bet_on(CLOCK)
    queue.put(bet)
    thread.join(30)
    assert got == [bet]
