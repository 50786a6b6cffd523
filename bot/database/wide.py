"""The analytics tables that users of such databases know (requirements rows A2, A3), beside the bot's own.

``crash_game_rounds`` is one wide row a round. For rounds that the bot itself saw it is derived
(``deriving.py``) from ``rounds`` and ``bets``; others log or import it. ``session_logs`` and ``error_logs``
are in ``models.py``: the bot writes them itself.

Only what must hold always is a constraint: a skipped round has no stake, a balance may be 0, a round whose
start was not seen has no time, and a bot has many sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database.base import Base, Json, created, moment, one_of, scaled
from bot.domain.words import Mode, MultiplierSource

US_PER_DAY = 86_400_000_000
US_PER_HOUR = 3_600_000_000
#: The times that a round is counted under: its start, else its end.
ROUND_TIMES = ("round_start_timestamp", "round_end_timestamp")


class RoundOutcome(StrEnum):
    """What a round came to for the bot. ``SKIP``: no bet; ``ERROR``: a bet was wanted and not placed."""

    WIN = "WIN"
    LOSS = "LOSS"
    SKIP = "SKIP"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


class ErrorType(StrEnum):
    """What went wrong in a round."""

    BET_FAILED = "bet_failed"
    NO_MULTIPLIER = "no_multiplier"
    EARLY_CRASH = "early_crash"
    OCR_ERROR = "ocr_error"
    NETWORK_DROP = "network_drop"
    TIMEOUT = "timeout"
    INSUFFICIENT_BALANCE = "insufficient_balance"
    UNKNOWN = "unknown"


class VmProvider(StrEnum):
    """Where a bot's machine stands."""

    VASTAI = "vastai"
    RUNPOD = "runpod"
    DIGITALOCEAN = "digitalocean"
    AWS = "aws"
    GCP = "gcp"
    LOCAL = "local"


class SignalType(StrEnum):
    """When in a round a signal was given."""

    PRE_FLIGHT = "pre_flight"
    EARLY_FLIGHT = "early_flight"
    PEAK_APPROACHING = "peak_approaching"
    CRASH_IMMINENT = "crash_imminent"


class OutcomeCategory(StrEnum):
    """How large a result was."""

    BIG_WIN = "big_win"
    SMALL_WIN = "small_win"
    SMALL_LOSS = "small_loss"
    CATASTROPHIC_LOSS = "catastrophic_loss"


#: The ``date_bucket`` of what has no time: no index has to look for empty days, and no key is empty.
NO_DAY = -1


def _day_of(*times: str) -> Mapped[int]:
    """Days since 1970-01-01 (UTC) of the first time that is known, computed by the database."""
    known = f"COALESCE({', '.join(times)}, {NO_DAY * US_PER_DAY})"
    return mapped_column(Computed(f"{known} / {US_PER_DAY}", persisted=True), nullable=False)


def _hour_of(*times: str) -> Mapped[int | None]:
    """Hour of the day (UTC, 0 to 23) of the first time that is known, computed by the database."""
    known = f"COALESCE({', '.join(times)})" if len(times) > 1 else times[0]
    return mapped_column(Computed(f"({known} / {US_PER_HOUR}) % 24", persisted=True))


def _updated() -> Mapped[int | None]:
    """When the row last changed; a trigger keeps it."""
    return moment()


def _bot() -> Mapped[str]:
    key = ForeignKey("bot_vm_registration.bot_id", deferrable=True, initially="DEFERRED")
    return mapped_column(key)


class BotRegistration(Base):
    """A bot and the machine that it runs on."""

    __tablename__ = "bot_vm_registration"
    __table_args__ = (
        one_of("vm_provider", VmProvider, "bots"),
        CheckConstraint("initial_balance >= 0", name="ck_bots_initial_balance"),
        CheckConstraint("base_stake >= 0", name="ck_bots_base_stake"),
        CheckConstraint("max_stake >= 0", name="ck_bots_max_stake"),
    )

    bot_id: Mapped[str] = mapped_column(primary_key=True)
    bot_name: Mapped[str | None]
    vm_name: Mapped[str | None]
    vm_provider: Mapped[str | None]
    region: Mapped[str | None]
    session_id: Mapped[str | None]
    strategy_name: Mapped[str | None]
    currency: Mapped[str | None]
    initial_balance: Mapped[int | None] = scaled(2)
    base_stake: Mapped[int | None] = scaled(2)
    max_stake: Mapped[int | None] = scaled(2)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_seen_at: Mapped[int | None] = moment()
    created_at: Mapped[int] = created()
    updated_at: Mapped[int | None] = _updated()


