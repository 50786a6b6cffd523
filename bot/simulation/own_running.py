"""Sessions of a user's strategy, in processes that are killed when its code loops."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from bot.limits import Limits
from bot.staking.own import ANSWER_S, Child, OwnStrategy

#: Sessions that a child answers for at a time.
_CHUNK = 64


def play_sessions(
    strategy: OwnStrategy,
    limits: Limits,
    goal: int | None,
    bankroll: int,
    seed: int,
    rtp: Decimal | float | str,
    first: int,
    sessions: int,
    rounds: int,
    workers: int,
) -> list[dict[str, int]]:
    """The figures of sessions ``first`` …, in order. Raises ``BadInput`` when the user's code fails."""
    base = _request("sessions", limits, goal, bankroll) | {"seed": seed, "rtp": str(rtp), "rounds": rounds}
    starts = range(0, sessions, _CHUNK)
    workers = max(1, min(workers, len(starts)))

    def share(worker: int) -> list[tuple[int, list[dict[str, int]]]]:
        child = _child(strategy)
        try:
            done = []
            for start in starts[worker::workers]:
                count = min(_CHUNK, sessions - start)
                child.tell(base | {"first": first + start, "sessions": count})
                done.append((start, _answer(child)["figures"]))
            return done
        finally:
            child.close()

    with ThreadPoolExecutor(workers) as pool:
        parts = sorted(part for parts in pool.map(share, range(workers)) for part in parts)
    return [figures for _, chunk in parts for figures in chunk]


def replay_own(
    strategy: OwnStrategy,
    crashes: Sequence[int],
    bankroll: int,
    limits: Limits,
    goal: int | None,
    missed: Sequence[bool],
) -> dict[str, Any]:
    """One session of a user's strategy on recorded rounds: stakes, targets, balances, figures, stop."""
    child = _child(strategy)
    try:
        request = _request("replay", limits, goal, bankroll)
        child.tell(request | {"crashes": list(crashes), "missed": list(missed)})
        return _answer(child)
    finally:
        child.close()


def _request(call: str, limits: Limits, goal: int | None, bankroll: int) -> dict[str, Any]:
    return {"call": call, "limits": asdict(limits), "goal": goal, "bankroll": bankroll}


def _child(strategy: OwnStrategy) -> Child:
    child = Child("bot.simulation.own_child", strategy.name)
    try:
        child.load(strategy.file, strategy.options)
    except BaseException:
        child.close()
        raise
    return child


def _answer(child: Child) -> dict[str, Any]:
    """The answer after any number of signs of life."""
    while True:
        answer = child.hear(ANSWER_S)
        if "alive" not in answer:
            return answer
