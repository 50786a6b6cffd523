"""Records to rows: one transaction a batch, prepared statements run by the driver itself.

An insert of a key that is there changes nothing; an update changes the columns given. Inserts of a batch
go first (grouped by table, foreign keys are checked at the commit), then its updates in their order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Table,
    bindparam,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert, Update

from bot.database.base import Base
from bot.domain.errors import BadInput, ProgrammerError
from bot.domain.ports import Record

#: Largest text or JSON that a record may carry, in characters.
TEXT_LIMIT = 1_000_000
_INT64 = 1 << 63
#: Bound names must differ from those of the columns they set.
_PREFIX = "v_"


class RowMissing(ProgrammerError):
    """An update named a row that is not there."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A compiled statement and how to make its parameters from a record's values."""

    sql: str
    is_update: bool
    make: Callable[[Mapping[str, object]], Any]


def check(record: Record) -> None:
    """Refuse what no database would take, naming table, column and value.

    Raises ``BadInput``. Called by whoever hands a record over, so that the fault shows where it was made.
    """
    table = _table(record)
    key = _key(record, table)
    if record.values.get(key) is None:
        raise BadInput(f"{record.table}: a record without its key {key!r}")
    for name, value in record.values.items():
        column = table.columns.get(name)
        if column is None:
            raise BadInput(f"{record.table} has no column {name!r}")
        _check_value(record.table, column, value)


def _table(record: Record) -> Table:
    table = Base.metadata.tables.get(record.table)
    if table is None:
        raise BadInput(f"no such table: {record.table!r}")
    return table


def _key(record: Record, table: Table) -> str:
    """The record's key column; the table's primary key when the record kept the general default."""
    if record.key in table.columns:
        return record.key
    return next(iter(table.primary_key.columns)).name


def _check_value(table: str, column: Column[Any], value: object) -> None:
    if value is None:
        return
    kind = column.type
    where = f"{table}.{column.name}"
    if isinstance(kind, Boolean):
        if not isinstance(value, bool):
            raise BadInput(f"{where} must be true or false, not {value!r}")
    elif isinstance(kind, BigInteger):
        if not isinstance(value, int) or isinstance(value, bool) or not -_INT64 <= value < _INT64:
            raise BadInput(f"{where} must be a whole number of 64 bits, not {value!r}")
    elif isinstance(kind, Float):
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise BadInput(f"{where} must be a finite number, not {value!r}")
    elif isinstance(kind, JSON):
        _check_json(where, value)
    elif not isinstance(value, str) or "\0" in value or len(value) > TEXT_LIMIT:
        raise BadInput(
            f"{where} must be a text without NUL of at most {TEXT_LIMIT} characters, not {value!r:.80}"
        )


def _check_json(where: str, value: object) -> None:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{where} cannot be written as JSON: {error}") from error
    if len(text) > TEXT_LIMIT or "\\u0000" in text:
        raise BadInput(f"{where} must be JSON without NUL of at most {TEXT_LIMIT} characters, not {text:.80}")


class _Source(NamedTuple):
    """Where one parameter of a statement comes from."""

    bound: str
    column: str
    processor: Callable[[Any], Any] | None


class BatchWriter:
    """Writes batches of records; keeps the compiled statements. For one thread."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._statements: dict[tuple[str, str, bool, tuple[str, ...]], _Statement] = {}

    def write(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write all records inside the connection's transaction. Raises what the driver raises."""
        for statement, rows in self._runs(records):
            result = connection.exec_driver_sql(statement.sql, [statement.make(row) for row in rows])
            if statement.is_update and result.rowcount != len(rows):
                raise RowMissing(f"{len(rows) - result.rowcount} of {len(rows)} updates found no row")

    def _runs(self, records: Sequence[Record]) -> list[tuple[_Statement, list[Mapping[str, object]]]]:
        inserts: dict[int, tuple[_Statement, list[Mapping[str, object]]]] = {}
        updates: list[tuple[_Statement, list[Mapping[str, object]]]] = []
        for record in records:
            statement = self._statement(record)
            if not record.update:
                inserts.setdefault(id(statement), (statement, []))[1].append(record.values)
            elif updates and updates[-1][0] is statement:
                updates[-1][1].append(record.values)
            else:
                updates.append((statement, [record.values]))
        return [*inserts.values(), *updates]

    def _statement(self, record: Record) -> _Statement:
        shape = (record.table, record.key, record.update, tuple(record.values))
        found = self._statements.get(shape)
        if found is None:
            found = self._statements[shape] = self._compile(record)
        return found

    def _compile(self, record: Record) -> _Statement:
        table = _table(record)
        key = _key(record, table)
        names = list(record.values)
        required = {c.name for c in table.columns if not c.nullable and c.default is None}
        if record.update and not required <= set(names):
            changed: dict[str, Any] = {name: bindparam(_PREFIX + name) for name in names if name != key} or {
                key: table.c[key]
            }
            statement = update(table).where(table.c[key] == bindparam(_PREFIX + key)).values(changed)
            return self._prepared(statement, table, {}, is_update=True)
        defaults = {
            c.name: c.default.arg  # type: ignore[attr-defined]  # narrowed below
            for c in table.columns
            if c.name not in record.values and c.default is not None and c.default.is_scalar
        }
        insertion = self._insert(table, key, [*names, *defaults], names if record.update else [])
        return self._prepared(insertion, table, defaults, is_update=False)

    def _insert(self, table: Table, key: str, names: list[str], changed: list[str]) -> Insert:
        make = postgresql.insert if self._dialect.name == "postgresql" else sqlite.insert
        statement = cast("sqlite.Insert", make(table)).values(
            {name: bindparam(_PREFIX + name) for name in names}
        )
        wanted = {name: statement.excluded[name] for name in changed if name != key}
        if wanted:
            return statement.on_conflict_do_update(index_elements=[key], set_=wanted)
        return statement.on_conflict_do_nothing(index_elements=[key])

    def _prepared(
        self, statement: Insert | Update, table: Table, defaults: Mapping[str, object], is_update: bool
    ) -> _Statement:
        compiled = statement.compile(dialect=self._dialect)
        sources: list[_Source] = []
        for bound in (compiled.positiontup if compiled.positional else None) or list(compiled.binds):
            column = bound.removeprefix(_PREFIX)
            processor = table.c[column].type.dialect_impl(self._dialect).bind_processor(self._dialect)
            sources.append(_Source(bound, column, cast("Callable[[Any], Any] | None", processor)))
        return _Statement(str(compiled), is_update, _maker(sources, bool(compiled.positional), defaults))


def _maker(
    sources: list[_Source], positional: bool, defaults: Mapping[str, object]
) -> Callable[[Mapping[str, object]], Any]:
    def value(row: Mapping[str, object], source: _Source) -> object:
        raw = row[source.column] if source.column in row else defaults[source.column]
        return raw if source.processor is None else source.processor(raw)

    if positional:
        return lambda row: tuple(value(row, source) for source in sources)
    return lambda row: {source.bound: value(row, source) for source in sources}
