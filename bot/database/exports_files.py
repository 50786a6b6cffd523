"""CSV, Parquet and JSON of Arrow batches, written as they come."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import IO, Any

import polars as pl
import pyarrow as pa

from bot.database.base import Base
from bot.database.bulk import ROUNDS

#: How Polars is told to write times.
ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"
#: Rows that are written at once, and those a group of a Parquet file.
CHUNK_ROWS = 65_536


class RoundFile(ABC):
    """Takes batches of one schema and writes them in chunks. ``total`` is how many rows to expect."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        self.file = file
        self.schema = schema
        self.total = total
        self.watched = watched
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append the rows of a batch, now or later."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= CHUNK_ROWS:
            self._flush()

    def finish(self) -> None:
        """Write what still waits and what comes after the last row."""
        self._flush()
        self.end()

    def _flush(self) -> None:
        waiting, self._waiting, self._rows = self._waiting, [], 0
        if waiting:
            self.write_rows(pa.Table.from_batches(waiting))

    @abstractmethod
    def write_rows(self, rows: pa.Table) -> None:
        """Write rows now."""

    def end(self) -> None:  # noqa: B027  # nothing comes after the last line of a CSV
        """Write what comes after the last row."""

    def close(self) -> None:  # noqa: B027  # most have nothing to let go of
        """Let go of what was opened, also after a fault."""


def frame_of(rows: pa.Table) -> pl.DataFrame:
    """The rows as a Polars table."""
    return pl.DataFrame(pl.from_arrow(rows, rechunk=False))


class CsvFile(RoundFile):
    """UTF-8 with a header line; decimals as they are (``2.45``), times ISO in UTC, nothing where empty."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        super().__init__(file, schema, total, watched)
        file.write((",".join(schema.names) + "\n").encode())

    def write_rows(self, rows: pa.Table) -> None:
        frame_of(rows).write_csv(self.file, include_header=False, datetime_format=ISO)


class ParquetFile(RoundFile):
    """Parquet, compressed with Zstandard; ``watched`` (JSON) in its key-value metadata."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        said = {"watched": json.dumps(watched, ensure_ascii=False)}
        super().__init__(file, schema.with_metadata(said), total, watched)
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(file, self.schema, compression="zstd")

    def write_rows(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.cast(self.schema))

    def end(self) -> None:
        self._writer.close()

    def close(self) -> None:
        # Of a file that will be thrown away nothing has to be in order.
        if self._writer.is_open:
            self._writer.close()


class JsonFile(RoundFile):
    """``{"watched": {...}, "rounds": [{...}, ...]}``: exact decimals and ISO times as texts."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        super().__init__(file, schema, total, watched)
        columns = Base.metadata.tables[ROUNDS].columns
        # As text in Arrow, but JSON already: it goes in as it is.
        self._json = [n for n in schema.names if type(columns[n].type).__name__ in ("JSON", "JSONB")]
        self._between = b"\n"
        file.write(b'{"watched": ' + json.dumps(watched, ensure_ascii=False).encode() + b',\n"rounds": [')

    def write_rows(self, rows: pa.Table) -> None:
        self.file.write(self._between + b",\n".join(self._lines(rows)))
        self._between = b",\n"

    def end(self) -> None:
        self.file.write(b"\n]}\n")

    def _lines(self, rows: pa.Table) -> list[bytes]:
        frame = frame_of(rows)
        plain = frame.drop(self._json).with_columns(
            pl.col(pl.Datetime).dt.strftime(ISO), pl.col(pl.Decimal).cast(pl.String)
        )
        lines = plain.write_ndjson().encode().split(b"\n")[: frame.height]
        if not plain.width:
            lines = [b"{}"] * frame.height
        for name in self._json:
            start = (", " if plain.width else "").encode() + json.dumps(name).encode() + b": "
            values = frame[name].fill_null("null").to_list()
            lines = [
                line[:-1] + start + text.encode() + b"}" for line, text in zip(lines, values, strict=True)
            ]
        return lines
