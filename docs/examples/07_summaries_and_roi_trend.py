"""Daily, weekly and monthly summaries, and the trend of the return on investment.

python docs/examples/07_summaries_and_roi_trend.py
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta

from made_up_rounds import play

from bot.analytics.summaries import summarise
from bot.analytics.trend import roi_trend
from bot.database import close_db, init_db, log_batch_rounds, register_bot

DAYS, ROUNDS_A_DAY = 45, 400


def main() -> None:
    register_bot("ann", currency="KES")
    first = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
    for day in range(DAYS):
        log_batch_rounds(play("ann", "fixed_stake", ROUNDS_A_DAY, first + timedelta(days=day), seed=day))

    print(f"{len(summarise('day', bot_id='ann'))} days, the weeks and months of them:")
    print(f"{'period':<10}{'rounds':>8}{'wins':>7}{'staked':>11}{'result':>9}{'roi %':>9}")
    for every in ("week", "month"):
        for told in summarise(every, bot_id="ann"):
            print(f"{told['period']:<10}{told['total_rounds']:>8}{told['wins']:>7}", end="")
            print(f"{told['total_staked']:>11}{told['total_profit']:>9}{told['roi_percent']:>9.2f}")

    (series,) = roi_trend(bot_id="ann")["series"]
    print("ROI since the first day, in percent, beside what the law makes expect of the same stakes:")
    for point in series["points"][::11]:
        expected = 100 * point["expected_profit"] / point["cumulative_staked"]
        print(f"  {point['day']}  {point['roi_percent']:>8.2f}  {expected:>6.2f}")
    print("The longer it goes on, the nearer it comes to -3 %: every strategy loses in the long run.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
