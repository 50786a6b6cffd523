"""Opening a database: one URL decides which engine; SQLite (WAL) is the default."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.database.base import Base
from bot.database.models import SchemaVersion
from bot.database.triggers import totals_ddl
from bot.domain.clock import Clock, SystemClock
from bot.domain.errors import BadInput, MissingPart, StorageError

#: Raised by one whenever a table changes; ``UPGRADES`` then says how older databases follow.
SCHEMA_VERSION = 1
UPGRADES: dict[int, Callable[[Connection], None]] = {}
BUSY_TIMEOUT_S = 5.0
_RECORD_FAULTS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Threads may share it; processes may not."""

    engine: Engine
    sessions: sessionmaker[Session]

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

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


@contextmanager
def storage_errors(where: str) -> Iterator[None]:
    """Turns the driver's faults into a ``StorageError`` of one line that says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise storage_error(error, where) from error


def storage_error(error: Exception, where: str) -> StorageError:
    """One clear line for a fault of the database."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip().splitlines()[0] if str(original).strip() else type(original).__name__
    lower = text.lower()
    if "locked" in lower or "busy" in lower:
        advice = "the database is locked by another program: close it, or choose another file with --db"
    elif "full" in lower or "no space" in lower:
        advice = "the disk (or the database's size limit) is full: free some space"
    elif "readonly" in lower or "read-only" in lower:
        advice = "the database cannot be written: check the permissions of the file and its folder"
    elif "unable to open" in lower:
        advice = "the database cannot be opened: check that its folder exists and may be written"
    elif "not a database" in lower or "malformed" in lower:
        advice = "the file is not a usable SQLite database: choose another one with --db"
    elif "connect" in lower:
        advice = "the database server cannot be reached: check that it runs, and its address"
    elif "disk i/o" in lower:
        advice = "the disk does not take or give data (full, removed or broken): check it"
    else:
        advice = "the database does not answer as it should"
    return StorageError(f"{advice} ({where}: {text})")


def is_passing(error: Exception) -> bool:
    """Whether the fault lies in the storage (try again later) rather than in the record."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return not isinstance(original, _RECORD_FAULTS)
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or type(original).__name__ in ("OperationalError", "InternalError")
    )


def open_database(
    url: str | Path, clock: Clock | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database and bring its tables up to date.

    ``url`` is an SQLAlchemy URL or the path of an SQLite file. ``busy_timeout_s`` is how long SQLite waits
    for another writer. Raises ``BadInput`` for a URL that cannot be understood, ``MissingPart`` when its
    driver is not installed, ``StorageError`` when the database cannot be used.
    """
    address = _address(url)
    engine = _engine(address, busy_timeout_s)
    where = engine.url.render_as_string(hide_password=True)
    try:
        with storage_errors(where):
            _upgrade(engine, (clock or SystemClock()).now().utc_ns // 1000)
    except StorageError:
        engine.dispose()
        raise
    return Database(engine, sessionmaker(engine, expire_on_commit=False))


def _address(url: str | Path) -> URL:
    text = str(url)
    if isinstance(url, Path) or "://" not in text:
        if not text.strip():
            raise BadInput("the database has no name: give a file or a URL with --db")
        return URL.create("sqlite", database=text)
    try:
        address = make_url(text)
    except ArgumentError as error:
        raise BadInput(f"not a database URL: {text!r} (try sqlite:///FILE or a file name)") from error
    return address


def _engine(address: URL, busy_timeout_s: float) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            return _sqlite_engine(address, busy_timeout_s)
        return create_engine(address, pool_size=10, max_overflow=20, pool_recycle=3600, pool_pre_ping=True)
    except NoSuchModuleError as error:
        raise BadInput(f"no such kind of database: {address.drivername!r} (sqlite or postgresql)") from error
    except ModuleNotFoundError as error:
        raise MissingPart(f"the driver {error.name!r} for {address.drivername!r} is not installed") from error


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


def _upgrade(engine: Engine, now_utc_us: int) -> None:
    if engine.dialect.name == "sqlite":
        _make_folder(engine)
        _use_wal(engine)
    with engine.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection, connection.begin():
        version = 0
        if inspect(connection).has_table(SchemaVersion.__tablename__):
            version = connection.scalar(select(func.max(SchemaVersion.version))) or 0
        if version > SCHEMA_VERSION:
            where = engine.url.render_as_string(hide_password=True)
            raise StorageError(
                f"the database {where} was made by a newer version of this software (tables {version}, "
                f"known {SCHEMA_VERSION}): update the software"
            )
        for step in range(version + 1, SCHEMA_VERSION + 1):
            if version and step in UPGRADES:
                UPGRADES[step](connection)
        if version < SCHEMA_VERSION:
            Base.metadata.create_all(connection)
            for statement in totals_ddl(engine.dialect.name):
                connection.exec_driver_sql(statement)
            row = {"version": SCHEMA_VERSION, "applied_utc_us": now_utc_us}
            connection.execute(insert(SchemaVersion).values(row))


def _use_wal(engine: Engine) -> None:
    """Readers do not stop the writer. Set outside a transaction, where alone it can change."""
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA journal_mode = WAL")


def _make_folder(engine: Engine) -> None:
    database = engine.url.database
    if not database or database == ":memory:":
        return
    try:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder of the database cannot be made: {error}") from error
