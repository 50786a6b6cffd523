"""Writes the statements of the newest step: ``python -m bot.database.migrations.freeze [REVISION]``.

They lead from the step before (made in memory on SQLite) to the models of now: new tables, columns, indexes,
comments, and the objects that no step before has made. It does not know how to change or drop what is there:
add that by hand. It writes ``schema.sql``, too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sqlalchemy import Column, Inspector, create_engine, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateColumn, SetColumnComment

from bot.database.base import Base
from bot.database.migrations.step import BETWEEN, frozen
from bot.database.objects import objects_ddl
from bot.database.schema import REVISION, run_statements, schema_sql, table_statements

ENGINES = ("sqlite", "postgresql")
FOLDER = Path(__file__).parent / "versions"
_NEW = re.compile(r"CREATE (?:TABLE (\w+)|(?:UNIQUE )?INDEX (\w+))|COMMENT ON COLUMN (\w+)\.")


def _before(revision: str) -> Inspector:
    """A database in memory at the step before."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for number in range(1, int(revision)):
            run_statements(connection, frozen(f"{number:04d}", "sqlite"))
    return inspect(engine)


def _dialect(name: str) -> Dialect:
    if name == "sqlite":
        return sqlite.dialect()
    return postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def statements(revision: str, engine: str) -> list[str]:
    """The statements of the step on an engine."""
    before = _before(revision)
    tables = set(before.get_table_names())
    indexes = {index["name"] for table in tables for index in before.get_indexes(table)}
    known = tables | indexes
    found = [
        f"ALTER TABLE {table} ADD COLUMN {_ddl(column, engine)}"
        for table in sorted(tables & set(Base.metadata.tables))
        for column in _new_columns(before, table)
    ]
    for statement in table_statements(engine):
        match = _NEW.match(statement)
        if match is not None and not known & set(match.groups()):
            found.append(statement)
    if engine == "postgresql":
        found += [
            str(SetColumnComment(column).compile(dialect=_dialect(engine)))
            for table in sorted(tables & set(Base.metadata.tables))
            for column in _new_columns(before, table)
            if column.comment
        ]
    found += objects_ddl(engine)
    made = {part.strip() for number in range(1, int(revision)) for part in frozen(f"{number:04d}", engine)}
    return [each for each in found if each.strip() not in made]


def _new_columns(before: Inspector, table: str) -> list[Column[object]]:
    there = {column["name"] for column in before.get_columns(table)}
    return [column for column in Base.metadata.tables[table].columns if column.name not in there]


def _ddl(column: Column[object], engine: str) -> str:
    return str(CreateColumn(column).compile(dialect=_dialect(engine))).strip()


def main() -> None:
    """Write the files of the step."""
    revision = sys.argv[1] if len(sys.argv) > 1 else REVISION
    for engine in ENGINES:
        text = f";\n{BETWEEN}\n".join(part.strip() for part in statements(revision, engine))
        (FOLDER / f"{revision}_{engine}.sql").write_text(f"{text};\n", encoding="utf-8")
    (FOLDER.parents[1] / "schema.sql").write_text(schema_sql(), encoding="utf-8")


if __name__ == "__main__":
    main()
