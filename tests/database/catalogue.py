"""What a database holds, as its engine describes it: for comparing two databases."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

_POSTGRESQL = {
    "columns": """
        SELECT c.relname, c.relkind, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attgenerated, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 3""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "triggers": """
        SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1""",
    "functions": """
        SELECT proname, prokind, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    "views": """
        SELECT c.relname, c.relkind, pg_get_viewdef(c.oid) FROM pg_class c
        WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace ORDER BY 1""",
    "steps": "SELECT version_num FROM alembic_version",
}


def catalogue(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Tables, columns in their order, constraints, indexes, triggers, views, functions and the step."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            return {
                name: [tuple(row) for row in connection.execute(text(how))]
                for name, how in _POSTGRESQL.items()
            }
        return _sqlite(connection)


def _sqlite(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    look = inspect(connection)
    found: dict[str, list[tuple[object, ...]]] = {"columns": [], "constraints": []}
    for table in sorted(look.get_table_names()):
        columns = connection.exec_driver_sql(f"PRAGMA table_xinfo('{table}')")
        found["columns"] += [(table, *row) for row in columns]
        checks = sorted((c["name"] or "", c["sqltext"]) for c in look.get_check_constraints(table))
        keys = sorted((str(k["constrained_columns"]), str(k)) for k in look.get_foreign_keys(table))
        unique = sorted((c["name"] or "", str(c["column_names"])) for c in look.get_unique_constraints(table))
        found["constraints"] += [(table, *row) for row in (*checks, *keys, *unique)]
    for kind in ("index", "trigger", "view"):
        rows = connection.exec_driver_sql(
            f"SELECT name, sql FROM sqlite_master WHERE type = '{kind}' AND sql IS NOT NULL ORDER BY name"
        )
        found[kind] = [tuple(row) for row in rows]
    without_rowid = connection.exec_driver_sql(
        "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' ORDER BY name"
    )
    found["kinds"] = [tuple(row) for row in without_rowid]
    found["steps"] = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM alembic_version")]
    return found
