"""What is set up before rounds are logged: bots and the terms of a game at a bookmaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine import Database, storage_errors
from bot.database.logged_storing import again, chosen
from bot.database.rows import Batch, stored_values
from bot.database.values import table_named


def register_bot(bot_id: str, *, database: Database | None = None, **columns: object) -> str:
    """Make a bot known, or change what is known of it; its identifier.

    Columns of ``bot_vm_registration``; what is not given (or ``None``) stays as it is. Rounds of the bot
    take its name, machine, strategy and currency from here where they do not say them. Raises ``BadInput``
    that names field and value, ``StorageError``.
    """
    return str(_put("bot_vm_registration", {"bot_id": bot_id, **columns}, database)["bot_id"])


def configure_game_platform(
    game_name: str, platform_code: str = "", *, database: Database | None = None, **columns: object
) -> tuple[str, str]:
    """Say the terms of a game at a bookmaker, or change them; the key (game, platform).

    Without a platform they hold for all of them that have no terms of their own. From ``house_edge_percent``
    follows the expected profit of every round logged later. Raises ``BadInput`` that names field and value,
    ``StorageError``.
    """
    given = {"game_name": game_name, "platform_code": platform_code, **columns}
    stored = _put("game_platform_config", given, database)
    return str(stored["game_name"]), str(stored["platform_code"])


def _put(table_name: str, given: Mapping[str, object], database: Database | None) -> dict[str, Any]:
    """Insert a row, or change the columns given of the one that is there."""
    values = {name: v for name, v in stored_values(table_name, given).items() if v is not None}
    place = chosen(database)
    again(lambda: _insert_or_change(place, table_named(table_name), values))
    return values


def _insert_or_change(database: Database, table: Table, values: dict[str, Any]) -> None:
    make = postgresql.insert if database.engine.dialect.name == "postgresql" else sqlite.insert
    with storage_errors(database.name), database.writing() as connection:
        keys = [column.name for column in table.primary_key.columns]
        same = and_(*(table.c[name] == values.get(name) for name in keys))
        columns = [column for column in table.columns if column.name not in ("created_at", "updated_at")]
        there = connection.execute(select(*columns).where(same).with_for_update()).first()
        whole = Batch.of_stored(table.name, {**(dict(there._mapping) if there else {}), **values})
        whole.check_orders()
        whole.complete()
        if whole.faults:
            raise whole.faults[0]
        new = {name: column[0] for name, column in whole.columns.items()}
        insert = cast(Any, make(table)).values(new)
        changed = {name: values[name] for name in values if name not in keys} or {keys[0]: values[keys[0]]}
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed))
