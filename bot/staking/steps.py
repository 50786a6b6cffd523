"""The strategies as pure step functions over named tuples of integers and floats.

Live play calls them as they stand; a compiler may take the very same source. For each strategy: ``*_order``
(parameters, state, balance) → ``Wish``; ``*_settled`` (parameters, state, won 0/1, stake, payout) → state;
``*_observed`` (parameters, state, crash point) → state.

Money is integer minor units, targets and crash points integer hundredths. Divisions of money round down, but
martingale's next stake rounds up (a cycle that ends in a win must not end behind). Everything fits 64 bits
for balances up to 9e12 minor units and targets up to 10,000x.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bot.staking.orders import Wish

PARTS = 10_000  # shares are in hundredths of a per cent
NO_CAP = 1 << 62

# Notes: why the stake is 0, by number, so that a compiled step can return them.
FINE = 0
BALANCE_TOO_LOW = 1
NO_EDGE = 2
BELOW_BASE = 3
STAKE_CAPPED = 4


class FixedParameters(NamedTuple):
    """The same stake each round."""

    base_stake_minor: int
    target: int
    max_stake_minor: int


class Nothing(NamedTuple):
    """The state of a strategy that remembers nothing. One field, since compilers dislike empty tuples."""

    unused: int


def fixed_order(p: FixedParameters, s: Nothing, balance_minor: int) -> Wish:
    """Stake the base if the balance has it."""
    stake = min(p.base_stake_minor, p.max_stake_minor)
    if stake > balance_minor:
        return Wish(0, p.target, BALANCE_TOO_LOW)
    return Wish(stake, p.target, FINE)


class MartingaleParameters(NamedTuple):
    """After each loss stake so much that a win brings back all losses of the cycle.

    ``max_steps`` losses in a row end the cycle: the next stake is the base again.
    """

    base_stake_minor: int
    target: int
    max_steps: int
    max_stake_minor: int


class MartingaleState(NamedTuple):
    """Losses in a row in this cycle, and the next stake in minor units."""

    losses: int
    next_stake_minor: int


def martingale_order(p: MartingaleParameters, s: MartingaleState, balance_minor: int) -> Wish:
    """The cycle's next stake, as far as cap and balance allow; never a smaller one in its place."""
    if s.next_stake_minor > p.max_stake_minor:
        return Wish(0, p.target, STAKE_CAPPED)
    if s.next_stake_minor > balance_minor:
        return Wish(0, p.target, BALANCE_TOO_LOW)
    return Wish(s.next_stake_minor, p.target, FINE)


def martingale_settled(
    p: MartingaleParameters, s: MartingaleState, won: int, stake_minor: int, payout_minor: int
) -> MartingaleState:
    """Factor x/(x - 1) after a loss (2 at 2x, 4.03 at 1.33x), rounded up; the base after a win or the cap."""
    if won != 0 or s.losses + 1 >= p.max_steps:
        return MartingaleState(0, p.base_stake_minor)
    gain = p.target - 100
    following = (stake_minor * p.target + gain - 1) // gain
    if following > p.max_stake_minor:
        # A cap shortens the cycle: the loss is taken here, like at the last step.
        return MartingaleState(0, p.base_stake_minor)
    return MartingaleState(s.losses + 1, following)


class CompoundParameters(NamedTuple):
    """Stake a share of the balance, in hundredths of a per cent, at least the base."""

    base_stake_minor: int
    target: int
    share: int
    max_stake_minor: int


def compound_order(p: CompoundParameters, s: Nothing, balance_minor: int) -> Wish:
    """``share`` of the balance, rounded down; the base when that is more; nothing when that is not there."""
    stake = max(balance_minor * p.share // PARTS, p.base_stake_minor)
    stake = min(stake, p.max_stake_minor)
    if stake > balance_minor:
        return Wish(0, p.target, BALANCE_TOO_LOW)
    return Wish(stake, p.target, FINE)


class KellyParameters(NamedTuple):
    """Stake what maximises growth at a lower confidence bound of the hit rate; nothing without an edge.

    ``part`` of the full Kelly stake, in hundredths of a per cent; ``log_alarm`` = ln(1 / (1 - confidence)).
    """

    base_stake_minor: int
    target: int
    part: int
    log_alarm: float
    max_stake_minor: int


class KellyState(NamedTuple):
    """Rounds seen, and how many of them reached the target."""

    rounds: int
    hits: int


#: Weight of the prior, in rounds: it spreads about 0.05 around the break-even rate at 2x.
PRIOR_ROUNDS = 100.0


def log_evidence(rate: float, prior_rate: float, rounds: int, hits: int) -> float:
    """ln of the evidence that the hit rate is not ``rate``: a test martingale under ``rate``.

    The likelihood mixed over a Beta prior around ``prior_rate``, over the likelihood of ``rate``. By Ville's
    inequality it exceeds ln(1/a) at any time with chance at most a, however often one looks.
    """
    a = PRIOR_ROUNDS * prior_rate
    b = PRIOR_ROUNDS - a
    misses = rounds - hits
    mixed = math.lgamma(a + hits) + math.lgamma(b + misses) - math.lgamma(PRIOR_ROUNDS + rounds)
    prior = math.lgamma(a) + math.lgamma(b) - math.lgamma(PRIOR_ROUNDS)
    return mixed - prior - hits * math.log(rate) - misses * math.log(1.0 - rate)


def lower_bound(rounds: int, hits: int, prior_rate: float, log_alarm: float) -> float:
    """Lower end of the hit rate's confidence sequence, valid at all times at once; 0 without hits.

    Found by 50 halvings between 0 and the observed rate, where the evidence falls from infinity to its least.
    """
    if hits == 0:
        return 0.0
    low = 0.0
    high = hits / rounds
    if hits == rounds:
        high = 1.0 - 1e-12
    for _ in range(50):
        middle = 0.5 * (low + high)
        if log_evidence(middle, prior_rate, rounds, hits) > log_alarm:
            low = middle
        else:
            high = middle
    return low


def kelly_order(p: KellyParameters, s: KellyState, balance_minor: int) -> Wish:
    """f = (p x - 1) / (x - 1) at the lower bound of p, times ``part``, of the balance, rounded down."""
    break_even = 100.0 / p.target
    rate = lower_bound(s.rounds, s.hits, break_even, p.log_alarm)
    if rate <= break_even:
        return Wish(0, p.target, NO_EDGE)
    fraction = (rate * p.target - 100.0) / (p.target - 100.0)
    # The fraction goes to parts of 10,000 first: last digits of the logarithms then never reach the money.
    stake = balance_minor * int(fraction * p.part) // PARTS
    stake = min(stake, p.max_stake_minor)
    if stake < p.base_stake_minor:
        return Wish(0, p.target, BELOW_BASE)
    return Wish(stake, p.target, FINE)


def kelly_observed(p: KellyParameters, s: KellyState, crash_multiplier: int) -> KellyState:
    """One more round; a hit when a cash-out at the target would have been paid."""
    return KellyState(s.rounds + 1, s.hits + (1 if crash_multiplier >= p.target else 0))
