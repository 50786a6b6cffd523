"""Exact distributions of a session: the absorbing Markov chain of (strategy's state, balance), step by step.

A strategy that stakes by its state alone (all that ship but compound and Kelly) is walked once as a graph of
states; the chain then holds, after each round, the probability of every state and balance as sorted arrays. For
compound the step function is asked for each balance. Without a horizon the expected visits of all states solve
one sparse linear system. What grows too large raises :class:`TooLarge`: simulate it.

Probabilities below ``NEGLIGIBLE`` are dropped; what they add up to is in ``Outcome.dropped``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import payout
from bot.limits import Limits
from bot.simulation.bounds import STOPS, Bounds, Standing, bounds_of, stop_numbers
from bot.simulation.draws import BITS, threshold
from bot.staking.steps import MOST_MINOR, NO_CAP

Numbers = NDArray[np.int64]
Chances = NDArray[np.float64]

NEGLIGIBLE = 1e-19
#: Stakes follow from the state alone: the balance only says whether they can be placed.
BY_STATE = frozenset(
    {
        "fixed_stake",
        "martingale",
        "paroli",
        "dalembert",
        "fibonacci",
        "labouchere",
        "oscars_grind",
        "sequence",
    }
)
BY_BALANCE = frozenset({"compound_1.33x"})
#: How much work an exact answer may be: states walked, asked balances, entries summed over all rounds.
MOST_STATES = 20_000
MOST_ASKED = 60_000
MOST_ENTRIES = 8_000_000


class TooLarge(Exception):
    """The chain is too large for an exact answer in good time."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session to be solved. ``horizon``: rounds, or ``None`` for until it ends by itself.

    ``strategy`` is freshly built; ``law`` is that of ``bot.simulation.draws.law_number``.
    """

    strategy: Any
    bankroll_minor: int
    limits: Limits
    horizon: int | None
    law: int
    goal_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sessions end: balances in minor units, ascending, with their probabilities.

    ``stops``: probability of each reason of ``bounds.STOPS`` ("" is all rounds played). ``turnover_minor``
    and ``rounds`` are expected values: what is staked, and rounds with a stake. ``dropped``: probability that
    was too small to follow.
    """

    balances: Numbers
    chances: Chances
    stops: dict[str, float]
    turnover_minor: float
    rounds: float
    dropped: float = 0.0

    @property
    def mean_minor(self) -> float:
        """Expected final balance."""
        return float(self.balances @ self.chances / self.chances.sum())

    def quantile(self, level: float) -> int:
        """The least balance that at least ``level`` of the sessions do not exceed."""
        reached = np.cumsum(self.chances) / self.chances.sum()
        return int(self.balances[min(np.searchsorted(reached, level - 1e-12), len(reached) - 1)])

    def chance_above(self, balance_minor: int) -> float:
        """Probability that a session ends with more than this."""
        return float(self.chances[self.balances > balance_minor].sum())


def solve(session: Session) -> Outcome:
    """How sessions end. Raises ``TooLarge``, and ``BadInput`` for an impossible start."""
    if not solvable(session.strategy):
        raise TooLarge
    chain = _Chain(session)
    return chain.absorbed() if session.horizon is None else chain.evolved(session.horizon)


def solvable(strategy: Any) -> bool:
    """Whether this is a strategy whose chain is known to be one of state and balance."""
    return strategy.name in BY_STATE | BY_BALANCE and hasattr(strategy, "functions")


