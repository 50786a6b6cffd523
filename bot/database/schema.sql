-- The tables of crashbot's analytics database, for PostgreSQL 15 and newer.
-- Generated from the models: do not edit. Made again by: crashbot db schema --write schema.sql
-- Feed it to an empty database: psql -v ON_ERROR_STOP=1 -f schema.sql (the software does it by itself, too).
--
-- Money, multipliers, percentages and durations are integers; the comment of a column says the unit.
-- Times are microseconds since 1970, UTC. The views *_readable show them as decimals, dates and times.

BEGIN;

CREATE TABLE schema_version (
    version BIGINT NOT NULL,
    applied_utc_us BIGINT NOT NULL,
    PRIMARY KEY (version)
);

CREATE TABLE session_logs (
    session_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    parameters JSONB,
    seed TEXT,
    started_utc_us BIGINT NOT NULL,
    ended_utc_us BIGINT,
    last_seen_utc_us BIGINT,
    status TEXT NOT NULL,
    notes TEXT,
    game_name TEXT,
    platform_code TEXT,
    currency TEXT,
    starting_balance BIGINT,
    ending_balance BIGINT,
    total_profit BIGINT,
    total_staked BIGINT,
    roi_percent BIGINT,
    total_rounds BIGINT,
    rounds_won BIGINT,
    rounds_lost BIGINT,
    win_rate_percent BIGINT,
    largest_win BIGINT,
    largest_loss BIGINT,
    average_win BIGINT,
    average_loss BIGINT,
    PRIMARY KEY (session_id),
    CONSTRAINT ck_mode_known CHECK (mode IN ('watch', 'paper', 'practice', 'live')),
    CONSTRAINT ck_status_known CHECK (status IN ('running', 'ended', 'crashed'))
);

CREATE TABLE round_snapshots (
    id TEXT NOT NULL,
    round_id TEXT NOT NULL,
    at_utc_us BIGINT NOT NULL,
    phase TEXT NOT NULL,
    multiplier BIGINT,
    balance_minor BIGINT,
    players BIGINT,
    players_total_minor BIGINT,
    confidence FLOAT(53),
    PRIMARY KEY (id),
    CONSTRAINT ck_phase_known CHECK (phase IN ('betting', 'flying', 'crashed', 'unknown'))
);

