"""What a bot's rounds came to, what the law makes expect, and how much of the time was really watched.

python docs/examples/04_statistics_of_a_bot.py
"""

import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from made_up_rounds import play

from bot.database import (
    close_db,
    configure_game_platform,
    get_bot_statistics,
    init_db,
    log_batch_rounds,
    log_round_gap,
    log_watched_interval,
    register_bot,
)


def main() -> None:
    register_bot("ann", currency="KES")
    configure_game_platform("aviator", house_edge_percent=Decimal("3"))
    start = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)
    log_batch_rounds(play("ann", "martingale", 2_000, start, seed=4))

    where = {"bot_id": "ann", "session_id": "ann-20260131", "game_name": "aviator"}
    log_watched_interval(**where, start=start, end=start + timedelta(seconds=25 * 2_000))
    log_round_gap(**where, at=start + timedelta(hours=1), rounds=8, reason="the window was covered")

    statistics = get_bot_statistics("ann")
    for name in ("total_rounds", "wins", "losses", "win_rate_percent", "total_staked", "total_profit",
                 "roi_percent", "expected_profit_by_law", "largest_loss"):  # fmt: skip
        print(f"{name:<23} {statistics[name]}")
    luck = statistics["total_profit"] - statistics["expected_profit_by_law"]
    print(f"luck alone accounts for {luck} of the result, and more rounds take good luck back")

    watched = statistics["watched"]
    print(f"watched {watched['seconds']} s, missed {watched['rounds_missed']} rounds "
          f"(a share of {watched['missed_share']})")  # fmt: skip

    second_day = get_bot_statistics("ann", date(2026, 2, 1), date(2026, 2, 1))
    print(f"on 1 February alone: {second_day['total_rounds']} rounds, {second_day['total_profit']} KES")
    print(statistics["notice"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
