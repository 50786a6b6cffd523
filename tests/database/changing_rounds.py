"""What the property tests do to rounds and signals: any way of writing, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database import BotRegistration, CrashGameRound, Database, RoundSignal
from bot.database.copying import store_rows_in

DAY_US = 86_400_000_000
FIRST_DAY = 20_400
DAYS = range(FIRST_DAY, FIRST_DAY + 3)
BOTS = ("bot-1", "bot-2")
ROUNDS = [f"round-{n}" for n in range(30)]
Row = dict[str, Any]


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


MONEY = st.none() | st.integers(0, 4) | st.integers(0, 10**12)
MULTIPLIER = st.none() | st.integers(100, 103) | st.sampled_from([999, 1_000, 1_009, 1_010, 123_456, 10**11])
TIME = st.none() | st.builds(
    lambda day, part: day * DAY_US + part,
    st.sampled_from(DAYS),
    st.sampled_from([0, 1, DAY_US // 2, DAY_US - 1]),
)
OF_A_ROUND: dict[str, st.SearchStrategy[Any]] = {
    "bot_id": st.sampled_from(BOTS),
    "session_id": maybe("session-1", "session-2"),
    "game_name": st.sampled_from(("aviator", "jetx")),
    "platform_code": maybe("fun88"),
    "strategy_name": maybe("martingale", "fixed_stake"),
    "currency": maybe("EUR", "USD"),
    "mode": maybe("practice", "live"),
    "round_outcome": st.sampled_from(("WIN", "LOSS", "SKIP", "ERROR", "UNKNOWN")),
    "stake_value": MONEY,
    "cashout_amount": MONEY,
    "profit_loss_amount": MONEY | st.integers(-4, 4),
    "expected_profit": st.none() | st.integers(-(10**6), 10),
    "crash_multiplier_detected": MULTIPLIER,
    "round_start_timestamp": TIME,
}
OF_A_SIGNAL: dict[str, st.SearchStrategy[Any]] = {
    "bot_id": st.sampled_from(BOTS),
    "round_id": st.sampled_from(ROUNDS),
    "signal_type": st.sampled_from(("pre_flight", "crash_imminent")),
    "timestamp": TIME,
    "signal_correctness": st.none() | st.booleans(),
    "confidence_score": st.none() | st.sampled_from([0.0, 0.25, 0.9, 1.0]),
    "prediction_error": st.none() | st.integers(-500, 500),
}


def rows_of(
    columns: Mapping[str, st.SearchStrategy[Any]], key: str, least: int = 0
) -> st.SearchStrategy[Any]:
    row = st.fixed_dictionaries({key: st.sampled_from(ROUNDS), **columns})
    return st.lists(row, min_size=least, max_size=25)


def changes_of(columns: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({}, optional=dict(columns)).filter(bool)


# -- what is done ---------------------------------------------------------------------------------------


def store_batch(connection: Connection, model: Any, rows: list[Row]) -> None:
    """The way of the writer: on SQLite counted by group when there are enough."""
    if rows:
        names = list(rows[0])
        values = [tuple(row[name] for name in names) for row in rows]
        store_rows_in(connection, model.__tablename__, names, values)


def store_singly(connection: Connection, model: Any, rows: list[Row]) -> None:
    for row in rows:
        connection.execute(_insertion(connection, model).on_conflict_do_nothing(), row)


def upsert(connection: Connection, model: Any, rows: list[Row]) -> None:
    """All in one statement, which may insert some and update others."""
    key = _key(model).name
    unique = list({row[key]: row for row in rows}.values())
    if unique:
        statement = _insertion(connection, model).values(unique)
        changed = {name: statement.excluded[name] for name in unique[0] if name != key}
        connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed))


def change(connection: Connection, model: Any, what: tuple[list[str], Row]) -> None:
    keys, values = what
    connection.execute(update(model.__table__).where(_key(model).in_(keys)).values(values))


def remove(connection: Connection, model: Any, keys: list[str]) -> None:
    connection.execute(delete(model.__table__).where(_key(model).in_(keys)))


def purge(connection: Connection, model: Any, day: int) -> None:
    connection.execute(delete(model.__table__).where(model.date_bucket <= day))


def _key(model: Any) -> Any:
    return next(iter(model.__table__.primary_key))


def _insertion(connection: Connection, model: Any) -> Any:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return make(model.__table__)


def emptied(database: Database) -> None:
    """No rounds, no signals, and the bots that they may name."""
    with database.writing() as connection:
        connection.execute(delete(CrashGameRound.__table__))
        connection.execute(delete(RoundSignal.__table__))
        if not connection.scalar(select(BotRegistration.bot_id).limit(1)):
            connection.execute(insert(BotRegistration.__table__), [{"bot_id": name} for name in BOTS])


# -- any sequence of it ---------------------------------------------------------------------------------


def operations(model: Any, columns: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    key = next(iter(model.__table__.primary_key)).name
    keys = st.lists(st.sampled_from(ROUNDS), max_size=20)
    return st.one_of(
        st.tuples(st.just(store_batch), st.just(model), rows_of(columns, key)),
        st.tuples(st.just(store_singly), st.just(model), rows_of(columns, key)),
        st.tuples(st.just(upsert), st.just(model), rows_of(columns, key)),
        st.tuples(st.just(change), st.just(model), st.tuples(keys, changes_of(columns))),
        st.tuples(st.just(remove), st.just(model), keys),
        st.tuples(st.just(purge), st.just(model), st.sampled_from([-1, *DAYS])),
    )


SEQUENCES = st.lists(
    operations(CrashGameRound, OF_A_ROUND) | operations(RoundSignal, OF_A_SIGNAL), min_size=1, max_size=8
)
