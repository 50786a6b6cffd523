"""Rounds for the examples: crash points drawn from the game's law, played with simple strategies.

The law is P(crash point >= x) = 0.97/x. Whatever the target, a stake returns 97 % on average: every strategy
loses in the long run, and these rounds show it.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from bot.games.law import crash_point

RETURN_TO_PLAYER = 0.97
#: Target and highest number of doublings after losses.
STRATEGIES = {"fixed_stake": ("2.00", 0), "martingale": ("2.00", 6), "compound_1.33x": ("1.33", 0)}


def play(
    bot_id: str,
    strategy: str,
    rounds: int,
    start: datetime,
    seed: int,
    every: timedelta = timedelta(seconds=25),
) -> list[dict[str, object]]:
    """Rounds of one session with a base stake of 1.00, ready for ``log_batch_rounds``."""
    draw = random.Random(seed)
    target, doublings = Decimal(STRATEGIES[strategy][0]), STRATEGIES[strategy][1]
    played: list[dict[str, object]] = []
    lost_in_a_row = 0
    for number in range(1, rounds + 1):
        crash = Decimal(crash_point(1.0 - draw.random(), RETURN_TO_PLAYER)) / 100
        stake = Decimal("1.00") * 2**lost_in_a_row
        won = crash >= target
        profit = (stake * target).quantize(Decimal("0.01")) - stake if won else -stake
        lost_in_a_row = 0 if won or lost_in_a_row == doublings else lost_in_a_row + 1
        played.append(
            {
                "bot_id": bot_id,
                "session_id": f"{bot_id}-{start:%Y%m%d}",
                "strategy_name": strategy,
                "game_name": "aviator",
                "currency": "KES",
                "mode": "practice",
                "round_number": number,
                "round_start_timestamp": start + number * every,
                "stake_value": stake,
                "target_multiplier": target,
                "crash_multiplier": crash,
                "profit_loss": profit,
            }
        )
    return played
