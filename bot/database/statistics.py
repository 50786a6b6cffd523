"""The questions of requirements row A5: what a bot, a session, a strategy, a game came to, and its signals.

All answers are dictionaries: exact ``Decimal`` for money, multipliers and percentages, ``None`` where there
is nothing to divide by, and ``watched``: the time that was really watched and the share of rounds missed.
They are read from totals that triggers keep (``totals.py``), never from all rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from bot.database.engine import Database
from bot.database.models import SessionLog
from bot.database.statistics_figures import UNNAMED, Returns, figures, money, part_figures
from bot.database.statistics_multipliers import distribution, read_histogram
from bot.database.statistics_periods import ALL_TIME, Moment, period
from bot.database.statistics_signals import signal_figures, signal_type_of
from bot.database.statistics_sums import (
    Group,
    added,
    bot_groups,
    game_groups,
    grouped,
    name_of,
    reading,
    session_groups,
)
from bot.database.totals import GameTotals
from bot.database.values import readable
from bot.database.watched import Scope, watched_in
from bot.database.wide import BotRegistration, GamePlatform
from bot.domain.errors import BadInput
from bot.games.law import GAMES

Statistics = dict[str, Any]


def get_bot_statistics(
    bot_id: str, start_date: Moment = None, end_date: Moment = None, *, database: Database | None = None
) -> Statistics:
    """What a bot's rounds came to, in a period.

    Dates are whole days (UTC; the end's day is included), aware times bound exactly (the end is not
    included). Rounds without a known time count only when no bound is given. Raises ``BadInput`` for an
    unknown bot, a naive time, an end before its start; ``StorageError``.
    """
    name_of("bot_id", bot_id)
    when = period(start_date, end_date)
    with reading(database) as connection:
        bot = _bot(connection, bot_id)
        groups = bot_groups(connection, bot_id, when)
        returns = Returns.read(connection)
        recorded = added(groups)
        return {
            "bot_id": bot_id,
            "bot_name": bot.get("bot_name"),
            "vm_name": bot.get("vm_name"),
            "start_date": start_date,
            "end_date": end_date,
            **figures(groups, returns),
            "games": _by(groups, "game_name", returns),
            "strategies": _by(groups, "strategy_name", returns),
            "watched": watched_in(connection, Scope(bot_id=bot_id), when, recorded),
        }


def get_session_summary(session_id: str, *, database: Database | None = None) -> Statistics:
    """What the rounds of a session came to, with what the session says of itself under ``session``.

    Raises ``BadInput`` for a session that is neither logged nor named by a round; ``StorageError``.
    """
    name_of("session_id", session_id)
    with reading(database) as connection:
        log = _row(connection, SessionLog, SessionLog.session_id == session_id)
        known = {
            name: log.get(name) or "" for name in ("game_name", "platform_code", "strategy_name", "mode")
        }
        groups = session_groups(connection, session_id, known)
        if not log and not groups:
            raise BadInput(f"no such session: {session_id!r}")
        recorded = added(groups)
        return {
            "session_id": session_id,
            "bot_id": log.get("bot_id"),
            "strategy_name": log.get("strategy_name"),
            "game_name": log.get("game_name"),
            "mode": log.get("mode"),
            "status": log.get("status"),
            **figures(groups, Returns.read(connection)),
            "session": log or None,
            "watched": watched_in(connection, Scope(session_id=session_id), ALL_TIME, recorded),
        }


def get_strategy_performance(strategy_name: str, *, database: Database | None = None) -> Statistics:
    """What all bots' rounds with a strategy came to.

    Raises ``BadInput`` for a strategy that no round, session or bot names; ``StorageError``.
    """
    name_of("strategy_name", strategy_name)
    with reading(database) as connection:
        groups = game_groups(connection, GameTotals.strategy_name == strategy_name)
        if not groups and not _strategy_is_named(connection, strategy_name):
            raise BadInput(f"no such strategy: {strategy_name!r}")
        returns = Returns.read(connection)
        scope = Scope(strategy_name=strategy_name)
        return {
            "strategy_name": strategy_name,
            **figures(groups, returns),
            "games": _by(groups, "game_name", returns),
            "watched": watched_in(connection, scope, ALL_TIME, added(groups)),
        }


def get_game_statistics(
    game_name: str, platform_code: str | None = None, *, database: Database | None = None
) -> Statistics:
    """What all bots' rounds of a game (at one platform) came to.

    Raises ``BadInput`` for a game or platform that nothing names; ``StorageError``.
    """
    with reading(database) as connection:
        groups = _game(connection, game_name, platform_code)
        returns = Returns.read(connection)
        scope = Scope(game_name=game_name, platform_code=platform_code)
        return {
            "game_name": game_name,
            "platform_code": platform_code,
            "return_to_player": returns.of(game_name, platform_code or ""),
            **figures(groups, returns),
            "platforms": _by(groups, "platform_code", returns),
            "strategies": _by(groups, "strategy_name", returns),
            "watched": watched_in(connection, scope, ALL_TIME, added(groups)),
        }


def get_multiplier_distribution(
    game_name: str, platform_code: str | None = None, *, database: Database | None = None
) -> Statistics:
    """How the crash points of a game are distributed, beside the game's law P(M >= x) = R/x.

    ``bands``, ``chances`` and ``quantiles`` are lists; a ``z_score`` beyond about 4 is no accident: the
    reading or the game is off. Above 10x a quantile is exact to its ``resolution``. ``histogram``: pairs of a
    multiplier (three significant digits, rounded down) and its rounds. Raises as ``get_game_statistics``.
    """
    with reading(database) as connection:
        groups = _game(connection, game_name, platform_code)
        returns = Returns.read(connection)
        sums = added(groups)
        histogram = read_histogram(connection, game_name, platform_code)
        share = returns.of(game_name, platform_code or "")
        scope = Scope(game_name=game_name, platform_code=platform_code)
        return {
            "game_name": game_name,
            "platform_code": platform_code,
            **figures(groups, returns),
            **distribution(histogram, sums.highest_multiplier, share),
            "histogram": [(money(bucket), rounds) for bucket, rounds in histogram],
            "watched": watched_in(connection, scope, ALL_TIME, sums),
        }


def get_signal_effectiveness(
    bot_id: str, signal_type: str | None = None, *, database: Database | None = None
) -> Statistics:
    """How often a bot's signals were right, beside the no-skill baseline; its bets as in the others.

    Raises ``BadInput`` for an unknown bot or kind of signal; ``StorageError``.
    """
    name_of("bot_id", bot_id)
    kind = signal_type_of(signal_type)
    with reading(database) as connection:
        _bot(connection, bot_id)
        groups = bot_groups(connection, bot_id, ALL_TIME)
        recorded = added(groups)
        return {
            "bot_id": bot_id,
            "signal_type": kind,
            **figures(groups, Returns.read(connection)),
            **signal_figures(connection, bot_id, kind, groups),
            "watched": watched_in(connection, Scope(bot_id=bot_id), ALL_TIME, recorded),
        }


# -- what is there --------------------------------------------------------------------------------------


def _by(groups: Sequence[Group], key: str, returns: Returns) -> dict[str, Statistics]:
    """The main figures by one key."""
    return {name or UNNAMED: part_figures(some, returns) for name, some in grouped(groups, key).items()}


def _row(connection: Connection, model: Any, where: Any) -> dict[str, Any]:
    """One readable row, or nothing."""
    row = connection.execute(select(model.__table__).where(where)).mappings().one_or_none()
    return {} if row is None else readable(model.__tablename__, dict(row))


def _bot(connection: Connection, bot_id: str) -> dict[str, Any]:
    bot = _row(connection, BotRegistration, BotRegistration.bot_id == bot_id)
    if not bot:
        raise BadInput(f"no such bot: {bot_id!r}")
    return bot


def _game(connection: Connection, game_name: str, platform_code: str | None) -> list[Group]:
    """A game's rounds; that nothing names the game is an error, that it has no rounds is not."""
    name_of("game_name", game_name)
    where = [GameTotals.game_name == game_name]
    known = [GamePlatform.game_name == game_name]
    if platform_code is not None:
        name_of("platform_code", platform_code)
        where.append(GameTotals.platform_code == platform_code)
        known.append(GamePlatform.platform_code == platform_code)
    groups = game_groups(connection, *where)
    if groups or (platform_code is None and game_name in GAMES):
        return groups
    if connection.execute(select(GamePlatform.game_name).where(*known).limit(1)).first() is None:
        at = "" if platform_code is None else f" at {platform_code!r}"
        raise BadInput(f"no such game: {game_name!r}{at}")
    return groups


def _strategy_is_named(connection: Connection, strategy_name: str) -> bool:
    for model in (BotRegistration, SessionLog):
        question = select(model.strategy_name).where(model.strategy_name == strategy_name).limit(1)
        if connection.execute(question).first() is not None:
            return True
    return False
