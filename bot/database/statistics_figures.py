"""Sums as people read them: rates, money and multipliers, never adding up what does not belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import Connection, select

from bot.database.statistics_sums import Group, Sums, added, grouped
from bot.database.values import decimal_of
from bot.database.wide import GamePlatform
from bot.games.law import GAMES

Figures = dict[str, Any]

NOTICE = "Every strategy has a negative expectation in these games: play for long enough loses money."
UNNAMED = "unknown"
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_PLACES = Decimal("0.0001")
_CENTS = Decimal("0.01")
#: What is said of money; all of it is ``None`` where money would be mixed.
MONEY = (
    "currency", "total_staked", "total_cashout", "total_profit", "roi_percent", "average_stake",
    "average_win", "average_loss", "largest_win", "largest_loss", "profit_factor", "expected_profit",
    "expected_profit_by_law", "stake_undecided",
)  # fmt: skip


def ratio(part: int, whole: int, places: Decimal = _PLACES) -> Decimal | None:
    """``part / whole`` as a decimal of four places; ``None`` when there is no whole."""
    if whole == 0:
        return None
    return _EXACT.divide(Decimal(part), Decimal(whole)).quantize(places, context=_EXACT)


def percent(part: int, whole: int) -> Decimal | None:
    """``part / whole`` in percent, four places."""
    return ratio(100 * part, whole)


def money(minor: int) -> Decimal:
    """Hundredths as an amount of money (or a multiplier)."""
    return _EXACT.scaleb(Decimal(minor), -2)


def maybe_money(minor: int | None) -> Decimal | None:
    """The same for what may not be there."""
    return None if minor is None else money(minor)


class Returns:
    """What part of all stakes a game pays back on average: as configured for a platform, else by its law."""

    def __init__(self, configured: Mapping[tuple[str, str], Decimal] | None = None) -> None:
        self._configured = dict(configured or {})

    @classmethod
    def read(cls, connection: Connection) -> Returns:
        """With the house edges that ``game_platform_config`` gives."""
        rows = connection.execute(
            select(GamePlatform.game_name, GamePlatform.platform_code, GamePlatform.house_edge_percent).where(
                GamePlatform.house_edge_percent.is_not(None)
            )
        )
        edges = {(row[0], row[1]): decimal_of(row[2], 6) for row in rows}
        return cls({key: 1 - edge for key, edge in edges.items() if edge is not None})

    def of(self, game_name: str, platform_code: str = "") -> Decimal | None:
        """The return to player, between 0 and 1; ``None`` for a game that nobody described."""
        found = self._configured.get((game_name, platform_code), self._configured.get((game_name, "")))
        if found is not None:
            return found
        game = GAMES.get(game_name.strip().lower())
        return None if game is None else Decimal(str(game.return_to_player))


def figures(groups: Sequence[Group], returns: Returns) -> Figures:
    """Everything that is said of some rounds, with the same by mode and by currency."""
    result = _figures(groups, returns)
    result["modes"] = {
        mode or UNNAMED: part_figures(some, returns) for mode, some in grouped(groups, "mode").items()
    }
    result["currencies"] = _by_currency(groups, returns)
    result["notes"] = _notes([group for group in groups if group.sums.has_money])
    result["notice"] = NOTICE
    return result


def part_figures(groups: Sequence[Group], returns: Returns) -> Figures:
    """The same of a part of them, shorter: ``currencies`` only where there are several."""
    result = _figures(groups, returns)
    by_currency = _by_currency(groups, returns)
    return result | {"currencies": by_currency} if len(by_currency) > 1 else result


def _figures(groups: Sequence[Group], returns: Returns) -> Figures:
    sums = added(groups)
    return counts(sums) | _multipliers(sums) | money_figures(groups, returns)


def counts(sums: Sums) -> Figures:
    """Rounds by what came of them."""
    return {
        "total_rounds": sums.total_rounds,
        "wins": sums.wins,
        "losses": sums.losses,
        "skips": sums.skips,
        "errors": sums.errors,
        "unknown": sums.unknowns,
        "settled_bets": sums.settled,
        "win_rate_percent": percent(sums.wins, sums.settled),
    }


def _multipliers(sums: Sums) -> Figures:
    average = ratio(sums.multiplier_total, 100 * sums.multiplier_count)
    return {
        "rounds_with_multiplier": sums.multiplier_count,
        "average_multiplier": average,
        "highest_multiplier": maybe_money(sums.highest_multiplier),
    }


def money_figures(groups: Iterable[Group], returns: Returns) -> Figures:
    """Money of some rounds; all ``None`` when it is of several currencies or modes."""
    staked = [group for group in groups if group.sums.has_money]
    if len({group.money for group in staked}) > 1:
        return dict.fromkeys(MONEY)
    sums = added(staked)
    return {
        "currency": (staked[0].money[0] or UNNAMED) if staked else None,
        "total_staked": money(sums.stake_total),
        "total_cashout": money(sums.cashout_total),
        "total_profit": money(sums.profit_total),
        "roi_percent": percent(sums.profit_total, sums.stake_total),
        "average_stake": ratio(sums.stake_total, 100 * sums.settled),
        "average_win": ratio(sums.win_total, 100 * sums.wins),
        "average_loss": ratio(sums.loss_total, 100 * sums.losses),
        "largest_win": maybe_money(sums.largest_win),
        "largest_loss": maybe_money(sums.largest_loss),
        "profit_factor": ratio(sums.win_total, -sums.loss_total),
        # Nothing expected of money that was staked means that nobody wrote the expectation down.
        "expected_profit": decimal_of(sums.expected_total, 4) if sums.expected_total else None,
        "expected_profit_by_law": expected_by_law(staked, returns),
        "stake_undecided": money(sums.stake_unknown),
    }


def expected_by_law(groups: Iterable[Group], returns: Returns) -> Decimal | None:
    """-(1 - R) times what was staked; ``None`` when a game is among them whose law is not known."""
    total = Decimal(0)
    for group in groups:
        if group.sums.stake_total:
            share = returns.of(group.keys.get("game_name", ""), group.keys.get("platform_code", ""))
            if share is None:
                return None
            total -= (1 - share) * money(group.sums.stake_total)
    return total.quantize(_PLACES, context=_EXACT)


def _by_currency(groups: Sequence[Group], returns: Returns) -> dict[str, Figures]:
    staked = [group for group in groups if group.sums.has_money]
    return {
        currency or UNNAMED: counts(added(some)) | money_figures(some, returns)
        for currency, some in grouped(staked, "currency").items()
    }


def _notes(staked: Sequence[Group]) -> list[str]:
    notes = []
    for place, what in ((0, "currencies"), (1, "modes")):
        names = sorted({group.money[place] or UNNAMED for group in staked})
        if len(names) > 1:
            notes.append(f"money of several {what} ({', '.join(names)}) is not added up: see `{what}`")
    return notes
