"""Replays a recording: the same eye, tracker, strategy and gate as in a session, on the recorded pixels.

Nothing is clicked and no time is waited: the clock shows the moments of the looks. Bets are played on paper,
because a recorded page does not answer to clicks.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_S, Clock, Instant
from bot.domain.errors import BadInput
from bot.domain.ports import Image, Record
from bot.domain.words import Box, Mode, Placement, Reading
from bot.limits import Denied, Gate, Limits, LimitStore
from bot.recording import Difference, Recording, ReplayCapture, ReplayClock, differences, open_recording
from bot.recording.readings import as_json, reasons
from bot.runtime.desk import DeskTools
from bot.runtime.desk_paper import PaperDesk
from bot.runtime.eyes import Eye, Readers, eye_on
from bot.runtime.messages import (
    BalanceSeen,
    BetSkipped,
    BetWanted,
    FromTable,
    RoundNews,
    TableSpec,
    TableStatus,
    ToTable,
)
from bot.runtime.recording_eye import screen_of, spec_of
from bot.runtime.table_loop import TableLoop
from bot.screen.eye import EyeStats
from bot.screen.own.eye import OwnEye
from bot.staking import StakingOptions, build
from bot.table.events import RoundEnded, RoundOpened, RoundsMissed

#: Differences that are told one by one.
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class ReplayAsk:
    """What a replay decides with. ``strategy`` and ``options``: ``None`` for those of the recording.

    ``base_stake_minor`` and ``target`` change the recording's options where no others are given.
    ``bankroll_minor``: ``None`` for the first balance that is read.
    """

    path: Path
    limits: Limits = field(default_factory=Limits)
    strategy: str | None = None
    options: StakingOptions | None = None
    bankroll_minor: int | None = None
    base_stake_minor: int | None = None
    target: int | None = None

    def on(self, spec: TableSpec) -> TableSpec:
        """The recorded table with what is asked for. Raises ``BadInput`` for a strategy that is a file."""
        if self.strategy is not None:
            return replace(spec, strategy=self.strategy, options=self.options or spec.options)
        if ".py" in spec.strategy:
            raise BadInput(f"the recording was played with a file, {spec.strategy}: name it with --strategy")
        options = self.options or spec.options
        if self.base_stake_minor is not None:
            options = replace(options, base_stake_minor=self.base_stake_minor)
        return replace(spec, options=options if self.target is None else replace(options, target=self.target))


@dataclass(frozen=True, slots=True)
class ReplayedRound:
    """A round that was read. ``crash`` is ``None`` when its end was missed."""

    number: int
    crash: int | None
    source: str
    refused: str = ""
    bet: Bet | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A difference between a reading then and now, and at which look of the recording."""

    look: int
    utc_ns: int
    difference: Difference


@dataclass(slots=True)
class Replayed:
    """What a replay found. ``unread``: looks by (field, reason of the refusal)."""

    spec: TableSpec
    header: Mapping[str, Any]
    looks: int = 0
    recorded_s: float = 0.0
    took_s: float = 0.0
    cut_off: bool = False
    rounds: list[ReplayedRound] = field(default_factory=list)
    missed: list[RoundsMissed] = field(default_factory=list)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Told] = field(default_factory=list)
    bankroll_minor: int | None = None
    result_minor: int = 0

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        return self.recorded_s / self.took_s if self.took_s > 0 else 0.0

    @property
    def reads_as_then(self) -> bool:
        """Whether no value changed and none was lost; what is read now and was not then is no fault."""
        return not any(kind != "gained" for _, kind in self.differing)


class _Post:
    """One end of a pipe between two that are the same process."""

    def __init__(self) -> None:
        self._messages: deque[Any] = deque()

    def send(self, message: Any) -> None:
        self._messages.append(message)

    def poll(self) -> bool:
        return bool(self._messages)

    def recv(self) -> Any:
        return self._messages.popleft()


