ALTER TABLE error_logs ADD COLUMN bot_id TEXT;
-- next
ALTER TABLE error_logs ADD COLUMN round_id TEXT;
-- next
ALTER TABLE session_logs ADD COLUMN game_name TEXT;
-- next
ALTER TABLE session_logs ADD COLUMN platform_code TEXT;
-- next
ALTER TABLE session_logs ADD COLUMN currency TEXT;
-- next
ALTER TABLE session_logs ADD COLUMN starting_balance BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN ending_balance BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN total_profit BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN total_staked BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN roi_percent BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN total_rounds BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN rounds_won BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN rounds_lost BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN win_rate_percent BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN largest_win BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN largest_loss BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN average_win BIGINT;
-- next
ALTER TABLE session_logs ADD COLUMN average_loss BIGINT;
-- next
ALTER TABLE session_tables ADD COLUMN platform_code TEXT;
-- next
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
)
 WITHOUT ROWID;
-- next
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
)
 WITHOUT ROWID;
-- next
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
)
 WITHOUT ROWID;
-- next
CREATE TABLE multiplier_histogram (
	game_name TEXT NOT NULL, 
	platform_code TEXT NOT NULL, 
	bucket BIGINT NOT NULL, 
	rounds BIGINT NOT NULL, 
	PRIMARY KEY (game_name, platform_code, bucket)
)
 WITHOUT ROWID;
-- next
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
)
 WITHOUT ROWID;
-- next
CREATE TABLE totals_pause (
	id BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
-- next
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
-- next
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
-- next
CREATE TABLE alerts (
	id TEXT NOT NULL, 
	bot_id TEXT NOT NULL, 
	session_id TEXT, 
	kind TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	message TEXT NOT NULL, 
	detail JSON, 
	at_utc_us BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
-- next
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
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	PRIMARY KEY (id)
);
-- next
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
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	updated_at BIGINT, 
	PRIMARY KEY (bot_id), 
	CONSTRAINT ck_bots_vm_provider_known CHECK (vm_provider IN ('vastai', 'runpod', 'digitalocean', 'aws', 'gcp', 'local')), 
	CONSTRAINT ck_bots_initial_balance CHECK (initial_balance >= 0), 
	CONSTRAINT ck_bots_base_stake CHECK (base_stake >= 0), 
	CONSTRAINT ck_bots_max_stake CHECK (max_stake >= 0)
);
-- next
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
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	updated_at BIGINT, 
	PRIMARY KEY (game_name, platform_code), 
	CONSTRAINT ck_platforms_min_multiplier CHECK (min_multiplier >= 100), 
	CONSTRAINT ck_platforms_max_multiplier CHECK (max_multiplier >= min_multiplier), 
	CONSTRAINT ck_platforms_house_edge CHECK (house_edge_percent >= 0 AND house_edge_percent <= 1000000)
);
-- next
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
	processing_time_ms FLOAT, 
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
	multiplier_detection_confidence FLOAT, 
	cashout_detection_confidence FLOAT, 
	ocr_timeout_flag BOOLEAN, 
	screenshot_reference_id TEXT, 
	round_outcome TEXT NOT NULL, 
	error_type TEXT, 
	error_description TEXT, 
	recovery_action_taken TEXT, 
	retry_count BIGINT, 
	metadata JSON, 
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	updated_at BIGINT, 
	date_bucket BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(round_start_timestamp, round_end_timestamp, -86400000000) / 86400000000) STORED, 
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
-- next
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
	ocr_confidence FLOAT, 
	data_quality_score FLOAT, 
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	date_bucket BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_multipliers_multiplier CHECK (multiplier >= 100), 
	CONSTRAINT ck_multipliers_max_in_round CHECK (max_in_round >= 100), 
	CONSTRAINT ck_multipliers_confidence CHECK (ocr_confidence >= 0 AND ocr_confidence <= 1), 
	CONSTRAINT ck_multipliers_quality CHECK (data_quality_score >= 0 AND data_quality_score <= 1), 
	FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);
-- next
CREATE TABLE analytics_round_signals (
	id TEXT NOT NULL, 
	round_id TEXT NOT NULL, 
	bot_id TEXT NOT NULL, 
	session_id TEXT, 
	game_name TEXT, 
	platform_code TEXT, 
	timestamp BIGINT, 
	signal_type TEXT NOT NULL, 
	confidence_score FLOAT, 
	signal_strength FLOAT, 
	time_to_crash_ms BIGINT, 
	volatility_measure FLOAT, 
	momentum_score FLOAT, 
	pattern_type TEXT, 
	similar_rounds_count BIGINT, 
	signal_correctness BOOLEAN, 
	actual_multiplier BIGINT, 
	prediction_error BIGINT, 
	feature_vector JSON, 
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	date_bucket BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_signals_signal_type_known CHECK (signal_type IN ('pre_flight', 'early_flight', 'peak_approaching', 'crash_imminent')), 
	CONSTRAINT ck_signals_confidence CHECK (confidence_score >= 0 AND confidence_score <= 1), 
	CONSTRAINT ck_signals_actual CHECK (actual_multiplier >= 100), 
	CONSTRAINT ck_signals_similar CHECK (similar_rounds_count >= 0), 
	FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);
