CREATE TABLE schema_version (
	version BIGINT NOT NULL, 
	applied_utc_us BIGINT NOT NULL, 
	PRIMARY KEY (version)
);
-- next
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
	PRIMARY KEY (session_id), 
	CONSTRAINT ck_mode_known CHECK (mode IN ('watch', 'paper', 'practice', 'live')), 
	CONSTRAINT ck_status_known CHECK (status IN ('running', 'ended', 'crashed'))
);
-- next
CREATE INDEX ix_session_logs_bot ON session_logs (bot_id, started_utc_us);
-- next
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
-- next
CREATE INDEX ix_round_snapshots_round ON round_snapshots (round_id, at_utc_us);
-- next
CREATE TABLE limits (
	id TEXT NOT NULL, 
	account TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value BIGINT, 
	set_utc_us BIGINT NOT NULL, 
	set_by TEXT NOT NULL, 
	PRIMARY KEY (id)
);
-- next
CREATE INDEX ix_limits_account ON limits (account, set_utc_us);
-- next
CREATE TABLE error_logs (
	id TEXT NOT NULL, 
	session_id TEXT, 
	table_name TEXT, 
	error_type TEXT NOT NULL, 
	message TEXT NOT NULL, 
	trace TEXT, 
	reaction TEXT, 
	at_utc_us BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
-- next
CREATE INDEX ix_error_logs_session ON error_logs (session_id, at_utc_us);
-- next
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
	PRIMARY KEY (id), 
	CONSTRAINT uq_session_tables UNIQUE (session_id, table_name), 
	FOREIGN KEY(session_id) REFERENCES session_logs (session_id) DEFERRABLE INITIALLY DEFERRED
);
-- next
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
-- next
CREATE INDEX ix_rounds_table_time ON rounds (table_name, recorded_utc_us);
-- next
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
-- next
CREATE INDEX ix_bets_account_state ON bets (account, state);
-- next
CREATE INDEX ix_bets_round ON bets (round_id, panel);
-- next
CREATE INDEX ix_bets_session ON bets (session_id, table_name, ordered_utc_us);
-- next
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
-- next
CREATE INDEX ix_denials_session ON denials (session_id, at_utc_us);
-- next
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
-- next
CREATE INDEX ix_odds_session ON odds (session_id);
-- next
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
-- next
CREATE INDEX ix_reconciliations_account ON reconciliations (account, at_utc_us);
-- next
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
-- next
CREATE INDEX ix_bet_events_bet ON bet_events (bet_id, at_utc_us);
