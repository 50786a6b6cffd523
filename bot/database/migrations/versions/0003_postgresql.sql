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
-- next
CREATE INDEX ix_round_pictures_round ON round_pictures (round_id, at_utc_us);
