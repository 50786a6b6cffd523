"""Answers as tables in the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

NOTHING = "–"
#: What a page of figures shows, in this order: title and the names of the figures on the line.
LINES = (
    ("rounds", ("total_rounds",)),
    ("won / lost", ("wins", "losses")),
    ("skipped / failed / unknown", ("skips", "errors", "unknown")),
    ("win rate", ("win_rate_percent",)),
    ("staked", ("total_staked",)),
    ("profit", ("total_profit",)),
    ("return on investment", ("roi_percent",)),
    ("expected by the law", ("expected_profit_by_law",)),
    ("average stake", ("average_stake",)),
    ("average win / loss", ("average_win", "average_loss")),
    ("largest win / loss", ("largest_win", "largest_loss")),
    ("profit factor", ("profit_factor",)),
    ("undecided stakes", ("stake_undecided",)),
    ("average / highest multiplier", ("average_multiplier", "highest_multiplier")),
)
_MONEY = {"total_staked", "total_profit", "expected_profit_by_law", "average_stake", "average_win",
          "average_loss", "largest_win", "largest_loss", "stake_undecided"}  # fmt: skip
_SIGNED = {"total_profit", "expected_profit_by_law", "average_win", "largest_win", "roi_percent"}


def shown(value: Any, name: str = "") -> str:
    """One value as people read it, by the name of its figure."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal | float):
        sign = "+" if name in _SIGNED else ""
        if name.endswith("percent"):
            return f"{value:{sign},.2f} %"
        if name.endswith("multiplier"):
            return f"{value:,.2f}x"
        return f"{value:{sign},.2f}"
    return escape(str(value))


