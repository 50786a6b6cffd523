"""The classic progressions as pure step functions, in the form of ``bot.staking.steps``.

Every one of them ends a progression that may not go on (``max_stake_minor``, a full line, the last place) by
taking the loss and starting again, or holds its stake where it says so; none shrinks a stake to the balance.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.staking.orders import Wish
from bot.staking.steps import asked, asked_below, stake_to_win

#: Entries that Labouchère's line can hold; a longer one is torn up and a new one begun.
LINE = 32
#: The largest entry of Labouchère's line, minor units; no stake that could be appended is larger.
MOST_ENTRY = 10_000_000_000_000
#: Stakes that a sequence can hold.
LONGEST_SEQUENCE = 64
#: Lengths to which its list is filled up with zeros.
SEQUENCE_ROOMS = (4, 8, 16, 32, LONGEST_SEQUENCE)


class ParoliParameters(NamedTuple):
    """Double after each win, up to ``wins`` in a row; the base after a loss or the last of them."""

    base_stake_minor: int
    target: int
    wins: int
    max_stake_minor: int


class ParoliState(NamedTuple):
    """Wins in a row in this cycle, and the next stake in minor units."""

    wins: int
    next_stake_minor: int


def paroli_order(p: ParoliParameters, s: ParoliState, balance_minor: int) -> Wish:
    """The cycle's next stake."""
    return asked(s.next_stake_minor, p.target, balance_minor)


def paroli_settled(
    p: ParoliParameters, s: ParoliState, won: int, stake_minor: int, payout_minor: int
) -> ParoliState:
    """Twice as much after a win; the base after a loss, the last win, or when twice is above the cap."""
    following = 2 * stake_minor
    over = (won == 0) | (s.wins + 1 >= p.wins) | (following > p.max_stake_minor)
    return ParoliState(0 if over else s.wins + 1, p.base_stake_minor if over else following)


class DalembertParameters(NamedTuple):
    """One base stake more after a loss, one less after a win, held between one and ``most_units`` of them."""

    base_stake_minor: int
    target: int
    most_units: int
    max_stake_minor: int


class DalembertState(NamedTuple):
    """The next stake in base stakes."""

    units: int


def dalembert_order(p: DalembertParameters, s: DalembertState, balance_minor: int) -> Wish:
    """``units`` base stakes."""
    return asked(s.units * p.base_stake_minor, p.target, balance_minor)


def dalembert_settled(
    p: DalembertParameters, s: DalembertState, won: int, stake_minor: int, payout_minor: int
) -> DalembertState:
    """One up or one down, held at both ends."""
    return DalembertState(max(1, s.units - 1) if won != 0 else min(p.most_units, s.units + 1))


class FibonacciParameters(NamedTuple):
    """One place up 1, 1, 2, 3, 5, 8… after a loss, two down after a win; ``max_steps`` places, then again."""

    base_stake_minor: int
    target: int
    max_steps: int
    max_stake_minor: int


class FibonacciState(NamedTuple):
    """The place from 0, the number before it and the number at it."""

    place: int
    before: int
    number: int


def fibonacci_order(p: FibonacciParameters, s: FibonacciState, balance_minor: int) -> Wish:
    """The number at the place, in base stakes."""
    return asked(s.number * p.base_stake_minor, p.target, balance_minor)


def fibonacci_settled(
    p: FibonacciParameters, s: FibonacciState, won: int, stake_minor: int, payout_minor: int
) -> FibonacciState:
    """A place up or two down. The last place lost, or a stake above the cap: the loss is taken here."""
    above = s.before + s.number
    stuck = (s.place + 1 >= p.max_steps) | (above * p.base_stake_minor > p.max_stake_minor)
    again = ((won != 0) & (s.place < 2)) | ((won == 0) & stuck)
    # Two numbers down from (b, n): n - b is the one before b, and b - (n - b) the one before that.
    below = s.number - s.before
    place = s.place - 2 if won != 0 else s.place + 1
    before = s.before - below if won != 0 else s.number
    number = below if won != 0 else above
    return FibonacciState(0 if again else place, 0 if again else before, 1 if again else number)


class OscarsGrindParameters(NamedTuple):
    """One base stake of profit a cycle: raise by one after a win, never by more than the cycle needs.

    ``inverse_gain`` is 1 / (target - 100), made with the parameters.
    """

    base_stake_minor: int
    target: int
    max_stake_minor: int
    inverse_gain: float


