"""The absorbing Markov chain of a session: states of the strategy and balances, walked round by round."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.amounts import payout
from bot.simulation.bounds import STOPS, Bounds, Standing, bounds_of, stop_numbers
from bot.simulation.dense import evolved_densely
from bot.simulation.draws import BITS, threshold
from bot.simulation.entries import Entries, firsts, joined, merged
from bot.simulation.outcome import Case, Chances, Numbers, Outcome, TooLarge
from bot.simulation.reach import MOST_STATES as MOST_GRAPH
from bot.simulation.reach import Graph, falls_stay_within, stakes_stay_within
from bot.staking.steps import MOST_MINOR, NO_CAP

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
MOST_STATES = 5_000
MOST_ASKED = 20_000
MOST_NODES = 60_000
MOST_ENTRIES = 6_000_000
#: Entries with turnover or highest balance take so many times as long.
_DEARER = 12


#: Ends that are rarer are not told.
_NEVER = 1e-15
#: A state that the strategy has not been asked about yet.
_UNASKED = -1


@dataclass(slots=True)
class Steps:
    """What each state wants and where it goes, by number; asked when it is reached."""

    case: Case
    numbers: dict[Any, int] = field(default_factory=dict)
    states: list[Any] = field(default_factory=list)
    stake: list[int] = field(default_factory=list)
    gain: list[int] = field(default_factory=list)
    note: list[int] = field(default_factory=list)
    won: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    unasked: int = 0

    def number(self, state: Any) -> int:
        """The number of a state, which is new when it is met first."""
        if state not in self.numbers:
            if len(self.states) >= MOST_STATES:
                raise TooLarge
            self.numbers[state] = len(self.states)
            self.states.append(state)
            for column in (self.stake, self.gain, self.note, self.won, self.lost):
                column.append(_UNASKED)
            self.unasked += 1
        return self.numbers[state]

    def ask(self, number: int) -> bool:
        """What a state wants; whether it had not been asked before."""
        if self.stake[number] != _UNASKED:
            return False
        functions, p = self.case.strategy.functions, self.case.strategy.step_parameters
        state = self.states[number]
        wish = functions.order(p, state, NO_CAP)
        stake, paid = wish.stake_minor, payout(wish.stake_minor, wish.target)
        won = lost = number
        if functions.settled is not None and stake > 0:
            won = self.number(functions.settled(p, state, 1, stake, paid))
            lost = self.number(functions.settled(p, state, 0, stake, 0))
        self.stake[number], self.gain[number], self.note[number] = stake, paid - stake, wish.note
        self.won[number], self.lost[number] = won, lost
        self.unasked -= 1
        return True


class Chain:
    """One session's chain. The three tables (stake, gain, next states) grow as states are met."""

    def __init__(self, case: Case) -> None:
        self.case = case
        strategy = case.strategy
        self.bounds: Bounds = bounds_of(case.limits, case.bankroll_minor, case.goal_minor)
        self.target = int(strategy.step_parameters.target)
        self.win = threshold(case.law, self.target) / (1 << BITS)
        self.by_state = strategy.name in BY_STATE
        self.steps = Steps(case)
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
        if entries.turnover is None and entries.highest is None:
            with contextlib.suppress(TooLarge):
                return self._densely(horizon)
        for round_number in range(horizon):
            entries, stake, gain = self._going_on(entries)
            if not len(entries):
                break
            # There will be more of them rather than fewer.
            if (
                round_number >= 16
                and self.work + self._cost(entries) * (horizon - round_number) > MOST_ENTRIES
            ):
                raise TooLarge
            if round_number >= 16 and len(self.asked) * horizon > MOST_ASKED * round_number:
                raise TooLarge
            entries = self._after_a_round(entries, stake, gain)
        else:
            # The next stake says whether those that have played all rounds could go on.
            stake, _, note = self._wanted(entries)
            self._end(entries, self._reasons(entries, stake, note, horizon))
        return self._outcome()

    def _densely(self, horizon: int) -> Outcome:
        """The same for few states: all balances of a state at once."""
        graph = self._graph()
        if graph is None:
            raise TooLarge
        rounds = min(horizon, self.bounds.bets)
        found = evolved_densely(graph, self.bounds, self.case.bankroll_minor, self._unit, rounds)
        self.turnover, self.rounds, self.dropped = found.turnover, found.rounds, found.dropped
        for entries, bets in ((found.ended, 0), (found.left, rounds)):
            if len(entries):
                stake, _, note = self._wanted(entries)
                self._end(entries, self._reasons(entries, stake, note, bets))
        return self._outcome()

    def _started(self, horizon: int | None) -> Entries:
        """One entry; turnover and highest balance are followed only if a limit on them can matter."""
        bounds, graph = self.bounds, self._graph()
        turnover, falls = (
            bounds.turnover != NO_CAP,
            bounds.give_back < min(bounds.goal, MOST_MINOR) - bounds.floor,
        )
        if graph is not None and horizon is not None:
            # One more round than is played: at the end a limit that stops the next stake is told as well.
            turnover = turnover and not stakes_stay_within(graph, horizon + 1, bounds.turnover)
            falls = falls and not falls_stay_within(graph, horizon + 1, bounds.give_back)
        one = np.zeros(1, np.int64)
        start = one + self.case.bankroll_minor
        return Entries(one, start, np.ones(1), one if turnover else None, start if falls else None)

    def _graph(self) -> Graph | None:
        """All states, if they are few."""
        if not self.by_state:
            return None
        number = 0
        while number < len(self.steps.states) <= MOST_GRAPH:
            self.steps.ask(number)
            number += 1
        if self.steps.unasked:
            return None
        stake, gain, _, won, lost = self._known()
        return Graph(stake, gain, won, lost, self.win)

    def _wanted(self, entries: Entries) -> tuple[Numbers, Numbers, Numbers]:
        """Stake, gain and note of each entry."""
        if self.by_state:
            if self.steps.unasked:
                self._ask_all(entries.state)
            stake, gain, note, _, _ = self._known()
            return stake[entries.state], gain[entries.state], note[entries.state]
        return self._asked(entries.balance)

    def _ask_all(self, states: Numbers) -> None:
        fresh = [self.steps.ask(number) for number in np.unique(states).tolist()]
        if any(fresh):
            self._tables = None

    def _known(self) -> tuple[Numbers, ...]:
        """Stake, gain, note and next states of all states that have been reached."""
        if self._tables is None:
            s = self.steps
            self._tables = tuple(np.array(v, np.int64) for v in (s.stake, s.gain, s.note, s.won, s.lost))
            reached = self._tables[0] != _UNASKED
            amounts = np.concatenate((self._tables[0][reached], self._tables[1][reached]))
            self._unit = max(1, int(np.gcd.reduce(amounts)))
        return self._tables

    def _asked(self, balances: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        functions, strategy = self.case.strategy.functions, self.case.strategy
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

    @staticmethod
    def _cost(entries: Entries) -> int:
        plain = entries.turnover is None and entries.highest is None
        return len(entries) * (1 if plain else _DEARER)

    def _going_on(self, entries: Entries) -> tuple[Entries, Numbers, Numbers]:
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

    def _reasons(self, over: Entries, stake: Numbers, note: Numbers, bets: int) -> NDArray[np.int8]:
        zeros = np.zeros(len(over), np.int64)
        standing = Standing(
            wanted=stake,
            note=note,
            balance=over.balance,
            highest=over.balance if over.highest is None else over.highest,
            turnover=zeros if over.turnover is None else over.turnover,
            bets=zeros + bets,
            bankroll=self.case.bankroll_minor,
        )
        return stop_numbers(self.case.limits, self.case.goal_minor, standing)

    def _end(self, entries: Entries, reasons: NDArray[np.int8]) -> None:
        self.ended.append((entries.balance, entries.chance))
        self.stops += np.bincount(reasons, entries.chance, len(STOPS))

    def _after_a_round(self, entries: Entries, stake: Numbers, gain: Numbers) -> Entries:
        self.work += self._cost(entries)
        if self.work > MOST_ENTRIES:
            raise TooLarge
        won = lost = entries.state
        if self.by_state and not self.flat:
            _, _, _, to_won, to_lost = self._known()
            won, lost = to_won[entries.state], to_lost[entries.state]
        turnover = None if entries.turnover is None else entries.turnover + stake
        up = entries.balance + gain
        both = Entries(
            np.concatenate((lost, won)),
            np.concatenate((entries.balance - stake, up)),
            np.concatenate((entries.chance * (1.0 - self.win), entries.chance * self.win)),
            None if turnover is None else np.concatenate((turnover, turnover)),
            None
            if entries.highest is None
            else np.concatenate((entries.highest, np.maximum(entries.highest, up))),
        )
        after = merged(both, self._unit)
        kept = after.chance > NEGLIGIBLE
        if kept.all():
            return after
        self.dropped += float(after.chance[~kept].sum())
        return after.picked(kept)

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
        nodes: list[Entries] = []
        self._numbered(fresh, seen)
        while len(fresh):
            nodes.append(fresh)
            here = self._numbered(fresh, seen)
            stake, gain, note = self._wanted(fresh)
            reasons = self._reasons(fresh, stake, note, 0)
            goes = reasons == 0
            stakes.append(np.where(goes, stake, 0).astype(float))
            before = len(seen)
            after: list[Entries] = []
            for chance, to in self._both_ways(fresh.picked(goes), stake[goes], gain[goes]):
                there = self._numbered(to, seen)
                rows.append(there)
                columns.append(here[goes])
                weights.append(np.full(len(there), chance))
                after.append(to.picked(firsts(there, before)))
                before = len(seen)
            if len(seen) > MOST_NODES:
                raise TooLarge
            fresh = joined(after)
        size = len(seen)
        moves = csc_matrix(
            (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (size, size)
        )
        start = np.zeros(size)
        start[0] = 1.0
        visits = splu((identity(size, format="csc") - moves).tocsc()).solve(start)
        return self._visited(joined(nodes), np.concatenate(stakes), visits, seen)

    def _both_ways(self, entries: Entries, stake: Numbers, gain: Numbers) -> list[tuple[float, Entries]]:
        won = lost = entries.state
        if self.by_state and not self.flat:
            _, _, _, to_won, to_lost = self._known()
            won, lost = to_won[entries.state], to_lost[entries.state]
        up = entries.balance + gain
        top = None if entries.highest is None else np.maximum(entries.highest, up)
        ones = entries.chance
        return [
            (1.0 - self.win, Entries(lost, entries.balance - stake, ones, None, entries.highest)),
            (self.win, Entries(won, up, ones, None, top)),
        ]

    def _numbered(self, entries: Entries, seen: dict[tuple[int, ...], int]) -> Numbers:
        columns = [entries.state.tolist(), entries.balance.tolist()]
        if entries.highest is not None:
            columns.append(entries.highest.tolist())
        return np.array([seen.setdefault(key, len(seen)) for key in zip(*columns, strict=True)], np.int64)

    def _visited(
        self, nodes: Entries, stakes: Chances, visits: Chances, seen: dict[tuple[int, ...], int]
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
        summed = np.bincount(place, chances, len(distinct)).astype(np.float64)
        stops = {
            name: float(chance) for name, chance in zip(STOPS, self.stops, strict=True) if chance > _NEVER
        }
        return Outcome(distinct, summed, stops, self.turnover, self.rounds, self.dropped)
