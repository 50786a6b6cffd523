"""What two copies of the guarded book come to when they differ: of everything the stricter.

A copy that is merely old (its decisions stand in the history of the other) adds nothing: what was decided
since was decided under the rules. A copy that went its own way may hold an exclusion or a lower limit.
"""

from __future__ import annotations

from dataclasses import replace

from bot.limits.guard_state import AccountBounds, Decisions, Exclusion, GuardState, LiveSession, Pending


def merged(base: GuardState, other: GuardState) -> GuardState:
    """``base`` made as strict as ``other``. Its clock, reservations and number are those of ``base``."""
    shift = base.now_ns - other.now_ns
    return replace(
        base,
        decisions=_decisions(base.decisions, other.decisions, shift),
        live=_live(base.live, other.live, shift),
        anchor=base.anchor if base.anchor == other.anchor else None,
    )


def known_in(decisions: Decisions, other: Decisions) -> bool:
    """Whether ``other`` is what ``decisions`` are now, or were before."""
    mark = other.mark()
    return mark == decisions.mark() or mark in decisions.history


def _decisions(base: Decisions, other: Decisions, shift_ns: int) -> Decisions:
    if known_in(base, other):
        return base
    names = {*base.accounts, *other.accounts}
    accounts = {
        name: _bounds(base.accounts.get(name), other.accounts.get(name), shift_ns) for name in sorted(names)
    }
    same_server = base.time_server == other.time_server
    same_asked = base.time_server_asked == other.time_server_asked
    return replace(
        base.changed(
            accounts=accounts,
            exclusions=_exclusions(base.exclusions, other.exclusions, shift_ns),
            time_server=base.time_server if same_server else None,
            time_server_asked=base.time_server_asked if same_asked else None,
            time_server_asked_ns=max(base.time_server_asked_ns, other.time_server_asked_ns + shift_ns),
        ),
        history=tuple(dict.fromkeys((*other.history, other.mark(), *base.history, base.mark()))),
    )


def _bounds(one: AccountBounds | None, two: AccountBounds | None, shift_ns: int) -> AccountBounds:
    """The lower of each bound; a raise waits on only where both copies know it."""
    if one is None or two is None:
        return AccountBounds()
    bounds = {name: min(one.bounds[name], two.bounds[name]) for name in one.bounds if name in two.bounds}
    pending = {
        name: Pending(raise_.value, max(raise_.asked_ns, two.pending[name].asked_ns + shift_ns))
        for name, raise_ in one.pending.items()
        if name in two.pending and two.pending[name].value == raise_.value
    }
    return AccountBounds(bounds, pending)


def _exclusions(
    one: tuple[Exclusion, ...], two: tuple[Exclusion, ...], shift_ns: int
) -> tuple[Exclusion, ...]:
    """All of both. One that the first does not know has still to last as long as it had in its own copy."""
    known = {exclusion.key: exclusion for exclusion in one}
    for exclusion in two:
        mine = known.get(exclusion.key)
        if mine is None:
            until = None if exclusion.until_ns is None else exclusion.until_ns + shift_ns
            known[exclusion.key] = replace(exclusion, since_ns=exclusion.since_ns + shift_ns, until_ns=until)
        elif mine.until_ns is not None and (exclusion.until_ns is None or exclusion.until_ns > mine.until_ns):
            known[exclusion.key] = replace(mine, until_ns=exclusion.until_ns)
    return tuple(known.values())


def _live(one: LiveSession | None, two: LiveSession | None, shift_ns: int) -> LiveSession | None:
    """The session that was seen last: the pause counts from it."""
    if two is None or (one is not None and one.session_id == two.session_id):
        return one
    moved = replace(two, started_ns=two.started_ns + shift_ns, seen_ns=two.seen_ns + shift_ns)
    return moved if one is None or moved.seen_ns > one.seen_ns else one
