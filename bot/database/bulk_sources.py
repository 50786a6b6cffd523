"""The drivers that answer a question as Arrow batches, one a kind of database.

Measured for a million rounds of ten columns in the order of time (two cores, others at work): ADBC in a
process of its own 1.3 s on SQLite, Python's ``sqlite3`` and arrays made of its rows 2.2 s; ADBC 1.3 s on
PostgreSQL (it reads binary COPY).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from bot.database.bulk_types import BulkColumn
from bot.database.engine import Database
from bot.database.faults import storage_error, storage_errors

CHILD = Path(__file__).with_name("bulk_child.py")
#: Rows a batch where Python makes the arrays.
PLAIN_ROWS = 8_192
#: Fewer rows than this are not worth the start of a process (0.3 s).
SMALL = 10_000
#: How long a child may take to end once nobody reads it any more.
END_S = 10.0

Batches = Iterator[pa.RecordBatch]


@contextmanager
def answers(database: Database, columns: Sequence[BulkColumn], rest: str, expected: int) -> Iterator[Batches]:
    """The batches of ``SELECT columns rest``, one consistent state of the database, read only.

    ``expected``: about how many rows there will be. Nobody who writes waits for it. Raises ``StorageError``.
    """
    chosen = ", ".join(f"{column.sql} AS {_quoted(column.name)}" for column in columns)
    question = f"SELECT {chosen} {rest}"
    with storage_errors(database.name):
        if database.engine.dialect.name == "postgresql":
            source = _postgresql(database, question)
        elif expected >= SMALL and (path := _file_of(database)):
            source = _sqlite_file(database, path, _typed(columns, question))
        else:
            source = _plain(database, columns, question)
        with source as batches:
            yield batches


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# -- SQLite -----------------------------------------------------------------------------------------------


def _file_of(database: Database) -> str:
    """The file that another process can open; empty when there is none (in memory, an SQLite URI)."""
    name = database.engine.url.database or ""
    return "" if name in ("", ":memory:") or name.startswith("file:") else name


def _typed(columns: Sequence[BulkColumn], question: str) -> str:
    """SQLite has no types of columns, and the driver takes them from the first values that it meets: the
    first row is one that has a value of the right kind in each column."""
    examples = ", ".join(f"{column.example} AS {_quoted(column.name)}" for column in columns)
    return f"SELECT {examples} UNION ALL SELECT * FROM ({question})"


@contextmanager
def _sqlite_file(database: Database, path: str, question: str) -> Iterator[Batches]:
    command = [sys.executable, "-P", str(CHILD)]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        assert child.stdin is not None and child.stdout is not None
        try:
            with suppress(BrokenPipeError), closing(child.stdin) as asked:
                asked.write(json.dumps({"path": path, "sql": question}).encode() + b"\n")
            yield _from_child(database, child, child.stdout, said)
        finally:
            child.stdout.close()
            child.kill()
            child.wait(END_S)


def _from_child(
    database: Database, child: subprocess.Popen[bytes], stream: IO[bytes], said: IO[bytes]
) -> Batches:
    """Its batches without the first row; at the end, whether it was the end."""
    broken: Exception | None = None
    try:
        with pa.ipc.open_stream(stream) as reader:
            first = True
            for batch in reader:
                yield batch.slice(1) if first else batch
                first = False
    except (pa.ArrowInvalid, OSError) as error:  # it ended before its stream did
        broken = error
    if child.wait(END_S) == 0 and broken is None:
        return
    said.seek(0)
    why = said.read().decode(errors="replace").strip().splitlines()
    fault = RuntimeError(why[-1] if why else "the reading process ended before it was done")
    raise storage_error(fault, database.name) from broken


@contextmanager
def _plain(database: Database, columns: Sequence[BulkColumn], question: str) -> Iterator[Batches]:
    """Through the connection of the program itself: for few rows, and for databases in memory."""
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        with closing(raw.cursor()) as cursor:
            cursor.execute(question)
            yield _from_rows(cursor, columns)


def _from_rows(cursor: Any, columns: Sequence[BulkColumn]) -> Batches:
    names = [column.name for column in columns]
    while rows := cursor.fetchmany(PLAIN_ROWS):
        values = zip(columns, zip(*rows, strict=True), strict=True)
        arrays = [_array(part, column) for column, part in values]
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def _array(values: Sequence[Any], column: BulkColumn) -> pa.Array:
    try:
        return pa.array(values, column.raw)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise column.of_another_kind(str(error)) from error


# -- PostgreSQL -----------------------------------------------------------------------------------------


@contextmanager
def _postgresql(database: Database, question: str) -> Iterator[Batches]:
    import adbc_driver_postgresql
    from adbc_driver_manager import AdbcConnection, AdbcStatement

    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc_driver_postgresql.connect(address) as there, AdbcConnection(there) as connection:
        connection.set_autocommit(False)
        for setting in (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            "SET LOCAL standard_conforming_strings = on",
        ):
            with AdbcStatement(connection) as statement:
                statement.set_sql_query(setting)
                statement.execute_update()
        with AdbcStatement(connection) as statement:
            statement.set_sql_query(question)
            with pa.RecordBatchReader.from_stream(statement.execute_query()[0]) as batches:
                yield iter(batches)
