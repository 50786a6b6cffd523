"""Crash points as a Polars table for training, in which every hole between two rounds is marked."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from bot.database.bulk import Selection, open_rounds
from bot.database.engine import Database
from bot.database.faults import storage_errors
from bot.database.watching import RoundGap, WatchedInterval

_READ = (
    "round_id",
    "round_start_timestamp",
    "round_end_timestamp",
    "crash_multiplier_detected",
    "multiplier_source",
    "multiplier_detection_confidence",
    "bot_id",
    "session_id",
    "table_name",
    "platform_code",
    "round_number",
    "round_external_id",
)
#: One table of one session: only rounds of the same one follow one another.
_TABLE = ("session_id", "table_name", "platform_code", "bot_id")
#: From this share of steps by one on the house's numbers count every round.
_COUNTING = 0.9


def multipliers_of(source: Database, chosen: Selection, game_name: str) -> pl.DataFrame:
    """What ``exports.export_multipliers_for_ml`` gives, for a selection of rounds of one game."""
    with open_rounds(source, _READ, chosen) as stream:
        table = pa.Table.from_batches(stream.batches, stream.schema)
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(
        pl.coalesce("round_start_timestamp", "round_end_timestamp").alias("time"),
        (pl.col("crash_multiplier_detected") * 100).cast(pl.Int64).alias("multiplier_hundredths"),
        pl.int_range(pl.len()).alias("#"),
    )
    frame = frame.with_columns((pl.col("multiplier_hundredths") / 100).alias("multiplier"))
    return _with_holes(frame, _known_holes(source, game_name)).select(
        "round_id",
        "time",
        "multiplier",
        "multiplier_hundredths",
        pl.col("multiplier_source").alias("source"),
        pl.col("multiplier_detection_confidence").alias("confidence"),
        *_TABLE,
        "round_number",
        "gap_before",
        "missed_before",
        "sequence",
    )


def _with_holes(frame: pl.DataFrame, holes: pl.DataFrame) -> pl.DataFrame:
    """Marks by the rounds' numbers, by the house's numbers, and by the holes that were written down."""
    external = pl.col("round_external_id").str.to_integer(strict=False, dtype=pl.Int64)
    step = external.diff()
    counting = (step == 1).mean() >= _COUNTING
    frame = frame.with_columns(
        pl.int_range(pl.len()).over(_TABLE).alias("place"),
        pl.col("round_number").diff().over(_TABLE).alias("step"),
        pl.when(counting).then(step).over(_TABLE).alias("external_step"),
    )
    frame = _with_known(frame, holes)
    jumped = pl.max_horizontal(pl.col("step") - 1, pl.col("external_step") - 1)
    missed = pl.max_horizontal(pl.when(jumped > 0).then(jumped), pl.col("known_rounds"))
    first = pl.col("place") == 0
    marked = (
        first
        | (jumped.fill_null(0) != 0)
        | (pl.col("external_step") < 0).fill_null(False)
        | pl.col("known_hole")
    )
    frame = frame.with_columns(
        marked.alias("gap_before"), pl.when(~first).then(missed).alias("missed_before")
    )
    stretch = pl.struct(*_TABLE, pl.col("gap_before").cum_sum().over(_TABLE))
    return frame.with_columns((stretch.rank("dense") - 1).cast(pl.Int64).alias("sequence")).sort("#")


def _with_known(frame: pl.DataFrame, holes: pl.DataFrame) -> pl.DataFrame:
    """``known_hole`` and ``known_rounds``: whether, and how many, since the row before at the same table."""
    by_session = ("session_id", "table")
    frame = frame.with_columns(pl.col("table_name").fill_null("").alias("table"))
    timed = frame.filter(pl.col("time").is_not_null()).sort("time", maintain_order=True)
    counted = holes.sort("at").with_columns(
        pl.col("rounds").fill_null(0).cum_sum().over(by_session).alias("rounds_by_then"),
        pl.int_range(1, pl.len() + 1).over(by_session).alias("holes_by_then"),
    )
    met = timed.select("#", *by_session, "time").join_asof(
        counted.select(*by_session, "at", "rounds_by_then", "holes_by_then"),
        left_on="time", right_on="at", by=list(by_session), strategy="backward",
        check_sortedness=False,
    )  # fmt: skip
    new = [pl.col(f"{name}_by_then").fill_null(0).diff().over(by_session) for name in ("holes", "rounds")]
    met = met.with_columns(new[0].alias("new_holes"), new[1].alias("known_rounds"))
    known = pl.when(pl.col("known_rounds") > 0).then("known_rounds")
    return frame.join(
        met.select("#", "new_holes", known.alias("known_rounds")), on="#", how="left"
    ).with_columns((pl.col("new_holes").fill_null(0) > 0).alias("known_hole"))


def _known_holes(database: Database, game_name: str) -> pl.DataFrame:
    """Moments between which nobody may connect rounds: gaps written down, and beginnings of watching."""
    gaps = (RoundGap.session_id, RoundGap.table_name, RoundGap.at_utc_us, RoundGap.rounds)
    begun = (WatchedInterval.session_id, WatchedInterval.table_name, WatchedInterval.from_utc_us)
    with storage_errors(database.name), database.sessions() as session:
        rows = [tuple(row) for row in session.query(*gaps).filter(RoundGap.game_name == game_name)]
        rows += [(*row, None) for row in session.query(*begun).filter(WatchedInterval.game_name == game_name)]
    kept = [(row[0], row[1] or "", row[2], row[3]) for row in rows if row[2] is not None]
    names = {"session_id": pl.String, "table": pl.String, "at": pl.Int64, "rounds": pl.Int64}
    return pl.DataFrame(kept, schema=names, orient="row").with_columns(
        pl.col("at").cast(pl.Datetime("us", "UTC"))
    )
