"""The database that is meant when none is named, and sessions on it.

Loggers and queries take ``database=``; without it they use the one that ``init_db`` opened last, or else
the one of ``DATABASE_URL``, or else the SQLite file in the user's data folder.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bot.database.engine import BUSY_TIMEOUT_S, Database, bring_up_to_date, connect, open_database
from bot.database.faults import is_storage_fault, storage_error
from bot.domain.clock import Clock
from bot.domain.errors import CrashbotError
from bot.folders import named_database, user_database

_lock = threading.Lock()
_default: Database | None = None


def default_url() -> str | Path:
    """What is opened when nothing is named: ``DATABASE_URL``, else the file in the user's data folder."""
    return named_database() or user_database()


def init_db(
    url: str | Path | None = None, clock: Clock | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database, make or upgrade its tables, and remember it as the one of this process.

    The one remembered before is closed. Raises as ``open_database`` does, and then changes nothing.
    """
    global _default
    opened = open_database(default_url() if url is None else url, clock, busy_timeout_s)
    with _lock:
        before, _default = _default, opened
    if before is not None:
        before.close()
    return opened


def get_database() -> Database:
    """The database of this process; opened at the first call when ``init_db`` was not called."""
    global _default
    with _lock:
        if _default is None:
            _default = open_database(default_url())
        return _default


def close_db() -> None:
    """Close the database of this process, if one is open; the next use opens it again."""
    global _default
    with _lock:
        before, _default = _default, None
    if before is not None:
        before.close()


def _forget_after_fork() -> None:
    """A child must not use its parent's connections, nor close them."""
    global _default, _lock
    _lock = threading.Lock()
    if _default is not None:
        _default.engine.dispose(close=False)
        _default = None


atexit.register(close_db)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


@contextmanager
def session_scope(database: Database | None = None, *, writing: bool = False) -> Iterator[Session]:
    """A session that commits at the end; on any error it rolls back and that very error goes on.

    ``writing`` takes SQLite's write lock at the beginning: for a scope that reads first and then writes
    what follows from it, while others write too.
    """
    chosen = database or get_database()
    with chosen.sessions() as session, session.begin():
        if writing:
            session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
        yield session


class DatabaseConnection:
    """A database by its URL, connected when it is first used. A context manager; or call ``close``.

    ``last_error`` is one line saying why the last ``test_connection`` failed, empty when it did not.
    """

    def __init__(self, url: str | Path | None = None) -> None:
        self._url = default_url() if url is None else url
        self._database: Database | None = None
        self._up_to_date = False
        self.last_error = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """The database with its tables up to date. Raises as ``open_database`` does."""
        database = self._connected()
        if not self._up_to_date:
            bring_up_to_date(database)
            self._up_to_date = True
        return database

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine; the tables are left as they are. Raises ``BadInput``, ``MissingPart``."""
        return self._connected().engine

    def test_connection(self) -> bool:
        """Whether the database answers. Never raises; changes no table."""
        self.last_error = ""
        try:
            with self.engine.connect() as connection:
                looked_at = "sqlite_master" if self.engine.dialect.name == "sqlite" else "pg_class"
                connection.execute(text(f"SELECT COUNT(*) FROM {looked_at}"))
        except Exception as error:
            self.last_error = self._words(error)
            return False
        return True

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back and raises; makes the tables at its first use."""
        with session_scope(self.database) as session:
            yield session

    def close(self) -> None:
        """Let go of all connections. May be repeated; a later use connects again."""
        if self._database is not None:
            self._database.close()
        self._database, self._up_to_date = None, False

    def _connected(self) -> Database:
        if self._database is None:
            self._database = connect(self._url)
        return self._database

    def _words(self, error: Exception) -> str:
        if isinstance(error, CrashbotError):
            return str(error)
        if is_storage_fault(error) and self._database is not None:
            return str(storage_error(error, self._database.name))
        return (str(error).strip().splitlines() or [type(error).__name__])[0]
