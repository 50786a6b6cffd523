"""Log a round: exact amounts, times with a zone, and the same round twice is one round.

python docs/examples/02_log_a_round.py
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.database import (
    CrashGameRound,
    close_db,
    configure_game_platform,
    init_db,
    log_crash_round,
    log_session_start,
    register_bot,
    session_scope,
    update_session_log,
)
from bot.database.values import readable
from bot.domain.errors import BadInput


def main() -> None:
    register_bot("ann", strategy_name="fixed_stake", currency="KES")
    configure_game_platform("aviator", house_edge_percent=Decimal("3"))
    start = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    session_id = log_session_start(bot_id="ann", start_time=start, starting_balance=Decimal("100.00"))
    seen = {
        "bot_id": "ann",
        "session_id": session_id,
        "game_name": "aviator",
        "round_number": 1,
        "round_start_timestamp": start,
        "round_end_timestamp": start + timedelta(seconds=4.25),
        "stake_value": Decimal("2.50"),
        "target_multiplier": Decimal("2.00"),
        "crash_multiplier": Decimal("1.44"),
        "profit_loss": Decimal("-2.50"),
        "metadata": {"players": 412},
    }
    first, second = log_crash_round(**seen), log_crash_round(**seen)
    print(f"logged twice, stored once: {first == second}")

    with session_scope() as session:
        row = session.get(CrashGameRound, first)
        assert row is not None
        names = ("round_outcome", "duration_seconds", "roi_percent", "expected_profit")
        shown = readable("crash_game_rounds", {name: getattr(row, name) for name in names})
    for name, value in shown.items():
        print(f"  {name:<17} {value}  (followed from the rest)")

    naive = datetime(2026, 1, 31, 12, 0, 0)  # noqa: DTZ001
    for wrong in ({"stake_value": 2.5}, {"crash_multiplier": "0.99"}, {"round_start_timestamp": naive}):
        try:
            log_crash_round(**{**seen, **wrong})
        except BadInput as refused:
            print(f"refused: {refused}")

    update_session_log(session_id, ended_at=start + timedelta(hours=1), ending_balance=Decimal("97.50"))
    print("An expected profit is always negative: the house edge of the stake, whatever the target.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
