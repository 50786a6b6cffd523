"""What the loggers ask the database: which bots are registered, and the house edge of a game."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from bot.database.engine import Database, storage_errors
from bot.database.logged_faults import shown_value
from bot.database.rows import Batch
from bot.database.wide import BotRegistration, GamePlatform
from bot.domain.errors import BadInput

#: What a record takes from its bot's registration where it does not say it itself.
FROM_THE_BOT = ("bot_name", "vm_name", "vm_provider", "region", "strategy_name", "currency")
_IN_ONE_QUESTION = 400

_BOTS = select(
    BotRegistration.bot_id,
    BotRegistration.base_stake,
    *(getattr(BotRegistration, name) for name in FROM_THE_BOT),
).where(BotRegistration.bot_id.in_(bindparam("asked", expanding=True)))
_EDGES = select(GamePlatform.game_name, GamePlatform.platform_code, GamePlatform.house_edge_percent).where(
    tuple_(GamePlatform.game_name, GamePlatform.platform_code).in_(bindparam("asked", expanding=True))
)

Bots = dict[str, Any]
Edges = dict[tuple[str, str], int]


def registered_bots(database: Database, bot_ids: Collection[str]) -> Bots:
    """The registrations of these bots, those that are there."""
    found: Bots = {}
    with storage_errors(database.name), database.engine.connect() as connection:
        for part in _parts(sorted(bot_ids)):
            for row in connection.execute(_BOTS, {"asked": part}):
                found[row.bot_id] = row
    return found


def house_edges(database: Database, games: Collection[tuple[str, str]]) -> Edges:
    """The house edge (percent, 4 places) of these games at these platforms, where a configuration says it.

    A configuration whose platform is the empty text holds for all platforms that have none of their own.
    """
    asked = set(games) | {(game, "") for game, _ in games}
    found: Edges = {}
    with storage_errors(database.name), database.engine.connect() as connection:
        for part in _parts(sorted(asked)):
            for game, code, edge in connection.execute(_EDGES, {"asked": part}):
                if edge is not None:
                    found[game, code] = edge
    return {(g, p): edge for g, p in games if (edge := found.get((g, p), found.get((g, "")))) is not None}


def check_bots(batch: Batch, database: Database) -> Bots:
    """Refuse rows of bots that are not registered; the registrations of the others."""
    given = batch.column("bot_id")
    bots = registered_bots(database, {bot_id for bot_id in given if bot_id is not None})
    unknown = [i for i, bot_id in enumerate(given) if bot_id is not None and bot_id not in bots]
    for index in unknown:
        batch.refuse(index, unknown_bot(batch.table, given[index]))
    return bots


def unknown_bot(table: str, bot_id: str) -> BadInput:
    """The error for a bot that is not registered."""
    shown = shown_value(bot_id)
    return BadInput(f"{table}.bot_id: no bot {shown} is registered: call register_bot({shown}) first")


def take_from_bots(batch: Batch, bots: Bots, names: Sequence[str] = FROM_THE_BOT) -> None:
    """Fill in what the rows do not say from their bots' registrations."""
    said = {name for name in names if any(getattr(bot, name) is not None for bot in bots.values())}
    for name in said:
        of_bot = {bot_id: getattr(bot, name) for bot_id, bot in bots.items()}
        values, owners = batch.column(name), batch.column("bot_id")
        batch.columns[name] = [
            of_bot.get(bot_id) if value is None else value
            for value, bot_id in zip(values, owners, strict=True)
        ]


def _parts(asked: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(asked), _IN_ONE_QUESTION):
        yield asked[start : start + _IN_ONE_QUESTION]