-- next
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
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	date_bucket BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(timestamp, -86400000000) / 86400000000) STORED, 
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
-- next
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
	confidence FLOAT, 
	status TEXT DEFAULT 'unknown' NOT NULL, 
	timestamp BIGINT, 
	created_at BIGINT DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_ocr_confidence CHECK (confidence >= 0 AND confidence <= 1), 
	FOREIGN KEY(bot_id) REFERENCES bot_vm_registration (bot_id) DEFERRABLE INITIALLY DEFERRED
);
-- next
CREATE INDEX ix_alerts_bot ON alerts (bot_id, at_utc_us);
-- next
CREATE INDEX ix_alerts_time ON alerts (at_utc_us);
-- next
CREATE INDEX ix_daily_day ON round_totals_daily (day);
-- next
CREATE INDEX ix_daily_game ON round_totals_daily (game_name, platform_code, day);
-- next
CREATE INDEX ix_denials_round ON denials (round_id);
-- next
CREATE INDEX ix_error_logs_bot ON error_logs (bot_id, at_utc_us);
-- next
CREATE INDEX ix_game_totals_day ON round_totals_game (day);
-- next
CREATE INDEX ix_game_totals_strategy ON round_totals_game (strategy_name, day);
-- next
CREATE INDEX ix_gaps_bot ON round_gaps (bot_id, at_utc_us, rounds);
-- next
CREATE INDEX ix_gaps_game ON round_gaps (game_name, at_utc_us, rounds, platform_code);
-- next
CREATE INDEX ix_gaps_session ON round_gaps (session_id, at_utc_us, rounds);
-- next
CREATE INDEX ix_gaps_strategy ON round_gaps (strategy_name, at_utc_us, rounds);
-- next
CREATE INDEX ix_gaps_time ON round_gaps (at_utc_us, rounds);
-- next
CREATE INDEX ix_multipliers_bot ON analytics_round_multipliers (bot_id, date_bucket);
-- next
CREATE INDEX ix_multipliers_game ON analytics_round_multipliers (game_name, date_bucket, timestamp);
-- next
CREATE INDEX ix_multipliers_round ON analytics_round_multipliers (round_id, timestamp);
-- next
CREATE INDEX ix_ocr_bot ON ocr_validation_logs (bot_id, timestamp);
-- next
CREATE INDEX ix_ocr_round ON ocr_validation_logs (round_id);
-- next
CREATE INDEX ix_outcomes_bot ON analytics_round_outcomes (bot_id, date_bucket);
-- next
CREATE INDEX ix_outcomes_round ON analytics_round_outcomes (round_id);
-- next
CREATE INDEX ix_outcomes_session ON analytics_round_outcomes (session_id);
-- next
CREATE INDEX ix_signals_bot ON analytics_round_signals (bot_id, signal_type, date_bucket);
-- next
CREATE INDEX ix_signals_round ON analytics_round_signals (round_id);
-- next
CREATE INDEX ix_watched_bot ON watched_intervals (bot_id, from_utc_us, to_utc_us);
-- next
CREATE INDEX ix_watched_game ON watched_intervals (game_name, from_utc_us, to_utc_us, platform_code);
-- next
CREATE INDEX ix_watched_session ON watched_intervals (session_id, from_utc_us, to_utc_us);
-- next
CREATE INDEX ix_watched_strategy ON watched_intervals (strategy_name, from_utc_us, to_utc_us);
-- next
CREATE INDEX ix_watched_time ON watched_intervals (from_utc_us, to_utc_us);
-- next
CREATE INDEX ix_wide_bot ON crash_game_rounds (bot_id, date_bucket, round_start_timestamp);
-- next
CREATE INDEX ix_wide_day ON crash_game_rounds (date_bucket);
-- next
CREATE INDEX ix_wide_game ON crash_game_rounds (game_name, date_bucket, round_start_timestamp);
-- next
CREATE INDEX ix_wide_session ON crash_game_rounds (session_id, profit_loss_amount);
-- next
CREATE TRIGGER keep_totals_of_crash_game_rounds_on_insert AFTER INSERT ON crash_game_rounds FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  INSERT INTO round_totals_daily (bot_id, game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.bot_id, NEW.game_name, COALESCE(NEW.platform_code, ''), COALESCE(NEW.strategy_name, ''), COALESCE(NEW.currency, ''), COALESCE(NEW.mode, ''), NEW.date_bucket, 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE true ON CONFLICT (bot_id, game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_daily.total_rounds + excluded.total_rounds, wins = round_totals_daily.wins + excluded.wins, losses = round_totals_daily.losses + excluded.losses, skips = round_totals_daily.skips + excluded.skips, errors = round_totals_daily.errors + excluded.errors, unknowns = round_totals_daily.unknowns + excluded.unknowns, stake_total = round_totals_daily.stake_total + excluded.stake_total, stake_unknown = round_totals_daily.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_daily.cashout_total + excluded.cashout_total, profit_total = round_totals_daily.profit_total + excluded.profit_total, win_total = round_totals_daily.win_total + excluded.win_total, loss_total = round_totals_daily.loss_total + excluded.loss_total, expected_total = round_totals_daily.expected_total + excluded.expected_total, multiplier_count = round_totals_daily.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_daily.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_daily.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_daily.largest_win)), largest_loss = MIN(COALESCE(round_totals_daily.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_daily.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_daily.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_daily.highest_multiplier));
  INSERT INTO round_totals_game (game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.game_name, COALESCE(NEW.platform_code, ''), COALESCE(NEW.strategy_name, ''), COALESCE(NEW.currency, ''), COALESCE(NEW.mode, ''), NEW.date_bucket, 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE true ON CONFLICT (game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_game.total_rounds + excluded.total_rounds, wins = round_totals_game.wins + excluded.wins, losses = round_totals_game.losses + excluded.losses, skips = round_totals_game.skips + excluded.skips, errors = round_totals_game.errors + excluded.errors, unknowns = round_totals_game.unknowns + excluded.unknowns, stake_total = round_totals_game.stake_total + excluded.stake_total, stake_unknown = round_totals_game.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_game.cashout_total + excluded.cashout_total, profit_total = round_totals_game.profit_total + excluded.profit_total, win_total = round_totals_game.win_total + excluded.win_total, loss_total = round_totals_game.loss_total + excluded.loss_total, expected_total = round_totals_game.expected_total + excluded.expected_total, multiplier_count = round_totals_game.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_game.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_game.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_game.largest_win)), largest_loss = MIN(COALESCE(round_totals_game.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_game.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_game.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_game.highest_multiplier));
  INSERT INTO round_totals_session (session_id, currency, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.session_id, COALESCE(NEW.currency, ''), 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE NEW.session_id IS NOT NULL ON CONFLICT (session_id, currency) DO UPDATE SET total_rounds = round_totals_session.total_rounds + excluded.total_rounds, wins = round_totals_session.wins + excluded.wins, losses = round_totals_session.losses + excluded.losses, skips = round_totals_session.skips + excluded.skips, errors = round_totals_session.errors + excluded.errors, unknowns = round_totals_session.unknowns + excluded.unknowns, stake_total = round_totals_session.stake_total + excluded.stake_total, stake_unknown = round_totals_session.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_session.cashout_total + excluded.cashout_total, profit_total = round_totals_session.profit_total + excluded.profit_total, win_total = round_totals_session.win_total + excluded.win_total, loss_total = round_totals_session.loss_total + excluded.loss_total, expected_total = round_totals_session.expected_total + excluded.expected_total, multiplier_count = round_totals_session.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_session.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_session.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_session.largest_win)), largest_loss = MIN(COALESCE(round_totals_session.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_session.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_session.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_session.highest_multiplier));
  INSERT INTO multiplier_histogram (game_name, platform_code, bucket, rounds) SELECT NEW.game_name, COALESCE(NEW.platform_code, ''), CASE WHEN NEW.crash_multiplier_detected < 1000 THEN NEW.crash_multiplier_detected WHEN NEW.crash_multiplier_detected < 10000 THEN NEW.crash_multiplier_detected / 10 * 10 WHEN NEW.crash_multiplier_detected < 100000 THEN NEW.crash_multiplier_detected / 100 * 100 WHEN NEW.crash_multiplier_detected < 1000000 THEN NEW.crash_multiplier_detected / 1000 * 1000 WHEN NEW.crash_multiplier_detected < 10000000 THEN NEW.crash_multiplier_detected / 10000 * 10000 WHEN NEW.crash_multiplier_detected < 100000000 THEN NEW.crash_multiplier_detected / 100000 * 100000 WHEN NEW.crash_multiplier_detected < 1000000000 THEN NEW.crash_multiplier_detected / 1000000 * 1000000 WHEN NEW.crash_multiplier_detected < 10000000000 THEN NEW.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END, 1 WHERE NEW.crash_multiplier_detected IS NOT NULL ON CONFLICT (game_name, platform_code, bucket) DO UPDATE SET rounds = multiplier_histogram.rounds + excluded.rounds;
