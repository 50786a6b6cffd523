"""The odds of each table, computed when its balance is first seen, told and stored before its first bet."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bot.domain.clock import Clock
from bot.domain.errors import CrashbotError
from bot.domain.ports import Record, RecordSink
from bot.domain.words import Mode
from bot.games.law import GAMES, game, rounds_per_hour
from bot.limits import Denied
from bot.runtime.floor import FloorTable
from bot.runtime.plan import SessionPlan

if TYPE_CHECKING:
    from bot.simulation.odds import Odds

#: Rounds that the odds look ahead when nobody says how many are played.
HORIZON = 1_000
#: The pace of a game that is not known here: that of the most played one.
USUAL_GAME = "aviator"


def brief(odds: Odds) -> str:
    """The odds in a line or two, as the terminal shows them before the first bet; all of it is stored."""
    from bot.simulation.odds_words import EVERY_STRATEGY_LOSES, money, percent

    rounds = "until it ends" if odds.horizon is None else f"over {odds.horizon:,} rounds"
    low, high = money(odds.quantiles[0.05]), money(odds.quantiles[0.95])
    chosen = "" if odds.chosen_on is None else f" Chosen as {odds.chosen_on}."
    return (
        f"{odds.strategy} from {money(odds.bankroll)} {rounds}: {money(odds.expected_result)} on average "
        f"({money(odds.loss_per_hour)} lost an hour), ruin {percent(odds.ruin, odds.error(odds.ruin))}, "
        f"nine of ten end from {low} to {high}, {percent(odds.chance_ahead)} ahead.{chosen} "
        f"{EVERY_STRATEGY_LOSES}"
    )


class OddsBefore:
    """Computes in a thread of its own: the tables are heard meanwhile, and do not bet.

    ``balance_seen`` starts it for a table, or the bankroll that the plan states where no balance is read;
    ``denial`` says why a table may not bet yet; ``told`` gives what is new to be shown. Odds that cannot be
    computed are told and stored as such; then the table does not bet.
    """

    def __init__(
        self,
        plan: SessionPlan,
        tables: Sequence[FloorTable],
        sink: RecordSink,
        make_id: Callable[[], str],
        clock: Clock,
        session_id: str,
    ) -> None:
        self._plan, self._sink, self._make_id, self._clock = plan, sink, make_id, clock
        self._tables = {table.name: table for table in tables}
        self._session_id = session_id
        self._asked: set[str] = set()
        self._denials: dict[str, Denied | None] = {}
        self._news: deque[tuple[str, str]] = deque()
        self._orders: SimpleQueue[tuple[FloorTable, int, bool] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="odds", daemon=True)
        self._thread.start()
        for table in tables:
            if plan.mode is Mode.PAPER or not table.balance_shown:
                self.no_balance(table.name)

    def balance_seen(self, table: str, balance_minor: int) -> None:
        """The first balance of a table is the bankroll of its odds."""
        self._ask(table, balance_minor, stated=False)

    def no_balance(self, table: str) -> None:
        """No balance is read there: what the plan states takes its place, if it states one."""
        if self._plan.bankroll_minor is not None:
            self._ask(table, self._plan.bankroll_minor, stated=True)

    def _ask(self, table: str, bankroll_minor: int, stated: bool) -> None:
        if table not in self._asked:
            self._asked.add(table)
            self._orders.put((self._tables[table], bankroll_minor, stated))

    def denial(self, table: str) -> Denied | None:
        """Why a bet of this table may not go on yet; ``None`` once its odds were told and stored."""
        return self._denials.get(table, Denied("odds", "the odds of this table are not told yet"))

    def told(self) -> list[tuple[str, str]]:
        """What is new, each once: a table and its odds in words."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def close(self) -> None:
        """End once what is being computed is done."""
        self._orders.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            table, bankroll_minor, stated = order
            try:
                self._tell(table, bankroll_minor, stated)
            except CrashbotError as error:
                self._news.append((table.name, f"the odds cannot be computed: {error}"))
                self._denials[table.name] = Denied("odds", f"the odds cannot be computed: {error}")

    def _tell(self, table: FloorTable, bankroll_minor: int, stated: bool) -> None:
        odds = odds_of(self._plan, table, bankroll_minor)
        plan = self._plan
        parameters: dict[str, object] = {
            "strategy": plan.strategy_name,
            **odds.parameters,
            "bankroll_minor": bankroll_minor,
            "bankroll_from": "stated" if stated else "the balance seen",
            "rounds": plan.rounds or HORIZON,
            "rtp": str(table.rtp),
        }
        values: dict[str, object] = {
            "id": self._make_id(),
            "session_id": self._session_id,
            "table_name": table.name,
            "parameters": parameters,
            "result": {**odds.to_json(), "words": odds.words()},
            "at_utc_us": self._clock.now().utc_ns // 1_000,
        }
        self._sink.put(Record("odds", values, urgent=True))
        self._news.append((table.name, brief(odds)))
        self._denials[table.name] = None


def odds_of(plan: SessionPlan, table: FloorTable, bankroll_minor: int) -> Odds:
    """The odds of the plan's strategy at a table. Raises ``CrashbotError`` when they cannot be computed."""
    from bot.simulation.odds import session_odds  # takes a moment to import

    pace = game(table.game if table.game in GAMES else USUAL_GAME)
    return session_odds(
        plan.strategy,
        plan.options,
        bankroll_minor,
        plan.limits,
        plan.rounds or HORIZON,
        Decimal(table.rtp),
        rounds_per_hour(pace, plan.speed),
        chosen_on=plan.chosen_on,
    )
