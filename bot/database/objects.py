"""What stands beside the tables, made from the models: triggers, views, the stored procedure.

The order matters: later ones use earlier ones.
"""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.base import Base, now_us
from bot.database.procedure import procedure_ddl
from bot.database.readable import day_sql, decimal_sql, views_ddl
from bot.database.triggers import totals_ddl

DAILY_VIEW = "mv_daily_bot_stats"
_UPDATED = "updated_at"
_TOUCH = "set_updated_at"


def objects_ddl(dialect: str) -> list[str]:
    """The statements that make all objects on an engine (``sqlite`` or ``postgresql``) with the tables."""
    found = [*totals_ddl(dialect), *_updated_ddl(dialect), *views_ddl(dialect), *_daily_ddl(dialect)]
    return [*found, *procedure_ddl()] if dialect == "postgresql" else found


# -- when a row last changed ----------------------------------------------------------------------------


def _updated_ddl(dialect: str) -> list[str]:
    tables = [table for table in Base.metadata.sorted_tables if _UPDATED in table.columns]
    if dialect == "postgresql":
        now = str(now_us().compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        function = (
            f"CREATE FUNCTION {_TOUCH}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
            f"BEGIN\n  NEW.{_UPDATED} := {now};\n  RETURN NEW;\nEND\n$$"
        )
        return [function, *(_touch_postgresql(table) for table in tables)]
    return [_touch_sqlite(table) for table in tables]


def _touch_postgresql(table: Table) -> str:
    # Not when the writer gives the time itself (a restored or copied row keeps it).
    return (
        f"CREATE TRIGGER {_TOUCH}_of_{table.name} BEFORE UPDATE ON {table.name} FOR EACH ROW "
        f"WHEN (NEW.{_UPDATED} IS NOT DISTINCT FROM OLD.{_UPDATED}) EXECUTE FUNCTION {_TOUCH}()"
    )


def _touch_sqlite(table: Table) -> str:
    """SQLite's triggers cannot change the row that is being written, only write it once more.

    Nothing else follows that second write: the condition is not fulfilled again, and the triggers of the
    totals fire for the columns that they count alone.
    """
    now = str(now_us().compile(dialect=sqlite.dialect()))
    same = " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key.columns)
    return (
        f"CREATE TRIGGER {_TOUCH}_of_{table.name} AFTER UPDATE ON {table.name} FOR EACH ROW\n"
        f"WHEN NEW.{_UPDATED} IS OLD.{_UPDATED}\nBEGIN\n"
        f"  UPDATE {table.name} SET {_UPDATED} = {now} WHERE {same};\nEND"
    )


# -- a row a bot and day -----------------------------------------------------------------------------------


def _daily_ddl(dialect: str) -> list[str]:
    """``mv_daily_bot_stats``: materialized on PostgreSQL (``refresh_aggregates``), a view on SQLite.

    Money of a day with several currencies is left empty: it cannot be added.
    """
    kind = "MATERIALIZED VIEW" if dialect == "postgresql" else "VIEW"
    statements = [f"CREATE {kind} {DAILY_VIEW} AS\n{_daily_select(dialect)}"]
    if dialect == "postgresql":  # unique: without it the view could not be refreshed while it is read
        statements.append(f"CREATE UNIQUE INDEX uq_{DAILY_VIEW} ON {DAILY_VIEW} (bot_id, date_bucket)")
        statements.append(f"CREATE INDEX ix_{DAILY_VIEW}_day ON {DAILY_VIEW} (day)")
    return statements


def _daily_select(dialect: str) -> str:
    def whole(value: str) -> str:
        return f"CAST({value} AS BIGINT)"

    def money(value: str) -> str:
        return f"CASE WHEN COUNT(DISTINCT currency) = 1 THEN {decimal_sql(whole(value), 2, dialect)} END"

    def ratio(part: str, of: str, places: int) -> str:
        exact = "NUMERIC" if dialect == "postgresql" else "REAL"
        return f"ROUND(CAST({part} AS {exact}) / NULLIF({of}, 0), {places})"

    def percent(part: str, of: str) -> str:
        return ratio(f"100 * {part}", of, 4)

    counts = ("total_rounds", "wins", "losses", "skips", "errors", "unknowns")
    roi = percent("SUM(profit_total)", "SUM(stake_total)")
    columns = {
        "bot_id": "bot_id",
        "date_bucket": "day",
        '"day"': day_sql("round_totals_daily.day", dialect),
        **{name: whole(f"SUM({name})") for name in counts},
        "win_rate_percent": percent("SUM(wins)", "SUM(wins) + SUM(losses)"),
        "currency": "CASE WHEN COUNT(DISTINCT currency) = 1 THEN MIN(currency) END",
        "total_stake": money("SUM(stake_total)"),
        "total_profit": money("SUM(profit_total)"),
        "roi_percent": f"CASE WHEN COUNT(DISTINCT currency) = 1 THEN {roi} END",
        "largest_win": money("MAX(largest_win)"),
        "largest_loss": money("MIN(largest_loss)"),
        "average_multiplier": ratio("SUM(multiplier_total)", "SUM(multiplier_count) * 100", 4),
        "highest_multiplier": decimal_sql(whole("MAX(highest_multiplier)"), 2, dialect),
    }
    listed = ",\n  ".join(how if how == name else f"{how} AS {name}" for name, how in columns.items())
    return f"SELECT\n  {listed}\nFROM round_totals_daily\nGROUP BY bot_id, round_totals_daily.day"
