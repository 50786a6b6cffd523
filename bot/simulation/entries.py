"""The distribution of a chain after some rounds, as sorted arrays of states, balances and chances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.simulation.outcome import Chances, Numbers, TooLarge


@dataclass(slots=True)
class Entries:
    """The distribution after some rounds, sorted by state and balance.

    ``turnover`` and ``highest`` are there only where a limit needs them.
    """

    state: Numbers
    balance: Numbers
    chance: Chances
    turnover: Numbers | None
    highest: Numbers | None

    def picked(self, which: Any) -> Entries:
        def part(values: Any) -> Any:
            return None if values is None else values[which]

        return Entries(
            self.state[which],
            self.balance[which],
            self.chance[which],
            part(self.turnover),
            part(self.highest),
        )

    def __len__(self) -> int:
        return len(self.chance)


def joined(parts: list[Entries]) -> Entries:
    def column(pick: Callable[[Entries], Any]) -> Any:
        return None if pick(parts[0]) is None else np.concatenate([pick(part) for part in parts])

    return Entries(
        column(lambda e: e.state),
        column(lambda e: e.balance),
        column(lambda e: e.chance),
        column(lambda e: e.turnover),
        column(lambda e: e.highest),
    )


def firsts(numbers: Numbers, before: int) -> Numbers:
    """Places at which numbers from ``before`` on first stand."""
    distinct, first = np.unique(numbers, return_index=True)
    return first[distinct >= before]


def merged(entries: Entries, unit: int) -> Entries:
    """Equal entries become one; the result is sorted. Balances differ by multiples of ``unit``."""
    extra = [values for values in (entries.turnover, entries.highest) if values is not None]
    if not extra:
        return _plainmerged(entries, unit)
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


def _plainmerged(entries: Entries, unit: int) -> Entries:
    low = int(entries.balance.min())
    width = (int(entries.balance.max()) - low) // unit + 1
    states = int(entries.state.max()) + 1
    if states * width > 1 << 62:
        raise TooLarge
    keys = entries.state * width + (entries.balance - low) // unit
    if states * width <= 8 * len(keys) + 1_000:
        summed = np.bincount(keys, entries.chance).astype(np.float64)
        found = np.flatnonzero(summed)
        chance = summed[found]
    else:
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        found, chance = keys[starts], np.add.reduceat(entries.chance[order], starts)
    if states == 1:
        return Entries(np.zeros(len(found), np.int64), found * unit + low, chance, None, None)
    state, balance = np.divmod(found, width)
    return Entries(state, balance * unit + low, chance, None, None)
