"""What keeps the totals, from their definitions: triggers, and the same by group for large batches.

One thing passes them by: SQLite's ``INSERT OR REPLACE`` at somebody's SQL prompt, which deletes rows without
telling triggers. ``crashbot db check`` finds it and ``crashbot db refresh`` mends it; the software itself
never does it (it says ``ON CONFLICT``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.database.base import Base
from bot.database.totals import DEFINITIONS, Definition, Extreme

EVENTS = ("insert", "update", "delete")
SOURCES = tuple(dict.fromkeys(totals.source for totals in DEFINITIONS))


def _of(expression: str, row: str) -> str:
    return expression.replace("{r}", row)


def _columns(names: Iterable[str]) -> str:
    return ", ".join(names)


def _of_source(source: str) -> list[Definition]:
    return [totals for totals in DEFINITIONS if totals.source == source]


def _same_group(totals: Definition, row: str) -> str:
    """The row of the totals is the group that a source row belongs to."""
    return " AND ".join(f"{totals.name}.{name} = {_of(how, row)}" for name, how in totals.keys.items())


def _value(extreme: Extreme, row: str) -> str:
    if not extreme.where:
        return f"{row}.{extreme.column}"
    return f"CASE WHEN {_of(extreme.where, row)} THEN {row}.{extreme.column} END"


def _look_up(totals: Definition, name: str, extreme: Extreme) -> str:
    """A subquery: the extreme of a group from the source; stops at the first row of a fitting index."""
    if totals.finer:
        keys = " AND ".join(f"s.{key} = {totals.name}.{key}" for key in totals.keys)
        return (
            f"(SELECT {'MAX' if extreme.largest else 'MIN'}(s.{name}) FROM {totals.finer} AS s WHERE {keys})"
        )
    column = f"s.{extreme.column}"
    where = [_same_group(totals, "s"), _of(totals.only, "s"), f"{column} IS NOT NULL"]
    if extreme.where:
        where.append(_of(extreme.where, "s"))
    order = f"{column} {'DESC' if extreme.largest else 'ASC'}"
    return f"(SELECT {column} FROM {totals.source} AS s WHERE {' AND '.join(where)} ORDER BY {order} LIMIT 1)"


# -- by group: the rows of a transition table, of a batch, of everything ------------------------------------


def _grouped(totals: Definition, rows: str, where: str) -> str:
    keys = [f"{_of(how, 'r')} AS {name}" for name, how in totals.keys.items()]
    sums = [f"CAST(SUM({_of(how, 'r')}) AS BIGINT) AS {name}" for name, how in totals.sums.items()]
    ends = [
        f"{'MAX' if extreme.largest else 'MIN'}({_value(extreme, 'r')}) AS {name}"
        for name, extreme in totals.extremes.items()
    ]
    by = _columns(str(n) for n in range(1, len(totals.keys) + 1))
    # In the order of the keys: two writers then lock the same groups in the same order.
    return (
        f"SELECT {_columns([*keys, *sums, *ends])} FROM {rows} AS r "
        f"WHERE {_of(totals.only, 'r')} AND {where} GROUP BY {by} ORDER BY {by}"
    )


def plus_sql(totals: Definition, dialect: str, rows: str, where: str = "true") -> str:
    """Count the rows in. ``rows`` names a table of the source's form, ``where`` chooses among ``r``."""
    names = [*totals.keys, *totals.sums, *totals.extremes]
    return (
        f"INSERT INTO {totals.name} ({_columns(names)}) {_grouped(totals, rows, where)} "
        f"{_merge(totals, dialect)}"
    )