class _Book:
    """Where a desk writes that leaves no record: denials and the last state of each bet are kept."""

    def __init__(self) -> None:
        self.denials: list[Mapping[str, object]] = []

    def put(self, record: Record) -> None:
        if record.table == "denials":
            self.denials.append(record.values)

    def put_and_wait(self, record: Record, timeout_s: float = 5.0) -> None:
        self.put(record)


class NotingEye:
    """Looks as the eye behind it and keeps the last reading. Waits for nothing."""

    def __init__(self, eye: Eye) -> None:
        self.eye = eye
        self.last: Reading | None = None

    @property
    def stats(self) -> EyeStats:
        """See ``Eye``."""
        return self.eye.stats

    @property
    def readers(self) -> Readers:
        """See ``Eye``."""
        return self.eye.readers

    @property
    def placement(self) -> Placement | None:
        """See ``Eye``."""
        return self.eye.placement

    def look(self) -> Reading:
        """See ``Eye``. What an own table reads in a thread of its own is waited for: looks come too fast."""
        self.last = self.eye.look()
        if isinstance(self.eye, OwnEye):
            self.eye.settle()
        return self.last

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        """See ``Eye``."""
        return True

    def picture(self) -> tuple[Box, Image] | None:
        """See ``Eye``."""
        return self.eye.picture()

    def boxes(self) -> Mapping[str, Box]:
        """See ``Eye``."""
        return self.eye.boxes()


class Replay:
    """One recorded table at its own little desk, with a gate that remembers nothing from before."""

    def __init__(self, ask: ReplayAsk, recording: Recording, folder: Path, start: Instant) -> None:
        self.spec = ask.on(spec_of(recording.header, folder / "tables", ask.path))
        self.clock = ReplayClock(start)
        self.capture = ReplayCapture(screen_of(recording.header, ask.path))
        self.eye = NotingEye(eye_on(self.spec, self.capture, self.clock))
        numbers = itertools.count(1)
        self._make_id = lambda: f"replay-{next(numbers):06d}"
        self._up, self._down, self.book = _Post(), _Post(), _Book()
        self._store = LimitStore(folder / "limits.db")
        self.desk = self._make_desk(ask)
        self.desk.add_table(self.spec.table, self.spec.account, self.spec.currency)
        self.loop = TableLoop(
            self.spec,
            self.eye,
            build(self.spec.strategy, self.spec.options),
            cast("Connection", self._up),
            cast("Connection", self._down),
            self.clock,
            self._make_id,
        )
        self.found = Replayed(self.spec, recording.header)
        self._opened: dict[str, int] = {}
        self._bets: dict[str, Bet] = {}
        self._why: dict[str, str] = {}

    def _make_desk(self, ask: ReplayAsk) -> PaperDesk:
        gate = Gate(self._store, ask.limits, self.clock, self.spec.session_id, Mode.PAPER)
        tools = DeskTools(
            session_id=self.spec.session_id,
            gate=gate,
            book=self.book,
            clock=self.clock,
            make_id=self._make_id,
            tell=self._tell,
            queue_bet=lambda _bet: False,
            rtp=lambda _table: 0.97,
        )
        return PaperDesk(tools, ask.bankroll_minor)

    def look(self) -> Reading:
        """One look and all that follows from it. The clock and the capture show its moment."""
        self.loop.step()
        while self._up.poll():
            self._hear(self._up.recv())
        self.desk.tick()
        assert self.eye.last is not None
        return self.eye.last

    def close(self) -> None:
        """Close the books: what is still open is void."""
        self.desk.close_accounts()
        while self._up.poll():
            self._hear(self._up.recv())
        if isinstance(self.eye.eye, OwnEye):
            self.eye.eye.close()
        self._store.close()
        account = self.desk.account_of(self.spec.table)
        self.found.bankroll_minor = account.expected_minor
        self.found.result_minor = self.desk.money[self.spec.table].result_minor
        self.found.rounds = [
            replace(
                each, bet=self._bets.get(self._of_number(each.number)), refused=self._refused(each.number)
            )
            for each in self.found.rounds
        ]
        for denial in self.book.denials:
            self.found.refusals[(str(denial["limit_name"]), str(denial["reason"]))] += 1

    def _of_number(self, number: int) -> str:
        return next((round_id for round_id, known in self._opened.items() if known == number), "")

    def _refused(self, number: int) -> str:
        return self._why.get(self._of_number(number), "")

    def _tell(self, table: str, message: ToTable) -> None:
        self._down.send(message)
        bet = getattr(message, "bet", None)
        if isinstance(bet, Bet):
            self._bets[bet.round_id] = bet

    def _hear(self, message: FromTable) -> None:
        if isinstance(message, TableStatus):
            self.desk.reading(self.spec.table, message.reading_mono_ns)
        elif isinstance(message, BalanceSeen):
            self.desk.balance_seen(self.spec.table, message.amount_minor, message.at)
        elif isinstance(message, BetWanted):
            before = len(self.book.denials)
            self.desk.wanted(message)
            for denial in self.book.denials[before:]:
                self._why[message.bet.round_id] = str(denial["reason"])
        elif isinstance(message, BetSkipped):
            self._why[message.round_id] = message.reason
            denied = Denied(message.limit_name, message.reason)
            self.desk.deny(self.spec.table, message.round_id, denied)
        elif isinstance(message, RoundNews):
            self._round_news(message)

    def _round_news(self, message: RoundNews) -> None:
        event = message.event
        if isinstance(event, RoundOpened):
            self._opened[event.round_id] = event.number
        elif isinstance(event, RoundEnded):
            self._opened.setdefault(event.round_id, event.number)
            self.found.rounds.append(ReplayedRound(event.number, event.crash, event.source.value))
            self.desk.round_over(event.round_id, event.crash)
        elif isinstance(event, RoundsMissed):
            self.found.missed.append(event)
            if event.round_id is not None:
                number = self._opened.get(event.round_id, 0)
                self.found.rounds.append(ReplayedRound(number, None, "missed"))
                self.desk.round_over(event.round_id, None)


