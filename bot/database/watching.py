"""What surrounds the rounds: when a table was really watched, what was missed, alerts, imported files.

A statistic over rounds means little without the time that was watched and the rounds that were not seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.database.base import Base, created, moment


class WatchedInterval(Base):
    """A time in which a table of a session was in sight without a break."""

    __tablename__ = "watched_intervals"
    __table_args__ = (
        CheckConstraint("to_utc_us >= from_utc_us", name="ck_watched_order"),
        # With all that a statistic reads of them, so that it reads nothing but the index.
        Index("ix_watched_bot", "bot_id", "from_utc_us", "to_utc_us"),
        Index("ix_watched_session", "session_id", "from_utc_us", "to_utc_us"),
        Index("ix_watched_game", "game_name", "from_utc_us", "to_utc_us", "platform_code"),
        Index("ix_watched_strategy", "strategy_name", "from_utc_us", "to_utc_us"),
        Index("ix_watched_time", "from_utc_us", "to_utc_us"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    bot_id: Mapped[str]
    table_name: Mapped[str | None]
    game_name: Mapped[str]
    platform_code: Mapped[str | None]
    strategy_name: Mapped[str | None]
    from_utc_us: Mapped[int] = moment(nullable=False)
    to_utc_us: Mapped[int] = moment(nullable=False)


class RoundGap(Base):
    """Rounds that were flown and not recorded. ``rounds`` is empty when their number is not known."""

    __tablename__ = "round_gaps"
    __table_args__ = (
        CheckConstraint("rounds >= 0", name="ck_gaps_rounds"),
        Index("ix_gaps_bot", "bot_id", "at_utc_us", "rounds"),
        Index("ix_gaps_session", "session_id", "at_utc_us", "rounds"),
        Index("ix_gaps_game", "game_name", "at_utc_us", "rounds", "platform_code"),
        Index("ix_gaps_strategy", "strategy_name", "at_utc_us", "rounds"),
        Index("ix_gaps_time", "at_utc_us", "rounds"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    bot_id: Mapped[str]
    table_name: Mapped[str | None]
    game_name: Mapped[str]
    platform_code: Mapped[str | None]
    strategy_name: Mapped[str | None]
    at_utc_us: Mapped[int | None] = moment()
    rounds: Mapped[int | None]
    reason: Mapped[str]


class Alert(Base):
    """Something a person should look at: a losing streak, errors, silence, an anomaly."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_bot", "bot_id", "at_utc_us"), Index("ix_alerts_time", "at_utc_us"))

    id: Mapped[str] = mapped_column(primary_key=True)
    bot_id: Mapped[str]
    session_id: Mapped[str | None]
    kind: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]
    detail: Mapped[Mapping[str, object] | None]
    at_utc_us: Mapped[int] = moment(nullable=False)


class ImportRow(Base):
    """A file whose rounds were taken in, and what became of them."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    file_name: Mapped[str]
    game_name: Mapped[str]
    rows: Mapped[int]
    stored: Mapped[int]
    duplicates: Mapped[int]
    rejected: Mapped[int]
    gaps: Mapped[int]
    created_at: Mapped[int] = created()