def minus_sql(totals: Definition, rows: str, where: str = "true") -> list[str]:
    """Count the rows out, after they have gone from the source: ``rows`` still holds them."""
    gone = f"({_grouped(totals, rows, where)}) AS gone"
    group = " AND ".join(f"{totals.name}.{name} = gone.{name}" for name in totals.keys)
    count = next(iter(totals.sums))
    less = [f"{name} = {totals.name}.{name} - gone.{name}" for name in totals.sums]
    steps = [f"UPDATE {totals.name} SET {_columns(less)} FROM {gone} WHERE {group}"]
    # Groups that have become empty first: nothing has to be looked up in them.
    steps.append(
        f"DELETE FROM {totals.name} WHERE {totals.name}.{count} = 0 "
        f"AND EXISTS (SELECT 1 FROM {gone} WHERE {group})"
    )
    for name, extreme in totals.extremes.items():
        held = f"{totals.name}.{name} = gone.{name}"
        found = _look_up(totals, name, extreme)
        steps.append(f"UPDATE {totals.name} SET {name} = {found} FROM {gone} WHERE {group} AND {held}")
    return steps


def rebuild_sql(totals: Definition) -> list[str]:
    """Compute a table of totals from scratch."""
    names = [*totals.keys, *totals.sums, *totals.extremes]
    return [
        f"DELETE FROM {totals.name}",
        f"INSERT INTO {totals.name} ({_columns(names)}) {_grouped(totals, totals.source, 'true')}",
    ]


def _merge(totals: Definition, dialect: str) -> str:
    changes = [f"{name} = {totals.name}.{name} + excluded.{name}" for name in totals.sums]
    for name, extreme in totals.extremes.items():
        held, new = f"{totals.name}.{name}", f"excluded.{name}"
        if dialect == "postgresql":
            merged = f"{'GREATEST' if extreme.largest else 'LEAST'}({held}, {new})"
        else:  # unlike GREATEST, SQLite's MAX of several values is empty as soon as one of them is
            function = "MAX" if extreme.largest else "MIN"
            merged = f"{function}(COALESCE({held}, {new}), COALESCE({new}, {held}))"
        changes.append(f"{name} = {merged}")
    return f"ON CONFLICT ({_columns(totals.keys)}) DO UPDATE SET {_columns(changes)}"


# -- SQLite: triggers once a row, which rest while a batch is counted by group ---------------------------


@dataclass(frozen=True, slots=True)
class BatchCount:
    """How SQLite counts a large batch of inserts, all inside one transaction that holds the write lock.

    Run ``pause``; take ``mark`` (one figure); insert; run each of ``count`` with the mark as its only
    parameter; run ``resume``. New rows are those behind the mark: row numbers only grow.
    """

    pause: str
    mark: str
    count: tuple[str, ...]
    resume: str


def batch_count(source: str) -> BatchCount | None:
    """How to count a batch of inserts into ``source``; ``None`` when nothing is kept about it."""
    definitions = _of_source(source)
    if not definitions:
        return None
    return BatchCount(
        pause="INSERT INTO totals_pause (id) VALUES (1)",
        mark=f"SELECT COALESCE(MAX(rowid), 0) FROM {source}",
        count=tuple(_by_rowid(plus_sql(totals, "sqlite", source, "r.rowid > ?")) for totals in definitions),
        resume="DELETE FROM totals_pause",
    )


def _by_rowid(sql: str) -> str:
    """Only the new rows are to be visited; left alone, SQLite walks a whole index that fits the grouping."""
    return sql.replace(" AS r WHERE", " AS r NOT INDEXED WHERE")


def _row_plus(totals: Definition) -> str:
    names = [*totals.keys, *totals.sums, *totals.extremes]
    values = [_of(how, "NEW") for how in (totals.keys | totals.sums).values()]
    values += [_value(extreme, "NEW") for extreme in totals.extremes.values()]
    return (
        f"INSERT INTO {totals.name} ({_columns(names)}) SELECT {_columns(values)} "
        f"WHERE {_of(totals.only, 'NEW')} {_merge(totals, 'sqlite')};"
    )


def _row_minus(totals: Definition) -> list[str]:
    group = f"{_same_group(totals, 'OLD')} AND {_of(totals.only, 'OLD')}"
    count = next(iter(totals.sums))
    less = [f"{name} = {name} - ({_of(how, 'OLD')})" for name, how in totals.sums.items()]
    steps = [f"UPDATE {totals.name} SET {_columns(less)} WHERE {group};"]
    steps.append(f"DELETE FROM {totals.name} WHERE {group} AND {count} = 0;")
    for name, extreme in totals.extremes.items():
        held = f"{name} = {_value(extreme, 'OLD')}"
        steps.append(
            f"UPDATE {totals.name} SET {name} = {_look_up(totals, name, extreme)} WHERE {group} AND {held};"
        )
    return steps