def replay(ask: ReplayAsk, clock: Clock) -> Replayed:
    """Replay a whole recording. ``clock`` tells how long it takes. Raises ``BadInput``."""
    recording = open_recording(ask.path)
    began = clock.now().mono_ns
    try:
        with tempfile.TemporaryDirectory(prefix="crashbot-replay-") as folder:
            found = _run(ask, recording, Path(folder))
    finally:
        recording.close()
    found.cut_off = recording.cut_off
    found.took_s = (clock.now().mono_ns - began) / NS_PER_S
    return found


def _run(ask: ReplayAsk, recording: Recording, folder: Path) -> Replayed:
    run: Replay | None = None
    first = last = 0
    for number, look in enumerate(recording.looks(), 1):
        if run is None:
            run, first = Replay(ask, recording, folder, look.at), look.at.mono_ns
        run.clock.set(look.at)
        run.capture.show(look.grabs)
        reading = run.look()
        last = look.at.mono_ns
        run.found.looks = number
        run.found.unread.update(reasons(reading).items())
        for difference in differences(look.told, as_json(reading)):
            run.found.differing[(difference.field, difference.kind)] += 1
            if len(run.found.examples) < EXAMPLES:
                run.found.examples.append(Told(number, look.at.utc_ns, difference))
    if run is None:
        raise BadInput(f"{ask.path} holds no looks: it ended before its first second was over")
    run.close()
    run.found.recorded_s = (last - first) / NS_PER_S
    return run.found


def placed(found: Replayed) -> list[Bet]:
    """The bets that came to be placed on paper."""
    over = (BetState.WON, BetState.LOST, BetState.PLACED)
    return [each.bet for each in found.rounds if each.bet is not None and each.bet.state in over]
