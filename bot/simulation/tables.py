"""The lab's figures as rows of text: for the terminal and for pages alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.domain.amounts import format_hundredths
from bot.simulation.odds_words import limit_words, money, percent

if TYPE_CHECKING:
    # Odds are told within a second: what the other tables need would take longer to import.
    from bot.simulation.backtest import Backtest
    from bot.simulation.odds import Odds
    from bot.simulation.summary import Summary
    from bot.simulation.sweep import SweepResult

Rows = list[list[str]]


def odds_rows(odds: Odds) -> Rows:
    """Figure, this strategy, the best that any strategy could do."""
    ceiling = "" if odds.ceiling is None else f"{100 * odds.ceiling:.2f} %"
    rows = [["", odds.strategy, "best possible"]]
    rows.append(["chance of ruin", percent(odds.ruin, odds.error(odds.ruin)), "0 %"])
    if odds.goal is not None:
        goal = percent(odds.reached_goal, odds.error(odds.reached_goal))
        rows.append([f"chance of {money(odds.goal)}", goal, ceiling])
    rows += [
        [limit_words(name), percent(chance, odds.error(chance)), ""] for name, chance in odds.limited.items()
    ]
    rows += [
        ["expected result", money(odds.expected_result), "0.00"],
        ["expected loss an hour", money(odds.loss_per_hour), "0.00"],
        ["expected stakes in all", money(odds.turnover), "0.00"],
        ["expected rounds played", f"{odds.rounds:,.1f}", ""],
        ["chance to end ahead", percent(odds.chance_ahead, odds.error(odds.chance_ahead)), ""],
        ["losses in a row paid for", "any" if odds.run_paid is None else f"{odds.run_paid:,}", ""],
    ]
    if odds.run_chance is not None:
        rows.append(["chance of such a run", percent(odds.run_chance), ""])
    for level, balance in odds.quantiles.items():
        rows.append([f"{100 * level:g} % end at or below", money(balance), ""])
    return rows


def simulation_rows(summaries: Sequence[Summary]) -> Rows:
    """A column a strategy: few of them fit side by side, many figures below each other."""
    rows = [["", *(each.label for each in summaries)]]
    lines: tuple[tuple[str, Callable[[Summary], str]], ...] = (
        ("mean result", lambda s: f"{money(s.mean)} ± {money(1.96 * s.mean_error)}"),
        ("expected by the law", lambda s: money(s.expected)),
        ("ruined", lambda s: percent(s.ruin, 1.96 * s.error(s.ruin))),
        ("reached the goal", lambda s: percent(s.goal, 1.96 * s.error(s.goal))),
        ("ended ahead", lambda s: percent(s.ahead, 1.96 * s.error(s.ahead))),
        ("final balance: 1 %", lambda s: money(s.final[0.01])),
        ("5 %", lambda s: money(s.final[0.05])),
        ("half", lambda s: money(s.final[0.5])),
        ("95 %", lambda s: money(s.final[0.95])),
        ("99 %", lambda s: money(s.final[0.99])),
        ("drawdown: half", lambda s: money(s.drawdown[0.5])),
        ("95 %", lambda s: money(s.drawdown[0.95])),
        ("losing run: half", lambda s: str(s.longest_run[0.5])),
        ("99 %", lambda s: str(s.longest_run[0.99])),
        ("staked in all", lambda s: money(s.turnover)),
    )
    goals = any(each.result.goal is not None for each in summaries)
    for name, figure in lines:
        if goals or name != "reached the goal":
            rows.append([name, *(figure(each) for each in summaries)])
    return rows


def backtest_rows(tests: Sequence[Backtest], labels: Sequence[str]) -> Rows:
    """A column a strategy."""
    rows = [["", *labels]]
    figures: list[dict[str, object]] = [each.to_json() for each in tests]
    for told, test in zip(figures, tests, strict=True):
        session = test.replay.session
        amounts = (test.profit, test.expected, test.replay.final, session.lowest, session.drawdown)
        keys = ("result", "expected_result", "final_balance", "lowest_balance", "drawdown")
        told |= {key: money(amount) for key, amount in zip(keys, amounts, strict=True)}
        told["turnover"] = money(session.turnover)
    names = (
        ("result", "result"),
        ("expected by the law", "expected_result"),
        ("final balance", "final_balance"),
        ("lowest balance", "lowest_balance"),
        ("drawdown", "drawdown"),
        ("staked in all", "turnover"),
        ("bets", "bets"),
        ("bets won", "bets_won"),
        ("longest losing run", "longest_losing_run"),
        ("end", "end"),
    )
    for title, key in names:
        rows.append([title, *(_shown(each[key]) for each in figures)])
    return rows


def _shown(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    return text.replace("_", " ")


def sweep_rows(result: SweepResult, top: int) -> Rows:
    """The best points."""
    axes = [axis.name for axis in result.plan.axes]
    drawn = result.plan.work.crashes is None
    rows = [["", *axes, "result", "expected", *(["ruin", "ahead"] if drawn else []), "drawdown"]]
    for place, number in enumerate(result.ordered()[:top], start=1):
        figures = result.figures[number]
        rows.append(
            [
                str(place),
                *result.named(number).values(),
                money(figures["result"]),
                money(figures["expected"]),
                *([percent(figures["ruin"]), percent(figures["ahead"])] if drawn else []),
                money(figures["drawdown"]),
            ]
        )
    return rows


def sweep_words(result: SweepResult) -> list[str]:
    """The best of many, beside what the best of as many useless ones looks like."""
    document = result.to_json()
    useless = document["best_of_as_many_useless_ones"]
    best = document["best"]
    count = len(result.figures) - result.refused
    parameters = ", ".join(f"{name} {value}" for name, value in best["parameters"].items())
    on = "recorded rounds" if result.plan.work.crashes is not None else "drawn rounds"
    said = [
        f"Best of {count:,} on {on}: {parameters} with {best['result']} "
        f"(the law makes expect {best['expected']} of its stakes).",
        f"The best of as many useless ones comes to {useless['low']} to {useless['high']} (nine of ten), "
        f"half of the time {useless['median']} or more; {percent(result.as_good)} do at least as well.",
    ]
    if result.refused:
        said.append(f"{result.refused:,} points were left out: their parameters contradict each other.")
    return said


def limits_line(limits: object) -> str:
    """The limits in force, short."""
    from dataclasses import asdict

    from bot.limits import Limits

    assert isinstance(limits, Limits)
    found = []
    for name, value in asdict(limits).items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for key, amount in inner:
            if name == "reading_age_ms" or amount is None or (name == "balance_floor_minor" and not amount):
                continue
            full = f"{name}.{key}" if key else name
            is_money = full.endswith("_minor")
            shown = format_hundredths(amount) if is_money else str(amount)
            found.append(f"{full.removesuffix('_minor')} {shown}")
    return f"Limits: {', '.join(found)}." if found else "No limits but the balance."
