"""What a session is asked to do, checked before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from bot.analytics.alert_rules import AlertRules
from bot.domain.errors import BadInput
from bot.domain.words import Mode
from bot.journal.rules import JournalRules
from bot.limits import Limits
from bot.staking import StakingOptions, build

#: A week: a session that runs longer is started again.
MOST_MINUTES = 7 * 24 * 60
GAMES = ("aviator", "aviatrix", "jetx")
FAULTS = (
    "bet_refused",
    "bet_late",
    "balance_lag",
    "dialog",
    "connection_lost",
    "frozen",
    "window_moved",
    "zoom",
    "covered",
    "mid_change",
    "one_x",
    "very_high",
    "comma",
    "min_stake",
)


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Which bot this is, among all that may write to one database, and where it runs."""

    bot_id: str = "crashbot"
    name: str | None = None
    vm_name: str | None = None
    provider: str = "local"
    region: str | None = None


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """One session: who plays what, where it is recorded, under which limits.

    ``rounds`` and ``minutes`` end it; ``None``: until told to stop. ``bankroll_minor`` is the money that a
    watcher or a paper player states where no balance is read. ``account_limits``: of single accounts, instead
    of ``limits``. ``record_folder`` takes recordings of the tables. ``ledger``, ``seed``, ``speed``, ``rtp``,
    ``faults``, ``show`` and ``one_account`` are the practice casino's.
    """

    tables: tuple[str, ...]
    strategy: str
    options: StakingOptions
    limits: Limits
    database_url: str
    ledger: Path | None
    data_folder: Path
    state_folder: Path
    seed: int
    speed: float = 1.0
    rtp: Decimal = Decimal("0.97")
    person_pause_s: float = 10.0
    stop_key: str | None = None
    faults: str = "none"
    rounds: int | None = None
    minutes: float | None = None
    bankroll_minor: int | None = None
    account_limits: Mapping[str, Limits] = field(default_factory=dict)
    show: bool = False
    one_account: bool = False
    mode: Mode = Mode.PRACTICE
    bot: BotIdentity = BotIdentity()
    platform: str = "practice"
    alerts: AlertRules = field(default_factory=AlertRules)
    alert_command: str | None = None
    chosen_on: str | None = None
    journal: JournalRules = field(default_factory=JournalRules)
    record_folder: Path | None = None

    @property
    def strategy_name(self) -> str:
        """The name under which it is recorded: of a person's own file without its folder."""
        path, is_file, rest = self.strategy.partition(".py")
        return f"{Path(path).name}.py{rest}" if is_file else build(self.strategy, self.options).name

    def check(self) -> None:
        """Raise ``BadInput`` with one line that says what is wrong and what would be right."""
        build(self.strategy, self.options)
        if self.rounds is not None and self.rounds < 1:
            raise BadInput(f"--rounds must be 1 or more, not {self.rounds}")
        if self.minutes is not None and not 0 < self.minutes <= MOST_MINUTES:
            raise BadInput(f"--minutes must be above 0 and at most {MOST_MINUTES}, not {self.minutes:g}")
        if self.bankroll_minor is not None and self.bankroll_minor < 1:
            raise BadInput("--bankroll must be an amount of money from 0.01, like 1000.00")
        if self.mode is Mode.PRACTICE:
            self._check_practice()

    def _check_practice(self) -> None:
        unknown = [table for table in self.tables if table not in GAMES]
        if unknown or not self.tables:
            raise BadInput(f"no such table: {', '.join(unknown) or '(none)'} (known: {', '.join(GAMES)})")
        if len(set(self.tables)) != len(self.tables):
            raise BadInput("each table can be opened once: name it once in --tables")
        if not 0.1 <= self.speed <= 20:
            raise BadInput(f"--speed must be 0.1 to 20, not {self.speed:g}")
        if self.faults not in ("none", "all"):
            wrong = [fault for fault in self.faults.split(",") if fault not in FAULTS]
            if wrong:
                raise BadInput(f"no such fault: {', '.join(wrong)} (known: none, all, {', '.join(FAULTS)})")
