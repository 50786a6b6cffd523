"""Kills the main process, a table, the browser and the casino with ``kill -9``, at chosen moments of a bet.

``python -m benchmarks.kills --json FILE`` plays practice sessions on one record and one ledger. For each
victim and each state of a bet it waits until the record shows a bet in that state, kills, and lets the
session go on (or starts the next one when the main process was the victim). In the end a session plays to
its end and compares record and ledger: nothing lost, nothing bet twice, no process left over.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

STATES = ("ordered", "typed", "verified", "clicked", "placed")
VICTIMS = ("table", "browser", "casino", "main")
#: Bounds in seconds: for a moment to come, for all processes to be gone, for the closing session.
MOMENT_S, GONE_S, CLOSING_S = 150.0, 20.0, 400.0
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
    reached: bool
    bet_state: str = ""
    final_state: str = ""
    bet_id: str = ""
    left_over: tuple[str, ...] = ()


class Play:
    """A practice session as a process, and the record that it writes."""

    def __init__(self, folder: Path, speed: float, seed: int, rounds: int, tables: str, name: str) -> None:
        self.record = folder / "record.db"
        self.report = folder / f"{name}.json"
        environment = {**os.environ, "CRASHBOT_HOME": str(folder / "home"), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "bot.cli", "practice", "--rounds", str(rounds), "--tables", tables]
        command += ["--speed", f"{speed:g}", "--seed", str(seed), "--db", f"sqlite:///{self.record}"]
        command += ["--json", str(self.report)]
        self._log = (folder / f"{name}.log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            start_new_session=True,
        )  # fmt: skip

    def family(self) -> list[psutil.Process]:
        """All processes of the session but the main one."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def victim(self, kind: str, draw: random.Random) -> psutil.Process | None:
        """The process to kill."""
        if kind == "main":
            return psutil.Process(self.process.pid)
        found = [process for process in self.family() if _is(kind, process)]
        return draw.choice(sorted(found, key=lambda process: process.pid)) if found else None

    def wait(self, bound_s: float) -> int | None:
        """The exit code, or ``None`` when it does not end in time."""
        try:
            return self.process.wait(bound_s)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """End what is left of it."""
        for process in (
            [*self.family(), psutil.Process(self.process.pid)] if self.process.poll() is None else []
        ):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait()
        self._log.close()


def _is(kind: str, process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
    if kind == "table":
        return any("spawn_main" in word for word in words)
    if kind == "casino":
        return "bot.practice" in words and "casino" in words
    return "chrom" in process.name() and not any(word.startswith("--type=") for word in words)


@contextmanager
def _reading(record: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True, timeout=5)) as connection:
        yield connection


def wait_for(condition: Callable[[], Any], bound_s: float, every_s: float = 0.002) -> Any:
    """The first true answer, or the last one after ``bound_s`` seconds."""
    end = time.monotonic() + bound_s
    while not (answer := condition()) and time.monotonic() < end:
        time.sleep(every_s)
    return answer


def bet_in_state(play: Play, state: str, known: set[str]) -> str | None:
    """A bet that the record shows in ``state`` now and that no moment before has used."""
    if not play.record.exists():
        return None
    try:
        with _reading(play.record) as connection:
            rows = connection.execute("SELECT bet_id FROM bets WHERE state = ?", (state,)).fetchall()
    except sqlite3.OperationalError:
        return None  # the tables are being made
    return next((row[0] for row in rows if row[0] not in known), None)


def state_of(record: Path, bet_id: str) -> str:
    """What the record says of a bet."""
    with _reading(record) as connection:
        row = connection.execute("SELECT state FROM bets WHERE bet_id = ?", (bet_id,)).fetchone()
    return str(row[0]) if row else "gone"


def strike(play: Play, victim: str, moment: str, known: set[str], draw: random.Random) -> Kill:
    """Wait for the moment and kill."""
    bet_id = wait_for(lambda: play.process.poll() is not None or bet_in_state(play, moment, known), MOMENT_S)
    target = play.victim(victim, draw) if isinstance(bet_id, str) else None
    if not isinstance(bet_id, str) or target is None:
        return Kill(victim, moment, reached=False)
    known.add(bet_id)
    family = play.family() if victim == "main" else []
    target.kill()
    left: tuple[str, ...] = ()
    if victim == "main":
        play.process.wait()
        wait_for(lambda: not any(process.is_running() for process in family), GONE_S, 0.05)
        left = tuple(" ".join(p.cmdline()[:4]) for p in family if p.is_running())
    return Kill(victim, moment, True, state_of(play.record, bet_id), bet_id=bet_id, left_over=left)


def series(
    kills: Sequence[tuple[str, str]], folder: Path, speed: float, seed: int, tables: str
) -> dict[str, Any]:
    """All kills, then a session that plays to its end. Returns the report; ``agrees`` is its verdict."""
    draw, known, done = random.Random(seed), set[str](), list[Kill]()
    count = 0
    play: Play | None = None
    try:
        for victim, moment in kills:
            if play is None or play.process.poll() is not None:
                count += 1
                play = Play(folder, speed, seed, 100_000, tables, f"session-{count}")
            done.append(strike(play, victim, moment, known, draw))
            said = done[-1]
            print(f"{victim:8s} at {moment:9s} bet then {said.bet_state or 'never came'}", flush=True)
            if victim == "main":
                play.close()
                play = None
            else:
                time.sleep(BETWEEN_S / speed)
        if play is not None:
            # The session that lost tables, browser and casino has to end well, too: its report is kept.
            play.process.send_signal(signal.SIGINT)
            play.wait(CLOSING_S)
            play.close()
        play = Play(folder, speed, seed, 3, tables, "closing")
        code = play.wait(CLOSING_S)
        closing_report = {} if code is None else json.loads(play.report.read_text(encoding="utf-8"))
    finally:
        if play is not None:
            play.close()
    record = folder / "record.db"
    done = [_with_end(kill, record) for kill in done]
    unsettled = [kill for kill in done if kill.final_state in ("unknown", "placed", *STATES)]
    return {
        "kills": [asdict(kill) for kill in done],
        "exit_code": code,
        "closing": closing_report,
        "agrees": code == 0 and all(kill.reached and not kill.left_over for kill in done) and not unsettled,
    }


def _with_end(kill: Kill, record: Path) -> Kill:
    if not kill.bet_id:
        return kill
    return Kill(**{**asdict(kill), "final_state": state_of(record, kill.bet_id)})


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
    parser.add_argument("--seed", type=int, default=11, help="of casino and choices")
    parser.add_argument("--tables", default="aviator,aviatrix,jetx", help="which tables")
    parser.add_argument("--keep", type=Path, help="leave record, ledger and logs in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crashbot-kills-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = series(plan(options.kills), folder, options.speed, options.seed, options.tables)
    for kill in report["kills"]:
        left = f", left over: {kill['left_over']}" if kill["left_over"] else ""
        then = (
            f"bet {kill['bet_state']} then, {kill['final_state']} in the end"
            if kill["reached"]
            else "never came"
        )
        print(f"{kill['victim']:8s} at {kill['moment']:9s}: {then}{left}")
    verdict = "agrees" if report["agrees"] else "DOES NOT AGREE"
    print(f"closing session exits with {report['exit_code']}: {verdict}")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if report["agrees"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