class OscarsGrindState(NamedTuple):
    """Result of this cycle so far and the next stake, minor units."""

    result_minor: int
    next_stake_minor: int


def oscars_grind_order(p: OscarsGrindParameters, s: OscarsGrindState, balance_minor: int) -> Wish:
    """The cycle's next stake."""
    return asked(s.next_stake_minor, p.target, balance_minor)


def oscars_grind_settled(
    p: OscarsGrindParameters, s: OscarsGrindState, won: int, stake_minor: int, payout_minor: int
) -> OscarsGrindState:
    """After a loss the same stake; after a win one base more, or just what ends the cycle one base ahead."""
    result = s.result_minor + payout_minor - stake_minor
    missing = max(p.base_stake_minor - result, 0)
    enough = stake_to_win(missing, p.target - 100, p.inverse_gain)
    raised = min(stake_minor + p.base_stake_minor, max(enough, 1), p.max_stake_minor)
    done = result >= p.base_stake_minor
    following = raised if won != 0 else stake_minor
    return OscarsGrindState(0 if done else result, p.base_stake_minor if done else following)


class LabouchereParameters(NamedTuple):
    """Stake first plus last of a line; cross both off after a win, append the stake after a loss.

    ``line`` holds the first line in base stakes, last entry first, filled up with zeros to ``LINE`` entries;
    ``length`` is how many count. ``inverse_gain`` is 1 / (target - 100), made with the parameters: away from
    2x the stake is what wins first plus last.
    """

    base_stake_minor: int
    target: int
    max_stake_minor: int
    inverse_gain: float
    length: int
    line: tuple[int, ...]


class LabouchereState(NamedTuple):
    """How many entries the line has, and the line: last entry first, minor units."""

    length: int
    line: tuple[int, ...]


def labouchere_sum(s: LabouchereState) -> int:
    """What the next win must bring: first plus last entry, or the only one."""
    return s.line[0] + (s.line[s.length - 1] if s.length > 1 else 0)


def labouchere_order(p: LabouchereParameters, s: LabouchereState, balance_minor: int) -> Wish:
    """The stake whose win brings first plus last, rounded up."""
    stake = stake_to_win(labouchere_sum(s), p.target - 100, p.inverse_gain)
    return asked_below(stake, p.target, p.max_stake_minor, balance_minor)


def labouchere_settled(
    p: LabouchereParameters, s: LabouchereState, won: int, stake_minor: int, payout_minor: int
) -> LabouchereState:
    """Both ends off after a win, the lost stake on after a loss: the line holds what is still to be won.

    An empty line, a full one, or one whose next stake would be above the cap: the first line again.
    """
    line = s.line[1:] + (0,) if won != 0 else (stake_minor,) + s.line[:-1]  # noqa: RUF005 - compiles
    length = s.length - 2 if won != 0 else s.length + 1
    if length < 1 or length > LINE:
        return LabouchereState(p.length, p.line)
    following = LabouchereState(length, line)
    stake = stake_to_win(labouchere_sum(following), p.target - 100, p.inverse_gain)
    if stake > p.max_stake_minor:
        return LabouchereState(p.length, p.line)
    return following


#: After what a sequence goes on: any other outcome goes back to its start.
ADVANCE_ON = ("loss", "win", "round")


class SequenceParameters(NamedTuple):
    """A user's own list of stakes. ``on_loss`` and ``on_win``: 1 goes on after it, 0 back to the start.

    ``stakes`` is filled up with zeros to one of ``SEQUENCE_ROOMS``; ``length`` is how many count. After the
    last stake it starts again.
    """

    target: int
    max_stake_minor: int
    on_loss: int
    on_win: int
    length: int
    stakes: tuple[int, ...]


class SequenceState(NamedTuple):
    """The place in the list, from 0."""

    place: int


def sequence_order(p: SequenceParameters, s: SequenceState, balance_minor: int) -> Wish:
    """The stake at the place."""
    return asked(p.stakes[s.place], p.target, balance_minor)


def sequence_settled(
    p: SequenceParameters, s: SequenceState, won: int, stake_minor: int, payout_minor: int
) -> SequenceState:
    """The next place, or the first again."""
    on = p.on_win if won != 0 else p.on_loss
    return SequenceState(s.place + 1 if (on != 0) & (s.place + 1 < p.length) else 0)