class GamePlatform(Base):
    """A game at a bookmaker: its address, currency and terms."""

    __tablename__ = "game_platform_config"
    __table_args__ = (
        CheckConstraint("min_multiplier >= 100", name="ck_platforms_min_multiplier"),
        CheckConstraint("max_multiplier >= min_multiplier", name="ck_platforms_max_multiplier"),
        CheckConstraint(
            "house_edge_percent >= 0 AND house_edge_percent <= 1000000", name="ck_platforms_house_edge"
        ),
    )

    game_name: Mapped[str] = mapped_column(primary_key=True)
    platform_code: Mapped[str] = mapped_column(primary_key=True)
    platform_url: Mapped[str | None]
    round_external_id_format: Mapped[str | None]
    currency: Mapped[str | None]
    house_edge_percent: Mapped[int | None] = scaled(4)
    min_multiplier: Mapped[int | None] = scaled(2)
    max_multiplier: Mapped[int | None] = scaled(2)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[int] = created()
    updated_at: Mapped[int | None] = _updated()


class CrashGameRound(Base):
    """One round, wide: what it was, what was staked, what came of it, how it was read (row A3)."""

    __tablename__ = "crash_game_rounds"
    __table_args__ = (
        one_of("round_outcome", RoundOutcome, "wide"),
        one_of("error_type", ErrorType, "wide"),
        one_of("multiplier_source", MultiplierSource, "wide"),
        one_of("vm_provider", VmProvider, "wide"),
        one_of("mode", Mode, "wide"),
        CheckConstraint("stake_value >= 0", name="ck_wide_stake"),
        CheckConstraint("crash_multiplier_detected >= 100", name="ck_wide_crash"),
        CheckConstraint("cashout_multiplier >= 100", name="ck_wide_cashout_multiplier"),
        CheckConstraint("final_multiplier >= 100", name="ck_wide_final_multiplier"),
        CheckConstraint("target_multiplier > 100", name="ck_wide_target"),
        CheckConstraint("cashout_amount >= 0", name="ck_wide_cashout_amount"),
        CheckConstraint("duration_seconds >= 0", name="ck_wide_duration"),
        CheckConstraint("processing_time_ms >= 0", name="ck_wide_processing"),
        CheckConstraint("retry_count >= 0", name="ck_wide_retries"),
        CheckConstraint("round_number >= 0", name="ck_wide_number"),
        CheckConstraint("round_start_timestamp >= 0", name="ck_wide_start"),
        CheckConstraint("round_end_timestamp >= 0", name="ck_wide_end"),
        CheckConstraint("round_end_timestamp >= round_start_timestamp", name="ck_wide_times"),
        CheckConstraint(
            "multiplier_detection_confidence >= 0 AND multiplier_detection_confidence <= 1",
            name="ck_wide_multiplier_confidence",
        ),
        CheckConstraint(
            "cashout_detection_confidence >= 0 AND cashout_detection_confidence <= 1",
            name="ck_wide_cashout_confidence",
        ),
        Index("ix_wide_bot", "bot_id", "date_bucket", "round_start_timestamp"),
        Index("ix_wide_game", "game_name", "date_bucket", "round_start_timestamp"),
        Index("ix_wide_session", "session_id", "profit_loss_amount"),
        Index("ix_wide_day", "date_bucket"),
        Index("ix_wide_metadata", "metadata", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    round_id: Mapped[str] = mapped_column(primary_key=True)
    # identification
    bot_id: Mapped[str] = _bot()
    bot_name: Mapped[str | None]
    vm_name: Mapped[str | None]
    vm_provider: Mapped[str | None]
    region: Mapped[str | None]
    session_id: Mapped[str | None]
    strategy_name: Mapped[str | None]
    mode: Mapped[str | None]
    # platform
    game_name: Mapped[str]
    platform_code: Mapped[str | None]
    table_name: Mapped[str | None]
    currency: Mapped[str | None]
    round_external_id: Mapped[str | None]
    # timing
    round_number: Mapped[int | None]
    round_start_timestamp: Mapped[int | None] = moment()
    round_end_timestamp: Mapped[int | None] = moment()
    duration_seconds: Mapped[int | None] = scaled(6)
    processing_time_ms: Mapped[float | None]
    # stake
    stake_value: Mapped[int | None] = scaled(2)
    stake_before_update: Mapped[int | None] = scaled(2)
    stake_after_update: Mapped[int | None] = scaled(2)
    target_multiplier: Mapped[int | None] = scaled(2)
    manual_override_flag: Mapped[bool | None]
    stake_placement_result: Mapped[str | None]
    # multipliers
    crash_multiplier_detected: Mapped[int | None] = scaled(2)
    cashout_multiplier: Mapped[int | None] = scaled(2)
    final_multiplier: Mapped[int | None] = scaled(2)
    multiplier_source: Mapped[str | None]
    # money
    cashout_amount: Mapped[int | None] = scaled(2)
    profit_loss_amount: Mapped[int | None] = scaled(2)
    running_balance_before: Mapped[int | None] = scaled(2)
    running_balance_after: Mapped[int | None] = scaled(2)
    expected_profit: Mapped[int | None] = scaled(4)
    variance_from_strategy: Mapped[int | None] = scaled(4)
    roi_percent: Mapped[int | None] = scaled(4)
    # reading
    ocr_raw_text: Mapped[str | None]
    ocr_cleaned_value: Mapped[str | None]
    multiplier_detection_confidence: Mapped[float | None]
    cashout_detection_confidence: Mapped[float | None]
    ocr_timeout_flag: Mapped[bool | None]
    screenshot_reference_id: Mapped[str | None]
    # outcome
    round_outcome: Mapped[str]
    error_type: Mapped[str | None]
    error_description: Mapped[str | None]
    recovery_action_taken: Mapped[str | None]
    retry_count: Mapped[int | None]
    extra: Mapped[Mapping[str, object] | None] = mapped_column("metadata", Json)
    created_at: Mapped[int] = created()
    updated_at: Mapped[int | None] = _updated()
    # computed by the database
    date_bucket: Mapped[int] = _day_of(*ROUND_TIMES)
    hour_bucket: Mapped[int | None] = _hour_of(*ROUND_TIMES)


class RoundMultiplier(Base):
    """A multiplier at a moment of a round."""

    __tablename__ = "analytics_round_multipliers"
    __table_args__ = (
        CheckConstraint("multiplier >= 100", name="ck_multipliers_multiplier"),
        CheckConstraint("max_in_round >= 100", name="ck_multipliers_max_in_round"),
        CheckConstraint("ocr_confidence >= 0 AND ocr_confidence <= 1", name="ck_multipliers_confidence"),
        CheckConstraint("data_quality_score >= 0 AND data_quality_score <= 1", name="ck_multipliers_quality"),
        Index("ix_multipliers_round", "round_id", "timestamp"),
        Index("ix_multipliers_game", "game_name", "date_bucket", "timestamp"),
        Index("ix_multipliers_bot", "bot_id", "date_bucket"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str]
    bot_id: Mapped[str] = _bot()
    session_id: Mapped[str | None]
    game_name: Mapped[str]
    platform_code: Mapped[str | None]
    multiplier: Mapped[int] = scaled(2, nullable=False)
    timestamp: Mapped[int | None] = moment()
    is_crash_multiplier: Mapped[bool] = mapped_column(Boolean, default=False)
    is_cashout: Mapped[bool] = mapped_column(Boolean, default=False)
    max_in_round: Mapped[int | None] = scaled(2)
    ocr_confidence: Mapped[float | None]
    data_quality_score: Mapped[float | None]
    created_at: Mapped[int] = created()
    date_bucket: Mapped[int] = _day_of("timestamp")


class RoundSignal(Base):
    """What a predictor said about a round, and, later, whether it was right."""

    __tablename__ = "analytics_round_signals"
    __table_args__ = (
        one_of("signal_type", SignalType, "signals"),
        CheckConstraint("confidence_score >= 0 AND confidence_score <= 1", name="ck_signals_confidence"),
        CheckConstraint("actual_multiplier >= 100", name="ck_signals_actual"),
        CheckConstraint("similar_rounds_count >= 0", name="ck_signals_similar"),
        Index("ix_signals_round", "round_id"),
        Index("ix_signals_bot", "bot_id", "signal_type", "date_bucket"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str]
    bot_id: Mapped[str] = _bot()
    session_id: Mapped[str | None]
    game_name: Mapped[str | None]
    platform_code: Mapped[str | None]
    timestamp: Mapped[int | None] = moment()
    signal_type: Mapped[str]
    confidence_score: Mapped[float | None]
    signal_strength: Mapped[float | None]
    time_to_crash_ms: Mapped[int | None]
    volatility_measure: Mapped[float | None]
    momentum_score: Mapped[float | None]
    pattern_type: Mapped[str | None]
    similar_rounds_count: Mapped[int | None]
    signal_correctness: Mapped[bool | None]
    actual_multiplier: Mapped[int | None] = scaled(2)
    prediction_error: Mapped[int | None] = scaled(2)
    feature_vector: Mapped[Mapping[str, object] | None]
    created_at: Mapped[int] = created()
    date_bucket: Mapped[int] = _day_of("timestamp")


class RoundOutcomeRow(Base):
    """What a round's bet came to, with the streak it stands in."""

    __tablename__ = "analytics_round_outcomes"
    __table_args__ = (
        one_of("outcome", RoundOutcome, "outcomes"),
        one_of("outcome_category", OutcomeCategory, "outcomes"),
        CheckConstraint("bet_amount >= 0", name="ck_outcomes_bet_amount"),
        CheckConstraint("winnings >= 0", name="ck_outcomes_winnings"),
        CheckConstraint("loss_amount >= 0", name="ck_outcomes_loss_amount"),
        CheckConstraint("target_multiplier > 100", name="ck_outcomes_target"),
        CheckConstraint("actual_multiplier >= 100", name="ck_outcomes_actual"),
        CheckConstraint("win_streak_length >= 0", name="ck_outcomes_win_streak"),
        CheckConstraint("loss_streak_length >= 0", name="ck_outcomes_loss_streak"),
        Index("ix_outcomes_round", "round_id"),
        Index("ix_outcomes_bot", "bot_id", "date_bucket"),
        Index("ix_outcomes_session", "session_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str]
    bot_id: Mapped[str] = _bot()
    session_id: Mapped[str | None]
    game_name: Mapped[str | None]
    platform_code: Mapped[str | None]
    timestamp: Mapped[int | None] = moment()
    outcome: Mapped[str]
    profit_loss: Mapped[int | None] = scaled(2)
    roi_percent: Mapped[int | None] = scaled(4)
    bet_amount: Mapped[int | None] = scaled(2)
    winnings: Mapped[int | None] = scaled(2)
    loss_amount: Mapped[int | None] = scaled(2)
    target_multiplier: Mapped[int | None] = scaled(2)
    actual_multiplier: Mapped[int | None] = scaled(2)
    multiplier_error: Mapped[int | None] = scaled(2)
    hit_target: Mapped[bool | None]
    win_streak_length: Mapped[int | None]
    loss_streak_length: Mapped[int | None]
    outcome_category: Mapped[str | None]
    duration_seconds: Mapped[int | None] = scaled(6)
    created_at: Mapped[int] = created()
    date_bucket: Mapped[int] = _day_of("timestamp")
    hour_bucket: Mapped[int | None] = _hour_of("timestamp")


class OcrValidation(Base):
    """A reading, what was made of it, and whether it held."""

    __tablename__ = "ocr_validation_logs"
    __table_args__ = (
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="ck_ocr_confidence"),
        Index("ix_ocr_bot", "bot_id", "timestamp"),
        Index("ix_ocr_round", "round_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str | None]
    bot_id: Mapped[str] = _bot()
    session_id: Mapped[str | None]
    game_name: Mapped[str | None]
    field_name: Mapped[str | None]
    raw_text: Mapped[str | None]
    cleaned_value: Mapped[str | None]
    expected_value: Mapped[str | None]
    confidence: Mapped[float | None]
    status: Mapped[str] = mapped_column(server_default=text("'unknown'"), default="unknown")
    timestamp: Mapped[int | None] = moment()
    created_at: Mapped[int] = created()