# -- the graph of states --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Steps:
    """What each state wants and where it goes, by number; made when first met."""

    session: Session
    numbers: dict[Any, int] = field(default_factory=dict)
    states: list[Any] = field(default_factory=list)
    stake: list[int] = field(default_factory=list)
    gain: list[int] = field(default_factory=list)
    note: list[int] = field(default_factory=list)
    won: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)

    def number(self, state: Any) -> int:
        if state not in self.numbers:
            if len(self.states) >= MOST_STATES:
                raise TooLarge
            self.numbers[state] = len(self.states)
            self.states.append(state)
        return self.numbers[state]

    def made_up_to(self, count: int) -> None:
        """Ask the strategy about all states up to ``count`` that it has not been asked about."""
        functions, p = self.session.strategy.functions, self.session.strategy.step_parameters
        for number in range(len(self.stake), count):
            state = self.states[number]
            wish = functions.order(p, state, NO_CAP)
            paid = payout(wish.stake_minor, wish.target)
            self.stake.append(wish.stake_minor)
            self.gain.append(paid - wish.stake_minor)
            self.note.append(wish.note)
            if functions.settled is None or wish.stake_minor <= 0:
                self.won.append(number)
                self.lost.append(number)
            else:
                self.won.append(self.number(functions.settled(p, state, 1, wish.stake_minor, paid)))
                self.lost.append(self.number(functions.settled(p, state, 0, wish.stake_minor, 0)))


@dataclass(slots=True)
class _Entries:
    """The distribution after some rounds, sorted by state and balance. ``turnover`` and ``highest`` only where
    a limit needs them."""

    state: Numbers
    balance: Numbers
    chance: Chances
    turnover: Numbers | None
    highest: Numbers | None

    def picked(self, which: Any) -> _Entries:
        def part(values: Any) -> Any:
            return None if values is None else values[which]

        return _Entries(
            self.state[which],
            self.balance[which],
            self.chance[which],
            part(self.turnover),
            part(self.highest),
        )

    def __len__(self) -> int:
        return len(self.chance)


