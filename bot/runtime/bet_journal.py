"""What the main process gives to the journal: the looks around a click. It also tidies old pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.domain.bets import Bet
from bot.domain.clock import Clock
from bot.domain.ids import IdMaker
from bot.domain.pictures import Moment, Shot
from bot.domain.ports import RecordSink
from bot.journal.files import journal_folder
from bot.journal.keeper import Happened, Keeper
from bot.journal.retention import tidy
from bot.journal.rules import JournalRules


class BetJournal:
    """One session's. Close it before the sink."""

    def __init__(self, data_folder: Path, rules: JournalRules, sink: RecordSink, clock: Clock) -> None:
        folder = journal_folder(data_folder)
        self._keeper = Keeper(
            folder, rules.pictures, IdMaker(clock), sink.put, lambda: tidy(folder, rules, clock), clock
        )

    def keep(
        self, bet: Bet, moment: Moment, at_utc_ns: int, shot: Shot | None, seen: Mapping[str, object]
    ) -> None:
        """See ``bot.domain.pictures.KeepShot``. Called by the controller's thread."""
        self._keeper.keep(
            Happened(
                session_id=bet.session_id,
                table=bet.table,
                round_id=bet.round_id,
                bet_id=bet.bet_id,
                moment=moment,
                at_utc_us=at_utc_ns // 1_000,
                said=f"{bet.state.value}: {bet.reason}" if bet.reason else bet.state.value,
                seen=seen,
                shot=shot,
            )
        )

    def notes(self) -> list[str]:
        """What a person should know, for the report."""
        stats = self._keeper.stats
        left_out = stats.thinned + stats.failed
        if not left_out:
            return [f"journal: {self._keeper.trouble}"] if self._keeper.trouble else []
        why = f" ({self._keeper.trouble})" if self._keeper.trouble else ""
        return [f"journal: {left_out} pictures of bets were left out{why}"]

    def close(self) -> None:
        """Keep what waits and end."""
        self._keeper.close()
