"""Opening: what works, and what is refused in one clear line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.database import Base, Database, open_database
from bot.database.models import SchemaVersion
from bot.database.schema import SCHEMA_VERSION
from bot.domain.errors import BadInput, PersonError, StorageError


def test_open_makes_folder_and_tables_and_uses_wal(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "bot.db"
    database = open_database(file)
    assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_opening_again_changes_nothing(path: Path) -> None:
    for _ in range(3):
        database = open_database(f"sqlite:///{path}")
        with database.session() as session:
            assert list(session.scalars(select(SchemaVersion.version))) == [SCHEMA_VERSION]
        database.close()


@pytest.mark.parametrize("address", ["", "   ", "nonsense://x/y", "no spaces allowed://"])
def test_an_address_that_says_nothing_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_database(address)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("not a database " * 100)
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert "\n" not in str(caught.value)
    assert path.read_text().startswith("not a database")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_database(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(path: Path) -> None:
    path.write_text("a file")
    with pytest.raises(StorageError, match="folder"):
        open_database(path / "bot.db")


def test_a_locked_database_without_tables_is_refused_in_one_line(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked") as caught:
            open_database(path, busy_timeout_s=0.05)
    assert "\n" not in str(caught.value)


def test_a_database_that_somebody_writes_can_be_opened_and_read(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        other = open_database(path, busy_timeout_s=0.05)
        with other.session() as session:
            assert list(session.scalars(select(SchemaVersion.version))) == [SCHEMA_VERSION]
        with pytest.raises(StorageError, match="locked"), other.session() as session:
            session.add(SchemaVersion(version=77, applied_utc_us=0))
        other.close()


def test_a_missing_driver_or_server_is_a_matter_for_the_person() -> None:
    with pytest.raises(PersonError) as caught:
        open_database("postgresql+psycopg://nobody:secret@127.0.0.1:1/none?connect_timeout=1")
    assert "secret" not in str(caught.value)


def test_the_name_of_a_database_shows_no_password(database: Database) -> None:
    assert "sqlite" in database.name


def test_the_models_are_portable_to_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Base.metadata.sorted_tables:
        statements = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]
        text = "\n".join(str(statement.compile(dialect=dialect)) for statement in statements)
        assert "DATETIME" not in text
        for column in table.columns:
            assert "BLOB" not in str(column.type.compile(dialect))


def test_a_failing_session_rolls_back_and_raises(database: Database) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        session.add(SchemaVersion(version=77, applied_utc_us=0))
        raise RuntimeError
    with database.session() as session:
        assert session.get(SchemaVersion, 77) is None
