"""A table's glance for the live view, now and then: where it stands, how fast it looks, what it waits for."""

from __future__ import annotations

from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock, Instant
from bot.domain.words import Mode, Phase, Reading
from bot.runtime.messages import TableSpec, TableStatus
from bot.runtime.sight_time import SightTime
from bot.screen.eye import EyeStats

STATUS_EVERY_S = 0.20


class Glance:
    """``note`` is the last word about bets; a table that cannot be read says that instead."""

    def __init__(self, spec: TableSpec, clock: Clock, stats: EyeStats) -> None:
        self._clock, self._stats = clock, stats
        self.note = "watching" if spec.mode is Mode.WATCH else "waiting for a whole round"
        self._sight = SightTime()
        self._looks = 0
        self._rate = 0.0
        self._rate_since: Instant = clock.now()
        self._last = 0

    @property
    def just_away_s(self) -> float:
        """How long the table was out of sight until this very look; 0 while it is away."""
        return self._sight.just_away_s

    def see(self, reading: Reading) -> None:
        """Count one look."""
        self._looks += 1
        self._sight.see(reading)

    def due(self, reading: Reading, rounds: int) -> TableStatus | None:
        """The status, when it is time for one."""
        now = reading.at.mono_ns
        if now - self._last < STATUS_EVERY_S * NS_PER_S:
            return None
        self._last = now
        span = (now - self._rate_since.mono_ns) / NS_PER_S
        if span >= 1.0:
            self._rate, self._looks, self._rate_since = self._looks / span, 0, reading.at
        return TableStatus(
            phase=reading.phase,
            multiplier=reading.multiplier.value,
            balance_minor=reading.balance.value,
            players=reading.players.value,
            window_seen=reading.placement is not None,
            reads_per_s=self._rate,
            look_ms=(self._clock.now().mono_ns - now) / NS_PER_MS,
            reading_mono_ns=reading.changed.mono_ns,
            rounds=rounds,
            note=self._shown(reading),
            figures=self._figures(),
            refused=dict(self._sight.refused),
        )

    def _shown(self, reading: Reading) -> str:
        if reading.placement is None:
            return reading.reason or "the window is not in sight"
        return reading.reason if reading.phase is Phase.UNKNOWN and reading.reason else self.note

    def _figures(self) -> dict[str, float]:
        """How the reading went so far, for the report: looks, their cost, and who read the multiplier."""
        stats = self._stats
        figures = {
            "looks": float(stats.looks),
            "looks_per_s": round(self._rate, 1),
            "look_ms_mean": round(stats.mean_ms, 2),
            "look_ms_worst": round(stats.worst_ms, 1),
            "out_of_sight": float(stats.lost),
            "out_of_sight_s": round(self._sight.away_s, 1),
        }
        for (name, reader), count in sorted(stats.fields.items()):
            if name == "multiplier":
                figures[f"multiplier_{reader}"] = float(count)
        return figures
