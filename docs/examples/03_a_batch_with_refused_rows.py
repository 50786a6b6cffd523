"""Log many rounds at once: the good ones are stored, whatever is wrong with the others.

python docs/examples/03_a_batch_with_refused_rows.py
"""

import os
import tempfile
from datetime import UTC, datetime
from decimal import Decimal

from made_up_rounds import play

from bot.database import BatchRefused, close_db, init_db, log_batch_rounds, register_bot


def main() -> None:
    register_bot("ann", currency="KES")
    rounds = play("ann", "fixed_stake", 1_000, datetime(2026, 1, 31, tzinfo=UTC), seed=1)
    rounds[10]["stake_value"] = Decimal("-1.00")
    rounds[20]["crash_multiplier"] = Decimal("NaN")
    rounds[30]["bot_id"] = "nobody"
    rounds[40]["crash_multiplyer"] = rounds[40].pop("crash_multiplier")
    try:
        log_batch_rounds(rounds)
    except BatchRefused as refused:
        print(refused)
        for index, error in refused.result.rejected:
            print(f"  row {index}: {error}")

    # Given again with the faults mended, only what was missing is stored.
    rounds[10]["stake_value"] = Decimal("1.00")
    rounds[20]["crash_multiplier"] = Decimal("1.00")
    rounds[30]["bot_id"] = "ann"
    rounds[40]["crash_multiplier"] = rounds[40].pop("crash_multiplyer")
    result = log_batch_rounds(rounds)
    print(f"second time: {result.stored} stored, {result.duplicates} there already")
    print("These rounds lose on average, as all do: storing them well changes no odds.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
        main()
        close_db()
