"""Faults of the storage as one clear line each, and whether a fault will pass."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import StorageError

LOCKED = "the database is locked by another program: close it, or choose another file with --db"
FULL = "the disk (or the database's size limit) is full: free some space"
READ_ONLY = "the database cannot be written: check the permissions of the file and its folder"
NO_CONNECTION = "the database server cannot be reached: check that it runs, and its address"
GOING_DOWN = "the database server is shutting down or starting: try again when it is up"
TOO_MANY = "the database server takes no more connections: close other programs or raise max_connections"
WRONG_PASSWORD = "the database server refuses this user or password: check them in the URL"
NO_SUCH_DATABASE = "the server has no database of this name: create it first (createdb NAME)"
NO_RIGHT = "this user may not do that in the database: grant it the rights, or use the database's owner"
READ_ONLY_SERVER = "the database server takes no writes (a standby, or read-only): use its primary"
BROKEN_DISK = "the disk does not take or give data (full, removed or broken): check it"
NO_MEMORY = "the database server is out of memory: close other programs there"
BUSY = "another program holds what this one needs in the database: try again"
NO_SCHEMA = "tables of this software are missing in the database: run crashbot db upgrade"
POOL_EMPTY = "all connections of this program to the database are in use: run fewer things at once"
UNCLEAR = "the database does not answer as it should"

#: By SQLSTATE (PostgreSQL, appendix A), or by its first two characters, which are its class.
_BY_STATE = {
    "53100": FULL,
    "53200": NO_MEMORY,
    "53300": TOO_MANY,
    "57P01": GOING_DOWN,
    "57P02": GOING_DOWN,
    "57P03": GOING_DOWN,
    "25006": READ_ONLY_SERVER,
    "42501": NO_RIGHT,
    "42P01": NO_SCHEMA,
    "42703": NO_SCHEMA,
    "3D000": NO_SUCH_DATABASE,
    "28": WRONG_PASSWORD,
    "08": NO_CONNECTION,
    "58": BROKEN_DISK,
    "40": BUSY,
    "55": BUSY,
}
#: By words of the message, in this order: a failed connection to PostgreSQL has no SQLSTATE.
_BY_WORDS = (
    ("too many clients|too many connections|connection slots", TOO_MANY),
    ("shutting down|starting up|in recovery mode|terminating connection due to admin", GOING_DOWN),
    ("authentication failed|no password supplied|pg_hba.conf|role .* does not exist", WRONG_PASSWORD),
    ("database .* does not exist", NO_SUCH_DATABASE),
    ("locked|busy", LOCKED),
    ("disk i/o", BROKEN_DISK),
    ("full|no space", FULL),
    ("readonly|read-only", READ_ONLY),
    ("unable to open", "the database cannot be opened: check that its folder exists and may be written"),
    (
        "not a database|malformed",
        "the file is not a usable SQLite database: choose another one with --db",
    ),
    (
        "no such table|no such column",
        NO_SCHEMA,
    ),
    ("ssl", "the encrypted connection to the database server failed: check sslmode and the certificates"),
    ("connect|host name|timeout expired|server closed|consuming input|sending query", NO_CONNECTION),
)
_RECORD_FAULTS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
#: SQLSTATE classes, and single states, in which the storage is at fault and not the record: connection,
#: transaction state, rollback (deadlock), resources, prerequisites, intervention, system, rights, catalogue.
_PASSING_CLASSES = {"08", "25", "28", "3D", "3F", "40", "53", "55", "57", "58", "F0", "XX"}
_PASSING_STATES = {"42501", "42P01", "42703"}
_DRIVERS = {"psycopg", "sqlite3", "adbc_driver_manager"}


@contextmanager
def storage_errors(where: str) -> Iterator[None]:
    """Turns the drivers' faults into a ``StorageError`` of one line that says what to do."""
    try:
        yield
    except Exception as error:
        if not is_storage_fault(error):
            raise
        raise storage_error(error, where) from error


def is_storage_fault(error: BaseException) -> bool:
    """Whether it comes from SQLAlchemy or one of the drivers."""
    return isinstance(error, SQLAlchemyError | sqlite3.Error) or any(
        kind.__name__ == "Error" and kind.__module__.partition(".")[0] in _DRIVERS
        for kind in type(error).__mro__
    )


def storage_error(error: BaseException, where: str) -> StorageError:
    """One clear line for a fault of the database. ``where`` is its name, without a password."""
    original = getattr(error, "orig", None) or error
    lines = [line.strip() for line in str(original).splitlines() if line.strip()]
    text = lines[0] if lines else type(original).__name__
    return StorageError(f"{_advice(error, original, ' '.join(lines))} ({where}: {hide_password(text)})")


def _advice(error: BaseException, original: BaseException, text: str) -> str:
    state = _state(original)
    known = _BY_STATE.get(state) or _BY_STATE.get(state[:2])
    if known:
        return known
    if isinstance(error, PoolTimeout):
        return POOL_EMPTY
    lower = text.lower()
    for words, advice in _BY_WORDS:
        if re.search(words, lower):
            return advice
    return UNCLEAR


def _state(original: BaseException) -> str:
    return str(getattr(original, "sqlstate", None) or "")


def is_passing(error: BaseException) -> bool:
    """Whether the fault lies in the storage (try again later) rather than in the record.

    Takes SQLAlchemy's exceptions and the drivers' own.
    """
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return not isinstance(original, _RECORD_FAULTS)
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not is_storage_fault(original):
        return False
    state = _state(original)
    if state:
        return state in _PASSING_STATES or state[:2] in _PASSING_CLASSES
    names = {kind.__name__ for kind in type(original).__mro__}
    return bool(names & {"OperationalError", "InternalError"})


_SECRET_QUERY = ("password", "sslpassword")


def shown(address: URL) -> str:
    """The address of a database without any password."""
    safe = {name: "***" if name in _SECRET_QUERY else value for name, value in address.query.items()}
    return address.set(query=safe).render_as_string(hide_password=True)


def hide_password(text: str) -> str:
    """A text that may hold a database URL or connection string, without its password."""
    text = re.sub(r"(://[^:/@\s]*):[^\s/]*@", r"\1:***@", text)
    return re.sub(r"((?:ssl)?password=)[^\s&]+", r"\1***", text)
