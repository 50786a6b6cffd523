"""Running one frozen step."""

from __future__ import annotations

from importlib.resources import files

from alembic import context, op
from sqlalchemy import BigInteger, column, insert, table

from bot.database.base import now_us
from bot.database.schema import run_statements

#: Stands alone on a line, between two statements of a frozen step.
BETWEEN = "-- next"


def frozen(revision: str, dialect: str) -> list[str]:
    """The statements of a step for an engine."""
    name = f"{revision}_{dialect}.sql"
    text = files("bot.database.migrations.versions").joinpath(name).read_text(encoding="utf-8")
    return [part.strip().removesuffix(";") for part in text.split(f"\n{BETWEEN}\n")]


def run(revision: str) -> None:
    """Run a step's statements and write down when."""
    connection = op.get_bind()
    run_statements(connection, frozen(revision, connection.dialect.name))
    known = context.config.attributes.get("now_utc_us")
    versions = table("schema_version", column("version", BigInteger), column("applied_utc_us", BigInteger))
    row = {"version": int(revision), "applied_utc_us": now_us() if known is None else known}
    connection.execute(insert(versions).values(row))


def refuse_downgrade(revision: str) -> None:
    """A step back would throw records away."""
    raise RuntimeError(f"step {revision} cannot be undone: go back to a copy of the database made before it")
