"""Alembic's entry: the steps run on the connection that was given, inside its transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Index

from bot.database import schema
from bot.database.base import Base
from bot.database.objects import DAILY_VIEW
from bot.database.upgrading import ALEMBIC_TABLE

__all__ = ["schema"]  # imported so that all tables are declared


def _is_compared(item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """What ``alembic check`` compares: not the index that only PostgreSQL has, on SQLite."""
    if kind == "table":
        return name not in (DAILY_VIEW, ALEMBIC_TABLE)
    if isinstance(item, Index) and context.get_context().dialect.name == "sqlite":
        return not item.dialect_options["postgresql"]["using"]
    return True


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=_is_compared,
    compare_type=True,
    # Alembic cannot compare a clock, nor computed columns; a test compares the engines' own catalogues.
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
