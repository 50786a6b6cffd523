"""From whatever a database holds to the tables of today, once, also when several programs open it at once.

``alembic_version`` says which step of ``migrations`` a database is at; ``schema_version`` keeps when it came
to each (and tells the first version of this software, which knows nothing of Alembic, to keep off).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, insert, inspect, text

from bot.database.base import Base
from bot.database.faults import shown
from bot.database.models import SchemaVersion
from bot.database.schema import REVISION, SCHEMA_VERSION, run_statements, schema_statements
from bot.domain.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

ALEMBIC_TABLE = "alembic_version"
#: PostgreSQL: whoever changes the tables holds this lock until the end of the transaction.
ADVISORY_LOCK = 0x637261_7368626F74  # "crashbot"
SCRIPTS = "bot.database:migrations"


def upgrade(engine: Engine, now_utc_us: int) -> None:
    """Make the tables, or bring them up to date, in one transaction; nothing is done when they are.

    Raises ``StorageError`` for a database of a newer version or of another program, and the driver's faults.
    """
    if engine.dialect.name == "sqlite":
        _make_folder(engine)
        _use_wal(engine)
    with engine.connect() as connection, connection.begin():
        if revision_of(connection) == REVISION:
            return  # without waiting for anybody who writes
    with engine.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        _upgrade_locked(connection, now_utc_us)


def _upgrade_locked(connection: Connection, now_utc_us: int) -> None:
    revision = revision_of(connection)
    if revision == REVISION:
        return  # somebody else did it, while this one waited for the lock
    if revision is None:
        _refuse_foreign(connection)
        run_statements(connection, schema_statements(connection.dialect.name))
        row = {"version": SCHEMA_VERSION, "applied_utc_us": now_utc_us}
        connection.execute(insert(SchemaVersion).values(row))
    elif revision.isdecimal() and int(revision) < SCHEMA_VERSION:
        migrate(connection, now_utc_us)
    else:
        raise StorageError(
            f"the database {shown(connection.engine.url)} was made by a newer version of this software, or "
            f"by another program (tables {revision!r}, known {REVISION!r}): update the software"
        )


def revision_of(connection: Connection) -> str | None:
    """The step that the database is at; ``None`` when it holds nothing of this software."""
    look = inspect(connection)
    if look.has_table(ALEMBIC_TABLE):
        found = connection.scalar(text(f"SELECT MAX(version_num) FROM {ALEMBIC_TABLE}"))
        return str(found)
    if look.has_table(SchemaVersion.__tablename__):
        version = connection.scalar(text("SELECT MAX(version) FROM schema_version"))
        return f"{version or 0:04d}"
    return None


def _refuse_foreign(connection: Connection) -> None:
    taken = sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables))
    if taken:
        raise StorageError(
            f"the database {shown(connection.engine.url)} belongs to another program (it has a table "
            f"{taken[0]!r}): give this software a database of its own"
        )


def migrate(connection: Connection, now_utc_us: int, to: str = "head") -> None:
    """Run the steps of ``migrations`` that are missing, inside the connection's transaction."""
    from alembic import command  # late: only an upgrade needs it, and it takes a while to import

    if not inspect(connection).has_table(ALEMBIC_TABLE) and revision_of(connection) is not None:
        command.stamp(alembic_config(connection), "0001")  # made before there was Alembic
    config = alembic_config(connection)
    config.attributes["now_utc_us"] = now_utc_us
    command.upgrade(config, to)


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection: no file is needed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    return config


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