CREATE TABLE limits (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT,
    set_utc_us BIGINT NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE round_pictures (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    round_id TEXT NOT NULL,
    bet_id TEXT,
    moment TEXT NOT NULL,
    at_utc_us BIGINT NOT NULL,
    said TEXT,
    seen JSONB,
    boxes JSONB,
    path TEXT,
    sha256 TEXT,
    size_bytes BIGINT,
    lost TEXT,
    PRIMARY KEY (id),
    CONSTRAINT ck_moment_known CHECK (moment IN ('decided', 'before_click', 'after_click', 'round_end', 'settled')),
    CONSTRAINT ck_round_pictures_size CHECK (size_bytes >= 0)
);

CREATE TABLE error_logs (
    id TEXT NOT NULL,
    session_id TEXT,
    table_name TEXT,
    error_type TEXT NOT NULL,
    message TEXT NOT NULL,
    trace TEXT,
    reaction TEXT,
    at_utc_us BIGINT NOT NULL,
    bot_id TEXT,
    round_id TEXT,
    PRIMARY KEY (id)
);

CREATE TABLE round_totals_daily (
    bot_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    game_name TEXT NOT NULL,
    platform_code TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    mode TEXT NOT NULL,
    total_rounds BIGINT NOT NULL,
    wins BIGINT NOT NULL,
    losses BIGINT NOT NULL,
    skips BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    unknowns BIGINT NOT NULL,
    stake_total BIGINT NOT NULL,
    stake_unknown BIGINT NOT NULL,
    cashout_total BIGINT NOT NULL,
    profit_total BIGINT NOT NULL,
    win_total BIGINT NOT NULL,
    loss_total BIGINT NOT NULL,
    expected_total BIGINT NOT NULL,
    multiplier_count BIGINT NOT NULL,
    multiplier_total BIGINT NOT NULL,
    largest_win BIGINT,
    largest_loss BIGINT,
    highest_multiplier BIGINT,
    PRIMARY KEY (bot_id, day, game_name, platform_code, strategy_name, currency, mode)
);

CREATE TABLE round_totals_game (
    game_name TEXT NOT NULL,
    platform_code TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    mode TEXT NOT NULL,
    day BIGINT NOT NULL,
    total_rounds BIGINT NOT NULL,
    wins BIGINT NOT NULL,
    losses BIGINT NOT NULL,
    skips BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    unknowns BIGINT NOT NULL,
    stake_total BIGINT NOT NULL,
    stake_unknown BIGINT NOT NULL,
    cashout_total BIGINT NOT NULL,
    profit_total BIGINT NOT NULL,
    win_total BIGINT NOT NULL,
    loss_total BIGINT NOT NULL,
    expected_total BIGINT NOT NULL,
    multiplier_count BIGINT NOT NULL,
    multiplier_total BIGINT NOT NULL,
    largest_win BIGINT,
    largest_loss BIGINT,
    highest_multiplier BIGINT,
    PRIMARY KEY (game_name, platform_code, strategy_name, currency, mode, day)
);

CREATE TABLE round_totals_session (
    session_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_rounds BIGINT NOT NULL,
    wins BIGINT NOT NULL,
    losses BIGINT NOT NULL,
    skips BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    unknowns BIGINT NOT NULL,
    stake_total BIGINT NOT NULL,
    stake_unknown BIGINT NOT NULL,
    cashout_total BIGINT NOT NULL,
    profit_total BIGINT NOT NULL,
    win_total BIGINT NOT NULL,
    loss_total BIGINT NOT NULL,
    expected_total BIGINT NOT NULL,
    multiplier_count BIGINT NOT NULL,
    multiplier_total BIGINT NOT NULL,
    largest_win BIGINT,
    largest_loss BIGINT,
    highest_multiplier BIGINT,
    PRIMARY KEY (session_id, currency)
);

CREATE TABLE multiplier_histogram (
    game_name TEXT NOT NULL,
    platform_code TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    rounds BIGINT NOT NULL,
    PRIMARY KEY (game_name, platform_code, bucket)
);

CREATE TABLE signal_totals (
    bot_id TEXT NOT NULL,
    signal_type TEXT NOT NULL,
    day BIGINT NOT NULL,
    signals BIGINT NOT NULL,
    evaluated BIGINT NOT NULL,
    correct BIGINT NOT NULL,
    confidence_count BIGINT NOT NULL,
    confidence_total BIGINT NOT NULL,
    error_count BIGINT NOT NULL,
    error_total BIGINT NOT NULL,
    PRIMARY KEY (bot_id, signal_type, day)
);

CREATE TABLE totals_pause (
    id BIGSERIAL NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE watched_intervals (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    table_name TEXT,
    game_name TEXT NOT NULL,
    platform_code TEXT,
    strategy_name TEXT,
    from_utc_us BIGINT NOT NULL,
    to_utc_us BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_watched_order CHECK (to_utc_us >= from_utc_us)
);

CREATE TABLE round_gaps (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    table_name TEXT,
    game_name TEXT NOT NULL,
    platform_code TEXT,
    strategy_name TEXT,
    at_utc_us BIGINT,
    rounds BIGINT,
    reason TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_gaps_rounds CHECK (rounds >= 0)
);

CREATE TABLE alerts (
    id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    session_id TEXT,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    detail JSONB,
    at_utc_us BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE imports (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    game_name TEXT NOT NULL,
    rows BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    gaps BIGINT NOT NULL,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE bot_vm_registration (
    bot_id TEXT NOT NULL,
    bot_name TEXT,
    vm_name TEXT,
    vm_provider TEXT,
    region TEXT,
    session_id TEXT,
    strategy_name TEXT,
    currency TEXT,
    initial_balance BIGINT,
    base_stake BIGINT,
    max_stake BIGINT,
    is_active BOOLEAN NOT NULL,
    last_seen_at BIGINT,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    updated_at BIGINT,
    PRIMARY KEY (bot_id),
    CONSTRAINT ck_bots_vm_provider_known CHECK (vm_provider IN ('vastai', 'runpod', 'digitalocean', 'aws', 'gcp', 'local')),
    CONSTRAINT ck_bots_initial_balance CHECK (initial_balance >= 0),
    CONSTRAINT ck_bots_base_stake CHECK (base_stake >= 0),
    CONSTRAINT ck_bots_max_stake CHECK (max_stake >= 0)
);

CREATE TABLE game_platform_config (
    game_name TEXT NOT NULL,
    platform_code TEXT NOT NULL,
    platform_url TEXT,
    round_external_id_format TEXT,
    currency TEXT,
    house_edge_percent BIGINT,
    min_multiplier BIGINT,
    max_multiplier BIGINT,
    is_active BOOLEAN NOT NULL,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    updated_at BIGINT,
    PRIMARY KEY (game_name, platform_code),
    CONSTRAINT ck_platforms_min_multiplier CHECK (min_multiplier >= 100),
    CONSTRAINT ck_platforms_max_multiplier CHECK (max_multiplier >= min_multiplier),
    CONSTRAINT ck_platforms_house_edge CHECK (house_edge_percent >= 0 AND house_edge_percent <= 1000000)
);

CREATE TABLE session_tables (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    game_name TEXT NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    first_sight_utc_us BIGINT,
    last_sight_utc_us BIGINT,
    first_balance_minor BIGINT,
    last_balance_minor BIGINT,
    platform_code TEXT,
    PRIMARY KEY (id),
    CONSTRAINT uq_session_tables UNIQUE (session_id, table_name),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE rounds (
    round_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    game_name TEXT NOT NULL,
    round_number BIGINT NOT NULL,
    seen_from TEXT NOT NULL,
    betting_utc_us BIGINT,
    flying_utc_us BIGINT,
    crashed_utc_us BIGINT,
    recorded_utc_us BIGINT NOT NULL,
    crash_multiplier BIGINT,
    multiplier_source TEXT,
    confidence FLOAT(53),
    raw_text TEXT,
    complete BOOLEAN NOT NULL,
    missed_reason TEXT,
    players BIGINT,
    players_total_minor BIGINT,
    PRIMARY KEY (round_id),
    CONSTRAINT uq_rounds_natural UNIQUE (session_id, table_name, round_number),
    CONSTRAINT ck_rounds_crash CHECK (crash_multiplier >= 100),
    CONSTRAINT ck_rounds_confidence CHECK (confidence >= 0 AND confidence <= 1),
    CONSTRAINT ck_rounds_seen_from CHECK (seen_from IN ('betting', 'flying', 'crashed', 'history')),
    CONSTRAINT ck_multiplier_source_known CHECK (multiplier_source IN ('ocr', 'api', 'manual', 'backfill')),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE bets (
    bet_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    account TEXT NOT NULL,
    table_name TEXT NOT NULL,
    round_id TEXT NOT NULL,
    panel BIGINT NOT NULL,
    stake_minor BIGINT NOT NULL,
    target BIGINT,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    ordered_utc_us BIGINT NOT NULL,
    placed_utc_us BIGINT,
    settled_utc_us BIGINT,
    balance_before_minor BIGINT,
    balance_after_minor BIGINT,
    payout_minor BIGINT,
    profit_minor BIGINT,
    reason TEXT,
    PRIMARY KEY (bet_id),
    CONSTRAINT ck_state_known CHECK (state IN ('ordered', 'typed', 'verified', 'clicked', 'placed', 'won', 'lost', 'refused', 'missed', 'unknown')),
    CONSTRAINT ck_bets_stake CHECK (stake_minor >= 0),
    CONSTRAINT ck_bets_target CHECK (target > 100),
    CONSTRAINT ck_bets_payout CHECK (payout_minor >= 0),
    CONSTRAINT ck_bets_panel CHECK (panel >= 0),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE denials (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    account TEXT NOT NULL,
    table_name TEXT NOT NULL,
    round_id TEXT,
    bet_id TEXT,
    limit_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    figure BIGINT,
    bound BIGINT,
    at_utc_us BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE odds (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    table_name TEXT,
    parameters JSONB NOT NULL,
    result JSONB NOT NULL,
    at_utc_us BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE reconciliations (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    account TEXT NOT NULL,
    table_name TEXT,
    at_utc_us BIGINT NOT NULL,
    expected_minor BIGINT,
    seen_minor BIGINT,
    difference_minor BIGINT,
    verdict TEXT NOT NULL,
    settled_by TEXT,
    note TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE crash_game_rounds (
    round_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    bot_name TEXT,
    vm_name TEXT,
    vm_provider TEXT,
    region TEXT,
    session_id TEXT,
    strategy_name TEXT,
    mode TEXT,
    game_name TEXT NOT NULL,
    platform_code TEXT,
    table_name TEXT,
    currency TEXT,
    round_external_id TEXT,
    round_number BIGINT,
    round_start_timestamp BIGINT,
    round_end_timestamp BIGINT,
    duration_seconds BIGINT,
    processing_time_ms FLOAT(53),
    stake_value BIGINT,
    stake_before_update BIGINT,
    stake_after_update BIGINT,
    target_multiplier BIGINT,
    manual_override_flag BOOLEAN,
    stake_placement_result TEXT,
    crash_multiplier_detected BIGINT,
    cashout_multiplier BIGINT,
    final_multiplier BIGINT,
    multiplier_source TEXT,
    cashout_amount BIGINT,
    profit_loss_amount BIGINT,
    running_balance_before BIGINT,
    running_balance_after BIGINT,
    expected_profit BIGINT,
    variance_from_strategy BIGINT,
    roi_percent BIGINT,
    ocr_raw_text TEXT,
    ocr_cleaned_value TEXT,
    multiplier_detection_confidence FLOAT(53),
    cashout_detection_confidence FLOAT(53),
    ocr_timeout_flag BOOLEAN,
    screenshot_reference_id TEXT,
    round_outcome TEXT NOT NULL,
    error_type TEXT,
    error_description TEXT,
    recovery_action_taken TEXT,
    retry_count BIGINT,
    metadata JSONB,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    updated_at BIGINT,
    date_bucket BIGINT GENERATED ALWAYS AS (COALESCE(round_start_timestamp, round_end_timestamp, -86400000000) / 86400000000) STORED NOT NULL,
    hour_bucket BIGINT GENERATED ALWAYS AS ((COALESCE(round_start_timestamp, round_end_timestamp) / 3600000000) % 24) STORED,
    PRIMARY KEY (round_id),
    CONSTRAINT ck_wide_round_outcome_known CHECK (round_outcome IN ('WIN', 'LOSS', 'SKIP', 'ERROR', 'UNKNOWN')),
    CONSTRAINT ck_wide_error_type_known CHECK (error_type IN ('bet_failed', 'no_multiplier', 'early_crash', 'ocr_error', 'network_drop', 'timeout', 'insufficient_balance', 'unknown')),
    CONSTRAINT ck_wide_multiplier_source_known CHECK (multiplier_source IN ('ocr', 'api', 'manual', 'backfill')),
    CONSTRAINT ck_wide_vm_provider_known CHECK (vm_provider IN ('vastai', 'runpod', 'digitalocean', 'aws', 'gcp', 'local')),
    CONSTRAINT ck_wide_mode_known CHECK (mode IN ('watch', 'paper', 'practice', 'live')),
    CONSTRAINT ck_wide_stake CHECK (stake_value >= 0),
    CONSTRAINT ck_wide_crash CHECK (crash_multiplier_detected >= 100),
    CONSTRAINT ck_wide_cashout_multiplier CHECK (cashout_multiplier >= 100),
    CONSTRAINT ck_wide_final_multiplier CHECK (final_multiplier >= 100),
    CONSTRAINT ck_wide_target CHECK (target_multiplier > 100),
    CONSTRAINT ck_wide_cashout_amount CHECK (cashout_amount >= 0),
    CONSTRAINT ck_wide_duration CHECK (duration_seconds >= 0),
    CONSTRAINT ck_wide_processing CHECK (processing_time_ms >= 0),
    CONSTRAINT ck_wide_retries CHECK (retry_count >= 0),
    CONSTRAINT ck_wide_number CHECK (round_number >= 0),
    CONSTRAINT ck_wide_start CHECK (round_start_timestamp >= 0),
    CONSTRAINT ck_wide_end CHECK (round_end_timestamp >= 0),
    CONSTRAINT ck_wide_times CHECK (round_end_timestamp >= round_start_timestamp),
    CONSTRAINT ck_wide_multiplier_confidence CHECK (multiplier_detection_confidence >= 0 AND multiplier_detection_confidence <= 1),
    CONSTRAINT ck_wide_cashout_confidence CHECK (cashout_detection_confidence >= 0 AND cashout_detection_confidence <= 1),
    FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE analytics_round_multipliers (
    id TEXT NOT NULL,
    round_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    session_id TEXT,
    game_name TEXT NOT NULL,
    platform_code TEXT,
    multiplier BIGINT NOT NULL,
    timestamp BIGINT,
    is_crash_multiplier BOOLEAN NOT NULL,
    is_cashout BOOLEAN NOT NULL,
    max_in_round BIGINT,
    ocr_confidence FLOAT(53),
    data_quality_score FLOAT(53),
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    date_bucket BIGINT GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_multipliers_multiplier CHECK (multiplier >= 100),
    CONSTRAINT ck_multipliers_max_in_round CHECK (max_in_round >= 100),
    CONSTRAINT ck_multipliers_confidence CHECK (ocr_confidence >= 0 AND ocr_confidence <= 1),
    CONSTRAINT ck_multipliers_quality CHECK (data_quality_score >= 0 AND data_quality_score <= 1),
    FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE analytics_round_signals (
    id TEXT NOT NULL,
    round_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    session_id TEXT,
    game_name TEXT,
    platform_code TEXT,
    timestamp BIGINT,
    signal_type TEXT NOT NULL,
    confidence_score FLOAT(53),
    signal_strength FLOAT(53),
    time_to_crash_ms BIGINT,
    volatility_measure FLOAT(53),
    momentum_score FLOAT(53),
    pattern_type TEXT,
    similar_rounds_count BIGINT,
    signal_correctness BOOLEAN,
    actual_multiplier BIGINT,
    prediction_error BIGINT,
    feature_vector JSONB,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    date_bucket BIGINT GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_signals_signal_type_known CHECK (signal_type IN ('pre_flight', 'early_flight', 'peak_approaching', 'crash_imminent')),
    CONSTRAINT ck_signals_confidence CHECK (confidence_score >= 0 AND confidence_score <= 1),
    CONSTRAINT ck_signals_actual CHECK (actual_multiplier >= 100),
    CONSTRAINT ck_signals_similar CHECK (similar_rounds_count >= 0),
    FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE analytics_round_outcomes (
    id TEXT NOT NULL,
    round_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    session_id TEXT,
    game_name TEXT,
    platform_code TEXT,
    timestamp BIGINT,
    outcome TEXT NOT NULL,
    profit_loss BIGINT,
    roi_percent BIGINT,
    bet_amount BIGINT,
    winnings BIGINT,
    loss_amount BIGINT,
    target_multiplier BIGINT,
    actual_multiplier BIGINT,
    multiplier_error BIGINT,
    hit_target BOOLEAN,
    win_streak_length BIGINT,
    loss_streak_length BIGINT,
    outcome_category TEXT,
    duration_seconds BIGINT,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    date_bucket BIGINT GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED NOT NULL,
    hour_bucket BIGINT GENERATED ALWAYS AS ((timestamp / 3600000000) % 24) STORED,
    PRIMARY KEY (id),
    CONSTRAINT ck_outcomes_outcome_known CHECK (outcome IN ('WIN', 'LOSS', 'SKIP', 'ERROR', 'UNKNOWN')),
    CONSTRAINT ck_outcomes_outcome_category_known CHECK (outcome_category IN ('big_win', 'small_win', 'small_loss', 'catastrophic_loss')),
    CONSTRAINT ck_outcomes_bet_amount CHECK (bet_amount >= 0),
    CONSTRAINT ck_outcomes_winnings CHECK (winnings >= 0),
    CONSTRAINT ck_outcomes_loss_amount CHECK (loss_amount >= 0),
    CONSTRAINT ck_outcomes_target CHECK (target_multiplier > 100),
    CONSTRAINT ck_outcomes_actual CHECK (actual_multiplier >= 100),
    CONSTRAINT ck_outcomes_win_streak CHECK (win_streak_length >= 0),
    CONSTRAINT ck_outcomes_loss_streak CHECK (loss_streak_length >= 0),
    FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ocr_validation_logs (
    id TEXT NOT NULL,
    round_id TEXT,
    bot_id TEXT NOT NULL,
    session_id TEXT,
    game_name TEXT,
    field_name TEXT,
    raw_text TEXT,
    cleaned_value TEXT,
    expected_value TEXT,
    confidence FLOAT(53),
    status TEXT DEFAULT 'unknown' NOT NULL,
    timestamp BIGINT,
    created_at BIGINT DEFAULT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_ocr_confidence CHECK (confidence >= 0 AND confidence <= 1),
    FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE bet_events (
    id TEXT NOT NULL,
    bet_id TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    at_utc_us BIGINT NOT NULL,
    reason TEXT,
    detail JSONB,
    PRIMARY KEY (id),
    CONSTRAINT ck_from_state_known CHECK (from_state IN ('ordered', 'typed', 'verified', 'clicked', 'placed', 'won', 'lost', 'refused', 'missed', 'unknown')),
    CONSTRAINT ck_to_state_known CHECK (to_state IN ('ordered', 'typed', 'verified', 'clicked', 'placed', 'won', 'lost', 'refused', 'missed', 'unknown')),
    FOREIGN KEY(bet_id) REFERENCES bets (bet_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_alerts_bot ON alerts (bot_id, at_utc_us);

CREATE INDEX ix_alerts_time ON alerts (at_utc_us);

CREATE INDEX ix_bet_events_bet ON bet_events (bet_id, at_utc_us);

CREATE INDEX ix_bets_account_state ON bets (account, state);

CREATE INDEX ix_bets_round ON bets (round_id, panel);

CREATE INDEX ix_bets_session ON bets (session_id, table_name, ordered_utc_us);

CREATE INDEX ix_daily_day ON round_totals_daily (day);

CREATE INDEX ix_daily_game ON round_totals_daily (game_name, platform_code, day);

CREATE INDEX ix_denials_round ON denials (round_id);

CREATE INDEX ix_denials_session ON denials (session_id, at_utc_us);

CREATE INDEX ix_error_logs_bot ON error_logs (bot_id, at_utc_us);

CREATE INDEX ix_error_logs_session ON error_logs (session_id, at_utc_us);

CREATE INDEX ix_game_totals_day ON round_totals_game (day);

CREATE INDEX ix_game_totals_strategy ON round_totals_game (strategy_name, day);

CREATE INDEX ix_gaps_bot ON round_gaps (bot_id, at_utc_us, rounds);

CREATE INDEX ix_gaps_game ON round_gaps (game_name, at_utc_us, rounds, platform_code);

CREATE INDEX ix_gaps_session ON round_gaps (session_id, at_utc_us, rounds);

CREATE INDEX ix_gaps_strategy ON round_gaps (strategy_name, at_utc_us, rounds);

CREATE INDEX ix_gaps_time ON round_gaps (at_utc_us, rounds);

CREATE INDEX ix_limits_account ON limits (account, set_utc_us);

CREATE INDEX ix_multipliers_bot ON analytics_round_multipliers (bot_id, date_bucket);

CREATE INDEX ix_multipliers_game ON analytics_round_multipliers (game_name, date_bucket, timestamp);

CREATE INDEX ix_multipliers_round ON analytics_round_multipliers (round_id, timestamp);

CREATE INDEX ix_ocr_bot ON ocr_validation_logs (bot_id, timestamp);

CREATE INDEX ix_ocr_round ON ocr_validation_logs (round_id);

CREATE INDEX ix_odds_session ON odds (session_id);

CREATE INDEX ix_outcomes_bot ON analytics_round_outcomes (bot_id, date_bucket);

CREATE INDEX ix_outcomes_round ON analytics_round_outcomes (round_id);

CREATE INDEX ix_outcomes_session ON analytics_round_outcomes (session_id);

CREATE INDEX ix_reconciliations_account ON reconciliations (account, at_utc_us);

CREATE INDEX ix_round_pictures_round ON round_pictures (round_id, at_utc_us);

CREATE INDEX ix_round_snapshots_round ON round_snapshots (round_id, at_utc_us);

CREATE INDEX ix_rounds_table_time ON rounds (table_name, recorded_utc_us);

CREATE INDEX ix_session_logs_bot ON session_logs (bot_id, started_utc_us);

CREATE INDEX ix_signals_bot ON analytics_round_signals (bot_id, signal_type, date_bucket);

CREATE INDEX ix_signals_round ON analytics_round_signals (round_id);

CREATE INDEX ix_watched_bot ON watched_intervals (bot_id, from_utc_us, to_utc_us);

CREATE INDEX ix_watched_game ON watched_intervals (game_name, from_utc_us, to_utc_us, platform_code);

CREATE INDEX ix_watched_session ON watched_intervals (session_id, from_utc_us, to_utc_us);

CREATE INDEX ix_watched_strategy ON watched_intervals (strategy_name, from_utc_us, to_utc_us);

CREATE INDEX ix_watched_time ON watched_intervals (from_utc_us, to_utc_us);

CREATE INDEX ix_wide_bot ON crash_game_rounds (bot_id, date_bucket, round_start_timestamp);

CREATE INDEX ix_wide_day ON crash_game_rounds (date_bucket);

CREATE INDEX ix_wide_game ON crash_game_rounds (game_name, date_bucket, round_start_timestamp);

CREATE INDEX ix_wide_metadata ON crash_game_rounds USING gin (metadata);

CREATE INDEX ix_wide_session ON crash_game_rounds (session_id, profit_loss_amount);

COMMENT ON COLUMN session_logs.starting_balance IS 'times 10^-2';

COMMENT ON COLUMN session_logs.ending_balance IS 'times 10^-2';

COMMENT ON COLUMN session_logs.total_profit IS 'times 10^-2';

COMMENT ON COLUMN session_logs.total_staked IS 'times 10^-2';

COMMENT ON COLUMN session_logs.roi_percent IS 'times 10^-4';

COMMENT ON COLUMN session_logs.win_rate_percent IS 'times 10^-4';

COMMENT ON COLUMN session_logs.largest_win IS 'times 10^-2';

COMMENT ON COLUMN session_logs.largest_loss IS 'times 10^-2';

COMMENT ON COLUMN session_logs.average_win IS 'times 10^-4';

COMMENT ON COLUMN session_logs.average_loss IS 'times 10^-4';

COMMENT ON COLUMN round_totals_daily.stake_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.stake_unknown IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.cashout_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.profit_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.win_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.loss_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.expected_total IS 'times 10^-4';

COMMENT ON COLUMN round_totals_daily.multiplier_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.largest_win IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.largest_loss IS 'times 10^-2';

COMMENT ON COLUMN round_totals_daily.highest_multiplier IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.stake_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.stake_unknown IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.cashout_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.profit_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.win_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.loss_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.expected_total IS 'times 10^-4';

COMMENT ON COLUMN round_totals_game.multiplier_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.largest_win IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.largest_loss IS 'times 10^-2';

COMMENT ON COLUMN round_totals_game.highest_multiplier IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.stake_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.stake_unknown IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.cashout_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.profit_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.win_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.loss_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.expected_total IS 'times 10^-4';

COMMENT ON COLUMN round_totals_session.multiplier_total IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.largest_win IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.largest_loss IS 'times 10^-2';

COMMENT ON COLUMN round_totals_session.highest_multiplier IS 'times 10^-2';

COMMENT ON COLUMN signal_totals.confidence_total IS 'times 10^-6';

COMMENT ON COLUMN signal_totals.error_total IS 'times 10^-2';

COMMENT ON COLUMN watched_intervals.from_utc_us IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN watched_intervals.to_utc_us IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN round_gaps.at_utc_us IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN alerts.at_utc_us IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN imports.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN bot_vm_registration.initial_balance IS 'times 10^-2';

COMMENT ON COLUMN bot_vm_registration.base_stake IS 'times 10^-2';

COMMENT ON COLUMN bot_vm_registration.max_stake IS 'times 10^-2';

COMMENT ON COLUMN bot_vm_registration.last_seen_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN bot_vm_registration.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN bot_vm_registration.updated_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN game_platform_config.house_edge_percent IS 'times 10^-4';

COMMENT ON COLUMN game_platform_config.min_multiplier IS 'times 10^-2';

COMMENT ON COLUMN game_platform_config.max_multiplier IS 'times 10^-2';

COMMENT ON COLUMN game_platform_config.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN game_platform_config.updated_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN crash_game_rounds.round_start_timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN crash_game_rounds.round_end_timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN crash_game_rounds.duration_seconds IS 'times 10^-6';

COMMENT ON COLUMN crash_game_rounds.stake_value IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.stake_before_update IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.stake_after_update IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.target_multiplier IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.crash_multiplier_detected IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.cashout_multiplier IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.final_multiplier IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.cashout_amount IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.profit_loss_amount IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.running_balance_before IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.running_balance_after IS 'times 10^-2';

COMMENT ON COLUMN crash_game_rounds.expected_profit IS 'times 10^-4';

COMMENT ON COLUMN crash_game_rounds.variance_from_strategy IS 'times 10^-4';

COMMENT ON COLUMN crash_game_rounds.roi_percent IS 'times 10^-4';

COMMENT ON COLUMN crash_game_rounds.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN crash_game_rounds.updated_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_multipliers.multiplier IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_multipliers.timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_multipliers.max_in_round IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_multipliers.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_signals.timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_signals.actual_multiplier IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_signals.prediction_error IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_signals.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_outcomes.timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN analytics_round_outcomes.profit_loss IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.roi_percent IS 'times 10^-4';

COMMENT ON COLUMN analytics_round_outcomes.bet_amount IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.winnings IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.loss_amount IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.target_multiplier IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.actual_multiplier IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.multiplier_error IS 'times 10^-2';

COMMENT ON COLUMN analytics_round_outcomes.duration_seconds IS 'times 10^-6';

COMMENT ON COLUMN analytics_round_outcomes.created_at IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN ocr_validation_logs.timestamp IS 'microseconds since 1970, UTC';

COMMENT ON COLUMN ocr_validation_logs.created_at IS 'microseconds since 1970, UTC';

CREATE FUNCTION keep_totals_of_crash_game_rounds_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN
    RETURN NULL;
  END IF;
  INSERT INTO round_totals_daily (bot_id, game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 ON CONFLICT (bot_id, game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_daily.total_rounds + excluded.total_rounds, wins = round_totals_daily.wins + excluded.wins, losses = round_totals_daily.losses + excluded.losses, skips = round_totals_daily.skips + excluded.skips, errors = round_totals_daily.errors + excluded.errors, unknowns = round_totals_daily.unknowns + excluded.unknowns, stake_total = round_totals_daily.stake_total + excluded.stake_total, stake_unknown = round_totals_daily.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_daily.cashout_total + excluded.cashout_total, profit_total = round_totals_daily.profit_total + excluded.profit_total, win_total = round_totals_daily.win_total + excluded.win_total, loss_total = round_totals_daily.loss_total + excluded.loss_total, expected_total = round_totals_daily.expected_total + excluded.expected_total, multiplier_count = round_totals_daily.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_daily.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_daily.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_daily.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_daily.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO round_totals_game (game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6 ON CONFLICT (game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_game.total_rounds + excluded.total_rounds, wins = round_totals_game.wins + excluded.wins, losses = round_totals_game.losses + excluded.losses, skips = round_totals_game.skips + excluded.skips, errors = round_totals_game.errors + excluded.errors, unknowns = round_totals_game.unknowns + excluded.unknowns, stake_total = round_totals_game.stake_total + excluded.stake_total, stake_unknown = round_totals_game.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_game.cashout_total + excluded.cashout_total, profit_total = round_totals_game.profit_total + excluded.profit_total, win_total = round_totals_game.win_total + excluded.win_total, loss_total = round_totals_game.loss_total + excluded.loss_total, expected_total = round_totals_game.expected_total + excluded.expected_total, multiplier_count = round_totals_game.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_game.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_game.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_game.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_game.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO round_totals_session (session_id, currency, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT (session_id, currency) DO UPDATE SET total_rounds = round_totals_session.total_rounds + excluded.total_rounds, wins = round_totals_session.wins + excluded.wins, losses = round_totals_session.losses + excluded.losses, skips = round_totals_session.skips + excluded.skips, errors = round_totals_session.errors + excluded.errors, unknowns = round_totals_session.unknowns + excluded.unknowns, stake_total = round_totals_session.stake_total + excluded.stake_total, stake_unknown = round_totals_session.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_session.cashout_total + excluded.cashout_total, profit_total = round_totals_session.profit_total + excluded.profit_total, win_total = round_totals_session.win_total + excluded.win_total, loss_total = round_totals_session.loss_total + excluded.loss_total, expected_total = round_totals_session.expected_total + excluded.expected_total, multiplier_count = round_totals_session.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_session.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_session.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_session.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_session.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO multiplier_histogram (game_name, platform_code, bucket, rounds) SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM new_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (game_name, platform_code, bucket) DO UPDATE SET rounds = multiplier_histogram.rounds + excluded.rounds;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_crash_game_rounds_on_insert AFTER INSERT ON crash_game_rounds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_crash_game_rounds_on_insert();

CREATE FUNCTION keep_totals_of_crash_game_rounds_on_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN
    RETURN NULL;
  END IF;
  UPDATE round_totals_daily SET total_rounds = round_totals_daily.total_rounds - gone.total_rounds, wins = round_totals_daily.wins - gone.wins, losses = round_totals_daily.losses - gone.losses, skips = round_totals_daily.skips - gone.skips, errors = round_totals_daily.errors - gone.errors, unknowns = round_totals_daily.unknowns - gone.unknowns, stake_total = round_totals_daily.stake_total - gone.stake_total, stake_unknown = round_totals_daily.stake_unknown - gone.stake_unknown, cashout_total = round_totals_daily.cashout_total - gone.cashout_total, profit_total = round_totals_daily.profit_total - gone.profit_total, win_total = round_totals_daily.win_total - gone.win_total, loss_total = round_totals_daily.loss_total - gone.loss_total, expected_total = round_totals_daily.expected_total - gone.expected_total, multiplier_count = round_totals_daily.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_daily.multiplier_total - gone.multiplier_total FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day;
  DELETE FROM round_totals_daily WHERE round_totals_daily.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day);
  UPDATE round_totals_daily SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.largest_win = gone.largest_win;
  UPDATE round_totals_daily SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.largest_loss = gone.largest_loss;
  UPDATE round_totals_daily SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.highest_multiplier = gone.highest_multiplier;
  UPDATE round_totals_game SET total_rounds = round_totals_game.total_rounds - gone.total_rounds, wins = round_totals_game.wins - gone.wins, losses = round_totals_game.losses - gone.losses, skips = round_totals_game.skips - gone.skips, errors = round_totals_game.errors - gone.errors, unknowns = round_totals_game.unknowns - gone.unknowns, stake_total = round_totals_game.stake_total - gone.stake_total, stake_unknown = round_totals_game.stake_unknown - gone.stake_unknown, cashout_total = round_totals_game.cashout_total - gone.cashout_total, profit_total = round_totals_game.profit_total - gone.profit_total, win_total = round_totals_game.win_total - gone.win_total, loss_total = round_totals_game.loss_total - gone.loss_total, expected_total = round_totals_game.expected_total - gone.expected_total, multiplier_count = round_totals_game.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_game.multiplier_total - gone.multiplier_total FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day;
  DELETE FROM round_totals_game WHERE round_totals_game.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day);
  UPDATE round_totals_game SET largest_win = (SELECT MAX(s.largest_win) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.largest_win = gone.largest_win;
  UPDATE round_totals_game SET largest_loss = (SELECT MIN(s.largest_loss) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.largest_loss = gone.largest_loss;
  UPDATE round_totals_game SET highest_multiplier = (SELECT MAX(s.highest_multiplier) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.highest_multiplier = gone.highest_multiplier;
  UPDATE round_totals_session SET total_rounds = round_totals_session.total_rounds - gone.total_rounds, wins = round_totals_session.wins - gone.wins, losses = round_totals_session.losses - gone.losses, skips = round_totals_session.skips - gone.skips, errors = round_totals_session.errors - gone.errors, unknowns = round_totals_session.unknowns - gone.unknowns, stake_total = round_totals_session.stake_total - gone.stake_total, stake_unknown = round_totals_session.stake_unknown - gone.stake_unknown, cashout_total = round_totals_session.cashout_total - gone.cashout_total, profit_total = round_totals_session.profit_total - gone.profit_total, win_total = round_totals_session.win_total - gone.win_total, loss_total = round_totals_session.loss_total - gone.loss_total, expected_total = round_totals_session.expected_total - gone.expected_total, multiplier_count = round_totals_session.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_session.multiplier_total - gone.multiplier_total FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency;
  DELETE FROM round_totals_session WHERE round_totals_session.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency);
  UPDATE round_totals_session SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.largest_win = gone.largest_win;
  UPDATE round_totals_session SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.largest_loss = gone.largest_loss;
  UPDATE round_totals_session SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.highest_multiplier = gone.highest_multiplier;
  UPDATE multiplier_histogram SET rounds = multiplier_histogram.rounds - gone.rounds FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM old_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE multiplier_histogram.game_name = gone.game_name AND multiplier_histogram.platform_code = gone.platform_code AND multiplier_histogram.bucket = gone.bucket;
  DELETE FROM multiplier_histogram WHERE multiplier_histogram.rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM old_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE multiplier_histogram.game_name = gone.game_name AND multiplier_histogram.platform_code = gone.platform_code AND multiplier_histogram.bucket = gone.bucket);
  INSERT INTO round_totals_daily (bot_id, game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 ON CONFLICT (bot_id, game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_daily.total_rounds + excluded.total_rounds, wins = round_totals_daily.wins + excluded.wins, losses = round_totals_daily.losses + excluded.losses, skips = round_totals_daily.skips + excluded.skips, errors = round_totals_daily.errors + excluded.errors, unknowns = round_totals_daily.unknowns + excluded.unknowns, stake_total = round_totals_daily.stake_total + excluded.stake_total, stake_unknown = round_totals_daily.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_daily.cashout_total + excluded.cashout_total, profit_total = round_totals_daily.profit_total + excluded.profit_total, win_total = round_totals_daily.win_total + excluded.win_total, loss_total = round_totals_daily.loss_total + excluded.loss_total, expected_total = round_totals_daily.expected_total + excluded.expected_total, multiplier_count = round_totals_daily.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_daily.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_daily.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_daily.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_daily.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO round_totals_game (game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6 ON CONFLICT (game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_game.total_rounds + excluded.total_rounds, wins = round_totals_game.wins + excluded.wins, losses = round_totals_game.losses + excluded.losses, skips = round_totals_game.skips + excluded.skips, errors = round_totals_game.errors + excluded.errors, unknowns = round_totals_game.unknowns + excluded.unknowns, stake_total = round_totals_game.stake_total + excluded.stake_total, stake_unknown = round_totals_game.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_game.cashout_total + excluded.cashout_total, profit_total = round_totals_game.profit_total + excluded.profit_total, win_total = round_totals_game.win_total + excluded.win_total, loss_total = round_totals_game.loss_total + excluded.loss_total, expected_total = round_totals_game.expected_total + excluded.expected_total, multiplier_count = round_totals_game.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_game.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_game.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_game.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_game.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO round_totals_session (session_id, currency, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM new_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT (session_id, currency) DO UPDATE SET total_rounds = round_totals_session.total_rounds + excluded.total_rounds, wins = round_totals_session.wins + excluded.wins, losses = round_totals_session.losses + excluded.losses, skips = round_totals_session.skips + excluded.skips, errors = round_totals_session.errors + excluded.errors, unknowns = round_totals_session.unknowns + excluded.unknowns, stake_total = round_totals_session.stake_total + excluded.stake_total, stake_unknown = round_totals_session.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_session.cashout_total + excluded.cashout_total, profit_total = round_totals_session.profit_total + excluded.profit_total, win_total = round_totals_session.win_total + excluded.win_total, loss_total = round_totals_session.loss_total + excluded.loss_total, expected_total = round_totals_session.expected_total + excluded.expected_total, multiplier_count = round_totals_session.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_session.multiplier_total + excluded.multiplier_total, largest_win = GREATEST(round_totals_session.largest_win, excluded.largest_win), largest_loss = LEAST(round_totals_session.largest_loss, excluded.largest_loss), highest_multiplier = GREATEST(round_totals_session.highest_multiplier, excluded.highest_multiplier);
  INSERT INTO multiplier_histogram (game_name, platform_code, bucket, rounds) SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM new_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (game_name, platform_code, bucket) DO UPDATE SET rounds = multiplier_histogram.rounds + excluded.rounds;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_crash_game_rounds_on_update AFTER UPDATE ON crash_game_rounds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_crash_game_rounds_on_update();

CREATE FUNCTION keep_totals_of_crash_game_rounds_on_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM old_rows) THEN
    RETURN NULL;
  END IF;
  UPDATE round_totals_daily SET total_rounds = round_totals_daily.total_rounds - gone.total_rounds, wins = round_totals_daily.wins - gone.wins, losses = round_totals_daily.losses - gone.losses, skips = round_totals_daily.skips - gone.skips, errors = round_totals_daily.errors - gone.errors, unknowns = round_totals_daily.unknowns - gone.unknowns, stake_total = round_totals_daily.stake_total - gone.stake_total, stake_unknown = round_totals_daily.stake_unknown - gone.stake_unknown, cashout_total = round_totals_daily.cashout_total - gone.cashout_total, profit_total = round_totals_daily.profit_total - gone.profit_total, win_total = round_totals_daily.win_total - gone.win_total, loss_total = round_totals_daily.loss_total - gone.loss_total, expected_total = round_totals_daily.expected_total - gone.expected_total, multiplier_count = round_totals_daily.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_daily.multiplier_total - gone.multiplier_total FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day;
  DELETE FROM round_totals_daily WHERE round_totals_daily.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day);
  UPDATE round_totals_daily SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.largest_win = gone.largest_win;
  UPDATE round_totals_daily SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.largest_loss = gone.largest_loss;
  UPDATE round_totals_daily SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) FROM (SELECT r.bot_id AS bot_id, r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS gone WHERE round_totals_daily.bot_id = gone.bot_id AND round_totals_daily.game_name = gone.game_name AND round_totals_daily.platform_code = gone.platform_code AND round_totals_daily.strategy_name = gone.strategy_name AND round_totals_daily.currency = gone.currency AND round_totals_daily.mode = gone.mode AND round_totals_daily.day = gone.day AND round_totals_daily.highest_multiplier = gone.highest_multiplier;
  UPDATE round_totals_game SET total_rounds = round_totals_game.total_rounds - gone.total_rounds, wins = round_totals_game.wins - gone.wins, losses = round_totals_game.losses - gone.losses, skips = round_totals_game.skips - gone.skips, errors = round_totals_game.errors - gone.errors, unknowns = round_totals_game.unknowns - gone.unknowns, stake_total = round_totals_game.stake_total - gone.stake_total, stake_unknown = round_totals_game.stake_unknown - gone.stake_unknown, cashout_total = round_totals_game.cashout_total - gone.cashout_total, profit_total = round_totals_game.profit_total - gone.profit_total, win_total = round_totals_game.win_total - gone.win_total, loss_total = round_totals_game.loss_total - gone.loss_total, expected_total = round_totals_game.expected_total - gone.expected_total, multiplier_count = round_totals_game.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_game.multiplier_total - gone.multiplier_total FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day;
  DELETE FROM round_totals_game WHERE round_totals_game.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day);
  UPDATE round_totals_game SET largest_win = (SELECT MAX(s.largest_win) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.largest_win = gone.largest_win;
  UPDATE round_totals_game SET largest_loss = (SELECT MIN(s.largest_loss) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.largest_loss = gone.largest_loss;
  UPDATE round_totals_game SET highest_multiplier = (SELECT MAX(s.highest_multiplier) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, COALESCE(r.strategy_name, '') AS strategy_name, COALESCE(r.currency, '') AS currency, COALESCE(r.mode, '') AS mode, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS gone WHERE round_totals_game.game_name = gone.game_name AND round_totals_game.platform_code = gone.platform_code AND round_totals_game.strategy_name = gone.strategy_name AND round_totals_game.currency = gone.currency AND round_totals_game.mode = gone.mode AND round_totals_game.day = gone.day AND round_totals_game.highest_multiplier = gone.highest_multiplier;
  UPDATE round_totals_session SET total_rounds = round_totals_session.total_rounds - gone.total_rounds, wins = round_totals_session.wins - gone.wins, losses = round_totals_session.losses - gone.losses, skips = round_totals_session.skips - gone.skips, errors = round_totals_session.errors - gone.errors, unknowns = round_totals_session.unknowns - gone.unknowns, stake_total = round_totals_session.stake_total - gone.stake_total, stake_unknown = round_totals_session.stake_unknown - gone.stake_unknown, cashout_total = round_totals_session.cashout_total - gone.cashout_total, profit_total = round_totals_session.profit_total - gone.profit_total, win_total = round_totals_session.win_total - gone.win_total, loss_total = round_totals_session.loss_total - gone.loss_total, expected_total = round_totals_session.expected_total - gone.expected_total, multiplier_count = round_totals_session.multiplier_count - gone.multiplier_count, multiplier_total = round_totals_session.multiplier_total - gone.multiplier_total FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency;
  DELETE FROM round_totals_session WHERE round_totals_session.total_rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency);
  UPDATE round_totals_session SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.largest_win = gone.largest_win;
  UPDATE round_totals_session SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.largest_loss = gone.largest_loss;
  UPDATE round_totals_session SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) FROM (SELECT r.session_id AS session_id, COALESCE(r.currency, '') AS currency, CAST(SUM(1) AS BIGINT) AS total_rounds, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN 1 ELSE 0 END) AS BIGINT) AS wins, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN 1 ELSE 0 END) AS BIGINT) AS losses, CAST(SUM(CASE WHEN r.round_outcome = 'SKIP' THEN 1 ELSE 0 END) AS BIGINT) AS skips, CAST(SUM(CASE WHEN r.round_outcome = 'ERROR' THEN 1 ELSE 0 END) AS BIGINT) AS errors, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END) AS BIGINT) AS unknowns, CAST(SUM(CASE WHEN r.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_total, CAST(SUM(CASE WHEN r.round_outcome = 'UNKNOWN' THEN COALESCE(r.stake_value, 0) ELSE 0 END) AS BIGINT) AS stake_unknown, CAST(SUM(COALESCE(r.cashout_amount, 0)) AS BIGINT) AS cashout_total, CAST(SUM(COALESCE(r.profit_loss_amount, 0)) AS BIGINT) AS profit_total, CAST(SUM(CASE WHEN r.round_outcome = 'WIN' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS win_total, CAST(SUM(CASE WHEN r.round_outcome = 'LOSS' THEN COALESCE(r.profit_loss_amount, 0) ELSE 0 END) AS BIGINT) AS loss_total, CAST(SUM(COALESCE(r.expected_profit, 0)) AS BIGINT) AS expected_total, CAST(SUM(CASE WHEN r.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS multiplier_count, CAST(SUM(COALESCE(r.crash_multiplier_detected, 0)) AS BIGINT) AS multiplier_total, MAX(CASE WHEN r.profit_loss_amount > 0 THEN r.profit_loss_amount END) AS largest_win, MIN(CASE WHEN r.profit_loss_amount < 0 THEN r.profit_loss_amount END) AS largest_loss, MAX(r.crash_multiplier_detected) AS highest_multiplier FROM old_rows AS r WHERE r.session_id IS NOT NULL AND true GROUP BY 1, 2 ORDER BY 1, 2) AS gone WHERE round_totals_session.session_id = gone.session_id AND round_totals_session.currency = gone.currency AND round_totals_session.highest_multiplier = gone.highest_multiplier;
  UPDATE multiplier_histogram SET rounds = multiplier_histogram.rounds - gone.rounds FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM old_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE multiplier_histogram.game_name = gone.game_name AND multiplier_histogram.platform_code = gone.platform_code AND multiplier_histogram.bucket = gone.bucket;
  DELETE FROM multiplier_histogram WHERE multiplier_histogram.rounds = 0 AND EXISTS (SELECT 1 FROM (SELECT r.game_name AS game_name, COALESCE(r.platform_code, '') AS platform_code, CASE WHEN r.crash_multiplier_detected < 1000 THEN r.crash_multiplier_detected WHEN r.crash_multiplier_detected < 10000 THEN r.crash_multiplier_detected / 10 * 10 WHEN r.crash_multiplier_detected < 100000 THEN r.crash_multiplier_detected / 100 * 100 WHEN r.crash_multiplier_detected < 1000000 THEN r.crash_multiplier_detected / 1000 * 1000 WHEN r.crash_multiplier_detected < 10000000 THEN r.crash_multiplier_detected / 10000 * 10000 WHEN r.crash_multiplier_detected < 100000000 THEN r.crash_multiplier_detected / 100000 * 100000 WHEN r.crash_multiplier_detected < 1000000000 THEN r.crash_multiplier_detected / 1000000 * 1000000 WHEN r.crash_multiplier_detected < 10000000000 THEN r.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AS bucket, CAST(SUM(1) AS BIGINT) AS rounds FROM old_rows AS r WHERE r.crash_multiplier_detected IS NOT NULL AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE multiplier_histogram.game_name = gone.game_name AND multiplier_histogram.platform_code = gone.platform_code AND multiplier_histogram.bucket = gone.bucket);
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_crash_game_rounds_on_delete AFTER DELETE ON crash_game_rounds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_crash_game_rounds_on_delete();

CREATE FUNCTION keep_totals_of_analytics_round_signals_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN
    RETURN NULL;
  END IF;
  INSERT INTO signal_totals (bot_id, signal_type, day, signals, evaluated, correct, confidence_count, confidence_total, error_count, error_total) SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (bot_id, signal_type, day) DO UPDATE SET signals = signal_totals.signals + excluded.signals, evaluated = signal_totals.evaluated + excluded.evaluated, correct = signal_totals.correct + excluded.correct, confidence_count = signal_totals.confidence_count + excluded.confidence_count, confidence_total = signal_totals.confidence_total + excluded.confidence_total, error_count = signal_totals.error_count + excluded.error_count, error_total = signal_totals.error_total + excluded.error_total;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_analytics_round_signals_on_insert AFTER INSERT ON analytics_round_signals REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_analytics_round_signals_on_insert();

CREATE FUNCTION keep_totals_of_analytics_round_signals_on_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN
    RETURN NULL;
  END IF;
  UPDATE signal_totals SET signals = signal_totals.signals - gone.signals, evaluated = signal_totals.evaluated - gone.evaluated, correct = signal_totals.correct - gone.correct, confidence_count = signal_totals.confidence_count - gone.confidence_count, confidence_total = signal_totals.confidence_total - gone.confidence_total, error_count = signal_totals.error_count - gone.error_count, error_total = signal_totals.error_total - gone.error_total FROM (SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE signal_totals.bot_id = gone.bot_id AND signal_totals.signal_type = gone.signal_type AND signal_totals.day = gone.day;
  DELETE FROM signal_totals WHERE signal_totals.signals = 0 AND EXISTS (SELECT 1 FROM (SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE signal_totals.bot_id = gone.bot_id AND signal_totals.signal_type = gone.signal_type AND signal_totals.day = gone.day);
  INSERT INTO signal_totals (bot_id, signal_type, day, signals, evaluated, correct, confidence_count, confidence_total, error_count, error_total) SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM new_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (bot_id, signal_type, day) DO UPDATE SET signals = signal_totals.signals + excluded.signals, evaluated = signal_totals.evaluated + excluded.evaluated, correct = signal_totals.correct + excluded.correct, confidence_count = signal_totals.confidence_count + excluded.confidence_count, confidence_total = signal_totals.confidence_total + excluded.confidence_total, error_count = signal_totals.error_count + excluded.error_count, error_total = signal_totals.error_total + excluded.error_total;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_analytics_round_signals_on_update AFTER UPDATE ON analytics_round_signals REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_analytics_round_signals_on_update();

CREATE FUNCTION keep_totals_of_analytics_round_signals_on_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM old_rows) THEN
    RETURN NULL;
  END IF;
  UPDATE signal_totals SET signals = signal_totals.signals - gone.signals, evaluated = signal_totals.evaluated - gone.evaluated, correct = signal_totals.correct - gone.correct, confidence_count = signal_totals.confidence_count - gone.confidence_count, confidence_total = signal_totals.confidence_total - gone.confidence_total, error_count = signal_totals.error_count - gone.error_count, error_total = signal_totals.error_total - gone.error_total FROM (SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE signal_totals.bot_id = gone.bot_id AND signal_totals.signal_type = gone.signal_type AND signal_totals.day = gone.day;
  DELETE FROM signal_totals WHERE signal_totals.signals = 0 AND EXISTS (SELECT 1 FROM (SELECT r.bot_id AS bot_id, r.signal_type AS signal_type, r.date_bucket AS day, CAST(SUM(1) AS BIGINT) AS signals, CAST(SUM(CASE WHEN r.signal_correctness IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS evaluated, CAST(SUM(CASE WHEN r.signal_correctness THEN 1 ELSE 0 END) AS BIGINT) AS correct, CAST(SUM(CASE WHEN r.confidence_score IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS confidence_count, CAST(SUM(COALESCE(CAST(ROUND(r.confidence_score * 1000000) AS BIGINT), 0)) AS BIGINT) AS confidence_total, CAST(SUM(CASE WHEN r.prediction_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS error_count, CAST(SUM(COALESCE(ABS(r.prediction_error), 0)) AS BIGINT) AS error_total FROM old_rows AS r WHERE true AND true GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS gone WHERE signal_totals.bot_id = gone.bot_id AND signal_totals.signal_type = gone.signal_type AND signal_totals.day = gone.day);
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_totals_of_analytics_round_signals_on_delete AFTER DELETE ON analytics_round_signals REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_totals_of_analytics_round_signals_on_delete();

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint;
  RETURN NEW;
END
$$;

CREATE TRIGGER set_updated_at_of_bot_vm_registration BEFORE UPDATE ON bot_vm_registration FOR EACH ROW WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();

CREATE TRIGGER set_updated_at_of_game_platform_config BEFORE UPDATE ON game_platform_config FOR EACH ROW WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();

CREATE TRIGGER set_updated_at_of_crash_game_rounds BEFORE UPDATE ON crash_game_rounds FOR EACH ROW WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();

CREATE VIEW bot_vm_registration_readable AS SELECT
  bot_id,
  bot_name,
  vm_name,
  vm_provider,
  region,
  session_id,
  strategy_name,
  currency,
  (initial_balance) * 0.01 AS initial_balance,
  (base_stake) * 0.01 AS base_stake,
  (max_stake) * 0.01 AS max_stake,
  is_active,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + last_seen_at * INTERVAL '1 microsecond' AS last_seen_at,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + updated_at * INTERVAL '1 microsecond' AS updated_at
FROM bot_vm_registration;

CREATE VIEW game_platform_config_readable AS SELECT
  game_name,
  platform_code,
  platform_url,
  round_external_id_format,
  currency,
  (house_edge_percent) * 0.0001 AS house_edge_percent,
  (min_multiplier) * 0.01 AS min_multiplier,
  (max_multiplier) * 0.01 AS max_multiplier,
  is_active,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + updated_at * INTERVAL '1 microsecond' AS updated_at
FROM game_platform_config;

CREATE VIEW crash_game_rounds_readable AS SELECT
  round_id,
  bot_id,
  bot_name,
  vm_name,
  vm_provider,
  region,
  session_id,
  strategy_name,
  mode,
  game_name,
  platform_code,
  table_name,
  currency,
  round_external_id,
  round_number,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + round_start_timestamp * INTERVAL '1 microsecond' AS round_start_timestamp,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + round_end_timestamp * INTERVAL '1 microsecond' AS round_end_timestamp,
  (duration_seconds) * 0.000001 AS duration_seconds,
  processing_time_ms,
  (stake_value) * 0.01 AS stake_value,
  (stake_before_update) * 0.01 AS stake_before_update,
  (stake_after_update) * 0.01 AS stake_after_update,
  (target_multiplier) * 0.01 AS target_multiplier,
  manual_override_flag,
  stake_placement_result,
  (crash_multiplier_detected) * 0.01 AS crash_multiplier_detected,
  (cashout_multiplier) * 0.01 AS cashout_multiplier,
  (final_multiplier) * 0.01 AS final_multiplier,
  multiplier_source,
  (cashout_amount) * 0.01 AS cashout_amount,
  (profit_loss_amount) * 0.01 AS profit_loss_amount,
  (running_balance_before) * 0.01 AS running_balance_before,
  (running_balance_after) * 0.01 AS running_balance_after,
  (expected_profit) * 0.0001 AS expected_profit,
  (variance_from_strategy) * 0.0001 AS variance_from_strategy,
  (roi_percent) * 0.0001 AS roi_percent,
  ocr_raw_text,
  ocr_cleaned_value,
  multiplier_detection_confidence,
  cashout_detection_confidence,
  ocr_timeout_flag,
  screenshot_reference_id,
  round_outcome,
  error_type,
  error_description,
  recovery_action_taken,
  retry_count,
  metadata,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + updated_at * INTERVAL '1 microsecond' AS updated_at,
  CASE WHEN date_bucket >= 0 THEN DATE '1970-01-01' + date_bucket::integer END AS date_bucket,
  hour_bucket
FROM crash_game_rounds;

CREATE VIEW analytics_round_multipliers_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  (multiplier) * 0.01 AS multiplier,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + "timestamp" * INTERVAL '1 microsecond' AS "timestamp",
  is_crash_multiplier,
  is_cashout,
  (max_in_round) * 0.01 AS max_in_round,
  ocr_confidence,
  data_quality_score,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  CASE WHEN date_bucket >= 0 THEN DATE '1970-01-01' + date_bucket::integer END AS date_bucket
FROM analytics_round_multipliers;

CREATE VIEW analytics_round_signals_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + "timestamp" * INTERVAL '1 microsecond' AS "timestamp",
  signal_type,
  confidence_score,
  signal_strength,
  time_to_crash_ms,
  volatility_measure,
  momentum_score,
  pattern_type,
  similar_rounds_count,
  signal_correctness,
  (actual_multiplier) * 0.01 AS actual_multiplier,
  (prediction_error) * 0.01 AS prediction_error,
  feature_vector,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  CASE WHEN date_bucket >= 0 THEN DATE '1970-01-01' + date_bucket::integer END AS date_bucket
FROM analytics_round_signals;

CREATE VIEW analytics_round_outcomes_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + "timestamp" * INTERVAL '1 microsecond' AS "timestamp",
  outcome,
  (profit_loss) * 0.01 AS profit_loss,
  (roi_percent) * 0.0001 AS roi_percent,
  (bet_amount) * 0.01 AS bet_amount,
  (winnings) * 0.01 AS winnings,
  (loss_amount) * 0.01 AS loss_amount,
  (target_multiplier) * 0.01 AS target_multiplier,
  (actual_multiplier) * 0.01 AS actual_multiplier,
  (multiplier_error) * 0.01 AS multiplier_error,
  hit_target,
  win_streak_length,
  loss_streak_length,
  outcome_category,
  (duration_seconds) * 0.000001 AS duration_seconds,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at,
  CASE WHEN date_bucket >= 0 THEN DATE '1970-01-01' + date_bucket::integer END AS date_bucket,
  hour_bucket
FROM analytics_round_outcomes;

CREATE VIEW ocr_validation_logs_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  field_name,
  raw_text,
  cleaned_value,
  expected_value,
  confidence,
  status,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + "timestamp" * INTERVAL '1 microsecond' AS "timestamp",
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + created_at * INTERVAL '1 microsecond' AS created_at
FROM ocr_validation_logs;

CREATE VIEW error_logs_readable AS SELECT
  id,
  session_id,
  table_name,
  error_type,
  message,
  trace,
  reaction,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + at_utc_us * INTERVAL '1 microsecond' AS at_utc,
  bot_id,
  round_id
FROM error_logs;

CREATE VIEW session_logs_readable AS SELECT
  session_id,
  bot_id,
  mode,
  strategy_name,
  parameters,
  seed,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + started_utc_us * INTERVAL '1 microsecond' AS started_utc,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + ended_utc_us * INTERVAL '1 microsecond' AS ended_utc,
  TIMESTAMPTZ '1970-01-01 00:00:00+00' + last_seen_utc_us * INTERVAL '1 microsecond' AS last_seen_utc,
  status,
  notes,
  game_name,
  platform_code,
  currency,
  (starting_balance) * 0.01 AS starting_balance,
  (ending_balance) * 0.01 AS ending_balance,
  (total_profit) * 0.01 AS total_profit,
  (total_staked) * 0.01 AS total_staked,
  (roi_percent) * 0.0001 AS roi_percent,
  total_rounds,
  rounds_won,
  rounds_lost,
  (win_rate_percent) * 0.0001 AS win_rate_percent,
  (largest_win) * 0.01 AS largest_win,
  (largest_loss) * 0.01 AS largest_loss,
  (average_win) * 0.0001 AS average_win,
  (average_loss) * 0.0001 AS average_loss
FROM session_logs;

CREATE VIEW round_totals_daily_readable AS SELECT
  bot_id,
  CASE WHEN "day" >= 0 THEN DATE '1970-01-01' + "day"::integer END AS "day",
  game_name,
  platform_code,
  strategy_name,
  currency,
  mode,
  total_rounds,
  wins,
  losses,
  skips,
  errors,
  unknowns,
  (stake_total) * 0.01 AS stake_total,
  (stake_unknown) * 0.01 AS stake_unknown,
  (cashout_total) * 0.01 AS cashout_total,
  (profit_total) * 0.01 AS profit_total,
  (win_total) * 0.01 AS win_total,
  (loss_total) * 0.01 AS loss_total,
  (expected_total) * 0.0001 AS expected_total,
  multiplier_count,
  (multiplier_total) * 0.01 AS multiplier_total,
  (largest_win) * 0.01 AS largest_win,
  (largest_loss) * 0.01 AS largest_loss,
  (highest_multiplier) * 0.01 AS highest_multiplier
FROM round_totals_daily;

CREATE MATERIALIZED VIEW mv_daily_bot_stats AS
SELECT
  bot_id,
  day AS date_bucket,
  CASE WHEN round_totals_daily.day >= 0 THEN DATE '1970-01-01' + round_totals_daily.day::integer END AS "day",
  CAST(SUM(total_rounds) AS BIGINT) AS total_rounds,
  CAST(SUM(wins) AS BIGINT) AS wins,
  CAST(SUM(losses) AS BIGINT) AS losses,
  CAST(SUM(skips) AS BIGINT) AS skips,
  CAST(SUM(errors) AS BIGINT) AS errors,
  CAST(SUM(unknowns) AS BIGINT) AS unknowns,
  ROUND(CAST(100 * SUM(wins) AS NUMERIC) / NULLIF(SUM(wins) + SUM(losses), 0), 4) AS win_rate_percent,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN MIN(currency) END AS currency,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN (CAST(SUM(stake_total) AS BIGINT)) * 0.01 END AS total_stake,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN (CAST(SUM(profit_total) AS BIGINT)) * 0.01 END AS total_profit,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN ROUND(CAST(100 * SUM(profit_total) AS NUMERIC) / NULLIF(SUM(stake_total), 0), 4) END AS roi_percent,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN (CAST(MAX(largest_win) AS BIGINT)) * 0.01 END AS largest_win,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN (CAST(MIN(largest_loss) AS BIGINT)) * 0.01 END AS largest_loss,
  ROUND(CAST(SUM(multiplier_total) AS NUMERIC) / NULLIF(SUM(multiplier_count) * 100, 0), 4) AS average_multiplier,
  (CAST(MAX(highest_multiplier) AS BIGINT)) * 0.01 AS highest_multiplier
FROM round_totals_daily
GROUP BY bot_id, round_totals_daily.day;

CREATE UNIQUE INDEX uq_mv_daily_bot_stats ON mv_daily_bot_stats (bot_id, date_bucket);

CREATE INDEX ix_mv_daily_bot_stats_day ON mv_daily_bot_stats (day);

CREATE FUNCTION crashbot_scaled(value numeric, places integer, field text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  stored numeric;
BEGIN
  IF value IS NULL THEN
    RETURN NULL;
  END IF;
  IF value IN ('NaN', 'Infinity', '-Infinity') THEN
    RAISE EXCEPTION '% must be a finite number, not %', field, value USING ERRCODE = 'check_violation';
  END IF;
  stored := value * 10::numeric ^ places;
  IF stored <> trunc(stored) THEN
    RAISE EXCEPTION '% takes at most % decimals, not %', field, places, value
      USING ERRCODE = 'check_violation';
  END IF;
  IF abs(stored) > 9223372036854775807 THEN
    RAISE EXCEPTION '% is too large: %', field, value USING ERRCODE = 'check_violation';
  END IF;
  RETURN stored::bigint;
END
$$;

CREATE FUNCTION crashbot_utc_us(value timestamptz, field text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value IN ('infinity', '-infinity') THEN
    RAISE EXCEPTION '% must be a time, not %', field, value USING ERRCODE = 'check_violation';
  END IF;
  RETURN (EXTRACT(EPOCH FROM value) * 1000000)::bigint;
END
$$;

CREATE PROCEDURE log_crash_game_round(
  INOUT p_round_id text DEFAULT NULL,
  p_bot_id text DEFAULT NULL,
  p_bot_name text DEFAULT NULL,
  p_vm_name text DEFAULT NULL,
  p_vm_provider text DEFAULT NULL,
  p_region text DEFAULT NULL,
  p_session_id text DEFAULT NULL,
  p_strategy_name text DEFAULT NULL,
  p_mode text DEFAULT NULL,
  p_game_name text DEFAULT NULL,
  p_platform_code text DEFAULT NULL,
  p_table_name text DEFAULT NULL,
  p_currency text DEFAULT NULL,
  p_round_external_id text DEFAULT NULL,
  p_round_number bigint DEFAULT NULL,
  p_round_start_timestamp timestamptz DEFAULT NULL,
  p_round_end_timestamp timestamptz DEFAULT NULL,
  p_duration_seconds numeric DEFAULT NULL,
  p_processing_time_ms double precision DEFAULT NULL,
  p_stake_value numeric DEFAULT NULL,
  p_stake_before_update numeric DEFAULT NULL,
  p_stake_after_update numeric DEFAULT NULL,
  p_target_multiplier numeric DEFAULT NULL,
  p_manual_override_flag boolean DEFAULT NULL,
  p_stake_placement_result text DEFAULT NULL,
  p_crash_multiplier_detected numeric DEFAULT NULL,
  p_cashout_multiplier numeric DEFAULT NULL,
  p_final_multiplier numeric DEFAULT NULL,
  p_multiplier_source text DEFAULT NULL,
  p_cashout_amount numeric DEFAULT NULL,
  p_profit_loss_amount numeric DEFAULT NULL,
  p_running_balance_before numeric DEFAULT NULL,
  p_running_balance_after numeric DEFAULT NULL,
  p_expected_profit numeric DEFAULT NULL,
  p_variance_from_strategy numeric DEFAULT NULL,
  p_roi_percent numeric DEFAULT NULL,
  p_ocr_raw_text text DEFAULT NULL,
  p_ocr_cleaned_value text DEFAULT NULL,
  p_multiplier_detection_confidence double precision DEFAULT NULL,
  p_cashout_detection_confidence double precision DEFAULT NULL,
  p_ocr_timeout_flag boolean DEFAULT NULL,
  p_screenshot_reference_id text DEFAULT NULL,
  p_round_outcome text DEFAULT NULL,
  p_error_type text DEFAULT NULL,
  p_error_description text DEFAULT NULL,
  p_recovery_action_taken text DEFAULT NULL,
  p_retry_count bigint DEFAULT NULL,
  p_metadata jsonb DEFAULT NULL
)
LANGUAGE plpgsql AS $$
BEGIN
  IF p_bot_id IS NULL OR NOT EXISTS (SELECT 1 FROM bot_vm_registration WHERE bot_id = p_bot_id) THEN
    RAISE EXCEPTION 'p_bot_id = % is not registered', p_bot_id USING ERRCODE = 'foreign_key_violation';
  END IF;
  p_round_id := COALESCE(p_round_id, gen_random_uuid()::text);
  INSERT INTO crash_game_rounds (round_id, bot_id, bot_name, vm_name, vm_provider, region, session_id, strategy_name, mode, game_name, platform_code, table_name, currency, round_external_id, round_number, round_start_timestamp, round_end_timestamp, duration_seconds, processing_time_ms, stake_value, stake_before_update, stake_after_update, target_multiplier, manual_override_flag, stake_placement_result, crash_multiplier_detected, cashout_multiplier, final_multiplier, multiplier_source, cashout_amount, profit_loss_amount, running_balance_before, running_balance_after, expected_profit, variance_from_strategy, roi_percent, ocr_raw_text, ocr_cleaned_value, multiplier_detection_confidence, cashout_detection_confidence, ocr_timeout_flag, screenshot_reference_id, round_outcome, error_type, error_description, recovery_action_taken, retry_count, metadata)
  VALUES (
    p_round_id,
    p_bot_id,
    p_bot_name,
    p_vm_name,
    p_vm_provider,
    p_region,
    p_session_id,
    p_strategy_name,
    p_mode,
    p_game_name,
    p_platform_code,
    p_table_name,
    p_currency,
    p_round_external_id,
    p_round_number,
    crashbot_utc_us(p_round_start_timestamp, 'p_round_start_timestamp'),
    crashbot_utc_us(p_round_end_timestamp, 'p_round_end_timestamp'),
    crashbot_scaled(p_duration_seconds, 6, 'p_duration_seconds'),
    p_processing_time_ms,
    crashbot_scaled(p_stake_value, 2, 'p_stake_value'),
    crashbot_scaled(p_stake_before_update, 2, 'p_stake_before_update'),
    crashbot_scaled(p_stake_after_update, 2, 'p_stake_after_update'),
    crashbot_scaled(p_target_multiplier, 2, 'p_target_multiplier'),
    p_manual_override_flag,
    p_stake_placement_result,
    crashbot_scaled(p_crash_multiplier_detected, 2, 'p_crash_multiplier_detected'),
    crashbot_scaled(p_cashout_multiplier, 2, 'p_cashout_multiplier'),
    crashbot_scaled(p_final_multiplier, 2, 'p_final_multiplier'),
    p_multiplier_source,
    crashbot_scaled(p_cashout_amount, 2, 'p_cashout_amount'),
    crashbot_scaled(p_profit_loss_amount, 2, 'p_profit_loss_amount'),
    crashbot_scaled(p_running_balance_before, 2, 'p_running_balance_before'),
    crashbot_scaled(p_running_balance_after, 2, 'p_running_balance_after'),
    crashbot_scaled(p_expected_profit, 4, 'p_expected_profit'),
    crashbot_scaled(p_variance_from_strategy, 4, 'p_variance_from_strategy'),
    crashbot_scaled(p_roi_percent, 4, 'p_roi_percent'),
    p_ocr_raw_text,
    p_ocr_cleaned_value,
    p_multiplier_detection_confidence,
    p_cashout_detection_confidence,
    p_ocr_timeout_flag,
    p_screenshot_reference_id,
    COALESCE(p_round_outcome, 'UNKNOWN'),
    p_error_type,
    p_error_description,
    p_recovery_action_taken,
    p_retry_count,
    p_metadata
  )
  ON CONFLICT (round_id) DO NOTHING;
END
$$;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('0003');

INSERT INTO schema_version (version, applied_utc_us) VALUES (3, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint);

COMMIT;
