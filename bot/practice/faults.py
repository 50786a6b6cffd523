"""Which faults there are and when each happens: a plan that follows from the seed alone.

The plan deals a shuffled deck of the chosen kinds over the tables, about one fault per three rounds and
table from the third round on, so that every kind comes at least once within 60 rounds even at one table.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

BLOCK_ROUNDS = 60
FIRST_ROUND = 3
SLOT_ROUNDS = 3


class FaultKind(StrEnum):
    """Everything that can be made to go wrong."""

    BET_REFUSED = "bet_refused"
    BET_LATE = "bet_late"
    BALANCE_LAG = "balance_lag"
    DIALOG = "dialog"
    CONNECTION_LOST = "connection_lost"
    FROZEN = "frozen"
    WINDOW_MOVED = "window_moved"
    ZOOM = "zoom"
    COVERED = "covered"
    MID_CHANGE = "mid_change"
    ONE_X = "one_x"
    VERY_HIGH = "very_high"
    COMMA = "comma"
    MIN_STAKE = "min_stake"


#: The house performs these on a bet; on the draw of a round; the stage on the windows; the page by itself
#: for some milliseconds; the page as long as it is told.
BET_KINDS = frozenset({FaultKind.BET_REFUSED, FaultKind.BET_LATE})
ROUND_KINDS = frozenset({FaultKind.ONE_X, FaultKind.VERY_HIGH})
STAGE_KINDS = frozenset({FaultKind.WINDOW_MOVED, FaultKind.COVERED})
TIMED_KINDS = frozenset(
    {FaultKind.BALANCE_LAG, FaultKind.DIALOG, FaultKind.CONNECTION_LOST, FaultKind.FROZEN}
)
LASTING_KINDS = frozenset({FaultKind.ZOOM, FaultKind.MID_CHANGE, FaultKind.COMMA, FaultKind.MIN_STAKE})

_TIMED_MS = {
    FaultKind.BALANCE_LAG: (1500, 4000),
    FaultKind.DIALOG: (1500, 4500),
    FaultKind.CONNECTION_LOST: (1000, 2500),
    FaultKind.FROZEN: (1000, 4000),
    FaultKind.COVERED: (2000, 6000),
    FaultKind.WINDOW_MOVED: (0, 0),
}


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault to come.

    ``after_s`` (from the opening of betting) and ``ms`` (how long) are at speed 1; ``rounds`` is how many
    rounds a lasting one stays.
    """

    kind: FaultKind
    ordinal: int
    after_s: float = 0.0
    ms: int = 0
    rounds: int = 0
    detail: Mapping[str, object] = field(default_factory=dict)


def parse_kinds(text: str) -> tuple[FaultKind, ...]:
    """``none``, ``all`` or a list with commas. Raises ``ValueError`` that lists the known kinds."""
    if text in ("", "none"):
        return ()
    if text == "all":
        return tuple(FaultKind)
    kinds = []
    for name in text.split(","):
        try:
            kinds.append(FaultKind(name.strip().replace("-", "_")))
        except ValueError:
            known = ", ".join(kind.value for kind in FaultKind)
            raise ValueError(f"unknown fault {name.strip()!r}; known: none, all, {known}") from None
    return tuple(dict.fromkeys(kinds))


class FaultPlan:
    """When which table has which fault. Ordinals count a table's rounds in this session from 1."""

    def __init__(self, seed: str, tables: Iterable[str], kinds: Iterable[FaultKind]) -> None:
        self._seed = seed
        self._tables = tuple(tables)
        self._kinds = tuple(kinds)
        self._blocks: dict[int, dict[tuple[str, int], list[PlannedFault]]] = {}

    def for_round(self, table: str, ordinal: int) -> list[PlannedFault]:
        """The faults that begin in this round of a table."""
        block = (ordinal - 1) // BLOCK_ROUNDS
        if block not in self._blocks:
            self._blocks[block] = self._deal(block)
        return self._blocks[block].get((table, ordinal), [])

    def _deal(self, block: int) -> dict[tuple[str, int], list[PlannedFault]]:
        draw = random.Random(f"faults|{self._seed}|{block}")
        plan: dict[tuple[str, int], list[PlannedFault]] = {}
        deck = self._deck(draw, first=True)
        start = block * BLOCK_ROUNDS
        for slot in range(FIRST_ROUND, BLOCK_ROUNDS - SLOT_ROUNDS + 2, SLOT_ROUNDS):
            for table in draw.sample(self._tables, len(self._tables)):
                if not deck:
                    deck = self._deck(draw, first=False)
                if not deck:
                    return plan
                ordinal = start + slot + draw.randrange(SLOT_ROUNDS)
                plan.setdefault((table, ordinal), []).append(_shape(deck.pop(), ordinal, draw))
        return plan

    def _deck(self, draw: random.Random, first: bool) -> list[FaultKind]:
        """All kinds in random order; the very long round once a block only."""
        kinds = [kind for kind in self._kinds if first or kind is not FaultKind.VERY_HIGH]
        return draw.sample(kinds, len(kinds))


def _shape(kind: FaultKind, ordinal: int, draw: random.Random) -> PlannedFault:
    """The particulars of one fault."""
    after_s = draw.uniform(0.3, 11.0)
    if kind in _TIMED_MS:
        detail: dict[str, object] = {}
        if kind in STAGE_KINDS:
            detail = {"u": [round(draw.random(), 6) for _ in range(4)]}
        return PlannedFault(kind, ordinal, after_s, draw.randint(*_TIMED_MS[kind]), detail=detail)
    if kind is FaultKind.ZOOM:
        zoom = draw.choice((0.8, 0.9, 1.1, 1.25))
        return PlannedFault(kind, ordinal, after_s, rounds=2, detail={"zoom": zoom})
    if kind is FaultKind.MIN_STAKE:
        return PlannedFault(kind, ordinal, rounds=1, detail={"min_stake": draw.choice((200, 500))})
    if kind in LASTING_KINDS:
        return PlannedFault(kind, ordinal, rounds=2)
    if kind is FaultKind.BET_LATE:
        past = draw.random() < 0.5
        return PlannedFault(kind, ordinal, detail={"past": past, "extra_s": round(draw.uniform(0.2, 0.8), 3)})
    return PlannedFault(kind, ordinal)