END;
-- next
CREATE TRIGGER keep_totals_of_crash_game_rounds_on_update AFTER UPDATE OF bot_id, session_id, strategy_name, mode, game_name, platform_code, currency, round_start_timestamp, round_end_timestamp, stake_value, crash_multiplier_detected, cashout_amount, profit_loss_amount, expected_profit, round_outcome ON crash_game_rounds FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  UPDATE round_totals_daily SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true;
  DELETE FROM round_totals_daily WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND total_rounds = 0;
  UPDATE round_totals_daily SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_daily SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_daily SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE round_totals_game SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true;
  DELETE FROM round_totals_game WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND total_rounds = 0;
  UPDATE round_totals_game SET largest_win = (SELECT MAX(s.largest_win) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_game SET largest_loss = (SELECT MIN(s.largest_loss) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_game SET highest_multiplier = (SELECT MAX(s.highest_multiplier) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE round_totals_session SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL;
  DELETE FROM round_totals_session WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND total_rounds = 0;
  UPDATE round_totals_session SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_session SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_session SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE multiplier_histogram SET rounds = rounds - (1) WHERE multiplier_histogram.game_name = OLD.game_name AND multiplier_histogram.platform_code = COALESCE(OLD.platform_code, '') AND multiplier_histogram.bucket = CASE WHEN OLD.crash_multiplier_detected < 1000 THEN OLD.crash_multiplier_detected WHEN OLD.crash_multiplier_detected < 10000 THEN OLD.crash_multiplier_detected / 10 * 10 WHEN OLD.crash_multiplier_detected < 100000 THEN OLD.crash_multiplier_detected / 100 * 100 WHEN OLD.crash_multiplier_detected < 1000000 THEN OLD.crash_multiplier_detected / 1000 * 1000 WHEN OLD.crash_multiplier_detected < 10000000 THEN OLD.crash_multiplier_detected / 10000 * 10000 WHEN OLD.crash_multiplier_detected < 100000000 THEN OLD.crash_multiplier_detected / 100000 * 100000 WHEN OLD.crash_multiplier_detected < 1000000000 THEN OLD.crash_multiplier_detected / 1000000 * 1000000 WHEN OLD.crash_multiplier_detected < 10000000000 THEN OLD.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AND OLD.crash_multiplier_detected IS NOT NULL;
  DELETE FROM multiplier_histogram WHERE multiplier_histogram.game_name = OLD.game_name AND multiplier_histogram.platform_code = COALESCE(OLD.platform_code, '') AND multiplier_histogram.bucket = CASE WHEN OLD.crash_multiplier_detected < 1000 THEN OLD.crash_multiplier_detected WHEN OLD.crash_multiplier_detected < 10000 THEN OLD.crash_multiplier_detected / 10 * 10 WHEN OLD.crash_multiplier_detected < 100000 THEN OLD.crash_multiplier_detected / 100 * 100 WHEN OLD.crash_multiplier_detected < 1000000 THEN OLD.crash_multiplier_detected / 1000 * 1000 WHEN OLD.crash_multiplier_detected < 10000000 THEN OLD.crash_multiplier_detected / 10000 * 10000 WHEN OLD.crash_multiplier_detected < 100000000 THEN OLD.crash_multiplier_detected / 100000 * 100000 WHEN OLD.crash_multiplier_detected < 1000000000 THEN OLD.crash_multiplier_detected / 1000000 * 1000000 WHEN OLD.crash_multiplier_detected < 10000000000 THEN OLD.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AND OLD.crash_multiplier_detected IS NOT NULL AND rounds = 0;
  INSERT INTO round_totals_daily (bot_id, game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.bot_id, NEW.game_name, COALESCE(NEW.platform_code, ''), COALESCE(NEW.strategy_name, ''), COALESCE(NEW.currency, ''), COALESCE(NEW.mode, ''), NEW.date_bucket, 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE true ON CONFLICT (bot_id, game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_daily.total_rounds + excluded.total_rounds, wins = round_totals_daily.wins + excluded.wins, losses = round_totals_daily.losses + excluded.losses, skips = round_totals_daily.skips + excluded.skips, errors = round_totals_daily.errors + excluded.errors, unknowns = round_totals_daily.unknowns + excluded.unknowns, stake_total = round_totals_daily.stake_total + excluded.stake_total, stake_unknown = round_totals_daily.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_daily.cashout_total + excluded.cashout_total, profit_total = round_totals_daily.profit_total + excluded.profit_total, win_total = round_totals_daily.win_total + excluded.win_total, loss_total = round_totals_daily.loss_total + excluded.loss_total, expected_total = round_totals_daily.expected_total + excluded.expected_total, multiplier_count = round_totals_daily.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_daily.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_daily.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_daily.largest_win)), largest_loss = MIN(COALESCE(round_totals_daily.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_daily.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_daily.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_daily.highest_multiplier));
  INSERT INTO round_totals_game (game_name, platform_code, strategy_name, currency, mode, day, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.game_name, COALESCE(NEW.platform_code, ''), COALESCE(NEW.strategy_name, ''), COALESCE(NEW.currency, ''), COALESCE(NEW.mode, ''), NEW.date_bucket, 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE true ON CONFLICT (game_name, platform_code, strategy_name, currency, mode, day) DO UPDATE SET total_rounds = round_totals_game.total_rounds + excluded.total_rounds, wins = round_totals_game.wins + excluded.wins, losses = round_totals_game.losses + excluded.losses, skips = round_totals_game.skips + excluded.skips, errors = round_totals_game.errors + excluded.errors, unknowns = round_totals_game.unknowns + excluded.unknowns, stake_total = round_totals_game.stake_total + excluded.stake_total, stake_unknown = round_totals_game.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_game.cashout_total + excluded.cashout_total, profit_total = round_totals_game.profit_total + excluded.profit_total, win_total = round_totals_game.win_total + excluded.win_total, loss_total = round_totals_game.loss_total + excluded.loss_total, expected_total = round_totals_game.expected_total + excluded.expected_total, multiplier_count = round_totals_game.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_game.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_game.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_game.largest_win)), largest_loss = MIN(COALESCE(round_totals_game.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_game.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_game.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_game.highest_multiplier));
  INSERT INTO round_totals_session (session_id, currency, total_rounds, wins, losses, skips, errors, unknowns, stake_total, stake_unknown, cashout_total, profit_total, win_total, loss_total, expected_total, multiplier_count, multiplier_total, largest_win, largest_loss, highest_multiplier) SELECT NEW.session_id, COALESCE(NEW.currency, ''), 1, CASE WHEN NEW.round_outcome = 'WIN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'SKIP' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'ERROR' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END, CASE WHEN NEW.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'UNKNOWN' THEN COALESCE(NEW.stake_value, 0) ELSE 0 END, COALESCE(NEW.cashout_amount, 0), COALESCE(NEW.profit_loss_amount, 0), CASE WHEN NEW.round_outcome = 'WIN' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, CASE WHEN NEW.round_outcome = 'LOSS' THEN COALESCE(NEW.profit_loss_amount, 0) ELSE 0 END, COALESCE(NEW.expected_profit, 0), CASE WHEN NEW.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END, COALESCE(NEW.crash_multiplier_detected, 0), CASE WHEN NEW.profit_loss_amount > 0 THEN NEW.profit_loss_amount END, CASE WHEN NEW.profit_loss_amount < 0 THEN NEW.profit_loss_amount END, NEW.crash_multiplier_detected WHERE NEW.session_id IS NOT NULL ON CONFLICT (session_id, currency) DO UPDATE SET total_rounds = round_totals_session.total_rounds + excluded.total_rounds, wins = round_totals_session.wins + excluded.wins, losses = round_totals_session.losses + excluded.losses, skips = round_totals_session.skips + excluded.skips, errors = round_totals_session.errors + excluded.errors, unknowns = round_totals_session.unknowns + excluded.unknowns, stake_total = round_totals_session.stake_total + excluded.stake_total, stake_unknown = round_totals_session.stake_unknown + excluded.stake_unknown, cashout_total = round_totals_session.cashout_total + excluded.cashout_total, profit_total = round_totals_session.profit_total + excluded.profit_total, win_total = round_totals_session.win_total + excluded.win_total, loss_total = round_totals_session.loss_total + excluded.loss_total, expected_total = round_totals_session.expected_total + excluded.expected_total, multiplier_count = round_totals_session.multiplier_count + excluded.multiplier_count, multiplier_total = round_totals_session.multiplier_total + excluded.multiplier_total, largest_win = MAX(COALESCE(round_totals_session.largest_win, excluded.largest_win), COALESCE(excluded.largest_win, round_totals_session.largest_win)), largest_loss = MIN(COALESCE(round_totals_session.largest_loss, excluded.largest_loss), COALESCE(excluded.largest_loss, round_totals_session.largest_loss)), highest_multiplier = MAX(COALESCE(round_totals_session.highest_multiplier, excluded.highest_multiplier), COALESCE(excluded.highest_multiplier, round_totals_session.highest_multiplier));
  INSERT INTO multiplier_histogram (game_name, platform_code, bucket, rounds) SELECT NEW.game_name, COALESCE(NEW.platform_code, ''), CASE WHEN NEW.crash_multiplier_detected < 1000 THEN NEW.crash_multiplier_detected WHEN NEW.crash_multiplier_detected < 10000 THEN NEW.crash_multiplier_detected / 10 * 10 WHEN NEW.crash_multiplier_detected < 100000 THEN NEW.crash_multiplier_detected / 100 * 100 WHEN NEW.crash_multiplier_detected < 1000000 THEN NEW.crash_multiplier_detected / 1000 * 1000 WHEN NEW.crash_multiplier_detected < 10000000 THEN NEW.crash_multiplier_detected / 10000 * 10000 WHEN NEW.crash_multiplier_detected < 100000000 THEN NEW.crash_multiplier_detected / 100000 * 100000 WHEN NEW.crash_multiplier_detected < 1000000000 THEN NEW.crash_multiplier_detected / 1000000 * 1000000 WHEN NEW.crash_multiplier_detected < 10000000000 THEN NEW.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END, 1 WHERE NEW.crash_multiplier_detected IS NOT NULL ON CONFLICT (game_name, platform_code, bucket) DO UPDATE SET rounds = multiplier_histogram.rounds + excluded.rounds;
END;
-- next
CREATE TRIGGER keep_totals_of_crash_game_rounds_on_delete AFTER DELETE ON crash_game_rounds FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  UPDATE round_totals_daily SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true;
  DELETE FROM round_totals_daily WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND total_rounds = 0;
  UPDATE round_totals_daily SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_daily SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_daily SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_daily.bot_id = s.bot_id AND round_totals_daily.game_name = s.game_name AND round_totals_daily.platform_code = COALESCE(s.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(s.strategy_name, '') AND round_totals_daily.currency = COALESCE(s.currency, '') AND round_totals_daily.mode = COALESCE(s.mode, '') AND round_totals_daily.day = s.date_bucket AND true AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) WHERE round_totals_daily.bot_id = OLD.bot_id AND round_totals_daily.game_name = OLD.game_name AND round_totals_daily.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_daily.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_daily.currency = COALESCE(OLD.currency, '') AND round_totals_daily.mode = COALESCE(OLD.mode, '') AND round_totals_daily.day = OLD.date_bucket AND true AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE round_totals_game SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true;
  DELETE FROM round_totals_game WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND total_rounds = 0;
  UPDATE round_totals_game SET largest_win = (SELECT MAX(s.largest_win) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_game SET largest_loss = (SELECT MIN(s.largest_loss) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_game SET highest_multiplier = (SELECT MAX(s.highest_multiplier) FROM round_totals_daily AS s WHERE s.game_name = round_totals_game.game_name AND s.platform_code = round_totals_game.platform_code AND s.strategy_name = round_totals_game.strategy_name AND s.currency = round_totals_game.currency AND s.mode = round_totals_game.mode AND s.day = round_totals_game.day) WHERE round_totals_game.game_name = OLD.game_name AND round_totals_game.platform_code = COALESCE(OLD.platform_code, '') AND round_totals_game.strategy_name = COALESCE(OLD.strategy_name, '') AND round_totals_game.currency = COALESCE(OLD.currency, '') AND round_totals_game.mode = COALESCE(OLD.mode, '') AND round_totals_game.day = OLD.date_bucket AND true AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE round_totals_session SET total_rounds = total_rounds - (1), wins = wins - (CASE WHEN OLD.round_outcome = 'WIN' THEN 1 ELSE 0 END), losses = losses - (CASE WHEN OLD.round_outcome = 'LOSS' THEN 1 ELSE 0 END), skips = skips - (CASE WHEN OLD.round_outcome = 'SKIP' THEN 1 ELSE 0 END), errors = errors - (CASE WHEN OLD.round_outcome = 'ERROR' THEN 1 ELSE 0 END), unknowns = unknowns - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN 1 ELSE 0 END), stake_total = stake_total - (CASE WHEN OLD.round_outcome IN ('WIN', 'LOSS') THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), stake_unknown = stake_unknown - (CASE WHEN OLD.round_outcome = 'UNKNOWN' THEN COALESCE(OLD.stake_value, 0) ELSE 0 END), cashout_total = cashout_total - (COALESCE(OLD.cashout_amount, 0)), profit_total = profit_total - (COALESCE(OLD.profit_loss_amount, 0)), win_total = win_total - (CASE WHEN OLD.round_outcome = 'WIN' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), loss_total = loss_total - (CASE WHEN OLD.round_outcome = 'LOSS' THEN COALESCE(OLD.profit_loss_amount, 0) ELSE 0 END), expected_total = expected_total - (COALESCE(OLD.expected_profit, 0)), multiplier_count = multiplier_count - (CASE WHEN OLD.crash_multiplier_detected IS NOT NULL THEN 1 ELSE 0 END), multiplier_total = multiplier_total - (COALESCE(OLD.crash_multiplier_detected, 0)) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL;
  DELETE FROM round_totals_session WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND total_rounds = 0;
  UPDATE round_totals_session SET largest_win = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount > 0 ORDER BY s.profit_loss_amount DESC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND largest_win = CASE WHEN OLD.profit_loss_amount > 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_session SET largest_loss = (SELECT s.profit_loss_amount FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.profit_loss_amount IS NOT NULL AND s.profit_loss_amount < 0 ORDER BY s.profit_loss_amount ASC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND largest_loss = CASE WHEN OLD.profit_loss_amount < 0 THEN OLD.profit_loss_amount END;
  UPDATE round_totals_session SET highest_multiplier = (SELECT s.crash_multiplier_detected FROM crash_game_rounds AS s WHERE round_totals_session.session_id = s.session_id AND round_totals_session.currency = COALESCE(s.currency, '') AND s.session_id IS NOT NULL AND s.crash_multiplier_detected IS NOT NULL ORDER BY s.crash_multiplier_detected DESC LIMIT 1) WHERE round_totals_session.session_id = OLD.session_id AND round_totals_session.currency = COALESCE(OLD.currency, '') AND OLD.session_id IS NOT NULL AND highest_multiplier = OLD.crash_multiplier_detected;
  UPDATE multiplier_histogram SET rounds = rounds - (1) WHERE multiplier_histogram.game_name = OLD.game_name AND multiplier_histogram.platform_code = COALESCE(OLD.platform_code, '') AND multiplier_histogram.bucket = CASE WHEN OLD.crash_multiplier_detected < 1000 THEN OLD.crash_multiplier_detected WHEN OLD.crash_multiplier_detected < 10000 THEN OLD.crash_multiplier_detected / 10 * 10 WHEN OLD.crash_multiplier_detected < 100000 THEN OLD.crash_multiplier_detected / 100 * 100 WHEN OLD.crash_multiplier_detected < 1000000 THEN OLD.crash_multiplier_detected / 1000 * 1000 WHEN OLD.crash_multiplier_detected < 10000000 THEN OLD.crash_multiplier_detected / 10000 * 10000 WHEN OLD.crash_multiplier_detected < 100000000 THEN OLD.crash_multiplier_detected / 100000 * 100000 WHEN OLD.crash_multiplier_detected < 1000000000 THEN OLD.crash_multiplier_detected / 1000000 * 1000000 WHEN OLD.crash_multiplier_detected < 10000000000 THEN OLD.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AND OLD.crash_multiplier_detected IS NOT NULL;
  DELETE FROM multiplier_histogram WHERE multiplier_histogram.game_name = OLD.game_name AND multiplier_histogram.platform_code = COALESCE(OLD.platform_code, '') AND multiplier_histogram.bucket = CASE WHEN OLD.crash_multiplier_detected < 1000 THEN OLD.crash_multiplier_detected WHEN OLD.crash_multiplier_detected < 10000 THEN OLD.crash_multiplier_detected / 10 * 10 WHEN OLD.crash_multiplier_detected < 100000 THEN OLD.crash_multiplier_detected / 100 * 100 WHEN OLD.crash_multiplier_detected < 1000000 THEN OLD.crash_multiplier_detected / 1000 * 1000 WHEN OLD.crash_multiplier_detected < 10000000 THEN OLD.crash_multiplier_detected / 10000 * 10000 WHEN OLD.crash_multiplier_detected < 100000000 THEN OLD.crash_multiplier_detected / 100000 * 100000 WHEN OLD.crash_multiplier_detected < 1000000000 THEN OLD.crash_multiplier_detected / 1000000 * 1000000 WHEN OLD.crash_multiplier_detected < 10000000000 THEN OLD.crash_multiplier_detected / 10000000 * 10000000 ELSE 10000000000 END AND OLD.crash_multiplier_detected IS NOT NULL AND rounds = 0;
END;
-- next
CREATE TRIGGER keep_totals_of_analytics_round_signals_on_insert AFTER INSERT ON analytics_round_signals FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  INSERT INTO signal_totals (bot_id, signal_type, day, signals, evaluated, correct, confidence_count, confidence_total, error_count, error_total) SELECT NEW.bot_id, NEW.signal_type, NEW.date_bucket, 1, CASE WHEN NEW.signal_correctness IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN NEW.signal_correctness THEN 1 ELSE 0 END, CASE WHEN NEW.confidence_score IS NOT NULL THEN 1 ELSE 0 END, COALESCE(CAST(ROUND(NEW.confidence_score * 1000000) AS BIGINT), 0), CASE WHEN NEW.prediction_error IS NOT NULL THEN 1 ELSE 0 END, COALESCE(ABS(NEW.prediction_error), 0) WHERE true ON CONFLICT (bot_id, signal_type, day) DO UPDATE SET signals = signal_totals.signals + excluded.signals, evaluated = signal_totals.evaluated + excluded.evaluated, correct = signal_totals.correct + excluded.correct, confidence_count = signal_totals.confidence_count + excluded.confidence_count, confidence_total = signal_totals.confidence_total + excluded.confidence_total, error_count = signal_totals.error_count + excluded.error_count, error_total = signal_totals.error_total + excluded.error_total;
END;
-- next
CREATE TRIGGER keep_totals_of_analytics_round_signals_on_update AFTER UPDATE OF bot_id, timestamp, signal_type, confidence_score, signal_correctness, prediction_error ON analytics_round_signals FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  UPDATE signal_totals SET signals = signals - (1), evaluated = evaluated - (CASE WHEN OLD.signal_correctness IS NOT NULL THEN 1 ELSE 0 END), correct = correct - (CASE WHEN OLD.signal_correctness THEN 1 ELSE 0 END), confidence_count = confidence_count - (CASE WHEN OLD.confidence_score IS NOT NULL THEN 1 ELSE 0 END), confidence_total = confidence_total - (COALESCE(CAST(ROUND(OLD.confidence_score * 1000000) AS BIGINT), 0)), error_count = error_count - (CASE WHEN OLD.prediction_error IS NOT NULL THEN 1 ELSE 0 END), error_total = error_total - (COALESCE(ABS(OLD.prediction_error), 0)) WHERE signal_totals.bot_id = OLD.bot_id AND signal_totals.signal_type = OLD.signal_type AND signal_totals.day = OLD.date_bucket AND true;
  DELETE FROM signal_totals WHERE signal_totals.bot_id = OLD.bot_id AND signal_totals.signal_type = OLD.signal_type AND signal_totals.day = OLD.date_bucket AND true AND signals = 0;
  INSERT INTO signal_totals (bot_id, signal_type, day, signals, evaluated, correct, confidence_count, confidence_total, error_count, error_total) SELECT NEW.bot_id, NEW.signal_type, NEW.date_bucket, 1, CASE WHEN NEW.signal_correctness IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN NEW.signal_correctness THEN 1 ELSE 0 END, CASE WHEN NEW.confidence_score IS NOT NULL THEN 1 ELSE 0 END, COALESCE(CAST(ROUND(NEW.confidence_score * 1000000) AS BIGINT), 0), CASE WHEN NEW.prediction_error IS NOT NULL THEN 1 ELSE 0 END, COALESCE(ABS(NEW.prediction_error), 0) WHERE true ON CONFLICT (bot_id, signal_type, day) DO UPDATE SET signals = signal_totals.signals + excluded.signals, evaluated = signal_totals.evaluated + excluded.evaluated, correct = signal_totals.correct + excluded.correct, confidence_count = signal_totals.confidence_count + excluded.confidence_count, confidence_total = signal_totals.confidence_total + excluded.confidence_total, error_count = signal_totals.error_count + excluded.error_count, error_total = signal_totals.error_total + excluded.error_total;
END;
-- next
CREATE TRIGGER keep_totals_of_analytics_round_signals_on_delete AFTER DELETE ON analytics_round_signals FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM totals_pause)
BEGIN
  UPDATE signal_totals SET signals = signals - (1), evaluated = evaluated - (CASE WHEN OLD.signal_correctness IS NOT NULL THEN 1 ELSE 0 END), correct = correct - (CASE WHEN OLD.signal_correctness THEN 1 ELSE 0 END), confidence_count = confidence_count - (CASE WHEN OLD.confidence_score IS NOT NULL THEN 1 ELSE 0 END), confidence_total = confidence_total - (COALESCE(CAST(ROUND(OLD.confidence_score * 1000000) AS BIGINT), 0)), error_count = error_count - (CASE WHEN OLD.prediction_error IS NOT NULL THEN 1 ELSE 0 END), error_total = error_total - (COALESCE(ABS(OLD.prediction_error), 0)) WHERE signal_totals.bot_id = OLD.bot_id AND signal_totals.signal_type = OLD.signal_type AND signal_totals.day = OLD.date_bucket AND true;
  DELETE FROM signal_totals WHERE signal_totals.bot_id = OLD.bot_id AND signal_totals.signal_type = OLD.signal_type AND signal_totals.day = OLD.date_bucket AND true AND signals = 0;
END;
-- next
CREATE TRIGGER set_updated_at_of_bot_vm_registration AFTER UPDATE ON bot_vm_registration FOR EACH ROW
WHEN NEW.updated_at IS OLD.updated_at
BEGIN
  UPDATE bot_vm_registration SET updated_at = (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) WHERE bot_id = NEW.bot_id;
END;
-- next
CREATE TRIGGER set_updated_at_of_game_platform_config AFTER UPDATE ON game_platform_config FOR EACH ROW
WHEN NEW.updated_at IS OLD.updated_at
BEGIN
  UPDATE game_platform_config SET updated_at = (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) WHERE game_name = NEW.game_name AND platform_code = NEW.platform_code;
END;
-- next
CREATE TRIGGER set_updated_at_of_crash_game_rounds AFTER UPDATE ON crash_game_rounds FOR EACH ROW
WHEN NEW.updated_at IS OLD.updated_at
BEGIN
  UPDATE crash_game_rounds SET updated_at = (CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000) WHERE round_id = NEW.round_id;
END;
-- next
CREATE VIEW bot_vm_registration_readable AS SELECT
  bot_id,
  bot_name,
  vm_name,
  vm_provider,
  region,
  session_id,
  strategy_name,
  currency,
  CASE WHEN (initial_balance) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (initial_balance) < 0 THEN '-' ELSE '' END, ABS(initial_balance) / 100, ABS(initial_balance) % 100) END AS initial_balance,
  CASE WHEN (base_stake) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (base_stake) < 0 THEN '-' ELSE '' END, ABS(base_stake) / 100, ABS(base_stake) % 100) END AS base_stake,
  CASE WHEN (max_stake) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (max_stake) < 0 THEN '-' ELSE '' END, ABS(max_stake) / 100, ABS(max_stake) % 100) END AS max_stake,
  is_active,
  strftime('%Y-%m-%dT%H:%M:%S', last_seen_at / 1000000, 'unixepoch') || printf('.%06dZ', last_seen_at % 1000000) AS last_seen_at,
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000000, 'unixepoch') || printf('.%06dZ', updated_at % 1000000) AS updated_at
FROM bot_vm_registration;
-- next
CREATE VIEW game_platform_config_readable AS SELECT
  game_name,
  platform_code,
  platform_url,
  round_external_id_format,
  currency,
  CASE WHEN (house_edge_percent) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (house_edge_percent) < 0 THEN '-' ELSE '' END, ABS(house_edge_percent) / 10000, ABS(house_edge_percent) % 10000) END AS house_edge_percent,
  CASE WHEN (min_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (min_multiplier) < 0 THEN '-' ELSE '' END, ABS(min_multiplier) / 100, ABS(min_multiplier) % 100) END AS min_multiplier,
  CASE WHEN (max_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (max_multiplier) < 0 THEN '-' ELSE '' END, ABS(max_multiplier) / 100, ABS(max_multiplier) % 100) END AS max_multiplier,
  is_active,
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000000, 'unixepoch') || printf('.%06dZ', updated_at % 1000000) AS updated_at
FROM game_platform_config;
-- next
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
  strftime('%Y-%m-%dT%H:%M:%S', round_start_timestamp / 1000000, 'unixepoch') || printf('.%06dZ', round_start_timestamp % 1000000) AS round_start_timestamp,
  strftime('%Y-%m-%dT%H:%M:%S', round_end_timestamp / 1000000, 'unixepoch') || printf('.%06dZ', round_end_timestamp % 1000000) AS round_end_timestamp,
  CASE WHEN (duration_seconds) IS NOT NULL THEN printf('%s%d.%06d', CASE WHEN (duration_seconds) < 0 THEN '-' ELSE '' END, ABS(duration_seconds) / 1000000, ABS(duration_seconds) % 1000000) END AS duration_seconds,
  processing_time_ms,
  CASE WHEN (stake_value) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (stake_value) < 0 THEN '-' ELSE '' END, ABS(stake_value) / 100, ABS(stake_value) % 100) END AS stake_value,
  CASE WHEN (stake_before_update) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (stake_before_update) < 0 THEN '-' ELSE '' END, ABS(stake_before_update) / 100, ABS(stake_before_update) % 100) END AS stake_before_update,
  CASE WHEN (stake_after_update) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (stake_after_update) < 0 THEN '-' ELSE '' END, ABS(stake_after_update) / 100, ABS(stake_after_update) % 100) END AS stake_after_update,
  CASE WHEN (target_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (target_multiplier) < 0 THEN '-' ELSE '' END, ABS(target_multiplier) / 100, ABS(target_multiplier) % 100) END AS target_multiplier,
  manual_override_flag,
  stake_placement_result,
  CASE WHEN (crash_multiplier_detected) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (crash_multiplier_detected) < 0 THEN '-' ELSE '' END, ABS(crash_multiplier_detected) / 100, ABS(crash_multiplier_detected) % 100) END AS crash_multiplier_detected,
  CASE WHEN (cashout_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (cashout_multiplier) < 0 THEN '-' ELSE '' END, ABS(cashout_multiplier) / 100, ABS(cashout_multiplier) % 100) END AS cashout_multiplier,
  CASE WHEN (final_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (final_multiplier) < 0 THEN '-' ELSE '' END, ABS(final_multiplier) / 100, ABS(final_multiplier) % 100) END AS final_multiplier,
  multiplier_source,
  CASE WHEN (cashout_amount) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (cashout_amount) < 0 THEN '-' ELSE '' END, ABS(cashout_amount) / 100, ABS(cashout_amount) % 100) END AS cashout_amount,
  CASE WHEN (profit_loss_amount) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (profit_loss_amount) < 0 THEN '-' ELSE '' END, ABS(profit_loss_amount) / 100, ABS(profit_loss_amount) % 100) END AS profit_loss_amount,
  CASE WHEN (running_balance_before) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (running_balance_before) < 0 THEN '-' ELSE '' END, ABS(running_balance_before) / 100, ABS(running_balance_before) % 100) END AS running_balance_before,
  CASE WHEN (running_balance_after) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (running_balance_after) < 0 THEN '-' ELSE '' END, ABS(running_balance_after) / 100, ABS(running_balance_after) % 100) END AS running_balance_after,
  CASE WHEN (expected_profit) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (expected_profit) < 0 THEN '-' ELSE '' END, ABS(expected_profit) / 10000, ABS(expected_profit) % 10000) END AS expected_profit,
  CASE WHEN (variance_from_strategy) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (variance_from_strategy) < 0 THEN '-' ELSE '' END, ABS(variance_from_strategy) / 10000, ABS(variance_from_strategy) % 10000) END AS variance_from_strategy,
  CASE WHEN (roi_percent) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (roi_percent) < 0 THEN '-' ELSE '' END, ABS(roi_percent) / 10000, ABS(roi_percent) % 10000) END AS roi_percent,
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
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000000, 'unixepoch') || printf('.%06dZ', updated_at % 1000000) AS updated_at,
  CASE WHEN date_bucket >= 0 THEN date(date_bucket * 86400, 'unixepoch') END AS date_bucket,
  hour_bucket
