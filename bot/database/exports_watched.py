"""What every export says beside its rounds: when the tables were really watched, and what was missed."""

from __future__ import annotations

from typing import Any

from bot.database.bulk import Selection
from bot.database.engine import Database
from bot.database.statistics_periods import Period
from bot.database.statistics_sums import reading
from bot.database.watched import Recorded, Scope, watched_in

#: How exports write times.
ISO = "%Y-%m-%dT%H:%M:%S.%fZ"
#: Said beside all figures about these games.
EXPECTATION = "The games have a negative expectation for every strategy."


def watched_of(database: Database, chosen: Selection, when: Period, rounds: int) -> dict[str, Any]:
    """The intervals watched and the share of rounds missed, for an export of ``rounds`` rounds; for JSON.

    Times are ISO texts (UTC), ``seconds`` an exact decimal as text, ``missed_share`` between 0 and 1.
    """
    scope = Scope(chosen.bot_id, chosen.session_id, chosen.game_name, chosen.platform_code)
    with reading(database) as connection:
        found = watched_in(connection, scope, when, Recorded(rounds, rounds))
    share = found["missed_share"]
    return {
        **found,
        "intervals": [
            {"from": start.strftime(ISO), "to": end.strftime(ISO)} for start, end in found["intervals"]
        ],
        "seconds": str(found["seconds"]),
        "missed_share": None if share is None else float(share),
        "note": EXPECTATION,
    }
