"""Which return and growth a recorded source has by what it is: named, or by the beginning of its file's
name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import BadInput
from bot.games import GAMES

#: Games beside those that the bot plays, by their published or measured return and growth a second.
OTHERS = {"bustabit": (0.99, 0.060), "crash_stake": (0.99, 0.0602), "crash_1xbet": (0.97, 0.134)}

#: Returns that known games have.
USUAL = tuple(
    sorted({each.return_to_player for each in GAMES.values()} | {rtp for rtp, _ in OTHERS.values()})
)


@dataclass(frozen=True, slots=True)
class Known:
    """``rtp`` and growth, ``None`` where nothing is known; ``source`` says in words where that comes from."""

    rtp: float | None
    growth_per_s: float | None
    source: str


UNKNOWN = Known(None, None, "not known")


def known_of(game: str | None = None, rtp: float | None = None, file: str | None = None) -> Known:
    """What to judge by: the return that was given, else the game's, else what the file's name begins with.

    Raises ``BadInput`` for games and returns that cannot be.
    """
    if rtp is not None and not 0.5 < rtp < 1.0:
        raise BadInput(f"--rtp is the return to player, between 0.5 and 1, as in 0.97; not {rtp}")
    found = UNKNOWN
    if game is not None:
        found = _named(game.strip().lower(), f"the game {game.strip().lower()}")
        if found is UNKNOWN:
            raise BadInput(f"no such game: {game!r} (known: {', '.join([*GAMES, *OTHERS])})")
    elif file is not None:
        name = Path(file).name.lower()
        found = next((_named(each, f"the file's name ({each})") for each in [*GAMES, *OTHERS]
                      if re.match(rf"{each}(?![a-z0-9])", name)), UNKNOWN)  # fmt: skip
    return found if rtp is None else Known(rtp, found.growth_per_s, "--rtp")


def _named(name: str, source: str) -> Known:
    if name in GAMES:
        return Known(GAMES[name].return_to_player, GAMES[name].growth_per_s, source)
    if name in OTHERS:
        return Known(*OTHERS[name], source)
    return UNKNOWN