FROM crash_game_rounds;
-- next
CREATE VIEW analytics_round_multipliers_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  CASE WHEN (multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (multiplier) < 0 THEN '-' ELSE '' END, ABS(multiplier) / 100, ABS(multiplier) % 100) END AS multiplier,
  strftime('%Y-%m-%dT%H:%M:%S', "timestamp" / 1000000, 'unixepoch') || printf('.%06dZ', "timestamp" % 1000000) AS "timestamp",
  is_crash_multiplier,
  is_cashout,
  CASE WHEN (max_in_round) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (max_in_round) < 0 THEN '-' ELSE '' END, ABS(max_in_round) / 100, ABS(max_in_round) % 100) END AS max_in_round,
  ocr_confidence,
  data_quality_score,
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  CASE WHEN date_bucket >= 0 THEN date(date_bucket * 86400, 'unixepoch') END AS date_bucket
FROM analytics_round_multipliers;
-- next
CREATE VIEW analytics_round_signals_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  strftime('%Y-%m-%dT%H:%M:%S', "timestamp" / 1000000, 'unixepoch') || printf('.%06dZ', "timestamp" % 1000000) AS "timestamp",
  signal_type,
  confidence_score,
  signal_strength,
  time_to_crash_ms,
  volatility_measure,
  momentum_score,
  pattern_type,
  similar_rounds_count,
  signal_correctness,
  CASE WHEN (actual_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (actual_multiplier) < 0 THEN '-' ELSE '' END, ABS(actual_multiplier) / 100, ABS(actual_multiplier) % 100) END AS actual_multiplier,
  CASE WHEN (prediction_error) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (prediction_error) < 0 THEN '-' ELSE '' END, ABS(prediction_error) / 100, ABS(prediction_error) % 100) END AS prediction_error,
  feature_vector,
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  CASE WHEN date_bucket >= 0 THEN date(date_bucket * 86400, 'unixepoch') END AS date_bucket
FROM analytics_round_signals;
-- next
CREATE VIEW analytics_round_outcomes_readable AS SELECT
  id,
  round_id,
  bot_id,
  session_id,
  game_name,
  platform_code,
  strftime('%Y-%m-%dT%H:%M:%S', "timestamp" / 1000000, 'unixepoch') || printf('.%06dZ', "timestamp" % 1000000) AS "timestamp",
  outcome,
  CASE WHEN (profit_loss) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (profit_loss) < 0 THEN '-' ELSE '' END, ABS(profit_loss) / 100, ABS(profit_loss) % 100) END AS profit_loss,
  CASE WHEN (roi_percent) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (roi_percent) < 0 THEN '-' ELSE '' END, ABS(roi_percent) / 10000, ABS(roi_percent) % 10000) END AS roi_percent,
  CASE WHEN (bet_amount) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (bet_amount) < 0 THEN '-' ELSE '' END, ABS(bet_amount) / 100, ABS(bet_amount) % 100) END AS bet_amount,
  CASE WHEN (winnings) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (winnings) < 0 THEN '-' ELSE '' END, ABS(winnings) / 100, ABS(winnings) % 100) END AS winnings,
  CASE WHEN (loss_amount) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (loss_amount) < 0 THEN '-' ELSE '' END, ABS(loss_amount) / 100, ABS(loss_amount) % 100) END AS loss_amount,
  CASE WHEN (target_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (target_multiplier) < 0 THEN '-' ELSE '' END, ABS(target_multiplier) / 100, ABS(target_multiplier) % 100) END AS target_multiplier,
  CASE WHEN (actual_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (actual_multiplier) < 0 THEN '-' ELSE '' END, ABS(actual_multiplier) / 100, ABS(actual_multiplier) % 100) END AS actual_multiplier,
  CASE WHEN (multiplier_error) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (multiplier_error) < 0 THEN '-' ELSE '' END, ABS(multiplier_error) / 100, ABS(multiplier_error) % 100) END AS multiplier_error,
  hit_target,
  win_streak_length,
  loss_streak_length,
  outcome_category,
  CASE WHEN (duration_seconds) IS NOT NULL THEN printf('%s%d.%06d', CASE WHEN (duration_seconds) < 0 THEN '-' ELSE '' END, ABS(duration_seconds) / 1000000, ABS(duration_seconds) % 1000000) END AS duration_seconds,
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at,
  CASE WHEN date_bucket >= 0 THEN date(date_bucket * 86400, 'unixepoch') END AS date_bucket,
  hour_bucket
