"""How long a bet takes from the start of its placement to the accepted button, on real practice tables.

``python -m benchmarks.placement [--bets N] [--speed X] [--json FILE]`` starts the practice casino with its
three tables on a private display and places bets with the real hands, eyes, gate and database: with the
target already standing, with a changed target, and with two bets queued at once. Beside them, in the same
run, as a baseline: pyautogui without looking, with its default pause and without any. At the end every bet
in the casino's ledger is compared with what was ordered, and every click with the element it was meant for.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.control.controller import Controller
from bot.control.hand import PyAutoGuiHand
from bot.control.sight import PageLook, TableSight
from bot.database import Writer, open_database
from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S, SystemClock
from bot.domain.ids import IdMaker
from bot.domain.ports import Record
from bot.domain.words import ButtonState, Mode
from bot.limits.gate import Gate
from bot.limits.rules import Denied, GateFacts, Limits
from bot.limits.store import LimitStore
from bot.runtime.bet_records import bet_records
from bot.runtime.stage import Stage, StageOptions, StageReady
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.panel import PanelView

#: Shortest betting phase of the three games, seconds at speed 1, less what noticing its start may take.
BETTING_S = 4.5
NOTICE_S = 0.1
TARGET = 200
ELEMENTS = ("stake", "target", "switch", "button")
PATIENCE_S = 1_500.0


@dataclass
class Case:
    """What was measured of one way of placing bets; milliseconds."""

    ms: list[float] = field(default_factory=list)
    steps: list[dict[str, float]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, object]:
        """Figures for people and for the JSON file."""
        ordered = sorted(self.ms)
        steps = {name for each in self.steps for name in each}
        return {
            "placed": len(ordered),
            "median_ms": _rounded(statistics.median(ordered)) if ordered else None,
            "p95_ms": _rounded(ordered[int(0.95 * (len(ordered) - 1))]) if ordered else None,
            "worst_ms": _rounded(ordered[-1]) if ordered else None,
            "outcomes": dict(self.outcomes),
            "reasons": dict(self.reasons),
            "median_step_ms": {
                name: _rounded(statistics.median(each.get(name, 0.0) for each in self.steps))
                for name in sorted(steps)
            },
        }


def _rounded(value: float) -> float:
    return round(value, 2)


class Bench:
    """The practice tables, the controller, and bets in every betting window of every panel."""

    def __init__(self, stage: StageReady, speed: float, folder: Path, stack: ExitStack) -> None:
        self.clock, self.stage, self.speed = SystemClock(), stage, speed
        self._make_id = IdMaker(self.clock)
        self._random = random.Random(1)
        self.writer = Writer(open_database(f"sqlite:///{folder / 'bot.sqlite'}"), self.clock, tables=3)
        stack.callback(self.writer.close)
        self.session = self._make_id()
        self._open_session()
        store = LimitStore(folder / "limits.sqlite")
        stack.callback(store.close)
        self.gate = Gate(store, Limits(), self.clock, self.session, Mode.PRACTICE)
        self.sights = self._sights(folder, stack)
        self.hand = PyAutoGuiHand(stage.display)
        self._detail: dict[str, object] = {}
        self.controller = Controller(
            lambda: self.hand, self.sights.__getitem__, self._confirm, self._record, self.clock
        )
        self.controller.begin()
        stack.callback(self.hand.release_all)
        self._shown: dict[tuple[str, int], ButtonState] = {}
        self._opened_ns: dict[tuple[str, int], int] = {}
        self._windows: Counter[str] = Counter()
        self.ordered: list[tuple[str, Bet]] = []
        self.naive_ordered: list[tuple[str, Bet]] = []

    def _open_session(self) -> None:
        values: dict[str, object] = {
            "session_id": self.session,
            "bot_id": "benchmark",
            "mode": Mode.PRACTICE.value,
            "strategy_name": "fixed_stake",
            "started_utc_us": self.clock.now().utc_ns // 1_000,
        }
        self.writer.put_and_wait(Record("session_logs", values, key="session_id"))

    def _sights(self, folder: Path, stack: ExitStack) -> dict[str, TableSight]:
        capture, engine, fonts = (
            ScreenCapture(self.stage.display),
            default_engine(),
            FontStore(folder / "fonts"),
        )
        stack.callback(capture.close)
        sights = {}
        for table in self.stage.tables:
            layout, nonce = load_layout(table.game), self.stage.nonce
            view = PanelView(table.name, layout, capture, engine, fonts, nonce, table.index, self.clock)
            sights[table.name] = TableSight(view, PageLook(capture, layout, nonce, table.index))
        return sights

    # -- what the desk does in the bot ------------------------------------------------------------------

    def _facts(self) -> GateFacts:
        return GateFacts(balance_minor=10**9, balance_reconciled=True, reading_age_ms=10.0)

    def _confirm(self, bet: Bet) -> Denied | None:
        return self.gate.confirm(bet, self._facts())

    def _record(self, bet: Bet, before: BetState | None, detail: dict[str, object]) -> None:
        if before is not None:
            self.gate.update(bet)
        now_us = self.clock.now().utc_ns // 1_000
        row, event = bet_records(bet, before, detail, self._make_id(), now_us, None)
        self.writer.put(row)
        wait = bet.state in (BetState.VERIFIED, BetState.CLICKED)
        (self.writer.put_and_wait if wait else self.writer.put)(event)
        self._detail = detail

    # -- bets --------------------------------------------------------------------------------------------

    def opened(self) -> list[tuple[str, int]]:
        """Panels whose betting window has opened since the last look."""
        new = []
        for table in self.stage.tables:
            view = self.sights[table.name].view
            if view.locate() is None:
                continue
            for panel in (0, 1):
                state, key = view.button(panel), (table.name, panel)
                if state is ButtonState.BET and self._shown.get(key) in (
                    ButtonState.DISABLED,
                    ButtonState.CASH_OUT,
                ):
                    new.append(key)
                    self._opened_ns[key] = self.clock.now().mono_ns
                if state is not ButtonState.UNKNOWN:
                    self._shown[key] = state
        return new

    def order(self, table: str, panel: int, target: int) -> Bet:
        """A bet of a random amount, reserved at the gate and written down."""
        now, opened_ns = self.clock.now(), self._opened_ns[table, panel]
        self._windows[table] += 1
        bet = Bet(
            bet_id=self._make_id(),
            session_id=self.session,
            account=table,
            table=table,
            round_id=f"{table}-{self._windows[table]}",
            panel=panel,
            stake_minor=self._random.randint(10, 999),
            target=target,
            currency="USD",
            balance_before_minor=10**9,
            deadline_mono_ns=opened_ns + round((BETTING_S / self.speed - NOTICE_S) * NS_PER_S),
            ordered_utc_ns=now.utc_ns,
        )
        denied = self.gate.reserve(bet, self._facts())
        if denied is not None:
            raise SystemExit(f"the gate denies: {denied.reason}")
        self._record(bet, None, {})
        return bet

    def collect(self, case: Case, wanted: int, place: Callable[[Case, list[tuple[str, int]]], None]) -> None:
        """Place bets until ``wanted`` were tried or patience ends."""
        end = time.monotonic() + PATIENCE_S
        while sum(case.outcomes.values()) < wanted and time.monotonic() < end:
            keys = self.opened()
            if keys:
                place(case, keys)
            time.sleep(0.01)

    def one_by_one(self, target: Callable[[], int]) -> Callable[[Case, list[tuple[str, int]]], None]:
        """Placements one after the other, each measured from its own start."""

        def place(case: Case, keys: list[tuple[str, int]]) -> None:
            for table, panel in keys:
                bet = self.order(table, panel, target())
                self._note(case, self.controller.place(bet), None)

        return place

    def queued(self, case: Case, keys: list[tuple[str, int]]) -> None:
        """All panels queued at once; measured from the moment they were queued."""
        start = self.clock.now().mono_ns
        for table, panel in keys:
            self.controller.submit(self.order(table, panel, TARGET))
        while len(self.controller.queue):
            bet = self.controller.turn()
            if bet is not None:
                self._note(case, bet, start)

    def _note(self, case: Case, bet: Bet, start_ns: int | None) -> None:
        self.ordered.append((bet.table, bet))
        case.outcomes[bet.state.value] += 1
        if bet.state is not BetState.PLACED:
            case.reasons[bet.reason] += 1
            return
        if start_ns is None:
            case.ms.append(self.controller.stats.placed_ms[-1])
        else:
            case.ms.append((self.clock.now().mono_ns - start_ns) / 1e6)
        steps = self._detail.get("step_ms")
        if isinstance(steps, dict):
            case.steps.append(steps)

    def naive(self, pause_s: float) -> Callable[[Case, list[tuple[str, int]]], None]:
        """The baseline: pyautogui clicks, types and clicks, and looks only whether the button is accepted."""

        def place(case: Case, keys: list[tuple[str, int]]) -> None:
            for table, panel in keys:
                bet = self.order(table, panel, TARGET)
                self.naive_ordered.append((table, bet))
                accepted_ms = self._naive_bet(table, bet, pause_s)
                case.outcomes["placed" if accepted_ms else "not seen accepted"] += 1
                case.ms += [accepted_ms] if accepted_ms else []

        return place

    def _naive_bet(self, table: str, bet: Bet, pause_s: float) -> float | None:
        view, gui, panel = self.sights[table].view, self.hand._gui, bet.panel
        start = time.monotonic()
        gui.PAUSE = pause_s
        try:
            gui.click(*view.box(f"p{panel}_stake").centre)
            gui.hotkey("ctrl", "a")
            gui.write(format_hundredths(bet.stake_minor))
            gui.click(*view.box(f"p{panel}_button").centre)
        finally:
            gui.PAUSE = 0
        while time.monotonic() - start < 1.0:
            if view.button(panel) is ButtonState.ACCEPTED:
                return (time.monotonic() - start) * 1_000
            time.sleep(0.002)
        return None


@dataclass(frozen=True)
class LedgerCheck:
    """The casino's ledger beside the orders."""

    bets: int
    as_ordered: int
    not_ordered: int
    doubles: int
    clicks: int
    clicks_outside: int


