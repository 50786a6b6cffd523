"""The bot's own truth as SQLAlchemy models (architecture rule 9): append-only but for derived state.

Conventions, the same on SQLite and PostgreSQL:

- money is an integer number of minor units (``*_minor``), multipliers are integer hundredths (``target``,
  ``*_multiplier``); no binary floats but for confidences;
- times are integer microseconds since the Unix epoch, UTC (``*_utc_us``): exact on both engines;
- identifiers are UUIDv7 texts made where a thing is born, so that writing it again changes nothing;
- foreign keys are deferred to the commit, so that the order inside one batch does not matter. A bet and a
  snapshot name their round without a foreign key: after a crash the round may never have been recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database.base import Base, one_of, scaled
from bot.domain.bets import BetState
from bot.domain.pictures import Moment
from bot.domain.words import Mode, MultiplierSource, Phase


class SessionStatus(StrEnum):
    """How a session stands. ``CRASHED``: it was found running at a start although nobody runs it."""

    RUNNING = "running"
    ENDED = "ended"
    CRASHED = "crashed"


class SeenFrom(StrEnum):
    """The first sign of a round that was seen; ``HISTORY``: only its chip."""

    BETTING = "betting"
    FLYING = "flying"
    CRASHED = "crashed"
    HISTORY = "history"


def _session_key(nullable: bool = False) -> Mapped[str]:
    key = ForeignKey("session_logs.session_id", deferrable=True, initially="DEFERRED")
    return mapped_column(key, nullable=nullable)


class SchemaVersion(Base):
    """Which version of these tables a database has; one row a version it went through."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applied_utc_us: Mapped[int]


class SessionLog(Base):
    """One run of the bot."""

    __tablename__ = "session_logs"
    __table_args__ = (
        one_of("mode", Mode),
        one_of("status", SessionStatus),
        Index("ix_session_logs_bot", "bot_id", "started_utc_us"),
    )

    session_id: Mapped[str] = mapped_column(primary_key=True)
    bot_id: Mapped[str]
    mode: Mapped[str]
    strategy_name: Mapped[str]
    parameters: Mapped[Mapping[str, object] | None]
    seed: Mapped[str | None]
    started_utc_us: Mapped[int]
    ended_utc_us: Mapped[int | None]
    last_seen_utc_us: Mapped[int | None]
    status: Mapped[str] = mapped_column(default=SessionStatus.RUNNING.value)
    notes: Mapped[str | None]
    game_name: Mapped[str | None]
    platform_code: Mapped[str | None]
    currency: Mapped[str | None]
    starting_balance: Mapped[int | None] = scaled(2)
    ending_balance: Mapped[int | None] = scaled(2)
    total_profit: Mapped[int | None] = scaled(2)
    total_staked: Mapped[int | None] = scaled(2)
    roi_percent: Mapped[int | None] = scaled(4)
    total_rounds: Mapped[int | None]
    rounds_won: Mapped[int | None]
    rounds_lost: Mapped[int | None]
    win_rate_percent: Mapped[int | None] = scaled(4)
    largest_win: Mapped[int | None] = scaled(2)
    largest_loss: Mapped[int | None] = scaled(2)
    average_win: Mapped[int | None] = scaled(4)
    average_loss: Mapped[int | None] = scaled(4)


class SessionTable(Base):
    """One table of a session: when it was first and last seen whole, and with which balance."""

    __tablename__ = "session_tables"
    __table_args__ = (UniqueConstraint("session_id", "table_name", name="uq_session_tables"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    table_name: Mapped[str]
    game_name: Mapped[str]
    account: Mapped[str]
    currency: Mapped[str]
    first_sight_utc_us: Mapped[int | None]
    last_sight_utc_us: Mapped[int | None]
    first_balance_minor: Mapped[int | None]
    last_balance_minor: Mapped[int | None]
    platform_code: Mapped[str | None]


class Round(Base):
    """One flight as the bot saw it. ``crash_multiplier`` is empty when the end was not seen."""

    __tablename__ = "rounds"
    __table_args__ = (
        UniqueConstraint("session_id", "table_name", "round_number", name="uq_rounds_natural"),
        CheckConstraint("crash_multiplier >= 100", name="ck_rounds_crash"),
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="ck_rounds_confidence"),
        CheckConstraint(
            "seen_from IN ('betting', 'flying', 'crashed', 'history')", name="ck_rounds_seen_from"
        ),
        one_of("multiplier_source", MultiplierSource),
        Index("ix_rounds_table_time", "table_name", "recorded_utc_us"),
    )

    round_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    table_name: Mapped[str]
    game_name: Mapped[str]
    round_number: Mapped[int]
    seen_from: Mapped[str]
    betting_utc_us: Mapped[int | None]
    flying_utc_us: Mapped[int | None]
    crashed_utc_us: Mapped[int | None]
    recorded_utc_us: Mapped[int]
    crash_multiplier: Mapped[int | None]
    multiplier_source: Mapped[str | None]
    confidence: Mapped[float | None]
    raw_text: Mapped[str | None]
    complete: Mapped[bool] = mapped_column(default=False)
    missed_reason: Mapped[str | None]
    players: Mapped[int | None]
    players_total_minor: Mapped[int | None]


class RoundSnapshot(Base):
    """What one reading of a round said."""

    __tablename__ = "round_snapshots"
    __table_args__ = (one_of("phase", Phase), Index("ix_round_snapshots_round", "round_id", "at_utc_us"))

    id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str]
    at_utc_us: Mapped[int]
    phase: Mapped[str]
    multiplier: Mapped[int | None]
    balance_minor: Mapped[int | None]
    players: Mapped[int | None]
    players_total_minor: Mapped[int | None]
    confidence: Mapped[float | None]


