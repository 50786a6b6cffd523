"""Strategies side by side: they differ in how they lose, not in what they are expected to lose.

python docs/examples/05_compare_strategies.py
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta

from made_up_rounds import STRATEGIES, play

from bot.analytics.comparison import compare
from bot.database import close_db, get_strategy_performance, init_db, log_batch_rounds, register_bot

DAYS, ROUNDS_A_DAY = 30, 200


def main() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number, strategy in enumerate(STRATEGIES):
        bot_id = f"bot-{number}"
        register_bot(bot_id, strategy_name=strategy, currency="KES")
        for day in range(DAYS):
            seed = 1_000 * number + day
            log_batch_rounds(play(bot_id, strategy, ROUNDS_A_DAY, first + timedelta(days=day), seed))

    told = compare(by="strategy")
    heads = f"{'strategy':<16}{'win rate':>9}{'staked':>11}{'result':>9}"
    print(f"{heads}{'ROI':>9}{'95 % from':>11}{'to':>7}{'law':>8}")
    for row in told["rows"]:
        print(f"{row['name']:<16}{row['win_rate_percent']:>8.2f}%{row['total_staked']:>11}", end="")
        print(f"{row['total_profit']:>9}{row['roi_percent']:>8.2f}%{row['roi_low_percent']:>11.2f}", end="")
        print(f"{row['roi_high_percent']:>7.2f}{row['roi_by_law_percent']:>7.2f}%")
    worst = get_strategy_performance("martingale")["largest_loss"]
    print(f"To win 1.00 back the martingale has staked {-worst} on one round, and lost it.")
    print(told["caution"])
    print("The law says -3 % of the stakes for all of them: every strategy loses in the long run.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
