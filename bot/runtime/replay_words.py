"""A replay told: for a person, and as JSON with money and multipliers as decimal strings."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console

from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet
from bot.runtime.replaying import Replayed, ReplayedRound, placed

#: Reasons that are told to a person.
MOST_REASONS = 8


def replay_json(found: Replayed) -> dict[str, Any]:
    """All that a replay found."""
    return {
        "table": found.spec.table,
        "game": found.spec.game,
        "currency": found.spec.currency,
        "recorded_mode": found.header.get("mode"),
        "strategy": found.spec.strategy,
        "looks": found.looks,
        "recorded_seconds": round(found.recorded_s, 3),
        "replay_seconds": round(found.took_s, 3),
        "speed": round(found.speed, 2),
        "cut_off": found.cut_off,
        "rounds": [_round_json(each) for each in found.rounds],
        "missed": [{"count": each.count, "reason": each.reason} for each in found.missed],
        "bets": len(placed(found)),
        "result": format_hundredths(found.result_minor),
        "bankroll": None if found.bankroll_minor is None else format_hundredths(found.bankroll_minor),
        "no_bet": _counted(found.refusals, "limit"),
        "not_read": _counted(found.unread, "field"),
        "differences": [
            {"field": name, "kind": kind, "looks": count}
            for (name, kind), count in found.differing.most_common()
        ],
        "examples": [
            {
                "look": told.look,
                "utc_ns": told.utc_ns,
                "field": told.difference.field,
                "then": told.difference.then,
                "now": told.difference.now,
            }
            for told in found.examples
        ],
        "reads_as_then": found.reads_as_then,
    }


def print_replay(console: Console, found: Replayed) -> None:
    """The same for a person."""

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    say(
        f"{found.spec.table}: {found.looks} looks of {found.recorded_s:.1f} s replayed in "
        f"{found.took_s:.1f} s ({found.speed:.1f} times as fast), strategy {found.spec.strategy}"
    )
    if found.cut_off:
        say("the end of the file is missing (the recording was cut off): all before it was replayed")
    for each in found.rounds:
        say(f"  {_round_words(each, found.spec.currency)}")
    for missed in found.missed:
        say(f"  missed: {missed.reason}")
    bets = placed(found)
    if bets or found.bankroll_minor is not None:
        say(
            f"{len(bets)} bets on paper, result {format_hundredths(found.result_minor)} {found.spec.currency}"
        )
    _say_counted(say, "no bet", found.refusals, "rounds")
    _say_counted(say, "not read", found.unread, "looks")
    if not found.differing:
        say("every reading is as it was then")
    for (name, kind), count in found.differing.most_common():
        say(f"{name} {kind} at {count} looks")
    for told in found.examples[:MOST_REASONS]:
        difference = told.difference
        say(f"  look {told.look}: {difference.field} was {difference.then}, is {difference.now}")


def _say_counted(say: Any, title: str, counted: Counter[tuple[str, str]], unit: str) -> None:
    for (name, reason), count in counted.most_common(MOST_REASONS):
        say(f"{title}: {name}: {reason} ({count} {unit})")


def _counted(counted: Counter[tuple[str, str]], key: str) -> list[dict[str, Any]]:
    return [{key: name, "reason": why, "count": count} for (name, why), count in counted.most_common()]


def _round_json(each: ReplayedRound) -> dict[str, Any]:
    return {
        "number": each.number,
        "crash": None if each.crash is None else format_hundredths(each.crash),
        "source": each.source,
        "bet": None if each.bet is None else _bet_json(each.bet),
        "no_bet": each.refused or None,
    }


def _bet_json(bet: Bet) -> dict[str, Any]:
    return {
        "stake": format_hundredths(bet.stake_minor),
        "target": format_hundredths(bet.target),
        "state": bet.state.value,
        "payout": None if bet.payout_minor is None else format_hundredths(bet.payout_minor),
        "reason": bet.reason,
    }


def _round_words(each: ReplayedRound, currency: str) -> str:
    end = "end not seen" if each.crash is None else f"{format_hundredths(each.crash)}x"
    words = f"round {each.number}: {end}" + ("" if each.source == "ocr" else f" ({each.source})")
    if each.bet is not None:
        bet = each.bet
        stake, target = format_hundredths(bet.stake_minor), format_hundredths(bet.target)
        return f"{words}, {stake} {currency} at {target}x: {bet.state.value}"
    return f"{words}, no bet: {each.refused}" if each.refused else words