class BetRow(Base):
    """A bet and where it stands now; how it came there is in ``bet_events``."""

    __tablename__ = "bets"
    __table_args__ = (
        one_of("state", BetState),
        CheckConstraint("stake_minor >= 0", name="ck_bets_stake"),
        CheckConstraint("target > 100", name="ck_bets_target"),
        CheckConstraint("payout_minor >= 0", name="ck_bets_payout"),
        CheckConstraint("panel >= 0", name="ck_bets_panel"),
        Index("ix_bets_session", "session_id", "table_name", "ordered_utc_us"),
        Index("ix_bets_account_state", "account", "state"),
        Index("ix_bets_round", "round_id", "panel"),
    )

    bet_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    account: Mapped[str]
    table_name: Mapped[str]
    round_id: Mapped[str]
    panel: Mapped[int]
    stake_minor: Mapped[int]
    target: Mapped[int | None]
    currency: Mapped[str]
    state: Mapped[str]
    ordered_utc_us: Mapped[int]
    placed_utc_us: Mapped[int | None]
    settled_utc_us: Mapped[int | None]
    balance_before_minor: Mapped[int | None]
    balance_after_minor: Mapped[int | None]
    payout_minor: Mapped[int | None]
    profit_minor: Mapped[int | None]
    reason: Mapped[str | None]


class BetEvent(Base):
    """One transition of a bet. The first has no ``from_state``."""

    __tablename__ = "bet_events"
    __table_args__ = (
        one_of("from_state", BetState),
        one_of("to_state", BetState),
        Index("ix_bet_events_bet", "bet_id", "at_utc_us"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    bet_id: Mapped[str] = mapped_column(ForeignKey("bets.bet_id", deferrable=True, initially="DEFERRED"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at_utc_us: Mapped[int]
    reason: Mapped[str | None]
    detail: Mapped[Mapping[str, object] | None]


class Denial(Base):
    """A bet that the gate did not let pass: which limit, its figure and its bound."""

    __tablename__ = "denials"
    __table_args__ = (
        Index("ix_denials_session", "session_id", "at_utc_us"),
        Index("ix_denials_round", "round_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    account: Mapped[str]
    table_name: Mapped[str]
    round_id: Mapped[str | None]
    bet_id: Mapped[str | None]
    limit_name: Mapped[str]
    reason: Mapped[str]
    figure: Mapped[int | None]
    bound: Mapped[int | None]
    at_utc_us: Mapped[int]


class OddsRow(Base):
    """What was to be expected, computed before the first bet."""

    __tablename__ = "odds"
    __table_args__ = (Index("ix_odds_session", "session_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    table_name: Mapped[str | None]
    parameters: Mapped[Mapping[str, object]]
    result: Mapped[Mapping[str, object]]
    at_utc_us: Mapped[int]


class LimitRow(Base):
    """A limit that was set, by whom and when. ``value`` is empty when it was lifted."""

    __tablename__ = "limits"
    __table_args__ = (Index("ix_limits_account", "account", "set_utc_us"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    name: Mapped[str]
    value: Mapped[int | None]
    set_utc_us: Mapped[int]
    set_by: Mapped[str]


class Reconciliation(Base):
    """A comparison of the balance that was expected with the one that was seen, and who settled it."""

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_account", "account", "at_utc_us"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = _session_key()
    account: Mapped[str]
    table_name: Mapped[str | None]
    at_utc_us: Mapped[int]
    expected_minor: Mapped[int | None]
    seen_minor: Mapped[int | None]
    difference_minor: Mapped[int | None]
    verdict: Mapped[str]
    settled_by: Mapped[str | None]
    note: Mapped[str | None]


class RoundPicture(Base):
    """A moment of a round or of one of its bets: what was read then, and the picture of it.

    ``path`` leads from the journal's folder to a PNG file on the disk of the bot; empty when none was kept,
    and ``lost`` says why when one was wanted. ``boxes`` names places on the screen as
    ``[x, y, width, height]``: the picture's own (``picture``) and those of the fields in it. ``seen`` is what
    was read (``bot/domain/seen.py``), ``said`` what was decided. Without a foreign key to the session: the
    journal must not hold up rows that bets hang on.
    """

    __tablename__ = "round_pictures"
    __table_args__ = (
        one_of("moment", Moment),
        CheckConstraint("size_bytes >= 0", name="ck_round_pictures_size"),
        Index("ix_round_pictures_round", "round_id", "at_utc_us"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    table_name: Mapped[str]
    round_id: Mapped[str]
    bet_id: Mapped[str | None]
    moment: Mapped[str]
    at_utc_us: Mapped[int]
    said: Mapped[str | None]
    seen: Mapped[Mapping[str, object] | None]
    boxes: Mapped[Mapping[str, object] | None]
    path: Mapped[str | None]
    sha256: Mapped[str | None]
    size_bytes: Mapped[int | None]
    lost: Mapped[str | None]


class ErrorLog(Base):
    """What went wrong and what was done about it. May come before there is a session."""

    __tablename__ = "error_logs"
    __table_args__ = (
        Index("ix_error_logs_session", "session_id", "at_utc_us"),
        Index("ix_error_logs_bot", "bot_id", "at_utc_us"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str | None]
    table_name: Mapped[str | None]
    error_type: Mapped[str]
    message: Mapped[str]
    trace: Mapped[str | None]
    reaction: Mapped[str | None]
    at_utc_us: Mapped[int]
    bot_id: Mapped[str | None]
    round_id: Mapped[str | None]
