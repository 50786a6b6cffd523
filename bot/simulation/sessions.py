"""One session in plain Python: the rules that the kernels compile, on any strategy and any rounds.

It is what recorded rounds and strategies that can't be compiled run through, and what the kernels are tested
against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.domain.amounts import payout
from bot.domain.errors import BadInput
from bot.limits import Limits
from bot.simulation.bounds import Bounds, Standing, bounds_of, stop_name
from bot.staking import Settlement, Strategy
from bot.staking.own import OwnStrategy
from bot.staking.stepped import Stepped
from bot.staking.steps import FINE, MOST_MINOR


@dataclass(slots=True)
class Session:
    """Where one session stands. Money in minor units."""

    strategy: Strategy
    bankroll: int
    limits: Limits = field(default_factory=Limits)
    goal: int | None = None
    balance: int = field(init=False)
    lowest: int = field(init=False)
    highest: int = field(init=False)
    drawdown: int = 0
    turnover: int = 0
    bets: int = 0
    rounds: int = 0
    last_bet_round: int = 0
    longest_losing_run: int = 0
    _run: int = 0
    _bounds: Bounds = field(init=False)

    def __post_init__(self) -> None:
        self._bounds = bounds_of(self.limits, self.bankroll, self.goal)
        self.balance = self.lowest = self.highest = self.bankroll

    def play(self, crash_multiplier: int) -> tuple[int, int]:
        """One round: order, bounds, settlement. Returns the stake placed (0: none) and the target."""
        self.rounds += 1
        order = self.strategy.order(self.balance)
        stake, target = order[0], order[1]
        if not self._bounds.allow(stake, self.balance, self.turnover, self.bets, self.highest):
            stake = 0
        if self.balance < self._bounds.goal:
            self.strategy.observed(crash_multiplier)
        if stake:
            self._settle(stake, target, crash_multiplier >= target)
        return stake, target

    def miss(self) -> None:
        """A round that nobody saw: nothing is staked, and no sequence advances on it."""
        self.rounds += 1

    def _settle(self, stake: int, target: int, won: bool) -> None:
        paid = payout(stake, target) if won else 0
        self.balance += paid - stake
        self.turnover += stake
        self.bets += 1
        self.last_bet_round = self.rounds
        self.lowest = min(self.lowest, self.balance)
        self.highest = max(self.highest, self.balance)
        self.drawdown = max(self.drawdown, self.highest - self.balance)
        self._run = 0 if won else self._run + 1
        self.longest_losing_run = max(self.longest_losing_run, self._run)
        self.strategy.settled(Settlement(won, stake, paid))

    @property
    def stop(self) -> str:
        """Why it stakes no more, as in ``STOPS``; ``""``: it would go on."""
        wanted, note = wanted_next(self.strategy, min(self.balance, MOST_MINOR))
        standing = Standing(wanted, note, self.balance, self.highest, self.turnover, self.bets, self.bankroll)
        return stop_name(self.limits, self.goal, standing)


def figures_of(session: Session) -> dict[str, int]:
    """What a session came to and what it would stake next, as the kernels give it."""
    wanted, note = wanted_next(session.strategy, min(session.balance, MOST_MINOR))
    return {
        "final": session.balance,
        "lowest": session.lowest,
        "highest": session.highest,
        "drawdown": session.drawdown,
        "turnover": session.turnover,
        "bets": session.bets,
        "rounds": session.last_bet_round,
        "longest": session.longest_losing_run,
        "wanted": wanted,
        "note": note,
    }


def wanted_next(strategy: Strategy, balance_minor: int) -> tuple[int, int]:
    """The next stake that a strategy asks for, and the number of its note."""
    if isinstance(strategy, Stepped):
        wish = strategy.functions.order(strategy.step_parameters, strategy.step_state, balance_minor)
        return wish[0], wish[2] if len(wish) > 2 else FINE
    return strategy.order(balance_minor)[0], FINE


@dataclass(frozen=True, slots=True)
class Replay:
    """A session on given rounds. Stakes, targets and balances after it: one entry a round."""

    session: Session
    stakes: list[int]
    targets: list[int]
    balances: list[int]
    missed: int
    told_stop: str | None = None

    @property
    def final(self) -> int:
        """The balance at the end, minor units."""
        return self.session.balance

    @property
    def stop(self) -> str:
        """Why it stakes no more, as in ``STOPS``; ``""``: it would go on."""
        return self.session.stop if self.told_stop is None else self.told_stop


def replay(
    strategy: Strategy,
    crashes: Sequence[int] | Iterable[int],
    bankroll_minor: int,
    limits: Limits | None = None,
    goal_minor: int | None = None,
    missed: Sequence[bool] | None = None,
    each: Callable[[], None] | None = None,
) -> Replay:
    """Play a strategy on recorded rounds, in plain Python.

    ``crashes``: crash points in hundredths, oldest first. ``missed``: which of them nobody saw (their entry
    in ``crashes`` is not looked at): nothing is staked on them, nothing observed, nothing settled. The
    strategy is left as it stands afterwards (a user's from a file starts anew, in a process of its own).
    ``each`` is called after each round. Raises ``BadInput`` for an impossible bankroll or a mask of
    another length.
    """
    points = np.asarray(list(crashes) if not isinstance(crashes, Sequence) else crashes).tolist()
    unseen = [False] * len(points) if missed is None else [bool(value) for value in missed]
    if len(unseen) != len(points):
        raise BadInput(f"{len(points)} rounds, but {len(unseen)} entries that say which were missed")
    limits = limits or Limits()
    if isinstance(strategy, OwnStrategy):
        return _replay_own(strategy, points, bankroll_minor, limits, goal_minor, unseen)
    session = Session(strategy, bankroll_minor, limits, goal_minor)
    stakes, targets, balances = [], [], []
    for crash, gone in zip(points, unseen, strict=True):
        if gone:
            session.miss()
            stake, target = 0, 0
        else:
            stake, target = session.play(crash)
        stakes.append(stake)
        targets.append(target)
        balances.append(session.balance)
        if each is not None:
            each()
    return Replay(session, stakes, targets, balances, sum(unseen))


def _replay_own(
    strategy: OwnStrategy,
    points: list[int],
    bankroll: int,
    limits: Limits,
    goal: int | None,
    unseen: list[bool],
) -> Replay:
    from bot.simulation.own_running import replay_own

    session = Session(strategy, bankroll, limits, goal)
    told = replay_own(strategy, points, bankroll, limits, goal, unseen)
    figures = told["figures"]
    session.balance, session.rounds = figures["final"], len(points)
    for name in ("lowest", "highest", "drawdown", "turnover", "bets"):
        setattr(session, name, figures[name])
    session.last_bet_round, session.longest_losing_run = figures["rounds"], figures["longest"]
    return Replay(session, told["stakes"], told["targets"], told["balances"], sum(unseen), told["stop"])
