"""What a casino and a stage are started with, checked once, with one clear line when it is wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.practice.faults import FaultKind, parse_kinds
from bot.practice.games import GAMES, Game

MAX_TABLES = 16


class OptionError(ValueError):
    """An option that cannot be used; the message says what would do."""


@dataclass(frozen=True, slots=True)
class TableOption:
    """One table to open."""

    name: str
    game: Game
    index: int
    lang: str
    currency: str
    account: str


@dataclass(frozen=True, slots=True)
class CasinoOptions:
    """Everything a casino process needs. ``rtp_basis_points`` is R in ten-thousandths."""

    port: int
    ledger: Path
    seed: str
    speed: float
    tables: tuple[TableOption, ...]
    faults: tuple[FaultKind, ...]
    nonce: int
    rtp_basis_points: int


def parse_tables(text: str, one_account: bool) -> tuple[TableOption, ...]:
    """``aviator,aviatrix@en,jetx``: games with an optional language; a game named twice gets a number.

    With ``one_account`` all tables share a wallet in USD, else each has its own.
    """
    options: list[TableOption] = []
    for item in text.split(","):
        game_name, _, lang = item.strip().partition("@")
        game = GAMES.get(game_name)
        if game is None:
            raise OptionError(f"unknown table {game_name!r}; known games: {', '.join(GAMES)}")
        if lang and lang not in ("en", "sr"):
            raise OptionError(f"unknown language {lang!r}; known: en, sr")
        count = sum(option.game is game for option in options)
        name = game_name if count == 0 else f"{game_name}-{count + 1}"
        chosen = lang or game.lang
        currency = "USD" if one_account or chosen == "en" else "RSD"
        account = "practice" if one_account else f"practice-{name}"
        options.append(TableOption(name, game, len(options), chosen, currency, account))
    if len(options) > MAX_TABLES:
        raise OptionError(f"{len(options)} tables are too many: at most {MAX_TABLES}")
    return tuple(options)


def make_options(
    *,
    port: int,
    ledger: str,
    seed: str,
    speed: float,
    tables: str,
    faults: str,
    one_account: bool,
    nonce: int | None,
    rtp: str,
) -> CasinoOptions:
    """Check raw command-line values. Raises ``OptionError``."""
    if not 0 <= port <= 65535:
        raise OptionError(f"port {port} is not between 0 and 65535")
    if not 0.1 <= speed <= 50:
        raise OptionError(f"speed {speed:g} is not between 0.1 and 50")
    try:
        kinds = parse_kinds(faults)
    except ValueError as error:
        raise OptionError(str(error)) from error
    try:
        basis_points = round(float(rtp) * 10_000)
    except (ValueError, OverflowError):
        basis_points = -1
    if not 5_000 <= basis_points <= 10_000:
        raise OptionError(f"rtp {rtp} is not between 0.5 and 1")
    if nonce is not None and not 0 <= nonce < 1 << 24:
        raise OptionError(f"nonce {nonce} is not a 24-bit number")
    chosen_nonce = int.from_bytes(os.urandom(3), "big") if nonce is None else nonce
    return CasinoOptions(
        port, Path(ledger), seed, speed, parse_tables(tables, one_account), kinds, chosen_nonce, basis_points
    )