def _sqlite(source: str) -> Iterator[str]:
    definitions = _of_source(source)
    plus = [_row_plus(totals) for totals in definitions]
    minus = [step for totals in definitions for step in _row_minus(totals)]
    bodies = {"insert": plus, "delete": minus, "update": [*minus, *plus]}
    whens = {event: event.upper() for event in EVENTS}
    whens["update"] += f" OF {_columns(counted_columns(source))}"
    for event in EVENTS:
        body = "\n  ".join(bodies[event])
        yield (
            f"CREATE TRIGGER {_name(source, event)} AFTER {whens[event]} ON {source} FOR EACH ROW\n"
            f"WHEN NOT EXISTS (SELECT 1 FROM totals_pause)\nBEGIN\n  {body}\nEND"
        )


def counted_columns(source: str) -> list[str]:
    """The columns of a source whose change changes a total; those behind computed columns included."""
    columns = Base.metadata.tables[source].columns
    named = set(read_columns(source))
    for name in list(named):
        computed = columns[name].computed
        if computed is not None:
            named.remove(name)
            named |= set(re.findall(r"\w+", str(computed.sqltext))) & set(columns.keys())
    return [column.name for column in columns if column.name in named]


def read_columns(source: str) -> list[str]:
    """The columns of a source that the totals are made of, computed columns among them."""
    texts: list[str] = []
    for totals in _of_source(source):
        texts += [*totals.keys.values(), *totals.sums.values(), totals.only]
        texts += [f"{{r}}.{extreme.column} {extreme.where}" for extreme in totals.extremes.values()]
    return sorted(set(re.findall(r"\{r\}\.(\w+)", " ".join(texts))))


def count_out(source: str, rows: str) -> list[str]:
    """SQLite: count out the rows of a table ``rows`` (with ``read_columns``) after they have gone."""
    return [step for totals in _of_source(source) for step in minus_sql(totals, rows)]


def grouped_sql(totals: Definition) -> str:
    """A question: the totals as the rows of now make them, in the order of ``names_of``."""
    return _grouped(totals, totals.source, "true")


def names_of(totals: Definition) -> list[str]:
    """The columns of a table of totals."""
    return [*totals.keys, *totals.sums, *totals.extremes]


# -- PostgreSQL: triggers once a statement, over its transition tables -----------------------------------


def _postgresql(source: str) -> Iterator[str]:
    definitions = _of_source(source)
    plus = [plus_sql(totals, "postgresql", "new_rows") for totals in definitions]
    minus = [step for totals in definitions for step in minus_sql(totals, "old_rows")]
    bodies = {"insert": plus, "delete": minus, "update": [*minus, *plus]}
    tables = {
        "insert": "NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    }
    for event in EVENTS:
        name, body = _name(source, event), ";\n  ".join(bodies[event])
        rows = "old_rows" if event == "delete" else "new_rows"
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
            f"  IF NOT EXISTS (SELECT 1 FROM {rows}) THEN\n    RETURN NULL;\n  END IF;\n"
            f"  {body};\n  RETURN NULL;\nEND\n$$"
        )
        yield (
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {source} REFERENCING {tables[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _name(source: str, event: str) -> str:
    return f"keep_totals_of_{source}_on_{event}"


def totals_ddl(dialect: str) -> list[str]:
    """The statements that make the triggers on an engine (``sqlite`` or ``postgresql``)."""
    make = _postgresql if dialect == "postgresql" else _sqlite
    return [statement for source in SOURCES for statement in make(source)]


def totals_drop_ddl(dialect: str) -> list[str]:
    """The statements that take the triggers away again, where they are."""
    names = [_name(source, event) for source in SOURCES for event in EVENTS]
    if dialect == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in names]  # its trigger goes with it
    return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
