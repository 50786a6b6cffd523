"""The ledger's tables. Money in minor units, multipliers in hundredths, times in UTC epoch milliseconds."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts(
  id TEXT PRIMARY KEY, currency TEXT NOT NULL,
  balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0), opened_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tables(
  name TEXT PRIMARY KEY, game TEXT NOT NULL, idx INTEGER NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts(id), currency TEXT NOT NULL, lang TEXT NOT NULL,
  min_stake_minor INTEGER NOT NULL, max_stake_minor INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rounds(
  id INTEGER PRIMARY KEY, table_name TEXT NOT NULL REFERENCES tables(name), seed_hash TEXT NOT NULL,
  server_seed TEXT NOT NULL, client_seeds TEXT NOT NULL,
  crash_multiplier INTEGER NOT NULL CHECK (crash_multiplier >= 100),
  betting_ms INTEGER, flying_ms INTEGER, crashed_ms INTEGER,
  state TEXT NOT NULL CHECK (state IN ('betting','flying','crashed')));
CREATE INDEX IF NOT EXISTS rounds_by_table ON rounds(table_name, id);
CREATE TABLE IF NOT EXISTS bets(
  id TEXT PRIMARY KEY, round_id INTEGER NOT NULL REFERENCES rounds(id), table_name TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts(id), panel INTEGER NOT NULL CHECK (panel IN (0,1)),
  stake_minor INTEGER NOT NULL CHECK (stake_minor > 0), target INTEGER CHECK (target > 100),
  placed_ms INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('open','won','lost','cancelled')),
  cash_multiplier INTEGER, payout_minor INTEGER, settled_ms INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS one_bet_a_panel ON bets(round_id, panel) WHERE state <> 'cancelled';
CREATE TABLE IF NOT EXISTS refusals(
  id INTEGER PRIMARY KEY, round_id INTEGER, table_name TEXT NOT NULL, panel INTEGER, stake_minor INTEGER,
  target INTEGER, reason TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries(
  id INTEGER PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), bet_id TEXT REFERENCES bets(id),
  kind TEXT NOT NULL CHECK (kind IN ('deposit','stake','payout','refund')), amount_minor INTEGER NOT NULL,
  balance_after_minor INTEGER NOT NULL CHECK (balance_after_minor >= 0), at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS faults(
  id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, round_id INTEGER, kind TEXT NOT NULL,
  started_ms INTEGER NOT NULL, ended_ms INTEGER, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS page_clicks(
  id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, at_ms INTEGER NOT NULL, screen_x REAL NOT NULL,
  screen_y REAL NOT NULL, element TEXT NOT NULL, trusted INTEGER NOT NULL, boxes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS display_clicks(
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, root_x INTEGER NOT NULL, root_y INTEGER NOT NULL,
  button INTEGER NOT NULL);
"""
