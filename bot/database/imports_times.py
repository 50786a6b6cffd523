"""Times as others write them, as microseconds since 1970 (UTC). A missing time stays missing.

Taken: ISO dates with a time, with or without fraction and zone; seconds, milli-, micro- and nanoseconds since
1970; any form that is given as a ``strptime`` pattern. A time of day alone is no time: it is kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import polars as pl

from bot.domain.errors import BadInput

#: 1970 to 2200, in microseconds.
LATEST = 7_258_118_400_000_000
_ISO = (
    r"^(\d{4})[-/](\d{2})[-/](\d{2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
_EPOCH = r"^(\d{9,19})(?:\.(\d+))?$"
_OF_DAY = r"^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?$"
_US = 1_000_000
_MINUTE_US = 60 * _US


def check_zone(timezone: str) -> str:
    """The zone's name. Raises ``BadInput`` for one that there is not."""
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(
            f"no such time zone: {timezone!r} (as in UTC, Europe/Berlin, Africa/Nairobi)"
        ) from error
    return timezone


@dataclass(slots=True)
class TimeReader:
    """Reads columns of times of one file, in the order of the file.

    ``naive``: how many had no zone; ``repeated``: how many fell into an hour that the clock repeats, where
    the time before them decides; ``of_day``: how many were a time of day alone.
    """

    timezone: str = "UTC"
    pattern: str | None = None
    naive: int = 0
    repeated: int = 0
    of_day: int = 0
    _before: int | None = field(default=None)

    def read(self, texts: pl.Series) -> tuple[pl.Series, pl.Series, list[tuple[int, str]]]:
        """Microseconds; which are a time of day (to be kept as text); places refused, and why."""
        bare = texts.fill_null("").str.strip_chars()
        of_day = bare.str.contains(_OF_DAY)
        local, utc = self._patterned(bare) if self.pattern else self._iso(bare)
        gone = self._placed(local)
        times = pl.select(pl.coalesce(utc, _epoch(bare), gone)).to_series()
        times = times.set((times < 0) | (times > LATEST), None)
        lost = (times.is_null() & (bare != "") & ~of_day).arg_true().to_list()
        refused = [(place, self._why(local[place])) for place in lost]
        self.of_day += int(of_day.sum())
        known = times.drop_nulls()
        self._before = known[-1] if len(known) else self._before
        return times, of_day, refused

    def _why(self, local: object) -> str:
        if local is not None:
            return f"there is no such time in {self.timezone} (the clock goes forward), or it is far off"
        return "not a time that is understood: give its form with --time-format, as in %d/%m/%Y %H:%M:%S"

    def _patterned(self, bare: pl.Series) -> tuple[pl.Series, pl.Series]:
        none = pl.Series([None] * len(bare), dtype=pl.Int64)
        try:
            read = bare.str.to_datetime(self.pattern, time_unit="us", strict=False)
        except pl.exceptions.PolarsError as error:
            raise BadInput(f"--time-format {self.pattern!r} is not understood: {error}") from error
        zoned = isinstance(read.dtype, pl.Datetime) and read.dtype.time_zone is not None
        moments = read.dt.timestamp("us")
        return (none, moments) if zoned else (moments, none)

    def _iso(self, bare: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Local times without a zone, and UTC times of those with one; as microseconds."""
        part = bare.str.extract_groups(_ISO).struct.unnest()
        plain = part.select(
            pl.concat_str(
                "1", pl.lit("-"), "2", pl.lit("-"), "3", pl.lit(" "),
                pl.col("4").str.zfill(2), pl.lit(":"), "5", pl.lit(":"), pl.col("6").fill_null("00"),
            )
            .str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
            .dt.timestamp("us")
            + pl.col("7").fill_null("").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
        ).to_series()  # fmt: skip
        zone = part["8"]
        signed = zone.str.extract_groups(r"^([+-])(\d{2}):?(\d{2})?$").struct.unnest()
        minutes = signed["2"].cast(pl.Int64) * 60 + signed["3"].fill_null("00").cast(pl.Int64)
        offset = pl.select(pl.when(signed["1"] == "-").then(-minutes).otherwise(minutes)).to_series()
        utc = plain - offset.fill_null(0) * _MINUTE_US
        return plain.set(zone.is_not_null(), None), utc.set(zone.is_null(), None)

    def _placed(self, local: pl.Series) -> pl.Series:
        """Local times in the file's zone as UTC; empty where the clock left them out."""
        self.naive += len(local) - local.null_count()
        if self.timezone == "UTC" or local.null_count() == len(local):
            return local
        naive = local.cast(pl.Datetime("us"))
        first, second = (
            naive.dt.replace_time_zone(self.timezone, ambiguous=which, non_existent="null").dt.timestamp("us")
            for which in ("earliest", "latest")
        )
        twice = (first != second).fill_null(False).arg_true().to_list()
        self.repeated += len(twice)
        placed = first.to_list() if twice else []
        for place in twice:
            before = placed[place - 1] if place else self._before
            if before is not None and abs(second[place] - before) < abs(first[place] - before):
                placed[place] = second[place]
        return pl.Series(placed, dtype=pl.Int64) if twice else first


def _epoch(bare: pl.Series) -> pl.Series:
    """Numbers since 1970: up to 11 digits seconds, to 14 milli-, to 17 micro-, beyond nanoseconds."""
    part = bare.str.extract_groups(_EPOCH).struct.unnest()
    whole, digits = part["1"].cast(pl.Int64, strict=False), part["1"].str.len_chars()
    fraction = part["2"].fill_null("").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    return pl.select(
        pl.when(digits <= 11)
        .then(whole * _US + fraction)
        .when(digits <= 14)
        .then(whole * 1_000 + fraction // 1_000)
        .when(digits <= 17)
        .then(whole)
        .otherwise(whole // 1_000)
    ).to_series()