def compare(ledger: Path, ordered: list[tuple[str, Bet]]) -> LedgerCheck:
    """Match the ledger's bets with placed ones by table, panel, stake and target; look at every click."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT table_name, panel, stake_minor, target, round_id FROM bets"
        ).fetchall()
        elements = [row[0] for row in connection.execute("SELECT element FROM page_clicks")]
        display = connection.execute("SELECT count(*) FROM display_clicks").fetchone()[0]
    wanted = Counter(
        (table, bet.panel, bet.stake_minor, bet.target)
        for table, bet in ordered
        if bet.state in (BetState.PLACED, BetState.UNKNOWN)
    )
    found = Counter(tuple(row[:4]) for row in rows)
    places = Counter((row[0], row[1], row[4]) for row in rows)
    allowed = {f"p{panel}_{name}" for panel in (0, 1) for name in ELEMENTS}
    inside = sum(element in allowed for element in elements)
    return LedgerCheck(
        bets=len(rows),
        as_ordered=(found & wanted).total(),
        not_ordered=(found - wanted).total(),
        doubles=sum(count - 1 for count in places.values()),
        clicks=display,
        clicks_outside=display - inside,
    )


def run(bets: int, speed: float, faults: str, folder: Path, stack: ExitStack) -> dict[str, object]:
    """The whole benchmark; returns its figures."""
    ledger = folder / "ledger.sqlite"
    stage = Stage(
        StageOptions(("aviator", "aviatrix", "jetx"), str(ledger), seed=5, speed=speed, faults=faults)
    )
    stack.callback(stage.close)
    bench = Bench(stage.wait_ready(), speed, folder, stack)
    few = max(6, bets // 4)
    changing = random.Random(2)
    cases = {name: Case() for name in ("warm_up", "standing", "changed", "queued")}
    bench.collect(cases["warm_up"], max(6, bets // 3), bench.one_by_one(lambda: TARGET))
    bench.collect(cases["standing"], bets, bench.one_by_one(lambda: TARGET))
    bench.collect(cases["changed"], few, bench.one_by_one(lambda: changing.randint(110, 990)))
    bench.collect(Case(), 6, bench.one_by_one(lambda: TARGET))
    bench.collect(cases["queued"], few, bench.queued)
    time.sleep(1.0)  # clicks reach the ledger through the page
    check = compare(ledger, bench.ordered)
    naive = {"pause_0.1": Case(), "pause_0": Case()}
    bench.collect(naive["pause_0.1"], few, bench.naive(0.1))
    bench.collect(naive["pause_0"], few, bench.naive(0.0))
    time.sleep(1.0)
    wrong = compare(ledger, bench.ordered + [(table, _as_placed(bet)) for table, bet in bench.naive_ordered])
    return {
        "speed": speed,
        "faults": faults,
        "placement": {name: case.summary() for name, case in cases.items()},
        "ledger": {name: getattr(check, name) for name in LedgerCheck.__dataclass_fields__},
        "baseline_pyautogui_without_looking": {
            **{name: case.summary() for name, case in naive.items()},
            "bets_with_a_wrong_stake": wrong.not_ordered - check.not_ordered,
        },
    }


def _as_placed(bet: Bet) -> Bet:
    """The baseline believes in all its clicks."""
    for state in (BetState.TYPED, BetState.VERIFIED, BetState.CLICKED, BetState.PLACED):
        bet = bet.to(state)
    return bet


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bets", type=int, default=200, help="placements with the target standing")
    parser.add_argument("--speed", type=float, default=3.0, help="of the practice casino")
    parser.add_argument("--faults", default="none", help="as of the practice casino")
    parser.add_argument("--json", type=Path, default=None, help="write the figures here, too")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        figures = run(given.bets, given.speed, given.faults, folder, stack)
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json is not None:
        given.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
