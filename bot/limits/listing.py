"""What holds, what waits and how long yet: the guarded book in words and for programs."""

from __future__ import annotations

from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.clock import NS_PER_S
from bot.limits.arming import MINUTE_NS, PAUSE_NS
from bot.limits.guard import GuardBook
from bot.limits.guard_rules import duration_words, exclusion_words, lapsed, waits_ns
from bot.limits.guard_state import BOUND_NAMES, AccountBounds, GuardState, is_money
from bot.limits.reality import HELP


def listing(book: GuardBook) -> dict[str, Any]:
    """For programs: money as decimal strings, times in seconds of observed time."""
    state = book.state()
    decisions, exclusion, live = state.decisions, state.exclusion(), state.live
    return {
        "observed_s": state.now_ns // NS_PER_S,
        "live_play": "closed" if exclusion is not None else "open under the limits",
        "exclusion": None
        if exclusion is None
        else {
            "kind": exclusion.kind.value,
            "reason": exclusion.reason,
            "left_s": None if exclusion.until_ns is None else _seconds_up(exclusion.until_ns - state.now_ns),
        },
        "pause_s": 0 if live is None else _seconds_up(live.seen_ns + PAUSE_NS - state.now_ns),
        "accounts": {name: _account(state, bounds) for name, bounds in sorted(decisions.accounts.items())},
        "time_server": decisions.time_server,
        "time_server_asked": decisions.time_server_asked,
        "copies": [str(path) for path in book.paths],
        "notes": list(book.notes),
    }


def listing_words(book: GuardBook) -> list[str]:
    """For a person: everything."""
    accounts = sorted(book.state().decisions.accounts)
    words = [line for account in accounts for line in (*account_words(book, account), "")]
    if not accounts:
        words = [
            "No limits are set: nothing may be staked in live play. See `crashbot limits set --help`.",
            "",
        ]
    return [*words, *general_words(book)]


def account_words(book: GuardBook, account: str) -> list[str]:
    """One account: each bound, and what waits."""
    state = book.state()
    bounds = state.decisions.accounts.get(account, AccountBounds())
    words = [f"{account}:"]
    for name in BOUND_NAMES:
        value = _shown(name, bounds.bounds.get(name, 0))
        waiting = bounds.pending.get(name)
        words.append(f"  {name.replace('_', ' '):<17} {value:>12}{_waiting(state, name, waiting)}")
    if bounds.unset:
        words.append("  What is not set is zero: nothing may be staked before every limit is above zero.")
    return words


def general_words(book: GuardBook) -> list[str]:
    """What holds for all accounts: exclusions, the pause, where time comes from."""
    state = book.state()
    exclusion, live, decisions = state.exclusion(), state.live, state.decisions
    words = []
    if exclusion is not None:
        words += [f"Live play is closed: {exclusion_words(exclusion, state.now_ns)}.", HELP]
    else:
        words.append("No cool-off or self-exclusion holds.")
    if live is not None and state.now_ns - live.seen_ns < PAUSE_NS:
        left = duration_words(live.seen_ns + PAUSE_NS - state.now_ns)
        words.append(f"The last live session: the next one may start in {left}.")
    if decisions.time_server is not None:
        words.append(f"Time is also confirmed by {decisions.time_server}.")
    if decisions.time_server_asked is not None:
        left = duration_words(waits_ns(state, decisions.time_server_asked_ns))
        words.append(
            f"The time server {decisions.time_server_asked} waits {left}, then `crashbot limits confirm`."
        )
    words.append(
        "Time counts while this machine runs and crashbot has looked at its beginning and end: "
        f"{duration_words(state.now_ns - state.now_ns % MINUTE_NS)} so far."
    )
    return [*words, *(f"Note: {note}." for note in book.notes)]


def _account(state: GuardState, bounds: AccountBounds) -> dict[str, Any]:
    return {
        "limits": {name: _json(name, bounds.bounds.get(name, 0)) for name in BOUND_NAMES},
        "unset": list(bounds.unset),
        "waiting": {
            name: {
                "value": _json(name, raise_.value),
                "left_s": _seconds_up(waits_ns(state, raise_.asked_ns)),
                "forgotten": lapsed(state, raise_.asked_ns),
            }
            for name, raise_ in bounds.pending.items()
        },
    }


def _waiting(state: GuardState, name: str, waiting: Any) -> str:
    if waiting is None:
        return ""
    value = _shown(name, waiting.value)
    if lapsed(state, waiting.asked_ns):
        return f"   {value} was not confirmed in time: ask for it again"
    left = waits_ns(state, waiting.asked_ns)
    return (
        f"   {value} waits {duration_words(left)}"
        if left
        else f"   {value} waits for `crashbot limits confirm`"
    )


def _shown(name: str, value: int) -> str:
    return format_hundredths(value) if is_money(name) else str(value)


def _json(name: str, value: int) -> str | int:
    return format_hundredths(value) if is_money(name) else value


def _seconds_up(duration_ns: int) -> int:
    return max(0, -(-duration_ns // NS_PER_S))
