"""Crash points beside the law P(crash point >= x) = 0.97/x: a check of the reader and of the game.

python docs/examples/06_multipliers_beside_the_law.py
"""

import os
import tempfile
from datetime import UTC, datetime

from made_up_rounds import play

from bot.database import close_db, get_multiplier_distribution, init_db, log_batch_rounds, register_bot


def main() -> None:
    register_bot("ann", currency="KES")
    log_batch_rounds(play("ann", "fixed_stake", 20_000, datetime(2026, 1, 1, tzinfo=UTC), seed=6))
    told = get_multiplier_distribution("aviator")

    print(f"{told['rounds_with_multiplier']} rounds, return to player {told['return_to_player']}")
    print(f"{'at least':>9}{'seen':>10}{'law':>10}{'z':>7}")
    for chance in told["chances"]:
        score = "" if chance["z_score"] is None else f"{chance['z_score']:.1f}"
        print(
            f"{chance['at_least']:>8}x{chance['share_percent']:>9.2f}%{chance['law_percent']:>9.2f}%{score:>7}"
        )
    middle = next(found for found in told["quantiles"] if found["percent"] == 50)
    print(f"half of all rounds end at or below {middle['multiplier']}x")
    print("A |z| beyond 4 would say that the reading or the game is off. Within it the law holds,")
    print("and under this law every target returns 97 % of the stake on average: all of them lose.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