def plain_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Table:
    """A table whose first ``left`` columns are words and the others figures."""
    table = Table(title=escape(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        justify: Any = "left" if number < left else "right"
        table.add_column(column, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def print_figures(console: Console, title: str, answer: Mapping[str, Any]) -> None:
    """The page of a bot, a session, a strategy or a game."""
    currency = answer.get("currency")
    unit = f" {escape(currency)}" if currency and currency != "unknown" else ""
    table = Table(
        title=escape(title), title_justify="left", box=SIMPLE_HEAD, show_header=False, pad_edge=False
    )
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("mode", shown(", ".join(answer["modes"]) or None))
    for label, names in LINES:
        values = " / ".join(shown(answer.get(name), name) for name in names)
        money = names[0] in _MONEY and answer.get(names[0]) is not None
        table.add_row(label, values + (unit if money else ""))
    console.print(table)
    for part in ("modes", "currencies", "games", "platforms", "strategies"):
        entries = answer.get(part) or {}
        if len(entries) > 1:
            console.print(breakdown(part, entries))
    print_frame(console, answer)


def breakdown(part: str, entries: Mapping[str, Mapping[str, Any]]) -> Table:
    """The main figures side by side."""
    names = ("total_rounds", "win_rate_percent", "total_staked", "total_profit", "roi_percent")
    rows = [
        [shown(name), *(shown(entry.get(figure), figure) for figure in names)]
        for name, entry in entries.items()
    ]
    return plain_table(f"by {part}", ("", "rounds", "won", "staked", "profit", "ROI"), rows)


def print_frame(console: Console, answer: Mapping[str, Any]) -> None:
    """What surrounds all figures: what was watched and missed, notes, and the expectation."""
    watching = answer.get("watched")
    if watching is not None and "seconds" in watching:
        console.print(watched_line(watching), highlight=False)
    for note in answer.get("notes", ()):
        console.print(f"Note: {escape(note)}", highlight=False)
    print_notice(console, answer)


def print_notice(console: Console, answer: Mapping[str, Any]) -> None:
    """The one honest line under every table of money."""
    console.print(escape(answer["notice"]), highlight=False)


def watched_line(watching: Mapping[str, Any]) -> str:
    """How long tables were in sight and how much was missed."""
    count = watching["interval_count"]
    line = f"Watched {_length(watching['seconds'])} in {count:,} interval{'' if count == 1 else 's'}"
    if not watching["interval_count"]:
        line = "No watched time is recorded"
    missed = watching["rounds_missed"]
    share = watching["missed_share"]
    line += f"; {missed:,} rounds missed" + ("" if share is None else f" ({100 * share:.2f} %)")
    unsized = watching["gaps_of_unknown_size"]
    return line + (f", and {unsized:,} gaps of unknown size." if unsized else ".")


def _length(seconds: Any) -> str:
    """``90`` → ``"1.5 min"``."""
    if seconds < 60:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.1f} min" if seconds < 3600 else f"{seconds / 3600:,.1f} h"


def distribution_tables(answer: Mapping[str, Any]) -> list[Table]:
    """Bands and quantiles of a game's crash points."""
    names = ("rounds", "share_percent", "law_percent", "z_score")
    bands = [
        [
            f"{band['from']}x or more" if band["to"] is None else f"{band['band']}x",
            *(shown(band[name], name) for name in names),
        ]
        for band in answer["bands"]
    ]
    chances = [
        [f"≥ {chance['at_least']:,}x", *(shown(chance[name], name) for name in names)]
        for chance in answer["chances"]
    ]
    quantiles = [
        [f"{one['percent']} %", shown(one["multiplier"], "multiplier"), shown(one["resolution"])]
        for one in answer["quantiles"]
    ]
    heads = ("rounds", "share", "law", "z")
    return [
        plain_table(f"{answer['game_name']}: crash points", ("band", *heads), bands),
        plain_table("chance to reach", ("multiplier", *heads), chances),
        plain_table("so many percent of the rounds do not exceed", ("", "multiplier", "± up to"), quantiles),
    ]


def signal_table(answer: Mapping[str, Any]) -> Table:
    """Signals of each kind beside the baseline."""
    names = ("total_signals", "evaluated", "accuracy_percent", "accuracy_low_percent",
             "accuracy_high_percent", "no_skill_percent", "z_score")  # fmt: skip
    entries = {**answer["types"], "all": answer}
    rows = [[shown(kind), *(shown(entry[name], name) for name in names)] for kind, entry in entries.items()]
    heads = ("signal", "given", "judged", "right", "from", "to", "no skill", "z")
    return plain_table(f"{answer['bot_id']}: signals", heads, rows)


def summary_table(every: str, summaries: Sequence[Mapping[str, Any]]) -> Table:
    """One line a period."""

    def percent(value: Decimal | None) -> str:
        return NOTHING if value is None else f"{value:.1f}"

    rows = [
        [
            summary["period"],
            shown(summary["total_rounds"]),
            percent(summary["win_rate_percent"]),
            shown(summary["total_staked"]),
            shown(summary["total_profit"], "total_profit"),
            percent(summary["roi_percent"]),
            percent(summary["watched_hours"]),
            percent(summary["missed_share"] and 100 * summary["missed_share"]),
        ]
        for summary in summaries
    ]
    heads = (every, "rounds", "won %", "staked", "profit", "ROI %", "hours", "miss %")
    return plain_table(f"By {every} (UTC)", heads, rows)


def comparison_table(answer: Mapping[str, Any]) -> Table:
    """Bots or strategies side by side."""
    kinds = {(row["currency"], row["mode"]) for row in answer["rows"] if row["settled_bets"]}
    several = len(kinds) > 1
    rows = [
        [
            shown(row["name"]) + (f" ({row['currency']}, {row['mode']})" if several else ""),
            shown(row["total_staked"]),
            shown(row["total_profit"], "total_profit"),
            NOTHING if row["roi_percent"] is None else f"{row['roi_percent']:+.2f}",
            NOTHING
            if row["roi_low_percent"] is None
            else f"{row['roi_low_percent']:+.1f}…{row['roi_high_percent']:+.1f}",
            shown(row["expected_profit_by_law"], "expected_profit_by_law"),
        ]
        for row in answer["rows"]
    ]
    heads = (answer["by"], "staked", "profit", "ROI %", "95 % sure", "expected")
    names = {"bot": "Bots", "strategy": "Strategies"}
    money = "" if several else "".join(f" ({currency}, {mode})" for currency, mode in kinds)
    return plain_table(f"{names[answer['by']]} side by side{money}", heads, rows)


def _left(limit: Mapping[str, Any]) -> str:
    """What is left under a limit: money, or a number of rounds, minutes or milliseconds."""
    counted = limit["limit"].endswith(("_rounds", "_time", "_age"))
    return f"{limit['left']:,}" if counted else f"{limit['left'] / 100:,.2f}"


def status_table(answer: Mapping[str, Any]) -> Table:
    """All bots."""
    rows = []
    for bot in answer["bots"]:
        seconds = bot["seconds_since_seen"]
        limits = [
            f"{limit['limit']}: {_left(limit)} left"
            for limit in bot["limits"]
            if limit.get("left") is not None
        ]
        rows.append(
            [
                shown(bot["bot_id"]),
                shown(bot["vm_name"]),
                bot["state"],
                NOTHING if seconds is None else _ago(seconds),
                shown(bot["today"]["total_profit"], "total_profit"),
                shown(bot["total"]["total_profit"], "total_profit"),
                shown(bot["errors_last_hour"]),
                shown("; ".join(limits) or None),
            ]
        )
    heads = ("bot", "machine", "state", "seen", "today", "total", "errors/h", "limits")
    return plain_table(f"Bots at {answer['at']:%Y-%m-%d %H:%M:%S} UTC", heads, rows, left=3)


def _ago(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
