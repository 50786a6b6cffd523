"""CSV, Parquet and JSON of Arrow batches, written as they come."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bot.database.base import Base
from bot.database.bulk import ROUNDS

#: How Polars is told to write times.
ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"
#: Rows a group of a Parquet file: readers skip groups that cannot hold what they look for.
GROUP_ROWS = 131_072


class RoundFile(ABC):
    """Takes batches of one schema. ``total`` is how many rows to expect at most."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        self.file = file
        self.schema = schema
        self.total = total
        self.watched = watched

    @abstractmethod
    def write(self, batch: pa.RecordBatch) -> None:
        """Append the rows of a batch."""

    @abstractmethod
    def finish(self) -> None:
        """Write what comes after the last row."""

    def close(self) -> None:  # noqa: B027  # most have nothing to let go of
        """Let go of what was opened, also after a fault."""


class CsvFile(RoundFile):
    """UTF-8 with a header line; decimals as they are (``2.45``), times ISO in UTC, nothing where empty."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        super().__init__(file, schema, total, watched)
        file.write((",".join(schema.names) + "\n").encode())

    def write(self, batch: pa.RecordBatch) -> None:
        frame = pl.DataFrame(pl.from_arrow(batch))
        frame.write_csv(self.file, include_header=False, datetime_format=ISO)

    def finish(self) -> None:
        """Nothing comes after the last line."""


class ParquetFile(RoundFile):
    """Parquet, compressed with Zstandard; ``watched`` (JSON) in its key-value metadata."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        said = {"watched": json.dumps(watched, ensure_ascii=False)}
        super().__init__(file, schema.with_metadata(said), total, watched)
        self._writer = pq.ParquetWriter(file, self.schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= GROUP_ROWS:
            self._flush()

    def finish(self) -> None:
        self._flush()
        self._writer.close()

    def close(self) -> None:
        # Of a file that will be thrown away nothing has to be in order.
        if self._writer.is_open:
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting).cast(self.schema))
        self._waiting, self._rows = [], 0


class JsonFile(RoundFile):
    """``{"watched": {...}, "rounds": [{...}, ...]}``: exact decimals and ISO times as texts."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        super().__init__(file, schema, total, watched)
        columns = Base.metadata.tables[ROUNDS].columns
        # As text in Arrow, but JSON already: it goes in as it is.
        self._json = [n for n in schema.names if type(columns[n].type).__name__ in ("JSON", "JSONB")]
        self._between = b"\n"
        file.write(b'{"watched": ' + json.dumps(watched, ensure_ascii=False).encode() + b',\n"rounds": [')

    def write(self, batch: pa.RecordBatch) -> None:
        for line in self._lines(batch):
            self.file.write(self._between + line)
            self._between = b",\n"

    def finish(self) -> None:
        self.file.write(b"\n]}\n")

    def _lines(self, batch: pa.RecordBatch) -> list[bytes]:
        frame = pl.DataFrame(pl.from_arrow(batch))
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
