"""The whole schema as SQL, from the models: what a fresh database is made with, and ``schema.sql``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, create_mock_engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import ExecutableDDLElement

from bot.database import models, totals, watching, wide
from bot.database.base import Base, now_us
from bot.database.objects import objects_ddl

__all__ = ["REVISION", "SCHEMA_VERSION", "run_statements", "schema_sql", "schema_statements"]

#: Raised by one whenever a table changes; ``migrations/versions`` says how older databases follow.
SCHEMA_VERSION = 3
#: The newest step of ``migrations``, as Alembic names it.
REVISION = f"{SCHEMA_VERSION:04d}"
#: The rooms whose import declares the tables.
TABLES_OF = (models, totals, watching, wide)
_ALEMBIC = (
    "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n"
    "\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
)
_HEADER = """-- The tables of crashbot's analytics database, for {engine}.
-- Generated from the models: do not edit. Made again by: crashbot db schema --write schema.sql
-- Feed it to an empty database: {feed} (the software does it by itself, too).
--
-- Money, multipliers, percentages and durations are integers; the comment of a column says the unit.
-- Times are microseconds since 1970, UTC. The views *_readable show them as decimals, dates and times.
"""


def table_statements(dialect: str) -> list[str]:
    """The statements that make the tables, their indexes and comments."""
    found: list[str] = []

    def take(element: ExecutableDDLElement, *_args: Any, **_options: Any) -> None:
        found.append(str(element.compile(dialect=engine.dialect)).strip())

    # "named": a percent sign is one percent sign in the text.
    engine = create_mock_engine(f"{dialect}://", take, paramstyle="named")
    Base.metadata.create_all(engine, checkfirst=False)
    # SQLAlchemy keeps the indexes of a table in no order; here each has its place.
    return sorted(found, key=_place)


def _place(statement: str) -> tuple[int, str]:
    """Tables and comments stay in their order; indexes are sorted by name between them."""
    if " INDEX " in statement.partition("(")[0]:
        return 1, statement.partition(" INDEX ")[2]
    return (2 if statement.startswith("COMMENT") else 0), ""


def schema_statements(dialect: str) -> list[str]:
    """The statements that make everything in an empty database of an engine (``sqlite``, ``postgresql``)."""
    stamp = [_ALEMBIC, f"INSERT INTO alembic_version (version_num) VALUES ('{REVISION}')"]
    return [*table_statements(dialect), *objects_ddl(dialect), *stamp]


def run_statements(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements as they are (a percent sign is no placeholder); PostgreSQL's at one go."""
    raw = connection.execution_options(no_parameters=True)
    if connection.dialect.name == "postgresql":
        raw.exec_driver_sql(";\n".join(statements))
        return
    for statement in statements:
        raw.exec_driver_sql(statement)


def schema_sql(dialect: str = "postgresql") -> str:
    """The text of ``schema.sql`` (for PostgreSQL), or the same for ``sqlite``: one transaction."""
    if dialect == "postgresql":
        compiled = now_us().compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        header = _HEADER.format(
            engine="PostgreSQL 15 and newer", feed="psql -v ON_ERROR_STOP=1 -f schema.sql"
        )
    else:
        compiled = now_us().compile(dialect=sqlite.dialect())
        header = _HEADER.format(engine="SQLite", feed="sqlite3 FILE < schema.sql")
    note = f"INSERT INTO schema_version (version, applied_utc_us) VALUES ({SCHEMA_VERSION}, {compiled})"
    body = ";\n\n".join([*(_trimmed(text) for text in schema_statements(dialect)), note])
    return f"{header}\nBEGIN;\n\n{body};\n\nCOMMIT;\n"


def shipped_sql() -> str:
    """``schema.sql`` as it ships."""
    return files("bot.database").joinpath("schema.sql").read_text(encoding="utf-8")


def _trimmed(statement: str) -> str:
    return "\n".join(line.rstrip().replace("\t", "    ") for line in statement.splitlines())
