"""What is worth an alert: rules over a bot's newest rounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.domain.amounts import format_hundredths, payout
from bot.domain.errors import BadInput
from bot.games.law import chance_at_least, chance_of_one

if TYPE_CHECKING:
    # The settings hold these rules: they must not need a database to be read.
    from bot.database.statistics_figures import Returns

Row = Any


@dataclass(frozen=True, slots=True)
class AlertRules:
    """When to raise an alert. Shares in percent, times in seconds, z in standard deviations.

    ``losing_streak``: bets lost in a row at one table; ``error_percent`` of the last ``error_rounds``;
    ``silence_s``: a bot with an open session not seen for so long; ``z``: win rate, or share of 1.00x, this
    far from the game's law over at least ``least_rounds`` of the newest ``newest_rounds``.
    """

    losing_streak: int = 10
    error_percent: float = 20.0
    error_rounds: int = 50
    silence_s: float = 300.0
    z: float = 4.0
    least_rounds: int = 100
    newest_rounds: int = 500

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
                raise BadInput(f"alert rule {each.name} must be a number above 0, not {value!r}")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds now. ``key`` names it for as long as it does; values of ``detail`` are JSON's."""

    kind: str
    bot_id: str
    about: str
    severity: str
    message: str
    session_id: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}|{self.bot_id}|{self.about}"


def conditions(
    bot_id: str, newest: Sequence[Row], rules: AlertRules, returns: Returns
) -> Iterator[Condition]:
    """All that holds of a bot's rounds, which come newest first."""
    tables: dict[str, list[Row]] = {}
    for row in newest:
        tables.setdefault(row["table_name"] or row["game_name"], []).append(row)
    for table, rounds in tables.items():
        for rule in TABLE_RULES:
            found = rule(bot_id, table, rounds, rules, returns)
            if found is not None:
                yield found
    found = _errors(bot_id, newest, rules)
    if found is not None:
        yield found


def _losing_streak(
    bot_id: str, table: str, rounds: Sequence[Row], rules: AlertRules, _returns: Returns
) -> Condition | None:
    length = lost = 0
    for row in rounds:
        if row["round_outcome"] == "WIN":
            break
        if row["round_outcome"] == "LOSS":
            length, lost = length + 1, lost - (row["profit_loss_amount"] or 0)
    if length < rules.losing_streak:
        return None
    currency = rounds[0]["currency"] or ""
    return Condition(
        "losing_streak",
        bot_id,
        table,
        "warning",
        f"{bot_id} lost {length} bets in a row at {table}: {format_hundredths(lost)} {currency}".rstrip(),
        rounds[0]["session_id"],
        {"length": length, "lost": format_hundredths(lost)},
    )


def _errors(bot_id: str, newest: Sequence[Row], rules: AlertRules) -> Condition | None:
    last = newest[: rules.error_rounds]
    failed = sum(row["round_outcome"] == "ERROR" for row in last)
    if len(last) < rules.error_rounds or 100 * failed < rules.error_percent * len(last):
        return None
    return Condition(
        "error_rate",
        bot_id,
        "rounds",
        "warning",
        f"{bot_id}: {failed} of the last {len(last)} rounds failed",
        last[0]["session_id"],
        {"errors": failed, "rounds": len(last)},
    )


def _win_rate(
    bot_id: str, table: str, rounds: Sequence[Row], rules: AlertRules, returns: Returns
) -> Condition | None:
    """Against the chance of each bet at its own target."""
    wins = expected = variance = 0.0
    count = 0
    for row in rounds:
        share = returns.of(row["game_name"], row["platform_code"] or "")
        if row["round_outcome"] in ("WIN", "LOSS") and row["target_multiplier"] and share is not None:
            chance = chance_at_least(row["target_multiplier"], float(share))
            count, wins = count + 1, wins + (row["round_outcome"] == "WIN")
            expected, variance = expected + chance, variance + chance * (1 - chance)
    if count < rules.least_rounds or variance <= 0:
        return None
    z = (wins - expected) / math.sqrt(variance)
    if abs(z) <= rules.z:
        return None
    return _anomaly(
        "win_rate", bot_id, table, rounds,
        f"won {wins:.0f} of {count} bets at {table}, the law makes expect {expected:.1f}", z=round(z, 2),
    )  # fmt: skip


def _ones(
    bot_id: str, table: str, rounds: Sequence[Row], rules: AlertRules, returns: Returns
) -> Condition | None:
    """A reader that misses 1.00x, or makes them up, shows here first."""
    seen = [row for row in rounds if row["crash_multiplier_detected"] is not None]
    share = returns.of(rounds[0]["game_name"], rounds[0]["platform_code"] or "")
    if len(seen) < rules.least_rounds or share is None:
        return None
    chance = chance_of_one(float(share))
    ones = sum(row["crash_multiplier_detected"] == 100 for row in seen)
    z = (ones - len(seen) * chance) / math.sqrt(len(seen) * chance * (1 - chance))
    if abs(z) <= rules.z:
        return None
    return _anomaly(
        "share_of_ones", bot_id, table, rounds,
        f"{ones} of {len(seen)} rounds at {table} ended at 1.00x, the law makes expect "
        f"{len(seen) * chance:.1f}: check the reading", z=round(z, 2),
    )  # fmt: skip


def _impossible_profit(
    bot_id: str, table: str, rounds: Sequence[Row], _rules: AlertRules, _returns: Returns
) -> Condition | None:
    for row in rounds:
        stake, profit = row["stake_value"], row["profit_loss_amount"]
        reached = row["target_multiplier"] or row["cashout_multiplier"] or row["crash_multiplier_detected"]
        if stake is None or profit is None or reached is None or profit <= payout(stake, reached) - stake:
            continue
        return _anomaly(
            "impossible_profit", bot_id, f"{table}|{row['round_id']}", [row],
            f"a round at {table} brought {format_hundredths(profit)}, more than "
            f"{format_hundredths(payout(stake, reached) - stake)}, the most that its stake allows",
            round_id=row["round_id"],
        )  # fmt: skip
    return None


def _balance_jump(
    bot_id: str, table: str, rounds: Sequence[Row], _rules: AlertRules, _returns: Returns
) -> Condition | None:
    """Between two rounds of a session at a table whose account no other table of it draws on."""
    staked = [row for row in rounds if row["running_balance_before"] is not None]
    for later, earlier in pairwise(staked):
        before, after = later["running_balance_before"], earlier["running_balance_after"]
        same = later["session_id"] == earlier["session_id"] and later["currency"] == earlier["currency"]
        if after is None or before == after or not same or later["shared_account"]:
            continue
        return _anomaly(
            "balance_jump", bot_id, f"{table}|{later['round_id']}", [later],
            f"the balance at {table} went from {format_hundredths(after)} to {format_hundredths(before)} "
            "between two rounds", round_id=later["round_id"],
        )  # fmt: skip
    return None


def _anomaly(
    kind: str, bot_id: str, about: str, rounds: Sequence[Row], message: str, **detail: Any
) -> Condition:
    session = rounds[0]["session_id"]
    return Condition(kind, bot_id, about, "critical", f"{bot_id}: {message}", session, detail)


Rule = Callable[[str, str, Sequence[Row], AlertRules, "Returns"], Condition | None]
TABLE_RULES: tuple[Rule, ...] = (_losing_streak, _win_rate, _ones, _impossible_profit, _balance_jump)