FROM analytics_round_outcomes;
-- next
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
  strftime('%Y-%m-%dT%H:%M:%S', "timestamp" / 1000000, 'unixepoch') || printf('.%06dZ', "timestamp" % 1000000) AS "timestamp",
  strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000) AS created_at
FROM ocr_validation_logs;
-- next
CREATE VIEW error_logs_readable AS SELECT
  id,
  session_id,
  table_name,
  error_type,
  message,
  trace,
  reaction,
  strftime('%Y-%m-%dT%H:%M:%S', at_utc_us / 1000000, 'unixepoch') || printf('.%06dZ', at_utc_us % 1000000) AS at_utc,
  bot_id,
  round_id
FROM error_logs;
-- next
CREATE VIEW session_logs_readable AS SELECT
  session_id,
  bot_id,
  mode,
  strategy_name,
  parameters,
  seed,
  strftime('%Y-%m-%dT%H:%M:%S', started_utc_us / 1000000, 'unixepoch') || printf('.%06dZ', started_utc_us % 1000000) AS started_utc,
  strftime('%Y-%m-%dT%H:%M:%S', ended_utc_us / 1000000, 'unixepoch') || printf('.%06dZ', ended_utc_us % 1000000) AS ended_utc,
  strftime('%Y-%m-%dT%H:%M:%S', last_seen_utc_us / 1000000, 'unixepoch') || printf('.%06dZ', last_seen_utc_us % 1000000) AS last_seen_utc,
  status,
  notes,
  game_name,
  platform_code,
  currency,
  CASE WHEN (starting_balance) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (starting_balance) < 0 THEN '-' ELSE '' END, ABS(starting_balance) / 100, ABS(starting_balance) % 100) END AS starting_balance,
  CASE WHEN (ending_balance) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (ending_balance) < 0 THEN '-' ELSE '' END, ABS(ending_balance) / 100, ABS(ending_balance) % 100) END AS ending_balance,
  CASE WHEN (total_profit) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (total_profit) < 0 THEN '-' ELSE '' END, ABS(total_profit) / 100, ABS(total_profit) % 100) END AS total_profit,
  CASE WHEN (total_staked) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (total_staked) < 0 THEN '-' ELSE '' END, ABS(total_staked) / 100, ABS(total_staked) % 100) END AS total_staked,
  CASE WHEN (roi_percent) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (roi_percent) < 0 THEN '-' ELSE '' END, ABS(roi_percent) / 10000, ABS(roi_percent) % 10000) END AS roi_percent,
  total_rounds,
  rounds_won,
  rounds_lost,
  CASE WHEN (win_rate_percent) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (win_rate_percent) < 0 THEN '-' ELSE '' END, ABS(win_rate_percent) / 10000, ABS(win_rate_percent) % 10000) END AS win_rate_percent,
  CASE WHEN (largest_win) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (largest_win) < 0 THEN '-' ELSE '' END, ABS(largest_win) / 100, ABS(largest_win) % 100) END AS largest_win,
  CASE WHEN (largest_loss) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (largest_loss) < 0 THEN '-' ELSE '' END, ABS(largest_loss) / 100, ABS(largest_loss) % 100) END AS largest_loss,
  CASE WHEN (average_win) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (average_win) < 0 THEN '-' ELSE '' END, ABS(average_win) / 10000, ABS(average_win) % 10000) END AS average_win,
  CASE WHEN (average_loss) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (average_loss) < 0 THEN '-' ELSE '' END, ABS(average_loss) / 10000, ABS(average_loss) % 10000) END AS average_loss
