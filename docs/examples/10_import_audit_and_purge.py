"""Import what somebody recorded, see what the record missed, purge a day; the totals follow.

python docs/examples/10_import_audit_and_purge.py
"""

import csv
import math
import os
import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.database import (
    close_db,
    get_game_statistics,
    import_rounds,
    init_db,
    purge_older_than,
    refresh_aggregates,
)
from bot.games.law import crash_point

BETTING_S, GROWTH_PER_S = 14.0, 0.0858


def record(path: Path, rounds: int) -> None:
    """What a recorder of the evening of 30 December would have written, with three faults of its own."""
    draw, now = random.Random(10), datetime(2025, 12, 30, 22, 0, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["round_id", "timestamp", "multiplier"])
        for number in range(rounds):
            multiplier = crash_point(1.0 - draw.random(), 0.97) / 100
            if number not in range(300, 304):  # it looked away for four rounds …
                shown = {500: "0.95", 600: "oops"}.get(number, f"{multiplier:.2f}")  # … and misread two
                table.writerow(["", f"{now:%Y-%m-%d %H:%M:%S}", shown])
            now += timedelta(seconds=BETTING_S + math.log(multiplier) / GROWTH_PER_S)


def main(folder: Path) -> None:
    path = folder / "aviator_evening.csv"
    record(path, 1_000)
    for time in ("first", "second"):
        told = import_rounds(path, game="aviator", timezone="UTC")
        print(f"{time} time: {told.rows} rows, {told.stored} stored, {told.duplicates} there already, "
              f"{len(told.rejected)} refused, {told.gaps} gaps")  # fmt: skip
    for each in told.rejected:
        print(f"  line {each.line}: {each.reason} ({each.value})")

    before = get_game_statistics("aviator")
    watched = before["watched"]
    print(f"missed, as far as the times tell: {watched['rounds_missed']} rounds in {watched['gaps']} gaps, "
          f"a share of {watched['missed_share']}")  # fmt: skip

    purged = purge_older_than(date(2025, 12, 31))
    after = get_game_statistics("aviator")
    print(f"purged {purged.rows['crash_game_rounds']} rounds of 30 December: "
          f"{before['total_rounds']} rounds before, {after['total_rounds']} after")  # fmt: skip
    print(f"groups of the totals that were not as the rows make them: {refresh_aggregates().total}")
    print("However well it is recorded: every strategy loses on such rounds in the long run.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{name}/example.db")
        main(Path(name))
        close_db()
