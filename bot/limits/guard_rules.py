"""How decisions in the guarded book change: lowering at once, raising after a wait, exclusions never back.

Pure functions from one state to the next; ``bot.limits.guard`` keeps what they return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.clock import NS_PER_S
from bot.domain.errors import BadInput
from bot.limits.guard_state import (
    BOUND_NAMES,
    CONFIRM_WITHIN_NS,
    DAY_NS,
    HOUR_NS,
    WAIT_NS,
    AccountBounds,
    Anchor,
    Exclusion,
    ExclusionKind,
    GuardState,
    Pending,
)

MOST = 10**15
#: How long a damaged copy keeps live play closed.
DOUBT_NS = DAY_NS


def asked(state: GuardState, account: str, wanted: Mapping[str, int]) -> GuardState:
    """Lower bounds at once, let raises wait. Values in minor units or counts.

    A lowering cancels the raise of the same bound that waits. Raises ``BadInput`` for an unknown bound or
    value, and for a raise while an exclusion holds.
    """
    for name, value in wanted.items():
        if name not in BOUND_NAMES:
            raise BadInput(f"there is no limit {name!r}: use {', '.join(BOUND_NAMES)}")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
            raise BadInput(f"the limit {name} must be a whole number from 0 to {MOST}, not {value!r}")
    kept = state.decisions.accounts.get(account, AccountBounds())
    bounds, pending = dict(kept.bounds), dict(kept.pending)
    for name, value in wanted.items():
        if value <= bounds.get(name, 0):
            bounds[name] = value
            pending.pop(name, None)
            continue
        _refuse_while_excluded(state, "a limit can only be lowered")
        waiting = pending.get(name)
        if waiting is None or waiting.value != value or lapsed(state, waiting.asked_ns):
            pending[name] = Pending(value, state.now_ns)
    return _with_account(state, account, AccountBounds(bounds, pending))


def confirmed(state: GuardState, account: str) -> tuple[GuardState, tuple[str, ...]]:
    """Put the raises in force that have waited long enough; the names of their bounds.

    Raises ``BadInput`` while an exclusion holds.
    """
    _refuse_while_excluded(state, "no raise can be confirmed")
    kept = state.decisions.accounts.get(account, AccountBounds())
    ripe = {n: p.value for n, p in kept.pending.items() if is_ripe(state, p.asked_ns)}
    pending = {n: p for n, p in kept.pending.items() if n not in ripe and not lapsed(state, p.asked_ns)}
    changed = _with_account(state, account, AccountBounds({**kept.bounds, **ripe}, pending))
    return changed, tuple(name for name in BOUND_NAMES if name in ripe)


def waits_ns(state: GuardState, asked_ns: int) -> int:
    """How much observed time is still missing before a raise may be confirmed."""
    return max(0, asked_ns + WAIT_NS - state.now_ns)


def is_ripe(state: GuardState, asked_ns: int) -> bool:
    """Whether a raise has waited long enough, and not so long that it is forgotten."""
    return waits_ns(state, asked_ns) == 0 and not lapsed(state, asked_ns)


def lapsed(state: GuardState, asked_ns: int) -> bool:
    """Whether a raise was not confirmed in time: it must be asked for anew."""
    return state.now_ns >= asked_ns + WAIT_NS + CONFIRM_WITHIN_NS


def excluded(
    state: GuardState, kind: ExclusionKind, lasts_ns: int | None, key: str, reason: str = ""
) -> GuardState:
    """Close live play from now on; ``None``: for good. Those that hold already stay as they are."""
    if lasts_ns is not None and lasts_ns <= 0:
        raise BadInput(f"a {kind.value} lasts longer than that")
    until = None if lasts_ns is None else state.now_ns + lasts_ns
    added = Exclusion(key, kind, state.now_ns, until, reason)
    decisions = state.decisions.changed(exclusions=(*state.decisions.exclusions, added))
    return replace(state, decisions=decisions)


def server_asked(state: GuardState, server: str | None) -> GuardState:
    """Name the time server: it is believed after the wait and a confirmation. ``None``: none, at once."""
    if server is None:
        changes: dict[str, object] = {"time_server": None, "time_server_asked": None}
        return replace(state, decisions=state.decisions.changed(**changes), anchor=None)
    _refuse_while_excluded(state, "no time server can be named")
    waiting = state.decisions.time_server_asked == server
    if server == state.decisions.time_server or (
        waiting and not lapsed(state, state.decisions.time_server_asked_ns)
    ):
        return state
    changes = {"time_server_asked": server, "time_server_asked_ns": state.now_ns}
    return replace(state, decisions=state.decisions.changed(**changes))


def server_confirmed(state: GuardState) -> tuple[GuardState, bool]:
    """Believe the named time server from now on, if it has waited; whether it is new."""
    decisions = state.decisions
    if decisions.time_server_asked is None or not is_ripe(state, decisions.time_server_asked_ns):
        return state, False
    _refuse_while_excluded(state, "no time server can be confirmed")
    changes = {"time_server": decisions.time_server_asked, "time_server_asked": None}
    return replace(state, decisions=decisions.changed(**changes), anchor=None), True


def told_by_server(state: GuardState, server: str, earliest_ns: int, latest_ns: int) -> GuardState:
    """What a time server said: now it is between these times (UTC). The clock never passes what is certain.

    The first word only sets the mark from which the next ones are counted. So does a word after a wait began:
    how much of the time since an older mark had passed before that, nobody knows.
    """
    if server != state.decisions.time_server or latest_ns < earliest_ns:
        return state
    anchor = state.anchor
    if anchor is None or anchor.server != server or _last_wait_ns(state) >= anchor.observed_ns:
        return replace(state, anchor=Anchor(server, latest_ns, state.now_ns))
    gain = (earliest_ns - anchor.outside_ns) - (state.now_ns - anchor.observed_ns)
    if gain <= 0:
        return state
    clock = replace(state.clock, observed_ns=state.now_ns + gain)
    return replace(state, clock=clock, anchor=Anchor(server, latest_ns, clock.observed_ns))


def _last_wait_ns(state: GuardState) -> int:
    """When the newest of all waits began: of a raise, an exclusion, a time server, a live session."""
    decisions = state.decisions
    asked = (p.asked_ns for bounds in decisions.accounts.values() for p in bounds.pending.values())
    since = (exclusion.since_ns for exclusion in decisions.exclusions)
    alive = -1 if state.live is None else state.live.seen_ns
    server = decisions.time_server_asked_ns if decisions.time_server_asked is not None else -1
    return max(alive, server, *asked, *since)


def duration_words(duration_ns: int) -> str:
    """``"2 days 3 h"``, ``"3 h 20 min"``, ``"12 min"``: rounded up, for what is still to be waited."""
    minutes = -(-max(0, duration_ns) // (60 * NS_PER_S))
    if minutes >= 24 * 60:
        days, hours = divmod(-(-minutes // 60), 24)
        parts = [(days, "day" if days == 1 else "days"), (hours, "h")]
    else:
        hours, minutes = divmod(minutes, 60)
        parts = [(hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def exclusion_words(exclusion: Exclusion, now_ns: int) -> str:
    """What closes live play, and how long yet, in observed time."""
    because = f" ({exclusion.reason})" if exclusion.reason else ""
    if exclusion.until_ns is None:
        return f"{exclusion.kind.value} for good{because}"
    left = max(0, exclusion.until_ns - now_ns)
    return f"{exclusion.kind.value} for {duration_words(left)} more of observed time{because}"


def duration_of(text: str) -> int:
    """``"24h"``, ``"30d"``, ``"2w"`` in nanoseconds. Raises ``BadInput``."""
    number, unit = text[:-1], text[-1:].lower()
    units = {"h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS}
    if unit not in units or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 10_000:
        raise BadInput(f"{text!r} is no length of time: write hours, days or weeks, as in 24h, 7d, 4w")
    return int(number) * units[unit]


def _with_account(state: GuardState, account: str, bounds: AccountBounds) -> GuardState:
    accounts = {**state.decisions.accounts, account: bounds}
    if accounts == dict(state.decisions.accounts):
        return state
    return replace(state, decisions=state.decisions.changed(accounts=accounts))


def _refuse_while_excluded(state: GuardState, what: str) -> None:
    exclusion = state.exclusion()
    if exclusion is not None:
        raise BadInput(f"{what} while this holds: {exclusion_words(exclusion, state.now_ns)}")
