"""Strategies side by side: they differ in how they lose, not in what they are expected to lose.

python docs/examples/05_compare_strategies.py
"""

import os
import tempfile
from datetime import UTC, datetime

from made_up_rounds import STRATEGIES, play

from bot.database import close_db, get_strategy_performance, init_db, log_batch_rounds, register_bot


def main() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for seed, strategy in enumerate(STRATEGIES):
        bot_id = f"bot-{seed}"
        register_bot(bot_id, strategy_name=strategy, currency="KES")
        log_batch_rounds(play(bot_id, strategy, 5_000, start, seed))

    print(f"{'strategy':<16}{'win rate':>10}{'staked':>11}{'result':>10}{'expected':>11}{'worst':>9}")
    for strategy in STRATEGIES:
        told = get_strategy_performance(strategy)
        rate, result, worst = told["win_rate_percent"], told["total_profit"], told["largest_loss"]
        print(f"{strategy:<16}{rate:>9.2f}%{told['total_staked']:>11}", end="")
        print(f"{result:>10}{told['expected_profit_by_law']:>11.2f}{worst:>9}")
    print("A high win rate is bought with rare large losses. Expected is -3 % of the stakes for all of them;")
    print("a result above it is luck. Every strategy loses in the long run.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
