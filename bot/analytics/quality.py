"""The flag that profit figures carry when the rounds behind them cannot be believed (row F4)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from bot.database import Database, GamePlatform
from bot.database.statistics_sums import reading

#: So many of the newest rounds of a game are audited: enough to find that short ones are missing.
NEWEST = 5_000
_WHOLE = 1_000_000


def quality_notes(database: Database, games: Iterable[str], bot_id: str | None = None) -> list[str]:
    """A line for each game whose newest recorded rounds (of one bot) fail the audit; none when all is well.

    Too few rounds to tell say nothing. Raises ``StorageError``.
    """
    notes = []
    for game in sorted(set(games)):
        flag = _flag(database, game, bot_id)
        if flag is not None:
            notes.append(f"figures of {game} rest on an {flag}")
    return notes


def _flag(database: Database, game: str, bot_id: str | None) -> str | None:
    from bot.database import export_multipliers_for_ml
    from bot.fairness import quality_of  # NumPy, SciPy and Polars: only who asks for it waits

    frame = export_multipliers_for_ml(game, NEWEST, bot_id=bot_id, database=database)
    if not len(frame):
        return None
    tables = [name for name in ("session_id", "table_name", "bot_id") if name in frame.columns]
    frame = frame.sort(tables, maintain_order=True)
    found = quality_of(
        frame["multiplier_hundredths"].to_numpy(),
        follows=~frame["gap_before"].fill_null(True).to_numpy()[1:],
        rtp=_return(database, game),
    )
    return found.flag if found.unsound else None


def _return(database: Database, game: str) -> float | None:
    """The return to player that the game has wherever it is configured; ``None`` when there are several."""
    question = select(GamePlatform.house_edge_percent).where(GamePlatform.game_name == game).distinct()
    with reading(database) as connection:
        edges = connection.scalars(question).all()
    if len(edges) != 1 or edges[0] is None:
        return None
    return 1.0 - edges[0] / _WHOLE