FROM session_logs;
-- next
CREATE VIEW round_totals_daily_readable AS SELECT
  bot_id,
  CASE WHEN "day" >= 0 THEN date("day" * 86400, 'unixepoch') END AS "day",
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
  CASE WHEN (stake_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (stake_total) < 0 THEN '-' ELSE '' END, ABS(stake_total) / 100, ABS(stake_total) % 100) END AS stake_total,
  CASE WHEN (stake_unknown) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (stake_unknown) < 0 THEN '-' ELSE '' END, ABS(stake_unknown) / 100, ABS(stake_unknown) % 100) END AS stake_unknown,
  CASE WHEN (cashout_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (cashout_total) < 0 THEN '-' ELSE '' END, ABS(cashout_total) / 100, ABS(cashout_total) % 100) END AS cashout_total,
  CASE WHEN (profit_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (profit_total) < 0 THEN '-' ELSE '' END, ABS(profit_total) / 100, ABS(profit_total) % 100) END AS profit_total,
  CASE WHEN (win_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (win_total) < 0 THEN '-' ELSE '' END, ABS(win_total) / 100, ABS(win_total) % 100) END AS win_total,
  CASE WHEN (loss_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (loss_total) < 0 THEN '-' ELSE '' END, ABS(loss_total) / 100, ABS(loss_total) % 100) END AS loss_total,
  CASE WHEN (expected_total) IS NOT NULL THEN printf('%s%d.%04d', CASE WHEN (expected_total) < 0 THEN '-' ELSE '' END, ABS(expected_total) / 10000, ABS(expected_total) % 10000) END AS expected_total,
  multiplier_count,
  CASE WHEN (multiplier_total) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (multiplier_total) < 0 THEN '-' ELSE '' END, ABS(multiplier_total) / 100, ABS(multiplier_total) % 100) END AS multiplier_total,
  CASE WHEN (largest_win) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (largest_win) < 0 THEN '-' ELSE '' END, ABS(largest_win) / 100, ABS(largest_win) % 100) END AS largest_win,
  CASE WHEN (largest_loss) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (largest_loss) < 0 THEN '-' ELSE '' END, ABS(largest_loss) / 100, ABS(largest_loss) % 100) END AS largest_loss,
  CASE WHEN (highest_multiplier) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (highest_multiplier) < 0 THEN '-' ELSE '' END, ABS(highest_multiplier) / 100, ABS(highest_multiplier) % 100) END AS highest_multiplier
