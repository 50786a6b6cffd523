"""A chain of few states on a lattice of balances: one row of chances a state, moved as a whole each round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.simulation.bounds import Bounds
from bot.simulation.entries import Entries
from bot.simulation.outcome import Chances, Numbers, TooLarge
from bot.simulation.reach import Graph
from bot.staking.steps import MOST_MINOR

#: How much work an answer may be, in seconds of a usual core, by a rough estimate.
MOST_SECONDS = 0.8
_MOST_CELLS = 6_000_000
_CALL_S, _CELL_S = 4e-6, 1.2e-9
#: Chances at the upper end that add up to less are dropped, now and then.
_NEGLIGIBLE = 1e-17
_TRIM_EVERY = 16


@dataclass(frozen=True, slots=True)
class Dense:
    """After so many rounds: entries that ended before, and those that have played all. Expected sums."""

    ended: Entries
    left: Entries
    turnover: float
    rounds: float
    dropped: float


def evolved_densely(graph: Graph, bounds: Bounds, bankroll: int, unit: int, rounds: int) -> Dense:
    """``rounds`` rounds in which nothing but stake, floor and goal is bounded. Raises ``TooLarge``."""
    lattice = _Lattice(graph, bounds, bankroll, unit, rounds)
    for number in range(rounds):
        if not lattice.moved():
            break
        if number % _TRIM_EVERY == 0:
            lattice.trim()
    return lattice.result()


class _Lattice:
    """Cell k of a row is the balance ``low + k unit``."""

    def __init__(self, graph: Graph, bounds: Bounds, bankroll: int, unit: int, rounds: int) -> None:
        self.graph, self.unit, self.bankroll = graph, unit, bankroll
        down = (bankroll - bounds.floor) // unit if bankroll >= bounds.floor else 0
        self.low = bankroll - down * unit
        goal = min(bounds.goal, MOST_MINOR + 1)
        top = min(bankroll + _most_won(graph, rounds), goal + int(graph.gain.max()))
        self.width = (top - self.low) // unit + 1
        states = len(graph.stake)
        seconds = rounds * states * 2 * (_CALL_S + min(self.width, 8 * down + 4_000) * _CELL_S)
        if states * self.width > _MOST_CELLS or seconds > MOST_SECONDS:
            raise TooLarge
        #: Of each state: where a loss and a win lead, by how many cells, with which chance.
        self.ways = [
            ((int(lost), -int(stake) // unit, 1.0 - graph.win), (int(won), int(gain) // unit, graph.win))
            for lost, stake, won, gain in zip(graph.lost, graph.stake, graph.won, graph.gain, strict=True)
        ]
        # A state stakes from cell ``first`` on, up to the goal; never where the stake may not be placed.
        may = (graph.stake > 0) & (graph.stake <= bounds.stake)
        first = -((self.low - bounds.floor - graph.stake) // unit)
        self.first: list[int] = np.where(may, np.maximum(first, 0), self.width).tolist()
        self.goal = min(self.width, -((self.low - goal) // unit))
        self.cells = np.zeros((states, self.width))
        self.ended = np.zeros((states, self.width))
        self.cells[0, down] = 1.0
        #: Up to where each row holds anything.
        self.ends = [down + 1, *([0] * (states - 1))]
        self.turnover = self.rounds = self.dropped = 0.0

    def moved(self) -> bool:
        """One round; False when nobody stakes any more."""
        after, ends, staked = np.zeros_like(self.cells), [0] * len(self.ends), 0.0
        for state, (least, end) in enumerate(zip(self.first, self.ends, strict=True)):
            row, stop = self.cells[state], min(self.goal, end)
            first = min(least, stop)
            self.ended[state, :first] += row[:first]
            self.ended[state, stop:end] += row[stop:end]
            if first < stop:
                playing = row[first:stop]
                mass = float(playing.sum())
                staked += mass
                self.turnover += mass * float(self.graph.stake[state])
                for to, by, chance in self.ways[state]:
                    after[to, first + by : stop + by] += playing * chance
                    ends[to] = max(ends[to], stop + by)
        self.cells, self.ends = after, ends
        self.rounds += staked
        return staked > 0.0

    def trim(self) -> None:
        """Drop what is next to impossible at the upper end."""
        end = max(self.ends)
        above = self.cells[:, :end].sum(axis=0)[::-1].cumsum()
        fine = int(np.searchsorted(above, _NEGLIGIBLE))
        if fine:
            self.dropped += float(above[fine - 1])
            self.cells[:, end - fine : end] = 0.0
            self.ends = [min(each, end - fine) for each in self.ends]

    def result(self) -> Dense:
        """What ended on the way, and what plays on."""
        return Dense(
            self._entries(self.ended), self._entries(self.cells), self.turnover, self.rounds, self.dropped
        )

    def _entries(self, cells: Chances) -> Entries:
        state, cell = np.nonzero(cells)
        balance: Numbers = self.low + cell * self.unit
        return Entries(state.astype(np.int64), balance, cells[state, cell], None, None)


def _most_won(graph: Graph, rounds: int) -> int:
    """The most that so many rounds can bring: the best path through the states."""
    best = np.full(len(graph.stake), -(1 << 60), np.int64)
    best[0] = 0
    for _ in range(rounds):
        after = np.full_like(best, -(1 << 60))
        np.maximum.at(after, graph.lost, best - graph.stake)
        np.maximum.at(after, graph.won, best + graph.gain)
        best = after
    return max(0, int(best.max()))
