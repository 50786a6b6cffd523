"""Reads from an SQLite file in a process of its own, and writes Arrow batches to standard output.

The ADBC driver brings an SQLite library of its own. Two copies of SQLite in one process that open the same
file undo each other's locks (POSIX locks belong to the process; sqlite.org/howtocorrupt.html, 2.2.1), which
could damage a database that the bot is writing. In a process of its own the driver is safe, and it works
beside the writing of the export. ``bulk_sources.py`` starts this file as a program; it imports nothing of us.

Standard input: one line of JSON with ``path`` and ``sql``. Exit code 1: one line of why on standard error.
"""

from __future__ import annotations

import json
import os
import sys

BATCH_ROWS = 16_384
SETTINGS = ("query_only = ON", "busy_timeout = 5000", "cache_size = -16000")


def answer(path: str, sql: str) -> None:
    """Run the question and hand its batches on as they come.

    By the driver manager's plain interface: its ``dbapi`` imports half a second of things not needed here.
    """
    import adbc_driver_sqlite
    import pyarrow as pa
    from adbc_driver_manager import AdbcConnection, AdbcStatement

    with adbc_driver_sqlite.connect(path) as database, AdbcConnection(database) as connection:
        for setting in SETTINGS:
            with AdbcStatement(connection) as statement:
                statement.set_sql_query(f"PRAGMA {setting}")
                statement.execute_query()
        with AdbcStatement(connection) as statement:
            statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
            statement.set_sql_query(sql)
            batches = pa.RecordBatchReader.from_stream(statement.execute_query()[0])
            with batches, pa.ipc.new_stream(sys.stdout.buffer, batches.schema) as stream:
                for batch in batches:
                    stream.write_batch(batch)
        sys.stdout.buffer.flush()


def main() -> int:
    """Answer one question. The exit code."""
    asked = json.loads(sys.stdin.readline())
    try:
        answer(asked["path"], asked["sql"])
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # nobody reads any more: nothing to say, nothing to flush
    except Exception as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
