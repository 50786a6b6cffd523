"""Records to rows: one transaction a batch, prepared statements run by the driver itself.

An insert of a key that is there changes nothing; an update changes the columns given. Inserts of a batch
go first (grouped by table, foreign keys are checked at the commit), then its updates in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, Table, select
from sqlalchemy.engine import Dialect

from bot.database.checking import TEXT_LIMIT, check, encode_json, table_of
from bot.database.copying import insertion
from bot.database.models import BetRow
from bot.database.statements import Row, execute_many, insert_values, on_conflict
from bot.domain.errors import ProgrammerError
from bot.domain.ports import Record

__all__ = ["TEXT_LIMIT", "After", "BatchWriter", "RowMissing", "check"]

#: Called inside the transaction of a batch, after its records, with the rounds that it touched
#: (``deriving.derive``).
After = Callable[[Connection, set[str]], object]
_IN_ONE_QUESTION = 400
_Form = tuple[str, tuple[str, ...]]


class RowMissing(ProgrammerError):
    """An update named a row that is not there."""


class BatchWriter:
    """Writes batches of records. ``after`` is called in the same transaction with the rounds touched."""

    def __init__(self, dialect: Dialect, after: After | None = None) -> None:
        self._dialect = dialect.name
        self._after = after

    def write(self, connection: Connection, records: Sequence[Record], derive: bool = True) -> None:
        """Write all records inside the connection's transaction. Raises what the driver raises.

        ``derive=False``: ``after`` is not called this time.
        """
        inserts, updates = _grouped(records)
        for (table, names), rows in inserts.items():
            insertion(self._dialect, table, names).run(connection, rows)
        self._update(connection, updates)
        if self._after is not None and derive:
            touched = touched_rounds(connection, records)
            if touched:
                self._after(connection, touched)

    def _update(self, connection: Connection, records: Sequence[Record]) -> None:
        """Neighbours of the same form go together; the order stays."""
        start = 0
        while start < len(records):
            shape = _shape(records[start])
            end = start + 1
            while end < len(records) and _shape(records[end]) == shape:
                end += 1
            change = _change(self._dialect, shape[0], shape[1:])
            change.run(connection, [record.values for record in records[start:end]])
            start = end


def _grouped(records: Sequence[Record]) -> tuple[dict[_Form, list[Row]], list[Record]]:
    """The rows to insert, by table and columns, and the updates. Neighbours mostly have the same form."""
    inserts: dict[_Form, list[Row]] = {}
    updates: list[Record] = []
    rows: list[Row] = []
    form: _Form = ("", ())
    for record in records:
        if record.update:
            updates.append(record)
            continue
        values = record.values
        names = tuple(values)
        if names != form[1] or record.table != form[0]:
            form = (record.table, names)
            rows = inserts.setdefault(form, [])
        rows.append(tuple(values.values()))
    return inserts, updates


def touched_rounds(connection: Connection, records: Sequence[Record]) -> set[str]:
    """The rounds whose own rows or bets are among the records."""
    touched: set[str] = set()
    bets: set[str] = set()
    for record in records:
        if record.table in ("rounds", "bets"):
            round_id = record.values.get("round_id")
            if isinstance(round_id, str):
                touched.add(round_id)
            else:  # a change of a bet that does not say its round
                bets.add(str(record.values.get("bet_id")))
    wanted = sorted(bets)
    for start in range(0, len(wanted), _IN_ONE_QUESTION):
        part = wanted[start : start + _IN_ONE_QUESTION]
        touched.update(connection.scalars(select(BetRow.round_id).where(BetRow.bet_id.in_(part))))
    return touched


def _shape(record: Record) -> tuple[str, ...]:
    return (record.table, *record.values)


# -- updates --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """A prepared update, or an insert that updates the row that is there.

    ``names`` are the columns of its parameters in their order, ``json`` those to be written as JSON.
    """

    sql: str
    names: tuple[str, ...]
    json: frozenset[str]
    must_find: bool

    def run(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Raises ``RowMissing`` when an update finds no row."""
        changed = execute_many(connection, self.sql, [self._parameters(row) for row in rows])
        if self.must_find and changed != len(rows):
            raise RowMissing(f"{len(rows) - changed} of {len(rows)} updates found no row")

    def _parameters(self, row: Any) -> Row:
        if not self.json:
            return tuple([row[name] for name in self.names])
        return tuple([_encoded(row[name]) if name in self.json else row[name] for name in self.names])


def _encoded(value: object) -> str | None:
    return None if value is None else encode_json(value)


@cache
def _change(dialect: str, table_name: str, names: tuple[str, ...]) -> _Change:
    """How a record with these columns changes its row: a record with all that the table needs makes the row
    when it is missing."""
    table = table_of(table_name)
    keys = [column.name for column in table.primary_key.columns]
    others = [name for name in names if name not in keys]
    json = frozenset(column.name for column in table.columns if isinstance(column.type, JSON))
    mark = "%s" if dialect == "postgresql" else "?"
    if _required(table) <= set(names):
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
        then = f"UPDATE SET {sets}" if sets else "NOTHING"
        sql = f"{insert_values(table, names, mark)} {on_conflict(table)} {then}"
        return _Change(sql, names, json, must_find=False)
    sets = ", ".join(f'"{name}" = {mark}' for name in others) or f'"{keys[0]}" = "{keys[0]}"'
    where = " AND ".join(f'"{name}" = {mark}' for name in keys)
    sql = f'UPDATE "{table.name}" SET {sets} WHERE {where}'
    return _Change(sql, (*others, *keys), json & set(names), must_find=True)


def _required(table: Table) -> set[str]:
    """Columns that nobody else fills."""
    return {
        column.name
        for column in table.columns
        if not column.nullable
        and column.default is None
        and column.server_default is None
        and column.computed is None
    }
