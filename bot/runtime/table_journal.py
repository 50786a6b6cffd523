"""What a table's process gives to the journal: the frames on which it decided, ended a round, and settled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet, BetState
from bot.domain.pictures import Moment, shot_of
from bot.domain.ports import Record
from bot.domain.seen import reading_seen
from bot.domain.words import MultiplierSource, Reading
from bot.journal.keeper import Happened, Keeper
from bot.runtime.messages import TableSpec
from bot.table.events import RoundEnded

_SOURCES = {MultiplierSource.OCR: "seen at its end", MultiplierSource.BACKFILL: "from its chip in the strip"}


class TableJournal:
    """Belongs to the table's loop. ``read_by`` says who read a field last; without a folder nothing is kept.

    ``look`` comes first in each turn; the other moments are of the reading that it took.
    """

    def __init__(
        self, spec: TableSpec, eye: object, read_by: Mapping[str, str], make_id: Callable[[], str]
    ) -> None:
        self._spec, self._eye, self._read_by = spec, eye, read_by
        self._rows: deque[Record] = deque()
        self._reading: Reading | None = None
        self._last_bet = next(iter(spec.open_bets), None)
        self._keeper: Keeper | None = None
        if spec.journal_folder is not None:
            self._keeper = Keeper(Path(spec.journal_folder), spec.pictures, make_id, self._rows.append)

    def look(self, reading: Reading) -> None:
        """The reading of this turn."""
        self._reading = reading

    def ordered(self, bet: Bet, note: str) -> None:
        """The strategy ordered a bet on this frame."""
        self._last_bet = bet
        order = f"ordered {format_hundredths(bet.stake_minor)} at {format_hundredths(bet.target)}x"
        self._keep(Moment.DECIDED, bet.round_id, bet.bet_id, order + (f": {note}" if note else ""))

    def skipped(self, round_id: str, reason: str) -> None:
        """No bet on this frame."""
        self._keep(Moment.DECIDED, round_id, None, f"no bet: {reason}")

    def ended(self, event: RoundEnded) -> None:
        """This frame confirmed the crash point of a round."""
        bet = self._last_bet
        bet_id = bet.bet_id if bet is not None and bet.round_id == event.round_id else None
        source = _SOURCES.get(event.source, event.source.value)
        said = f"ended at {format_hundredths(event.crash)}x, {source}"
        self._keep(Moment.ROUND_END, event.round_id, bet_id, said)

    def settled(self, bet: Bet) -> None:
        """A bet came to its end; this frame's balance is the one that it hung on.

        Of a missed bet the controller's last look tells more.
        """
        if bet.state is BetState.MISSED:
            return
        self._keep(Moment.SETTLED, bet.round_id, bet.bet_id, f"{bet.state.value}: {bet.reason}")

    def records(self) -> Iterator[Record]:
        """Rows that have become ready since the last call."""
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        """Keep what waits; ``records`` has the last rows then."""
        if self._keeper is not None:
            self._keeper.close()

    def _keep(self, moment: Moment, round_id: str, bet_id: str | None, said: str) -> None:
        reading = self._reading
        if self._keeper is None or reading is None:
            return
        self._keeper.keep(
            Happened(
                session_id=self._spec.session_id,
                table=self._spec.table,
                round_id=round_id,
                bet_id=bet_id,
                moment=moment,
                at_utc_us=reading.at.utc_ns // 1_000,
                said=said,
                seen=reading_seen(reading, self._read_by),
                shot=shot_of(self._eye),
            )
        )
