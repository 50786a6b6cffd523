"""Odds in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.simulation.odds import Odds

#: The honest word beside every figure.
EVERY_STRATEGY_LOSES = "Every strategy loses on average: the games pay back less than is staked."

_LIMITS = {
    "stake": "the limit for one stake",
    "session_loss": "the loss limit of the session",
    "session_turnover": "the turnover limit of the session",
    "session_rounds": "the limit of rounds of the session",
    "day_loss": "the loss limit of the day",
    "day_turnover": "the turnover limit of the day",
    "day_rounds": "the limit of rounds of the day",
    "week_loss": "the loss limit of the week",
    "week_turnover": "the turnover limit of the week",
    "week_rounds": "the limit of rounds of the week",
    "month_loss": "the loss limit of the month",
    "month_turnover": "the turnover limit of the month",
    "month_rounds": "the limit of rounds of the month",
    "give_back": "the limit for falling from the best result",
    "too_large": "a balance larger than can be reckoned with",
}


def limit_words(name: str) -> str:
    """A limit as a person calls it."""
    return _LIMITS.get(name, name.replace("_", " "))


def money(minor: float) -> str:
    """``-123456`` → ``"-1,234.56"``; never a negative zero."""
    rounded = round(minor)
    return f"{rounded / 100:,.2f}"


def percent(chance: float, error: float = 0.0) -> str:
    """A chance as a person reads it; what is not quite 0 or 100 % is not called so."""
    if error == 0.0 and chance >= 1.0 - 1e-12:
        return "100 %"
    if error == 0.0 and chance <= 0.0:
        return "0 %"
    if chance < 0.0005:
        text = f"below {max(0.1, 100 * (chance + error)):.1f} %" if error else _tiny(chance)
    elif chance > 0.9995:
        text = f"above {min(99.9, 100 * (chance - error)):.1f} %"
    else:
        return f"{100 * chance:.1f} %" + (f" (± {100 * error:.1f})" if error else "")
    return text


def _tiny(chance: float) -> str:
    return f"1 in {1 / chance:,.0f}" if chance > 1e-9 else "below 1 in a billion"


def in_words(odds: Odds) -> list[str]:
    """The sentences, the most important first."""
    said = [_setting(odds), _loss(odds), _ruin(odds)]
    if odds.goal is not None:
        said.append(_goal(odds))
    said += _limits(odds)
    said += [_spread(odds), *_run(odds), _best(odds), _method(odds)]
    if odds.chosen_on is not None:
        said.append(f"Chosen as {odds.chosen_on}.")
    return [*said, EVERY_STRATEGY_LOSES]


def _setting(odds: Odds) -> str:
    at = "" if odds.target is None else f" at {odds.target / 100:.2f}x"
    length = "until it ends by itself" if odds.horizon is None else _rounds(odds)
    return f"{odds.strategy}{at} with a bankroll of {money(odds.bankroll)}, {length}."


def _rounds(odds: Odds) -> str:
    assert odds.horizon is not None
    hours = odds.horizon / odds.rounds_per_hour
    return f"{odds.horizon:,} rounds (about {hours:,.1f} hours)"


def _loss(odds: Odds) -> str:
    if odds.turnover < 0.5:
        return "It stakes next to nothing, so it loses next to nothing: nothing shows an edge to bet on."
    return (
        f"On average it ends {money(odds.expected_result)}, which is a loss of {money(odds.loss_per_hour)} "
        f"an hour on {money(odds.turnover)} staked in all."
    )


def _ruin(odds: Odds) -> str:
    remains = f" with {money(odds.floor)} to remain" if odds.floor else ""
    return (
        f"Chance of ruin (the balance{remains} does not cover the next stake): "
        f"{percent(odds.ruin, odds.error(odds.ruin))}."
    )


def _goal(odds: Odds) -> str:
    assert odds.goal is not None and odds.ceiling is not None
    chance = percent(odds.reached_goal, odds.error(odds.reached_goal))
    return (
        f"Chance of reaching {money(odds.goal)}: {chance}. No strategy could do better than "
        f"{100 * odds.ceiling:.2f} %."
    )


def _limits(odds: Odds) -> list[str]:
    found = [
        f"{limit_words(name)} {percent(p, odds.error(p))}" for name, p in odds.limited.items() if p > 1e-6
    ]
    return [f"Chance that a limit ends it first: {', '.join(found)}."] if found else []


def _spread(odds: Odds) -> str:
    q = odds.quantiles
    return (
        f"Half of all such sessions end between {money(q[0.25])} and {money(q[0.75])}, nine of ten between "
        f"{money(q[0.05])} and {money(q[0.95])}; {percent(odds.chance_ahead, odds.error(odds.chance_ahead))} "
        "end ahead."
    )


def _run(odds: Odds) -> list[str]:
    if odds.run_paid is None:
        return ["A run of losses alone does not use up the bankroll."]
    paid = f"The bankroll pays for {odds.run_paid:,} losses in a row at the start"
    if odds.run_chance is None or odds.horizon is None:
        return [f"{paid}."]
    return [
        f"{paid}; the chance that {odds.horizon:,} rounds bring such a run is {percent(odds.run_chance)}."
    ]


def _best(odds: Odds) -> str:
    return "The best expected result that any strategy has is 0.00, by staking nothing."


def _method(odds: Odds) -> str:
    if odds.exact:
        return f"These figures are exact for a return to player of {100 * float(odds.rtp):g} %."
    return (
        f"These figures come from {odds.sessions:,} simulated sessions at a return to player of "
        f"{100 * float(odds.rtp):g} %; ± is their 95 % error."
    )
