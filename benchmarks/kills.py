"""Kills the main process, a table, the browser and the casino with ``kill -9``, at chosen moments of a bet.

``python -m benchmarks.kills --json FILE`` plays practice sessions on one record and one ledger. For each
victim and each state of a bet it waits until the record shows a bet entering that state, kills, and lets the
session go on (or starts the next one when the main process was the victim). In the end a session plays to
its end and compares record and ledger: nothing lost, nothing bet twice, no process left over.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.drive import Home, Running, kill, latest_event, until, wait_for_state

STATES = ("ordered", "typed", "verified", "clicked", "placed")
VICTIMS = ("table", "browser", "casino", "main")
SETTLED = ("won", "lost", "missed", "refused")
#: Bounds in seconds: for a moment to come, for all processes to be gone, for a session to end.
MOMENT_S, GONE_S, ENDING_S = 150.0, 20.0, 400.0
#: Between two kills, so that what was killed is back; the stage gives up when its children die too often.
BETWEEN_S = 20.0


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: the victim, the state of a bet that was waited for, and what was seen.

    ``bet_state`` is what the record says of that bet just after the kill, ``final_state`` at the very end;
    ``reached`` whether the moment came; ``left_over`` the processes that outlived their main process.
    """

    victim: str
    moment: str
    reached: bool = False
    bet_id: str = ""
    bet_state: str = ""
    final_state: str = ""
    left_over: tuple[str, ...] = ()


def state_of(home: Home, bet_id: str) -> str:
    """What the record says of a bet."""
    rows = home.query("SELECT state FROM bets WHERE bet_id = ?", bet_id)
    return str(rows[0][0]) if rows else "not recorded"


def strike(home: Home, running: Running, victim: str, moment: str) -> Kill:
    """Wait for the moment and kill."""
    if not wait_for_state(home, moment, MOMENT_S):
        return Kill(victim, moment)
    bet_id = latest_event(home)[2]
    target = running.member(victim)
    if target is None:
        return Kill(victim, moment)
    kill(target)
    left: tuple[str, ...] = ()
    if victim == "main" and not until(lambda: not running.left_over(), GONE_S):
        left = tuple(running.left_over())
    return Kill(victim, moment, True, bet_id, state_of(home, bet_id), left_over=left)


def series(kills: Sequence[tuple[str, str]], home: Home, *options: str) -> dict[str, Any]:
    """All kills, then a session that plays to its end. Returns the report; ``agrees`` is its verdict."""
    done: list[Kill] = []
    running: Running | None = None
    try:
        for victim, moment in kills:
            running = running or Running(home, *options)
            done.append(strike(home, running, victim, moment))
            print(f"{victim:8s} at {moment:9s}: bet {done[-1].bet_state or 'never came there'}", flush=True)
            if victim == "main":
                running.kill_all()
                running = None
            else:
                time.sleep(BETWEEN_S)
        if running is not None:
            running.interrupt()
            running.wait(ENDING_S)
            running.kill_all()
        running = Running(home, *options, "--rounds", "3")
        code = running.wait(ENDING_S)
        closing_report = running.result()
    finally:
        if running is not None:
            running.close()
    done = [replace(one, final_state=state_of(home, one.bet_id)) if one.reached else one for one in done]
    well = all(one.reached and not one.left_over and one.final_state in SETTLED for one in done)
    return {
        "kills": [asdict(one) for one in done],
        "exit_code": code,
        "closing": closing_report,
        "agrees": well and code == 0,
    }


def plan(count: int) -> list[tuple[str, str]]:
    """``count`` kills that go through all states for all victims, the main process last in each state."""
    pairs = [(victim, state) for state in STATES for victim in VICTIMS]
    return [pairs[index % len(pairs)] for index in range(count)]


def main() -> int:
    """Run the series and print the table of kills."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the report to this file")
    parser.add_argument("--kills", type=int, default=20, help="how many (20: every victim in every state)")
    parser.add_argument("--speed", type=float, default=1.0, help="of the casino")
    parser.add_argument("--seed", type=int, default=11, help="of the casino")
    parser.add_argument("--tables", default="aviator,aviatrix,jetx", help="which tables")
    parser.add_argument("--keep", type=Path, help="leave record, ledger and output in this folder")
    options = parser.parse_args()
    words = ("--speed", f"{options.speed:g}", "--seed", str(options.seed), "--tables", options.tables)
    with tempfile.TemporaryDirectory(prefix="crashbot-kills-") as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        report = series(plan(options.kills), Home(folder), *words)
    for one in report["kills"]:
        left = f", left over: {one['left_over']}" if one["left_over"] else ""
        then = (
            f"bet {one['bet_state']} then, {one['final_state']} in the end"
            if one["reached"]
            else "never came"
        )
        print(f"{one['victim']:8s} at {one['moment']:9s}: {then}{left}")
    verdict = "agrees" if report["agrees"] else "DOES NOT AGREE"
    print(f"closing session exits with {report['exit_code']}: {verdict}")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if report["agrees"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
