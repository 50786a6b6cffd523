"""From what a table saw to rows: rounds, their snapshots, and when the table was watched."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.clock import NS_PER_S, Instant
from bot.domain.ports import Record
from bot.domain.words import Phase, Reading
from bot.runtime.messages import TableSpec
from bot.runtime.watch_records import WatchRecords, utc_us, where
from bot.table.events import (
    RoundDoubted,
    RoundEnded,
    RoundFlying,
    RoundOpened,
    RoundsMissed,
    TrackerEvent,
)

SNAPSHOT_EVERY_S = 0.5


class RoundRecords:
    """Makes the rows of one table. Holds only what is needed to leave out repetitions."""

    def __init__(self, spec: TableSpec, make_id: Callable[[], str]) -> None:
        self._spec, self._make_id = spec, make_id
        self._watch = WatchRecords(spec, make_id)
        self._last_snapshot = 0
        self._last_phase: Phase | None = None
        self._last_round: str | None = None

    def of_event(self, event: TrackerEvent, reading: Reading) -> list[Record]:
        """The rows that a tracker event writes."""
        if isinstance(event, RoundOpened):
            from_betting = utc_us(event.at) if event.seen_from.value == "betting" else None
            return [self._round(event.round_id, event.number, event.seen_from.value, event.at, from_betting)]
        if isinstance(event, RoundFlying):
            values: dict[str, object] = {"round_id": event.round_id, "flying_utc_us": utc_us(event.at)}
            values |= {"players": reading.players.value, "players_total_minor": reading.players_total.value}
            return [Record("rounds", values, key="round_id", update=True)]
        if isinstance(event, RoundEnded):
            return self._ended(event)
        if isinstance(event, RoundsMissed):
            return self._missed(event)
        return self._doubted(event)

    def see(self, reading: Reading, round_id: str | None) -> list[Record]:
        """Snapshots of the open round, and the interval in which the table was in sight."""
        rows: list[Record] = []
        if reading.placement is not None and reading.phase is not Phase.UNKNOWN:
            rows += self._watch.seen(reading)
        if round_id is None:
            return rows
        changed = reading.phase is not self._last_phase or round_id != self._last_round
        due = reading.at.mono_ns - self._last_snapshot >= SNAPSHOT_EVERY_S * NS_PER_S
        if reading.phase is Phase.UNKNOWN or not (changed or (due and reading.multiplier.value is not None)):
            return rows
        self._last_phase, self._last_round = reading.phase, round_id
        self._last_snapshot = reading.at.mono_ns
        rows.append(
            Record(
                "round_snapshots",
                {
                    "id": self._make_id(),
                    "round_id": round_id,
                    "at_utc_us": utc_us(reading.at),
                    "phase": reading.phase.value,
                    "multiplier": reading.multiplier.value,
                    "balance_minor": reading.balance.value,
                    "players": reading.players.value,
                    "players_total_minor": reading.players_total.value,
                    "confidence": reading.multiplier.confidence or reading.phase_confidence,
                },
            )
        )
        return rows

    def _round(
        self, round_id: str, number: int, seen_from: str, at: Instant, betting: int | None = None
    ) -> Record:
        spec = self._spec
        return Record(
            "rounds",
            {
                "round_id": round_id,
                "session_id": spec.session_id,
                "table_name": spec.table,
                "game_name": spec.game,
                "round_number": number,
                "seen_from": seen_from,
                "betting_utc_us": betting,
                "recorded_utc_us": utc_us(at),
                "complete": False,
            },
            key="round_id",
        )

    def _ended(self, event: RoundEnded) -> list[Record]:
        rows: list[Record] = []
        seen_end = event.source.value == "ocr"
        if event.seen_from.value == "history":
            rows.append(self._round(event.round_id, event.number, "history", event.at))
        values: dict[str, object] = {
            "round_id": event.round_id,
            "crash_multiplier": event.crash,
            "multiplier_source": event.source.value,
            "confidence": event.confidence,
            "raw_text": event.text,
            "complete": event.complete,
            "recorded_utc_us": utc_us(event.at),
            "crashed_utc_us": utc_us(event.at) if seen_end else None,
        }
        rows.append(Record("rounds", values, key="round_id", update=True))
        return rows

    def _missed(self, event: RoundsMissed) -> list[Record]:
        """A round that was begun is marked as missed; those of which nothing was seen are a gap."""
        rows: list[Record] = []
        unseen = event.count
        if event.round_id is not None:
            values: dict[str, object] = {"round_id": event.round_id, "missed_reason": event.reason}
            rows.append(Record("rounds", values, key="round_id", update=True))
            unseen = 0 if unseen is None else unseen - 1
        else:
            count = "an unknown number of" if unseen is None else str(unseen)
            rows.append(self._error("rounds_missed", f"{count} rounds: {event.reason}", event.at))
        if unseen is None or unseen > 0:
            values = where(self._spec) | {"id": self._make_id(), "rounds": unseen, "reason": event.reason}
            values |= {"at_utc_us": utc_us(event.at), "strategy_name": self._spec.strategy_name}
            rows.append(Record("round_gaps", values))
        return rows

    def _doubted(self, event: RoundDoubted) -> list[Record]:
        message = f"round {event.round_id} was read as {event.crash}, its chip as {event.chip} (hundredths)"
        return [self._error("round_doubted", message, event.at)]

    def _error(self, kind: str, message: str, at: Instant) -> Record:
        return Record(
            "error_logs",
            {
                "id": self._make_id(),
                "session_id": self._spec.session_id,
                "table_name": self._spec.table,
                "error_type": kind,
                "message": message,
                "reaction": "none",
                "at_utc_us": utc_us(at),
            },
        )