class _Chain:
    """One session's chain. The three tables (stake, gain, next states) grow as states are met."""

    def __init__(self, session: Session) -> None:
        self.session = session
        strategy = session.strategy
        self.bounds: Bounds = bounds_of(session.limits, session.bankroll_minor, session.goal_minor)
        self.target = int(strategy.step_parameters.target)
        self.win = threshold(session.law, self.target) / (1 << BITS)
        self.by_state = strategy.name in BY_STATE
        self.steps = _Steps(session)
        self.steps.number(strategy.step_state)
        self.asked: dict[int, tuple[int, int]] = {}
        self.flat = strategy.functions.settled is None and self.by_state
        self.ended: list[tuple[Numbers, Chances]] = []
        self.stops = np.zeros(len(STOPS))
        self.turnover = 0.0
        self.rounds = 0.0
        self.dropped = 0.0
        self.work = 0
        self._tables: tuple[Numbers, ...] | None = None

    # -- with a horizon ---------------------------------------------------------------------------------

    def evolved(self, horizon: int) -> Outcome:
        """After ``horizon`` rounds."""
        entries = self._started(horizon)
        for round_number in range(horizon):
            entries, stake, gain = self._going_on(entries)
            if not len(entries):
                break
            # There will be more of them rather than fewer.
            if self.rounds_begun >= 16 and self.work + len(entries) * (horizon - round_number) > MOST_ENTRIES:
                raise TooLarge
            entries = self._after_a_round(entries, stake, gain)
        else:
            # The next stake says whether those that have played all rounds are ruined as well.
            self._end(entries, np.zeros(len(entries), np.int8))
        return self._outcome()

    def _started(self, horizon: int | None) -> _Entries:
        """One entry; limits that need more than state and balance are told apart from those that can't bind."""
        bounds = self.bounds
        turnover = bounds.turnover != NO_CAP and not (horizon is not None and self._turnover_fits(horizon))
        falls = bounds.give_back != NO_CAP and bounds.give_back < self._deepest(horizon)
        one = np.zeros(1, np.int64)
        start = one + self.session.bankroll_minor
        return _Entries(one, start, np.ones(1), one if turnover else None, start if falls else None)

    def _turnover_fits(self, horizon: int) -> bool:
        largest = self._largest_stake(horizon)
        return largest is not None and largest * horizon <= self.bounds.turnover

    def _largest_stake(self, horizon: int) -> int | None:
        """The largest stake within reach, if the states are few."""
        if not self.by_state:
            return None
        while len(self.steps.stake) < len(self.steps.states) <= 2_000:
            self.steps.made_up_to(len(self.steps.states))
        few = len(self.steps.stake) == len(self.steps.states)
        return max(self.steps.stake) if few else None

    def _deepest(self, horizon: int | None) -> int:
        """A bound of how far a balance can fall from its highest."""
        goal = min(self.bounds.goal, MOST_MINOR) - self.bounds.floor
        largest = None if horizon is None else self._largest_stake(horizon)
        return goal if largest is None or horizon is None else min(goal, largest * horizon)

    def _wanted(self, entries: _Entries) -> tuple[Numbers, Numbers, Numbers]:
        """Stake, gain and note of each entry."""
        if self.by_state:
            stake, gain, note, _, _ = self._known()
            return stake[entries.state], gain[entries.state], note[entries.state]
        return self._asked(entries.balance)

    def _known(self) -> tuple[Numbers, ...]:
        if self._tables is None or len(self.steps.states) > len(self._tables[0]):
            self.steps.made_up_to(len(self.steps.states))
            s = self.steps
            self._tables = tuple(np.array(v, np.int64) for v in (s.stake, s.gain, s.note, s.won, s.lost))
            self._unit = max(1, int(np.gcd.reduce(np.concatenate(self._tables[:2]))))
        return self._tables

    def _asked(self, balances: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        functions, strategy = self.session.strategy.functions, self.session.strategy
        wanted = np.empty((3, len(balances)), np.int64)
        for place, balance in enumerate(balances.tolist()):
            if balance not in self.asked:
                if len(self.asked) >= MOST_ASKED:
                    raise TooLarge
                wish = functions.order(strategy.step_parameters, strategy.step_state, balance)
                self.asked[balance] = (wish.stake_minor, wish.note)
            wanted[0, place], wanted[2, place] = self.asked[balance]
        wanted[1] = wanted[0] * self.target // 100 - wanted[0]
        return wanted[0], wanted[1], wanted[2]

    def _going_on(self, entries: _Entries) -> tuple[_Entries, Numbers, Numbers]:
        """The entries that stake once more, with stake and gain; the others end here."""
        stake, gain, note = self._wanted(entries)
        b, bets = self.bounds, round(self.rounds_begun)
        fine = (
            (stake > 0)
            & (stake <= b.stake)
            & (entries.balance < b.goal)
            & (entries.balance - stake >= b.floor)
        )
        if bets >= b.bets:
            fine[:] = False
        if entries.turnover is not None:
            fine &= entries.turnover + stake <= b.turnover
        if entries.highest is not None:
            fine &= entries.highest - entries.balance + stake <= b.give_back
        if not fine.all():
            over = entries.picked(~fine)
            self._end(over, self._reasons(over, stake[~fine], note[~fine], bets))
            entries, stake, gain = entries.picked(fine), stake[fine], gain[fine]
        self.turnover += float(entries.chance @ stake)
        self.rounds += float(entries.chance.sum())
        self.rounds_begun += 1
        return entries, stake, gain

    #: All that still play have played every round so far.
    rounds_begun = 0
    #: All balances are the bankroll and multiples of this.
    _unit = 1

    def _reasons(self, over: _Entries, stake: Numbers, note: Numbers, bets: int) -> NDArray[np.int8]:
        zeros = np.zeros(len(over), np.int64)
        standing = Standing(
            wanted=stake,
            note=note,
            balance=over.balance,
            highest=over.balance if over.highest is None else over.highest,
            turnover=zeros if over.turnover is None else over.turnover,
            bets=zeros + bets,
            bankroll=self.session.bankroll_minor,
        )
        return stop_numbers(self.session.limits, self.session.goal_minor, standing)

    def _end(self, entries: _Entries, reasons: NDArray[np.int8]) -> None:
        self.ended.append((entries.balance, entries.chance))
        self.stops += np.bincount(reasons, entries.chance, len(STOPS))

    def _after_a_round(self, entries: _Entries, stake: Numbers, gain: Numbers) -> _Entries:
        self.work += len(entries)
        if self.work > MOST_ENTRIES:
            raise TooLarge
        won = lost = entries.state
        if self.by_state and not self.flat:
            _, _, _, to_won, to_lost = self._known()
            won, lost = to_won[entries.state], to_lost[entries.state]
        turnover = None if entries.turnover is None else entries.turnover + stake
        up = entries.balance + gain
        both = _Entries(
            np.concatenate((lost, won)),
            np.concatenate((entries.balance - stake, up)),
            np.concatenate((entries.chance * (1.0 - self.win), entries.chance * self.win)),
            None if turnover is None else np.concatenate((turnover, turnover)),
            None
            if entries.highest is None
            else np.concatenate((entries.highest, np.maximum(entries.highest, up))),
        )
        merged = _merged(both, self._unit)
        kept = merged.chance > NEGLIGIBLE
        if kept.all():
            return merged
        self.dropped += float(merged.chance[~kept].sum())
        return merged.picked(kept)

    # -- until it ends by itself ------------------------------------------------------------------------

    def absorbed(self) -> Outcome:
        """Played until the goal, ruin or a limit: expected visits v solve (I - Q^T) v = start."""
        from scipy.sparse import csc_matrix, identity
        from scipy.sparse.linalg import splu

        if self.bounds.goal > MOST_MINOR or self.bounds.turnover != NO_CAP or self.bounds.bets != NO_CAP:
            raise TooLarge
        seen: dict[tuple[int, ...], int] = {}
        fresh = self._started(None)
        rows: list[Numbers] = []
        columns: list[Numbers] = []
        weights: list[Chances] = []
        stakes: list[Chances] = []
        nodes: list[_Entries] = []
        self._numbered(fresh, seen)
        while len(fresh):
            nodes.append(fresh)
            here = self._numbered(fresh, seen)
            stake, gain, note = self._wanted(fresh)
            reasons = self._reasons(fresh, stake, note, 0)
            goes = reasons == 0
            stakes.append(np.where(goes, stake, 0).astype(float))
            before = len(seen)
            after: list[_Entries] = []
            for chance, to in self._both_ways(fresh.picked(goes), stake[goes], gain[goes]):
                there = self._numbered(to, seen)
                rows.append(there)
                columns.append(here[goes])
                weights.append(np.full(len(there), chance))
                after.append(to.picked(_firsts(there, before)))
                before = len(seen)
            if len(seen) > MOST_ASKED:
                raise TooLarge
            fresh = _joined(after)
        size = len(seen)
        moves = csc_matrix(
            (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (size, size)
        )
        start = np.zeros(size)
        start[0] = 1.0
        visits = splu((identity(size, format="csc") - moves).tocsc()).solve(start)
        return self._visited(_joined(nodes), np.concatenate(stakes), visits, seen)

    def _both_ways(self, entries: _Entries, stake: Numbers, gain: Numbers) -> list[tuple[float, _Entries]]:
        won = lost = entries.state
        if self.by_state and not self.flat:
            _, _, _, to_won, to_lost = self._known()
            won, lost = to_won[entries.state], to_lost[entries.state]
        up = entries.balance + gain
        top = None if entries.highest is None else np.maximum(entries.highest, up)
        ones = entries.chance
        return [
            (1.0 - self.win, _Entries(lost, entries.balance - stake, ones, None, entries.highest)),
            (self.win, _Entries(won, up, ones, None, top)),
        ]

    def _numbered(self, entries: _Entries, seen: dict[tuple[int, ...], int]) -> Numbers:
        columns = [entries.state.tolist(), entries.balance.tolist()]
        if entries.highest is not None:
            columns.append(entries.highest.tolist())
        return np.array([seen.setdefault(key, len(seen)) for key in zip(*columns, strict=True)], np.int64)

    def _visited(
        self, nodes: _Entries, stakes: Chances, visits: Chances, seen: dict[tuple[int, ...], int]
    ) -> Outcome:
        chance = visits[self._numbered(nodes, seen)]
        stake, _, note = self._wanted(nodes)
        reasons = self._reasons(nodes, stake, note, 0)
        over = reasons != 0
        self.turnover = float(chance @ stakes)
        self.rounds = float(chance[~over].sum())
        nodes.chance = chance
        self._end(nodes.picked(over), reasons[over])
        return self._outcome()

    def _outcome(self) -> Outcome:
        balances = np.concatenate([balance for balance, _ in self.ended])
        chances = np.concatenate([chance for _, chance in self.ended])
        distinct, place = np.unique(balances, return_inverse=True)
        summed = np.bincount(place, chances, len(distinct))
        stops = {name: float(chance) for name, chance in zip(STOPS, self.stops, strict=True) if chance > 0}
        return Outcome(distinct, summed, stops, self.turnover, self.rounds, self.dropped)


def _joined(parts: list[_Entries]) -> _Entries:
    def column(pick: Callable[[_Entries], Any]) -> Any:
        return None if pick(parts[0]) is None else np.concatenate([pick(part) for part in parts])

    return _Entries(
        column(lambda e: e.state),
        column(lambda e: e.balance),
        column(lambda e: e.chance),
        column(lambda e: e.turnover),
        column(lambda e: e.highest),
    )


def _firsts(numbers: Numbers, before: int) -> Numbers:
    """Places at which numbers from ``before`` on first stand."""
    distinct, first = np.unique(numbers, return_index=True)
    return first[distinct >= before]


def _merged(entries: _Entries, unit: int) -> _Entries:
    """Equal entries become one; the result is sorted. Balances differ by multiples of ``unit``."""
    extra = [values for values in (entries.turnover, entries.highest) if values is not None]
    if not extra:
        return _merged_plain(entries, unit)
    order = np.lexsort((*extra, entries.balance, entries.state))
    entries = entries.picked(order)
    differs = np.zeros(len(entries), bool)
    differs[0] = True
    for values in (entries.state, entries.balance, entries.turnover, entries.highest):
        if values is not None:
            differs[1:] |= values[1:] != values[:-1]
    starts = np.flatnonzero(differs)
    merged = entries.picked(starts)
    merged.chance = np.add.reduceat(entries.chance, starts)
    return merged


def _merged_plain(entries: _Entries, unit: int) -> _Entries:
    low = int(entries.balance.min())
    width = (int(entries.balance.max()) - low) // unit + 1
    states = int(entries.state.max()) + 1
    if states * width > 1 << 62:
        raise TooLarge
    keys = entries.state * width + (entries.balance - low) // unit
    if states * width <= 8 * len(keys) + 1_000:
        summed = np.bincount(keys, entries.chance)
        found = np.flatnonzero(summed)
        chance = summed[found]
    else:
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        found, chance = keys[starts], np.add.reduceat(entries.chance[order], starts)
    if states == 1:
        return _Entries(np.zeros(len(found), np.int64), found * unit + low, chance, None, None)
    state, balance = np.divmod(found, width)
    return _Entries(state, balance * unit + low, chance, None, None)


# -- runs of losses -------------------------------------------------------------------------------------


def run_chance(losing: float, length: int, rounds: int) -> float:
    """Chance that ``rounds`` hold a run of ``length`` losses somewhere; ``losing`` is that of one.

    P(n) = P(n - 1) + (1 - P(n - length - 1)) (1 - q) q^length: the run first ends at round n.
    """
    if length <= 0:
        return 1.0
    if rounds < length:
        return 0.0
    whole = losing**length
    chances = [0.0] * length + [whole]
    for n in range(length + 1, rounds + 1):
        chances.append(chances[-1] + (1.0 - chances[n - length - 1]) * (1.0 - losing) * whole)
    return min(1.0, chances[rounds])


def mean_rounds_to_run(losing: float, length: int) -> float:
    """Expected rounds until ``length`` losses in a row: (q^-k - 1) / p."""
    return float((losing**-length - 1.0) / (1.0 - losing))


def ceiling(bankroll_minor: int, goal_minor: int, rtp: float, floor_minor: int = 0) -> float:
    """Chance of the goal that no strategy exceeds: V(z) = 1 - (1 - z)^R at z = what may be lost / goal."""
    z = (bankroll_minor - floor_minor) / (goal_minor - floor_minor)
    return float(1.0 - (1.0 - z) ** rtp)
