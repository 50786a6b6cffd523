"""Export rounds to Parquet and ask them with Polars; what was watched comes along.

python docs/examples/09_export_and_read_with_polars.py
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from made_up_rounds import play

from bot.database import (
    close_db,
    export_multipliers_for_ml,
    export_rounds,
    export_rounds_to_json,
    init_db,
    log_batch_rounds,
    register_bot,
)


def main(folder: Path) -> None:
    register_bot("ann", currency="KES")
    log_batch_rounds(play("ann", "martingale", 3_000, datetime(2026, 1, 1, tzinfo=UTC), seed=9))

    told = export_rounds(
        folder / "rounds.parquet", "parquet",
        columns=["round_start_timestamp", "crash_multiplier_detected", "stake_value", "profit_loss_amount"],
    )  # fmt: skip
    print(f"exported {told.rounds} rounds; missed, as far as is known: {told.watched['rounds_missed']}")
    rounds = pl.read_parquet(folder / "rounds.parquet")
    for column, kind in rounds.schema.items():
        print(f"  {column:<26} {kind}")
    by_quarter_day = rounds.group_by_dynamic("round_start_timestamp", every="6h").agg(
        pl.len().alias("rounds"), pl.col("stake_value").sum(), pl.col("profit_loss_amount").sum()
    )
    print(by_quarter_day)
    stake, profit = rounds["stake_value"].sum(), rounds["profit_loss_amount"].sum()
    print(f"staked {stake}, result {profit}: decimals stay exact in Parquet")

    frame = export_multipliers_for_ml("aviator", limit=1_000)
    print(f"for training: {frame.height} rounds, columns {', '.join(frame.columns[:6])} …")
    print(f"as JSON: {len(export_rounds_to_json('ann', limit=2))} characters for two rounds")
    print("A model trained on fair crash points learns nothing: every strategy still loses on average.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{name}/example.db")
        main(Path(name))
        close_db()
