"""Opening a database: one URL decides which engine; SQLite (WAL) is the default."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from bot.database.faults import hide_password, is_passing, shown, storage_error, storage_errors
from bot.database.upgrading import upgrade
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput, MissingPart

__all__ = [
    "Database",
    "bring_up_to_date",
    "connect",
    "is_passing",
    "open_database",
    "storage_error",
    "storage_errors",
]

BUSY_TIMEOUT_S = 5.0
#: What a connection to PostgreSQL is given, unless the URL says otherwise. A connection whose other end is
#: gone without a word is noticed within half a minute.
POSTGRESQL_OPTIONS: dict[str, str | int] = {
    "connect_timeout": 10,
    "application_name": "crashbot",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Threads may share it; processes may not."""

    engine: Engine
    sessions: sessionmaker[Session]

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return shown(self.engine.url)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back and raises; storage faults as ``StorageError``."""
        with storage_errors(self.name), self.sessions() as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that takes SQLite's write lock at once. Raises the driver's own faults."""
        options = {"sqlite_begin": "BEGIN IMMEDIATE"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_database(
    url: str | Path, clock: Clock | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database and bring its tables up to date.

    ``url`` is an SQLAlchemy URL or the path of an SQLite file; ``postgresql://`` means psycopg 3.
    ``busy_timeout_s`` is how long SQLite waits for another writer. Raises ``BadInput`` for a URL that cannot
    be understood, ``MissingPart`` when its driver is not installed, ``StorageError`` when the database
    cannot be used.
    """
    database = connect(url, busy_timeout_s)
    try:
        bring_up_to_date(database, clock)
    except BaseException:
        database.close()
        raise
    return database


def connect(url: str | Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Database:
    """A database as it is: nothing is connected yet, its tables are not looked at. Raises ``BadInput``
    and ``MissingPart`` as ``open_database`` does."""
    engine = _engine(_address(url), busy_timeout_s)
    return Database(engine, sessionmaker(engine, expire_on_commit=False))


def bring_up_to_date(database: Database, clock: Clock | None = None) -> None:
    """Make or upgrade the tables. Raises ``StorageError``."""
    with storage_errors(database.name):
        upgrade(database.engine, (clock or SystemClock()).now().utc_ns // 1000)


def _address(url: str | Path) -> URL:
    text = str(url)
    if isinstance(url, Path) or "://" not in text:
        if not text.strip():
            raise BadInput("the database has no name: give a file or a URL with --db")
        return URL.create("sqlite", database=text)
    try:
        address = make_url(text)
    except (ArgumentError, ValueError) as error:
        said = hide_password(text)
        raise BadInput(f"not a database URL: {said!r} (try sqlite:///FILE or a file name)") from error
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    return address


def _engine(address: URL, busy_timeout_s: float) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            return _sqlite_engine(address, busy_timeout_s)
        return _postgresql_engine(address)
    except NoSuchModuleError as error:
        raise BadInput(f"no such kind of database: {address.drivername!r} (sqlite or postgresql)") from error
    except ModuleNotFoundError as error:
        raise MissingPart(f"the driver {error.name!r} for {address.drivername!r} is not installed") from error


def _postgresql_engine(address: URL) -> Engine:
    """Connections that have been dropped are noticed when they are taken from the pool, and made again."""
    if address.get_backend_name() != "postgresql":
        raise BadInput(f"no such kind of database: {address.drivername!r} (sqlite or postgresql)")
    options = {}
    if address.get_driver_name() == "psycopg":
        options = {name: value for name, value in POSTGRESQL_OPTIONS.items() if name not in address.query}
    return create_engine(
        address, pool_size=10, max_overflow=20, pool_recycle=3600, pool_pre_ping=True, connect_args=options
    )


def _sqlite_engine(address: URL, busy_timeout_s: float) -> Engine:
    engine = create_engine(address, connect_args={"timeout": busy_timeout_s})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late (before the first write only) and is switched off.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # a bet written down must survive a power cut

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        connection.exec_driver_sql(str(mode))

    return engine
