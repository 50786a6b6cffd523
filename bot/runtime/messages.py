"""What table processes and the main process say to each other, over private pipes (never sockets)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.bets import Bet
from bot.domain.clock import Instant
from bot.domain.ports import Record
from bot.domain.words import Mode, Phase
from bot.journal.rules import Pictures
from bot.staking.orders import Settlement, StakingOptions
from bot.table.events import SeenFrom, TrackerEvent


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """What a restarted table is told of the time before: crash points newest first, and the open round.

    ``settlements`` are those of its bets in this session, oldest first: its strategy takes them in again.
    ``earlier_session``: all this was before this session began; the strip then only serves to settle the
    bets that were left open, and rounds between the sessions are not recorded.
    """

    crashes: tuple[int, ...] = ()
    open_round: tuple[str, int, SeenFrom] | None = None
    next_number: int = 1
    settlements: tuple[Settlement, ...] = ()
    earlier_session: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """All that a table's process needs to know. ``nonce`` and ``index`` make up the session's mark.

    ``own_folder`` keeps the user's own tables, of which ``table`` is one; then there is no mark. ``speed``
    divides waiting and flight times of a practice table; ``rounds`` ends the betting after that many rounds
    (``None``: until told to stop). ``mode`` says whether the table orders bets at all. ``journal_folder``
    takes the pictures of its moments; without it no moment is written down. ``record_folder``
    takes a recording of all looks.
    """

    table: str
    game: str
    account: str
    currency: str
    session_id: str
    nonce: int
    index: int
    display: str | None
    fonts_folder: str
    speed: float
    strategy: str
    options: StakingOptions = field(default_factory=StakingOptions)
    rounds: int | None = None
    known: KnownHistory = KnownHistory()
    open_bets: tuple[Bet, ...] = ()
    bot_id: str = "crashbot"
    platform: str = "practice"
    strategy_name: str = "custom"
    mode: Mode = Mode.PRACTICE
    own_folder: str | None = None
    history_shown: bool = True
    journal_folder: str | None = None
    pictures: Pictures = Pictures.ALL
    record_folder: str | None = None


# -- table → main -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableStatus:
    """A glance at a table for the live view. May be dropped when the main process is busy.

    ``refused``: why the multiplier or the phase was not read, and at how many looks.
    """

    phase: Phase
    multiplier: int | None
    balance_minor: int | None
    players: int | None
    window_seen: bool
    reads_per_s: float
    look_ms: float
    reading_mono_ns: int
    rounds: int
    note: str
    figures: dict[str, float] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordNews:
    """A row for the database, born in the table's process."""

    record: Record


@dataclass(frozen=True, slots=True)
class RoundNews:
    """The tracker has something to say."""

    event: TrackerEvent


@dataclass(frozen=True, slots=True)
class BalanceSeen:
    """The balance on the screen, in minor units; repeated about once a second while it stands."""

    amount_minor: int
    at: Instant


@dataclass(frozen=True, slots=True)
class BetWanted:
    """The strategy orders a bet. ``balance_minor`` is what the order was computed from."""

    bet: Bet
    reading_mono_ns: int
    note: str


class Sight(StrEnum):
    """What the button of a panel says about a bet."""

    IN_FLIGHT = "in flight"
    CASHED = "cashed out"


@dataclass(frozen=True, slots=True)
class BetSeen:
    """The screen shows something about a bet."""

    bet_id: str
    sight: Sight
    at: Instant


@dataclass(frozen=True, slots=True)
class BetSkipped:
    """No bet in this round, and why. Becomes a denial."""

    round_id: str
    limit_name: str
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True)
class TableTrouble:
    """Something a person or the log should know. ``reaction`` says who mends it."""

    kind: str
    message: str
    reaction: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class TableDone:
    """The table has finished its rounds, or followed the order to quit. Nothing comes after it."""

    rounds: int


FromTable = (
    TableStatus
    | RecordNews
    | RoundNews
    | BalanceSeen
    | BetWanted
    | BetSeen
    | BetSkipped
    | TableTrouble
    | TableDone
)

# -- main → table -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BetNews:
    """A bet of this table has a new state."""

    bet: Bet


@dataclass(frozen=True, slots=True)
class BetDenied:
    """The gate said no; nothing was touched."""

    bet_id: str
    limit_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountNews:
    """Whether the account is reconciled: only then may the strategy order."""

    reconciled: bool
    expected_minor: int | None


@dataclass(frozen=True, slots=True)
class Quit:
    """Stop ordering; with ``finish_round`` see the round in hand to its end first."""

    finish_round: bool


ToTable = BetNews | BetDenied | AccountNews | Quit
