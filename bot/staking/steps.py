"""The first four strategies as pure step functions over named tuples of numbers, and what all share.

Live play calls the functions as they stand; the simulator compiles the very same ones. For each strategy:
``*_order`` (parameters, state, balance) → ``Wish``; ``*_settled`` (parameters, state, won 0/1, stake, payout)
→ state; ``*_observed`` (parameters, state, crash point) → state. A strategy that never changes its state by
one of them has none of it.

Money is integer minor units, targets and crash points integer hundredths. Divisions of money round down, but
a martingale's next stake rounds up (a cycle that ends in a win must not end behind). No product overflows 64
bits for balances up to ``MOST_MINOR`` and targets up to 10,000x; nobody stakes from a larger balance.

They choose by conditional expressions rather than by branches, and divide by multiplying with an inverse, so
that a compiler can run many sessions in the lanes of one vector.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bot.staking.orders import Wish

PARTS = 10_000  # shares are in hundredths of a per cent
INVERSE_PARTS = 1.0 / PARTS
NO_CAP = 1 << 62
#: The largest balance that is reckoned with, minor units.
MOST_MINOR = 9_000_000_000_000

# Notes: why the stake is 0, by number, so that a compiled step can return them.
FINE = 0
BALANCE_TOO_LOW = 1
NO_EDGE = 2
BELOW_BASE = 3
STAKE_CAPPED = 4


def floor_divided(number: int, inverse: float) -> int:
    """``number // d`` for ``inverse = 1.0 / d``, exact for 0 <= number < 2**51 and 1 <= d.

    Adding a half keeps the product further from any integer (1/2d) than both roundings can move it.
    """
    return int((number + 0.5) * inverse)


def stake_to_win(amount_minor: int, gain: int, inverse_gain: float) -> int:
    """The least stake whose profit is at least ``amount_minor``: 100 amount / gain, rounded up.

    ``gain`` is target - 100. As exact as :func:`floor_divided`, for amounts up to 2e13; sums and products of
    floats are exact below 2**53.
    """
    return int((amount_minor * 100.0 + (gain - 0.5)) * inverse_gain)


def part_of(amount_minor: int, parts: int) -> int:
    """``amount_minor * parts // PARTS``, exact up to ``MOST_MINOR``."""
    whole = floor_divided(amount_minor, INVERSE_PARTS)
    return whole * parts + floor_divided((amount_minor - whole * PARTS) * parts, INVERSE_PARTS)


def asked(stake_minor: int, target: int, balance_minor: int) -> Wish:
    """A stake that respects the cap already, if the balance has it; never a smaller one in its place."""
    short = stake_minor > balance_minor
    return Wish(0 if short else stake_minor, target, BALANCE_TOO_LOW if short else FINE)


def asked_below(stake_minor: int, target: int, max_stake_minor: int, balance_minor: int) -> Wish:
    """The same for a stake that may be above the cap."""
    capped = stake_minor > max_stake_minor
    wish = asked(stake_minor, target, balance_minor)
    return Wish(0 if capped else wish.stake_minor, target, STAKE_CAPPED if capped else wish.note)


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
    return asked(p.base_stake_minor, p.target, balance_minor)


class MartingaleParameters(NamedTuple):
    """After each loss stake so much that a win brings back all losses of the cycle.

    ``max_steps`` losses in a row end the cycle: the next stake is the base again. ``inverse_gain`` is
    1 / (target - 100), made with the parameters.
    """

    base_stake_minor: int
    target: int
    max_steps: int
    max_stake_minor: int
    inverse_gain: float


class MartingaleState(NamedTuple):
    """Losses in a row in this cycle, and the next stake in minor units."""

    losses: int
    next_stake_minor: int


def martingale_order(p: MartingaleParameters, s: MartingaleState, balance_minor: int) -> Wish:
    """The cycle's next stake."""
    return asked(s.next_stake_minor, p.target, balance_minor)


def martingale_settled(
    p: MartingaleParameters, s: MartingaleState, won: int, stake_minor: int, payout_minor: int
) -> MartingaleState:
    """Factor x/(x - 1) after a loss (2 at 2x, 4.03 at 1.33x), rounded up; the base after a win or the cap."""
    following = stake_minor + stake_to_win(stake_minor, p.target - 100, p.inverse_gain)
    # A cap shortens the cycle: the loss is taken here, like at the last step.
    over = (won != 0) | (s.losses + 1 >= p.max_steps) | (following > p.max_stake_minor)
    return MartingaleState(0 if over else s.losses + 1, p.base_stake_minor if over else following)


class CompoundParameters(NamedTuple):
    """Stake a share of the balance, in hundredths of a per cent, at least the base."""

    base_stake_minor: int
    target: int
    share: int
    max_stake_minor: int


def compound_order(p: CompoundParameters, s: Nothing, balance_minor: int) -> Wish:
    """``share`` of the balance, rounded down; the base when that is more; nothing when that is not there."""
    stake = min(max(part_of(balance_minor, p.share), p.base_stake_minor), p.max_stake_minor)
    return asked(stake, p.target, balance_minor)


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


def edge_possible(rounds: int, hits: int, rate: float, log_alarm: float) -> bool:
    """False when the lower bound can't exceed ``rate``, for the cost of a few products.

    The evidence against ``rate`` is at most that of the observed rate, n KL(observed, rate), which is at most
    (hits - n rate)² / (n rate (1 - rate)).
    """
    ahead = hits - rounds * rate
    return (ahead > 0.0) & (ahead * ahead > log_alarm * rounds * rate * (1.0 - rate))


def kelly_order(p: KellyParameters, s: KellyState, balance_minor: int) -> Wish:
    """f = (p x - 1) / (x - 1) at the lower bound of p, times ``part``, of the balance, rounded down."""
    break_even = 100.0 / p.target
    if not edge_possible(s.rounds, s.hits, break_even, p.log_alarm):
        return Wish(0, p.target, NO_EDGE)
    rate = lower_bound(s.rounds, s.hits, break_even, p.log_alarm)
    if rate <= break_even:
        return Wish(0, p.target, NO_EDGE)
    fraction = (rate * p.target - 100.0) / (p.target - 100.0)
    # The fraction goes to parts of 10,000 first: last digits of the logarithms then never reach the money.
    stake = min(part_of(balance_minor, int(fraction * p.part)), p.max_stake_minor)
    if stake < p.base_stake_minor:
        return Wish(0, p.target, BELOW_BASE)
    return Wish(stake, p.target, FINE)


def kelly_observed(p: KellyParameters, s: KellyState, crash_multiplier: int) -> KellyState:
    """One more round; a hit when a cash-out at the target would have been paid."""
    return KellyState(s.rounds + 1, s.hits + (1 if crash_multiplier >= p.target else 0))
