"""Sums over groups of rounds, read from the totals, or for parts of a day from the rounds themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, text

from bot.database.connection import get_database
from bot.database.engine import Database, storage_errors
from bot.database.statistics_periods import Edge, Period
from bot.database.totals import DEFINITIONS, DailyTotals, GameTotals, SessionTotals
from bot.domain.errors import BadInput

KEYS = ("game_name", "platform_code", "strategy_name", "currency", "mode")
LARGEST_NAME = 1_000


class Sums(NamedTuple):
    """What is kept of a group of rounds (``totals.py``). Money and multipliers in hundredths,
    ``expected_total`` in ten-thousandths."""

    total_rounds: int = 0
    wins: int = 0
    losses: int = 0
    skips: int = 0
    errors: int = 0
    unknowns: int = 0
    stake_total: int = 0
    stake_unknown: int = 0
    cashout_total: int = 0
    profit_total: int = 0
    win_total: int = 0
    loss_total: int = 0
    expected_total: int = 0
    multiplier_count: int = 0
    multiplier_total: int = 0
    largest_win: int | None = None
    largest_loss: int | None = None
    highest_multiplier: int | None = None

    @property
    def settled(self) -> int:
        """Bets that were won or lost."""
        return self.wins + self.losses

    @property
    def has_money(self) -> bool:
        """Whether any of the rounds moved money, or may have."""
        return any((self.settled, self.stake_unknown, self.cashout_total, self.profit_total))


EXTREMES = {"largest_win": max, "largest_loss": min, "highest_multiplier": max}
SUMMED = tuple(name for name in Sums._fields if name not in EXTREMES)


@dataclass(frozen=True, slots=True)
class Group:
    """Rounds that have the keys in common. What a round does not say is the empty text."""

    keys: Mapping[str, Any]
    sums: Sums

    @property
    def money(self) -> tuple[str, str]:
        """What must not be added up: the currency, and the mode (practice money is not real money)."""
        return self.keys.get("currency", ""), self.keys.get("mode", "")


def added(groups: Iterable[Group]) -> Sums:
    """The sums over all groups together."""
    columns: list[Any] = list(zip(*(group.sums for group in groups), strict=True))
    if not columns:
        return Sums()
    kept = len(SUMMED)
    ends = [
        choose((value for value in column if value is not None), default=None)
        for choose, column in zip(EXTREMES.values(), columns[kept:], strict=True)
    ]
    return Sums(*map(sum, columns[:kept]), *ends)


def grouped(groups: Iterable[Group], *keys: str) -> dict[Any, list[Group]]:
    """The groups by one key (the mapping's keys are values), or by several (they are tuples), in order."""
    found: dict[Any, list[Group]] = {}
    for group in groups:
        values = tuple(group.keys.get(key, "") for key in keys)
        found.setdefault(values if len(keys) > 1 else values[0], []).append(group)
    return dict(sorted(found.items()))


# -- reading --------------------------------------------------------------------------------------------


@contextmanager
def reading(database: Database | None) -> Iterator[Connection]:
    """A connection that sees one state of the database, however long it reads. Raises ``StorageError``."""
    chosen = database or get_database()
    options: dict[str, Any] = {}
    if chosen.engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        storage_errors(chosen.name),
        chosen.engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


def name_of(field: str, value: object) -> str:
    """A name that may be asked for. Raises ``BadInput`` that says which one cannot."""
    if not isinstance(value, str) or not value.strip() or "\0" in value or len(value) > LARGEST_NAME:
        raise BadInput(f"{field} must be a text of 1 to {LARGEST_NAME} characters, not {value!r:.80}")
    return value


def bot_groups(connection: Connection, bot_id: str, when: Period) -> list[Group]:
    """A bot's rounds in a period: whole days from the totals, the parts of days at its ends exactly."""
    where = [DailyTotals.bot_id == bot_id, *days_within(DailyTotals.day, when)]
    groups = read_groups(connection, DailyTotals, where)
    for edge in when.edges():
        groups += edge_groups(connection, edge, "r.bot_id = :bot_id", {"bot_id": bot_id})
    return groups


def game_groups(connection: Connection, *where: ColumnElement[bool]) -> list[Group]:
    """Rounds of all bots by ``where``, conditions on ``GameTotals``."""
    return read_groups(connection, GameTotals, where)


def session_groups(connection: Connection, session_id: str, known: Mapping[str, str]) -> list[Group]:
    """Rounds of a session by currency; ``known`` are the other keys, which all of them have in common."""
    columns = [getattr(SessionTotals, name) for name in (*SUMMED, *EXTREMES)]
    rows = connection.execute(
        select(SessionTotals.currency, *columns).where(SessionTotals.session_id == session_id)
    )
    return [Group({**known, "currency": row[0]}, Sums(*row[1:])) for row in rows]


def days_within(day: Any, when: Period) -> list[ColumnElement[bool]]:
    """Conditions for the days that lie wholly in the period."""
    if when.unbounded:
        return []
    bounds = [day >= when.first_day]
    return bounds if when.last_day is None else [*bounds, day <= when.last_day]


def read_groups(
    connection: Connection,
    totals: type[DailyTotals | GameTotals],
    where: Sequence[ColumnElement[bool]],
    keys: Sequence[str] = KEYS,
) -> list[Group]:
    """Rows of a table of totals, added up by the keys."""
    by = [getattr(totals, name) for name in keys]
    sums = [func.sum(getattr(totals, name)) for name in SUMMED]
    ends = [
        (func.max if choose is max else func.min)(getattr(totals, name)) for name, choose in EXTREMES.items()
    ]
    rows = connection.execute(select(*by, *sums, *ends).where(*where).group_by(*by))
    return [_group(keys, row) for row in rows]


def edge_groups(connection: Connection, edge: Edge, where: str, values: Mapping[str, object]) -> list[Group]:
    """The same of the rounds (``r``) in a part of a day, from the rows: an index finds the day."""
    bounds = {"day": edge.day, "from_us": edge.from_us, "to_us": edge.to_us}
    sql = (
        f"{_plain_select()} WHERE {where} AND r.date_bucket = :day "
        "AND COALESCE(r.round_start_timestamp, r.round_end_timestamp) >= :from_us "
        "AND COALESCE(r.round_start_timestamp, r.round_end_timestamp) < :to_us "
        f"GROUP BY {', '.join(str(n) for n in range(1, len(KEYS) + 1))}"
    )
    return [_group(KEYS, row) for row in connection.execute(text(sql), {**values, **bounds})]


@cache
def _plain_select() -> str:
    """The totals' own definition of keys and sums, over rounds ``r``."""
    daily = next(totals for totals in DEFINITIONS if totals.name == DailyTotals.__tablename__)
    keys = [daily.keys[name] for name in KEYS]
    sums = [f"SUM({daily.sums[name]})" for name in SUMMED]
    ends = []
    for name, choose in EXTREMES.items():
        extreme = daily.extremes[name]
        value = f"{{r}}.{extreme.column}"
        if extreme.where:
            value = f"CASE WHEN {extreme.where} THEN {value} END"
        ends.append(f"{choose.__name__.upper()}({value})")
    return f"SELECT {', '.join([*keys, *sums, *ends])} FROM crash_game_rounds AS r".replace("{r}", "r")


def _group(keys: Sequence[str], row: Sequence[Any]) -> Group:
    """PostgreSQL adds 64-bit integers up to NUMERIC, hence ``int``."""
    count = len(keys)
    values = [None if value is None else int(value) for value in row[count:]]
    return Group(dict(zip(keys, row[:count], strict=True)), Sums(*values))  # type: ignore[arg-type]