FROM round_totals_daily;
-- next
CREATE VIEW mv_daily_bot_stats AS
SELECT
  bot_id,
  day AS date_bucket,
  CASE WHEN round_totals_daily.day >= 0 THEN date(round_totals_daily.day * 86400, 'unixepoch') END AS "day",
  CAST(SUM(total_rounds) AS BIGINT) AS total_rounds,
  CAST(SUM(wins) AS BIGINT) AS wins,
  CAST(SUM(losses) AS BIGINT) AS losses,
  CAST(SUM(skips) AS BIGINT) AS skips,
  CAST(SUM(errors) AS BIGINT) AS errors,
  CAST(SUM(unknowns) AS BIGINT) AS unknowns,
  ROUND(CAST(100 * SUM(wins) AS REAL) / NULLIF(SUM(wins) + SUM(losses), 0), 4) AS win_rate_percent,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN MIN(currency) END AS currency,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN CASE WHEN (CAST(SUM(stake_total) AS BIGINT)) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (CAST(SUM(stake_total) AS BIGINT)) < 0 THEN '-' ELSE '' END, ABS(CAST(SUM(stake_total) AS BIGINT)) / 100, ABS(CAST(SUM(stake_total) AS BIGINT)) % 100) END END AS total_stake,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN CASE WHEN (CAST(SUM(profit_total) AS BIGINT)) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (CAST(SUM(profit_total) AS BIGINT)) < 0 THEN '-' ELSE '' END, ABS(CAST(SUM(profit_total) AS BIGINT)) / 100, ABS(CAST(SUM(profit_total) AS BIGINT)) % 100) END END AS total_profit,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN ROUND(CAST(100 * SUM(profit_total) AS REAL) / NULLIF(SUM(stake_total), 0), 4) END AS roi_percent,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN CASE WHEN (CAST(MAX(largest_win) AS BIGINT)) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (CAST(MAX(largest_win) AS BIGINT)) < 0 THEN '-' ELSE '' END, ABS(CAST(MAX(largest_win) AS BIGINT)) / 100, ABS(CAST(MAX(largest_win) AS BIGINT)) % 100) END END AS largest_win,
  CASE WHEN COUNT(DISTINCT currency) = 1 THEN CASE WHEN (CAST(MIN(largest_loss) AS BIGINT)) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (CAST(MIN(largest_loss) AS BIGINT)) < 0 THEN '-' ELSE '' END, ABS(CAST(MIN(largest_loss) AS BIGINT)) / 100, ABS(CAST(MIN(largest_loss) AS BIGINT)) % 100) END END AS largest_loss,
  ROUND(CAST(SUM(multiplier_total) AS REAL) / NULLIF(SUM(multiplier_count) * 100, 0), 4) AS average_multiplier,
  CASE WHEN (CAST(MAX(highest_multiplier) AS BIGINT)) IS NOT NULL THEN printf('%s%d.%02d', CASE WHEN (CAST(MAX(highest_multiplier) AS BIGINT)) < 0 THEN '-' ELSE '' END, ABS(CAST(MAX(highest_multiplier) AS BIGINT)) / 100, ABS(CAST(MAX(highest_multiplier) AS BIGINT)) % 100) END AS highest_multiplier
FROM round_totals_daily
GROUP BY bot_id, round_totals_daily.day;
